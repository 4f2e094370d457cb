# Sourced by the steps: from here on nothing that lies in the checkout is started, and no variable makes a program load
# from it. Only the shell's own words are used until PATH is clean.
checkout=$(pwd -P)
workspace=$(cd -P -- "${GITHUB_WORKSPACE:-$checkout}" 2>/dev/null && pwd -P) || workspace=$checkout

# The absolute entries of a list of folders that lie outside of the checkout.
outside() {
  local entry real kept="" entries
  IFS=: read -r -d '' -a entries <<< "$1:" || true
  for entry in "${entries[@]}"; do
    case "$entry" in /*) ;; *) continue ;; esac
    real=$(cd -P -- "$entry" 2>/dev/null && pwd -P) || continue
    case "$real/" in "$checkout"/* | "$workspace"/*) continue ;; esac
    kept="$kept${kept:+:}$entry"
  done
  printf '%s' "$kept"
}

for name in ${!PYTHON@} BASH_ENV ENV CDPATH LD_PRELOAD DYLD_INSERT_LIBRARIES; do
  unset "$name"
done
for name in LD_LIBRARY_PATH DYLD_LIBRARY_PATH; do # setup-python needs the first
  if [ -n "${!name:-}" ]; then export "$name=$(outside "${!name}")"; fi
  if [ -z "${!name:-}" ]; then unset "$name"; fi
done
PATH=$(outside "$PATH")
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}"
hash -r
