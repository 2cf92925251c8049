"""What QGIS shows of a class map before anybody has clicked anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr
from qgis.core import (
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

NAMES = ["forest", "town", "water"]


@pytest.fixture
def mapped(toolbox: Any, taught: Path, paint: Any, tmp_path: Path) -> Path:
    """A class map on the disk, which no project has seen."""
    scene = paint(tmp_path / "scene.tif", nodata=65535, hole=(0, 0, 20, 20))
    values = {"INPUT": [str(scene)], "CLASSIFIER": str(taught), "OUTPUT": str(tmp_path / "map.tif")}
    return Path(toolbox.run("geofm:classify", values)["OUTPUT"])


@pytest.fixture
def opened(mapped: Path) -> Iterator[QgsRasterLayer]:
    layer = QgsRasterLayer(str(mapped), "map")
    assert layer.isValid()
    yield layer
    sip.delete(layer)


def _shown(layer: QgsRasterLayer) -> dict[str, QColor]:
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    return {item.label: item.color for item in renderer.classes()}


def _rendered(layer: QgsRasterLayer) -> QImage:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setExtent(layer.extent())
    settings.setDestinationCrs(layer.crs())
    settings.setOutputSize(QSize(240, 180))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def test_a_file_opened_by_its_path_has_names_and_colours(opened: QgsRasterLayer) -> None:
    shown = _shown(opened)
    assert [name for name in shown if name != "no data"] == NAMES
    # Newer versions of QGIS leave the value for no data out of the legend by themselves.
    assert "no data" not in shown or shown["no data"].alpha() == 0
    assert len({shown[name].name() for name in NAMES}) == 3
    assert shown["water"].blue() > max(shown["water"].red(), shown["water"].green())
    assert shown["forest"].green() > max(shown["forest"].red(), shown["forest"].blue())


def test_it_is_drawn_so_and_no_data_is_see_through(opened: QgsRasterLayer) -> None:
    shown, image = _shown(opened), _rendered(opened)
    spots = {"water": (40, 120), "forest": (120, 90), "town": (220, 90)}
    for name, (x, y) in spots.items():
        assert image.pixelColor(x, y).name() == shown[name].name(), name
    assert image.pixelColor(10, 10).name() == "#ffffff"


def test_after_a_run_the_legend_lists_the_classes_and_nothing_else(
    toolbox: Any, taught: Path, paint: Any, tmp_path: Path
) -> None:
    values = {
        "INPUT": [str(paint(tmp_path / "scene.tif"))], "CLASSIFIER": str(taught),
        "OUTPUT": str(tmp_path / "map.tif"), "CONFIDENCE": str(tmp_path / "sure.tif"),
        "POLYGONS": str(tmp_path / "map.gpkg"),
    }
    toolbox.runAndLoadResults("geofm:classify", values)
    layers = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(layers) == {"Class map", "Confidence", "Polygons"}
    shown = _shown(layers["Class map"])
    assert list(shown) == NAMES
    colours = {c.label(): c.symbol().color().name() for c in layers["Polygons"].renderer().categories()}
    assert colours == {name: color.name() for name, color in shown.items()}


def test_numbers_as_classes_keep_their_values(
    toolbox: Any, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "scene.tif")
    source = ogr.Open(str(points(tmp_path / "points.gpkg", scene)), 1)
    layer = source.GetLayer()
    layer.CreateField(ogr.FieldDefn("code", ogr.OFTInteger))
    for feature in list(layer):
        feature.SetField("code", {"water": 10, "forest": 40, "town": 50}[feature.GetField("cover")])
        layer.SetFeature(feature)
    del layer, source
    given = {
        "INPUT": [str(scene)], "SAMPLES": str(tmp_path / "points.gpkg"), "FIELD": "code",
        "MODEL": "spectral-texture", "METHOD": "fast", "OUTPUT": str(tmp_path / "c.geofm"),
    }
    classifier = toolbox.run("geofm:trainclassifier", given)["OUTPUT"]
    out = str(tmp_path / "map.tif")
    toolbox.runAndLoadResults(
        "geofm:classify", {"INPUT": [str(scene)], "CLASSIFIER": classifier, "OUTPUT": out}
    )
    values = read_map(out).values
    assert {values[45, 15], values[45, 60], values[45, 105]} == {10, 40, 50}
    [layer] = QgsProject.instance().mapLayers().values()
    assert [(item.value, item.label) for item in layer.renderer().classes()] == [
        (10, "10"), (40, "40"), (50, "50"),
    ]
