#!/usr/bin/env bash
# What the fuzz targets begin with: the lines, payloads and settings that the tests have.
# Run it at the top of a checkout: bash fuzz/corpus.sh

set -euo pipefail

guard=fuzz/corpus/guard payload=fuzz/corpus/payload
records=fuzz/corpus/records refs=fuzz/corpus/refs cache=fuzz/corpus/cache
mkdir -p "$guard" "$payload" "$records" "$refs" "$cache"
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
# A repository with a board: its records, messages and refs.
board=$(mktemp -d)
trap 'rm -rf "$board"' EXIT
git init --quiet --bare "$board"
git -C "$board" fast-import --quiet <tests/it/fixtures/format-1.fast-export
git -C "$board" cat-file --batch-all-objects --batch-check='%(objecttype) %(objectname)' |
    while read -r kind id; do
        case $kind in
            blob) git -C "$board" cat-file blob "$id" >"$records/$id" ;;
            commit) git -C "$board" log -1 --format=%B "$id" >"$records/$id" ;;
        esac
    done
git -C "$board" pack-refs --all
{ printf '\0'; cat "$board/packed-refs"; } >"$refs/packed"
printf '\001%s\n' "$(git -C "$board" rev-parse --all | head -n 1)" >"$refs/loose"
# A session with all claims, after three bytes that say which byte is changed.
{
    printf '\0\120x'
    cat $(grep -l '^seen_at' "$records"/* | head -n 1)
    for claim in $(grep -l '^claimed_at' "$records"/*); do printf '\n---\n'; cat "$claim"; done
} >"$cache/session"
ls "$guard" "$payload" "$records" "$refs" "$cache" | wc -l
