"""Typed reading of JSON that somebody else wrote."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import ModelCorrupt

# JSON allows whole numbers of any length, which no arithmetic with floats survives.
_COUNTLESS = 1 << 53


class Fields:
    """Typed reading of a JSON object; every complaint names the file and the field."""

    def __init__(self, data: Any, path: Path, where: str) -> None:
        self.path = path
        self.where = where
        if not isinstance(data, dict):
            raise self.wrong("", "must be a JSON object")
        self.data: Mapping[str, Any] = data

    def wrong(self, name: str, what: str) -> ModelCorrupt:
        """The error to raise for a field that ``what`` describes."""
        place = ".".join(part for part in (self.where, name) if part)
        subject = f"The card {self.path.name}: {place}" if place else f"The card {self.path.name}"
        return ModelCorrupt(f"{subject} {what}.", f"Correct or replace {self.path}.")

    def inside(self, name: str) -> Fields:
        """The object in a field."""
        return Fields(self.data.get(name), self.path, f"{self.where}.{name}" if self.where else name)

    def items(self, name: str) -> list[Fields]:
        """The objects of the list in a field; none if it is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        prefix = f"{self.where}.{name}" if self.where else name
        return [Fields(item, self.path, f"{prefix}[{index}]") for index, item in enumerate(value)]

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must be there and not blank."""
        value = self.data.get(name, default)
        if not isinstance(value, str) or not is_plain(value) or (default is None and not value.strip()):
            raise self.wrong(name, "must be a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty if it is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v and is_plain(v) for v in value):
            raise self.wrong(name, "must be a list of texts")
        return tuple(value)

    def names(self, name: str) -> tuple[str, ...]:
        """A list of names, each a text or an object with a ``name``; empty if it is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        found = [entry.get("name") if isinstance(entry, dict) else entry for entry in value]
        texts = tuple(text for text in found if isinstance(text, str) and text and is_plain(text))
        if len(texts) != len(found):
            raise self.wrong(name, "must hold names or objects with a name")
        return texts

    def count(self, name: str, default: int | None = None) -> int | None:
        """A whole number from 0 up, or the default."""
        value = self.data.get(name, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _COUNTLESS:
            raise self.wrong(name, "must be a whole number, 0 or more")
        return value

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of finite numbers; empty if it is absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(is_number(v) for v in value):
            raise self.wrong(name, "must be a list of numbers")
        return tuple(float(v) for v in value)

    def pair(self, name: str, meaning: str) -> tuple[float, float] | None:
        """Two positive numbers in order, a range that ``meaning`` describes; None if it is absent."""
        limits = self.numbers(name)
        if not limits:
            return None
        if len(limits) != 2 or not 0 < limits[0] <= limits[1]:
            raise self.wrong(name, f"must be {meaning}")
        return limits[0], limits[1]

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of some words; without a default it must be there."""
        value = self.text(name, default)
        if value not in choices:
            raise self.wrong(name, f"must be {' or '.join(repr(word) for word in choices if word)}")
        return value


def is_plain(text: str) -> bool:
    """Whether a text can be written in a path or a file: no NUL, and no half of a character.

    Halves that stand for the odd bytes of a path (PEP 383) are none of those.
    """
    try:
        return b"\0" not in text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    # An integer of hundreds of digits is JSON, but no float.
    return abs(value) < 1e300 and math.isfinite(value)
