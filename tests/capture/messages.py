#!/usr/bin/env python3
"""Drive real agent harnesses, and see that messages reach the model: at its start, at its prompt,
after a tool, and at the end of its turn, each once and without a circle.

The model is that of `capture.py`, on loopback. While it answers, another session says something; what
the harness sends next shows whether the model has it. Nothing of it runs in the tests. See
docs/testing.md.

    python3 tests/capture/messages.py [claude|codex|gemini|copilot]...

The programs and the built git-presence have to be in the PATH. With `CAPTURE_DEBUG=1` it says all.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import capture

# What is said, and when: before the agent starts, between its start and its prompt, while its first
# tool runs, before its turn ends.
AT_START, AT_PROMPT = "ready-at-start", "said-at-prompt"
AFTER_TOOL, AT_STOP = "urgent-after-tool", "wanted-at-stop"
# The hook at a prompt. One harness takes no answer there.
PROMPTS = {"claude": "user-prompt-submit", "codex": "user-prompt-submit", "gemini": "before-agent"}
# Lets the other session speak as the hook at a prompt begins.
SPEAKS = """if [ "$1 $3" = "hook {prompt}" ]; then
    env -i PATH="$PATH" HOME="$HOME" "{real}" tell all -m {word} --session bob >/dev/null
fi
"""
# A model that is asked more often than this is in a circle.
REQUESTS_MAX = 12
# What ends a turn cannot be given back there.
WITHOUT_STOP = {"copilot"}
RESOURCE = "node:k8s-1"


class Story:
    """The other session, which speaks while the model answers."""

    def __init__(self, run):
        self.run, self.requests, self.said = run, [], set()

    def say(self, word, *more):
        if word not in self.said:
            self.said.add(word)
            done = self.run("git", "presence", "tell", RESOURCE, *more, "-m", word,
                            GIT_PRESENCE_SESSION="bob")
            if done.returncode:
                print(f"bob could not say {word}: {done.stdout}", file=sys.stderr)

    def wraps(self, speaks):
        """A model that lets the other session speak first."""

        def answer(request, plan):
            events = speaks(request, plan)
            text = str(events)
            # The model of a harness is also asked for titles and the like, without tools.
            if any(line in text for line in ("tool_use", "function_call", "functionCall")):
                if "echo second" in text:
                    self.say(AFTER_TOOL, "--urgent")
            elif AFTER_TOOL in self.said:
                self.say(AT_STOP, "--ask")
            self.requests.append(str(request))
            return events

        return answer


def plan_of(harness, repo):
    """Claim something, then run a command while a message arrives."""
    name, given = next(capture.HARNESSES[harness][1](repo))
    key = "cmd" if "cmd" in given else "command"
    return [(name, given), (name, given | {key: "echo second"})]


def drive(harness):
    speaks, _, variables, words = capture.HARNESSES[harness]
    root = pathlib.Path(tempfile.mkdtemp(prefix="messages-")).resolve()
    home, repo, out, front = (root / name for name in ("home", "repo", "out", "bin"))
    for folder in (home, repo, out, front):
        folder.mkdir()
    real = shutil.which("git-presence")
    first, rest = capture.RECORDER.format(real=real, out=out).split("\n", 1)
    prompt = PROMPTS.get(harness, "")
    speaks_up = SPEAKS.format(prompt=prompt, real=real, word=AT_PROMPT)
    (front / "git-presence").write_text(f"{first}\n{speaks_up}{rest}")
    (front / "git-presence").chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    env = kept | {"HOME": str(home), "PATH": f"{front}:{kept['PATH']}", "IS_SANDBOX": "1"}

    def run(*line, **more):
        done = subprocess.run(
            line, cwd=repo, env=env | more, stdin=subprocess.DEVNULL, timeout=capture.SECS_MAX,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if os.environ.get("CAPTURE_DEBUG"):
            print(line[0], done.returncode, done.stdout, file=sys.stderr)
        return done

    run("git", "init", "--quiet")
    run("git", "presence", "claim", "node:bob", "--purpose", "other work", "--session", "bob")
    run("git", "presence", "tell", "all", "-m", AT_START, "--session", "bob")
    if harness == "gemini":
        (home / ".gemini").mkdir()
        auth = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        (home / ".gemini/settings.json").write_text(capture.json.dumps(auth))
    run("git", "presence", "install", harness, "--user")
    story = Story(run)
    model = capture.Model(story.wraps(speaks), plan_of(harness, repo))
    run(*words(model), **variables(model))
    hooks = [file.name.split(".")[2] for file in sorted(out.iterdir())]
    sent = run("git", "presence", "inbox", "--sent", "--json", GIT_PRESENCE_SESSION="bob").stdout
    rows = capture.json.loads(sent[sent.index("["):])
    delivered = {row["subject"] for row in rows
                 if any(state["state"] == "delivered" for state in row["states"])}
    last = story.requests[-1] if story.requests else ""

    def once(word):
        return last.count(f'MESSAGE FROM bob — \\"{word}\\"') + last.count(f'— "{word}"') == 1

    wanted = [AT_START, AFTER_TOOL] + ([] if harness in WITHOUT_STOP else [AT_STOP])
    wanted += [AT_PROMPT] if prompt else []
    checks = {f"the model was told once: {word}": once(word) for word in wanted}
    checks["all of these are delivered"] = delivered >= set(wanted)
    checks["no circle"] = 3 <= len(story.requests) <= REQUESTS_MAX
    for check, is_so in checks.items():
        print(f"{harness}: {'yes' if is_so else 'NO '} {check}")
    print(f"{harness}: {len(story.requests)} requests, hooks {' '.join(hooks)}")
    if os.environ.get("CAPTURE_DEBUG"):
        print(last, file=sys.stderr)
    shutil.rmtree(root)
    return all(checks.values())


if __name__ == "__main__":
    sys.exit(not all([drive(name) for name in sys.argv[1:] or capture.HARNESSES]))
