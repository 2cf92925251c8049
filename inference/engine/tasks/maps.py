"""What the class maps of several tasks share: the map, its confidence and its polygons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from ...jobs import ClassInfo
from ..base import F32, Mask
from ..grid import Grid, Window
from ..outputs import RasterWriter
from ..polygons import polygonize
from ..run import Run, provenance
from ..scores import above, highest_probability, softmax, winners

CONFIDENCE_NODATA = 255


def nodata_beside(classes: Sequence[ClassInfo]) -> int:
    """0, or 255 where a class has the value 0."""
    return 255 if any(info.value == 0 for info in classes) else 0


class ClassMap:
    """A class raster under way, with its optional confidence raster."""

    def __init__(
        self,
        classes: Sequence[ClassInfo],
        labels: RasterWriter,
        sure: RasterWriter | None,
        probable: bool,
        threshold: float | None,
    ) -> None:
        self._probable = probable
        self._threshold = threshold
        self._values = np.array([info.value for info in classes], np.uint8)
        self._nodata = nodata_beside(classes)
        self._labels = labels
        self._sure = sure

    def put(self, window: Window, scores: F32, valid: Mask) -> None:
        """Write one block.

        Args:
            window: place of the block in the output's grid.
            scores: (classes, rows, cols).
            valid: (rows, cols); elsewhere nodata is written.
        """
        probable = self._probable
        if self._threshold is not None and not probable:
            scores, probable = softmax(scores, axis=0), True
        found, best = winners(scores)
        if self._threshold is not None:
            found, best = above(scores, found, best, self._threshold)
        empty = ~valid
        labels = self._values[found]
        np.copyto(labels, self._nodata, where=empty)
        self._labels.write(window, labels[None])
        if self._sure is not None:
            share = best if probable else highest_probability(scores, best)
            percent = np.rint(share * 100).clip(0, 100).astype(np.uint8)
            np.copyto(percent, CONFIDENCE_NODATA, where=empty)
            self._sure.write(window, percent[None])


@contextmanager
def class_map(
    run: Run,
    grid: Grid,
    classes: Sequence[ClassInfo],
    model: str,
    digest: str,
    *,
    probable: bool,
    threshold: float | None = None,
) -> Iterator[ClassMap]:
    """Open the job's OUTPUT and CONFIDENCE; both appear when the block ends well.

    Args:
        probable: whether the scores to come are probabilities; else their softmax is.
        threshold: see :func:`~..scores.above`; None for none.
    """
    with ExitStack() as files:
        labels = files.enter_context(
            run.writer(
                run.job.output,
                grid,
                model,
                digest,
                bands=1,
                dtype="uint8",
                nodata=nodata_beside(classes),
                descriptions=("class",),
                classes=classes,
            )
        )
        sure = None
        if run.job.confidence:
            sure = files.enter_context(
                run.writer(
                    run.job.confidence,
                    grid,
                    model,
                    digest,
                    bands=1,
                    dtype="uint8",
                    nodata=CONFIDENCE_NODATA,
                    descriptions=("confidence (%)",),
                )
            )
        yield ClassMap(classes, labels, sure, probable, threshold)


def write_polygons(
    run: Run, grid: Grid, classes: Sequence[ClassInfo], model: str, digest: str
) -> dict[str, float]:
    """Turn the finished class raster into the job's POLYGONS; answer the area (m²) of each class."""
    if not run.job.polygons:
        return {}
    return polygonize(
        Path(run.job.output),
        Path(run.job.polygons),
        grid,
        classes=classes,
        background=None,
        confidence=Path(run.job.confidence) if run.job.confidence else None,
        provenance=provenance(run.job, model, digest),
        min_area=run.job.min_area,
        simplify=run.job.simplify,
        context=run.context,
    )
