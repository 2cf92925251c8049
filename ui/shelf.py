"""The catalogue as the dock sees it: read once, again on demand; with files the user opened."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..inference.cards import CLASSIFIER, CLASSIFIER_SUFFIX
from ..inference.catalog import JOIN, Card, default_catalog, load_card, ready
from ..inference.errors import GeoFMError
from ..inference.jobs import Task
from ..inference.machine import machine_memory
from ..inference.recommend import LayerFacts, Recommendation, recommend
from .settings import Settings

OPENED = "model_files"
_MOST_OPENED = 20
# Layers, or sets of them, whose ranking is remembered.
_MOST_RANKED = 8


class Shelf(QObject):
    """Cards of the catalogue and of opened files; ``changed`` after they were read again."""

    changed = pyqtSignal()
    # The path of a model's file without a card, which has to be added first.
    unknown = pyqtSignal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._cards: dict[str, Card] = {}
        self._problems: tuple[str, ...] = ()
        self._ranked: dict[LayerFacts, list[Recommendation]] = {}
        # Until the engine says what the device has.
        self._memory = machine_memory()
        self._read()

    def refresh(self) -> None:
        """Read the folders again, as after a download or a lesson."""
        self._read()
        self.changed.emit()

    def cards(self) -> list[Card]:
        return list(self._cards.values())

    def problems(self) -> tuple[str, ...]:
        """One sentence for each file in the model folders that is no usable card."""
        return self._problems

    def card(self, key: str) -> Card | None:
        """The card of a key, as :meth:`key` gives it."""
        return self._cards.get(key)

    def key(self, card: Card) -> str:
        """What the MODEL and CLASSIFIER parameters take for this card: an id, or a path."""
        if card.parts:
            return JOIN.join(map(self.key, card.parts))
        if card.family == CLASSIFIER or self._cards.get(card.id) is not card:
            return str(card.path)
        return card.id

    def open(self, path: str) -> Card:
        """Add a card or classifier file and remember it.

        Raises:
            GeoFMError: if the file is not a model.
        """
        card = default_catalog().get(path)
        known = [item for item in self._opened() if item != str(card.path)]
        self._settings.set_items(OPENED, [str(card.path), *known][:_MOST_OPENED])
        self.refresh()
        return card

    def ready(self, card: Card) -> bool:
        """Whether the card's files are on this machine (looked at, not verified)."""
        return ready(card)

    @property
    def memory(self) -> int | None:
        """Bytes of the device that runs use, as far as is known."""
        return self._memory

    def set_memory(self, count: int | None) -> None:
        """What the engine says of the device; models are ranked by it from now on."""
        if count is not None and count != self._memory:
            self._memory = count
            self._ranked.clear()
            self.changed.emit()

    def ranked(self, facts: LayerFacts, task: Task | None) -> list[Recommendation]:
        """The models for a task, best first; None for those of all tasks."""
        # Three pages and the list of models ask for the same layers; the order is the same for every task.
        if facts not in self._ranked:
            if len(self._ranked) == _MOST_RANKED:
                self._ranked.clear()
            self._ranked[facts] = recommend(facts, None, self._cards.values(), self._memory, self.ready)
        return [item for item in self._ranked[facts] if task is None or task.value in item.card.tasks]

    def _opened(self) -> Iterator[str]:
        return (item for item in self._settings.items(OPENED) if isinstance(item, str))

    def _read(self) -> None:
        self._ranked.clear()
        cards, problems = default_catalog().look()
        self._problems = tuple(map(str, problems))
        self._cards = {str(c.path) if c.family == CLASSIFIER else c.id: c for c in cards}
        for path in self._opened():
            try:
                card = load_card(path)
            # A file that was moved away is simply no longer offered; opening it again says why.
            except GeoFMError:
                continue
            if path.endswith(CLASSIFIER_SUFFIX) or card.id not in self._cards:
                self._cards.setdefault(path, card)
