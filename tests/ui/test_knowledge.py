"""The section Knowledge of the page Map: rules and priors for a map of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsPalettedRasterRenderer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtGui import QColor

from geofm.inference.client import close_shared_engine
from geofm.ui.commands import as_command, as_python
from geofm.ui.dock import GeoFMDock
from geofm.ui.layers import RESULT
from geofm.ui.state import Outcome

SIDE = 64


@pytest.fixture(scope="module", autouse=True)
def engine_ends() -> Iterator[None]:
    yield
    close_shared_engine()


def _srs() -> osr.SpatialReference:
    made = osr.SpatialReference()
    made.ImportFromEPSG(32632)
    return made


def _write(path: Path, values: np.ndarray, kind: int, names: tuple[str, ...] = (), nodata: float = 0) -> Path:
    bands = values if values.ndim == 3 else values[None]
    made = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, len(bands), kind)
    made.SetGeoTransform((500000, 10, 0, 5200000, 0, -10))
    made.SetSpatialRef(_srs())
    for number, band in enumerate(bands, 1):
        target = made.GetRasterBand(number)
        target.SetNoDataValue(nodata)
        target.WriteRaster(0, 0, SIDE, SIDE, np.ascontiguousarray(band).tobytes())
        if values.ndim == 3:
            target.SetDescription(names[number - 1])
    if values.ndim == 2 and names:
        made.GetRasterBand(1).SetCategoryNames(list(names))
    return path


@pytest.fixture
def place(tmp_path: Path, project: QgsProject) -> dict[str, QgsRasterLayer]:
    """A map of water and forest as a run left it, with probabilities beside it, and a hill above."""
    cover = np.ones((SIDE, SIDE), "u1")
    cover[:, 32:] = 2
    shares = np.stack([np.where(cover == 1, 40000, 10000), np.where(cover == 2, 40000, 10000)]).astype("<u2")
    height = np.repeat(np.maximum(32 - np.arange(SIDE), 0)[:, None] * 5.0, SIDE, axis=1).astype("<f4")
    classes = ("", "water", "forest")
    paths = {
        "map": _write(tmp_path / "map.tif", cover, gdal.GDT_Byte, classes),
        "shares": _write(tmp_path / "shares.tif", shares, gdal.GDT_UInt16, classes[1:], 65535),
        "dem": _write(tmp_path / "dem.tif", height, gdal.GDT_Float32, (), -1),
    }
    layers = {name: QgsRasterLayer(str(path), name) for name, path in paths.items()}
    shown = [QgsPalettedRasterRenderer.Class(i, QColor("blue"), classes[i]) for i in (1, 2)]
    layers["map"].setRenderer(QgsPalettedRasterRenderer(layers["map"].dataProvider(), 1, shown))
    layers["map"].setCustomProperty(RESULT, "OUTPUT")
    layers["shares"].setCustomProperty(RESULT, "PROBABILITIES")
    project.addMapLayer(layers["dem"])
    group = project.layerTreeRoot().insertGroup(0, "Classes")
    for name in ("map", "shares"):
        project.addMapLayer(layers[name], False)
        group.addLayer(layers[name])
    return layers


@pytest.fixture
def panel(dock: GeoFMDock, place: Any, settled: Callable[[], None]) -> Any:
    dock.map_page.known.setCollapsed(False)
    settled()
    return dock.map_page.knowledge


def rule(panel: Any, of: str, where: str, becomes: str = "") -> Any:
    """Add a rule as a user does."""
    panel.add.click()
    made = panel.rules[-1]
    for combo, data in ((made.of, of), (made.becomes, becomes)):
        combo.setCurrentIndex(combo.findData(data))
        combo.activated.emit(combo.currentIndex())
    made.where.setExpression(where)
    return made


def test_the_newest_map_and_its_probabilities_are_chosen(panel: Any, place: dict[str, Any]) -> None:
    assert panel.map.currentLayer() is place["map"]
    assert panel.shares.currentLayer() is place["shares"]
    assert panel.note.text() == "Add a rule or choose a prior."
    assert not panel.apply.isEnabled()


def test_a_rule_is_made_of_what_there_is(panel: Any) -> None:
    made = rule(panel, "water", '"dem@slope" > 8')
    assert [made.of.itemText(at) for at in range(made.of.count())] == ["Every class", "water", "forest"]
    assert made.becomes.itemText(1) == "becomes water"
    assert {"class", "value", "confidence", "date", "dem", "dem@slope"} <= set(panel.offered().names())
    assert panel.problem() == ""
    assert panel.apply.isEnabled()


@pytest.mark.parametrize(
    ("of", "where", "said"),
    [
        ("water", "", "Rule 1: It has no condition."),
        ("water", '"hill" > 8', "Rule 1: There is no layer or column hill."),
        ("water", "rand(1, 2) = 1", "Rule 1: Rules cannot use the function rand."),
        ("", "1", "Rule 1: Choose a class, or what it becomes."),
    ],
)
def test_what_is_missing_is_said(panel: Any, of: str, where: str, said: str) -> None:
    rule(panel, of, where)
    assert panel.note.text().startswith(said)
    assert not panel.apply.isEnabled()


def test_without_probabilities_a_rule_must_say_what_becomes(panel: Any) -> None:
    panel.shares.setLayer(None)
    made = rule(panel, "water", '"dem@slope" > 8')
    assert "Say what the class becomes" in panel.note.text()
    made.becomes.setCurrentIndex(made.becomes.findData("forest"))
    made.becomes.activated.emit(made.becomes.currentIndex())
    assert panel.problem() == ""


def test_a_rule_is_removed(panel: Any) -> None:
    first, second = rule(panel, "water", "1"), rule(panel, "forest", "1")
    first.remove.click()
    assert panel.rules == [second]


def test_a_request_names_the_layers_of_its_rules_alone(
    panel: Any, place: dict[str, Any], landsat: Any
) -> None:
    rule(panel, "water", '"dem@slope" > 8')
    request = panel.request()
    parameters = request.steps[0].parameters
    assert parameters["HELPERS"] == [place["dem"].id()]
    assert parameters["HELPER_NAMES"] == "dem"
    assert parameters["RULES"] == ["water", '"dem@slope" > 8', ""]
    command = as_command(request)
    assert "RULES=water" in command
    assert "RULES='\"dem@slope\" > 8'" in command
    assert f"PROBABILITIES={place['shares'].source()}" in command
    assert "geofm:refine" in as_python(request)


@pytest.mark.usefixtures("provider", "engine_python")
def test_the_map_is_refined(
    dock: GeoFMDock, panel: Any, place: dict[str, Any], finished: Callable[..., Any], project: QgsProject
) -> None:
    rule(panel, "water", '"dem@slope" > 8')
    panel.apply.click()
    finished(dock.desk.model)
    notice = dock.desk.model.notice
    assert notice.outcome is Outcome.DONE, notice.sentence + notice.detail
    assert any('rule 1: water not where "dem@slope" > 8: 10.6 ha' in fact for fact in notice.facts)
    made = {layer.customProperty(RESULT): layer for layer in project.mapLayers().values()}
    assert made["CHANGED"].name() == "What changed"
    assert [one.label for one in made["CHANGED"].renderer().classes()][:2] == [
        "unchanged", 'rule 1: water not where "dem@slope" > 8'
    ]
    tree = project.layerTreeRoot()
    refined = panel.map.currentLayer()
    assert all(tree.findLayer(one.id()).isVisible() for one in (made["CHANGED"], refined))
    # The new map is the one to go on with.
    assert refined.name() == "Refined map"
    assert [entry.request.steps[0].algorithm for entry in dock.history.entries()][:1] == ["geofm:refine"]
