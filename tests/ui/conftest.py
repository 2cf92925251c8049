"""What the tests of the dock share: a real canvas and message bar, real layers, clean settings."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsSettings, QgsVectorLayer
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QEvent, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication, QComboBox, QWidget

from geofm.algorithms.provider import register, unregister
from geofm.inference.environment import accelerators, making, requirements
from geofm.inference.environment.platforms import this_platform
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import DockModel, Notice, Outcome, Page, Phase

# Of a package index; whatever is shown or kept must not hold it.
LOGIN = "user:moonlight@"


class Desktop:
    """As much of QGIS's interface as the dock uses, made of QGIS's own widgets."""

    def __init__(self) -> None:
        self.canvas = QgsMapCanvas()
        self.bar = QgsMessageBar()
        self.add_raster = QAction()
        self.active: QgsMapLayer | None = None

    def mapCanvas(self) -> QgsMapCanvas:
        return self.canvas

    def messageBar(self) -> QgsMessageBar:
        return self.bar

    def activeLayer(self) -> QgsMapLayer | None:
        return self.active

    def setActiveLayer(self, layer: QgsMapLayer) -> None:
        self.active = layer

    def actionAddRasterLayer(self) -> QAction:
        return self.add_raster


@pytest.fixture
def settings(qgis_app: Any) -> Iterator[QgsSettings]:
    """The settings without anything of GeoFM's."""
    QgsSettings().remove("geofm")
    yield QgsSettings()
    QgsSettings().remove("geofm")


@pytest.fixture
def project(qgis_app: Any) -> Iterator[QgsProject]:
    """The project, empty before and after."""
    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture
def desktop(qgis_app: Any) -> Iterator[Desktop]:
    made = Desktop()
    yield made
    sip.delete(made.canvas)
    sip.delete(made.bar)


def settle() -> None:
    """Let queued signals and deferred deletions happen."""
    for _ in range(4):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def choose() -> Callable[[QComboBox, str], None]:
    """Choose an entry of a combo box by its data, as a user does."""

    def choose_data(combo: QComboBox, data: str) -> None:
        combo.setCurrentIndex(combo.findData(data))
        combo.activated.emit(combo.currentIndex())

    return choose_data


@pytest.fixture
def settled() -> Callable[[], None]:
    return settle


@pytest.fixture
def provider(qgis_app: Any) -> Iterator[Any]:
    registered = register()
    yield registered
    unregister(registered)


@pytest.fixture
def make_dock(
    desktop: Desktop, project: QgsProject, settings: QgsSettings, provider: Any, engine_python: Path
) -> Iterator[Callable[[], GeoFMDock]]:
    """Make docks that are torn down at the end; a second one sees the settings of the first."""
    made: list[GeoFMDock] = []

    def make() -> GeoFMDock:
        dock = GeoFMDock(desktop)
        dock.resize(360, 800)
        dock.show()
        made.append(dock)
        settle()
        return dock

    yield make
    for dock in made:
        dock.tear_down()
        sip.delete(dock)


@pytest.fixture
def dock(make_dock: Callable[[], GeoFMDock]) -> GeoFMDock:
    """The dock over an empty project."""
    return make_dock()


