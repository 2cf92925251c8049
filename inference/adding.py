"""Take a model of the user's into the catalogue. Standard library alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .cards import CARD_IN_CLASSIFIER, CLASSIFIER_SUFFIX, Card, load_card
from .catalog import default_catalog
from .errors import InvalidRequest, ModelMissing
from .places import home_models


def add_model(path: str | os.PathLike[str]) -> Card:
    """Copy a card (``*.json``, or the ONNX file beside one) or a classifier (``*.geofm``) with the
    files that lie beside it into the user's model folder.

    Returns:
        the card as it is now in the catalogue.

    Raises:
        ModelMissing, ModelCorrupt, UnsupportedInput: if it cannot be read.
        InvalidRequest: if another model has its id already.
    """
    card = default_catalog().get(Path(path).expanduser().absolute())
    known = {other.id: other for other in default_catalog().cards()}.get(card.id)
    if known is not None and known.path != card.path and known.raw != card.raw:
        raise InvalidRequest(
            f"There is another model {card.id} already, {known.path}.", "Give it another id."
        )
    if card.path.suffix == CLASSIFIER_SUFFIX:
        target = home_models() / f"{card.id}{CLASSIFIER_SUFFIX}"
    else:
        target = home_models() / card.id / CARD_IN_CLASSIFIER
        for asset in card.assets:
            if asset.beside:
                _copy(card.path.parent / asset.beside, target.parent / asset.beside)
    # The card comes last: a model is listed when all of it is there.
    _copy(card.path, target)
    return load_card(target)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise ModelMissing(f"The card names {source}, which does not exist.")
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
