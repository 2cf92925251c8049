"""Check a map: points drawn at random, visited in turn, answered by keys, assessed."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QDateTime, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QSpinBox, QWidget

from ...algorithms.checkpoints import COUNT
from ...algorithms.text import tr
from ...inference.checking import NUMBER, REFERENCE, SEEN_AT, STRATUM
from ...inference.errors import present
from ..desk import Desk
from ..kept import file_stem_of, folder_beside
from ..layers import RESULT
from ..place_mark import Place
from ..requests import LayerRef, Request, Step, free_path
from ..state import Phase
from ..visits import Answer, VisitBar
from ..widgets import column, form, muted, narrow_combo, row

_MOST_POINTS = 10_000
# How many of the map's pixels are shown from side to side.
_SPAN = 60
_CLEAR = "0"
# Digits first, then the letters that the bar does not need itself.
_KEYS = "123456789" + "acdefghijkl" + "opqrstuvwxyz"


class Checking(QWidget):
    """Draws check points of a map, takes the person from one to the next, and has the map assessed.

    An answer is in the points' file as soon as it is given.

    Signals:
        run_wanted: a :class:`~..requests.Request` that the dock shall run.
    """

    run_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk = desk
        self._shown: QgsVectorLayer | None = None
        self._names: dict[str, str] = {}
        self._closed = False
        self._build()
        self._lay_out()
        self._connect()
        self._look()

    # --- made of ------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._desk.theme
        self.map = narrow_combo(QgsMapLayerComboBox())
        self.map.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.map.setToolTip(tr("The map of classes that is to be checked"))
        self.count = QSpinBox()
        self.count.setRange(2, _MOST_POINTS)
        self.count.setValue(COUNT)
        self.count.setToolTip(tr("Two of each class at least; 50 of each are usual"))
        self.draw = QPushButton(tr("Draw points"))
        self.draw.setToolTip(tr("Draw check points of the map at random, each class by itself"))
        self.points = narrow_combo(QgsMapLayerComboBox())
        self.points.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.points.setToolTip(tr("Check points that were drawn, now or earlier"))
        self.progress = QLabel()
        self.start = QPushButton(tr("Go on checking"))
        self.start.setToolTip(tr("Go to the next point without an answer; the map is put out of sight"))
        theme.bind(self.start, "dock-place")
        self.problem = muted()
        self.bar = VisitBar(self._desk)
        self.assess = QPushButton(tr("Assess the map"))
        self.assess.setToolTip(tr("Accuracy and areas with intervals, from the points that have an answer"))
        theme.bind(self.assess, "dock-report")
        self.hint = muted(
            tr("Draw points of a map at random and say what is really there: that tells how right it is.")
        )

    def _lay_out(self) -> None:
        drawing = row()
        drawing.addWidget(self.count, 1)
        drawing.addWidget(self.draw, 2)
        fields = form()
        fields.addRow(tr("Map"), self.map)
        fields.addRow(tr("How many"), drawing)
        self._points_title = QLabel(tr("Points"))
        fields.addRow(self._points_title, self.points)
        self._chosen = QWidget()
        self._chosen.setProperty("geofm", "plain")
        going = row()
        going.addWidget(self.progress, 1)
        going.addWidget(self.start)
        inner = column(self._chosen)
        inner.addLayout(going)
        inner.addWidget(self.bar)
        inner.addWidget(self.problem)
        inner.addWidget(self.assess)
        layout = column(self)
        layout.addWidget(self.hint)
        layout.addLayout(fields)
        layout.addWidget(self._chosen)

    def _connect(self) -> None:
        self.draw.clicked.connect(self._on_draw)
        self.assess.clicked.connect(self._on_assess)
        self.start.clicked.connect(self._on_start)
        self.points.layerChanged.connect(self._on_points)
        self.map.layerChanged.connect(self._on_points)
        self.bar.answered.connect(self._on_answered)
        self._desk.model.phase_changed.connect(self._on_phase)
        project = self._desk.project
        project.layersAdded.connect(self._on_added)
        project.layersRemoved.connect(self._look)

    def close_panel(self) -> None:
        """Let go of the project and the map. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._desk.project.layersAdded.disconnect(self._on_added)
        self._desk.project.layersRemoved.disconnect(self._look)
        self.bar.close_bar()

    # --- what there is --------------------------------------------------------------------------

    def _look(self) -> None:
        """Only check points are offered."""
        layers = self._desk.project.mapLayers().values()
        self.points.setExceptedLayerList([layer for layer in layers if not _are_check_points(layer)])
        self._on_points()

    def _on_added(self, layers: list[QgsMapLayer]) -> None:
        """A new map of classes is likely to be checked, and points that were just drawn are."""
        self._look()
        for layer in layers:
            if isinstance(layer, QgsRasterLayer) and isinstance(layer.renderer(), QgsPalettedRasterRenderer):
                self.map.setLayer(layer)
            elif _are_check_points(layer):
                self.points.setLayer(layer)

    def _on_phase(self, phase: Phase) -> None:
        """What a run drew has its looks, which name the classes, when the run is over."""
        if phase is Phase.READY:
            self._on_points()
        else:
            self._bind()

    def _on_points(self) -> None:
        """Show the points that are chosen, and what is known of them."""
        layer = self.points.currentLayer()
        self._shown = layer if isinstance(layer, QgsVectorLayer) and _are_check_points(layer) else None
        self._names = {}
        self.problem.setText("")
        answers = []
        for key, (name, color) in zip(_keys(), self._classes()):
            self._names[key] = name
            answers.append(Answer(key, name, color))
        self.bar.set_answers([*answers, Answer(_CLEAR, tr("Clear the answer"), "", "Backspace")])
        places, given = self._places()
        self.bar.set_places(places, given)
        self._bind()

    def _classes(self) -> list[tuple[str, str]]:
        """Name and colour of each class: as the points' own looks say, else as the map's do."""
        points, shown = self._shown, self.map.currentLayer()
        if points is not None and isinstance(points.renderer(), QgsCategorizedSymbolRenderer):
            found = [c for c in points.renderer().categories() if isinstance(c.value(), str) and c.value()]
            if found:
                return [(str(c.value()), c.symbol().color().name()) for c in found]
        if isinstance(shown, QgsRasterLayer) and isinstance(shown.renderer(), QgsPalettedRasterRenderer):
            drawn = {feature[STRATUM] for feature in points.getFeatures()} if points is not None else set()
            return [(c.label, c.color.name()) for c in shown.renderer().classes() if c.value in drawn]
        return []

    def _places(self) -> tuple[list[Place], dict[str, str]]:
        if self._shown is None:
            return [], {}
        crs, size = self._shown.crs().toWkt(), self._pixel()
        keys = {name: key for key, name in self._names.items()}
        places, given = [], {}
        features = sorted(self._shown.getFeatures(), key=lambda f: (_number(f), f.id()))
        for feature in features:
            if feature.geometry().isEmpty():
                continue
            point = feature.geometry().asPoint()
            title = tr("Point {}").format(_number(feature) or feature.id())
            x, y = point.x(), point.y()
            outline = _square(x, y, size) if size else ""
            span = _SPAN * max(size) if size else 0.0
            places.append(Place(str(feature.id()), x, y, crs, title, "", outline, span))
            answer = feature[REFERENCE]
            if isinstance(answer, str) and answer:
                given[str(feature.id())] = keys.get(answer, answer)
        return places, given

    def _pixel(self) -> tuple[float, float] | None:
        """Width and height of the map's pixels, if they lie as the points' coordinates do."""
        shown = self.map.currentLayer()
        if not isinstance(shown, QgsRasterLayer) or self._shown is None or shown.crs() != self._shown.crs():
            return None
        size = shown.rasterUnitsPerPixelX(), shown.rasterUnitsPerPixelY()
        return size if min(size) > 0 else None

    def _bind(self) -> None:
        idle = self._desk.model.phase is Phase.READY
        has_map, has_points = self.map.currentLayer() is not None, self._shown is not None
        answered, whole = len(self.bar.given()), self.bar.list.count()
        for widget in (self._chosen, self._points_title, self.points):
            widget.setVisible(has_points)
        self.hint.setVisible(not has_points)
        self.draw.setEnabled(idle and has_map)
        self.start.setEnabled(answered < whole)
        self.progress.setText(tr("{} of {} checked").format(answered, whole))
        self.assess.setEnabled(idle and has_map and answered > 1)
        self.problem.setVisible(bool(self.problem.text()))

    # --- what is done ---------------------------------------------------------------------------

    def _on_start(self) -> None:
        """Who sees what the map says tends to agree with it: its layers are switched off."""
        root, shown = self._desk.project.layerTreeRoot(), self.map.currentLayer()
        node = root.findLayer(shown.id()) if shown is not None else None
        if node is not None:
            for sibling in node.parent().findLayers():
                of_a_run = sibling.layer() is not None and sibling.layer().customProperty(RESULT)
                if sibling is node or (of_a_run and node.parent() is not root):
                    sibling.setItemVisibilityChecked(False)
        self.bar.next_open()

    def _on_answered(self, place_id: str, key: str) -> None:
        """Into the file at once: nothing that was looked at is looked at again."""
        points = present(self._shown)
        name = "" if key == _CLEAR else self._names[key]
        fields = points.fields()
        when = QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate) if name else None
        values = {fields.lookupField(REFERENCE): name or None, fields.lookupField(SEEN_AT): when}
        kept = points.dataProvider().changeAttributeValues(
            {int(place_id): {at: value for at, value in values.items() if at >= 0}}
        )
        lost = tr("The answer could not be written to {}.").format(points.name())
        self.problem.setText("" if kept else lost)
        if not (kept and name):
            self.bar.set_given(place_id, "")
        points.triggerRepaint()
        self._bind()

    def _on_draw(self) -> None:
        shown = self.map.currentLayer()
        stem = f"{file_stem_of(shown, 'map')}-check-points"
        path = free_path(folder_beside(shown, "checks"), stem, ".gpkg")
        values = {"MAP": shown.id(), "COUNT": self.count.value(), "OUTPUT": path}
        name = tr("Check points of {}").format(shown.name())
        step = Step("geofm:checkpoints", values, {"OUTPUT": name})
        self.run_wanted.emit(Request(name, (step,), (_ref(shown),)))

    def _on_assess(self) -> None:
        shown, points = self.map.currentLayer(), self._shown
        points = present(points)
        folder, stem = folder_beside(shown, "checks"), f"{file_stem_of(shown, 'map')}-accuracy"
        values = {
            "MAP": shown.id(),
            "REFERENCE": points.id(),
            "FIELD": REFERENCE,
            "REPORT": free_path(folder, stem, ".html"),
            "JSON": free_path(folder, stem, ".json"),
        }
        title = tr("Accuracy of {}").format(shown.name())
        self.run_wanted.emit(Request(title, (Step("geofm:assess", values),), (_ref(shown), _ref(points))))


def _are_check_points(layer: QgsMapLayer) -> bool:
    if not isinstance(layer, QgsVectorLayer):
        return False
    is_point = layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    return is_point and {REFERENCE, STRATUM} <= set(layer.fields().names())


def _keys() -> list[str]:
    """As many keys as a map may have classes; beyond the keyboard's they are for buttons alone."""
    return [*_KEYS, *(str(number) for number in range(len(_KEYS) + 1, 256))]


def _number(feature: QgsFeature) -> int:
    at = feature.fields().lookupField(NUMBER)
    value = feature[at] if at >= 0 else 0
    return value if isinstance(value, int) else 0


def _square(x: float, y: float, size: tuple[float, float]) -> str:
    """The pixel around its middle, as WKT."""
    left, right, low, high = x - size[0] / 2, x + size[0] / 2, y - size[1] / 2, y + size[1] / 2
    corners = ((left, low), (right, low), (right, high), (left, high), (left, low))
    return "POLYGON((" + ",".join(f"{a!r} {b!r}" for a, b in corners) + "))"


def _ref(layer: QgsMapLayer) -> LayerRef:
    return LayerRef(layer.id(), layer.name(), layer.source())
