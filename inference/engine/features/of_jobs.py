"""The feature space of a job's MODEL: hand-made features, with a foundation model's joined to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...catalog import Card
from ...errors import UnsupportedInput
from ...jobs import Task
from ..area import Area
from ..backbones.spectral_texture import HYPERSPECTRAL, SpectralTexture
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Window
from ..learning.classifier import Classifier
from ..rasters import Stack
from ..regions import Region, spread_windows
from ..run import BLOCK, Run
from ..series.seasonality import SEASON
from .encodings import Encodings
from .space import FeatureSpace

# Pixels that an unsupervised step learns from: enough for 50 clusters of 1,000 pixels.
_SAMPLE_PIXELS = 50_000
_SAMPLE_SIDE = 64
# Features of a block: 128 MiB.
_MOST_NUMBERS = 1 << 25


def encodings_of(run: Run, card: Card) -> list[Encodings]:
    """The tokens of a card's foundation models; none where its features are hand-made alone."""
    found = []
    for part in card.models:
        model = run.model(part)
        if not isinstance(model, SpectralTexture):
            found.append(Encodings(model, run.job.batch, run.services.kept(part, model)))
    return found


def learn_space(run: Run, task: Task, stack: Stack) -> tuple[Card, FeatureSpace]:
    """The card of MODEL and the feature space that it spans on the stack's area.

    Heads are taught on hand-made features alone where there are very many bands: joining an encoder of few
    bands made maps of such scenes worse by 0.01 to 0.03 F1. A note of the run says so.
    """
    card = run.card(task)
    # Features of the seasons are made of the bands, and tell nothing of how many there are.
    seen = [stack.bands[index] for index in stack.spectral if stack.bands[index].modality != SEASON]
    measured = max(Counter(band.layer for band in seen).values(), default=0)
    if task is Task.TRAIN and measured > HYPERSPECTRAL and card.family != SpectralTexture.name:
        run.notes.append(
            f"{card.title} is left out: with {measured} bands, features of the bands themselves teach better "
            f"alone."
        )
        card = run.services.catalog.get(SpectralTexture.name)
    return card, FeatureSpace.learn(stack, encodings_of(run, card), run.context)


def restored_space(run: Run, classifier: Classifier) -> tuple[Card, FeatureSpace]:
    """A classifier's feature space, on the very weights that it was taught with, and their card.

    Raises:
        UnsupportedInput: if this machine's card of the model names other weights.
        ModelMissing: if there is no such model, or its weights cannot be had.
    """
    card = run.services.store.settled(run.services.catalog.get(classifier.model), run.context)
    if digest_of(card) != classifier.model_digest:
        raise UnsupportedInput(
            f"The classifier was taught with other weights of {card.id} than this machine's card names.",
            "Teach it again, or use the version of GeoFM that taught it.",
        )
    return card, classifier.space(encodings_of(run, card))


def digest_of(card: Card) -> str:
    """The digest of a card's weights, empty for a model without weights."""
    return ",".join(asset.sha256 for asset in card.assets)


def side_of(space: FeatureSpace) -> int:
    """Side of the blocks in which features are computed: that of all blocks, less where they are many."""
    side = BLOCK
    while space.dim * side**2 > _MOST_NUMBERS:
        side //= 2
    return side


def reader(space: FeatureSpace, stack: Stack, area: Area) -> Callable[[Window], Region | None]:
    """Reads what a block's features need; None where the block has no valid pixel of the area."""

    def read(block: Window) -> Region | None:
        region = space.read(stack, block)
        return region if region.inside(area, block).any() else None

    return read


def features_at(
    run: Run, space: FeatureSpace, stack: Stack, rows: NDArray[np.int64], cols: NDArray[np.int64]
) -> tuple[F32, Mask]:
    """Features of single pixels; only the blocks that hold one are computed.

    Returns:
        (pixels, dim) features and (pixels,) validity.
    """
    values = np.zeros((rows.size, space.dim), np.float32)
    known = np.zeros(rows.size, bool)

    places = by_block(rows, cols)

    def compute(block: Window, region: Region) -> tuple[F32, Mask]:
        features, valid = space.of(region, block, run.context)
        at = rows[places[block]] - block.row, cols[places[block]] - block.col
        return features[:, at[0], at[1]].T, valid[at]

    def keep(block: Window, found: tuple[F32, Mask]) -> None:
        values[places[block]], known[places[block]] = found

    steps = Steps(reader(space, stack, Area(stack.grid.window)), compute, keep)
    run.stream("samples", places, steps)
    return values, known


def by_block(rows: NDArray[np.int64], cols: NDArray[np.int64]) -> dict[Window, NDArray[np.int64]]:
    """Which pixels lie in which block, for the blocks that hold one, row by row."""
    corners = np.stack([rows, cols], axis=1) // _SAMPLE_SIDE * _SAMPLE_SIDE
    blocks, owner, counts = np.unique(corners, axis=0, return_inverse=True, return_counts=True)
    parts = np.split(np.argsort(owner.ravel(), kind="stable"), np.cumsum(counts)[:-1])
    windows = (Window(int(col), int(row), _SAMPLE_SIDE, _SAMPLE_SIDE) for row, col in blocks)
    return dict(zip(windows, parts, strict=True))


def spread_pixels(run: Run, space: FeatureSpace, stack: Stack) -> F32:
    """Features of up to about 50,000 valid pixels spread evenly over a stack's area: (pixels, dim).

    Raises:
        UnsupportedInput: if no pixel is valid.
    """
    return spread_places(run, space, stack)[0]


def spread_places(run: Run, space: FeatureSpace, stack: Stack) -> tuple[F32, NDArray[np.int64]]:
    """As :func:`spread_pixels`, with the (pixels, 2) rows and columns of the pixels."""
    windows = spread_windows(stack, stack.spectral, _SAMPLE_SIDE, _SAMPLE_PIXELS // _SAMPLE_SIDE**2)
    found, places = [], []
    for index, window in enumerate(windows):
        run.context.check()
        features, valid = space.features(stack, window, run.context)
        here = valid & stack.area.mask(window)
        found.append(features[:, here].T)
        places.append(np.argwhere(here) + (window.row, window.col))
        run.context.progress("sample", index + 1, len(windows), "")
    return np.concatenate(found), np.concatenate(places)


def lost_samples(known: Mask) -> list[str]:
    """Sentences about samples that lie on pixels without data."""
    lost = int((~known).sum())
    if not lost:
        return []
    return [f"{lost} of {known.size} sample pixels lie where the raster has no data and were left out."]

