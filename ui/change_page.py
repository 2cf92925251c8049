"""The page Change: what is different?"""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsFieldComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QPushButton

from ..algorithms.text import tr
from ..inference.jobs import Task
from ..inference.labels import date_in
from . import layers as layer_notes
from .change_methods import (
    CORRECTIONS,
    METHODS,
    ChangeMethod,
    Corrections,
    ThresholdChoice,
    index_choice,
    mapper_choice,
)
from .desk import Desk
from .edits.edit_review import EditReview
from .layer_combo import layer_combo
from .layer_set import Role
from .map_page import layer_facts
from .model_choice import ModelChoice
from .requests import TEMPORARY, LayerRef, Request, Step
from .series_folder import SeriesFolder
from .task_page import SaveFolder, TaskPage, inside, layer_refs, options_box
from .threshold_panel import ThresholdPanel
from .widgets import FormRows, column, form, muted, narrow_combo, noted, select

# Of geofm:breaks.
_FEWEST_DATES = 8


class ChangePage(TaskPage):
    """Method, what it needs, threshold; the layers that it looks at stand above the page.

    Below: the threshold of a magnitude that is there, moved by hand.
    """

    roles: Sequence[Role] = (Role.BEFORE, Role.AFTER)
    roles_changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.method = narrow_combo(QComboBox())
        for item in METHODS:
            self.method.addItem(item.title(), item.key)
        self.method.setToolTip(tr("How the two dates are compared"))
        select(self.method, desk.settings.text("change/method"), METHODS[0].key)
        self.about = muted()
        self.mapper = mapper_choice(desk)
        self.model, self.classifier = ModelChoice(desk), ModelChoice(desk)
        self.threshold = ThresholdChoice(desk)
        self.index = index_choice(desk)
        self.series = SeriesFolder(desk, self)
        self.add_dates = QPushButton(tr("Add a folder of dates…"))
        self.add_dates.setToolTip(tr("Every raster of a folder whose name or metadata say its date"))
        self._build_samples()
        self._build_outputs()
        self._lay_out()
        self._connect()
        self._bind_method()
        self._on_layers(self.roles[0])

    def _build_samples(self) -> None:
        points, polygons = QgsMapLayerProxyModel.Filter.PointLayer, QgsMapLayerProxyModel.Filter.PolygonLayer
        tip = tr("Points or polygons on places that changed, and on some that did not")
        self.samples = layer_combo(tip, points, polygons)
        self.field = narrow_combo(QgsFieldComboBox())
        self.field.setLayer(self.samples.currentLayer())
        self.field.setToolTip(tr("What it says of a place: changed or not, or what kind of change"))

    def _build_outputs(self) -> None:
        settings = self.desk.settings
        self.mask = QCheckBox(tr("Mask of changed places"))
        self.mask.setToolTip(tr("A raster of two classes: changed and unchanged"))
        self.mask.setChecked(settings.flag("change/mask", True))
        self.polygons.setText(tr("Polygons with area"))
        self.polygons.setToolTip(tr("Each changed place as a polygon"))
        self.polygons.setChecked(settings.flag("change/polygons", True))
        self.table = QCheckBox(tr("Table of areas (CSV)"))
        self.table.setToolTip(tr("How much ground changed, and from what to what where that is known"))
        self.table.setChecked(settings.flag("change/table", False))
        self.named = QCheckBox(tr("Say what became what"))
        self.named.setToolTip(tr("A classifier of yours tells the classes of each place on both dates"))
        self.named.setChecked(settings.flag("change/named", False))
        self.folder = SaveFolder(self.desk)
        self.revision = ThresholdPanel(self.desk, self.run_options, self.folder)
        self.edits = EditReview(self.desk)

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Method"), noted(self.method, self.about))
        self._rows = FormRows(self, fields, 1)
        for key, title, field in (
            ("dates", tr("Dates"), self.add_dates),
            ("index", tr("Index"), self.index),
            ("mapper", tr("Mapped by"), self.mapper),
            ("model", tr("Model"), self.model),
            ("classifier", tr("Classifier"), self.classifier),
            ("samples", tr("Examples"), self.samples),
            ("field", tr("Field"), self.field),
            ("threshold", tr("Threshold"), self.threshold),
        ):
            self._rows.add(key, title, field)
        fields.addRow(tr("Where"), noted(self.extent, self.size))
        self.options = options_box(tr("Options"), "geofm_change_options")
        self._corrected = FormRows(self, self.fields, 0)
        self.corrections = Corrections(self.desk, self._corrected, self)
        self.fields.insertRow(0, self.mask)
        self.fields.insertRow(1, self.table)
        self.fields.insertRow(2, self.polygons)
        self.fields.insertRow(3, self.named)
        self.fields.addRow(tr("Save in"), self.folder)
        inside(self.options).addLayout(self.fields)
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.options)
        layout.addWidget(self.revision)
        layout.addWidget(self.edits)
        layout.addStretch()

    def _connect(self) -> None:
        settings = self.desk.settings
        self.method.activated.connect(self._on_method)
        self.mapper.activated.connect(self._on_method)
        self.model.changed.connect(self.tell)
        self.classifier.changed.connect(self.tell)
        self.samples.layerChanged.connect(self._on_samples)
        self.field.fieldChanged.connect(self.tell)
        self.extent.activated.connect(self.tell)
        self.mask.toggled.connect(lambda on: settings.set("change/mask", on))
        self.table.toggled.connect(lambda on: settings.set("change/table", on))
        self.polygons.toggled.connect(lambda on: settings.set("change/polygons", on))
        self.named.toggled.connect(self._on_named)
        self.folder.fileChanged.connect(self.tell)
        self.add_dates.clicked.connect(lambda: self.series.ask(self))
        self.desk.layers.changed.connect(self._on_layers)

    def close_page(self) -> None:
        """Let go of a folder that is being read too."""
        super().close_page()
        self.series.close()

    def current(self) -> ChangeMethod:
        """The chosen method."""
        return METHODS[self.method.currentIndex()]

    def takes(self) -> tuple[str, ...]:
        """What of ``model``, ``samples`` and ``classifier`` a run is given."""
        if self._either():
            return (str(self.mapper.currentData()),)
        found = self.current().takes
        return (*found, "classifier") if self.named.isChecked() and self._can_be_named() else found

    def _either(self) -> bool:
        """Whether the method takes a model or a classifier."""
        return {"model", "classifier"} <= set(self.current().takes)

    def _can_be_named(self) -> bool:
        """Whether classes of both dates can be told beside what the method finds."""
        return not (self.current().series or self._either())

    def _on_named(self, on: bool) -> None:
        self.desk.settings.set("change/named", on)
        self._bind_method()
        self.tell()

    def _on_method(self) -> None:
        chosen = self.current()
        self.desk.settings.set("change/method", chosen.key)
        self._bind_method()
        self._on_layers(self.roles[0])

    def _bind_method(self) -> None:
        chosen = self.current()
        self.about.setText(chosen.sentence())
        rows = {"dates", "index"} if chosen.series else {*self.takes(), "threshold"}
        rows |= {"mapper"} if self._either() else set()
        self._rows.show(rows | {"field"} if "samples" in rows else rows)
        self._corrected.show(() if chosen.series else CORRECTIONS)
        for box in (self.mask, self.table):
            box.setVisible(not chosen.series)
        self.named.setVisible(self._can_be_named())
        if chosen.roles != self.roles:
            self.roles = chosen.roles
            self.roles_changed.emit()

    def _on_samples(self) -> None:
        self.field.setLayer(self.samples.currentLayer())
        self.tell()

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            facts = layer_facts(self.layers())
            self.model.set_task(Task.SEGMENT if self._either() else Task.CHANGE, facts)
            self.classifier.set_task(Task.CLASSIFY, facts)
            every = [layer for each in self.roles for layer in self.desk.layers.get(each)]
            self.run_options.show_task("change", every)
            self.tell()

    def speed_key(self) -> str:
        chosen, takes = self.current(), self.takes()
        if not {"model", "classifier"} & set(takes):
            return f"{Task.CHANGE.value}-{chosen.key}"
        found = (self.model if "model" in takes else self.classifier).current()
        return f"{Task.CHANGE.value}-{chosen.key}-{found.card.id}" if found else ""

    def problem(self) -> str:
        wrong = self._series_problem() if self.current().series else self._dates_problem()
        if wrong:
            return wrong
        if self.extent.rectangle(self.layers()[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self._method_problem() or self.run_options.problem() or self.folder.problem()

    def _series_problem(self) -> str:
        """What the layers lack to be a series."""
        days = {date_in(layer_notes.acquired(layer)) for layer in self.layers()}
        if len(days - {None}) < _FEWEST_DATES:
            return tr("Add a folder of dates, or layers of {} dates and more.").format(_FEWEST_DATES)
        if None in days:
            return tr("One of the layers has no date: click it to say one.")
        return ""

    def _dates_problem(self) -> str:
        """What the layers before and after lack."""
        before, after = (self.desk.layers.get(role) for role in self.roles)
        if not before:
            return tr("Add the layer of the earlier date.")
        if not after:
            return tr("Add the layer of the later date.")
        if {layer.id() for layer in before} == {layer.id() for layer in after}:
            return tr("Before and after are the same layer.")
        for layers in (before, after):
            if all(layer_notes.is_elevation(layer) for layer in layers):
                return tr("{} is an elevation model: add an image.").format(layers[0].name())
        return ""

    def _method_problem(self) -> str:
        """What the method lacks."""
        takes = self.takes()
        if "samples" in takes and self.samples.currentLayer() is None:
            return tr("Add a layer of labelled places: changed and not changed.")
        if "samples" in takes and not self.field.currentField():
            return tr("Choose the field that says what changed.")
        if "classifier" in takes and self.classifier.current() is None:
            return tr("Teach a classifier first, on the page Teach.")
        if "classifier" in takes:
            return self.classifier.problem()
        return self.model.problem() if "model" in takes else ""

    def request(self, device: str) -> Request:
        return self._series_request(device) if self.current().series else self._dates_request(device)

    def _series_request(self, device: str) -> Request:
        layers = self.layers()
        parameters: dict[str, object] = {"INPUT": [layer.id() for layer in layers]}
        if self.index.currentData():
            parameters["INDEX"] = str(self.index.currentData())
        parameters |= {**self.where(), **self.run_options.stack(), "DEVICE": device, "OUTPUT": TEMPORARY}
        names = {"OUTPUT": tr("Breaks")}
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Broken places")
            parameters |= self.run_options.fineness()
        days = sorted(layer_notes.acquired(layer) for layer in layers)
        title = tr("Breaks {} to {}").format(days[0], days[-1])
        refs = (*layer_refs(layers), *self.run_options.area.refs())
        step = Step("geofm:breaks", parameters, names)
        pixels = self.pixels() * len(layers)
        return self.folder.kept(Request(title, (step,), refs, pixels, self.speed_key()), title)

    def _dates_request(self, device: str) -> Request:
        before, after = (self.desk.layers.get(role) for role in self.roles)
        takes = self.takes()
        parameters: dict[str, object] = {
            "BEFORE": [layer.id() for layer in before],
            "AFTER": [layer.id() for layer in after],
            "METHOD": self.current().key,
        }
        refs = (*layer_refs([*before, *after]), *self.run_options.area.refs())
        if "model" in takes:
            parameters["MODEL"] = self.model.key()
        if "classifier" in takes:
            parameters["CLASSIFIER"] = self.classifier.key()
        if "samples" in takes:
            examples = self.samples.currentLayer()
            parameters |= {"SAMPLES": examples.id(), "FIELD": self.field.currentField()}
            refs = (*refs, LayerRef(examples.id(), examples.name(), examples.source()))
        parameters |= {**self.threshold.parameters(), **self.corrections.parameters()}
        parameters |= {**self.where(), **self.run_options.stack()}
        parameters["DEVICE"] = device
        parameters["OUTPUT"] = TEMPORARY
        names = {"OUTPUT": tr("Magnitude")}
        if self.mask.isChecked():
            parameters["MASK"], names["MASK"] = TEMPORARY, tr("Changed places")
        if self.table.isChecked():
            parameters["TABLE"] = TEMPORARY
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Changes")
            parameters |= self.run_options.fineness()
        title = tr("Change {} to {}").format(_when(before[0]), _when(after[0]))
        step = Step("geofm:change", parameters, names)
        return self.folder.kept(Request(title, (step,), refs, self.pixels(), self.speed_key()), title)


def _when(layer: QgsRasterLayer) -> str:
    return layer_notes.acquired(layer) or layer.name()
