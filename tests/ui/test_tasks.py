"""Work off the main thread that nobody waits for any more: the dock goes, and QGIS forgets it too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsApplication

from geofm.ui.dock import GeoFMDock


def _look_for_devices(dock: GeoFMDock, folder: Path) -> None:
    dock._on_devices_opened()


def _verify(dock: GeoFMDock, folder: Path) -> None:
    dock.models_page._work(dock.desk.shelf.card("galileo-nano")).verify()


def _add(dock: GeoFMDock, folder: Path) -> None:
    network = folder / "network.onnx"
    network.write_bytes(b"no network")
    dock.models_page.add.begin(str(network))


def _open_series(dock: GeoFMDock, folder: Path) -> None:
    dock.change_page.series.open_folder(str(folder))


@pytest.mark.parametrize("begin", [_look_for_devices, _verify, _add, _open_series])
def test_a_dock_that_goes_leaves_no_task_to_qgis(
    begin: Callable[[GeoFMDock, Path], None], make_dock: Any, tmp_path: Path, qtbot: Any
) -> None:
    manager = QgsApplication.taskManager()
    dock = make_dock()
    assert manager.count() == 0
    begin(dock, tmp_path)
    assert manager.count() == 1
    dock.tear_down()
    qtbot.waitUntil(lambda: manager.count() == 0, timeout=10_000)
