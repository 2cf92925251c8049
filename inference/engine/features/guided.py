"""Edge-aware upsampling: coarse tokens to pixels, steered by the bands at full resolution.

The guided filter of He, Sun and Tang ("Guided Image Filtering", ECCV 2010; TPAMI 2013) explains
its input by a local linear model of a guide image. As in He and Sun ("Fast Guided Filter", 2015)
the model is fitted on the coarse grid, here that of the tokens against the mean of the guide over
each token's cell, and applied to the guide at full resolution. Fitting at the tokens' own grid is
not only 16 times cheaper at stride 4: repeating a token over its 16 pixels first would hide from
the fit that the token speaks for their mean, and flatten every slope.

All sums are taken in an order that depends on the pixel alone, never on the array it came in, so
that two overlapping windows agree to the bit where their surroundings do.
"""

from __future__ import annotations

import numpy as np

from ...errors import present
from ..base import F32, Mask

_TINY = 1e-6


def box_sum(values: F32, radius: int) -> F32:
    """Sum over a square of ``2 * radius + 1`` cells around each cell; beyond the edge counts 0.

    Args:
        values: (..., rows, cols).
        radius: cells on each side.
    """
    return _running_sum(_running_sum(values, radius, -1), radius, -2)


def _running_sum(values: F32, radius: int, axis: int) -> F32:
    """Sums by doubling: a sliding sum would carry rounding from wherever the array began."""
    length, size = values.shape[axis], 2 * radius + 1
    pad = [(0, 0)] * values.ndim
    pad[axis] = (radius, radius)
    power = np.moveaxis(np.pad(values, pad), axis, -1)
    total, offset, step = None, 0, 1
    while step <= size:
        if size & step:
            part = power[..., offset : offset + length]
            total = part.copy() if total is None else total + part
            offset += step
        power = power[..., :-step] + power[..., step:]
        step *= 2
    return np.moveaxis(present(total), -1, axis)


def local_mean(values: F32, valid: Mask, radius: int) -> F32:
    """Mean over the valid neighbours within a square; 0 where there is none.

    Args:
        values: (..., rows, cols), 0 where invalid.
        valid: broadcastable to ``values``.
    """
    weight: F32 = np.maximum(box_sum(valid.astype(np.float32), radius), np.float32(1.0))
    return box_sum(values, radius) / weight


def cell_mean(values: F32, valid: Mask, stride: int) -> tuple[F32, F32]:
    """Mean of the valid pixels of each ``stride`` x ``stride`` cell, and the share that is valid.

    Args:
        values: (n, rows, cols) with rows and cols multiples of ``stride``; 0 where invalid.
        valid: (rows, cols).

    Returns:
        (n, rows / stride, cols / stride) means, 0 where nothing is valid, and the same without n.
    """
    count, rows, cols = values.shape
    shape = (rows // stride, stride, cols // stride, stride)
    share = valid.reshape(shape).sum(axis=(1, 3), dtype=np.float32)
    sums = values.reshape(count, *shape).sum(axis=(2, 4), dtype=np.float32)
    return sums / np.maximum(share, 1.0), share / np.float32(stride * stride)


def guided_upsample(
    tokens: F32, guide: F32, valid: Mask, stride: int, radius: int = 2, epsilon: float = 0.05
) -> F32:
    """Bring tokens to pixels along the edges of a guide.

    A pixel depends on ``2 * radius + 1`` tokens on each side of its own.

    Args:
        tokens: (dim, rows / stride, cols / stride).
        guide: (channels, rows, cols), about unit variance, 0 where invalid.
        valid: (rows, cols); invalid pixels take no part and get 0.
        stride: pixels a token, along rows and columns.
        radius: tokens on each side of the square a local model is fitted on.
        epsilon: ridge on the slopes, in the guide's variance; large values smooth.

    Returns:
        (dim, rows, cols).
    """
    coarse, weight = cell_mean(guide, valid, stride)
    slopes, offsets = _local_models(tokens, coarse, weight, radius, epsilon)
    result = _upsample(offsets, stride)
    for channel, values in enumerate(guide):
        result += _upsample(slopes[:, channel], stride) * values
    return np.where(valid, result, np.float32(0.0))


def _local_models(tokens: F32, guide: F32, weight: F32, radius: int, epsilon: float) -> tuple[F32, F32]:
    """Slopes (dim, channels, rows, cols) and offsets (dim, rows, cols), averaged over squares."""
    mass = box_sum(weight, radius)
    known = (mass > _TINY).astype(np.float32)
    mass = np.maximum(mass, np.float32(_TINY))

    def mean(values: F32) -> F32:
        return box_sum(values * weight, radius) / mass

    mean_guide, mean_tokens = mean(guide), mean(tokens)
    covariance = mean(guide[:, None] * guide[None]) - mean_guide[:, None] * mean_guide[None]
    cross = mean(guide[:, None] * tokens[None]) - mean_guide[:, None] * mean_tokens[None]
    ridge = epsilon * np.eye(len(guide), dtype=np.float32)
    solved = np.linalg.solve(
        np.moveaxis(covariance, (0, 1), (2, 3)) + ridge, np.moveaxis(cross, (0, 1), (2, 3))
    )
    slopes = np.ascontiguousarray(np.moveaxis(solved, (2, 3), (1, 0)))
    offsets = mean_tokens - np.einsum("dcyx,cyx->dyx", slopes, mean_guide)
    models = np.maximum(box_sum(known, radius), 1.0)
    return (
        (box_sum(slopes * known, radius) / models).astype(np.float32),
        (box_sum(offsets * known, radius) / models).astype(np.float32),
    )


def _upsample(values: F32, stride: int) -> F32:
    """Bilinear, cell centres on cell centres; beyond the outermost centres the edge repeats."""
    return _upsample_axis(_upsample_axis(values, stride, -2), stride, -1)


def _upsample_axis(values: F32, stride: int, axis: int) -> F32:
    size = values.shape[axis]
    place = (np.arange(size * stride, dtype=np.float32) + np.float32(0.5)) / stride - np.float32(0.5)
    below = np.floor(place).astype(np.int64)
    share = (place - below).astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = -1
    share = share.reshape(shape)
    low = np.take(values, np.clip(below, 0, size - 1), axis=axis)
    high = np.take(values, np.clip(below + 1, 0, size - 1), axis=axis)
    return low * (1 - share) + high * share
