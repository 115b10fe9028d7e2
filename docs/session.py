#!/usr/bin/env python3
"""Draw docs/session.svg: an agent is stopped and defers, as the program really prints it.

The agent's command goes to the hook of Claude Code, which denies it; nothing runs it.

    cargo build && PATH="$PWD/target/debug:$PATH" python3 docs/session.py

Needs nothing but Python, Git and the built program. Runs in a scratch folder.
"""

import json
import os
import re
import subprocess
import tempfile
import textwrap
from html import escape
from pathlib import Path

COLUMNS = 92
STEPS = [
    ("ana", 'git presence claim --exclusive stack:dns --purpose "move the zone"'),
    ("agent", "cd dns && terraform apply -auto-approve"),
    ("agent", "git presence peek stack:dns"),
    ("ana", "git presence release stack:dns"),
    ("agent", 'git presence claim --exclusive stack:dns --purpose "add a record"'),
]

SIZE, LINE, PAD, BAR = 14, 20, 18, 34
ADVANCE = SIZE * 0.6
BACKGROUND, PLAIN, FAINT = "#16181d", "#d7dae0", "#8b909c"
COLORS = {31: "#ff6b6b", 32: "#6bd68a", 33: "#f2c55c", 34: "#6cb2ff", 36: "#5fd0d0"}
PROMPTS = {"ana": "#6cb2ff", "agent": "#c99bff"}


def run(folder, home, terminal, command):
    """What one command prints, with its colours."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "USER": "wizard",
        "COLUMNS": str(COLUMNS),
        "LC_ALL": "C.UTF-8",
        "GIT_PRESENCE_SESSION": terminal,
    }
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command}"], cwd=folder, env=env, capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


def answer_of_the_hook(folder, home, terminal, command):
    """What the hook of Claude Code tells the agent about a command."""
    payload = folder / ".git" / "payload.json"
    words = {
        "session_id": terminal,
        "cwd": str(folder),
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": command},
    }
    payload.write_text(json.dumps(words))
    hook = f"git presence hook claude pre-tool-use < {payload}"
    answer = json.loads("".join(run(folder, home, terminal, hook)))["hookSpecificOutput"]
    yield f"\x1b[1;31m{answer['permissionDecision']}\x1b[0m"
    for line in answer["permissionDecisionReason"].splitlines():
        yield from textwrap.wrap(line, COLUMNS, subsequent_indent="  ")


def spans(line):
    """A line as (text, color, bold) runs."""
    color, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b"):
            if part:
                yield part, color, bold
            continue
        for code in (int(code or 0) for code in part[2:-1].split(";")):
            if code == 0:
                color, bold = PLAIN, False
            elif code == 1:
                bold = True
            elif code == 2:
                color = FAINT
            else:
                color = COLORS.get(code, color)


def text(x, y, words, color, bold):
    weight = ' font-weight="bold"' if bold else ""
    width = f"{len(words) * ADVANCE:.1f}"
    return (
        f'<text x="{x:.1f}" y="{y}" fill="{color}"{weight} textLength="{width}" '
        f'xml:space="preserve">{escape(words)}</text>'
    )


def draw(lines):
    width = round(2 * PAD + COLUMNS * ADVANCE)
    height = BAR + len(lines) * LINE + PAD
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-size="{SIZE}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', '
        'monospace">',
        "<title>An agent is stopped before it changes what another session holds, and defers</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>',
    ]
    for n in range(3):
        out.append(f'<circle cx="{PAD + 6 + 18 * n}" cy="17" r="5" fill="#3a3f4b"/>')
    for row, line in enumerate(lines):
        x, y = PAD, BAR + LINE * row + SIZE
        for words, color, bold in line:
            if words.strip():
                out.append(text(x, y, words, color, bold))
            x += len(words) * ADVANCE
    return "\n".join([*out, "</svg>", ""])


def main():
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        home, folder = Path(scratch) / "home", Path(scratch) / "infra"
        home.mkdir()
        folder.mkdir()
        (home / ".gitconfig").write_text("[color]\n\tui = always\n[init]\n\tdefaultBranch = main\n")
        run(folder, home, "ana", "git init --quiet && git config presence.enforce deny")
        for terminal, command in STEPS:
            if lines:
                lines.append([])
            lines.append([(f"{terminal}$ ", PROMPTS[terminal], True), (command, PLAIN, False)])
            ask = run if command.startswith("git ") else answer_of_the_hook
            lines += [list(spans(line)) for line in ask(folder, home, terminal, command)]
    Path(__file__).with_name("session.svg").write_text(draw(lines))


if __name__ == "__main__":
    main()
