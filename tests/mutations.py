"""Spoils JSON and its bytes as a broken program, a cut file or an enemy would; the same by the same seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

# Stands for many levels of brackets, which no Python value of such a depth can be copied with.
DEEP = "<deep>"
LEVELS = (50, 99, 105, 900, 100_000)
_SPECIAL = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\r", b"\\u0000",
    b"\\ud800", b"NaN", b"-Infinity", b"1e999", b"-", b"9" * 400, b"[" * 40, b"{\"a\":" * 40, b'"', b"\\",
    b",", b":", b"null", b"\xe2\x80\xa8",
)  # fmt: skip


def odd_values() -> tuple[Any, ...]:
    """What no field expects, of every type that JSON has, and at the edges of what fits."""
    return (
        None, True, False, 0, -1, 1, 255, 256, 2**31, 2**53 + 1, -(2**63), 2**64, 10**30, 10**400, 0.5,
        -0.0, 5e-324, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), "", " ", ".", "..", "../../x",
        "/", "~", "a\0b", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "é", "e\u0301", "地图",
        "%s%n", "{0.__class__}", "'; --", "x" * 300, "x" * 5000, "1", "true", "NaN", "-1", "__class__",
        "file:///x", "sha256:", "a\nb",
        [], {}, [None], [[]], [0, "a", None], {"": None}, {"a": {}}, [1, 2], ["x"] * 40, list(range(200)),
    )  # fmt: skip


class Spoiler:
    """Makes spoiled copies of values.

    Args:
        seed: the same seed spoils in the same way.
        pieces: values whose parts are put where they do not belong, beside the odd ones.
    """

    def __init__(self, seed: int, pieces: Sequence[Any] = ()) -> None:
        self.random = random.Random(seed)
        self._odd = [*odd_values(), *(part for value in pieces for part in _parts(value))]

    def value(self, value: Any, times: int = 1) -> Any:
        """A copy of a value of JSON types, changed in a few places."""
        made = copy.deepcopy(value)
        for _ in range(times):
            made = self._once(made)
        return made

    def _once(self, made: Any) -> Any:
        places = list(_places(made))
        if not places:
            return self._some()
        holder, key = self.random.choice(places)
        way = self.random.randrange(8)
        if way == 0:
            del holder[key]
        elif way == 1:
            holder[key] = [holder[key]]
        elif way == 2:
            holder[key] = {str(key): holder[key]}
        elif way == 3 and isinstance(holder, dict):
            name = self.random.choice(("", "x", "id", "__class__", f"{key} ", str(key).upper()))
            holder[name] = self._some()
        elif way == 4:
            other, name = self.random.choice(places)
            holder[key] = copy.deepcopy(other[name])
        elif way == 5 and isinstance(holder[key], (int, float)) and not isinstance(holder[key], bool):
            holder[key] = holder[key] * self.random.choice((-1, 0, 2, 10**6, 10**20))
        else:
            holder[key] = self._some()
        return made

    def _some(self) -> Any:
        if self.random.randrange(400) == 0:
            return DEEP
        return copy.deepcopy(self.random.choice(self._odd))

    def data(self, text: bytes, other: bytes) -> bytes:
        """A copy of bytes: a bit flipped, a part cut, doubled or of elsewhere, or something put in."""
        draw = self.random.random
        at = int(draw() * (len(text) + 1))
        way = int(draw() * 8)
        if way == 0 and at < len(text):
            return text[:at] + bytes((text[at] ^ (1 << int(draw() * 8)),)) + text[at + 1 :]
        if way == 1:
            return text[:at]
        if way == 2:
            return text[at:]
        if way == 3:
            return text[:at] + other[int(draw() * len(other)) :]
        if way == 4:
            return text[:at] + text[int(draw() * at) :]
        if way == 5:
            return text[:at] + text[at + 1 + int(draw() * 12) :]
        return text[:at] + _SPECIAL[int(draw() * len(_SPECIAL))] + text[at:]


def text(value: Any, twice: str = "") -> bytes:
    """JSON of a value, NaN and all; ``twice`` names an entry of it that is there two times."""
    made = json.dumps(value)
    for number in range(made.count(f'"{DEEP}"')):
        levels = LEVELS[(len(made) + number) % len(LEVELS)]
        made = made.replace(f'"{DEEP}"', '[{"a":' * (levels // 2) + "0" + "}]" * (levels // 2), 1)
    if twice and made.startswith("{"):
        made = f'{{"{twice}": null, {made[1:]}'
    return made.encode("utf-8")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a value."""
    todo = [value]
    while todo:
        held = todo.pop()
        keys: Any = range(len(held)) if isinstance(held, list) else held if isinstance(held, dict) else ()
        for key in keys:
            yield held, key
            todo.append(held[key])


def _parts(value: Any) -> Iterator[Any]:
    for holder, key in _places(value):
        yield holder[key]
