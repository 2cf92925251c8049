"""Results arrive styled, with their provenance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsGeometry,
    QgsLayerTreeLayer,
    QgsMapLayerLegend,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

from geofm.algorithms.styles import Role, style, style_on_load
from geofm.inference.jobs import ClassInfo, Result

CLASSES = (ClassInfo(1, "water", "#3366cc"), ClassInfo(2, "forest", "#228833"))


@pytest.fixture
def result(tmp_path: Path) -> Result:
    path = str(tmp_path / "out.tif")
    made = gdal.GetDriverByName("GTiff").Create(path, 20, 20, 1, gdal.GDT_Float32)
    made.SetGeoTransform((500000, 10, 0, 4000000, 0, -10))
    values = bytearray()
    import struct

    for i in range(400):
        values += struct.pack("f", 1000.0 if i == 399 else i / 100)
    made.GetRasterBand(1).WriteRaster(0, 0, 20, 20, bytes(values))
    del made
    return Result(
        {"OUTPUT": path}, "galileo-nano", "cpu", "There is no GPU.", 400, 1.0, CLASSES, ("Beware.",)
    )


@pytest.mark.parametrize("role", [Role.CONFIDENCE, Role.MAGNITUDE, Role.SIMILARITY])
def test_numbers_get_a_ramp_with_a_legend(qgis_app: Any, result: Result, role: Role) -> None:
    layer = QgsRasterLayer(result.outputs["OUTPUT"], "out")
    style(layer, role, result)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsSingleBandPseudoColorRenderer)
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert len(items) >= 5
    lights = [0.21 * i.color.redF() + 0.72 * i.color.greenF() + 0.07 * i.color.blueF() for i in items]
    assert lights == sorted(lights)
    low, high = renderer.classificationMin(), renderer.classificationMax()
    if role is Role.CONFIDENCE:
        assert (low, high, items[-1].label) == (0, 100, "100 %")
    else:
        # One pixel of 1000 among numbers up to 4 does not make the rest one colour.
        assert low >= 0
        assert 4 < high < 400
    legend = QgsMapLayerLegend.defaultRasterLegend(layer)
    assert legend.createLayerTreeModelLegendNodes(QgsLayerTreeLayer(layer))


def test_the_middle_of_the_ramp_is_the_threshold_of_change(qgis_app: Any, result: Result) -> None:
    layer = QgsRasterLayer(result.outputs["OUTPUT"], "out")
    style(layer, Role.MAGNITUDE, replace(result, facts={"threshold": 1.7}))
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    middle = items[len(items) // 2]
    assert (middle.value, middle.label) == (1.7, "1.7 (threshold)")
    assert items[-1].value == 3.4


def test_a_constant_raster_can_be_styled(qgis_app: Any, result: Result) -> None:
    made = gdal.Open(result.outputs["OUTPUT"], gdal.GA_Update)
    made.GetRasterBand(1).Fill(0)
    del made
    layer = QgsRasterLayer(result.outputs["OUTPUT"], "out")
    style(layer, Role.MAGNITUDE, result)
    assert layer.renderer().classificationMax() > layer.renderer().classificationMin()


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ((2, 1, 2), [(1, "water", "#3366cc"), (2, "forest", "#228833")]),
        ((2, 2), [(2, "forest", "#228833")]),
    ],
)
def test_polygons_have_the_names_and_colours_of_their_classes(
    qgis_app: Any, result: Result, present: tuple[int, ...], wanted: list[tuple[int, str, str]]
) -> None:
    layer = QgsVectorLayer("Polygon?field=class:integer&field=name:string", "p", "memory")
    features = []
    for value in present:
        feature = QgsFeature(layer.fields())
        feature.setAttribute("class", value)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    style(layer, Role.POLYGONS, result)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert [(c.value(), c.label(), c.symbol().color().name()) for c in renderer.categories()] == wanted


def test_what_is_novel_is_hatched_at_every_scale(qgis_app: Any, result: Result) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=class:integer", "new", "memory")
    square = QgsFeature(layer.fields())
    square.setGeometry(QgsGeometry.fromRect(QgsRectangle(500000, 4000000, 501000, 4001000)))
    layer.dataProvider().addFeature(square)
    style(layer, Role.NOVELTY, result)
    ground = QColor("#3366cc")
    for metres in (3000, 300, 30):
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(layer.crs())
        settings.setOutputSize(QSize(200, 200))
        settings.setBackgroundColor(ground)
        settings.setExtent(QgsRectangle(500500 - metres / 2, 4000500 - metres / 2,
                                        500500 + metres / 2, 4000500 + metres / 2))
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        image = job.renderedImage()
        inner = [image.pixelColor(x, y) for x in range(80, 120) for y in range(80, 120)]
        dark = sum(color.lightness() < 60 for color in inner) / len(inner)
        free = sum(color == ground for color in inner) / len(inner)
        # The map below must be read, and the lines be seen.
        assert dark > 0.05, metres
        assert free > 0.3, metres
        corner = image.pixelColor(2, 2)
        assert (corner == ground) == (metres == 3000)


def test_provenance_is_in_the_layers_metadata(qgis_app: Any, result: Result) -> None:
    layer = QgsRasterLayer(result.outputs["OUTPUT"], "Land cover")
    style(layer, Role.CLASSES, result)
    metadata = layer.metadata()
    assert metadata.title() == "Land cover"
    assert "galileo-nano" in metadata.abstract()
    history = "\n".join(metadata.history())
    for words in ("cpu", "There is no GPU.", "out.tif.job.json", "Beware."):
        assert words in history


def test_processing_styles_what_it_loads(qgis_app: Any, result: Result) -> None:
    path = result.outputs["OUTPUT"]
    context = QgsProcessingContext()
    project = QgsProject.instance()
    context.setProject(project)
    details = QgsProcessingContext.LayerDetails("Magnitude", project, "OUTPUT")
    context.addLayerToLoadOnCompletion(path, details)
    style_on_load(result, {"OUTPUT": Role.MAGNITUDE}, context)
    layer = QgsRasterLayer(path, "out")
    processor = context.layerToLoadOnCompletionDetails(path).postProcessor()
    processor.postProcessLayer(layer, context, QgsProcessingFeedback())
    assert isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer)
