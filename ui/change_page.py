"""The page Change: what is different?"""

from __future__ import annotations

from qgis.core import QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from ..algorithms.text import tr
from ..inference.jobs import Task
from . import layers as layer_notes
from .change_methods import METHODS, ChangeMethod, Corrections, ThresholdChoice
from .desk import Desk
from .layer_set import Role
from .map_page import layer_facts
from .model_choice import ModelChoice
from .requests import TEMPORARY, LayerRef, Request, Step
from .task_page import SaveFolder, TaskPage, inside, layer_refs, options_box
from .threshold_panel import ThresholdPanel
from .widgets import column, form, muted, narrow_combo, noted, select


class ChangePage(TaskPage):
    """Method, what it needs, threshold; the layers before and after stand above the page.

    Below: the threshold of a magnitude that is there, moved by hand.
    """

    roles = (Role.BEFORE, Role.AFTER)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.method = narrow_combo(QComboBox())
        for item in METHODS:
            self.method.addItem(item.title(), item.key)
        self.method.setToolTip(tr("How the two dates are compared"))
        select(self.method, desk.settings.text("change/method"), METHODS[0].key)
        self.about = muted()
        self.model, self.classifier = ModelChoice(desk), ModelChoice(desk)
        self._build_samples()
        self._build_outputs()
        self._lay_out()
        self._connect()
        self._on_layers(self.roles[0])

    def _build_samples(self) -> None:
        self.samples = narrow_combo(QgsMapLayerComboBox())
        self.samples.setFilters(
            QgsMapLayerProxyModel.Filter.PointLayer | QgsMapLayerProxyModel.Filter.PolygonLayer
        )
        self.samples.setToolTip(tr("Points or polygons on places that changed, and on some that did not"))
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
        self.folder = SaveFolder(self.desk)
        self.revision = ThresholdPanel(self.desk, self.run_options, self.folder)

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Method"), noted(self.method, self.about))
        self._model_label = QLabel(tr("Model"))
        fields.addRow(self._model_label, self.model)
        self._classifier_label = QLabel(tr("Classifier"))
        fields.addRow(self._classifier_label, self.classifier)
        self._samples_label, self._field_label = QLabel(tr("Examples")), QLabel(tr("Field"))
        fields.addRow(self._samples_label, self.samples)
        fields.addRow(self._field_label, self.field)
        self.threshold = ThresholdChoice(self.desk, fields)
        fields.addRow(tr("Where"), noted(self.extent, self.size))
        self.options = options_box(tr("Options"), "geofm_change_options")
        corrected = form()
        self.corrections = Corrections(self.desk, corrected)
        self.fields.addRow(tr("Save in"), self.folder)
        inner = inside(self.options)
        inner.addLayout(corrected)
        inner.addWidget(self.mask)
        inner.addWidget(self.polygons)
        inner.addLayout(self.fields)
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.options)
        layout.addWidget(self.revision)
        layout.addStretch()

    def _connect(self) -> None:
        settings = self.desk.settings
        self.method.activated.connect(self._on_method)
        self.model.changed.connect(self.tell)
        self.classifier.changed.connect(self.tell)
        self.samples.layerChanged.connect(self._on_samples)
        self.field.fieldChanged.connect(self.tell)
        self.extent.activated.connect(self.tell)
        self.mask.toggled.connect(lambda on: settings.set("change/mask", on))
        self.polygons.toggled.connect(lambda on: settings.set("change/polygons", on))
        self.folder.fileChanged.connect(self.tell)
        self.desk.layers.changed.connect(self._on_layers)

    def current(self) -> ChangeMethod:
        """The chosen method."""
        return METHODS[self.method.currentIndex()]

    def _on_method(self) -> None:
        chosen = self.current()
        self.desk.settings.set("change/method", chosen.key)
        self._bind_method()
        self.tell()

    def _bind_method(self) -> None:
        chosen = self.current()
        self.about.setText(chosen.sentence())
        rows: dict[str, tuple[QWidget, ...]] = {
            "model": (self._model_label, self.model),
            "classifier": (self._classifier_label, self.classifier),
            "samples": (self._samples_label, self.samples, self._field_label, self.field),
        }
        for name, widgets in rows.items():
            for widget in widgets:
                widget.setVisible(name in chosen.takes)

    def _on_samples(self) -> None:
        self.field.setLayer(self.samples.currentLayer())
        self.tell()

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            facts = layer_facts(self.layers())
            self.model.set_task(Task.CHANGE, facts)
            self.classifier.set_task(Task.CLASSIFY, facts)
            every = [layer for each in self.roles for layer in self.desk.layers.get(each)]
            self.run_options.show_task("change", every)
            self._bind_method()
            self.tell()

    def speed_key(self) -> str:
        takes = self.current().takes
        found = (self.model if "model" in takes else self.classifier).current()
        if not {"model", "classifier"} & set(takes):
            return f"{Task.CHANGE.value}-{self.current().key}"
        return f"{Task.CHANGE.value}-{self.current().key}-{found.card.id}" if found else ""

    def problem(self) -> str:
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
        if self.extent.rectangle(before[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self._method_problem() or self.run_options.problem() or self.folder.problem()

    def _method_problem(self) -> str:
        """What the method lacks."""
        takes = self.current().takes
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
        before, after = (self.desk.layers.get(role) for role in self.roles)
        chosen = self.current()
        parameters: dict[str, object] = {
            "BEFORE": [layer.id() for layer in before],
            "AFTER": [layer.id() for layer in after],
            "METHOD": chosen.key,
        }
        refs = (*layer_refs([*before, *after]), *self.run_options.area.refs())
        if "model" in chosen.takes:
            parameters["MODEL"] = self.model.key()
        if "classifier" in chosen.takes:
            parameters["CLASSIFIER"] = self.classifier.key()
        if "samples" in chosen.takes:
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
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Changes")
            parameters |= self.run_options.fineness()
        title = tr("Change {} to {}").format(_when(before[0]), _when(after[0]))
        step = Step("geofm:change", parameters, names)
        return self.folder.kept(Request(title, (step,), refs, self.pixels(), self.speed_key()), title)


def _when(layer: QgsRasterLayer) -> str:
    return layer_notes.acquired(layer) or layer.name()
