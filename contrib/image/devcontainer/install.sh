#!/bin/sh
# Installs git-presence for the user of a dev container. The program lies next to this file, taken from
# the archive of a release, which is for the same system; nothing is downloaded.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${PRESENCE_PREFIX:-/usr/local}/bin
install -D -m 755 "$here/git-presence" "$to/git-presence"
user=${_REMOTE_USER:-$(id -un)}
home=${_REMOTE_USER_HOME:-$HOME}
for agent in ${AGENTS:-claude}; do
    if [ "$user" = "$(id -un)" ]; then
        HOME=$home PATH=$to:$PATH git presence install "$agent"
    else
        # Of the user, so that it can be changed and removed by the user.
        su "$user" -c "HOME='$home' PATH='$to':\$PATH git presence install '$agent'"
    fi
done
