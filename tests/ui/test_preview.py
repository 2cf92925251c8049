"""The preview of what is taught: a layer whose file is exchanged, drawn alone, never saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from osgeo import gdal, osr
from qgis.core import QgsMapRendererParallelJob, QgsPalettedRasterRenderer, QgsRasterLayer
from qgis.PyQt.QtGui import QColor

from geofm.inference.jobs import ClassInfo
from geofm.inference.teaching import Preview
from geofm.ui.teaching.preview import PreviewLayer, hatch

CLASSES = (ClassInfo(1, "water", "#2060c0"), ClassInfo(3, "forest", "#206020"))
WEST, NORTH, PIXEL = 462405.0, 1741815.0, 30.0


def written(path: Path, rows: list[bytes], novel: int = 0, west: float = WEST) -> Preview:
    """A preview of given class values as the engine writes it."""
    width, height = len(rows[0]), len(rows)
    raster = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 3, gdal.GDT_Byte)
    raster.SetGeoTransform((west, PIXEL, 0.0, NORTH, 0.0, -PIXEL))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32615)
    raster.SetProjection(crs.ExportToWkt())
    raster.GetRasterBand(1).WriteRaster(0, 0, width, height, b"".join(rows))
    raster.GetRasterBand(2).Fill(90)
    raster.GetRasterBand(3).Fill(novel)
    raster.FlushCache()
    extent = (west, NORTH - height * PIXEL, west + width * PIXEL, NORTH)
    return Preview(str(path), extent, width, height, 1.0)


def drawn(canvas, layer: QgsRasterLayer):
    """The picture of a layer over its own extent, a pixel of the file for a pixel of the picture."""
    settings = canvas.mapSettings()
    settings.setDestinationCrs(layer.crs())
    settings.setLayers([layer])
    settings.setExtent(layer.extent())
    settings.setOutputSize(layer.dataProvider().extent().toRectF().size().toSize() / PIXEL)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


@pytest.fixture
def preview(project):
    made = PreviewLayer(project)
    yield made
    made.close()


def test_it_is_a_layer_with_the_classes_as_its_legend(preview, project, desktop, tmp_path) -> None:
    preview.show(written(tmp_path / "1.tif", [b"\1\1\0\3"] * 4), CLASSES, hatched=False)
    layer = preview.layer
    assert project.mapLayers() == {layer.id(): layer}
    assert layer.name() == "Preview: classes"
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    assert [item.label for item in layer.renderer().classes()] == ["water", "forest"]
    picture = drawn(desktop.canvas, layer)
    assert picture.pixelColor(0, 0) == QColor("#2060c0")
    assert picture.pixelColor(2, 0) == QColor("white"), "what has no class is seen through"
    assert picture.pixelColor(3, 0) == QColor("#206020")


def test_a_newer_file_takes_the_place_of_the_old_one(preview, desktop, tmp_path) -> None:
    preview.show(written(tmp_path / "1.tif", [b"\1\1\1\1"] * 4), CLASSES, hatched=False)
    preview.set_opacity(0.5)
    layer, heard = preview.layer, []
    layer.repaintRequested.connect(lambda: heard.append(True))
    newer = written(tmp_path / "2.tif", [b"\3\3\3\3\3\3"] * 6, west=WEST + 300)
    preview.show(newer, CLASSES, hatched=False)
    assert preview.layer is layer
    assert heard
    assert layer.extent().xMinimum() == WEST + 300
    assert layer.renderer().opacity() == 0.5
    assert 140 < drawn(desktop.canvas, layer).pixelColor(3, 3).red() < 147
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tif"] == ["2.tif"]
    # A class more, and another colour.
    more = (ClassInfo(1, "lake", "#0000ff"), *CLASSES[1:], ClassInfo(4, "town", "#aa0000"))
    preview.show(written(tmp_path / "3.tif", [b"\4"]), more, hatched=False)
    assert [item.label for item in layer.renderer().classes()] == ["lake", "forest", "town"]
    assert layer.renderer().opacity() == 0.5


def test_it_is_hidden_and_shown_as_a_layer_is(preview, project, tmp_path) -> None:
    preview.set_visible(False)
    preview.show(written(tmp_path / "1.tif", [b"\1"]), CLASSES, hatched=False)
    node = project.layerTreeRoot().findLayer(preview.layer.id())
    assert not node.itemVisibilityChecked()
    preview.set_visible(True)
    assert node.itemVisibilityChecked()
    heard = []
    preview.visibility_changed.connect(heard.append)
    node.setItemVisibilityChecked(False)
    assert heard == [False]


def test_it_lies_below_the_labels_and_above_all_else(preview, project, polygons, landsat, tmp_path) -> None:
    group = project.layerTreeRoot().insertGroup(0, "Labels")
    node = project.layerTreeRoot().findLayer(polygons.id())
    group.addChildNode(node.clone())
    project.layerTreeRoot().removeChildNode(node)
    preview.show(written(tmp_path / "1.tif", [b"\1"]), CLASSES, hatched=False, below=polygons.id())
    names = [layer.name() for layer in project.layerTreeRoot().layerOrder()]
    assert names == ["training_data", "Preview: classes", landsat[1].name(), landsat[0].name()]


def test_where_all_is_new_there_are_strokes(preview, desktop, tmp_path) -> None:
    made = written(tmp_path / "1.tif", [b"\1" * 40] * 40, novel=1)
    hatch(made, 40)
    preview.show(made, CLASSES, hatched=True)
    picture = drawn(desktop.canvas, preview.layer)
    row = [picture.pixelColor(x, 20) == QColor("#2060c0") for x in range(40)]
    assert row == ([False] * 5 + [True] * 5) * 4 or 15 <= sum(row) <= 25
    column = [picture.pixelColor(20, y) == QColor("#2060c0") for y in range(40)]
    assert 15 <= sum(column) <= 25
    assert row != [picture.pixelColor(x, 21) == QColor("#2060c0") for x in range(40)], "they lean"
    # They stay where they are on the ground when the map moves by three pixels.
    moved = written(tmp_path / "2.tif", [b"\1" * 40] * 40, novel=1, west=WEST + 3 * PIXEL)
    hatch(moved, 40)
    preview.show(moved, CLASSES, hatched=True)
    again = drawn(desktop.canvas, preview.layer)
    assert [again.pixelColor(x, 20) == QColor("#2060c0") for x in range(37)] == row[3:]


def test_where_nothing_is_new_there_are_no_strokes(preview, desktop, tmp_path) -> None:
    made = written(tmp_path / "1.tif", [b"\1" * 40] * 40)
    hatch(made, 40)
    preview.show(made, CLASSES, hatched=True)
    picture = drawn(desktop.canvas, preview.layer)
    assert all(picture.pixelColor(x, x) == QColor("#2060c0") for x in range(40))


def test_a_project_is_saved_without_it(preview, project, landsat, tmp_path, settled) -> None:
    project.setDirty(False)
    preview.show(written(tmp_path / "1.tif", [b"\1"]), CLASSES, hatched=False)
    layer_id = preview.layer.id()
    assert not project.isDirty(), "nobody is asked to save it"
    assert project.write(str(tmp_path / "kept.qgs"))
    assert "1.tif" not in (tmp_path / "kept.qgs").read_text(encoding="utf-8")
    settled()
    assert project.mapLayer(layer_id) is preview.layer, "it stays while it is looked at"
    assert [layer.name() for layer in project.layerTreeRoot().layerOrder()][0] == "Preview: classes"
    assert not project.isDirty()
    names = {layer.name() for layer in landsat}
    assert project.read(str(tmp_path / "kept.qgs"))
    assert {layer.name() for layer in project.mapLayers().values()} == names
    assert preview.layer is None


def test_who_takes_it_out_of_the_project_is_heard(preview, project, tmp_path, settled) -> None:
    heard = []
    preview.removed.connect(lambda: heard.append(True))
    first = written(tmp_path / "1.tif", [b"\1"])
    preview.show(first, CLASSES, hatched=False)
    project.removeMapLayer(preview.layer.id())
    assert heard == [True]
    assert preview.layer is None
    settled()
    assert not (tmp_path / "1.tif").exists()
    preview.show(written(tmp_path / "2.tif", [b"\1"]), CLASSES, hatched=False)
    assert preview.layer is not None
    project.clear()
    assert preview.layer is None
    settled()


def test_nothing_is_left_of_it(project, tmp_path) -> None:
    preview = PreviewLayer(project)
    listening = project.receivers(project.writeProject)
    preview.show(written(tmp_path / "1.tif", [b"\1"]), CLASSES, hatched=False)
    preview.close()
    assert project.mapLayers() == {}
    assert list(tmp_path.iterdir()) == []
    assert project.receivers(project.writeProject) == listening - 1


def test_a_file_without_strokes_is_shown_as_it_is(preview, desktop, tmp_path) -> None:
    preview.show(written(tmp_path / "1.tif", [b"\1\1"] * 2), CLASSES, hatched=True)
    plain = replace(written(tmp_path / "2.tif", [b"\1\1"] * 2), encoded=0.5)
    preview.show(plain, CLASSES, hatched=False)
    assert drawn(desktop.canvas, preview.layer).pixelColor(0, 0) == QColor("#2060c0")


def test_a_band_that_holds_nothing_is_no_complaint(preview, tmp_path, capfd) -> None:
    path = tmp_path / "1.tif"
    made = written(path, [b"\1\1\0\3"] * 4)
    raster = gdal.Open(str(path), gdal.GA_Update)
    raster.GetRasterBand(1).SetNoDataValue(0)
    raster.FlushCache()
    raster = None
    preview.show(made, CLASSES, hatched=False)
    assert preview.layer.isValid()
    assert "statistics" not in capfd.readouterr().err
