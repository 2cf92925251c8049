"""The parameters that algorithms share: one maker for each, names as in the public contract."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    NULL,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..inference.bands import PRESETS
from ..inference.catalog import default_catalog
from ..inference.jobs import GRIDS, KEEPS, Task
from .text import tr

# A list of Processing is fixed: as many GPUs as a large server has.
DEVICES = ("auto", "cpu", "cuda", *(f"cuda:{number}" for number in range(8)))
_WIDGET = f"{__package__}.widgets.ModelWidget"


def rasters(name: str, title: str, help_text: str) -> QgsProcessingParameterDefinition:
    """One or many raster layers."""
    parameter = QgsProcessingParameterMultipleLayers(
        name, title, QgsProcessing.SourceType.TypeRaster
    )
    return _helped(parameter, help_text)


def raster(name: str, title: str, help_text: str) -> QgsProcessingParameterDefinition:
    """One raster layer."""
    return _helped(QgsProcessingParameterRasterLayer(name, title), help_text)


def model(task: Task, default: str) -> QgsProcessingParameterDefinition:
    """A catalogue id or a path; the catalogue's models for the task are offered."""
    parameter = QgsProcessingParameterString("MODEL", tr("Model"), default)
    offered = [card.id for card in default_catalog().cards() if task.value in card.tasks]
    # The class by name, so that the definition stays plain data; "models" is ours.
    parameter.setMetadata({"widget_wrapper": {"class": _WIDGET, "models": offered}})
    return _helped(
        parameter, tr("A model of the catalogue by its id, or the path of a card or ONNX file.")
    )


def false_alarms(text: str) -> QgsProcessingParameterDefinition:
    """The optional rate of false alarms that sets a threshold of change, in percent."""
    kind = QgsProcessingParameterNumber.Type.Double
    title = tr("False alarms, in percent of the unchanged ground")
    return _helped(
        QgsProcessingParameterNumber("FALSE_ALARMS", title, kind, None, True, 0.0, 50.0), text
    )


def classifier() -> QgsProcessingParameterDefinition:
    """A taught classifier."""
    parameter = QgsProcessingParameterFile("CLASSIFIER", tr("Classifier"), extension="geofm")
    return _helped(parameter, tr("A file that “Train a classifier” or the page Teach wrote."))


def points_output(title: str) -> QgsProcessingParameterDefinition:
    """A layer of points."""
    kind = QgsProcessing.SourceType.TypeVectorPoint
    return QgsProcessingParameterVectorDestination("OUTPUT", title, kind)


def extent() -> QgsProcessingParameterDefinition:
    """The optional limit of a run."""
    parameter = QgsProcessingParameterExtent("EXTENT", tr("Extent to work in"), optional=True)
    return _helped(
        parameter, tr("Empty for the whole image. The result covers whole pixels around it.")
    )


def area() -> QgsProcessingParameterDefinition:
    """The optional polygons that limit a run further."""
    polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
    parameter = QgsProcessingParameterFeatureSource(
        "AREA", tr("Area to work in (polygons)"), polygons, None, True
    )
    return _helped(
        parameter,
        tr("Only pixels whose centre lies in a polygon are computed; the rest is left without data."),
    )


def device() -> QgsProcessingParameterDefinition:
    """Where to compute."""
    parameter = QgsProcessingParameterEnum(
        "DEVICE", tr("Device"), list(DEVICES), False, DEVICES[0], True, True
    )
    return as_advanced(
        _helped(
            parameter,
            tr(
                "auto takes the GPU if it is usable, of several the one with the most free memory; cuda:0, "
                "cuda:1 and so on are one of them. The log says which was used, and why."
            ),
        )
    )


def bands() -> QgsProcessingParameterDefinition:
    """What the bands are, where the files do not say it."""
    parameter = QgsProcessingParameterString(
        "BANDS", tr("Band names, where the layers do not tell them"), None, False, True
    )
    presets = ", ".join(PRESETS)
    return as_advanced(
        _helped(
            parameter,
            tr(
                "Names in the layers' order (B02,B03,B04,B08), - for an unknown band, ; between "
                "layers; or one of: {}."
            ).format(presets),
        )
    )


