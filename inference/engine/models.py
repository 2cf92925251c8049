"""Loaded models: built once per card and device, kept warm, the least recently used let go first."""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import pkgutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..catalog import Asset, Card, Catalog
from ..errors import UnsupportedInput, present
from . import backbones
from .base import Context, Encoder
from .devices import Device
from .features.encodings import Kept
from .features.token_store import TokenStore
from .making import making
from .weights.store import Store

_log = logging.getLogger(__name__)

Fetch = Callable[[Asset], Path]

# Warm models together may take this much; sized for a laptop with 8 GB that also runs QGIS.
MEMORY_BUDGET = 2 * 1024**3
# Families whose module has another name than they.
_MODULES = {"onnx": "onnx_network"}


def _load(card: Card, fetch: Fetch, device: Device) -> Any:
    """The model of a card: what ``load`` in the module of its family makes of it.

    Raises:
        UnsupportedInput: if there is no such module.
        ModelMissing, ModelCorrupt: from the module.
    """
    name = _MODULES.get(card.family, card.family.replace("-", "_"))
    known = {module.name for module in pkgutil.iter_modules(backbones.__path__)}
    # A name from a card is imported only where it is that of a file here.
    module = importlib.import_module(f"{backbones.__name__}.{name}") if name in known else None
    load = getattr(module, "load", None)
    if load is None:
        raise UnsupportedInput(
            f"The model {card.id} is of the family {card.family!r}, which this version cannot run.",
            "A later version of GeoFM may.",
        )
    return load(card, fetch, device)


class ModelCache:
    """Warm models under a memory budget."""

    def __init__(self, store: Store, device: Device, budget: int = MEMORY_BUDGET) -> None:
        self._store = store
        self._device = device
        self._budget = budget
        self._warm: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._context: Context | None = None

    def get(self, card: Card, context: Context) -> Any:
        """The model of a card, loaded now or earlier.

        Raises:
            UnsupportedInput: if no code of this version runs the card's family.
            ModelMissing, ModelCorrupt: from the store.
        """
        self._context = context
        key = f"{card.id}@{card.path}"
        if key not in self._warm:
            _log.info("Loading %s.", card.id)
            model = _load(card, lambda asset: self._fetch(card, asset), self._device)
            self._warm[key] = (model, sum(asset.size or 0 for asset in card.assets))
        self._warm.move_to_end(key)
        self._shrink()
        return self._warm[key][0]

    def forget(self, card_id: str) -> None:
        """Let go of a card's model, because its files changed."""
        for key in [key for key in self._warm if key.split("@", 1)[0] == card_id]:
            del self._warm[key]

    def _fetch(self, card: Card, asset: Asset) -> Path:
        # A warm model may want another of its files long after it was built: it is the run of
        # that moment, not the first, that waits for it and may cancel it.
        return self._store.fetch(card, asset, present(self._context))

    def _shrink(self) -> None:
        while len(self._warm) > 1 and sum(size for _, size in self._warm.values()) > self._budget:
            self._warm.popitem(last=False)


@dataclass(frozen=True)
class Services:
    """What jobs share for as long as the engine lives on one device."""

    catalog: Catalog
    store: Store
    device: Device
    models: ModelCache
    tokens: TokenStore

    @classmethod
    def create(cls, catalog: Catalog, store: Store, device: Device) -> Services:
        return cls(catalog, store, device, ModelCache(store, device), TokenStore.here())

    def kept(self, card: Card, encoder: Encoder) -> Kept:
        """Where the tokens of a model are kept beyond a run.

        Args:
            card: with the digests of all its files.
            encoder: the model, as it was loaded.
        """
        # Wherever the card lies.
        told = {name: value for name, value in asdict(card).items() if name != "path"}
        facts = [told, making(self.device, getattr(encoder, "facts", {}))]
        identity = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
        return Kept(self.tokens, identity)
