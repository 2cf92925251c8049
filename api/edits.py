"""Changes brought into a vector layer: proposed, then applied in its edit session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from qgis.core import QgsVectorLayer

from ..algorithms import edit_calls
from ..algorithms.calls import Layer
from ..algorithms.edit_proposals import BACKGROUND, WHOLE
from ..algorithms.edit_session import Applied


def propose_edits(
    changes: Layer,
    layer: Layer,
    field: str = "",
    *,
    to_field: str = "",
    retired_field: str = "",
    min_overlap: float = WHOLE,
    min_area: float | None = None,
    background: Sequence[str] = BACKGROUND,
    **options: Any,
) -> QgsVectorLayer | str:
    """Turn changed places into proposed edits of a layer, which is only read.

    Args:
        changes: polygons of a change run, or any others that say what is there now.
        layer: the layer to update.
        field: its field with the class; without one features are only added, cut and retired.
        to_field: field of the changes with the new class; empty for ``to_class``.
        retired_field: field of the layer for the date of retirement; without one what is retired is
            deleted.
        min_overlap: percent from which a feature changed as a whole.
        min_area: square metres below which nothing is cut off or added; None for a quarter of the
            smallest changed place.
        background: classes that the layer has no features of.
        options: ``output``, ``load``, ``progress`` and ``cancelled``, as of :class:`.Options`.

    Returns:
        The list of proposals, a layer or with ``load=False`` its path (see the algorithm's help).

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "FIELD": field or None,
        "TO_FIELD": to_field or None,
        "RETIRED_FIELD": retired_field or None,
        "MIN_OVERLAP": min_overlap,
        "MIN_AREA": min_area,
        "BACKGROUND": ", ".join(background),
    }
    return edit_calls.propose_edits(own, changes, layer, options)


def apply_edits(
    layer: QgsVectorLayer,
    proposals: Layer,
    *,
    only: str | Iterable[int] = "",
    provenance: bool = False,
) -> Applied:
    """Accept open proposals: each becomes one step of the layer's edit session, which can be undone.

    Nothing is saved: call ``layer.commitChanges()`` or ``layer.rollBack()``, and the list of proposals
    follows. Call it on the main thread.

    Args:
        layer: the layer to update; its edit session begins if it has not.
        proposals: what :func:`propose_edits` answered.
        only: an expression over their fields (``magnitude > 2 AND action = 'reclass'``) or their numbers;
            empty for all.
        provenance: whether the layer gets fields that say where an edit comes from, if it lacks them.

    Returns:
        How many were accepted, by action, and why others were skipped, by their number.

    Raises:
        GeoFMError: if the layer cannot be edited, or the list is none.
    """
    return edit_calls.apply_edits(layer, proposals, only, provenance)
