#!/usr/bin/env bash
# Prints the exports with which qgis_process, a PyQGIS script and `python -m geofm` find the
# plugin of this checkout, in a QGIS profile of its own: eval "$(make -s env)"
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build

say() { printf 'export %s=%q\n' "$1" "$2"; }

# Development data lie beside the checkout where the developers have them.
data() { # NAME FOLDER
  if [ -n "${!1:-}" ]; then
    say "$1" "${!1}"
  elif [ -d "$root/../shared/$2" ]; then
    say "$1" "$(cd "$root/../shared/$2" && pwd)"
  fi
}

# QGIS reads the list of plugins to load from the profile's settings.
ini=$build/profile/profiles/default/QGIS/QGIS3.ini
if [ ! -e "$ini" ]; then
  mkdir -p "$(dirname "$ini")"
  printf '[PythonPlugins]\ngeofm=true\nprocessing=true\n' >"$ini"
fi
mkdir -p "$build/run" "$build/bin" && chmod 700 "$build/run"

# Debian's qgis_process hands on an option that the program itself refuses.
if [ -x /usr/bin/qgis_process.bin ]; then
  ln -sfn /usr/bin/qgis_process.bin "$build/bin/qgis_process"
fi

say GEOFM_HOME "$build/home"
data GEOFM_SAMPLES imagery
data GEOFM_MODELS models
data GEOFM_REFERENCE reference
say PATH "$build/bin:${PATH#"$build/bin:"}"
say QGIS_PLUGINPATH "$build/plugins"
say QGIS_CUSTOM_CONFIG_PATH "$build/profile"
say PYTHONPATH "$build/plugins:/usr/share/qgis/python/plugins"
say XDG_RUNTIME_DIR "${XDG_RUNTIME_DIR:-$build/run}"
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
  say QT_QPA_PLATFORM offscreen
fi