def scale() -> QgsProcessingParameterDefinition:
    """Factor to reflectance, where the files do not say it."""
    parameter = QgsProcessingParameterNumber(
        "SCALE",
        tr("Scale to reflectance, where the layers do not tell it"),
        QgsProcessingParameterNumber.Type.Double,
        None,
        True,
    )
    return as_advanced(_helped(parameter, tr("Stored numbers times this are reflectance: 0.0001.")))


def offset() -> QgsProcessingParameterDefinition:
    """What is added after the scale, where the files do not say it."""
    parameter = QgsProcessingParameterNumber(
        "OFFSET",
        tr("Offset of reflectance, where the layers do not tell it"),
        QgsProcessingParameterNumber.Type.Double,
        None,
        True,
    )
    text = tr("Added after the scale: -0.1 for Sentinel-2 products of 2022 and later.")
    return as_advanced(_helped(parameter, text))


def grid() -> QgsProcessingParameterDefinition:
    """Onto whose grid several layers are brought."""
    parameter = QgsProcessingParameterEnum(
        "GRID", tr("Grid of several layers"), list(GRIDS), False, GRIDS[0], True, True
    )
    text = tr("That of the first layer, or of the finest: the one with the smallest pixels on the ground.")
    return as_advanced(_helped(parameter, text))


def resolution() -> QgsProcessingParameterDefinition:
    """Pixel size of layers that leave it open."""
    parameter = QgsProcessingParameterNumber(
        "RESOLUTION",
        tr("Pixel size of layers that are no files"),
        QgsProcessingParameterNumber.Type.Double,
        None,
        True,
        0.0,
    )
    text = tr(
        "Of web maps (XYZ, WMS) and coverage services, in the units of their coordinate system. Empty: "
        "like the first file among the layers, else their own."
    )
    return as_advanced(_helped(parameter, text))


def keep() -> QgsProcessingParameterDefinition:
    """What a classifier's file keeps of the samples."""
    parameter = QgsProcessingParameterEnum(
        "KEEP", tr("Kept of the samples"), list(KEEPS), False, KEEPS[0], True, True
    )
    text = tr(
        "places keeps them with where, when and by whom they were labelled; features keeps no more than "
        "teaching on needs; with nothing nobody can go on teaching."
    )
    return as_advanced(_helped(parameter, text))


def block_size() -> QgsProcessingParameterDefinition:
    """How much ground a cross-validation leaves out at once."""
    parameter = QgsProcessingParameterNumber(
        "BLOCK_SIZE",
        tr("Side of the blocks left out to measure the accuracy, in metres"),
        QgsProcessingParameterNumber.Type.Double,
        None,
        True,
        0.0,
    )
    text = tr("Samples of one block are left out together. Empty: as wide as the image is alike there.")
    return as_advanced(_helped(parameter, text))


def what_helped() -> QgsProcessingParameterDefinition:
    """Whether each layer is left out once."""
    parameter = QgsProcessingParameterBoolean(
        "WHAT_HELPED", tr("Tell what each layer was good for"), False, True
    )
    text = tr(
        "Measures the accuracy again with each layer left out, and how much of the difference is chance. "
        "Takes about as long again for each of them."
    )
    return as_advanced(_helped(parameter, text))


def date(name: str, title: str) -> QgsProcessingParameterDefinition:
    """Date of acquisition, where the files do not say it."""
    parameter = QgsProcessingParameterString(name, title, None, False, True)
    return as_advanced(_helped(parameter, tr("Year-month-day. Some models use the season.")))


