#!/bin/sh
# Calls git-presence. If it is not installed, says so once, at the start of a session.
if command -v git-presence >/dev/null 2>&1; then
    exec git-presence hook claude "$1"
fi
if [ "$1" = session-start ]; then
    echo "The plugin git-presence is enabled, but the program git-presence is not in PATH:" \
        "this session neither makes nor sees claims."
fi
exit 0
