# Sourced by action.yml, so that no second `bash` is looked for.
# Judges the change of the event at hand. Reads the event, never runs anything of the pull request's; needs no token
# beyond the one the checkout used, so it works for a fork's pull request too.
set +e -uo pipefail
. "$ACTION_PATH/action/safe_path.sh"
python="$RUNNER_TEMP/twiceshy/bin/python"
report="$RUNNER_TEMP/twiceshy-report.json"
errors="$RUNNER_TEMP/twiceshy-errors.txt"
rm -f "$report"
: > "$errors"

# Which commits: one a line, the base (empty: let twiceshy choose) and the head.
commits=$(cd "$RUNNER_TEMP" && "$python" -I "$ACTION_PATH/action/commits.py" "$checkout" 2> "$errors")
code=$?
{ IFS= read -r base; IFS= read -r head; } <<< "$commits"$'\n'

if [ "$code" -eq 0 ]; then
  arguments=(check --head "${head:-HEAD}" --format "${INPUT_FORMAT:-github}" --fail-on "${INPUT_FAIL_ON:-block}" --report "$report")
  if [ -n "$base" ]; then arguments+=(--base "$base"); fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then arguments+=(--summary "$GITHUB_STEP_SUMMARY"); fi
  if [ -n "${INPUT_SARIF:-}" ]; then arguments+=(--sarif "$INPUT_SARIF"); fi
  while IFS= read -r folder; do
    if [ -n "$folder" ]; then arguments+=(--registry "$folder"); fi
  done <<< "${INPUT_REGISTRY:-}"
  if [ -n "${INPUT_REGISTRY_TOKEN:-}" ]; then export GITHUB_TOKEN="$INPUT_REGISTRY_TOKEN"; fi
  "$python" -I -m twiceshy "${arguments[@]}" 2>> "$errors"
  code=$?
fi
cat "$errors" >&2

# 1 says that something blocks, and only a report can say so: what died before it wrote one judged nothing.
if ! (cd "$RUNNER_TEMP" && "$python" -I "$ACTION_PATH/action/outputs.py" "$report" "$errors" "$GITHUB_OUTPUT"); then
  code=2
fi
case "$code" in 0 | 1 | 2) exit "$code" ;; *) exit 2 ;; esac
