"""JSON of others, read so that whatever comes of it can be worked with. Standard library alone.

Python's reader takes more than JSON is: NaN, numbers that no float can hold, one entry twice, of which
it believes the last, and brackets as deep as its stack. All of these are refused here, at the door.
"""

from __future__ import annotations

import json
import math
from typing import Any

DEEPEST = 100
# Digits of a whole number; a float holds no more than 309.
_MOST_DIGITS = 300


def loads(data: bytes | str) -> Any:
    """The value of a JSON text in UTF-8, of finite numbers and at most ``DEEPEST`` levels.

    Raises:
        ValueError: saying what is wrong; nothing else, whatever the bytes are.
    """
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise _too_deep() from None
    # No deeper than there are brackets; most texts have few.
    if text.count("[") + text.count("{") > DEEPEST:
        _refuse_depth(value)
    return value


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        held = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
        level = [inner for inner in held if isinstance(inner, (dict, list))]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ValueError:
    return ValueError(f"it has more than {DEEPEST} levels of brackets")


def _entries(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("an object has an entry twice")
    return made


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _int(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(text)} digits")
    return int(text)


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_entries, parse_float=_float, parse_int=_int, parse_constant=_constant
)
