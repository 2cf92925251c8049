"""Proposed edits of a layer, decided on place by place, by key, with before and after on the map."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QSignalBlocker, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QPushButton, QWidget

from ...algorithms.edit_session import Applied, EditSession, session_of
from ...algorithms.edit_styles import COLORS, action_names, is_styled, style_proposals
from ...algorithms.edit_table import (
    ACCEPTED,
    ACTIONS,
    OPEN,
    REJECTED,
    Proposal,
    are_proposals,
    meant,
    public_source,
)
from ...algorithms.text import tr
from ...inference.errors import GeoFMError, present
from .. import layers as layer_notes
from ..desk import Desk
from ..layer_set import Role
from ..place_mark import Place
from ..report import area_words
from ..task_page import inside, options_box
from ..visits import Answer, VisitBar
from ..widgets import column, heading, muted, narrow_combo, quiet_button, row
from .proposal_form import ProposalForm
from .swipe import Swipe

ACCEPT, REJECT, REOPEN = "A", "R", "O"
_KEYS = {ACCEPTED: ACCEPT, REJECTED: REJECT}
_ALL = ""
# How much ground is shown around a proposal, in sizes of its own.
_AROUND = 4.0


class EditReview(QWidget):
    """The section of the page Change that takes changes over into a layer.

    Signals:
        run_wanted: a :class:`~..requests.Request` that the dock shall run.
    """

    run_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk = desk
        self._session: EditSession | None = None
        self._swipe: Swipe | None = None
        self._closed = False
        self.form = ProposalForm(desk)
        self._build()
        self._lay_out()
        self._connect()
        self._look()

    # --- made of ------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._desk.theme
        self.list = narrow_combo(QgsMapLayerComboBox())
        self.list.setFilters(QgsMapLayerProxyModel.Filter.VectorLayer)
        self.list.setToolTip(tr("Edits that were proposed, now or another day"))
        self.list.setAccessibleName(tr("Proposed edits"))
        self.kind = narrow_combo(QComboBox())
        self.kind.setToolTip(tr("Which kind of edits to look at"))
        self.kind.setAccessibleName(tr("Kind of edit"))
        self.swipe = quiet_button(theme, "dock-swipe", tr("Swipe"))
        self.swipe.setCheckable(True)
        self.progress = muted()
        self.bar = VisitBar(self._desk)
        self.bar.set_answers(
            [
                Answer(ACCEPT, tr("Accept"), COLORS[ACCEPTED]),
                Answer(REJECT, tr("Reject"), COLORS[REJECTED]),
                Answer(REOPEN, tr("Open again"), "", "Backspace"),
            ]
        )
        self.start = QPushButton(tr("Review"))
        self.start.setToolTip(tr("Go to the next edit that is open; N skips one"))
        theme.bind(self.start, "dock-place")
        self.problem = muted()
        self.least = QDoubleSpinBox()
        self.least.setRange(0.0, 1e6)
        self.least.setDecimals(2)
        self.least.setPrefix(tr("magnitude ≥ "))
        self.least.setToolTip(tr("Magnitude of the change from which edits are accepted together"))
        self.least.setAccessibleName(tr("Magnitude"))
        self.many = QPushButton()
        self.many.setToolTip(tr("Accept all of the chosen kind that are open; each can be undone by itself"))
        self.provenance = QCheckBox(tr("Note in the layer where an edit comes from"))
        self.provenance.setToolTip(tr("In the fields geofm_source, geofm_date and geofm_action"))
        self.provenance.setChecked(self._desk.settings.flag("edits/provenance", True))
        self.unsaved = muted()

    def _lay_out(self) -> None:
        self.box = options_box(tr("Update a layer"), "geofm_change_edits")
        self.reviewing = QWidget()
        self.reviewing.setProperty("geofm", "plain")
        shown = row()
        shown.addWidget(self.kind, 1)
        shown.addWidget(self.start)
        shown.addWidget(self.swipe)
        many = row()
        many.addWidget(self.least, 1)
        many.addWidget(self.many, 1)
        inner = column(self.reviewing)
        inner.addWidget(heading(tr("Proposed edits")))
        inner.addWidget(self.list)
        inner.addLayout(shown)
        inner.addWidget(self.progress)
        inner.addWidget(self.bar)
        inner.addWidget(self.problem)
        inner.addLayout(many)
        inner.addWidget(self.provenance)
        inner.addWidget(self.unsaved)
        layout = inside(self.box)
        layout.addWidget(self.form)
        layout.addWidget(self.reviewing)
        column(self).addWidget(self.box)

    def _connect(self) -> None:
        self.form.run_wanted.connect(self.run_wanted)
        self.list.layerChanged.connect(self._on_list)
        self.kind.currentIndexChanged.connect(self._fill)
        self.start.clicked.connect(self._on_start)
        self.swipe.toggled.connect(self._on_swipe)
        self.bar.answered.connect(self._on_answered)
        self.least.valueChanged.connect(self._bind)
        self.many.clicked.connect(self._on_many)
        self.provenance.toggled.connect(lambda on: self._desk.settings.set("edits/provenance", on))
        self._desk.layers.changed.connect(self._bind)
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
        self._leave()
        if self._swipe is not None:
            self._swipe.close()
        self.bar.close_bar()

    # --- what there is --------------------------------------------------------------------------

    def _look(self) -> None:
        """Only lists of proposals are offered."""
        layers = self._desk.project.mapLayers().values()
        with QSignalBlocker(self.list):
            self.list.setExceptedLayerList([layer for layer in layers if not are_proposals(layer)])
        self.form.look()
        self._on_list()

    def _on_added(self, layers: list[QgsMapLayer]) -> None:
        self.form.take(layers)
        self._look()
        for layer in layers:
            if are_proposals(layer):
                self.list.setLayer(layer)

    def _on_list(self) -> None:
        """Join the chosen list with the layer that it is about."""
        listed = self.list.currentLayer()
        listed = listed if are_proposals(listed) else None
        target = _target(self._desk.project, listed) if listed is not None else None
        present = self._session
        if present is not None and _joins(present, target, listed):
            self._bind()
            return
        self._leave()
        self.problem.setText("")
        if listed is not None and target is None:
            lacking = meant(listed).layer.split("|")[0]
            self.problem.setText(tr("Add the layer that these edits are about: {}").format(lacking))
        elif listed is not None:
            if not is_styled(listed):
                style_proposals(listed)
            self._session = session_of(target, listed)
            self._session.changed.connect(self._on_changed)
        self._fill_kinds()
        self._fill()

    def _leave(self) -> None:
        """Look at no list any more; what was accepted of it stays in its layer's edit session."""
        session, self._session = self._session, None
        if session is not None and not sip.isdeleted(session):
            session.changed.disconnect(self._on_changed)

    def _proposals(self) -> list[Proposal]:
        """Those of the chosen kind."""
        if self._session is None or sip.isdeleted(self._session):
            return []
        kind = self.kind.currentData() or _ALL
        return [each for each in self._session.proposals() if kind in (_ALL, each.action)]

    # --- shown ----------------------------------------------------------------------------------

    def _fill_kinds(self) -> None:
        every = self._session.proposals() if self._session is not None else []
        titles, chosen = action_names(), self.kind.currentData()
        with QSignalBlocker(self.kind):
            self.kind.clear()
            self.kind.addItem(tr("All kinds ({})").format(len(every)), _ALL)
            for action in ACTIONS:
                count = sum(each.action == action for each in every)
                if count:
                    self.kind.addItem(tr("{} ({})").format(titles[action], count), action)
            self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))

    def _fill(self) -> None:
        shown = self._proposals()
        crs = self._session.layer.crs().toWkt() if shown and self._session is not None else ""
        given = {str(each.id): _KEYS[each.state] for each in shown if each.state in _KEYS}
        self.bar.set_places([_place(each, crs) for each in shown], given)
        self._bind()

    def _on_changed(self, numbers: Sequence[int]) -> None:
        """Also of what was undone or saved in QGIS, wherever that was asked for."""
        if self._session is None:
            return
        for number in numbers:
            state = self._session.proposal(number).state
            self.bar.set_given(str(number), _KEYS.get(state, ""))
        self._bind()

    def _bind(self) -> None:
        shown = self._proposals()
        decided = sum(each.state != OPEN for each in shown)
        waiting = self._together()
        known = self.list.currentLayer() is not None
        self.reviewing.setVisible(known)
        for widget in (self.kind, self.bar, self.progress, self.provenance):
            widget.setVisible(bool(shown))
        for widget in (self.least, self.many):
            widget.setVisible(bool(shown) and any(each.state == OPEN for each in shown))
        self.start.setEnabled(decided < len(shown))
        self.progress.setText(tr("{} of {} decided").format(decided, len(shown)))
        self.many.setText(tr("Accept all ({})").format(len(waiting)))
        self.many.setEnabled(bool(waiting))
        self.problem.setVisible(bool(self.problem.text()))
        self._bind_unsaved()
        self._bind_swipe()

    def _bind_unsaved(self) -> None:
        session = self._session
        passing = 0 if session is None or sip.isdeleted(session) else session.unsaved
        self.unsaved.setVisible(passing > 0)
        if passing and session is not None:
            sentence = tr("{} accepted and not saved yet: Ctrl+Z undoes, saving the edits of {} keeps them.")
            self.unsaved.setText(sentence.format(passing, session.layer.name()))

    def _together(self) -> list[int]:
        """Numbers of the open ones from the chosen magnitude on."""
        least = self.least.value()
        return [
            each.id
            for each in self._proposals()
            if each.state == OPEN and (each.magnitude or 0.0) >= least
        ]

    # --- decided --------------------------------------------------------------------------------

    def _on_start(self) -> None:
        """Undo is QGIS's own, and belongs to the layer that is active there."""
        if self._session is not None:
            self._desk.iface.setActiveLayer(self._session.layer)
        self.bar.next_open()

    def _on_answered(self, place_id: str, key: str) -> None:
        session, number = self._session, int(place_id)
        session = present(session)
        self.problem.setText("")
        try:
            if key == ACCEPT:
                self._prepare(session)
                session.accept(number)
            elif key == REJECT:
                session.reject(number)
            else:
                session.reopen(number)
        except GeoFMError as error:
            self.problem.setText(str(error))
        self.bar.set_given(place_id, _KEYS.get(session.proposal(number).state, ""))
        self._bind()

    def _on_many(self) -> None:
        session = present(self._session)
        self.problem.setText("")
        try:
            self._prepare(session)
            applied = session.accept_all(self._together())
        except GeoFMError as error:
            self.problem.setText(str(error))
        else:
            self.problem.setText(_told(applied))
            self._desk.iface.setActiveLayer(session.layer)
        self._fill()

    def _prepare(self, session: EditSession) -> None:
        if self.provenance.isChecked():
            session.add_provenance()

    # --- before and after -----------------------------------------------------------------------

    def _bind_swipe(self) -> None:
        both = all(self._desk.layers.get(role) for role in (Role.BEFORE, Role.AFTER))
        self.swipe.setEnabled(both or self._swipe is not None)
        usual = tr("Swipe: before left and after right of a line. Drag it, or press the arrow keys; Esc ends")
        self.swipe.setToolTip(usual if both else tr("Swipe: add layers of both dates above"))

    def _on_swipe(self, on: bool) -> None:
        if not on:
            if self._swipe is not None:
                self._swipe.close()
            return
        before, after = (self._desk.layers.get(role) for role in (Role.BEFORE, Role.AFTER))
        titles = (
            tr("Before: {}").format(_when(before[0])),
            tr("After: {}").format(_when(after[0])),
        )
        listened = (self.bar, self.bar.list, self.swipe)
        canvas = self._desk.iface.mapCanvas()
        self._swipe = Swipe(canvas, before, after, titles, listened, self)
        self._swipe.ended.connect(self._on_swipe_ended)

    def _on_swipe_ended(self) -> None:
        self._swipe = None
        self.swipe.setChecked(False)


