#!/usr/bin/env bash
# Gets what the tests need beside Python: Chromium, PostgreSQL, Node with npm, a font with Chinese, axe-core.
# As root on Debian they come as packages; elsewhere Playwright brings its own browser. The names of those
# that could not be had go to .tools/missing, so that their tests are skipped with a line that says so.
set -u
cd "$(dirname "$0")/.." || exit 1
mkdir -p .tools
log=.tools/machine.log
axe=4.14.1
: >"$log"

has_chromium() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    [ -x "$(.venv/bin/python -m scripts.browser 2>>"$log")" ]
}
has_postgresql() { scripts/postgres.sh where >/dev/null 2>&1; }
has_node() { command -v node >/dev/null && command -v npm >/dev/null; }
has_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn)" ]; }
has_axe() { [ -f .tools/node_modules/axe-core/axe.min.js ]; }

debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  [ -e .tools/apt-updated ] || { apt-get update >>"$log" 2>&1 && touch .tools/apt-updated; }
  echo "Installing $* ..."
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1
}

has_chromium || debian chromium || .venv/bin/python -m playwright install chromium >>"$log" 2>&1
has_postgresql || debian postgresql
has_node || debian nodejs npm
has_font || debian fontconfig fonts-noto-cjk
has_axe || { has_node && npm install --prefix .tools --no-save --no-audit --no-fund "axe-core@$axe" </dev/null >>"$log" 2>&1; }

missing=
for need in chromium postgresql node font axe; do
  "has_$need" || missing="$missing $need"
done
echo "${missing# }" >.tools/missing
[ -z "$missing" ] || echo "missing on this machine:$missing (tests that need them are skipped; details in $log)"
