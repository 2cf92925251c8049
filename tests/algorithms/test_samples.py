"""Samples as the user sees them become the file that a job names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeatureSourceDefinition,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import Job, SampleRef


@pytest.fixture
def taught(
    job_of: Callable[..., Job], landsat_path: Path, tmp_path: Path
) -> Callable[..., SampleRef]:
    """The samples of the job that trainclassifier sends."""

    def build(samples: Any, field: str = "class") -> SampleRef:
        job = job_of(
            "trainclassifier",
            INPUT=[str(landsat_path)],
            SAMPLES=samples,
            FIELD=field,
            MODEL="spectral-texture",
            OUTPUT=str(tmp_path / "out.geofm"),
        )
        assert job.samples is not None
        return job.samples

    return build


def _classes(ref: SampleRef) -> list[str]:
    layer = QgsVectorLayer(f"{ref.path}|layername={ref.layer}" if ref.layer else ref.path, "x", "ogr")
    assert layer.isValid()
    return sorted(str(feature[ref.field]) for feature in layer.getFeatures())


def test_a_file_is_named(taught: Any, polygons: QgsVectorLayer, polygons_path: Path, tmp_path: Path) -> None:
    expected = SampleRef(str(polygons_path), "", "class", "")
    assert taught(polygons) == expected
    assert taught(polygons.id()) == expected
    assert taught(str(polygons_path)) == expected
    assert taught(QgsProcessingFeatureSourceDefinition(polygons.id())) == expected
    assert not list(tmp_path.glob("*.gpkg"))


def test_a_filter_goes_along(taught: Any, polygons: QgsVectorLayer, polygons_path: Path) -> None:
    polygons.setSubsetString("\"class\" <> 'urban'")
    assert taught(polygons) == SampleRef(str(polygons_path), "", "class", "\"class\" <> 'urban'")


def test_a_layer_of_a_geopackage_keeps_its_name(
    taught: Any, polygons: QgsVectorLayer, tmp_path: Path
) -> None:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "plots"
    path = str(tmp_path / "p.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(polygons, path, polygons.transformContext(), options)
    assert taught(f"{path}|layername=plots") == SampleRef(path, "plots", "class", "")


def test_only_the_selected_features_are_used(taught: Any, polygons: QgsVectorLayer, tmp_path: Path) -> None:
    polygons.selectByExpression("\"class\" in ('water', 'urban')")
    ref = taught(QgsProcessingFeatureSourceDefinition(polygons.id(), True))
    assert ref == SampleRef(str(tmp_path / "out.geofm.samples.gpkg"), "samples", "class", "")
    assert _classes(ref) == ["urban"] * 2 + ["water"] * 5


def test_nothing_selected_is_a_sentence(taught: Any, polygons: QgsVectorLayer) -> None:
    polygons.removeSelection()
    with pytest.raises(UnsupportedInput, match="has no features") as caught:
        taught(QgsProcessingFeatureSourceDefinition(polygons.id(), True))
    assert "select some" in caught.value.hint


def test_unsaved_edits_count(taught: Any, polygons_path: Path, qgis_app: Any, tmp_path: Path) -> None:
    for part in polygons_path.parent.glob("training_data.*"):
        shutil.copy(part, tmp_path)
    layer = QgsVectorLayer(str(tmp_path / "training_data.shp"), "edited", "ogr")
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    ref = taught(layer)
    assert ref.path.endswith(".samples.gpkg")
    assert len(_classes(ref)) == 29
    layer.rollBack()


def test_a_memory_layer_is_written_with_its_field_called_fid(taught: Any, qgis_app: Any) -> None:
    layer = QgsVectorLayer("Point?crs=EPSG:32615&field=fid:integer", "points", "memory")
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY

    for value in (3, 3, 4):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([value])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(463000 + value, 1738000)))
        layer.dataProvider().addFeature(feature)
    assert _classes(taught(layer, "fid")) == ["3", "3", "4"]


def test_a_layer_moved_to_another_crs_is_written_there(taught: Any, polygons: QgsVectorLayer) -> None:
    polygons.setCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
    ref = taught(polygons)
    written = QgsVectorLayer(f"{ref.path}|layername={ref.layer}", "x", "ogr")
    assert written.crs().authid() == "EPSG:32616"
    assert written.extent().center().distance(polygons.extent().center()) < 0.001


def test_a_missing_field_names_those_there(taught: Any, polygons: QgsVectorLayer) -> None:
    with pytest.raises(UnsupportedInput, match="no field kind") as caught:
        taught(polygons, "kind")
    assert "id, class" in caught.value.hint


@pytest.fixture
def area_of(
    job_of: Callable[..., Job], landsat_path: Path, tmp_path: Path
) -> Callable[..., SampleRef | None]:
    """The area of the job that cluster sends."""

    def build(area: Any) -> SampleRef | None:
        given = {"INPUT": [str(landsat_path)], "MODEL": "spectral-texture", "CLASSES": 3, "AREA": area}
        return job_of("cluster", **given, OUTPUT=str(tmp_path / "out.tif")).area

    return build


def test_an_area_is_named_or_written_as_samples_are(
    area_of: Any, polygons: QgsVectorLayer, polygons_path: Path, tmp_path: Path
) -> None:
    assert area_of(None) is None
    assert area_of("") is None
    assert area_of(polygons) == area_of(str(polygons_path)) == SampleRef(str(polygons_path))
    polygons.selectByExpression("\"class\" = 'water'")
    ref = area_of(QgsProcessingFeatureSourceDefinition(polygons.id(), True))
    assert ref == SampleRef(str(tmp_path / "out.tif.area.gpkg"), "area")
    assert QgsVectorLayer(f"{ref.path}|layername=area", "x", "ogr").featureCount() == 5


def test_an_area_without_polygons_is_a_sentence(area_of: Any, polygons: QgsVectorLayer) -> None:
    polygons.removeSelection()
    with pytest.raises(UnsupportedInput, match="has no polygons to work in"):
        area_of(QgsProcessingFeatureSourceDefinition(polygons.id(), True))
