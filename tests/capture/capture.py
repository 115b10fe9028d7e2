#!/usr/bin/env python3
"""Drive real agent harnesses against a model that is not there, and record what they send to hooks.

Owns the fake model, on loopback: it asks for one tool after the other and says "Done." Each harness
runs in a home of its own, with the hooks that `git presence install` writes; a `git-presence` in
front of the real one keeps what it is handed. Nothing of it runs in the tests: what was recorded is
in tests/it/fixtures/captured/, and tests/it/hooks/agent/captured.rs sends it again. See docs/testing.md.

    python3 tests/capture/capture.py [claude|codex|gemini|copilot]...

The programs and the built git-presence have to be in the PATH.
"""

import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "it" / "fixtures" / "captured"
SECS_MAX = 180

HELD, FREE = "held.txt", "free.txt"
PATCH = "*** Begin Patch\n%s\n*** End Patch\n"


def write(repo, name):
    return str(pathlib.Path(repo) / name)


# What the model asks for: a command, a file that another session claims, one that nobody claims,
# a command that is not claimed, and one that fails.
COMMANDS = ("git presence claim node:k8s-1 --purpose upgrade", "kubectl drain k8s-2", "exit 3")


def claude(repo):
    def bash(line):
        return "Bash", {"command": line, "description": "Run it"}

    first, second, third = map(bash, COMMANDS)
    edit = {"file_path": write(repo, HELD), "old_string": "old", "new_string": "new"}
    yield from (first, ("Read", {"file_path": write(repo, HELD)}), ("Edit", edit))
    yield "Write", {"file_path": write(repo, FREE), "content": "new\n"}
    yield from (second, third)


def codex(repo):
    def shell(line):
        # A login shell may have a PATH of its own.
        return "exec_command", {"cmd": line, "login": False}

    first, second, third = map(shell, COMMANDS)
    yield first
    yield "apply_patch", PATCH % f"*** Update File: {HELD}\n@@\n-old\n+new"
    yield "apply_patch", PATCH % f"*** Add File: {FREE}\n+new"
    yield from (second, third)


def gemini(repo):
    def shell(line):
        return "run_shell_command", {"command": line, "description": "Run it"}

    first, second, third = map(shell, COMMANDS)
    change = {"old_string": "old", "new_string": "new", "instruction": "Say new"}
    yield from (first, ("replace", {"file_path": write(repo, HELD), **change}))
    yield "write_file", {"file_path": write(repo, FREE), "content": "new\n"}
    yield from (second, third)


def copilot(repo):
    def bash(line):
        return "bash", {"command": line, "description": "Run it"}

    first, second, third = map(bash, COMMANDS)
    change = {"old_str": "old", "new_str": "new"}
    yield from (first, ("edit", {"path": write(repo, HELD), **change}))
    yield "create", {"path": write(repo, FREE), "file_text": "new\n"}
    yield from (second, third)


def stream(handler, events):
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.end_headers()
    for event in events:
        name = f"event: {event['type']}\n" if "type" in event else ""
        handler.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())


def parts(value, kind):
    """All objects of this type, however deep."""
    if isinstance(value, dict):
        if value.get("type") == kind or kind in value:
            yield value
        for inner in value.values():
            yield from parts(inner, kind)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner, kind)


def anthropic(request, plan):
    results = list(parts(request.get("messages"), "tool_result"))
    wanted = plan[len(results)] if request.get("tools") and len(results) < len(plan) else None
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": f"msg_{len(results)}", "type": "message", "role": "assistant", "content": []}
    message |= {"model": request.get("model"), "usage": usage, "stop_reason": None}
    if wanted:
        block = {"type": "tool_use", "id": f"toolu_{len(results)}", "name": wanted[0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(wanted[1])}
    else:
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": "Done."}
    stop = {"stop_reason": "tool_use" if wanted else "end_turn", "stop_sequence": None}
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": usage},
        {"type": "message_stop"},
    ]


