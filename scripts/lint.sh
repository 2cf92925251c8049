#!/usr/bin/env bash
# Style and types. mypy sees the package under its own name, whatever this folder is called.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
status=0
build/dev/bin/python -m ruff check . || status=1
git ls-files -co --exclude-standard '*.py' | grep -vE '^(tests|scripts)/' |
  (cd build/plugins && sed 's,^,geofm/,' |
    xargs ../dev/bin/python -m mypy --config-file geofm/pyproject.toml) || status=1
exit "$status"
