"""geofm:segmentmany: a ready-made network maps many images, each on its own."""

from __future__ import annotations

from .many import Many
from .segment import Segment
from .text import tr


class SegmentMany(Many, Segment):
    """See resources/help/segmentmany.md."""

    def displayName(self) -> str:
        return tr("Map many images with a ready-made model")

    def shortDescription(self) -> str:
        return tr("Map each of many images; the model is loaded once.")
