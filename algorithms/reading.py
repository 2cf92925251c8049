"""What the parameters of an algorithm say: its layers, its extent, its files.

Layers are touched here, so all of it belongs on the thread they live on.
"""

from __future__ import annotations

import os
import re
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsReferencedRectangle,
)

from ..inference.errors import InvalidRequest, UnsupportedInput
from ..inference.jobs import Extent
from .datasets import open_or_none
from .layers import RasterSource, Stated, crs_text, raster_source, with_stated
from .parameters import number_or_none
from .samples import SampleSource
from .series import dated_files, read_folder
from .text import tr

# A GDAL name of a dataset within a file, as ``NETCDF:"scene.nc":red``.
_WITHIN = re.compile(r'\w{3,}:("|/|\w:)')
_SUFFIXES = {
    QgsProcessingParameterRasterDestination: (".tif", ".tiff"),
    QgsProcessingParameterVectorDestination: (".gpkg",),
}


def check_layers(given: Any, context: QgsProcessingContext) -> None:
    """Say which of the rasters that are named by text cannot be opened.

    Raises:
        UnsupportedInput: naming the first.
    """
    hint = QgsProcessingUtils.LayerHint.Raster
    for item in given if isinstance(given, (list, tuple)) else [given]:
        if not isinstance(item, str):
            continue
        if QgsProcessingUtils.mapLayerFromString(item, context, True, hint) is None:
            raise UnsupportedInput(tr("{} cannot be opened as a raster.").format(item), _advice(item))


def opened(given: Any, context: QgsProcessingContext) -> Any:
    """A raster parameter as Processing knows it.

    Each dataset within a file is opened and named by its layer's id, for Processing knows no text for
    one; a folder stands for its rasters that say their dates, the earliest first.

    Raises:
        UnsupportedInput: if no raster of a folder says its date.
    """
    if isinstance(given, (list, tuple)):
        return [one for item in given for one in _listed(opened(item, context))]
    if isinstance(given, str) and os.path.isdir(given):
        return [path for path, _ in dated_files(given)]
    if not isinstance(given, str) or not _WITHIN.match(given):
        return given
    layer = QgsRasterLayer(given, given.rsplit(":", 1)[-1].strip("/"))
    return context.temporaryLayerStore().addMapLayer(layer).id() if layer.isValid() else given


def _listed(item: Any) -> list[Any]:
    return list(item) if isinstance(item, list) else [item]


def left_out(given: Any) -> list[str]:
    """Sentences about the files of folders that say no date, and are not read."""
    items = given if isinstance(given, (list, tuple)) else [given]
    folders = [item for item in items if isinstance(item, str) and os.path.isdir(item)]
    return [sentence for folder in folders for sentence in read_folder(folder).warnings()]


def _advice(item: str) -> str:
    dataset = open_or_none(item)
    inside = dataset.GetSubDatasets() if dataset is not None else []
    if inside:
        names = ", ".join(name for name, _ in inside[:4])
        return tr("It holds several datasets; choose one, such as {}.").format(names)
    return tr("Give the name of a raster layer or the path of a raster file.")


def layers(
    algorithm: QgsProcessingAlgorithm, values: dict[str, Any], name: str, context: QgsProcessingContext
) -> list[RasterSource]:
    """The rasters of the parameter ``name``.

    Raises:
        UnsupportedInput: if there is none or one of them is no raster that can be opened.
    """
    found: list[QgsMapLayer] = algorithm.parameterAsLayerList(values, name, context)
    given = values.get(name)
    missing = len(given) - len(found) if isinstance(given, (list, tuple)) else 0
    if not found or missing > 0:
        raise UnsupportedInput(
            tr("{} of the layers of {} cannot be opened.").format(missing, name)
            if missing > 0
            else tr("{} names no raster layer.").format(name),
            tr("Choose at least one raster layer; a path must lead to a raster file."),
        )
    return [raster_source(layer) for layer in found]


def stated(
    algorithm: QgsProcessingAlgorithm,
    values: dict[str, Any],
    inputs: list[RasterSource],
    after: list[RasterSource],
    context: QgsProcessingContext,
) -> tuple[list[RasterSource], list[RasterSource]]:
    """The sources with what BANDS, SCALE, OFFSET, DATE and DATE_AFTER say of them."""
    bands = algorithm.parameterAsString(values, "BANDS", context).strip()
    scale, offset = (number_or_none(algorithm, values, key, context) for key in ("SCALE", "OFFSET"))
    dates = [
        algorithm.parameterAsString(values, name, context).strip()
        if algorithm.parameterDefinition(name) is not None
        else ""
        for name in ("DATE", "DATE_AFTER")
    ]
    parts = bands.split(";")
    halves = [bands, bands]
    if after and len(parts) == len(inputs) + len(after):
        halves = [";".join(parts[: len(inputs)]), ";".join(parts[len(inputs) :])]
    return (
        with_stated(inputs, Stated(halves[0], scale, offset, dates[0])),
        with_stated(after, Stated(halves[1], scale, offset, dates[1])) if after else [],
    )


def extent(
    algorithm: QgsProcessingAlgorithm,
    values: dict[str, Any],
    usual: QgsCoordinateReferenceSystem,
    context: QgsProcessingContext,
) -> QgsReferencedRectangle | None:
    """The rectangle of EXTENT, in ``usual`` where it does not say in which coordinate system.

    Raises:
        InvalidRequest: if it has no area.
    """
    rectangle = algorithm.parameterAsExtent(values, "EXTENT", context)
    if rectangle.isNull():
        return None
    if rectangle.isEmpty() or not rectangle.isFinite():
        raise InvalidRequest(tr("The extent has no area."), tr("Draw or type a larger one."))
    crs = algorithm.parameterAsExtentCrs(values, "EXTENT", context)
    return QgsReferencedRectangle(rectangle, crs if crs.isValid() else usual)


def job_extent(rectangle: QgsReferencedRectangle | None) -> Extent | None:
    """A rectangle as a job has it."""
    if rectangle is None:
        return None
    corners = rectangle.xMinimum(), rectangle.yMinimum(), rectangle.xMaximum(), rectangle.yMaximum()
    return Extent(*corners, crs_text(rectangle.crs()))


def reach(area: SampleSource | None) -> QgsReferencedRectangle | None:
    """The rectangle around an area: as much of a layer without a file is copied."""
    if area is None:
        return None
    return QgsReferencedRectangle(area.source.sourceExtent(), area.source.sourceCrs())


def checked_path(definition: QgsProcessingParameterDefinition, path: str) -> str:
    """The path of a result, if the engine writes such files there.

    Raises:
        InvalidRequest: naming the endings that it may have.
    """
    suffixes = _SUFFIXES.get(type(definition), ())
    if suffixes and not path.lower().endswith(suffixes):
        raise InvalidRequest(
            tr("{} cannot be written to {}.").format(definition.name(), path),
            tr("Its file name must end with {}.").format(tr(" or ").join(suffixes)),
        )
    return path
