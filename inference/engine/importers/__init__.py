"""Files of networks without a card: what they say of themselves, one file a format."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ...cards import Card, card_from
from ...drafts import Draft, card_of
from ...errors import ModelMissing, UnsupportedInput
from ...questions import missing
from . import deepness
from .onnx_header import read_header


def inspect(path: str | Path, output: str = "") -> Draft:
    """What an ONNX file says of itself; what it does not say is left empty.

    Args:
        output: name of the output that is the answer; empty for the first.

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if it is no ONNX network, or points at other files.
        UnsupportedInput: if it is a network of another kind than can be run.
    """
    file = Path(path)
    if not file.is_file():
        raise ModelMissing(f"There is no file {file}.")
    state = file.stat()
    return _inspected(str(file.absolute()), output, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)
def _inspected(path: str, output: str, size: int, changed: int) -> Draft:
    content = Path(path).read_bytes()
    draft, metadata = read_header(content, path, output)
    draft = replace(draft, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    return deepness.told(draft, metadata)


def bare_card(path: Path) -> Card:
    """The card of an ONNX file that has none beside it but says all that one needs.

    Raises:
        UnsupportedInput: naming what it does not say.
        ModelMissing, ModelCorrupt: see :func:`inspect`.
    """
    draft = inspect(path)
    lacking = missing(draft)
    if lacking:
        options = " ".join(f"--{question.name} ..." for question in lacking)
        raise UnsupportedInput(
            f"{path.name} has no card beside it and does not say itself: "
            f"{', '.join(question.name for question in lacking)}.",
            f"Add it once: open it on the page Models, or python -m geofm models add {path.name} {options}.",
        )
    return card_from(card_of(draft), path.with_suffix(".json"))
