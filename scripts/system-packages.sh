#!/usr/bin/env bash
# Installs what only the system's package manager can give: QGIS, venv, a virtual display.
# Does nothing, and asks for no rights, where all of it is there.
set -eu
python=${QGIS_PYTHON:-/usr/bin/python3}

missing=()
want() { # PACKAGE... -- COMMAND...: the packages are missing where the command fails
  local packages=()
  while [ "$1" != -- ]; do packages+=("$1"); shift; done
  shift
  "$@" >/dev/null 2>&1 || missing+=("${packages[@]}")
}
want qgis python3-qgis qgis-providers -- command -v qgis_process
want python3-qgis -- "$python" -c 'import importlib.util as u; assert u.find_spec("qgis.core")'
want python3-venv -- "$python" -c 'import ensurepip, venv'
want xvfb xauth -- command -v xvfb-run
want xauth -- command -v xauth
want xdotool -- command -v xdotool
want fonts-dejavu-core -- sh -c 'ls /usr/share/fonts/*/*/*.ttf'
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install by your system's means (Debian's names): ${missing[*]}." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please install as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends "${missing[@]}"
