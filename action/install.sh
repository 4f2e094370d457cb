#!/usr/bin/env bash
# Installs this very version of twiceshy into a folder of its own, from exact hashes; the runner's own Python stays as it is.
set -euo pipefail
home="$RUNNER_TEMP/twiceshy"
if [ -x "$home/bin/twiceshy" ]; then
  exit 0
fi
python=$(command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "::error title=twiceshy::needs Python 3.11 or newer: run actions/setup-python before this step"
  exit 2
fi
"$python" -m venv "$home"
"$home/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$ACTION_PATH/requirements.lock"
"$home/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$ACTION_PATH"
