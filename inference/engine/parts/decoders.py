"""Necks, decoders and heads that make maps of an encoder's tokens, as TerraTorch composes them.

Names of classes and arguments are those of TerraTorch's configurations, names of parameters those of its
checkpoints (https://github.com/terrastackai/terratorch, 1.2.11). The decoders are UPerNet (Xiao et al. 2018,
arXiv:1807.10221), U-Net (Ronneberger et al. 2015, arXiv:1505.04597, as segmentation_models_pytorch has it)
and plain convolutions (FCN). Only what such a network computes when it predicts is here.

Features are lists of tensors: of tokens (batch, tokens, dim) before, of images (batch, dim, rows, cols)
after the neck that reshapes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

Features = list[Tensor]


class Neck(nn.Module):
    """Turns features into others.

    Attributes:
        channels: of each of the features that come out.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.channels = list(channels)

    def forward(self, features: Features) -> Features:
        raise NotImplementedError


class SelectIndices(Neck):
    """Some of the encoder's layers."""

    def __init__(self, channels: Sequence[int], indices: Sequence[int]) -> None:
        super().__init__([channels[index] for index in indices])
        self.indices = list(indices)

    def forward(self, features: Features) -> Features:
        return [features[index] for index in self.indices]


class ReshapeTokensToImage(Neck):
    """Tokens back on the square grid that they came from; dates become channels.

    Where the tokens without the first do not make a square, the first is no class token. Images stay as they
    are.
    """

    def __init__(
        self, channels: Sequence[int], remove_cls_token: bool = True, effective_time_dim: int = 1
    ) -> None:
        super().__init__(channels)
        self.first = 1 if remove_cls_token else 0
        self.times = effective_time_dim

    def forward(self, features: Features) -> Features:
        return [self._image(tokens) for tokens in features]

    def _image(self, tokens: Tensor) -> Tensor:
        if tokens.ndim > 3:
            return tokens
        batch, count, dim = tokens.shape
        side = math.isqrt(count // self.times)
        first = self.first if self.times * side**2 == count - self.first else 0
        grid = tokens[:, first:].reshape(batch, self.times, side, side, dim)
        return grid.permute(0, 1, 4, 2, 3).flatten(1, 2)


class PermuteDims(Neck):
    """The dimensions of each feature in another order: what has its channels last gets them second."""

    def __init__(self, channels: Sequence[int], new_order: Sequence[int]) -> None:
        super().__init__(channels)
        self.order = list(new_order)

    def forward(self, features: Features) -> Features:
        return [feature.permute(self.order).contiguous() for feature in features]


class LearnedInterpolateToPyramidal(Neck):
    """Four features of one size at four: four times, twice, once, half as large, by learned convolutions."""

    def __init__(self, channels: Sequence[int]) -> None:
        first, second, third, fourth = channels
        super().__init__([first // 4, second // 2, third, fourth])
        self.fpn1 = nn.Sequential(
            nn.ConvTranspose2d(first, first // 2, 2, 2),
            nn.BatchNorm2d(first // 2),
            nn.GELU(),
            nn.ConvTranspose2d(first // 2, first // 4, 2, 2),
        )
        self.fpn2 = nn.Sequential(nn.ConvTranspose2d(second, second // 2, 2, 2))

    def forward(self, features: Features) -> Features:
        return pyramid(self.fpn1, self.fpn2, features)


def pyramid(fpn1: nn.Module, fpn2: nn.Module, features: Features) -> Features:
    """See :class:`LearnedInterpolateToPyramidal`."""
    one, two, three, four = features
    return [fpn1(one), fpn2(two), three, F.max_pool2d(four, 2, 2)]


class InterpolateToPyramidal(Neck):
    """The last feature ``scale_factor`` times as large, each one before it as many times larger again."""

    def __init__(self, channels: Sequence[int], scale_factor: int = 2, mode: str = "nearest") -> None:
        super().__init__(channels)
        self.factor, self.mode = scale_factor, mode

    def forward(self, features: Features) -> Features:
        count = len(features)
        return [
            F.interpolate(x, scale_factor=float(self.factor ** (count - i)), mode=self.mode)
            for i, x in enumerate(features)
        ]


class Decoder(nn.Module):
    """Turns features into one image.

    Attributes:
        out_channels: of that image.
    """

    out_channels: int

    def forward(self, features: Features) -> Tensor:
        raise NotImplementedError


class IdentityDecoder(Decoder):
    """One of the features as it is."""

    def __init__(self, channels: Sequence[int], out_index: int = -1) -> None:
        super().__init__()
        self.index, self.out_channels = out_index, channels[out_index]

    def forward(self, features: Features) -> Tensor:
        return features[self.index]


class LinearDecoder(Decoder):
    """A linear layer that answers for all pixels of a cell at once; a head follows it all the same."""

    def __init__(
        self, channels: Sequence[int], num_classes: int, upsampling_size: int, in_index: int = -1
    ) -> None:
        super().__init__()
        self.index, self.out_channels = in_index, num_classes
        self.conv = nn.ConvTranspose2d(channels[in_index], num_classes, upsampling_size, upsampling_size)

    def forward(self, features: Features) -> Tensor:
        return self.conv(features[self.index])


class _ChannelNorm(nn.Module):
    """Layer normalisation of each pixel's channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.ln = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, image: Tensor) -> Tensor:
        return self.ln(image.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()


class FCNDecoder(Decoder):
    """Convolutions that double the size of one feature, again and again."""

    def __init__(
        self, channels_in: Sequence[int], channels: int = 256, num_convs: int = 4, in_index: int = -1
    ) -> None:
        super().__init__()
        self.index, self.out_channels = in_index, channels
        inputs = [channels_in[in_index], *[channels] * (num_convs - 1)]
        self.convs = nn.Sequential(*(self._step(count, channels) for count in inputs))

    @staticmethod
    def _step(count: int, channels: int) -> nn.Module:
        return nn.Sequential(
            nn.ConvTranspose2d(count, channels, 2, 2),
            nn.Conv2d(channels, channels, 3, padding=1),
            _ChannelNorm(channels),
            nn.GELU(),
        )

    def forward(self, features: Features) -> Tensor:
        return self.convs(features[self.index])


class _ConvNormAct(nn.Module):
    def __init__(self, count: int, channels: int, side: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(count, channels, side, padding=side // 2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, image: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(image)))


class UperNetDecoder(Decoder):
    """UPerNet: a pyramid of means of the last feature, added from coarse to fine to the others."""

    def __init__(
        self,
        channels_in: Sequence[int],
        pool_scales: Sequence[int] = (1, 2, 3, 6),
        channels: int = 256,
        align_corners: bool = True,
        scale_modules: bool = False,
    ) -> None:
        super().__init__()
        inputs = list(channels_in)
        self.scales = scale_modules
        if scale_modules:
            # An old way to have the neck of this name: inside the decoder.
            neck = LearnedInterpolateToPyramidal(inputs)
            self.fpn1, self.fpn2, inputs = neck.fpn1, neck.fpn2, neck.channels
        self.out_channels, self.align = channels, align_corners
        self.psp_modules = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(scale), _ConvNormAct(inputs[-1], channels, 1))
            for scale in pool_scales
        )
        self.bottleneck = _ConvNormAct(inputs[-1] + len(pool_scales) * channels, channels, 3)
        self.lateral_convs = nn.ModuleList(_ConvNormAct(count, channels, 1) for count in inputs[:-1])
        self.fpn_convs = nn.ModuleList(_ConvNormAct(channels, channels, 3) for _ in inputs[:-1])
        self.fpn_bottleneck = _ConvNormAct(len(inputs) * channels, channels, 3)

    def forward(self, features: Features) -> Tensor:
        if self.scales:
            features = pyramid(self.fpn1, self.fpn2, features)
        last = features[-1]
        pooled = [self._resized(module(last), last) for module in self.psp_modules]
        levels = [conv(x) for conv, x in zip(self.lateral_convs, features, strict=False)]
        levels.append(self.bottleneck(torch.cat([last, *pooled], dim=1)))
        for i in range(len(levels) - 1, 0, -1):
            levels[i - 1] = levels[i - 1] + self._resized(levels[i], levels[i - 1])
        made = [conv(x) for conv, x in zip(self.fpn_convs, levels, strict=False)] + levels[-1:]
        made[1:] = [self._resized(x, made[0]) for x in made[1:]]
        return self.fpn_bottleneck(torch.cat(made, dim=1))

    def _resized(self, image: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(image, like.shape[2:], mode="bilinear", align_corners=self.align)


class _UNetBlock(nn.Module):
    def __init__(self, count: int, channels: int, norm: bool) -> None:
        super().__init__()
        self.conv1, self.conv2 = self._conv(count, channels, norm), self._conv(channels, channels, norm)

    @staticmethod
    def _conv(count: int, channels: int, norm: bool) -> nn.Module:
        conv = nn.Conv2d(count, channels, 3, padding=1, bias=not norm)
        return nn.Sequential(conv, nn.BatchNorm2d(channels) if norm else nn.Identity(), nn.ReLU())

    def forward(self, image: Tensor) -> Tensor:
        return self.conv2(self.conv1(image))


class UNetDecoder(Decoder):
    """The decoder of a U-Net over the features, coarse to fine.

    Args:
        use_batchnorm: of the convolutions.
        doubles_last: whether the last block doubles the size of the finest feature first, as
            segmentation_models_pytorch did before 0.5; later ones keep it.
    """

    def __init__(
        self,
        channels_in: Sequence[int],
        channels: Sequence[int],
        use_batchnorm: bool | str = True,
        doubles_last: bool = False,
    ) -> None:
        super().__init__()
        coarse, *skips = reversed(list(channels_in))
        inputs = [a + b for a, b in zip([coarse, *channels[:-1]], [*skips, 0], strict=True)]
        norm = use_batchnorm in (True, "batchnorm")
        blocks = (_UNetBlock(count, made, norm) for count, made in zip(inputs, channels, strict=True))
        # TerraTorch wraps the decoder of another library.
        self.decoder = nn.ModuleDict({"blocks": nn.ModuleList(blocks)})
        self.out_channels, self.doubles = channels[-1], doubles_last

    def forward(self, features: Features) -> Tensor:
        x, *skips = reversed(features)
        *inner, last = self.decoder["blocks"].children()
        for block, skip in zip(inner, skips, strict=True):
            x = block(torch.cat([F.interpolate(x, skip.shape[2:], mode="nearest"), skip], dim=1))
        return last(F.interpolate(x, scale_factor=2.0, mode="nearest") if self.doubles else x)


class _Upscale(nn.Module):
    """A convolution whose channels become four times as many pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4 * channels, 3, padding=1)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, image: Tensor) -> Tensor:
        return F.relu(self.bn(F.pixel_shuffle(self.conv(image), 2)))


class SegmentationHead(nn.Module):
    """Convolutions over ``channel_list``, then a score a class."""

    def __init__(
        self, count: int, answers: int, channel_list: Sequence[int] = (), dropout: float = 0.0
    ) -> None:
        super().__init__()
        steps = zip([count, *channel_list], channel_list, strict=False)
        layers = [nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU()) for a, b in steps]
        last = nn.Conv2d([count, *channel_list][-1], answers, 1)
        self.head = nn.Sequential(nn.Sequential(*layers), nn.Dropout(dropout), last)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(image)


class RegressionHead(nn.Module):
    """Learned doublings, convolutions over ``channel_list``, then the values, and the activation named."""

    def __init__(
        self,
        count: int,
        answers: int,
        channel_list: Sequence[int] | None = None,
        dropout: float = 0.0,
        learned_upscale_layers: int = 0,
        final_act: str = "",
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if learned_upscale_layers:
            layers.append(nn.Sequential(*(_Upscale(count) for _ in range(learned_upscale_layers))))
        if channel_list is not None:
            steps = zip([count, *channel_list], channel_list, strict=False)
            layers.append(nn.Sequential(*(self._step(a, b) for a, b in steps)))
            count = [count, *channel_list][-1]
        self.head = nn.Sequential(*layers, nn.Dropout2d(dropout), nn.Conv2d(count, answers, 1))
        self.final = ACTIVATIONS[final_act.rpartition(".")[-1]]()

    @staticmethod
    def _step(count: int, channels: int) -> nn.Module:
        conv = nn.Conv2d(count, channels, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU())

    def forward(self, image: Tensor) -> Tensor:
        return self.final(self.head(image))


ACTIVATIONS = {"": nn.Identity, "ReLU": nn.ReLU, "Sigmoid": nn.Sigmoid, "Softplus": nn.Softplus}
NECKS: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        SelectIndices,
        PermuteDims,
        ReshapeTokensToImage,
        LearnedInterpolateToPyramidal,
        InterpolateToPyramidal,
    )
}
DECODERS: Mapping[str, Any] = {
    kind.__name__: kind for kind in (IdentityDecoder, LinearDecoder, FCNDecoder, UperNetDecoder, UNetDecoder)
}
HEADS: Mapping[str, Any] = {"segmentation": SegmentationHead, "regression": RegressionHead}
