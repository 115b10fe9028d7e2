#!/bin/sh
# Calls git-presence, where it is there; where it is not, says so once, at the start of a session.
if command -v git-presence >/dev/null 2>&1; then
    exec git-presence hook claude "$1"
fi
if [ "$1" = session-start ]; then
    echo "The plugin git-presence is on, and the program git-presence is not in the PATH:" \
        "nothing is claimed or seen in this session."
fi
exit 0
