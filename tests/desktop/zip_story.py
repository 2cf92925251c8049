"""The plugin is unpacked into the profile, enabled, maps, and goes; QGIS runs this by ``--code``."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
import zipfile
from pathlib import Path

import processing
from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import (
    iface,
    isPluginLoaded,
    loadPlugin,
    plugins,
    startPlugin,
    unloadPlugin,
    updateAvailablePlugins,
)

complaints: list[str] = []
seen: dict[str, object] = {"failure": ""}


def listen(message: str, tag: str, level: Qgis.MessageLevel) -> None:
    if level in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical):
        complaints.append(f"{tag}: {message}")


def tell() -> None:
    """Install, map, unload; what was seen."""
    seen["before"] = "geofm" in plugins
    with zipfile.ZipFile(os.environ["STORY_ZIP"]) as archive:
        archive.extractall(Path(QgsApplication.qgisSettingsDirPath()) / "python" / "plugins")
    updateAvailablePlugins()
    seen["started"] = loadPlugin("geofm") and startPlugin("geofm")
    seen["loaded"] = isPluginLoaded("geofm")
    seen["place"] = str(Path(sys.modules["geofm"].__file__ or "").parent)
    registry = QgsApplication.processingRegistry()
    provider = registry.providerById("geofm")
    seen["algorithms"] = sorted(one.name() for one in provider.algorithms()) if provider else []
    docks = iface.mainWindow().findChildren(QDockWidget)
    seen["dock"] = any("geofm" in dock.objectName().lower() for dock in docks)
    folder = Path(os.environ["STORY_FOLDER_OF_RESULTS"])
    values = {
        "INPUT": [os.environ["STORY_SCENE"]], "MODEL": "spectral-texture", "CLASSES": 4,
        "OUTPUT": str(folder / "map.tif"),
    }
    seen["map"] = processing.run("geofm:cluster", values)["OUTPUT"]
    unloadPlugin("geofm")
    seen["after"] = registry.providerById("geofm") is not None


def run() -> None:
    try:
        tell()
    except Exception:
        seen["failure"] = traceback.format_exc()
    seen["complaints"] = complaints
    report = Path(os.environ["STORY_REPORT"])
    report.write_text(json.dumps(seen, indent=2), encoding="utf-8")
    os.kill(os.getpid(), signal.SIGTERM)


QgsApplication.messageLog().messageReceived.connect(listen)
QTimer.singleShot(1000, run)
