"""Copernicus-FM: a vision transformer over any bands, told place, day and the patches' area on the ground.

Wang et al. 2025, "Towards a Unified Copernicus Foundation Model for Earth Vision" (arXiv:2503.11849);
weights as TorchGeo publishes them in torchgeo/copernicus-fm, CC-BY-4.0.
"""

from __future__ import annotations

import datetime
import math

import torch
from torch import Tensor, nn

from ...bands import DECIBEL
from ...cards import Card
from ..base import Scene
from ..parts.any_band import AnyBandEncoder
from ..parts.attention import vit_blocks
from ..parts.codes import resize_table
from ..parts.hypernetwork import DOFA, BandPatches
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters

# What the authors give for Sentinel-1, in nanometres: 5 cm, and the widest there is.
_RADAR = {"VV": 5e7, "VH": 5e7}
_RADAR_WIDTH = 1e9
# Shortest and longest period of each number's code: nanometres, degrees, square kilometres, days.
_WAVELENGTH, _WIDTH = (100.0, 1e9), (1.0, 1e9)
_DEGREES, _AREA, _DAYS = (1e-4, 720.0), (1e-3, 5.1e8), (1.0, 365.25)
# Length of the vector that a large language model gives a variable's name.
_WORDS = 2048
_FIRST_DAY = datetime.date(1970, 1, 1)


class VariablePatches(BandPatches):
    """The patch embedding of what is no band: its kernel is made from a language model's vector."""

    def __init__(self, dim: int, code: int, side: int) -> None:
        super().__init__(dim, code, side, DOFA)
        self.language_proj = nn.Linear(_WORDS, code)


class CopernicusNetwork(TokenNetwork):
    """The encoder with the parameter names of the published file.

    Args:
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        code: length of a band's code.
        patch: side of the stored kernels in pixels; patches of other sides take resized kernels.
        image: side in pixels of the images that the stored codes of positions are for.
    """

    def __init__(
        self, dim: int, depth: int, heads: int, mlp_ratio: float, code: int, patch: int, image: int
    ) -> None:
        super().__init__()
        self.dim = dim
        self.patch_embed_spectral = BandPatches(dim, code, patch, DOFA)
        self.patch_embed_variable = VariablePatches(dim, code, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (image // patch) ** 2, dim))
        for about in ("coord", "scale", "time"):
            self.add_module(f"{about}_fc", nn.Linear(dim, dim))
            self.register_parameter(f"{about}_token", nn.Parameter(torch.zeros(1, 1, dim)))
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio)

    def forward(
        self,
        images: Tensor,
        wavelengths: Tensor,
        widths: Tensor,
        about: Tensor,
        size: int,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Encode images of bands.

        Args:
            images: standardised, (batch, bands, rows, cols).
            wavelengths, widths: central wavelengths and bandwidths in nanometres, (bands,).
            about: (batch or 1, 4): longitude and latitude in degrees, days since 1970, square
                kilometres that a patch covers. What is NaN in any row is unknown in all.
            size: side of a patch in pixels.
            seen: (batch, patch rows, patch cols), False for patches that nothing must look at.

        Returns:
            (batch, 1 + patches, dim) of the last block, the class token first.
        """
        length = self.patch_embed_spectral.code
        codes = fourier_code(wavelengths, length, *_WAVELENGTH) + fourier_code(widths, length, *_WIDTH)
        return self._encoded(self.patch_embed_spectral(images, codes, size), about, seen)

    def variable(self, images: Tensor, words: Tensor, about: Tensor, size: int) -> Tensor:
        """Encode images (batch, 1, rows, cols) of a variable by its name's vector (2048,); see forward."""
        codes = self.patch_embed_variable.language_proj(words[None])
        return self._encoded(self.patch_embed_variable(images, codes, size), about, None)

    def _encoded(self, patches: Tensor, about: Tensor, seen: Tensor | None) -> Tensor:
        batch, rows, cols, _ = patches.shape
        places = resize_table(self.pos_embed[:, 1:], rows, cols, antialias=True)
        told = self._told(about)
        first = (self.cls_token + (self.pos_embed[:, :1] + told)).expand(batch, -1, -1)
        x = torch.cat([first, patches.flatten(1, 2) + (places + told)], dim=1)
        return self.through_blocks(x, seen)

    def _told(self, about: Tensor) -> Tensor:
        """What is known beyond the pixels, (batch or 1, 1, dim): added to every token, the first too."""
        lon, lat, days, area = about.unbind(dim=1)
        half = self.dim // 2
        # Shifted in single precision, as in training: the shortest periods are 1e-4 degrees.
        sides = [fourier_code(degrees, half, *_DEGREES) for degrees in (lon + 180, lat + 90)]
        place = self._known("coord", torch.cat(sides, dim=-1))
        area_code = self._known("scale", fourier_code(area, self.dim, *_AREA))
        return place + area_code + self._known("time", fourier_code(days, self.dim, *_DAYS))

    def _known(self, name: str, code: Tensor) -> Tensor:
        """One number's code, or the token learned for not knowing it, after its layer."""
        code = self.get_parameter(f"{name}_token") if code.isnan().any() else code[:, None]
        weight, bias = (self.get_parameter(f"{name}_fc.{part}") for part in ("weight", "bias"))
        # Not a matrix product: of up to three rows its last bits differ from those of more.
        return (code[..., None, :] * weight).sum(dim=-1) + bias


def fourier_code(values: Tensor, dim: int, shortest: float, longest: float) -> Tensor:
    """Sine-cosine code (n, dim) of numbers (n,), with periods in even steps of their logarithm."""
    ends = math.log10(shortest), math.log10(longest)
    periods = torch.logspace(*ends, dim // 2, dtype=torch.float64)
    # In double precision on the processor, which every device's numbers can come from and go back to.
    angles = values.cpu().double()[:, None] * (2 * math.pi / periods)
    return torch.cat([angles.sin(), angles.cos()], dim=1).float().to(values.device)


def place_and_time(scene: Scene, size: int) -> tuple[float, float, float, float]:
    """Longitude, latitude, days since 1970 and a patch's area in square kilometres; NaN if unknown."""
    lon, lat = scene.lonlat or (math.nan, math.nan)
    days = math.nan if scene.date is None else float((scene.date - _FIRST_DAY).days)
    return lon, lat, days, (size * scene.gsd / 1000) ** 2


class CopernicusFM(AnyBandEncoder):
    """Copernicus-FM over single-date windows of any optical bands, Sentinel-1, or both at once.

    Variables that are no bands (elevation, Sentinel-5P's gases) have weights, which must load, but
    nothing here feeds them: their kernels need the vectors of another model.
    """

    not_needed = ("fc_norm.", "head.")

    @classmethod
    def build(cls, card: Card) -> CopernicusNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "code_size", "patch_size", "image_size")
        return CopernicusNetwork(*hyperparameters(card, *names))

    def tokens(self, inputs: Inputs) -> Tensor:
        widths = [
            _RADAR_WIDTH if band.units == DECIBEL else self.stand_in(band, inputs.scene.gsd).width
            for band in inputs.bands.values()
        ]
        found = self._network(
            self.scaled(inputs),
            self.by_band(inputs, _RADAR),
            torch.tensor(widths, device=inputs.device),
            torch.tensor([place_and_time(inputs.scene, self.stride)], device=inputs.device),
            self.stride,
            inputs.seen,
        )
        return self.as_grid(found, inputs)


load = CopernicusFM.open
