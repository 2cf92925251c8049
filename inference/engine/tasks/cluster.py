"""cluster: the kinds of surface that are there, without labels."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans

from ...cards import Card
from ...errors import UnsupportedInput
from ...jobs import ClassInfo, Task
from ...palette import distinct_colors
from ..base import F32, Mask
from ..features.of_jobs import digest_of, learn_space, reader, side_of, spread_pixels
from ..features.space import FeatureSpace
from ..flow import Steps
from ..grid import Window
from ..heads.layered import observed
from ..rasters import Stack
from ..regions import Region
from ..results.maps import class_map
from ..run import Outcome, Run, shifted

# Pixels of a cluster that suffice to find where it lies.
_ENOUGH_A_CLUSTER = 20


def cluster(run: Run) -> Outcome:
    job = run.job
    with run.stack(job.inputs) as stack:
        area = run.area(stack)
        card, space, centres = _learned(run, stack.limited(area))
        colors = distinct_colors(len(centres))
        classes = tuple(ClassInfo(i + 1, f"cluster {i + 1}", color) for i, color in enumerate(colors))
        warnings = list(stack.warnings)
        if len(centres) < job.classes:
            warnings.append(f"The raster has only {len(centres)} kinds of pixel; there are as many clusters.")
        grid = stack.grid.crop(area.window)
        with class_map(run, grid, classes, card.id, digest_of(card), probable=True) as target:

            def compute(block: Window, region: Region) -> tuple[F32, Mask]:
                features, valid = space.of(region, block, run.context)
                return _nearness(features, centres), valid & area.mask(block)

            def write(block: Window, made: tuple[F32, Mask]) -> None:
                target.put(shifted(block, area.window), *made)

            steps = Steps(reader(space, stack, area), compute, write)
            pixels = run.stream("cluster", area.blocks(side_of(space)), steps)
        return Outcome(card.id, pixels, classes, warnings)


def _learned(run: Run, stack: Stack) -> tuple[Card, FeatureSpace, F32]:
    """The card, its feature space and the cluster centres in it."""
    card, space = learn_space(run, Task.CLUSTER, stack)
    return card, space, _centres(spread_pixels(run, space, stack), run.job.classes, run.job.seed)


def _centres(pixels: F32, count: int, seed: int) -> F32:
    """Cluster centres (k, dim), the largest cluster first so that numbers mean something.

    Found among pixels of which the most is known; a feature that none of those has is NaN.
    """
    known, pixels = _most_known(pixels, count)
    distinct = len(np.unique(pixels, axis=0))
    means = KMeans(min(count, distinct), n_init=4, random_state=seed).fit(pixels)
    sizes = np.bincount(means.labels_, minlength=len(means.cluster_centers_))
    centres = np.full((len(sizes), len(known)), np.nan, np.float32)
    centres[:, known] = means.cluster_centers_[np.argsort(-sizes, kind="stable")]
    return centres


def _most_known(pixels: F32, count: int) -> tuple[Mask, F32]:
    """Features that enough of the pixels have all of, and those pixels' values of them."""
    least = min(_ENOUGH_A_CLUSTER * count, len(pixels))
    for known in observed(pixels):
        whole = pixels[:, known][~np.isnan(pixels[:, known]).any(axis=1)]
        if known.any() and len(whole) >= least:
            return known, whole
    raise UnsupportedInput("The layers hardly overlap.", "Cluster one of them alone.")


def _nearness(features: F32, centres: F32) -> F32:
    """Scores (k, rows, cols), highest at the nearest centre, by what is known of a pixel and the centres."""
    flat = features.reshape(len(features), -1)
    known = ~np.isnan(centres[0])
    if not known.all() or np.isnan(flat).any():
        there = (~np.isnan(flat[known])).astype(np.float32)
        flat, centres = np.nan_to_num(flat[known]), centres[:, known]
        squared = (centres**2) @ there - 2 * centres @ flat
    else:
        squared = (centres**2).sum(axis=1)[:, None] - 2 * centres @ flat
    return -squared.reshape(-1, *features.shape[1:])
