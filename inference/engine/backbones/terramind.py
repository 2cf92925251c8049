"""TerraMind 1.0: a vision transformer over patches of several sensors of one place at once.

Jakubik et al. 2025, "TerraMind: Large-Scale Generative Multimodality for Earth Observation"
(arXiv:2504.11171); weights from ibm-esa-geospatial on Hugging Face, Apache-2.0. Conventions of the
encoder as in TerraTorch 1.2.11: each sensor's patches are tokens of their own, the features of a
place are the mean of its sensors' tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import SENTINEL2, Band
from ...cards import Card
from ...errors import ModelCorrupt
from ...fields import is_number
from ..parts.attention import Block, JoinedAttention, Mlp
from ..parts.codes import resize_table
from ..parts.layer_bands import match_bands
from ..parts.patch_encoder import Inputs, PatchEncoder, Scaling, TokenNetwork, hyperparameters
from ..precision import Precision

# Names of the inputs in a card's mlm:input, and what the published files call them.
PUBLISHED = {
    "S2L2A": "untok_sen2l2a@224",
    "S2L1C": "untok_sen2l1c@224",
    "RGB": "untok_sen2rgb@224",
    "S1GRD": "untok_sen1grd@224",
    "S1RTC": "untok_sen1rtc@224",
    "DEM": "untok_dem@224",
}
_CHANNELS = {"S2L2A": 12, "S2L1C": 13, "RGB": 3, "S1GRD": 2, "S1RTC": 2, "DEM": 1}
_OPTICAL = ("S2L2A", "S2L1C")
_PICTURE = {"red": "B04", "green": "B03", "blue": "B02"}
_VISIBLE = tuple(_PICTURE.values())
_EPS = 1e-6


class GatedMlp(nn.Module):
    """A perceptron whose hidden layer is gated (SwiGLU, Shazeer 2020, arXiv:2002.05202), without biases."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden, bias=False)
        self.fc2 = nn.Linear(hidden, dim, bias=False)
        self.fc3 = nn.Linear(dim, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.silu(self.fc1(x)) * self.fc3(x))


