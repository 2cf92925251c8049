"""The variables that child processes get: the user's, without what belongs to QGIS's Python.

Standard library alone; used by the client, and inside the engine for the pip that it starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

PIP_VARIABLE = "GEOFM_PIP_ENV"

_DROPPED_PREFIXES = ("PYTHON", "GDAL_", "PROJ_", "QT_", "QGIS_", "DYLD_")
# Its libraries shall neither report what is used here, nor send a login that other programs left.
_QUIET = dict.fromkeys(("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_IMPLICIT_TOKEN"), "1")
# Matrix products of the same numbers are the same bits on one thread and on many, alone and in a batch, by
# Intel's documentation of conditional numerical reproducibility in oneMKL.
_SAME_BITS = {"MKL_CBWR": "AUTO"}
_DROPPED = {"VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "GEOTIFF_CSV", "__PYVENV_LAUNCHER__"}
# Modules for the OpenSSL that QGIS brings, which is another one than that of the engine's Python.
_DROPPED |= {"OPENSSL_ENGINES", "OPENSSL_MODULES"}
_QGIS_ROOT = "OSGEO4W_ROOT"


def child_environment(
    extra: Mapping[str, str] | None = None, source: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of the engine process: the caller's, without what belongs to QGIS's Python.

    Left out: PYTHON*, GDAL_*, PROJ_*, QT_*, QGIS_*, DYLD_*, VIRTUAL_ENV, LD_LIBRARY_PATH,
    LD_PRELOAD, and on Windows QGIS's folders of the path. PIP_* are put aside as JSON in
    ``GEOFM_PIP_ENV``: only a pip that GeoFM itself starts gets them back, by :func:`pip_environment`.

    Args:
        extra: variables to set on top, proxies or GEOFM_* settings.
        source: instead of this process's own variables.
    """
    inherited = dict(os.environ if source is None else source)
    pip = _pip_variables(inherited)
    kept = {**_SAME_BITS, **{name: value for name, value in inherited.items() if not _is_dropped(name)}}
    _leave_path_of_qgis(kept)
    kept.update(extra or {})
    kept.update(_QUIET, PYTHONNOUSERSITE="1")
    if pip:
        kept[PIP_VARIABLE] = json.dumps(pip, sort_keys=True)
    return kept


def pip_environment(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for running pip: :func:`child_environment` with the machine's PIP_* back.

    Works on the client's side and inside the engine alike.
    """
    inherited = dict(os.environ if source is None else source)
    kept = child_environment(source=inherited)
    for name in (PIP_VARIABLE, "HF_TOKEN"):
        kept.pop(name, None)
    # Where packages go and come from is the machine's to say; asking questions is not possible.
    return {**kept, **_pip_variables(inherited), "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _pip_variables(source: Mapping[str, str]) -> dict[str, str]:
    put_aside = json.loads(source.get(PIP_VARIABLE) or "{}")
    return {**put_aside, **{name: value for name, value in source.items() if name.upper().startswith("PIP_")}}


def _leave_path_of_qgis(variables: dict[str, str]) -> None:
    """Take QGIS's folders off the path of Windows, which looks for a library's DLLs there.

    Its launchers put them in front, and leave a variable that says which they are.
    """
    names = {name.upper(): name for name in variables}
    if _QGIS_ROOT not in names:
        return
    root = _folder(variables.pop(names[_QGIS_ROOT]))
    path = names.get("PATH", "")
    if path and root != "\\":
        kept = [part for part in variables[path].split(";") if not _folder(part).startswith(root)]
        variables[path] = ";".join(kept)


def _folder(path: str) -> str:
    return path.strip('"').replace("/", "\\").rstrip("\\").lower() + "\\"


def _is_dropped(name: str) -> bool:
    # Windows hands variables over in any case.
    upper = name.upper()
    return upper in _DROPPED or upper.startswith((*_DROPPED_PREFIXES, "PIP_"))
