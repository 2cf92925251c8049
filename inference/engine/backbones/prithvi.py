"""Prithvi-EO: a transformer over patches and dates of Harmonized Landsat Sentinel-2, 30 m pixels.

Szwarcman et al. 2024, "Prithvi-EO-2.0: A Versatile Multi-Temporal Foundation Model for Earth Observation
Applications" (arXiv:2412.02732), and Jakubik et al. 2023, "Foundation Models for Generalist Geospatial
Artificial Intelligence" (arXiv:2310.18660); weights from the repositories ibm-nasa-geospatial/Prithvi-EO-*,
Apache-2.0. The conventions are those of TerraTorch 1.2, which the authors publish them for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...cards import Card
from ..base import Scene
from ..parts.attention import vit_blocks
from ..parts.codes import sincos
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters
from ..parts.patches import PatchEmbed
from ..parts.series_encoder import SeriesEncoder, Steps

_PROJECTION = "patch_embed.proj.weight"


class PrithviNetwork(TokenNetwork):
    """The encoder with the parameter names of the published checkpoints.

    Args:
        channels: bands.
        dim: length of a token, a multiple of 16.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        patch: side of a patch in pixels.
        side: of the images it was trained on, in pixels: the grid that its positions are known on.
        time, location: whether it has a code of dates and of places.
    """

    def __init__(
        self,
        channels: int,
        dim: int,
        depth: int,
        heads: int,
        mlp_ratio: float,
        patch: int,
        side: int,
        time: bool,
        location: bool,
    ) -> None:
        super().__init__()
        self.dim = dim
        self.patch = patch
        self.grid = side // patch
        self.patch_embed = PatchEmbed(channels, dim, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.temporal_embed_enc = PairCode(dim) if time else None
        self.location_embed_enc = PairCode(dim) if location else None
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio)
        self.norm = nn.LayerNorm(dim)

    def forward(
        self,
        images: Tensor,
        dates: Tensor | None = None,
        places: Tensor | None = None,
        seen: Tensor | None = None,
        layers: Sequence[int] = (-1,),
    ) -> list[Tensor]:
        """Encode images of one date or several.

        Args:
            images: (batch, rows, cols, times, channels), standardised; sides are multiples of the patch.
            dates: (batch, times, 2), years and days of the year from 1, None if not known.
            places: (batch, 2), latitudes and longitudes in degrees, None if not known.
            seen: (batch, patch rows, patch cols), False where a patch must not be used; with times before
                the rows where dates differ in that.
            layers: the blocks whose output is wanted; negative ones count from the last.

        Returns:
            by layer (batch, 1 + times * patch rows * patch cols, dim), the class token first, then dates
            in turn. The last block's went through the norm, others did not.
        """
        x = self.patch_embed(images, self.patch).permute(0, 3, 1, 2, 4)
        batch, times, rows, cols, _ = x.shape
        x = x + positions(self.dim, self.grid, times, rows, cols).to(x.device)
        if self.temporal_embed_enc is not None and dates is not None:
            x = x + self.temporal_embed_enc(dates)[:, :, None, None]
        if self.location_embed_enc is not None and places is not None:
            x = x + self.location_embed_enc(places)[:, None, None, None]
        # The class token has a place of its own, whose code is zero.
        x = torch.cat([self.cls_token.expand(batch, -1, -1), x.flatten(1, 3)], dim=1).to(self.dtype)
        mask = None
        if seen is not None:
            shown = seen[:, None].expand(-1, times, -1, -1) if seen.ndim == 3 else seen
            mask = F.pad(shown.flatten(1), (1, 0), value=True)
        wanted = {layer % len(self.blocks) for layer in layers}
        outputs = {}
        for index, block in enumerate(self.blocks):
            x = block(x, mask)
            if index in wanted:
                outputs[index] = x.float()
        last = len(self.blocks) - 1
        if last in outputs:
            outputs[last] = self.norm(outputs[last])
        return [outputs[layer % len(self.blocks)] for layer in layers]


class PairCode(nn.Module):
    """Sine-cosine code of a date's year and day, or of a place's latitude and longitude; half of it each.

    How much it counts was learned, as ``scale``.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, pairs: Tensor) -> Tensor:
        """(..., 2) to (..., dim)."""
        half = self.dim // 2
        codes = [self._code(pairs[..., i], half if i == 0 else self.dim - half) for i in (0, 1)]
        return self.scale * torch.cat(codes, dim=-1)

    @staticmethod
    def _code(numbers: Tensor, dim: int) -> Tensor:
        # In float32 and in this order of operations: an angle of 2,000 keeps only four decimals, and the
        # weights were trained on what this makes of them.
        steps = torch.arange(dim // 2, dtype=torch.float32, device=numbers.device) / (dim / 2)
        code = sincos(numbers.float().flatten(), 1.0 / 10000**steps)
        return code.reshape(*numbers.shape, -1)


@lru_cache(maxsize=8)
def positions(dim: int, grid: int, times: int, rows: int, cols: int) -> Tensor:
    """The sine-cosine code of columns, rows and times, (times, rows, cols, dim), in the ratio 6 : 6 : 4.

    Args:
        grid: patches a side of the images of training; other sizes get that grid's codes, interpolated.
    """
    with torch.inference_mode(mode=False):
        x, y, t = (_line(n, dim // 16 * share) for n, share in ((grid, 6), (grid, 6), (times, 4)))
        shape = (times, grid, grid, -1)
        parts = (x[None, None], y[None, :, None], t[:, None, None])
        code = torch.cat([part.expand(shape) for part in parts], dim=-1).float()
        if (rows, cols) == (grid, grid):
            return code
        table = code.permute(0, 3, 1, 2)
        resized = F.interpolate(table, (rows, cols), mode="bicubic", align_corners=True)
        return resized.permute(0, 2, 3, 1)


def _line(count: int, dim: int) -> Tensor:
    """(count, dim) of positions from 0, in double precision."""
    steps = torch.arange(dim // 2, dtype=torch.float64) / (dim / 2)
    return sincos(torch.arange(count, dtype=torch.float64), 1.0 / 10000**steps)


def published(tensors: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The encoder's tensors of a published file, or of a checkpoint with such an encoder in it.

    Version 2 has ``encoder.`` and ``decoder.`` before the names, version 1 nothing; positions are computed,
    not read; codes of dates and places are left out where the network has none.
    """
    found = {}
    for name, value in tensors.items():
        plain = name.replace("_timm_module.", "").removeprefix("encoder.")
        if "decoder" in plain or "_dec" in plain or "pos_embed" in plain or plain == "mask_token":
            continue
        code = plain.partition(".")[0]
        if code in ("temporal_embed_enc", "location_embed_enc") and getattr(network, code) is None:
            continue
        # A patch is one date deep.
        flat = plain == _PROJECTION and value.ndim == 5 and value.shape[2] == 1
        found[plain] = value[:, :, 0] if flat else value
    return found


def date_and_place(scene: Scene, images: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """A scene's date (batch, 1, 2) and place (batch, 2) as the network wants them; None if not known."""
    dates = places = None
    if scene.date is not None:
        day = float(scene.date.year), float(scene.date.timetuple().tm_yday)
        dates = torch.tensor(day, device=images.device).expand(len(images), 1, 2)
    if scene.lonlat is not None:
        lon, lat = scene.lonlat
        places = torch.tensor((lat, lon), device=images.device).expand(len(images), 2)
    return dates, places


class Prithvi(SeriesEncoder):
    """Prithvi-EO over windows of one date or up to four of the six bands of Harmonized Landsat Sentinel-2.

    A date or place that is not known is left out, as the authors did with some of the samples in training.
    The published network has no mask for patches that were not seen on a date. They are taken out of
    attention here: as a masked autoencoder it was trained on a quarter of the patches, and so on any set.
    """

    # Version 2 was trained on four dates, version 1 on three.
    most_times = 4

    @classmethod
    def build(cls, card: Card) -> PrithviNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "patch_size", "image_size")
        codes = hyperparameters(card, "time_encoding", "location_encoding")
        return PrithviNetwork(len(card.bands), *hyperparameters(card, *names), *map(bool, codes))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        return published(tensors, network)

    def tokens(self, inputs: Inputs) -> Tensor:
        bands = [self.standardised(inputs, name) for name in self.card.bands]
        images = torch.stack(bands, dim=-1)[..., None, :]
        dates, places = date_and_place(inputs.scene, images)
        (output,) = self._network(images, dates, places, inputs.seen)
        side = images.shape[1] // self.stride
        return output[:, 1:].reshape(len(images), side, -1, self.dim).permute(0, 3, 1, 2)

    def series_tokens(self, steps: Steps) -> Tensor:
        """The mean of each patch's tokens over the dates on which it was seen."""
        bands = [self.standardised(steps, name) for name in self.card.bands]
        images = torch.stack(bands, dim=-1)
        days = [(float(day.year), float(day.timetuple().tm_yday)) for day in steps.days]
        dates = torch.tensor(days, device=images.device).expand(len(images), -1, 2)
        _, places = date_and_place(steps.scene, images)
        # (batch, times, patch rows, patch cols): a date counts where all of its bands were seen.
        seen = torch.stack(list(steps.seen.values())).all(dim=0).permute(0, 3, 1, 2)
        (output,) = self._network(images, dates, places, None if seen.all() else seen)
        tokens = output[:, 1:].reshape(*seen.shape, self.dim)
        share = seen[..., None].float()
        mean_token = (tokens * share).sum(dim=1) / share.sum(dim=1).clamp(min=1)
        return mean_token.permute(0, 3, 1, 2)


load = Prithvi.open