class Embedding(nn.Module):
    """One sensor's patches as tokens.

    Args:
        side: of a patch in pixels.
        places: patches of the image that it was trained on.
    """

    def __init__(self, channels: int, dim: int, side: int, places: int) -> None:
        super().__init__()
        self.side = side
        self.proj = nn.Linear(channels * side**2, dim, bias=False)
        self.mod_emb = nn.Parameter(torch.zeros(1, 1, dim))
        # A table of sines and cosines that the files hold; which half belongs to the rows is its business.
        self.register_buffer("pos_emb", torch.zeros(1, places, dim))

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, rows, cols) in pixels to (batch, patches, dim), row by row."""
        batch, channels, rows, cols = (*images.shape[:2], *(n // self.side for n in images.shape[2:]))
        cut = images.reshape(batch, channels, rows, self.side, cols, self.side)
        # A patch's vector goes through its pixels, each with all its channels.
        patches = cut.permute(0, 2, 4, 3, 5, 1).reshape(batch, rows * cols, -1)
        return self.proj(patches) + self.mod_emb + resize_table(self.get_buffer("pos_emb"), rows, cols)


class TerraMindNetwork(TokenNetwork):
    """The encoder with the parameter names of the published files.

    Args:
        modalities: names of its inputs, keys of ``PUBLISHED``, and how many bands each has.
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``, before two thirds of it are kept where it is gated.
        gated: gated perceptrons and no biases (base, large), else plain ones with biases (tiny, small).
        image: side in pixels of the images that it was trained on.
        side: of a patch in pixels.
    """

    def __init__(
        self,
        modalities: Mapping[str, int],
        dim: int,
        depth: int,
        heads: int,
        mlp_ratio: float,
        gated: bool,
        image: int,
        side: int,
    ) -> None:
        super().__init__()
        self.dim = dim
        self.channels = dict(modalities)
        places = (image // side) ** 2
        self.encoder_embeddings = nn.ModuleDict(
            {PUBLISHED[name]: Embedding(count, dim, side, places) for name, count in modalities.items()}
        )
        hidden = int(mlp_ratio * dim)
        self.encoder = nn.ModuleList(
            Block(
                dim,
                JoinedAttention(dim, heads, bias=not gated),
                GatedMlp(dim, int(2 * hidden / 3)) if gated else Mlp(dim, hidden),
                _EPS,
            )
            for _ in range(depth)
        )
        self.encoder_norm = nn.LayerNorm(dim, eps=_EPS)

    def trunk(self) -> Sequence[nn.Module]:
        return (self.encoder,)

    def forward(self, images: Mapping[str, Tensor], seen: Tensor | None = None) -> dict[str, Tensor]:
        """Tokens of each sensor.

        Args:
            images: normalised, (batch, channels, rows, cols) by the sensor's name, all of one size; the
                order of the names is that of the sequence.
            seen: (batch, patches), False for places to ignore; or (batch, sensors x patches), False for
                what to ignore of each sensor.

        Returns:
            (batch, patches, dim) by the sensor's name.
        """
        for x in self.sequence(images, seen):
            last = x
        parts = self.encoder_norm(last).chunk(len(images), dim=1)
        return dict(zip(images, parts, strict=True))

    def sequence(self, images: Mapping[str, Tensor], seen: Tensor | None = None) -> Iterator[Tensor]:
        """All sensors' tokens, one sensor after the other, as each block leaves them; see :meth:`forward`."""
        tokens = [self.encoder_embeddings[PUBLISHED[name]](image) for name, image in images.items()]
        x = torch.cat(tokens, dim=1).to(self.dtype)
        keys = seen
        if seen is not None and seen.shape[1] < x.shape[1]:
            keys = seen.repeat(1, len(tokens))
        for block in self.encoder:
            x = block(x, keys)
            yield x.float()


