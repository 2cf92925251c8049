"""Complete segmentation networks that come as ONNX files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ...bands import REFLECTANCE, Band, band_of_card
from ...catalog import Asset, Card
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import F32, WindowBatch
from ..devices import Device
from ..memory import Memory
from ..parts.layer_bands import match_bands, require_units
from .onnx_graph import Graph, Shape, Source, open_graph


class OnnxNetwork:
    """A segmenter with one input of (batch, bands, rows, cols) and one score a class and pixel.

    A :class:`~..base.Network`. The card names, for each of its assets, the bands in the network's
    order and their means and deviations; the network answers scores before softmax.

    Attributes:
        memory: how many windows at once it computes.
    """

    def __init__(self, card: Card, fetch: Callable[[Asset], Path], device: Device) -> None:
        self.name = card.id
        self.classes = tuple(info.name for info in card.classes)
        self.window = card.window
        self.halo = card.halo
        self.stride = card.stride
        self.blend = not 0 < card.receptive_field <= 2 * card.halo + 1
        self._units = card.units
        # More bands first; among equals the card's order decides.
        self._assets = sorted(card.assets, key=lambda asset: -len(asset.bands))
        self._fetch = fetch
        self._device = device
        self.memory = Memory()
        self._chosen: Graph | None = None
        self._graphs: dict[str, Graph] = {}

    @classmethod
    def load(cls, card: Card, fetch: Callable[[Asset], Path], device: Device) -> OnnxNetwork:
        """Get ready to run ``card``; its files are fetched when :meth:`select` knows which one.

        Args:
            fetch: gives the verified local file of an asset.

        Raises:
            ModelCorrupt: if the card lacks what it takes to feed the network.
        """
        for asset in card.assets:
            if not asset.bands or not len(asset.bands) == len(asset.mean) == len(asset.std):
                raise ModelCorrupt(
                    f"The card of {card.id} does not give bands, mean and std for {asset.name}.",
                    "Each of its files needs the three lists, of one length.",
                )
        if not card.assets or not card.classes or card.window <= 2 * card.halo:
            raise ModelCorrupt(
                f"The card of {card.id} is not that of a segmenter.",
                "It needs a file, classes, and a window wider than twice the halo.",
            )
        return cls(card, fetch, device)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands of the richest network that they can feed, which is made ready.

        Raises:
            UnsupportedInput: naming the bands missing for the simplest network, or not reflectance.
            ModelMissing, ModelCorrupt: if that network's file cannot be had or is not usable.
        """
        asset, chosen = self._choose(bands)
        if self._units == REFLECTANCE:
            seen = [bands[index] for index in chosen if bands[index].modality != "sentinel-1"]
            require_units(seen, REFLECTANCE)
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

    def predict(self, batch: WindowBatch) -> F32:
        """Scores (batch, classes, rows, cols); pixels without information count as average ones.

        Args:
            batch: windows of ``window`` pixels a side; ``bands`` as :meth:`select` chose.
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
        scores = self.memory.windows(graph.run, ready, graph.at_once, self.halo if graph.any_side else 0)
        return scores.astype(np.float32, copy=False)

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
        shape = Shape(len(asset.bands), len(self.classes), self.window)
        source = Source(path.read_bytes(), asset.filename, f"{self.name} {asset.sha256}", shape)
        return open_graph(source, self._device)


load = OnnxNetwork.load
