"""Loaded models: built once per card and device, kept warm, the least recently used let go first."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog import Asset, Card, Catalog
from ..errors import UnsupportedInput
from .base import Context, Encoder, Network
from .devices import Device
from .store import Store

_log = logging.getLogger(__name__)

Fetch = Callable[[Asset], Path]
Builder = Callable[[Card, Fetch, Device], Any]
_BUILDERS: dict[str, Builder] = {}

# Warm models together may take this much; sized for a laptop with 8 GB that also runs QGIS.
MEMORY_BUDGET = 2 * 1024**3


def family(name: str) -> Callable[[Builder], Builder]:
    """Register the builder of a card's ``geofm:family``."""

    def register(builder: Builder) -> Builder:
        _BUILDERS[name] = builder
        return builder

    return register


@family("galileo")
def _galileo(card: Card, fetch: Fetch, device: Device) -> Encoder:
    from .backbones.galileo import Galileo
    from .precision import wanted_precision

    return Galileo.load(card, fetch(card.assets[0]), device.torch_device, wanted_precision())


@family("spectral-texture")
def _spectral_texture(card: Card, fetch: Fetch, device: Device) -> Encoder:
    from .backbones.spectral_texture import SpectralTexture

    return SpectralTexture()


@family("onnx")
def _onnx(card: Card, fetch: Fetch, device: Device) -> Network:
    from .backbones.onnx_network import OnnxNetwork

    return OnnxNetwork.load(card, fetch, device)


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
            builder = _BUILDERS.get(card.family)
            if builder is None:
                raise UnsupportedInput(
                    f"The model {card.id} is of the family {card.family!r}, which this version cannot run.",
                    f"It runs: {', '.join(sorted(_BUILDERS))}.",
                )
            _log.info("Loading %s.", card.id)
            model = builder(card, lambda asset: self._fetch(card, asset), self._device)
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
        assert self._context is not None
        return self._store.fetch(card, asset, self._context)

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

    @classmethod
    def create(cls, catalog: Catalog, store: Store, device: Device) -> Services:
        return cls(catalog, store, device, ModelCache(store, device))
