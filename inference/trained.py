"""A network that TerraTorch trained: its configuration and its checkpoint. Standard library alone.

The engine reads both; see ``engine/importers/terratorch.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .cards import CARD_IN_CLASSIFIER
from .drafts import Draft
from .errors import InvalidRequest, ModelMissing

FAMILY = "terratorch"
_CONFIGURATIONS = (".yaml", ".yml")
_CHECKPOINTS = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def is_training(path: Path) -> bool:
    """Whether a path is a configuration, or a folder with one and without a card."""
    if path.is_dir():
        return not (path / CARD_IN_CLASSIFIER).exists() and bool(_of_kind(path, _CONFIGURATIONS))
    return path.suffix.lower() in _CONFIGURATIONS


def draft_of_training(path: Path, checkpoint: str, ask: Ask) -> Draft:
    """What a configuration says of a checkpoint's network.

    Args:
        path: the configuration, or a folder that holds it.
        checkpoint: empty for the only one beside it.
        ask: calls the engine.

    Raises:
        InvalidRequest, ModelMissing: if it is not clear which files are meant.
        GeoFMError: from the engine.
    """
    config = _only(path, _CONFIGURATIONS, "configuration", "the file itself") if path.is_dir() else path
    file = Path(checkpoint).expanduser().absolute() if checkpoint else None
    file = file or _only(config.parent, _CHECKPOINTS, "checkpoint", "it with --checkpoint FILE")
    answer = ask("models.inspect_training", {"config": str(config), "checkpoint": str(file)})
    return Draft.from_dict(answer["draft"])


def converted(draft: Draft, ask: Ask) -> Draft:
    """The draft with its weights as a file in the user's model folder, which the engine writes."""
    return replace(draft, **ask("models.convert", {"draft": draft.to_dict()}))


def _only(folder: Path, suffixes: tuple[str, ...], what: str, instead: str) -> Path:
    found = _of_kind(folder, suffixes)
    if not found:
        raise ModelMissing(f"There is no {what} in {folder}.", f"Name {instead}.")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise InvalidRequest(f"There are several files that may be the {what}: {names}.", f"Name {instead}.")
    return found[0]


def _of_kind(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())
