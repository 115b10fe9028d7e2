#!/bin/sh
# Jenkins: a shell step, within withCredentials or sshagent for a key that may push.
#   sh contrib/ci/jenkins.sh stack:infra/dns terraform apply -auto-approve
set -eu
resource=$1
shift
command -v git-presence >/dev/null || pip install --user git-presence
git presence init --ci
git presence peek "$resource"
exec git presence run --exclusive --wait="${PRESENCE_WAIT:-10m}" "$resource" --purpose "$JOB_NAME build $BUILD_NUMBER" -- "$@"
