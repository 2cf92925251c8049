"""Where files go that a person's work is in, and that nobody asked a place for."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from qgis.core import QgsMapLayer

from ..inference.places import data_home


def file_stem_of(layer: QgsMapLayer, otherwise: str = "") -> str:
    """The name of a layer's file without its ending; for a layer without a file ``otherwise``, or its own."""
    path = Path(layer.source().split("|")[0])
    return path.stem if path.is_file() else otherwise or re.sub(r"[^\w.-]+", "-", layer.name()) or "layer"


def folder_beside(layer: QgsMapLayer, kind: str) -> str:
    """Where to keep what belongs to a layer: beside its file.

    Where that is no place to keep things, in GeoFM's own folder.

    Args:
        kind: name of the folder in there.
    """
    folder = Path(layer.source().split("|")[0]).absolute().parent
    passing = Path(tempfile.gettempdir()).resolve() in [folder.resolve(), *folder.resolve().parents]
    if Path(layer.source().split("|")[0]).is_file() and os.access(folder, os.W_OK) and not passing:
        return str(folder)
    kept = data_home() / kind
    kept.mkdir(parents=True, exist_ok=True)
    return str(kept)
