#!/usr/bin/env bash
# What the fuzz targets begin with: the lines, payloads and settings that the tests have.
# Run it at the top of a checkout: bash fuzz/corpus.sh

set -euo pipefail

guard=fuzz/corpus/guard payload=fuzz/corpus/payload
mkdir -p "$guard" "$payload"
number=0
while IFS= read -r row; do
    case $row in
        '#'*) ;;
        *' ==> '*)
            number=$((number + 1))
            line=${row%% ==> *}
            printf '%s' "${line//⏎/$'\n'}" >"$guard/line-$number"
            ;;
    esac
done <src/guard/tests/lines.txt
for file in tests/it/fixtures/harness/*/*.json; do
    agent=$(basename "$(dirname "$file")")
    cp "$file" "$payload/$agent-$(basename "$file")"
done
for agent in claude codex gemini cursor copilot; do
    cargo run --quiet -- install "$agent" --print >"$payload/settings-$agent.json"
done
printf '{\n  // why\n  "a": [1, 2,], /* b */\n  "hooks": {\n    "Stop": []\n  }\n}\n' >"$payload/comments"
ls "$guard" "$payload" | wc -l