def advanced(date_title: str = "") -> list[QgsProcessingParameterDefinition]:
    """DEVICE, GRID, RESOLUTION, BANDS, SCALE, OFFSET and DATE, which every algorithm has."""
    when = date("DATE", date_title or tr("Date of the image"))
    return [device(), grid(), resolution(), bands(), scale(), offset(), when]


def raster_output(
    name: str, title: str, optional: bool = False, created: bool = True
) -> QgsProcessingParameterDefinition:
    """A raster that the run writes; ``created`` says whether dialogs propose an optional one."""
    return QgsProcessingParameterRasterDestination(name, title, None, optional, created)


def polygons_output(
    created: bool = False, name: str = "POLYGONS", title: str = ""
) -> QgsProcessingParameterDefinition:
    """Polygons, by default those of a map."""
    return QgsProcessingParameterVectorDestination(
        name, title or tr("Polygons"), QgsProcessing.SourceType.TypeVectorPolygon, None, True, created
    )


def refusal_options() -> list[QgsProcessingParameterDefinition]:
    """REFUSE_BELOW and REFUSE_NOVEL: which pixels a map calls unknown instead of guessing."""
    below = QgsProcessingParameterNumber(
        "REFUSE_BELOW",
        tr("Call unknown what is less sure than, in percent"),
        QgsProcessingParameterNumber.Type.Double,
        0.0,
        True,
        0.0,
        100.0,
    )
    novel = QgsProcessingParameterBoolean(
        "REFUSE_NOVEL", tr("Call unknown what is unlike anything labelled"), False, True
    )
    return [
        as_advanced(_helped(below, tr("0 gives every pixel the likeliest class."))),
        as_advanced(_helped(novel, tr("There a classifier can only guess, however sure it says it is."))),
    ]


def polygon_options() -> list[QgsProcessingParameterDefinition]:
    """MIN_AREA and SIMPLIFY: how fine the polygons of a map are."""
    options = (
        (
            "MIN_AREA",
            tr("Smallest polygon, in square metres"),
            tr("Smaller ones become part of what surrounds them. The raster stays as it is."),
        ),
        (
            "SIMPLIFY",
            tr("Tolerance of the polygons' borders, in pixels"),
            tr("0 keeps the edges of the pixels; 2 rounds their steps off. Neighbours keep common borders."),
        ),
    )
    kind = QgsProcessingParameterNumber.Type.Double
    made = (
        _helped(QgsProcessingParameterNumber(name, title, kind, 0.0, True, 0.0), text)
        for name, title, text in options
    )
    return [as_advanced(parameter) for parameter in made]


def polygon_fields(
    algorithm: QgsProcessingAlgorithm, values: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """The fields of a job that the polygon options stand for."""
    names = {"min_area": "MIN_AREA", "simplify": "SIMPLIFY"}
    return {
        field: number_or_none(algorithm, values, name, context) or 0.0 for field, name in names.items()
    }


def file_output(
    name: str, title: str, kind: str, optional: bool = False, created: bool = True
) -> QgsProcessingParameterDefinition:
    """A file that is no layer; ``kind`` is a Qt file filter."""
    return QgsProcessingParameterFileDestination(name, title, kind, None, optional, created)


def folder(name: str, title: str) -> QgsProcessingParameterDefinition:
    """A folder for the maps of many images."""
    parameter = QgsProcessingParameterFolderDestination(name, title)
    text = tr("The maps are called after the images; maps of an earlier run are replaced.")
    return _helped(parameter, text)


def _helped(parameter: Any, text: str) -> QgsProcessingParameterDefinition:
    parameter.setHelp(text)
    return parameter


def as_advanced(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """The parameter among those that dialogs fold away."""
    parameter.setFlags(
        parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced
    )
    return parameter


def number_or_none(
    algorithm: QgsProcessingAlgorithm,
    values: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
) -> float | None:
    """The number of an optional parameter; None, which Processing cannot say, if it was left empty."""
    value = values.get(name)
    if value is None or value == "" or value == NULL:
        return None
    return float(algorithm.parameterAsDouble(values, name, context))
