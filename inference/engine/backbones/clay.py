"""Clay 1.5: a vision transformer over any bands that is told pixel size, week, hour and place.

Clay Foundation 2024, https://github.com/Clay-foundation/model; weights made-with-clay/Clay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ...bands import Band
from ...cards import Card
from ..base import Scene
from ..parts.any_band import AnyBandEncoder
from ..parts.attention import Block, JoinedAttention, Mlp
from ..parts.codes import sincos
from ..parts.hypernetwork import CLAY, BandPatches
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters

# Week, hour, latitude and longitude, a sine and a cosine each, are the last features of a position's code.
_ABOUT = 8
# The authors' numbers that tell radar's polarisations apart; they are no wavelengths.
_RADAR = {"VV": 3500.0, "VH": 4000.0}
_WEEKS = 52
# Optical bands of no named sensor count as an aerial photograph's up to this pixel size, as Sentinel-2's
# above: the authors' photographs have 0.5 to 1 m.
_AERIAL_GSD = 2.0
_PREFIX = "model.encoder."
# What the authors' modules are called, and what their like are called here.
_NAMES = (
    ("patch_embedding.", "patch_embed."),
    ("weight_generator.encoder.", "weight_generator.transformer_encoder."),
    ("fclayer.l", "fclayer.w"),
    ("transformer.norm.", "norm."),
    ("transformer.layers.", "blocks."),
    (".0.norm.", ".norm1."),
    (".0.to_qkv.", ".attn.qkv."),
    (".0.to_out.", ".attn.proj."),
    (".1.net.0.", ".norm2."),
    (".1.net.1.", ".mlp.fc1."),
    (".1.net.3.", ".mlp.fc2."),
)


class ClayNetwork(TokenNetwork):
    """The encoder, without the parts that pretraining alone needs.

    Args:
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        code: length of a wavelength's code.
        patch: side of a patch in pixels.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, code: int, patch: int) -> None:
        super().__init__()
        self.dim = dim
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.patch_embed = BandPatches(dim, code, patch, CLAY)
        hidden = int(dim * mlp_ratio)
        self.blocks = nn.ModuleList(
            Block(dim, JoinedAttention(dim, heads, bias=False), Mlp(dim, hidden)) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)

    def forward(
        self, images: Tensor, wavelengths: Tensor, gsd: float, about: Tensor, seen: Tensor | None = None
    ) -> Tensor:
        """Encode images.

        Args:
            images: standardised, (batch, bands, rows, cols).
            wavelengths: of the bands in micrometres, (bands,).
            gsd: side of a pixel in metres.
            about: week, hour, latitude and longitude, (batch or 1, 8): see :func:`week_and_place`.
            seen: (batch, patch rows, patch cols), False for patches that nothing must look at.

        Returns:
            (batch, 1 + patches, dim), the class token first.
        """
        patches = self.patch_embed(images, wave_code(wavelengths, self.patch_embed.code))
        batch, rows, cols, _ = patches.shape
        places = place_code(rows, cols, gsd, self.dim - _ABOUT).to(patches.device).expand(batch, -1, -1)
        told = about[:, None].expand(batch, rows * cols, -1)
        coded = patches.flatten(1, 2) + torch.cat([places, told], dim=-1)
        x = torch.cat([self.cls_token.expand(batch, -1, -1), coded], dim=1)
        return self.norm(self.through_blocks(x, seen))


def wave_code(wavelengths: Tensor, dim: int) -> Tensor:
    """Sine-cosine code (bands, dim) of wavelengths in micrometres (bands,)."""
    half = dim // 2
    steps = torch.arange(half, dtype=torch.float32, device=wavelengths.device) / (half - 1)
    return sincos(wavelengths, 1.0 / 10000.0**steps)


def place_code(rows: int, cols: int, gsd: float, dim: int) -> Tensor:
    """Sine-cosine code of patches, (1, rows * cols, dim): the column's half, then the row's.

    Its frequencies are all close to ``gsd``, from 1 to 10000 ** (-2 / dim) times it: not the usual
    code, but the one that the published weights were trained with.
    """
    quarter = dim // 4
    steps = torch.arange(quarter, dtype=torch.float32) / (quarter - 1)
    frequencies = 1.0 / 10000.0 ** (2 * steps / dim) * gsd
    x, y = (sincos(torch.arange(n, dtype=torch.float32), frequencies) for n in (cols, rows))
    shape = (rows, cols, 2 * quarter)
    return torch.cat([x[None].expand(shape), y[:, None].expand(shape)], dim=-1).flatten(0, 1)[None]


def week_and_place(scene: Scene) -> list[float]:
    """Sine and cosine of the week, the hour, the latitude and the longitude.

    The authors write 0 for what is unknown. That is the hour always: a scene knows its day alone.
    """
    week = (0.0, 0.0)
    if scene.date is not None:
        week = _turn(2 * math.pi * scene.date.isocalendar()[1] / _WEEKS)
    lat = lon = (0.0, 0.0)
    if scene.lonlat is not None:
        lon, lat = (_turn(math.radians(degrees)) for degrees in scene.lonlat)
    return [*week, 0.0, 0.0, *lat, *lon]


def _turn(angle: float) -> tuple[float, float]:
    return math.sin(angle), math.cos(angle)


class Clay(AnyBandEncoder):
    """Clay over single-date windows of any optical bands, Sentinel-1, or both at once."""

    weights_in = "state_dict"

    @classmethod
    def build(cls, card: Card) -> ClayNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "code_size", "patch_size")
        return ClayNetwork(*hyperparameters(card, *names))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        # A training program's file holds the decoder, a teacher and more under other prefixes.
        own = {name[len(_PREFIX) :]: value for name, value in tensors.items() if name.startswith(_PREFIX)}
        return {_name_here(name): value for name, value in (own or tensors).items()}

    def sensor_of(self, band: Band, gsd: float) -> str:
        sensor = super().sensor_of(band, gsd)
        return self.listed[0].band.modality if sensor == "optical" and gsd > _AERIAL_GSD else sensor

    def tokens(self, inputs: Inputs) -> Tensor:
        scene = inputs.scene
        about = torch.tensor([week_and_place(scene)], device=inputs.device)
        waves = self.by_band(inputs, _RADAR) / 1000
        found = self._network(self.scaled(inputs), waves, scene.gsd, about, inputs.seen)
        return self.as_grid(found, inputs)


def _name_here(name: str) -> str:
    for theirs, ours in _NAMES:
        name = name.replace(theirs, ours)
    return name


load = Clay.open