class TerraMind(PatchEncoder):
    """TerraMind over windows of the side it was trained on.

    A card's ``mlm:input`` names the inputs that it takes, each with its bands and their mean and
    deviation. The layer decides which are fed: an optical layer with the cirrus band, which only
    top-of-atmosphere products have, is S2L1C, another S2L2A; red, green and blue of no known sensor
    are a picture (RGB, brightness 0 to 1). Of an optical input any bands may be missing but the
    visible ones: they count as average, which is what leaving out their weights does. Where a sensor is
    missing at places, the tokens of the others are looked at alone, as in its training.
    """

    masks_bands = True

    def __init__(self, card: Card, network: TokenNetwork, device: str, precision: Precision) -> None:
        super().__init__(card, network, device, precision)
        self._inputs = _scalings(card)

    @classmethod
    def build(cls, card: Card) -> TerraMindNetwork:
        return cls.sized(card, {name: len(bands) for name, bands in _scalings(card).items()})

    @classmethod
    def sized(cls, card: Card, inputs: Mapping[str, int]) -> TerraMindNetwork:
        """The network of the sizes that a card states, for inputs of so many bands."""
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "gated_mlp", "image_size", "patch_size")
        return TerraMindNetwork(inputs, *hyperparameters(card, *names))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        # The published files hold the whole generative model: decoders, tokens of further sensors.
        wanted = network.state_dict()
        found = {name: tensor for name, tensor in tensors.items() if name in wanted}
        # Its normalisations have no bias to learn; a file may leave those zeros out.
        zeros = [name for name in wanted if "norm" in name and name.endswith(".bias")]
        return {**{name: torch.zeros_like(wanted[name]) for name in zeros}, **found}

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """The bands of every input that the layer serves.

        Raises:
            UnsupportedInput: if it serves none.
        """
        sensors = {name: band for name, band in self._wanted.items() if name not in _PICTURE}
        found = match_bands(bands, sensors)
        if "RGB" in self._inputs and _is_picture(bands, found):
            found |= {name: found.pop(twin) for name, twin in _PICTURE.items()}
        used = {name for names in self._chosen(found).values() for name in names}
        if not used:
            first = _VISIBLE if "S2L2A" in self._inputs else next(iter(self._inputs.values()))
            self.require([name for name in first if name not in found])
        return {name: index for name, index in found.items() if name in used}

    def _chosen(self, found: Mapping[str, object]) -> dict[str, Scaling]:
        """The inputs that bands serve, with their bands in the network's order."""
        optical = "S2L1C" if "B10" in found and "S2L1C" in self._inputs else "S2L2A"
        needs = {name: _VISIBLE if name in _OPTICAL else tuple(bands) for name, bands in self._inputs.items()}
        return {
            name: bands
            for name, bands in self._inputs.items()
            if found.keys() >= set(needs[name]) and (name == optical or name not in _OPTICAL)
        }

    def tokens(self, inputs: Inputs) -> Tensor:
        chosen = self._chosen(inputs.values)
        images = {name: self._image(bands, inputs) for name, bands in chosen.items()}
        masks = [inputs.seen_of(bands) for bands in chosen.values()]
        known = [mask.flatten(1) for mask in masks if mask is not None]
        seen = torch.cat(known, dim=1) if known else None
        found = torch.stack(list(self._network(images, seen).values()))
        tokens = _mean(found, torch.stack(known)) if inputs.known else found.mean(dim=0)
        rows, cols = (n // self.stride for n in next(iter(images.values())).shape[2:])
        return tokens.transpose(1, 2).reshape(inputs.batch, self.dim, rows, cols)

    def _image(self, bands: Scaling, inputs: Inputs) -> Tensor:
        """(batch, bands, rows, cols), standardised; a band that is missing counts as its mean."""
        like = next(iter(inputs.values.values()))
        values = [inputs.values.get(name, torch.full_like(like, mean)) for name, (mean, _) in bands.items()]
        mean, std = (like.new_tensor([pair[i] for pair in bands.values()])[:, None, None] for i in (0, 1))
        return (torch.stack(values, dim=1) - mean) / std


def _mean(tokens: Tensor, known: Tensor) -> Tensor:
    """(batch, patches, dim) mean of (sensors, batch, patches, dim) tokens, where a sensor is known."""
    weights = known[..., None].to(tokens.dtype)
    return (tokens * weights).sum(dim=0) / weights.sum(dim=0).clamp(min=1)


def _is_picture(bands: Sequence[Band], found: Mapping[str, int]) -> bool:
    """Whether red, green and blue of no known sensor are all that is optical."""
    optical = {name: bands[index] for name, index in found.items() if name in SENTINEL2}
    return set(optical) == set(_VISIBLE) and all(band.modality == "optical" for band in optical.values())


def _scalings(card: Card) -> dict[str, Scaling]:
    """Mean and deviation of each band of each input of a card, in the order of ``mlm:input``.

    Raises:
        ModelCorrupt: if an input is unknown, or its bands are not as many as the network has.
    """
    found: dict[str, Scaling] = {}
    for item in card.raw["properties"].get("mlm:input", []):
        name, bands, scaling = item.get("name"), item.get("bands", []), item.get("value_scaling") or []
        pairs = [(entry.get("mean"), entry.get("stddev")) for entry in scaling]
        numbers = all(is_number(value) for pair in pairs for value in pair)
        if not numbers or not len(bands) == len(pairs) == _CHANNELS.get(name):
            raise ModelCorrupt(
                f"The card of {card.id} does not describe its input {name!r} as TerraMind has it.",
                f"Its inputs are {', '.join(PUBLISHED)}, each with a z-score for each of its bands.",
            )
        found[name] = dict(zip(bands, pairs, strict=True))
    return found


load = TerraMind.open