def _joins(session: EditSession, target: QgsVectorLayer | None, listed: QgsVectorLayer | None) -> bool:
    """Whether a session is of these two, and goes on."""
    alive = not sip.isdeleted(session) and not session.closed
    return alive and session.list is listed and session.layer is target


def _target(project: QgsProject, listed: QgsVectorLayer) -> QgsVectorLayer | None:
    """The layer of the project that proposals are about."""
    source = meant(listed).layer
    vectors = [layer for layer in project.mapLayers().values() if isinstance(layer, QgsVectorLayer)]
    return next((layer for layer in vectors if public_source(layer) == source), None)


def _place(proposal: Proposal, crs: str) -> Place:
    shape = proposal.geometry
    inner = shape.pointOnSurface().asPoint() if not shape.isEmpty() else shape.boundingBox().center()
    box = shape.boundingBox()
    facts = [action_names()[proposal.action]]
    if proposal.area:
        facts.append(area_words(proposal.area))
    if proposal.magnitude is not None:
        facts.append(tr("magnitude {}").format(f"{proposal.magnitude:.3g}"))
    note = f"{', '.join(facts)}. {proposal.note}".strip()
    span = _AROUND * max(box.width(), box.height())
    return Place(str(proposal.id), inner.x(), inner.y(), crs, proposal.title, note, shape.asWkt(), span)


def _told(applied: Applied) -> str:
    """What came of accepting many, in a sentence or two."""
    count = sum(applied.accepted.values())
    told = tr("{} accepted.").format(count)
    if applied.skipped:
        number, why = next(iter(applied.skipped.items()))
        told += " " + tr("{} skipped, such as {}: {}").format(len(applied.skipped), number, why)
    return told


def _when(layer: QgsMapLayer) -> str:
    return layer_notes.acquired(layer) or layer.name()
