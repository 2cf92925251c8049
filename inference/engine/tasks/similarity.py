"""similarity: how much every pixel is like the examples.

The likeness is the cosine between feature vectors, of the example that is most alike. Examples
are not averaged: two kinds of roof make two examples, not a third roof that nobody showed.
"""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans

from ...errors import UnsupportedInput, present
from ...jobs import Task
from ..base import F32
from ..features.of_jobs import digest_of, features_at, learn_space, lost_samples, reader, side_of
from ..flow import Steps
from ..grid import Window
from ..heads.layered import observed
from ..learning.known import nearness, unit_vectors
from ..regions import Region
from ..run import Outcome, Run, shifted
from ..samples import read_samples

_NODATA = -9999.0
# Polygons give thousands of examples; this many directions stand for them.
_PROTOTYPES = 16


def similarity(run: Run) -> Outcome:
    job = run.job
    examples = present(job.samples)  # validate() saw to it
    with run.stack(job.inputs) as stack:
        area = run.area(stack)
        samples = read_samples(examples, stack.grid, stack.grid.window)
        card, space = learn_space(run, Task.SIMILARITY, stack.limited(area))
        features, known = features_at(run, space, stack, samples.rows, samples.cols)
        if not known.any():
            raise UnsupportedInput(
                "All examples lie where the raster has no data.", "Place examples on valid pixels."
            )
        wanted = _prototypes(features[known], job.seed)
        options = {"bands": 1, "dtype": "float32", "nodata": _NODATA, "descriptions": ("similarity",)}
        grid = stack.grid.crop(area.window)
        with run.writer(job.output, grid, card.id, digest_of(card), **options) as target:

            def compute(block: Window, region: Region) -> F32:
                values, valid = space.of(region, block, run.context)
                flat = values.reshape(len(values), -1).T
                likeness = nearness(flat, wanted).max(axis=1).reshape(valid.shape)
                return np.where(valid & area.mask(block), likeness, np.float32(_NODATA))[None]

            def write(block: Window, made: F32) -> None:
                target.write(shifted(block, area.window), made)

            steps = Steps(reader(space, stack, area), compute, write)
            pixels = run.stream("similarity", area.blocks(side_of(space)), steps)
        warnings = [*stack.warnings, *samples.warnings, *lost_samples(known)]
        return Outcome(card.id, pixels, warnings=warnings, facts={"examples": int(known.sum())})


def _prototypes(examples: F32, seed: int) -> F32:
    """Up to 16 vectors (k, dim) that stand for the examples of which the same is known."""
    found = []
    for known in observed(examples):
        if known.any():
            members = examples[(~np.isnan(examples) == known).all(axis=1)][:, known]
            vectors = np.full((_PROTOTYPES, len(known)), np.nan, np.float32)
            means = _means(unit_vectors(members), seed)
            vectors[: len(means), known] = means
            found.append(vectors[: len(means)])
    return np.concatenate(found)


def _means(examples: F32, seed: int) -> F32:
    distinct = np.unique(examples, axis=0)
    if len(distinct) <= _PROTOTYPES:
        return distinct
    means = KMeans(_PROTOTYPES, n_init=1, random_state=seed).fit(distinct)
    return unit_vectors(means.cluster_centers_.astype(np.float32))
