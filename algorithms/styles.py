"""How results look: renderers, legends and the provenance in a layer's metadata."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import Enum

from qgis.core import (
    NULL,
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsDateTimeRange,
    QgsEditorWidgetSetup,
    QgsFillSymbol,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRectangle,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime
from qgis.PyQt.QtGui import QColor

from .. import __version__
from ..inference.checking import DESIGN, REFERENCE
from ..inference.jobs import ClassInfo, Result
from .text import tr

# Of a magnitude of change: from where on it counts as one.
PROPERTY_THRESHOLD = "geofm/threshold"
_SAMPLE_PIXELS = 250_000
# Magnitudes below the threshold are not drawn, those just above it at once.
_BELOW = 1.0 - 1e-6
_DATE_FIELD = "date"
# What the dates of a raster of days are counted from.
_EPOCH = date(1970, 1, 1)


class Role(Enum):
    """What a result shows."""

    CLASSES = "classes"
    CONFIDENCE = "confidence"
    PROBABILITIES = "probabilities"
    CHANGED = "changed"
    NOVELTY = "novelty"
    POLYGONS = "polygons"
    MAGNITUDE = "magnitude"
    SIMILARITY = "similarity"
    FEATURES = "features"
    VALUES = "values"
    DATES = "dates"
    PICTURE = "picture"
    CHECKPOINTS = "checkpoints"
    PLACES = "places"


# Lightness grows along each ramp, so that they also read in grey and to the colour-blind.
_SURE = ("#46337e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")
_RAMPS = {
    Role.CONFIDENCE: _SURE,
    # Of the first class; the others are bands to choose from.
    Role.PROBABILITIES: _SURE,
    Role.MAGNITUDE: ("#0d0829", "#3b0f70", "#721f81", "#b73779", "#f1605d", "#feb078", "#fcfdbf"),
    Role.VALUES: ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725"),
    Role.DATES: ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725"),
    Role.SIMILARITY: ("#081d58", "#225ea8", "#1d91c0", "#7fcdbb", "#edf8b1", "#ffffd9"),
}
# The upper colours of the ramp of magnitudes, which stand out on imagery.
_CHANGED_COLORS = 4


def style(layer: QgsMapLayer, role: Role, result: Result) -> None:
    """Give a result its look and its provenance.

    Colours and names of class maps are in the file too, but as a list without gaps: QGIS would
    show an entry for "no data" and one for every number that no class has.

    Args:
        layer: the loaded result; only its renderer and metadata are changed.
        role: what it shows.
        result: the run that made it.
    """
    if isinstance(layer, QgsRasterLayer) and role in _RAMPS:
        threshold = float(result.facts.get("threshold") or 0.0)
        _style_values(layer, role, threshold)
        if role is Role.MAGNITUDE and threshold > 0:
            layer.setCustomProperty(PROPERTY_THRESHOLD, threshold)
    elif isinstance(layer, QgsRasterLayer) and role is Role.CLASSES and result.classes:
        _style_classes(layer, result.classes)
    elif isinstance(layer, QgsRasterLayer) and role is Role.CHANGED:
        _style_changed(layer, result)
    elif isinstance(layer, QgsVectorLayer) and role is Role.POLYGONS:
        _style_polygons(layer, result.classes)
    elif isinstance(layer, QgsVectorLayer) and role is Role.CHECKPOINTS:
        style_checkpoints(layer, result.classes)
    elif isinstance(layer, QgsVectorLayer) and role is Role.NOVELTY:
        _style_hatched(layer)
    set_times(layer, result)
    _describe(layer, result)


def style_on_load(result: Result, roles: Mapping[str, Role], context: QgsProcessingContext) -> None:
    """Have Processing style those results that it will load into the project."""
    for name, path in result.outputs.items():
        if name in roles and context.willLoadLayerOnCompletion(path):
            stylist = _Stylist(roles[name], result)
            _ALIVE.append(stylist)
            context.layerToLoadOnCompletionDetails(path).setPostProcessor(stylist)


class _Stylist(QgsProcessingLayerPostProcessorInterface):
    def __init__(self, role: Role, result: Result) -> None:
        super().__init__()
        self._role = role
        self._result = result

    def postProcessLayer(
        self,
        layer: QgsMapLayer,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        style(layer, self._role, self._result)


# Processing keeps only a bare pointer to a post-processor. A batch of runs loads its layers
# after the last of them; no batch of GeoFM's leaves more than this to load.
_ALIVE: deque[_Stylist] = deque(maxlen=1000)


def _style_values(layer: QgsRasterLayer, role: Role, threshold: float) -> None:
    provider = layer.dataProvider()
    low, high = _range(provider, role, threshold)
    shader = QgsColorRampShader(low, high, _ramp(role), QgsColorRampShader.Type.Interpolated)
    shader.setColorRampItemList(_items(role, low, high, threshold))
    function = QgsRasterShader(low, high)
    function.setRasterShaderFunction(shader)
    renderer = QgsSingleBandPseudoColorRenderer(provider, 1, function)
    renderer.setClassificationMin(low)
    renderer.setClassificationMax(high)
    layer.setRenderer(renderer)


def style_threshold(layer: QgsRasterLayer, threshold: float, highest: float) -> None:
    """Draw only what counts as changed, and remember from where on.

    Args:
        layer: a magnitude of change.
        threshold: above 0.
        highest: magnitude that occurs.
    """
    layer.setCustomProperty(PROPERTY_THRESHOLD, threshold)
    colors = _RAMPS[Role.MAGNITUDE][-_CHANGED_COLORS:]
    # A few extreme pixels must not make the rest all alike.
    high = min(max(highest, threshold * 1.01), 2.5 * threshold)
    items = [QgsColorRampShader.ColorRampItem(threshold * _BELOW, QColor(0, 0, 0, 0), tr("unchanged"))]
    for index, name in enumerate(colors):
        value = threshold + (high - threshold) * index / (len(colors) - 1)
        items.append(QgsColorRampShader.ColorRampItem(value, QColor(name), f"{value:.3g}"))
    shader = QgsColorRampShader(0.0, high, None, QgsColorRampShader.Type.Interpolated)
    shader.setColorRampItemList(items)
    function = QgsRasterShader(0.0, high)
    function.setRasterShaderFunction(shader)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, function))


def _range(provider: QgsRasterDataProvider, role: Role, threshold: float) -> tuple[float, float]:
    """The values that the two ends of the ramp stand for."""
    if role is Role.CONFIDENCE:
        return 0.0, 100.0
    if role is Role.PROBABILITIES:
        return 0.0, 1.0
    if role is Role.MAGNITUDE and threshold > 0:
        # What counts as changed is the upper half of the ramp.
        return 0.0, 2.0 * threshold
    found = provider.bandStatistics(1, extent=QgsRectangle(), sampleSize=_SAMPLE_PIXELS)
    # A few extreme pixels must not flatten the rest.
    spread = 2.5 * found.stdDev
    low = 0.0 if role is Role.MAGNITUDE else max(found.minimumValue, found.mean - spread)
    high = min(found.maximumValue, found.mean + spread)
    return (low, high) if high > low else (low, low + 1.0)


def _ramp(role: Role) -> QgsGradientColorRamp:
    colors = [QColor(name) for name in _RAMPS[role]]
    last = len(colors) - 1
    stops = [QgsGradientStop(i / last, color) for i, color in enumerate(colors[1:-1], 1)]
    return QgsGradientColorRamp(colors[0], colors[-1], False, stops)


def _items(
    role: Role, low: float, high: float, threshold: float
) -> list[QgsColorRampShader.ColorRampItem]:
    """The legend: one entry a colour of the ramp, evenly spaced."""
    last = len(_RAMPS[role]) - 1
    items = []
    for index, name in enumerate(_RAMPS[role]):
        value = low + (high - low) * index / last
        label = f"{value:.0f} %" if role is Role.CONFIDENCE else f"{value:.3g}"
        if role is Role.DATES:
            label = (_EPOCH + timedelta(days=value)).isoformat()
        if threshold > 0 and value == threshold:
            label = tr("{} (threshold)").format(label)
        items.append(QgsColorRampShader.ColorRampItem(value, QColor(name), label))
    return items


def _style_classes(layer: QgsRasterLayer, classes: Sequence[ClassInfo]) -> None:
    shown = [
        QgsPalettedRasterRenderer.Class(info.value, QColor(info.color), info.name) for info in classes
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, shown))


def _style_changed(layer: QgsRasterLayer, result: Result) -> None:
    """What changed pixels of a refined map; what stayed as it was lets the map through."""
    told = result.facts.get("refined") or []
    shown = [QgsPalettedRasterRenderer.Class(0, QColor(0, 0, 0, 0), tr("unchanged"))]
    shown += [
        QgsPalettedRasterRenderer.Class(one["value"], QColor(one["color"]), one["cause"]) for one in told
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, shown))


def _style_polygons(layer: QgsVectorLayer, classes: Sequence[ClassInfo]) -> None:
    present = layer.uniqueValues(layer.fields().lookupField("class"))
    categories = []
    for info in classes:
        if info.value not in present:
            continue
        symbol = QgsFillSymbol.createSimple(
            {"color": info.color, "outline_color": "#40404080", "outline_width": "0.1"}
        )
        categories.append(QgsRendererCategory(info.value, symbol, info.name))
    if categories:
        layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
        layer.setOpacity(0.75)


def style_checkpoints(layer: QgsVectorLayer, classes: Sequence[ClassInfo]) -> None:
    """Rings for points that wait for an answer, dots in the class's colour for those that have one.

    The class is chosen from a list, and what only an assessment needs is out of sight: it would tell
    the checker what the map shows. A file beside the points keeps all of it for the next time.
    """
    ring = {"name": "circle", "size": "2.6", "outline_width": "0.5"}
    hollow = {**ring, "color": "0,0,0,0"}
    waiting = QgsMarkerSymbol.createSimple({**hollow, "outline_color": "#ffffff"})
    halo = QgsMarkerSymbol.createSimple({**hollow, "size": "3.4", "outline_color": "#202020"})
    waiting.appendSymbolLayer(halo.takeSymbolLayer(0))
    categories = [QgsRendererCategory(NULL, waiting, tr("not checked yet"))]
    for info in classes:
        dot = QgsMarkerSymbol.createSimple({**ring, "color": info.color, "outline_color": "#202020"})
        categories.append(QgsRendererCategory(info.name, dot, info.name))
    layer.setRenderer(QgsCategorizedSymbolRenderer(REFERENCE, categories))
    names = [{info.name: info.name} for info in classes]
    layer.setEditorWidgetSetup(
        layer.fields().lookupField(REFERENCE), QgsEditorWidgetSetup("ValueMap", {"map": names})
    )
    table = layer.attributeTableConfig()
    table.update(layer.fields())
    columns = table.columns()
    for column in columns:
        column.hidden = column.hidden or column.name in DESIGN
    table.setColumns(columns)
    layer.setAttributeTableConfig(table)
    for name in DESIGN:
        layer.setEditorWidgetSetup(layer.fields().lookupField(name), QgsEditorWidgetSetup("Hidden", {}))
    # Beside the file, not in it: closing a second connection to it would break the layer's own. A folder
    # that cannot be written to keeps no looks.
    layer.saveNamedStyle(layer.styleURI())


def _style_hatched(layer: QgsVectorLayer) -> None:
    """Hatching that lets the map below be read, on light ground and on dark, and no outlines.

    In millimetres, so that it looks alike at every scale; outlines would blacken areas of a few pixels.
    """
    symbol = QgsFillSymbol()
    symbol.deleteSymbolLayer(0)
    for color, width in (("#ffffffb4", 1.0), ("#1a1a1aff", 0.35)):
        lines = QgsLinePatternFillSymbolLayer()
        lines.setLineAngle(45)
        lines.setDistance(2.2)
        lines.setSubSymbol(QgsLineSymbol.createSimple({"line_color": _rgba(color), "line_width": str(width)}))
        symbol.appendSymbolLayer(lines)
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def _rgba(color: str) -> str:
    """``#rrggbbaa`` as QGIS writes colours in properties."""
    return ",".join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5, 7))