@pytest.fixture(scope="session")
def scenes(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample imagery, for QGIS writes its statistics beside a raster."""
    folder = tmp_path_factory.mktemp("scenes")
    for name in ("landsat7-two-dates", "sentinel2-chips"):
        (folder / name).mkdir()
        for path in (samples / name).iterdir():
            shutil.copyfile(path, folder / name / path.name)
    return folder


@pytest.fixture
def landsat(scenes: Path, project: QgsProject, desktop: Desktop) -> tuple[QgsRasterLayer, QgsRasterLayer]:
    """The two Landsat dates in the project, the later one active."""
    folder = scenes / "landsat7-two-dates"
    names = ("LE70220491999322EDC01_stack", "LE70220492002106EDC00_stack")
    layers = [QgsRasterLayer(str(folder / f"{name}.gtif"), name) for name in names]
    for layer in layers:
        assert layer.isValid()
        project.addMapLayer(layer)
    desktop.active = layers[1]
    desktop.canvas.setDestinationCrs(layers[1].crs())
    desktop.canvas.setExtent(layers[1].extent())
    settle()
    return layers[0], layers[1]


@pytest.fixture
def sentinel(scenes: Path, project: QgsProject, desktop: Desktop) -> QgsRasterLayer:
    """A Sentinel-2 chip whose bands have no names."""
    layer = QgsRasterLayer(str(scenes / "sentinel2-chips" / "patch_445.tif"), "chip")
    assert layer.isValid()
    project.addMapLayer(layer)
    desktop.active = layer
    settle()
    return layer


@pytest.fixture
def polygons(scenes: Path, project: QgsProject) -> QgsVectorLayer:
    """The labelled polygons of the Landsat scene, in the project."""
    path = scenes / "landsat7-two-dates" / "training_data.shp"
    layer = QgsVectorLayer(str(path), "training_data", "ogr")
    assert layer.isValid()
    project.addMapLayer(layer)
    settle()
    return layer


@pytest.fixture
def finished(qtbot: Any) -> Callable[[DockModel], None]:
    """Wait for the end of a run and expect it to be a good one."""

    def wait(model: DockModel) -> None:
        qtbot.waitUntil(lambda: not model.busy, timeout=180_000)
        assert model.notice.outcome is Outcome.DONE, (model.notice, model.log_text())

    return wait


@pytest.fixture
def model(qgis_app: Any) -> Iterator[DockModel]:
    made = DockModel(Page.MAP, Phase.READY)
    yield made
    sip.delete(made)


# --- the engine's set-up ------------------------------------------------------------------------


@pytest.fixture
def own_home(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and no GEOFM_PYTHON: the engine's environment is GeoFM's to make."""
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return scratch_home


@pytest.fixture
def small(
    own_home: Path, quick_venvs: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A real set-up without the heavy libraries, and a trial that needs none; the engine's list."""
    lists, trial = tmp_path / "requirements", tmp_path / "trial.py"
    lists.mkdir()
    tag = this_platform().tag
    names = [requirements.PIP, f"{tag}-cpu.txt", f"{tag}-openvino.txt"]
    for name in names:
        (lists / name).write_text("# nothing\n", encoding="utf-8")
    (lists / "cpu.in").write_text("torch\n", encoding="utf-8")
    weights = {"wheels": {name: {"all": [2_000_000, 30_000_000]} for name in names}}
    (lists / requirements.SIZES).write_text(json.dumps(weights), encoding="utf-8")
    (lists / requirements.OWN_BUILDS).write_text(json.dumps({"lists": {}}), encoding="utf-8")
    trial.write_text("print('geofm-trial-passed {}')\n", encoding="utf-8")
    monkeypatch.setattr(requirements, "folder", lambda: lists)
    monkeypatch.setattr(accelerators, "find_gpus", lambda platform: accelerators.Found())
    monkeypatch.setattr(making, "_TRIAL", trial)
    # Read once; these are others.
    requirements._notes.cache_clear()
    yield lists / names[1]
    requirements._notes.cache_clear()


@pytest.fixture
def looked(
    make_dock: Callable[[], GeoFMDock], known: Callable[[GeoFMDock], None]
) -> Callable[[], GeoFMDock]:
    """Make a dock whose panel knows what the set-up would do."""

    def look() -> GeoFMDock:
        dock = make_dock()
        dock.activateWindow()
        known(dock)
        return dock

    return look


@pytest.fixture
def known(qtbot: Any) -> Callable[[GeoFMDock], None]:
    """Wait until the panel knows what the set-up would do."""

    def wait(dock: GeoFMDock) -> None:
        work = dock.setup.work
        qtbot.waitUntil(lambda: work.plan is not None and not work.planning, timeout=30_000)

    return wait


@pytest.fixture
def press() -> Callable[[QWidget], None]:
    """A click on a button that can be seen and pressed."""

    def click(button: QWidget) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    return click


@pytest.fixture
def ended(qtbot: Any) -> Callable[[GeoFMDock], Notice]:
    """Wait for the end of a set-up, and how it was."""

    def wait(dock: GeoFMDock) -> Notice:
        qtbot.waitUntil(lambda: not dock.desk.model.busy, timeout=120_000)
        return dock.desk.model.notice

    return wait


@pytest.fixture
def silent_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package index that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        yield f"http://{LOGIN}127.0.0.1:{server.getsockname()[1]}/simple"
