"""How networks that come as files are fed: bands by identity, scaled, missing pixels as average ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bands import REFLECTANCE, Band, band_of_card
from ...catalog import Asset, Card
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import WindowBatch
from ..devices import Device
from ..memory import Memory
from .answers import Answers
from .graph import Graph, Shape, Source
from .layer_bands import match_bands, require_units

Open = Callable[[Source, Device], Graph]


class Feed:
    """The file of a card, fed with windows.

    The card names, for each of its assets, the bands in the network's order and their means and
    deviations; the richest network that the bands can feed is taken.

    Attributes:
        name: catalogue id.
        window: side of its windows in pixels.
        memory: how many windows at once it computes.
    """

    def __init__(self, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open) -> None:
        """
        Args:
            fetch: gives the verified local file of an asset; asked when :meth:`select` knows which one.
            opened: makes such a file ready to run.

        Raises:
            ModelCorrupt: if the card lacks what it takes to feed the network.
        """
        for asset in card.assets:
            if not asset.bands or not len(asset.bands) == len(asset.mean) == len(asset.std):
                raise ModelCorrupt(
                    f"The card of {card.id} does not give bands, mean and std for {asset.name}.",
                    "Each of its files needs the three lists, of one length.",
                )
        self.name = card.id
        self.window = card.window
        self.memory = Memory()
        self.answers = Answers(card.wiring, len(card.classes))
        self._units = card.units
        # More bands first; among equals the card's order decides.
        self._assets = sorted(card.assets, key=lambda asset: -len(asset.bands))
        self._fetch = fetch
        self._device = device
        self._open_graph = opened
        self._channels_last, self._output = card.wiring.channels_last, card.wiring.output
        self._chosen: Graph | None = None
        self._graphs: dict[str, Graph] = {}

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands of the richest network that they can feed, which is made ready.

        Raises:
            UnsupportedInput: naming the bands missing for the simplest network, or not reflectance.
            ModelMissing, ModelCorrupt: if that network's file cannot be had or is not usable.
        """
        asset, chosen = self._choose(bands)
        if self._units == REFLECTANCE:
            optical = [bands[index] for index in chosen if bands[index].modality != "sentinel-1"]
            require_units(optical, REFLECTANCE)
        self._chosen = self._graph(asset)
        return chosen

    @property
    def facts(self) -> dict[str, str]:
        """What runs the network that :meth:`select` chose, in which number format, and why."""
        return {} if self._chosen is None else self._chosen.facts

    @property
    def abreast(self) -> int:
        """See :class:`~..base.Network`; of the network that :meth:`select` chose."""
        return 1 if self._chosen is None else self._chosen.abreast

    def raw(self, batch: WindowBatch, halo: int) -> NDArray[Any]:
        """What the file answers; pixels without information count as average ones.

        Args:
            batch: windows of ``window`` pixels a side; ``bands`` as :meth:`select` chose.
            halo: pixels at a window's border whose answers are not used, where a window that does not
                fit into memory may be computed in parts; 0 if it must stay whole.
        """
        asset, chosen = self._choose(batch.bands)
        graph = self._graph(asset)
        mean, std = (np.asarray(v, np.float32)[:, None, None] for v in (asset.mean, asset.std))
        in_order = chosen == tuple(range(len(batch.bands)))
        scaled = (batch.pixels if in_order else batch.pixels[:, list(chosen)]) - mean
        scaled /= std
        if not batch.valid.all():
            np.copyto(scaled, np.float32(0), where=~batch.valid[:, None])
        ready = scaled.astype(graph.dtype, copy=False)
        if self._channels_last:
            ready, halo = np.ascontiguousarray(ready.transpose(0, 2, 3, 1)), 0
        return self.memory.windows(graph.run, ready, graph.at_once, halo if graph.any_side else 0)

    def _choose(self, bands: Sequence[Band]) -> tuple[Asset, tuple[int, ...]]:
        missing: list[str] = []
        for asset in self._assets:
            found = match_bands(bands, {name: band_of_card(name) for name in asset.bands})
            missing = [name for name in asset.bands if name not in found]
            if not missing:
                return asset, tuple(found[name] for name in asset.bands)
        raise UnsupportedInput(
            f"The model {self.name} did not find these bands: {', '.join(missing)}.",
            "If the layer has them, name its bands in order with BANDS, "
            "for example BANDS=blue,green,red,nir.",
        )

    def _graph(self, asset: Asset) -> Graph:
        if asset.name not in self._graphs:
            self._graphs[asset.name] = self._open(asset)
        return self._graphs[asset.name]

    def _open(self, asset: Asset) -> Graph:
        path = self._fetch(asset)
        answer = self.answers.shape(self.window)
        shape = Shape(
            len(asset.bands),
            self.answers.channels,
            self.window,
            answer,
            self._channels_last,
            self._output,
            scores=self.answers.scores,
        )
        source = Source(path.read_bytes(), asset.filename, f"{self.name} {asset.sha256}", shape)
        return self._open_graph(source, self._device)
