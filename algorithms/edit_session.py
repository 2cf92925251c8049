"""Decisions on proposed edits, in step with the edit session of the layer that they are about.

An accepted proposal is one step of that session. Where it is undone in QGIS, by whatever door, the
proposal is open again; where the layer's edits are saved, it is done for good. The file of proposals
tells the two apart, so that what was accepted and lost with unsaved edits is offered again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qgis.core import QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..inference.errors import InvalidRequest, UnsupportedInput
from . import edit_applying
from .edit_table import ACCEPTED, OPEN, REJECTED, Proposal, are_proposals, decided, meant, note_down, read
from .text import tr


@dataclass(frozen=True)
class Applied:
    """What came of accepting many.

    Attributes:
        accepted: how many became edits, by action.
        skipped: why others did not, by the number of the proposal.
    """

    accepted: dict[str, int]
    skipped: dict[int, str]


class EditSession(QObject):
    """Proposals of one list, and the layer that they are about. Lives as long as both do.

    Get it by :func:`session_of`, so that there is one of each pair.

    Signals:
        changed: numbers of the proposals that are in another state or have another note now.
    """

    changed = pyqtSignal(object)

    def __init__(self, layer: QgsVectorLayer, proposals: QgsVectorLayer) -> None:
        super().__init__(layer)
        self.list = proposals
        self._meant = meant(proposals)
        self._all = {each.id: each for each in read(proposals)}
        # What was accepted and not saved yet, and may be undone.
        self._passing = {each.id for each in self._all.values() if each.state == ACCEPTED and not each.saved}
        self._held = self.closed = False
        layer.undoStack().indexChanged.connect(self._on_step)
        layer.afterCommitChanges.connect(self._on_saved)
        layer.willBeDeleted.connect(self._on_gone)
        proposals.willBeDeleted.connect(self.close)
        self._write(self._followed())

    def close(self) -> None:
        """Let go of both layers. May be called twice."""
        if sip.isdeleted(self) or self.closed:
            return
        layer = self.layer
        layer.undoStack().indexChanged.disconnect(self._on_step)
        layer.afterCommitChanges.disconnect(self._on_saved)
        layer.willBeDeleted.disconnect(self._on_gone)
        self._on_gone()
        self.setParent(None)

    def _on_gone(self) -> None:
        """The layer goes, and takes its connections along."""
        self.closed = True
        if not sip.isdeleted(self.list):
            self.list.willBeDeleted.disconnect(self.close)

    @property
    def layer(self) -> QgsVectorLayer:
        """The layer to update."""
        # Not kept: Python would hold the layer, and the layer this object, beyond QGIS's end.
        return self.parent()

    # --- asked ----------------------------------------------------------------------------------

    def proposals(self) -> list[Proposal]:
        """All of them as they are now, in their order."""
        return list(self._all.values())

    def proposal(self, number: int) -> Proposal:
        """One of them."""
        return self._all[number]

    @property
    def unsaved(self) -> int:
        """How many were accepted and wait for the layer's edits to be saved."""
        return sum(self._all[number].state == ACCEPTED for number in self._passing)

    # --- done -----------------------------------------------------------------------------------

    def accept(self, number: int) -> None:
        """Make the edit, as one step of the layer's edit session, which begins if it has not.

        Raises:
            UnsupportedInput: if the layer does not take it; the proposal says so and stays open.
        """
        applied = self.accept_all([number])
        if applied.skipped:
            raise UnsupportedInput(applied.skipped[number])

    def accept_all(self, numbers: Iterable[int]) -> Applied:
        """Make many edits, each a step of its own; what cannot be made is skipped and says why."""
        accepted: dict[str, int] = {}
        skipped: dict[int, str] = {}
        edit_applying.require_editable(self.layer)
        self._held = True
        try:
            for number in numbers:
                proposal = self._all[number]
                if proposal.state == ACCEPTED:
                    continue
                try:
                    edit_applying.accept(self.layer, proposal, self._meant)
                except UnsupportedInput as error:
                    skipped[number] = str(error)
                else:
                    self._passing.add(number)
                    accepted[proposal.action] = accepted.get(proposal.action, 0) + 1
        finally:
            self._held = False
            told = [decided(self._all[number], OPEN, why) for number, why in skipped.items()]
            self._write([*told, *self._followed()])
        return Applied(accepted, skipped)

    def reject(self, number: int) -> None:
        """Decide against an edit; one that was made is undone first, if it was the last step.

        Raises:
            UnsupportedInput: see :meth:`reopen`.
        """
        self.reopen(number)
        self._write([decided(self._all[number], REJECTED)])

    def reopen(self, number: int) -> None:
        """Take a decision back.

        Raises:
            UnsupportedInput: if the edit was saved, or others were made after it.
        """
        proposal = self._all[number]
        if proposal.state == REJECTED:
            self._write([decided(proposal, OPEN)])
        elif proposal.state == ACCEPTED:
            self._undo(proposal)

    def add_provenance(self) -> None:
        """Add the fields of provenance that the layer lacks (see :func:`.edit_applying.add_provenance`)."""
        edit_applying.add_provenance(self.layer)

    def _undo(self, proposal: Proposal) -> None:
        if proposal.saved:
            raise UnsupportedInput(
                tr("The edit was saved with the layer."), tr("Change the feature by hand.")
            )
        stack = self.layer.undoStack()
        at = stack.index() - 1
        if at < 0 or stack.text(at) != edit_applying.command_text(proposal):
            raise UnsupportedInput(
                tr("Other edits were made after it."), tr("Undo those first (Ctrl+Z with the layer active).")
            )
        stack.undo()
        self.layer.triggerRepaint()

    # --- heard ----------------------------------------------------------------------------------

    def _on_step(self) -> None:
        """States after the layer's list of things done: undone is open again, redone is accepted."""
        # Saving empties the list; before edits are thrown away, all of it is undone.
        if not (self._held or self.closed) and self.layer.undoStack().count():
            self._write(self._followed())

    def _followed(self) -> list[Proposal]:
        stack = self.layer.undoStack()
        done = {stack.text(at) for at in range(stack.index())}
        found = []
        for number in self._passing:
            proposal = self._all[number]
            state = ACCEPTED if edit_applying.command_text(proposal) in done else OPEN
            # Who rejected what was undone meant it.
            if proposal.state != state and not (state == OPEN and proposal.state == REJECTED):
                found.append(decided(proposal, state))
        return found

    def _on_saved(self) -> None:
        saved = [self._all[number] for number in self._passing if self._all[number].state == ACCEPTED]
        self._passing.clear()
        self._write([decided(each, ACCEPTED, saved=True) for each in saved])

    def _write(self, proposals: list[Proposal]) -> None:
        if not proposals:
            return
        note_down(self.list, proposals)
        self._all.update({each.id: each for each in proposals})
        self.changed.emit([each.id for each in proposals])


def session_of(layer: QgsVectorLayer, proposals: QgsVectorLayer) -> EditSession:
    """What joins a layer and a list of proposals about it; the same object for the same two.

    Raises:
        InvalidRequest: if the list holds no proposals.
    """
    if not are_proposals(proposals):
        raise InvalidRequest(
            tr("{} holds no proposed edits.").format(proposals.name()), tr("Run geofm:proposeedits first.")
        )
    for child in layer.children():
        if isinstance(child, EditSession) and not child.closed and child.list is proposals:
            return child
    return EditSession(layer, proposals)
