#!/usr/bin/env bash
# Judges the change of the event at hand. Reads the event, never runs anything of the pull request's; needs no token
# beyond the one the checkout used, so it works for a fork's pull request too.
set -uo pipefail
twiceshy="$RUNNER_TEMP/twiceshy/bin/twiceshy"
report="$RUNNER_TEMP/twiceshy-report.json"
rm -f "$report"

# The commits the event is about. GITHUB_SHA is the merge commit of a pull request, so the event is asked instead.
read -r event_base event_head < <("$RUNNER_TEMP/twiceshy/bin/python" - "${GITHUB_EVENT_PATH:-/dev/null}" <<'PY'
import json
import re
import sys

try:
    with open(sys.argv[1], encoding="utf-8") as stream:
        event = json.load(stream)
except (OSError, ValueError):
    event = {}
pull, group = event.get("pull_request") or {}, event.get("merge_group") or {}
base = (pull.get("base") or {}).get("sha") or group.get("base_sha") or event.get("before") or ""
head = (pull.get("head") or {}).get("sha") or group.get("head_sha") or event.get("after") or ""
commit = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
print(*(sha if commit.fullmatch(str(sha)) and set(str(sha)) != {"0"} else "-" for sha in (base, head)))
PY
)
base="${INPUT_BASE:-}"
if [ -z "$base" ] && [ "$event_base" != "-" ]; then base="$event_base"; fi
head="HEAD"
if [ "$event_head" != "-" ]; then head="$event_head"; fi

# A checkout is shallow unless told otherwise: fetch what is missing, a little more each time, until the two meet.
if [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = "true" ]; then
  for commit in "$base" "$head"; do
    if [ -n "$commit" ] && ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
      git fetch --quiet --no-tags --depth=50 origin "$commit" || true
    fi
  done
  for deepen in 50 200 1000 5000; do
    if [ -z "$base" ] || git merge-base "$base" "$head" >/dev/null 2>&1; then break; fi
    git fetch --quiet --no-tags --deepen="$deepen" origin || break
  done
fi
if ! git cat-file -e "$head^{commit}" 2>/dev/null; then head="HEAD"; fi

arguments=(check --head "$head" --format "${INPUT_FORMAT:-github}" --fail-on "${INPUT_FAIL_ON:-block}" --report "$report")
if [ -n "$base" ]; then arguments+=(--base "$base"); fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then arguments+=(--summary "$GITHUB_STEP_SUMMARY"); fi
if [ -n "${INPUT_SARIF:-}" ]; then arguments+=(--sarif "$INPUT_SARIF"); fi
while IFS= read -r folder; do
  if [ -n "$folder" ]; then arguments+=(--registry "$folder"); fi
done <<< "${INPUT_REGISTRY:-}"

"$twiceshy" "${arguments[@]}" 2> "$RUNNER_TEMP/twiceshy-errors.txt"
code=$?
cat "$RUNNER_TEMP/twiceshy-errors.txt" >&2

if [ -f "$report" ]; then
  "$RUNNER_TEMP/twiceshy/bin/python" - "$report" >> "$GITHUB_OUTPUT" <<'PY'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as stream:
    report = json.load(stream)
print(f"conclusion={report['conclusion']}")
print(f"findings={sum(finding['action'] != 'observe' for finding in report['findings'])}")
print(f"report={sys.argv[1]}")
PY
else
  # nothing was judged: that must not look green, and the message must reach whoever reads the pull request
  message=$(head -c 1000 "$RUNNER_TEMP/twiceshy-errors.txt" | sed -e 's/%/%25/g' | tr '\n' ' ')
  echo "::error title=twiceshy could not judge this change::$message"
  { echo "conclusion=neutral"; echo "findings=0"; echo "report="; } >> "$GITHUB_OUTPUT"
fi
exit "$code"
