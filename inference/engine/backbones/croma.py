"""CROMA: encoders of Sentinel-2 and Sentinel-1, and one that joins them.

Fuller, Millard and Green 2023, "CROMA: Remote Sensing Representations with Contrastive Radar-Optical
Masked Autoencoders" (arXiv:2311.00566); weights as torchgeo publishes them, from antofuller/CROMA.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import Band
from ...cards import Card
from ...errors import UnsupportedInput, present
from ..parts.attention import attend
from ..parts.layer_bands import match_bands
from ..parts.patch_encoder import Inputs, PatchEncoder, TokenNetwork, hyperparameters
from ..parts.patches import cut_patches

# In the order of SSL4EO-S12, on which it was trained.
OPTICAL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
RADAR = ("VV", "VH")
# Of the encoders of one sensor, whatever the number of the joint encoder's.
_HEADS = 16


class _Attention(nn.Module):
    """Attention to the tokens themselves, with its own norm before it."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.input_norm = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.to_out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, bias: Tensor, seen: Tensor | None) -> Tensor:
        return self.to_out(attend(self.to_qkv(self.input_norm(x)), self.heads, seen, bias))


class _CrossAttention(nn.Module):
    """Attention to another sensor's tokens of the same places; one norm serves both."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.input_norm = nn.LayerNorm(dim)
        self.to_q = nn.Linear(dim, dim, bias=False)
        self.to_k = nn.Linear(dim, dim, bias=False)
        self.to_v = nn.Linear(dim, dim, bias=False)
        self.to_out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, context: Tensor, bias: Tensor, seen: Tensor | None) -> Tensor:
        own, other = self.input_norm(x), self.input_norm(context)
        joined = torch.cat([self.to_q(own), self.to_k(other), self.to_v(other)], dim=-1)
        return self.to_out(attend(joined, self.heads, seen, bias))


class _Perceptron(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.input_norm = nn.LayerNorm(dim)
        # The places of the layers in the authors' sequence name the tensors; dropout was between them.
        self.net = nn.ModuleDict({"0": nn.Linear(dim, hidden), "3": nn.Linear(hidden, dim)})

    def forward(self, x: Tensor) -> Tensor:
        return self.net["3"](F.gelu(self.net["0"](self.input_norm(x))))


class _Layer(nn.ModuleList):
    """Attention, a perceptron, and with a context the attention to it in between."""

    def __init__(self, dim: int, heads: int, hidden: int, crossed: bool) -> None:
        crossing = [_CrossAttention(dim, heads)] if crossed else []
        super().__init__([_Attention(dim, heads), *crossing, _Perceptron(dim, hidden)])

    def forward(self, x: Tensor, bias: Tensor, seen: Tensor | None, context: Tensor | None) -> Tensor:
        attention, *crossing, perceptron = self
        x = x + attention(x, bias, seen)
        for cross in crossing:
            x = x + cross(x, context, bias, seen)
        return x + perceptron(x)


class _Transformer(nn.Module):
    """Layers over one sensor's tokens, or, ``crossed``, over two sensors'."""

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, crossed: bool = False) -> None:
        super().__init__()
        hidden = int(dim * mlp_ratio)
        self.layers = nn.ModuleList(_Layer(dim, heads, hidden, crossed) for _ in range(depth))
        self.norm_out = nn.LayerNorm(dim)

    def forward(self, x: Tensor, bias: Tensor, seen: Tensor | None, context: Tensor | None = None) -> Tensor:
        for layer in self.layers:
            x = layer(x, bias, seen, context)
        return self.norm_out(x)


class _SensorEncoder(nn.Module):
    def __init__(self, channels: int, dim: int, depth: int, mlp_ratio: float, patch: int) -> None:
        super().__init__()
        self.linear_input = nn.Linear(channels * patch**2, dim)
        self.transformer = _Transformer(dim, depth, _HEADS, mlp_ratio)


class CromaNetwork(TokenNetwork):
    """The three encoders with the parameter names of the published files.

    Args:
        dim: length of a token.
        depth: blocks of the optical encoder; those of radar and of both have half as many.
        heads: of the joint encoder.
        mlp_ratio: width of the hidden layers over ``dim``.
        patch: side of a patch in pixels.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, patch: int) -> None:
        super().__init__()
        self.dim = dim
        self.patch = patch
        self.heads = heads
        self.s1_encoder = _SensorEncoder(len(RADAR), dim, depth // 2, mlp_ratio, patch)
        self.s2_encoder = _SensorEncoder(len(OPTICAL), dim, depth, mlp_ratio, patch)
        self.joint_encoder = _Transformer(dim, depth // 2, heads, mlp_ratio, crossed=True)

    def trunk(self) -> Sequence[nn.Module]:
        return self.s1_encoder.transformer, self.s2_encoder.transformer, self.joint_encoder

    def forward(self, optical: Tensor | None, radar: Tensor | None, seen: Tensor | None = None) -> Tensor:
        """Encode one sensor's image, or both of one place together.

        Args:
            optical: (batch, 12, rows, cols), each band from 0 to 1, sides multiples of the patch's.
            radar: (batch, 2, rows, cols), likewise.
            seen: (batch, patches), False for those to leave out of attention.

        Returns:
            (batch, patches, dim), patches row by row.
        """
        sides = {image.shape[2:] for image in (optical, radar) if image is not None}
        rows, cols = (side // self.patch for side in sides.pop())
        tokens = [
            self._encode(encoder, image, rows, cols, seen)
            for encoder, image in ((self.s1_encoder, radar), (self.s2_encoder, optical))
            if image is not None
        ]
        if len(tokens) == 1:
            return tokens[0].float()
        bias = distance_bias(self.heads, rows, cols, tokens[0].device).to(self.dtype)
        return self.joint_encoder(tokens[0], bias, seen, tokens[1]).float()

    def _encode(
        self, encoder: _SensorEncoder, image: Tensor, rows: int, cols: int, seen: Tensor | None
    ) -> Tensor:
        bias = distance_bias(_HEADS, rows, cols, image.device).to(self.dtype)
        x = encoder.linear_input(cut_patches(image, self.patch))
        return encoder.transformer(x.to(self.dtype), bias, seen)


def distance_bias(heads: int, rows: int, cols: int, device: torch.device) -> Tensor:
    """What attention loses with the distance between patches, (heads, patches, patches).

    ALiBi (Press et al. 2022, arXiv:2108.12409) on the distance in the plane, in patches. No table is
    learned, so that images of any size have one.
    """
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(cols)).double()
    distances = (places[:, None] - places[None]).square().sum(dim=-1).sqrt().float()
    slopes = torch.tensor([2.0 ** (-8.0 * (head + 1) / heads) for head in range(heads)])
    return (distances * -slopes[:, None, None]).to(device)


class Croma(PatchEncoder):
    """CROMA over windows of Sentinel-2 with all its bands, of Sentinel-1, or of both.

    Windows have 120 pixels a side, as in its training; its code of positions lets others do as well.
    """

    # Pooled outputs need these, and torchgeo's module keeps the code of positions among its tensors.
    not_needed = ("s1_GAP_FFN.", "s2_GAP_FFN.", "attn_bias")

    @classmethod
    def build(cls, card: Card) -> CromaNetwork:
        return CromaNetwork(
            *hyperparameters(card, "embed_dim", "depth", "num_heads", "mlp_ratio", "patch_size")
        )

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """Each sensor's bands, all or none of them.

        A sensor that is there in part is refused: without its other bands the model does not know it,
        and to leave it out in silence would surprise.
        """
        found = match_bands(bands, self._wanted)
        parts = [sensor for sensor in (OPTICAL, RADAR) if not set(sensor).isdisjoint(found)]
        missing = [name for sensor in parts or [OPTICAL] for name in sensor if name not in found]
        if missing and len(parts) == 2:
            raise UnsupportedInput(
                f"The model {self.name} takes all 12 bands of Sentinel-2, both of Sentinel-1, or all 14; "
                f"it did not find {', '.join(missing)}.",
                "Leave out the sensor that is not complete with '-' in BANDS.",
            )
        self.require(missing)
        return found

    def tokens(self, inputs: Inputs) -> Tensor:
        optical, radar = (self._image(inputs, names) for names in (OPTICAL, RADAR))
        seen = None if inputs.seen is None else inputs.seen.flatten(1)
        tokens = self._network(optical, radar, seen).transpose(1, 2)
        image = present(radar if optical is None else optical)
        rows, cols = (side // self.stride for side in image.shape[2:])
        return tokens.unflatten(2, (rows, cols))

    def _image(self, inputs: Inputs, names: Sequence[str]) -> Tensor | None:
        """A sensor's bands as the authors scale them: mean - 2 std at 0, mean + 2 std at 1, no further."""
        if names[0] not in inputs.values:
            return None
        bands = [(self.standardised(inputs, name) + 2) / 4 for name in names]
        return torch.stack(bands, dim=1).clamp(0, 1)


load = Croma.open
