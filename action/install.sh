# Sourced by action.yml, so that no second `bash` is looked for.
# Installs this very version of twiceshy into a folder of its own, from exact hashes; the runner's own Python stays as it is.
set +e -uo pipefail
. "$ACTION_PATH/action/safe_path.sh"
home="$RUNNER_TEMP/twiceshy"

stop() {
  echo "::error title=twiceshy could not be installed::$1"
  { echo "conclusion=neutral"; echo "findings=0"; echo "report="; } >> "$GITHUB_OUTPUT"
  exit 2
}

if [ -x "$home/bin/twiceshy" ]; then
  exit 0
fi
cd "$RUNNER_TEMP" || stop "there is no folder $RUNNER_TEMP"

# A name on the PATH proves nothing: a version manager's shim stands there for versions that are not installed.
python=""
for name in python3.13 python3.12 python3.11 python3 python; do
  candidate=$(command -v "$name") || continue
  if "$candidate" -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python="$candidate"
    break
  fi
done
if [ -z "$python" ]; then
  stop "needs Python 3.11 or newer with venv, and none on the PATH runs: run actions/setup-python before this step"
fi
"$python" -I -m venv "$home" || stop "$python could not make a virtual environment in $home"
pip() { "$home/bin/python" -I -m pip install --quiet --disable-pip-version-check "$@"; }
pip --require-hashes -r "$ACTION_PATH/requirements.lock" || stop "pip could not install what requirements.lock names: is the package index reachable?"
pip --no-deps --no-build-isolation "$ACTION_PATH" || stop "pip could not install twiceshy itself from the action's folder"
