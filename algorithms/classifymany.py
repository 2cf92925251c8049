"""geofm:classifymany: a taught classifier maps many images, each on its own."""

from __future__ import annotations

from .classify import Classify
from .many import Many
from .text import tr


class ClassifyMany(Many, Classify):
    """See resources/help/classifymany.md."""

    def displayName(self) -> str:
        return tr("Classify many images")

    def shortDescription(self) -> str:
        return tr("Map each of many images with a taught classifier, which is loaded once.")
