"""What is known of the place: rules and a prior for a map of the project, behind one button."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsExpression,
    QgsField,
    QgsFields,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
)
from qgis.gui import QgsFieldExpressionWidget
from qgis.PyQt.QtCore import QVariant, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ..algorithms.rules import rules_of
from ..algorithms.text import tr
from ..inference.conditions import Kind
from ..inference.errors import InvalidRequest
from ..inference.knowledge import OWN_COLUMNS, SLOPE, columns
from .desk import Desk
from .layer_combo import layer_combo
from .layers import PREVIEW, RESULT
from .requests import TEMPORARY, LayerRef, Request, Step
from .state import Phase
from .task_page import SaveFolder
from .theme import Theme
from .widgets import Card, column, form, muted, narrow_combo, quiet_button, row

# Of images with hundreds of bands the first ones are offered; any other can be written.
_MOST_BANDS = 12


class RuleRow(Card):
    """One rule: a class, what becomes of it, and where."""

    changed = pyqtSignal()
    removed = pyqtSignal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.of = narrow_combo(QComboBox())
        self.of.setToolTip(tr("The class that the rule is about"))
        self.becomes = narrow_combo(QComboBox())
        self.becomes.setToolTip(tr("What it becomes there; if it only is not, the next most probable class"))
        self.where = QgsFieldExpressionWidget()
        where = tr("Where: an expression over layers of the project, such as {}")
        self.where.setToolTip(where.format('"dem@slope" > 8'))
        self.where.setAccessibleName(tr("Condition"))
        self.remove = quiet_button(theme, "dock-remove", tr("Remove this rule"))
        first, second = row(spacing=4), row(spacing=4)
        first.addWidget(self.of, 1)
        first.addWidget(self.becomes, 1)
        second.addWidget(QLabel(tr("where")))
        second.addWidget(self.where, 1)
        second.addWidget(self.remove)
        layout = column(self, margin=4, spacing=4)
        layout.addLayout(first)
        layout.addLayout(second)
        self.of.activated.connect(self.changed)
        self.becomes.activated.connect(self.changed)
        self.where.fieldChanged.connect(self.changed)
        self.remove.clicked.connect(lambda: self.removed.emit(self))

    def offer(self, classes: Sequence[str], fields: QgsFields) -> None:
        """Classes and columns to choose from; what is chosen stays as far as there is such."""
        for combo, first in ((self.of, tr("Every class")), (self.becomes, tr("is not"))):
            chosen = combo.currentData()
            combo.clear()
            combo.addItem(first, "")
            for name in classes:
                combo.addItem(name if combo is self.of else tr("becomes {}").format(name), name)
            combo.setCurrentIndex(max(combo.findData(chosen), 0))
        text = self.where.expression()
        self.where.setFields(fields)
        self.where.setExpression(text)

    def cells(self) -> list[str]:
        """Class, condition and what it becomes, as RULES takes them."""
        chosen = [str(combo.currentData() or "") for combo in (self.of, self.becomes)]
        return [chosen[0], self.where.expression(), chosen[1]]


class KnowledgePanel(QWidget):
    """Rules, a prior and the map that they refine.

    Args:
        folder: where results go.
    """

    run_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk, folder: SaveFolder) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk, self._folder = desk, folder
        self._newest = ""
        self.rules: list[RuleRow] = []
        self._build()
        desk.layers.project_changed.connect(self.refresh)
        desk.model.phase_changed.connect(self._bind)
        self.refresh()

    def _build(self) -> None:
        raster, polygons = QgsMapLayerProxyModel.Filter.RasterLayer, QgsMapLayerProxyModel.Filter.PolygonLayer
        self.map = layer_combo(tr("The map of classes to refine"), raster)
        self.shares = layer_combo(tr("Its probabilities, one band a class"), raster, nothing=tr("None"))
        said = tr("How probable classes are: one band, or one field of polygons, a class")
        self.prior = layer_combo(said, raster, polygons, nothing=tr("None"))
        self.weight = QDoubleSpinBox()
        self.weight.setRange(0.0, 100.0)
        self.weight.setSingleStep(0.5)
        self.weight.setValue(1.0)
        self.weight.setToolTip(tr("How much the prior counts: 1 as it is, 0.5 half as seriously"))
        self.weight.setPrefix(tr("Weight "))
        self.add = QPushButton(tr("Add a rule"))
        self.add.setToolTip(tr("A class that cannot be where a condition holds, or what it becomes there"))
        self.apply = QPushButton(tr("Apply to the map"))
        self.apply.setToolTip(tr("A refined map, and beside it what changed each of its pixels"))
        self.note = muted()
        fields = form()
        fields.addRow(tr("Map"), self.map)
        fields.addRow(tr("Probabilities"), self.shares)
        prior = column(spacing=4)
        prior.addWidget(self.prior)
        prior.addWidget(self.weight)
        fields.addRow(tr("Prior"), prior)
        self._list: QVBoxLayout = column(spacing=4)
        below = row()
        below.addWidget(self.add, 1)
        below.addWidget(self.apply, 1)
        layout = column(self)
        words = tr("What is known of the place corrects a map; every pixel changed is shown.")
        layout.addWidget(muted(words))
        layout.addLayout(fields)
        layout.addLayout(self._list)
        layout.addLayout(below)
        layout.addWidget(self.note)
        self.map.layerChanged.connect(self._on_map)
        for combo in (self.shares, self.prior):
            combo.layerChanged.connect(self._bind)
        self.add.clicked.connect(self.add_rule)
        self.apply.clicked.connect(self._on_apply)

    # --- what there is --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at the project again; the newest map is the one to refine."""
        newest = next((layer for layer in reversed(self._rasters()) if _is_map(layer)), None)
        if newest is not None and newest.id() != self._newest:
            self._newest = newest.id()
            self.map.setLayer(newest)
        self._on_map()

    def _rasters(self) -> list[QgsRasterLayer]:
        """Rasters of the project, from below to the top of the layer tree, previews left out."""
        order = self._desk.project.layerTreeRoot().layerOrder()
        found = [layer for layer in reversed(order) if isinstance(layer, QgsRasterLayer)]
        return [layer for layer in found if layer.customProperty(RESULT) != PREVIEW]

    def _on_map(self) -> None:
        chosen = self.map.currentLayer()
        beside = self._beside(chosen) if chosen is not None else None
        if beside is not None and beside is not self.shares.currentLayer():
            self.shares.setLayer(beside)
        for rule in self.rules:
            rule.offer(_classes(chosen), self.offered())
        self._bind()

    def _beside(self, chosen: QgsMapLayer) -> QgsMapLayer | None:
        """The probabilities that the map's own run left beside it."""
        node = self._desk.project.layerTreeRoot().findLayer(chosen.id())
        group = node.parent().findLayers() if node is not None else []
        layers = [one.layer() for one in group if one.layer() is not None]
        return next((one for one in layers if one.customProperty(RESULT) == "PROBABILITIES"), None)

    def _helpers(self) -> dict[str, QgsRasterLayer]:
        """Rasters that conditions can name: all but the map and those of a name that is not theirs alone."""
        layers = [layer for layer in self._rasters() if layer is not self.map.currentLayer()]
        names = [layer.name() for layer in layers]
        # HELPER_NAMES has commas between them.
        taken = {*OWN_COLUMNS, *(name for name in names if names.count(name) > 1 or "," in name)}
        return {layer.name(): layer for layer in layers if layer.name() not in taken}

    def _columns(self) -> dict[str, Kind]:
        """What conditions can name, with every layer of the project as a helper."""
        bands = {name: layer.bandCount() for name, layer in self._helpers().items()}
        return columns(bands, probable=self.shares.currentLayer() is not None)

    def offered(self) -> QgsFields:
        """The columns as the expression builder lists them."""
        fields = QgsFields()
        for name, kind in self._columns().items():
            band = re.search(r"@(\d+)$", name)
            if band is None or 1 < int(band.group(1)) <= _MOST_BANDS:
                fields.append(QgsField(name, QVariant.String if kind is Kind.TEXT else QVariant.Double))
        return fields

    # --- rules ----------------------------------------------------------------------------------

    def add_rule(self) -> RuleRow:
        """One more, empty."""
        made = RuleRow(self._desk.theme)
        made.offer(_classes(self.map.currentLayer()), self.offered())
        made.changed.connect(self._bind)
        made.removed.connect(self.remove_rule)
        self.rules.append(made)
        self._list.addWidget(made)
        self._bind()
        return made

    def remove_rule(self, rule: RuleRow) -> None:
        """Forget one."""
        self.rules.remove(rule)
        self._list.removeWidget(rule)
        rule.setParent(None)
        rule.deleteLater()
        self._bind()

    def _cells(self) -> list[str]:
        return [cell for rule in self.rules for cell in rule.cells()]

    def _bind(self, *unused: Any) -> None:
        problem = self.problem()
        self.weight.setEnabled(self.prior.currentLayer() is not None)
        self.note.setText(problem)
        self.note.setVisible(bool(problem))
        self.apply.setEnabled(not problem and self._desk.model.phase is Phase.READY)

    def problem(self) -> str:
        """What is missing, as a sentence; empty if the rules can be applied."""
        if self.map.currentLayer() is None:
            return tr("Make a map of classes first, or add one.")
        if not self.rules and self.prior.currentLayer() is None:
            return tr("Add a rule or choose a prior.")
        probable = self.shares.currentLayer() is not None
        if self.prior.currentLayer() is not None and not probable:
            return tr("A prior needs the probabilities: tick them in the Options and map again.")
        try:
            rules = rules_of(self._cells(), self._columns())
        except InvalidRequest as error:
            return str(error)
        for number, rule in enumerate(rules, 1):
            if not rule.becomes and not (rule.of and probable):
                lacks = tr("Say what the class becomes, or choose the map's probabilities.")
                neither = tr("Choose a class, or what it becomes.")
                return tr("Rule {}: {}").format(number, lacks if rule.of else neither)
        return self._folder.problem()

    # --- run ------------------------------------------------------------------------------------

    def request(self) -> Request:
        """The rules on the map, as one step. Call it only where there is no problem."""
        chosen, shares, prior = (one.currentLayer() for one in (self.map, self.shares, self.prior))
        helpers = self._named()
        parameters: dict[str, object] = {"INPUT": chosen.id(), "RULES": self._cells()}
        if helpers:
            parameters["HELPERS"] = [layer.id() for layer in helpers.values()]
            parameters["HELPER_NAMES"] = ",".join(helpers)
        if shares is not None:
            parameters["PROBABILITIES"] = shares.id()
        if prior is not None:
            parameters["PRIOR"], parameters["WEIGHT"] = prior.id(), self.weight.value()
        used = [chosen, *helpers.values(), *(one for one in (shares, prior) if one is not None)]
        refs = tuple(LayerRef(one.id(), one.name(), one.source()) for one in dict.fromkeys(used))
        parameters["OUTPUT"] = parameters["CHANGED"] = TEMPORARY
        names = {"OUTPUT": tr("Refined map"), "CHANGED": tr("What changed")}
        title = tr("Refined {}").format(chosen.name())
        step = Step("geofm:refine", parameters, names)
        return self._folder.kept(Request(title, (step,), refs), title)

    def _named(self) -> dict[str, QgsRasterLayer]:
        """The helpers that the conditions name."""
        named = {
            str(column).casefold()
            for rule in self.rules
            for column in QgsExpression(rule.where.expression()).referencedColumns()
        }

        def is_named(name: str, layer: QgsRasterLayer) -> bool:
            known = [name, f"{name}@{SLOPE}", *(f"{name}@{band}" for band in range(1, layer.bandCount() + 1))]
            return any(column.casefold() in named for column in known)

        return {name: layer for name, layer in self._helpers().items() if is_named(name, layer)}

    def _on_apply(self) -> None:
        self.run_wanted.emit(self.request())


def _is_map(layer: QgsRasterLayer) -> bool:
    return layer.customProperty(RESULT) == "OUTPUT" and bool(_classes(layer))


def _classes(layer: QgsMapLayer | None) -> list[str]:
    """Names of the classes that a map shows."""
    renderer = layer.renderer() if isinstance(layer, QgsRasterLayer) else None
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return []
    return [one.label for one in renderer.classes() if one.label]
