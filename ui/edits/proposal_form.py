"""From which changed places, for which layer, edits are to be proposed."""

from __future__ import annotations

from qgis.core import QgsFieldProxyModel, QgsMapLayer, QgsMapLayerProxyModel, QgsVectorLayer
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDoubleSpinBox, QPushButton, QWidget

from ...algorithms.edit_proposals import WHOLE
from ...algorithms.edit_table import are_proposals
from ...algorithms.text import tr
from ..desk import Desk
from ..kept import file_stem_of, folder_beside
from ..layers import RESULT
from ..requests import LayerRef, Request, Step, free_path
from ..state import Phase
from ..task_page import inside, options_box
from ..widgets import column, form, muted, narrow_combo

# What a change run's layer of polygons has; the other polygons of a project are to be updated.
_OF_CHANGE = {"area_m2", "magnitude"}
_LIKELY_CLASS = ("class", "cover", "landcover", "land_cover", "landuse", "land_use", "type", "kind")
_LIKELY_END = ("valid_to", "end_date", "retired", "date_to")


class ProposalForm(QWidget):
    """Asks for a run of ``geofm:proposeedits``.

    Signals:
        run_wanted: a :class:`~..requests.Request` that the dock shall run.
    """

    run_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk = desk
        self._build()
        self._lay_out()
        self.changes.layerChanged.connect(self.bind)
        self.layer.layerChanged.connect(self._on_layer)
        self.propose.clicked.connect(self._on_propose)
        desk.model.phase_changed.connect(self.bind)
        self.look()

    def _build(self) -> None:
        self.changes = narrow_combo(QgsMapLayerComboBox())
        self.changes.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.changes.setToolTip(tr("Polygons of a change run, or any others that say what is there now"))
        self.layer = narrow_combo(QgsMapLayerComboBox())
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        self.layer.setToolTip(tr("The layer that is to be brought up to date; it is only read now"))
        self.field = narrow_combo(QgsFieldComboBox())
        self.field.setAllowEmptyFieldName(True)
        self.field.setToolTip(tr("Its field with the class; none: features are added, cut and retired"))
        self.retired = narrow_combo(QgsFieldComboBox())
        self.retired.setAllowEmptyFieldName(True)
        kinds = QgsFieldProxyModel.Filter.Date | QgsFieldProxyModel.Filter.String
        self.retired.setFilters(kinds)
        self.retired.setToolTip(tr("Its field for the date of retirement; none: what is retired is deleted"))
        self.whole = QDoubleSpinBox()
        self.whole.setRange(50.0, 100.0)
        self.whole.setDecimals(0)
        self.whole.setSuffix(" %")
        self.whole.setValue(WHOLE)
        self.whole.setToolTip(tr("Where less of a feature changed, that part is cut off"))
        self.least = QDoubleSpinBox()
        self.least.setRange(0.0, 1e9)
        self.least.setDecimals(0)
        self.least.setSuffix(tr(" m²"))
        self.least.setSpecialValueText(tr("Automatic"))
        self.least.setToolTip(tr("Smallest part to cut off or add; else a quarter of the smallest change"))
        self.propose = QPushButton(tr("Propose edits"))
        self.propose.setToolTip(tr("List what the changes mean for the layer; nothing is edited yet"))
        self._desk.theme.bind(self.propose, "dock-add")
        self.problem = muted()

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Changes"), self.changes)
        fields.addRow(tr("Layer"), self.layer)
        fields.addRow(tr("Class"), self.field)
        self.more = options_box(tr("More"), "geofm_change_edits_more")
        further = form()
        further.addRow(tr("Retired on"), self.retired)
        further.addRow(tr("As a whole from"), self.whole)
        further.addRow(tr("Smallest part"), self.least)
        inside(self.more).addLayout(further)
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.more)
        layout.addWidget(self.problem)
        layout.addWidget(self.propose)

    # --- what there is --------------------------------------------------------------------------

    def look(self) -> None:
        """Lists of proposals are neither changes nor to be updated; what a run made is not either."""
        layers = list(self._desk.project.mapLayers().values())
        lists = [layer for layer in layers if are_proposals(layer)]
        for combo, wanted in ((self.changes, _are_changes), (self.layer, _may_be_updated)):
            chosen = combo.currentLayer()
            combo.setExceptedLayerList(lists)
            likely = [layer for layer in layers if layer not in lists and wanted(layer)]
            if likely and (chosen is None or not wanted(chosen)):
                combo.setLayer(likely[-1])
        self._on_layer(self.layer.currentLayer())

    def take(self, added: list[QgsMapLayer]) -> None:
        """Changes that were just found are what edits are proposed from."""
        self.look()
        for layer in added:
            if _are_changes(layer):
                self.changes.setLayer(layer)

    def _on_layer(self, layer: QgsMapLayer | None) -> None:
        if layer is self.field.layer() and layer is not None:
            self.bind()
            return
        for combo, names in ((self.field, _LIKELY_CLASS), (self.retired, _LIKELY_END)):
            combo.setLayer(layer if isinstance(layer, QgsVectorLayer) else None)
            known = combo.layer().fields().names() if combo.layer() is not None else []
            likely = next((name for name in known if name.casefold() in names), "")
            combo.setField(likely)
        self.bind()

    def _problem(self) -> str:
        """What is missing; empty for nothing."""
        changes, layer = self.changes.currentLayer(), self.layer.currentLayer()
        if changes is None:
            return tr("Run a comparison with polygons, or add a layer of changed places.")
        if layer is None or layer is changes:
            return tr("Add the layer that is to be brought up to date.")
        return ""

    def bind(self) -> None:
        """Show what can be asked for."""
        problem = self._problem()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.propose.setEnabled(not problem and self._desk.model.phase is Phase.READY)

    def _on_propose(self) -> None:
        changes, layer = self.changes.currentLayer(), self.layer.currentLayer()
        values: dict[str, object] = {"CHANGES": changes.id(), "LAYER": layer.id()}
        for name, combo in (("FIELD", self.field), ("RETIRED_FIELD", self.retired)):
            if combo.currentField():
                values[name] = combo.currentField()
        values["MIN_OVERLAP"] = self.whole.value()
        if self.least.value() > 0:
            values["MIN_AREA"] = self.least.value()
        # A review may go on another day.
        folder = folder_beside(layer, "edits")
        values["OUTPUT"] = free_path(folder, f"{file_stem_of(layer)}-edits", ".gpkg")
        title = tr("Proposed edits of {}").format(layer.name())
        refs = tuple(LayerRef(each.id(), each.name(), each.source()) for each in (changes, layer))
        step = Step("geofm:proposeedits", values, {"OUTPUT": title})
        self.run_wanted.emit(Request(title, (step,), refs))


def _are_changes(layer: QgsMapLayer) -> bool:
    if not isinstance(layer, QgsVectorLayer):
        return False
    names = set(layer.fields().names())
    return "to_class" in names or names >= _OF_CHANGE


def _may_be_updated(layer: QgsMapLayer) -> bool:
    """Whether a layer is somebody's own, with geometries."""
    own = isinstance(layer, QgsVectorLayer) and layer.isSpatial()
    return bool(own and not layer.customProperty(RESULT) and not _are_changes(layer))
