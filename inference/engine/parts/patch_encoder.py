"""What the encoders of patches share: which bands, gaps in the data, memory, number format."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...assets import Asset
from ...bands import REFLECTANCE, Band, band_of_card
from ...cards import Card
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import F32, Scene, WindowBatch
from ..devices import Device
from ..memory import Memory
from ..precision import FLOAT32, Encode, Precision, choose_precision, wanted_precision
from .layer_bands import match_bands, require_units
from .weights import load_strictly, read_weights

Encoder = TypeVar("Encoder", bound="PatchEncoder")
Scaling = Mapping[str, tuple[float, float]]

# Pixels of one band at once on a processor. For Galileo's windows twice as many take a seventh
# longer, because they leave its caches; with fewer, threads wait for each other.
_CPU_PIXELS = 32 * 16 * 16
# Windows of the batch that number formats are compared on, as far as they are small.
_TRIAL_WINDOWS = 32
# Their side, where the encoder takes any.
_TRIAL_SIDE = 32


class TokenNetwork(nn.Module):
    """A network whose blocks can compute in another number format than what surrounds them.

    Attributes:
        dim: features of a token.
        dtype: what the blocks compute in; what goes into them is brought to it, what comes out to float32.
    """

    dim: int
    dtype = torch.float32

    def trunk(self) -> Sequence[nn.Module]:
        """The modules that do most of the work: ``blocks``, unless a family has others."""
        return (self.get_submodule("blocks"),)

    def computing_in(self, dtype: torch.dtype) -> TokenNetwork:
        """A copy whose trunk computes in ``dtype``.

        What goes into the trunk and comes out stays float32: there is little of it, and places
        and months need more than the 8 bits of bf16.
        """
        other = copy.deepcopy(self)
        for part in other.trunk():
            part.to(dtype)
        other.dtype = dtype
        return other

    def through_blocks(self, x: Tensor, seen: Tensor | None = None) -> Tensor:
        """Tokens (batch, 1 + patches, dim), the class token first, after all of ``blocks``.

        Args:
            seen: (batch, patch rows, patch cols), False for patches that nothing must look at.
        """
        keys = None if seen is None else F.pad(seen.flatten(1), (1, 0), value=True)
        x = x.to(self.dtype)
        for block in self.get_submodule("blocks").children():
            x = block(x, keys)
        return x.float()


@dataclass(frozen=True)
class Valued:
    """A batch of windows by bands.

    Attributes:
        values: (batch, rows, cols), of several dates (batch, rows, cols, times), by the names that
            :meth:`PatchEncoder.match` gave, in the bands' units (reflectance 0 to 1, dB, metres).
        bands: what the layer's band of each name is.
    """

    values: Mapping[str, Tensor]
    bands: Mapping[str, Band]

    @property
    def batch(self) -> int:
        return len(next(iter(self.values.values())))

    @property
    def device(self) -> torch.device:
        return next(iter(self.values.values())).device


@dataclass(frozen=True)
class Inputs(Valued):
    """A batch of windows of one date as a family takes it; gaps in its values are filled.

    Attributes:
        seen: (batch, patch rows, patch cols), False for patches without a valid pixel; None where
            every patch has one.
        scene: what is known beyond the pixels.
        known: as ``seen``, by the bands' names, where bands are missing of patches that others are of.
    """

    seen: Tensor | None
    scene: Scene
    known: Mapping[str, Tensor] = field(default_factory=dict)

    def seen_of(self, names: Iterable[str]) -> Tensor | None:
        """(batch, patch rows, patch cols), False where one of some bands is missing; None for nowhere."""
        masks = [self.known[name] for name in names if name in self.known]
        if not masks or self.seen is None:
            return self.seen
        return torch.stack([self.seen, *masks]).all(dim=0)


class PatchEncoder(ABC):
    """An :class:`~..base.Encoder` of windows on a lattice, one feature vector for every patch.

    A family says how its network is built from a card (:meth:`build`), how a published file names
    the tensors (:meth:`renamed`), and how tokens come of pixels (:meth:`tokens`); where it takes
    other bands than its card lists, :meth:`match` too.

    Attributes:
        precision: what its blocks compute in, and why.
        memory: how many windows at once it computes.
        scaling: mean and standard deviation of each band of the card, in the band's units.
    """

    halo = 0
    # Whether it looks past bands that are missing of some patches; else a pixel counts where all are there.
    masks_bands = False
    # The entry of a training program's file that holds the weights, if there is one.
    weights_in = ""
    # How the names of tensors begin that published files hold and the network does not need.
    not_needed: tuple[str, ...] = ()

    def __init__(self, card: Card, network: TokenNetwork, device: str, precision: Precision) -> None:
        self.name = card.id
        self.card = card
        self.dim = network.dim
        self.stride = card.stride
        self.window = card.window
        self.precision = precision
        self.memory = Memory()
        self.scaling = scaling_of(card)
        self._wanted = {name: band_of_card(name) for name in card.bands}
        self._network: Any = network.computing_in(precision.dtype)
        self._device = torch.device(device)

    @classmethod
    def open(cls: type[Encoder], card: Card, fetch: Callable[[Asset], Path], device: Device) -> Encoder:
        """The encoder of a card on a device: what ``load`` of a family's module is."""
        weights = [fetch(asset) for asset in card.assets]
        return cls.load(card, weights, device.torch_device, wanted_precision())

    @classmethod
    def load(
        cls: type[Encoder],
        card: Card,
        weights: Path | Sequence[Path],
        device: str,
        precision: str = FLOAT32,
    ) -> Encoder:
        """Build the network of ``card`` from its weights on a torch device.

        Args:
            weights: the file, or the files that they are spread over.
            precision: ``float32``, ``bfloat16``, or ``auto``: what is right and fastest here.

        Raises:
            ModelCorrupt: if the weights do not fit, or the card lacks what the family needs.
        """
        files = [weights] if isinstance(weights, Path) else weights
        tensors: dict[str, Tensor] = {}
        for file in files:
            tensors.update(read_weights(file, cls.weights_in))
        network = cls.filled(card, tensors).eval().to(device)

        def trial(name: str) -> Encode:
            encoder = cls(card, network, device, Precision(name, "A trial."))
            return lambda: encoder.encode(encoder.trial_batch())

        identity = f"{card.id} {card.assets[0].sha256}"
        return cls(card, network, device, choose_precision(precision, identity, device, trial))

    @classmethod
    def filled(cls, card: Card, tensors: Mapping[str, Tensor]) -> TokenNetwork:
        """The network of a card with the tensors of its published files.

        Raises:
            ModelCorrupt: if one is missing, left over or of another shape.
        """
        network = cls.build(card)
        load_strictly(network, cls.renamed(tensors, network), card.id)
        return network

    @classmethod
    @abstractmethod
    def build(cls, card: Card) -> TokenNetwork:
        """The network of the sizes that the card states, with no weights yet.

        Raises:
            ModelCorrupt: if the card does not state them.
        """

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        """The tensors of a published file under the network's names; what it needs not is left out."""
        return {name: value for name, value in tensors.items() if not name.startswith(cls.not_needed)}

    @abstractmethod
    def tokens(self, inputs: Inputs) -> Tensor:
        """Features of the patches, (batch, dim, patch rows, patch cols); any for patches not seen."""

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """Index of the layer's band for each name that :meth:`tokens` will find; bands may be absent.

        Raises:
            UnsupportedInput: naming what is missing of what the model cannot do without.
        """
        found = match_bands(bands, self._wanted)
        self.require([name for name in self.card.min_bands if name not in found])
        return found

    def require(self, missing: Sequence[str]) -> None:
        """Refuse a layer that lacks bands, given by name or in words, if there are any."""
        if missing:
            names = [f"{n} ({b.common})" if (b := self._wanted.get(n)) and b.common else n for n in missing]
            raise UnsupportedInput(
                f"The model {self.name} did not find these bands: {', '.join(names)}.",
                "If the layer has them, name its bands in order with BANDS, "
                "for example BANDS=sentinel2-l2a or BANDS=blue,green,red,nir.",
            )

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands that :meth:`match` found.

        Raises:
            UnsupportedInput: naming those that are missing, or whose values have the wrong units.
        """
        found = self.match(bands)
        units = {n: self._wanted[n].units if n in self._wanted else bands[i].units for n, i in found.items()}
        for unit in sorted(set(units.values())):
            require_units([bands[found[name]] for name in found if units[name] == unit], unit)
        return tuple(sorted(found.values()))

    @property
    def facts(self) -> dict[str, str]:
        """In which number format it computes, and why."""
        return self.precision.facts

    @torch.inference_mode()
    def encode(self, batch: WindowBatch) -> F32:
        """Features (batch, dim, rows / stride, cols / stride); zeros for patches without a valid pixel.

        Args:
            batch: windows whose sides are multiples of the stride; ``bands`` as :meth:`select` chose.
        """
        if not self.masks_bands:
            batch = batch.whole()
        pixels = torch.from_numpy(np.ascontiguousarray(batch.pixels)).to(self._device)
        valid = torch.from_numpy(np.ascontiguousarray(batch.valid)).to(self._device)
        found = self.match(batch.bands)
        gaps = self._gaps(batch, found)
        known = {name: gaps.get(name, valid) for name in found}
        patches = {name: self._of_patches(mask) for name, mask in gaps.items()}
        seen = torch.stack(list(patches.values())).any(dim=0) if gaps else self._of_patches(valid)
        whole = torch.stack([seen, *patches.values()]).all(dim=(0, 2, 3))
        bands = {name: batch.bands[index] for name, index in found.items()}
        result = torch.zeros(len(pixels), self.dim, *seen.shape[1:], device=self._device)
        at_once = max(1, _CPU_PIXELS // valid[0].numel()) if self._device.type == "cpu" else len(pixels)
        # Apart, so that a window's answer does not depend on its neighbours in the batch.
        for chosen, masked in ((whole, False), (seen.any(dim=(1, 2)) & ~whole, True)):

            def compute(part: Tensor, masked: bool = masked) -> None:
                values = {
                    n: fill_gaps(pixels[part, i], known[n][part], self.stride) for n, i in found.items()
                }
                missing = {n: mask[part] for n, mask in patches.items()} if masked else {}
                inputs = Inputs(values, bands, seen[part] if masked else None, batch.scene, missing)
                result[part] = self.tokens(inputs) * seen[part, None]

            self.memory.parts(compute, chosen.nonzero()[:, 0], at_once)
        return result.cpu().numpy()

    def _of_patches(self, mask: Tensor) -> Tensor:
        """(batch, patch rows, patch cols) which patches have a pixel of a (batch, rows, cols) mask."""
        return F.max_pool2d(mask[:, None].float(), self.stride)[:, 0] > 0

    def _gaps(self, batch: WindowBatch, found: Mapping[str, int]) -> dict[str, Tensor]:
        """(batch, rows, cols) where each band is known, by its name; nothing where none is missing."""
        if batch.seen is None:
            return {}
        seen = torch.from_numpy(np.ascontiguousarray(batch.seen & batch.valid[:, None])).to(self._device)
        return {name: seen[:, index] for name, index in found.items()}

    def standardised(self, inputs: Valued, name: str) -> Tensor:
        """One band, (batch, rows, cols) or with times, less its mean, over its standard deviation."""
        mean, std = self.scaling[name]
        return (inputs.values[name] - mean) / std

    def trial_batch(self) -> WindowBatch:
        """Windows of made-up values, always the same, that number formats are compared on.

        Bands rise and fall together, as light does. Of optical models the optical bands, else all.
        """
        names = [name for name in self._wanted if name in self.scaling]
        optical = [name for name in names if self._wanted[name].units == REFLECTANCE]
        names = optical or names
        mean, std = (np.array([self.scaling[n][i] for n in names], np.float32)[:, None, None] for i in (0, 1))
        side, step = self.window or _TRIAL_SIDE, self.stride
        windows = max(2, min(_TRIAL_WINDOWS, _TRIAL_WINDOWS * 16 * 16 // side**2))
        chance = np.random.default_rng(0)
        light = chance.normal(size=(windows, 1, side // step, side // step))
        light = light.repeat(step, axis=2).repeat(step, axis=3)
        colour = chance.normal(size=(windows, len(names), 1, 1))
        noise = chance.normal(size=(windows, len(names), side, side))
        pixels = (mean + std * (0.7 * light + 0.5 * colour + 0.2 * noise)).astype(np.float32)
        if optical:
            pixels = np.clip(pixels, 0, None)
        bands = tuple(self._wanted[name] for name in names)
        return WindowBatch(pixels, np.ones((windows, side, side), np.bool_), bands, Scene(10.0))


def hyperparameters(card: Card, *names: str) -> list[Any]:
    """Numbers among the card's ``mlm:hyperparameters``.

    Raises:
        ModelCorrupt: naming those that are missing or no numbers.
    """
    facts = card.raw["properties"].get("mlm:hyperparameters", {})
    lacking = [name for name in names if not isinstance(facts.get(name), int | float)]
    if lacking:
        raise ModelCorrupt(
            f"The card of {card.id} states no {', '.join(lacking)}.",
            "Compare its mlm:hyperparameters with a card of the plugin's of the same family.",
        )
    return [facts[name] for name in names]


def scaling_of(card: Card) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation by band's name, in the band's units: reflectance from 0 to 1, dB, metres.

    Raises:
        ModelCorrupt: if the card's file has them for some of its bands only.
    """
    asset = card.assets[0]
    names = asset.bands or card.bands
    if len(asset.mean) != len(names):
        raise ModelCorrupt(
            f"The card of {card.id} does not give one mean and deviation for each of its bands.",
            "Compare it with a card of the plugin's of the same family.",
        )
    return dict(zip(names, zip(asset.mean, asset.std, strict=True), strict=True))


def fill_gaps(values: Tensor, valid: Tensor, side: int) -> Tensor:
    """Give each invalid pixel the mean of its patch's valid ones, else that of its window's.

    Args:
        values: (batch, rows, cols).
        valid: the same shape.
        side: of a patch.
    """
    clean = torch.where(valid, values, 0.0)
    count = valid.float()
    total, share = (F.avg_pool2d(part[:, None], side)[:, 0] for part in (clean, count))
    whole = clean.sum(dim=(1, 2)) / count.sum(dim=(1, 2)).clamp(min=1)
    mean = torch.where(share > 0, total / share.clamp(min=1 / side**2), whole[:, None, None])
    spread = mean.repeat_interleave(side, 1).repeat_interleave(side, 2)
    return torch.where(valid, values, spread)