def set_times(layer: QgsMapLayer, result: Result) -> None:
    """Tell QGIS's temporal controller when a result holds.

    Polygons with a date appear on their day and stay; a raster made from several dates is shown
    from the first of them to the last.
    """
    days = [QDate.fromString(str(day), Qt.DateFormat.ISODate) for day in result.facts.get("dates", ())]
    times = layer.temporalProperties()
    if isinstance(layer, QgsVectorLayer) and layer.fields().lookupField(_DATE_FIELD) >= 0:
        times.setMode(Qgis.VectorTemporalMode.FeatureDateTimeInstantFromField)
        times.setStartField(_DATE_FIELD)
        times.setAccumulateFeatures(True)
        times.setIsActive(True)
    elif isinstance(layer, QgsRasterLayer) and len(days) == 2:
        times.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
        first, last = (QDateTime(day, QTime(0, 0), Qt.TimeSpec.UTC) for day in (days[0], days[1].addDays(1)))
        times.setFixedTemporalRange(QgsDateTimeRange(first, last, True, False))
        times.setIsActive(True)


def _describe(layer: QgsMapLayer, result: Result) -> None:
    """Provenance into the layer's metadata, where the layer's properties show it."""
    metadata = layer.metadata()
    metadata.setTitle(layer.name())
    made_with = tr("Made by GeoFM {} with the model {}.") if result.model else tr("Made by GeoFM {}.")
    metadata.setAbstract(made_with.format(__version__, result.model))
    metadata.setHistory(
        [
            tr("Computed on {}: {}").format(result.device, result.device_reason),
            tr("The job file that repeats this run: {}").format(
                f"{next(iter(result.outputs.values()))}.job.json"
            ),
            *result.warnings,
        ]
    )
    layer.setMetadata(metadata)
