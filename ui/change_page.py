"""The page Change: what is different?"""

from __future__ import annotations

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox

from ..algorithms.text import tr
from ..inference.jobs import Task
from . import layers as layer_notes
from .desk import Desk
from .layer_set import Role
from .map_page import layer_facts
from .model_choice import ModelChoice
from .requests import TEMPORARY, Request, Step
from .task_page import SaveFolder, TaskPage, inside, layer_refs, options_box
from .widgets import column, form, narrow_combo, noted, select

AUTOMATIC, GIVEN = "automatic", "given"


class ChangePage(TaskPage):
    """Model and threshold; the layers before and after stand above the page."""

    roles = (Role.BEFORE, Role.AFTER)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        settings = desk.settings
        self.model = ModelChoice(desk)
        self.threshold = narrow_combo(QComboBox())
        self.threshold.addItem(tr("Automatic"), AUTOMATIC)
        self.threshold.addItem(tr("This number"), GIVEN)
        self.threshold.setToolTip(tr("From which magnitude on a place counts as changed"))
        select(self.threshold, settings.text("change/threshold"), AUTOMATIC)
        self.value = QDoubleSpinBox()
        self.value.setRange(0.0, 1e6)
        self.value.setDecimals(3)
        self.value.setSingleStep(0.1)
        self.value.setValue(settings.number("change/value", 1.0))
        self.value.setToolTip(tr("Magnitude; the legend of an earlier run shows its range"))
        self.mask = QCheckBox(tr("Mask of changed places"))
        self.mask.setToolTip(tr("A raster of two classes: changed and unchanged"))
        self.mask.setChecked(settings.flag("change/mask", True))
        self.polygons.setText(tr("Polygons with area"))
        self.polygons.setToolTip(tr("Each changed place as a polygon"))
        self.polygons.setChecked(settings.flag("change/polygons", True))
        self.folder = SaveFolder(desk)
        self._lay_out()
        self._connect()
        self._on_layers(self.roles[0])
        self._on_threshold()

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Model"), self.model)
        fields.addRow(tr("Threshold"), noted(self.threshold, self.value))
        fields.addRow(tr("Where"), noted(self.extent, self.size))
        self.options = options_box(tr("Options"), "geofm_change_options")
        self.fields.addRow(tr("Save in"), self.folder)
        inner = inside(self.options)
        inner.addWidget(self.mask)
        inner.addWidget(self.polygons)
        inner.addLayout(self.fields)
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.options)
        layout.addStretch()

    def _connect(self) -> None:
        settings = self.desk.settings
        self.model.changed.connect(self.tell)
        self.threshold.activated.connect(self._on_threshold)
        self.value.valueChanged.connect(lambda value: settings.set("change/value", value))
        self.extent.activated.connect(self.tell)
        self.mask.toggled.connect(lambda on: settings.set("change/mask", on))
        self.polygons.toggled.connect(lambda on: settings.set("change/polygons", on))
        self.folder.fileChanged.connect(self.tell)
        self.desk.layers.changed.connect(self._on_layers)

    def _on_threshold(self) -> None:
        chosen = str(self.threshold.currentData())
        self.desk.settings.set("change/threshold", chosen)
        self.value.setVisible(chosen == GIVEN)

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            self.model.set_task(Task.CHANGE, layer_facts(self.layers()))
            every = [layer for each in self.roles for layer in self.desk.layers.get(each)]
            self.run_options.show_task("change", every)
            self.tell()

    def speed_key(self) -> str:
        found = self.model.current()
        return f"{Task.CHANGE.value}-{found.card.id}" if found else ""

    def problem(self) -> str:
        before, after = (self.desk.layers.get(role) for role in self.roles)
        if not before:
            return tr("Add the layer of the earlier date.")
        if not after:
            return tr("Add the layer of the later date.")
        if {layer.id() for layer in before} == {layer.id() for layer in after}:
            return tr("Before and after are the same layer.")
        if self.extent.rectangle(before[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self.model.problem() or self.run_options.problem() or self.folder.problem()

    def request(self, device: str) -> Request:
        before, after = (self.desk.layers.get(role) for role in self.roles)
        parameters: dict[str, object] = {
            "BEFORE": [layer.id() for layer in before],
            "AFTER": [layer.id() for layer in after],
            "MODEL": self.model.key(),
        }
        if self.threshold.currentData() == GIVEN:
            parameters["THRESHOLD"] = self.value.value()
        parameters |= {**self.where(), **self.run_options.stack()}
        parameters["DEVICE"] = device
        parameters["OUTPUT"] = TEMPORARY
        names = {"OUTPUT": tr("Magnitude")}
        if self.mask.isChecked():
            parameters["MASK"], names["MASK"] = TEMPORARY, tr("Changed places")
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Changes")
            parameters |= self.run_options.fineness()
        first, second = _when(before[0]), _when(after[0])
        title = tr("Change {} to {}").format(first, second)
        step = Step("geofm:change", parameters, names)
        refs = (*layer_refs([*before, *after]), *self.run_options.area.refs())
        return self.folder.kept(Request(title, (step,), refs, self.pixels(), self.speed_key()), title)


def _when(layer: QgsRasterLayer) -> str:
    return layer_notes.acquired(layer) or layer.name()
