#!/usr/bin/env bash
# The whole test command. On a new Debian or Ubuntu machine, as root or not, it makes a virtual
# environment, installs the project with what its tests need, finds or installs a Chromium, lints,
# checks types and runs pytest. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$1"; }

install_with_apt() {
  command -v apt-get >/dev/null || return 1
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

venv=${HEBBSCOPE_VENV:-.venv}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Hebbscope needs Python 3.11 or newer; set PYTHON to one." >&2; exit 1; }

say "Python environment in $venv"
if [ ! -x "$venv/bin/python" ]; then
  "$python" -m venv "$venv" || { rm -rf "$venv"; install_with_apt python3-venv && "$python" -m venv "$venv"; }
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[test]'

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
  [ -n "$HEBBSCOPE_CHROMIUM" ] || "$venv/bin/python" -m playwright install chromium
fi
export HEBBSCOPE_CHROMIUM
echo "${HEBBSCOPE_CHROMIUM:-the one that Playwright installed}"

say "Lint and types"
"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
"$venv/bin/pyright" --pythonpath "$venv/bin/python"

pytest() { "$venv/bin/python" -m pytest "$@"; }
if [ $# -gt 0 ]; then
  say "Tests"
  pytest "$@"
else
  # A page under test shares the machine with its server and its browser: one at a time.
  say "Tests of the core and the app"
  pytest tests/hebb_core tests/app --numprocesses auto --dist worksteal
  say "Tests in the browser"
  pytest tests/browser
fi
