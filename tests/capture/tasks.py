#!/usr/bin/env python3
"""Drive real agent harnesses as agents of `task run`: one task that passes its check, and one that
fails it twice, so that a person is asked.

The model is that of `capture.py`, on loopback: it asks for one command and says "Done." What the
harness sends shows whether the model was told the task, and what the attempt before had ended with.
Nothing of it runs in the tests. See docs/testing.md.

    python3 tests/capture/tasks.py [claude|codex|gemini|copilot]...

The programs and the built git-presence have to be in the PATH. With `CAPTURE_DEBUG=1` it says all.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import capture

MADE = "made.txt"
# What the harness gets as its prompt: the question comes on standard input.
PROMPT = "do it"


def agent_line(words):
    """The command line of an agent: the words of a harness, with the question as its prompt."""
    return " ".join('"$(cat)"' if word == PROMPT else shlex.quote(word) for word in words)


def plan_of(harness, repo):
    """One command that makes a file."""
    name, given = next(capture.HARNESSES[harness][1](repo))
    key = "cmd" if "cmd" in given else "command"
    return [(name, given | {key: f"echo attempt >>{MADE}"})]


def drive(harness):
    speaks, _, variables, words = capture.HARNESSES[harness]
    root = pathlib.Path(tempfile.mkdtemp(prefix="tasks-")).resolve()
    home, repo = root / "home", root / "repo"
    for folder in (home, repo):
        folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    env = kept | {"HOME": str(home), "IS_SANDBOX": "1"}
    requests = []

    def answer(request, plan):
        requests.append(json.dumps(request))
        return speaks(request, plan)

    model = capture.Model(answer, plan_of(harness, repo))
    env |= variables(model)

    def run(*line):
        done = subprocess.run(
            line, cwd=repo, env=env, stdin=subprocess.DEVNULL, timeout=4 * capture.SECS_MAX,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if os.environ.get("CAPTURE_DEBUG"):
            print(line[:4], done.returncode, done.stdout, file=sys.stderr)
        return done.stdout

    def add(title, check):
        said = run("git", "presence", "task", "add", title, "--check", check, "--json")
        return json.loads(said)["tasks"][0]["id"]

    run("git", "init", "--quiet")
    if harness == "gemini":
        (home / ".gemini").mkdir()
        auth = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        (home / ".gemini/settings.json").write_text(json.dumps(auth))
    run("git", "presence", "install", harness, "--user")
    run("git", "config", f"presence.agent.{harness}", agent_line(words(model)))
    run("git", "config", "presence.check.made", f"test -e {MADE}")
    run("git", "config", "presence.check.absent", "echo nothing is there; false")
    passes, fails = add("make the file", "made"), add("make the other one", "absent")
    steps = run("git", "presence", "task", "run", "--once", "--json", "--jobs", "1", "--agent", harness)
    steps = [json.loads(line) for line in steps.splitlines() if line.startswith("{")]

    def actions(task):
        return [step["action"] for step in steps if step.get("task") == task]

    once = ["spawn", "run_check"]
    heard = "\n".join(requests)
    blocked = run("git", "presence", "task", "--blocked")
    attempts = (repo / MADE).read_text().count("attempt") if (repo / MADE).exists() else 0
    checks = {
        "one task is done after its check": actions(passes) == [*once, "finish"],
        "the other is tried twice": actions(fails) == [*once, "record", *once, "ask_person"],
        "a person is asked": fails in blocked and "it failed twice in the same way" in blocked,
        "the command of the model ran in each attempt": attempts == 3,
        "the model was told the task": "make the file" in heard and passes in heard,
        "and what the last attempt ended with": "nothing is there" in heard,
    }
    for check, is_so in checks.items():
        print(f"{harness}: {'yes' if is_so else 'NO '} {check}")
    print(f"{harness}: {len(requests)} requests; {actions(passes)} {actions(fails)}")
    shutil.rmtree(root)
    return all(checks.values())


if __name__ == "__main__":
    sys.exit(not all([drive(name) for name in sys.argv[1:] or capture.HARNESSES]))
