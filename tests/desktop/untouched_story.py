"""What of QGIS's Python could be touched, noted before, with and after the plugin.

QGIS runs this by ``--code``.
"""

from __future__ import annotations

import builtins
import json
import locale
import logging
import os
import signal
import socket
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any

# Whatever QGIS itself brings in late is there before the first look.
import numpy
import processing
from osgeo import gdal, gdal_array, ogr, osr
from qgis import utils
from qgis.core import QgsApplication, QgsProjUtils
from qgis.PyQt.QtCore import QTimer

SCENE, REPORT, OUTPUT = (os.environ.pop(f"UNTOUCHED_{name}") for name in ("SCENE", "REPORT", "OUTPUT"))
OPTIONS = ("GDAL_DATA", "GDAL_DRIVER_PATH", "GDAL_CACHEMAX", "GDAL_NUM_THREADS", "CPL_DEBUG", "PROJ_LIB")
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)


def looked() -> dict[str, Any]:
    """All that must be the same afterwards, in words that JSON has."""
    code = osr.SpatialReference()
    code.ImportFromEPSG(32633)
    pixels = gdal_array.LoadFile(SCENE)
    return {
        "path": list(sys.path),
        "finders": [repr(finder) for finder in (*sys.meta_path, *sys.path_hooks)],
        "environ": dict(os.environ),
        "numpy": [numpy.__version__, numpy.__file__, sys.modules["numpy"].__file__],
        "osgeo": [gdal.__version__, gdal.__file__, gdal_array.__file__, str(pixels.dtype), int(pixels.sum())],
        "exceptions": [gdal.GetUseExceptions(), ogr.GetUseExceptions(), osr.GetUseExceptions()],
        "drivers": sorted(gdal.GetDriver(index).ShortName for index in range(gdal.GetDriverCount())),
        "options": {name: gdal.GetConfigOption(name) for name in OPTIONS},
        "proj": [osr.GetPROJSearchPaths(), QgsProjUtils.searchPaths(), code.ExportToProj4()],
        "locale": locale.setlocale(locale.LC_ALL),
        "warnings": [repr(filtered) for filtered in warnings.filters],
        "hooks": [
            repr(hook)
            for hook in (
                sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook,
                builtins.__import__, warnings.showwarning, sys.stdout, sys.stderr,
            )
        ],
        "signals": [repr(signal.getsignal(number)) for number in HANDLED],
        "numpy errors": numpy.geterr(),
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), socket.getdefaulttimeout()],
        "logging": [logging.root.level, [repr(handler) for handler in logging.root.handlers]],
        "folder": os.getcwd(),
    }


def told() -> dict[str, Any]:
    """Look, load, run, unload, and look in between."""
    before, modules = looked(), {name.partition(".")[0] for name in sys.modules}
    seen = {"before": before}
    utils.updateAvailablePlugins()
    assert utils.loadPlugin("geofm")
    assert utils.startPlugin("geofm")
    seen["loaded"] = looked()
    values = {"INPUT": [SCENE], "MODEL": "spectral-texture", "CLASSES": 3, "OUTPUT": OUTPUT}
    result = processing.run("geofm:cluster", values)
    seen["run"] = looked()
    new = {name.partition(".")[0] for name in sys.modules} - modules
    folder = str(Path(sys.modules["geofm"].__file__ or "").parent)
    assert utils.unloadPlugin("geofm")
    QgsApplication.processEvents()
    seen["unloaded"] = looked()
    threads = [thread.name for thread in threading.enumerate() if "geofm" in thread.name]
    return {
        **seen, "output": result["OUTPUT"], "folder": folder, "threads": threads, "new": sorted(new),
        "ours": [name for name, module in sys.modules.items() if _is_ours(name, module)],
    }  # fmt: skip


def _is_ours(name: str, module: Any) -> bool:
    """Whether a module comes from the engine's environment."""
    engine = str(Path(os.environ["GEOFM_PYTHON"]).parent.parent)
    return str(getattr(module, "__file__", None) or "").startswith(engine + os.sep)


def tell() -> None:
    try:
        report = {**told(), "failure": ""}
    except BaseException:
        report = {"failure": traceback.format_exc()}
    Path(REPORT).write_text(json.dumps(report), encoding="utf-8")
    # Whether QGIS itself ends well is not what is asked here.
    os._exit(0)


QTimer.singleShot(500, tell)
