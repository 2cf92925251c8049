"""The runs of the past, newest first, kept in the settings."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.PyQt.QtCore import QObject, pyqtSignal

from .requests import Request
from .settings import Settings
from .state import Outcome

KEY = "history"
LIMIT = 30


@dataclass(frozen=True)
class Entry:
    """One run.

    Attributes:
        request: what was asked.
        outcome: how it ended.
        when: ISO time of its end, local.
        seconds: how long it took.
        results: path by output name of the last step, where the results are files.
        sentence: what went wrong, or the most telling fact.
    """

    request: Request
    outcome: Outcome
    when: str
    seconds: float
    results: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "request": self.request.to_dict(),
            "outcome": self.outcome.value,
            "when": self.when,
            "seconds": self.seconds,
            "results": dict(self.results),
            "sentence": self.sentence,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """The inverse of :meth:`to_dict`.

        Raises:
            KeyError, TypeError, ValueError: if the data is not what ``to_dict`` wrote.
        """
        return cls(
            Request.from_dict(data["request"]),
            Outcome(data["outcome"]),
            datetime.datetime.fromisoformat(data["when"]).isoformat(),
            float(data["seconds"]),
            {str(k): str(v) for k, v in data["results"].items()},
            str(data["sentence"]),
        )


class History(QObject):
    """The list of entries; ``changed`` after every change. Main thread only."""

    changed = pyqtSignal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._entries = [entry for entry in map(_read, settings.items(KEY)) if entry is not None]

    def entries(self) -> list[Entry]:
        """Newest first."""
        return list(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries = [entry, *self._entries][:LIMIT]
        self._write()

    def clear(self) -> None:
        self._entries = []
        self._write()

    def _write(self) -> None:
        self._settings.set_items(KEY, [entry.to_dict() for entry in self._entries])
        self.changed.emit()


def _read(data: Any) -> Entry | None:
    """An entry, or None for one of another version: an old line must not cost the others."""
    try:
        return Entry.from_dict(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