def responses(request, plan):
    items = request.get("input", [])
    results = [item for item in items if item.get("type", "").endswith("_call_output")]
    call = f"call_{len(results)}"
    if len(results) < len(plan):
        name, given = plan[len(results)]
        if isinstance(given, str):
            item = {"type": "custom_tool_call", "call_id": call, "name": name, "input": given}
        else:
            item = {"type": "function_call", "call_id": call, "name": name}
            item["arguments"] = json.dumps(given)
    else:
        text = {"type": "output_text", "text": "Done."}
        item = {"type": "message", "role": "assistant", "content": [text]}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    return [
        {"type": "response.created", "response": {"id": call}},
        {"type": "response.output_item.done", "item": item},
        {"type": "response.completed", "response": {"id": call, "usage": usage}},
    ]


def google(request, plan):
    results = list(parts(request.get("contents"), "functionResponse"))
    part = {"text": "Done."}
    if len(results) < len(plan):
        name, given = plan[len(results)]
        part = {"functionCall": {"name": name, "args": given}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    return [{"candidates": [candidate], "usageMetadata": usage}]


class Model(http.server.ThreadingHTTPServer):
    """The model that is not there."""

    def __init__(self, speaks, plan):
        super().__init__(("127.0.0.1", 0), Handler)
        self.speaks, self.plan, self.heard = speaks, plan, ""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_error(404)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if os.environ.get("CAPTURE_DEBUG"):
            print("POST", self.path, body[:300], file=sys.stderr)
        if not re.search(r"/messages(\?|$)|/responses(\?|$)|:streamGenerateContent", self.path):
            return self.send_error(404)
        # A request holds all that was said before it.
        self.server.heard = body.decode()
        stream(self, self.server.speaks(json.loads(body), self.server.plan))


# In front of the real one: keeps what a hook is handed, then lets it answer.
RECORDER = """#!/bin/sh
[ "$1" = hook ] || exec "{real}" "$@"
n=$(ls "{out}" | wc -l)
cat >"{out}/$(printf %03d "$n").$2.$3.$$"
"{real}" "$@" <"{out}/$(printf %03d "$n").$2.$3.$$"
"""

# How each is called: its model, its plan, its variables, its words.
HARNESSES = {
    "claude": (
        anthropic,
        claude,
        lambda model: {
            "ANTHROPIC_BASE_URL": model.url(),
            "ANTHROPIC_API_KEY": "none",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        },
        lambda model: ["claude", "-p", "do it", "--allowedTools", "Bash,Read,Edit,Write"],
    ),
    "codex": (
        responses,
        codex,
        lambda model: {},
        lambda model: [
            "codex",
            "exec",
            "--dangerously-bypass-hook-trust",
            "--dangerously-bypass-approvals-and-sandbox",
            "-c",
            'model="gpt-5.5-codex"',
            "-c",
            'model_provider="nobody"',
            "-c",
            f'model_providers.nobody={{name="nobody",base_url="{model.url("/v1")}"}}',
            "do it",
        ],
    ),
    "gemini": (
        google,
        gemini,
        lambda model: {
            "GEMINI_API_KEY": "none",
            "GOOGLE_GEMINI_BASE_URL": model.url(),
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
        },
        lambda model: ["gemini", "-m", "gemini-2.5-pro", "--yolo", "-p", "do it"],
    ),
    "copilot": (
        anthropic,
        copilot,
        lambda model: {
            "COPILOT_PROVIDER_BASE_URL": model.url(),
            "COPILOT_PROVIDER_TYPE": "anthropic",
            "COPILOT_PROVIDER_API_KEY": "none",
            "COPILOT_MODEL": "claude-sonnet-4.5",
            "COPILOT_OFFLINE": "true",
        },
        lambda model: ["copilot", "--allow-all-tools", "-p", "do it"],
    ),
}


def scrubbed(text, places):
    """Without what is of this machine and this run."""
    for place, name in places:
        text = text.replace(str(place), name)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", UUID, text)
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", "2026-11-21T10:00:00.000", text)
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d-\d\d(-\d\d)?", "2026-11-21T10-00", text)
    text = re.sub(r"sessions/20\d\d/\d\d/\d\d/", "sessions/2026/11/21/", text)
    text = re.sub(r"(session-2026-11-21T10-00-)[0-9a-f]{8}", r"\g<1>5f0c9a3e", text)
    text = re.sub(r"[\w.-]+@[\w.-]+@[0-9a-f]{8}", "wizard@devvm@5f0c9a3e", text)
    text = re.sub(r"until \d\d:\d\d, in", "until 10:15, in", text)
    text = re.sub(r"PGID: \d+", "PGID: 1", text)
    text = re.sub(r'("timestamp":)1\d{12}', r"\g<1>1795255200000", text)
    return re.sub(r'("(duration_ms|duration)":)\d+', r"\g<1>1", text)


UUID = "5f0c9a3e-7d3b-4b63-9b0a-2f6c1de0a001"


def drive(harness, enforce):
    """A session with `presence.enforce` at this; what was handed to hooks, and what came of it."""
    speaks, plan, variables, words = HARNESSES[harness]
    root = pathlib.Path(tempfile.mkdtemp(prefix="capture-")).resolve()
    home, repo, out, front = (root / name for name in ("home", "repo", "out", "bin"))
    for folder in (home, repo, out, front):
        folder.mkdir()
    real = shutil.which("git-presence")
    # What the agent is allowed to run changes nothing.
    scripts = {"git-presence": RECORDER.format(real=real, out=out), "kubectl": "#!/bin/sh\n"}
    for name, script in scripts.items():
        (front / name).write_text(script)
        (front / name).chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    env = kept | {"HOME": str(home), "PATH": f"{front}:{kept['PATH']}", "IS_SANDBOX": "1"}

    def run(*line, **more):
        done = subprocess.run(
            line, cwd=repo, env=env | more, stdin=subprocess.DEVNULL, timeout=SECS_MAX,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if os.environ.get("CAPTURE_DEBUG"):
            print(line[0], done.returncode, done.stdout, file=sys.stderr)
        return done

    run("git", "init", "--quiet")
    (repo / HELD).write_text("old\n")
    run("git", "config", "presence.enforce", enforce)
    run("git", "presence", "claim", f"path:{HELD}", "--purpose", "new parser", "--session", "bob")
    if harness == "gemini":
        (home / ".gemini").mkdir()
        auth = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        (home / ".gemini/settings.json").write_text(json.dumps(auth))
    run("git", "presence", "install", harness, "--user")
    version = run(words(Model(speaks, []))[0], "--version").stdout.strip()
    version = re.search(r"\d+\.\d+\.\d+", version).group()
    model = Model(speaks, list(plan(repo)))
    run(*words(model), **variables(model))

    log, held = run("git", "presence", "log").stdout, (repo / HELD).read_text()
    told = ("this edit chang", f"path:{HELD} is claimed by", "this command chang")
    checks = {
        "it knew of the claims at its start": "this session is" in model.heard,
        "its claim was seen and given back": "release node:k8s-1" in log,
        "the model was told": all(words in model.heard for words in told),
        "what is claimed was edited if that was let pass": (held == "old\n") == (enforce == "deny"),
        "the other edit was made": (repo / FREE).exists(),
    }
    for check, is_so in checks.items():
        print(f"{harness} {version}, {enforce}: {'yes' if is_so else 'NO '} {check}")

    places = [(str(repo).replace("/", "-"), "-repo"), (repo, "CWD"), (home, "/home/wizard")]
    lines = [json.dumps({"program": harness, "version": version})]
    for file in sorted(out.iterdir()):
        event = file.name.split(".")[2]
        payload = json.dumps(json.loads(file.read_text()), separators=(",", ":"))
        payload = scrubbed(payload, [*places, (root, "/tmp")])
        lines.append(f'{{"event":"{event}","payload":{payload}}}')
    shutil.rmtree(root)
    return lines, all(checks.values())


def capture(harness):
    lines, is_well = drive(harness, "deny")
    FIXTURES.mkdir(parents=True, exist_ok=True)
    (FIXTURES / f"{harness}.jsonl").write_text("\n".join(lines) + "\n")
    return drive(harness, "warn")[1] and is_well


if __name__ == "__main__":
    sys.exit(not all([capture(name) for name in sys.argv[1:] or HARNESSES]))
