"""Networks that TerraTorch trained: an encoder of a family here, with TerraTorch's necks, decoders and heads.

TerraTorch (https://github.com/terrastackai/terratorch) itself is not needed, and no code of a model's runs:
the card's ``geofm:architecture`` names parts of ``parts/decoders.py``, as TerraTorch's configuration did.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...assets import Asset
from ...cards import Card
from ...errors import ModelCorrupt
from ...wiring import VALUES
from ..base import F32, Scene, WindowBatch
from ..devices import Device
from ..parts.decoders import DECODERS, HEADS, NECKS, Decoder, Features, Neck
from ..parts.patch_encoder import PatchEncoder, TokenNetwork
from ..parts.weights import load_strictly, read_weights
from ..precision import FLOAT32, Precision
from .dofa import Dofa, DofaNetwork
from .onnx_network import OnnxNetwork
from .prithvi import Prithvi, date_and_place
from .satlas import Satlas
from .terramind import TerraMind

SEGMENTATION, REGRESSION = "segmentation", "regression"


@dataclass(frozen=True)
class Family:
    """How an encoder of a family is used in such a network.

    Attributes:
        encoder: names its tensors.
        build: makes it of the sizes in the card's ``mlm:hyperparameters`` and the bands of each of its
            inputs, if it has several.
        layers: its tokens after each block, (batch, tokens, dim), of standardised windows (batch, bands,
            rows, cols); the scene is None where the network was trained without dates and places.
        prefix: of its tensors' names, where TerraTorch wraps the encoder of another library.
        widths: features of each layer, if they differ.
    """

    encoder: type[PatchEncoder]
    build: Callable[[Card, Mapping[str, int]], TokenNetwork]
    layers: Callable[[Any, Tensor, Scene | None], Features]
    prefix: str = ""
    widths: Callable[[Any], list[int]] | None = None


def _prithvi(network: Any, windows: Tensor, scene: Scene | None) -> Features:
    images = windows.permute(0, 2, 3, 1)[:, :, :, None]
    dates, places = (None, None) if scene is None else date_and_place(scene, windows)
    found: Features = network(images, dates, places, layers=range(len(network.blocks)))
    return found


def _terramind(network: Any, windows: Tensor, scene: Scene | None) -> Features:
    parts = torch.split(windows, list(network.channels.values()), dim=1)
    images = dict(zip(network.channels, parts, strict=True))
    found = list(network.sequence(images))
    found[-1] = network.encoder_norm(found[-1])
    # What the sensors say of a place is averaged.
    return [torch.stack(tokens.chunk(len(images), dim=1)).mean(dim=0) for tokens in found]


def _dofa_of(card: Card, inputs: Mapping[str, int]) -> DofaNetwork:
    network = Dofa.build(card)
    network.wavelengths = _wavelengths(card)
    return network


def _dofa(network: Any, windows: Tensor, scene: Scene | None) -> Features:
    x = network.embedded(windows, windows.new_tensor(network.wavelengths))
    found = []
    for block in network.blocks:
        x = block(x)
        found.append(x)
    return found


def _satlas(network: Any, windows: Tensor, scene: Scene | None) -> Features:
    found = [windows]
    for part in network.features:
        found.append(part(found[-1]))
    return found[1:]


def _satlas_widths(network: Any) -> list[int]:
    first = network.features[0]["0"].out_channels
    # Patches and the first stage have as many features; each merging doubles them for the stage after it.
    return [first * 2 ** (part // 2) for part in range(len(network.features))]


def _wavelengths(card: Card) -> tuple[float, ...]:
    """Of the bands in nanometres, as the network was trained with.

    Raises:
        ModelCorrupt: if the card does not give one for each band.
    """
    stated = card.raw["properties"]["geofm:architecture"].get("wavelengths")
    if not isinstance(stated, list) or len(stated) != len(card.bands):
        raise ModelCorrupt(
            f"The card of {card.id} does not give one wavelength for each of its bands.",
            "Its geofm:architecture needs wavelengths, in nanometres.",
        )
    return tuple(float(value) for value in stated)


FAMILIES = {
    "prithvi": Family(Prithvi, lambda card, inputs: Prithvi.build(card), _prithvi),
    "dofa": Family(Dofa, _dofa_of, _dofa, "dofa_model."),
    "satlas": Family(Satlas, lambda card, inputs: Satlas.build(card), _satlas, "swin_model.", _satlas_widths),
    "terramind": Family(TerraMind, TerraMind.sized, _terramind),
}


class PixelNetwork(nn.Module):
    """Encoder, necks, decoder and head, with the parameter names of TerraTorch's checkpoints.

    Args:
        layers: see :class:`Family`.
        first: which of the layers the necks get; it has no name in a checkpoint.
    """

    def __init__(
        self,
        encoder: TokenNetwork,
        layers: Callable[[Any, Tensor, Scene | None], Features],
        first: Neck,
        necks: list[Neck],
        decoder: Decoder,
        head: nn.Module,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.neck = nn.Sequential(*necks)
        self.decoder = decoder
        self.head = head
        self._layers = layers
        self._first = first

    def forward(self, windows: Tensor, scene: Scene | None = None) -> Tensor:
        """(batch, bands, rows, cols), standardised, to answers (batch, channels, rows, cols)."""
        features = self._first(self._layers(self.encoder, windows, scene))
        answers = self.head(self.decoder(self.neck(features)))
        side = windows.shape[-2:]
        return answers if answers.shape[-2:] == side else F.interpolate(answers, side, mode="bilinear")


def build(card: Card) -> PixelNetwork:
    """The network that a card describes, with no weights yet.

    Raises:
        ModelCorrupt: if the description names what is not known here, or its parts do not fit together.
    """
    described = card.raw["properties"].get("geofm:architecture")
    if not isinstance(described, Mapping) or described.get("encoder") not in FAMILIES:
        raise ModelCorrupt(
            f"The card of {card.id} describes no network that is known here.",
            f"Its geofm:architecture needs an encoder, one of {', '.join(FAMILIES)}.",
        )
    family = FAMILIES[described["encoder"]]
    encoder = family.build(card, described.get("inputs", {}))
    depth = sum(len(list(part.children())) for part in encoder.trunk())
    widths = family.widths(encoder) if family.widths else [encoder.dim] * depth
    chosen = {"name": "SelectIndices", "indices": described.get("layers") or range(len(widths))}
    first = _part(card, NECKS, chosen, widths)
    channels, necks = first.channels, []
    for entry in described.get("necks", []):
        necks.append(_part(card, NECKS, entry, channels))
        channels = necks[-1].channels
    task = described.get("task")
    answers = len(card.wiring.variables) if card.wiring.answer == VALUES else len(card.classes)
    decoder = _part(card, DECODERS, described.get("decoder", {}), channels)
    head = _part(card, HEADS, {**described.get("head", {}), "name": task}, decoder.out_channels, answers)
    return PixelNetwork(encoder, family.layers, first, necks, decoder, head)


def _part(card: Card, known: Mapping[str, Any], entry: Mapping[str, Any], *first: Any) -> Any:
    """A part of a name, with the arguments beside the name."""
    name = str(entry.get("name"))
    if name not in known:
        raise ModelCorrupt(
            f"The card of {card.id} describes a network with {name}, which is not known here.",
            f"Known are: {', '.join(known)}.",
        )
    try:
        return known[name](*first, **{key: value for key, value in entry.items() if key != "name"})
    # What a constructor raises on arguments that it does not have, or that do not fit what comes before.
    except (TypeError, ValueError, IndexError, KeyError, RuntimeError) as error:
        raise ModelCorrupt(
            f"The card of {card.id} describes {name} with arguments that do not fit.",
            "Compare its geofm:architecture with the configuration of the training.",
            str(error),
        ) from error


def filled(card: Card, tensors: Mapping[str, Tensor]) -> PixelNetwork:
    """The network of a card with its weights.

    Raises:
        ModelCorrupt: from :func:`build`, or if a tensor is missing, left over or of another shape.
    """
    # First without memory: what random numbers would fill is replaced anyhow.
    with torch.device("meta"):
        network = build(card)
    network = network.to_empty(device="cpu")
    load_strictly(network, tensors, card.id)
    return network.eval()


class _Running:
    """A network on a device, a :class:`~..parts.graph.Graph`.

    Attributes:
        scene: of the windows that come next.
    """

    dtype = np.float32
    abreast = 1
    any_side = False

    def __init__(self, network: PixelNetwork, device: str) -> None:
        self._network = network.to(device)
        self._device = device
        self.scene: Scene | None = None
        # One by one on a processor, where the last bits can depend on the other windows of a batch.
        self.at_once = 1 if device == "cpu" else sys.maxsize
        runtime = {"runtime": f"PyTorch {torch.__version__}", "runtime_reason": "TerraTorch trained it."}
        self.facts = {**runtime, **Precision(FLOAT32, "float32, in which it was trained.").facts}

    @torch.inference_mode()
    def run(self, windows: F32) -> F32:
        """See :class:`~..parts.graph.Graph`."""
        given = torch.from_numpy(np.ascontiguousarray(windows)).to(self._device)
        return self._network(given, self.scene).cpu().numpy()


class TerraTorch(OnnxNetwork):
    """A :class:`~..base.Network` of a card of this family; fed as other complete networks are."""

    def __init__(
        self, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Any = None
    ) -> None:
        super().__init__(card, fetch, device, opened)
        self._card = card
        self._tells_scene = bool(card.raw["properties"].get("geofm:inputs"))

    def predict(self, batch: WindowBatch) -> F32:
        if self._tells_scene:
            graph = self._graph(self._choose(batch.bands)[0])
            if isinstance(graph, _Running):
                graph.scene = batch.scene
        return super().predict(batch)

    def _open(self, asset: Asset) -> _Running:
        return _Running(filled(self._card, read_weights(self._fetch(asset))), self._device.torch_device)


load = TerraTorch.load
