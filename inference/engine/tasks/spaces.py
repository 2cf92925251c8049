"""The feature space of a job's MODEL: hand-made features, with a foundation model's joined to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...catalog import Card
from ...jobs import Task
from ..backbones.spectral_texture import SpectralTexture
from ..base import F32, Encoder, Mask
from ..features import FeatureSpace
from ..grid import Window
from ..rasters import Stack
from ..regions import spread_windows
from ..run import Run

# Pixels that an unsupervised step learns from: enough for 50 clusters of 1,000 pixels.
_SAMPLE_PIXELS = 50_000
_SAMPLE_SIDE = 64


def encoder_of(run: Run, card: Card) -> Encoder | None:
    """The card's foundation model, None where its features are hand-made alone."""
    model = run.model(card)
    return None if isinstance(model, SpectralTexture) else model


def learn_space(run: Run, task: Task, stack: Stack) -> tuple[Card, FeatureSpace]:
    """The card of MODEL and the feature space that it spans on this stack."""
    card = run.card(task)
    encoder = encoder_of(run, card)
    return card, FeatureSpace.learn(stack, encoder, run.context, run.job.batch)


def digest_of(card: Card) -> str:
    """The digest of a card's weights, empty for a model without weights."""
    return ",".join(asset.sha256 for asset in card.assets)


def features_at(
    run: Run, space: FeatureSpace, stack: Stack, rows: NDArray[np.int64], cols: NDArray[np.int64]
) -> tuple[F32, Mask]:
    """Features of single pixels; only the blocks that hold one are computed.

    Returns:
        (pixels, dim) features and (pixels,) validity.
    """
    values = np.zeros((rows.size, space.dim), np.float32)
    known = np.zeros(rows.size, bool)

    def inside(block: Window) -> Mask:
        within = (rows >= block.row) & (rows < block.bottom)
        return within & (cols >= block.col) & (cols < block.right)

    def compute(block: Window) -> None:
        chosen = inside(block)
        features, valid = space.features(stack, block, run.context)
        at = rows[chosen] - block.row, cols[chosen] - block.col
        values[chosen] = features[:, at[0], at[1]].T
        known[chosen] = valid[at]

    run.stream("samples", stack.grid.window, compute, _SAMPLE_SIDE, among=lambda b: bool(inside(b).any()))
    return values, known


def spread_pixels(run: Run, space: FeatureSpace, stack: Stack) -> F32:
    """Features of up to about 50,000 valid pixels spread evenly over the stack: (pixels, dim).

    Over all of it even where the job covers a part, so that the part comes out as in the whole.

    Raises:
        UnsupportedInput: if no pixel is valid.
    """
    windows = spread_windows(stack, stack.spectral, _SAMPLE_SIDE, _SAMPLE_PIXELS // _SAMPLE_SIDE**2)
    found = []
    for index, window in enumerate(windows):
        run.context.check()
        features, valid = space.features(stack, window, run.context)
        found.append(features[:, valid].T)
        run.context.progress("sample", index + 1, len(windows), "")
    return np.concatenate(found)


def lost_samples(known: Mask) -> list[str]:
    """Sentences about samples that lie on pixels without data."""
    lost = int((~known).sum())
    if not lost:
        return []
    return [f"{lost} of {known.size} sample pixels lie where the raster has no data and were left out."]


def unit_vectors(features: F32) -> NDArray[np.float32]:
    """(n, dim) rows scaled to length 1; a zero row stays zero."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(length, np.float32(1e-6))
