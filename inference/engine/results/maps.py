"""What the class maps of several tasks share: the map, its confidence and its polygons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import UnsupportedInput
from ...jobs import ClassInfo
from ..base import F32, Mask
from ..grid import Grid, Window
from ..polygons import AreaFields, polygonize
from ..run import Run, provenance
from ..scores import U8, above, highest_probability, softmax, winners
from .outputs import RasterWriter

CONFIDENCE_NODATA = MASK_NODATA = 255
# Probabilities in 16 bits: in steps of 0.00002, so that classes far behind the first still have their order.
_SHARE_NODATA = 65535
_SHARE_STEP = 2e-5
# Values of the raster of what is unlike anything labelled.
LIKE = ClassInfo(0, "like the labels", "#ffffff")
UNLIKE = ClassInfo(1, "unlike anything labelled", "#252525")


def nodata_beside(classes: Sequence[ClassInfo]) -> int:
    """0, or 255 where a class has the value 0."""
    return 255 if any(info.value == 0 for info in classes) else 0


@dataclass(frozen=True)
class Refusal:
    """Which pixels get no class but one that says so.

    Attributes:
        info: that class.
        below: percent of confidence that it takes to get another.
        novel: whether pixels unlike anything labelled get none either.
    """

    info: ClassInfo
    below: float
    novel: bool

    @classmethod
    def beside(cls, classes: Sequence[ClassInfo], below: float, novel: bool) -> Refusal:
        """With a value that no class has.

        Raises:
            UnsupportedInput: if every value is taken.
        """
        taken = {info.value for info in classes}
        free = next((value for value in range(254, 0, -1) if value not in taken), None)
        if free is None:
            raise UnsupportedInput(
                "The classes leave no value for pixels that are refused.", "Map without refusing any."
            )
        return cls(ClassInfo(free, "unknown", "#d9d9d9"), below, novel)


@dataclass(frozen=True)
class Rasters:
    """What a class map is written to: the classes, and beside them what was asked for."""

    labels: RasterWriter
    shares: RasterWriter | None
    sure: RasterWriter | None
    novel: RasterWriter | None


class ClassMap:
    """A class raster under way, with its optional rasters of confidence and of what is novel."""

    def __init__(
        self,
        classes: Sequence[ClassInfo],
        rasters: Rasters,
        probable: bool,
        threshold: float | None,
        refusal: Refusal | None,
    ) -> None:
        self._probable = probable
        self._threshold = threshold
        self._refusal = refusal
        self._values = np.array([info.value for info in classes], np.uint8)
        self._nodata = nodata_beside(classes)
        self._rasters = rasters
        # Blocks are counted on two threads, and a list takes what comes.
        self._counts: list[tuple[int, int, int]] = []

    def shares(self) -> dict[str, float]:
        """Percent of the pixels with data that got no class, and that are unlike anything labelled."""
        valid, refused, novel = np.sum(self._counts, axis=0) if self._counts else (0, 0, 0)
        told = {}
        if self._refusal is not None:
            told["refused"] = round(100.0 * int(refused) / max(int(valid), 1), 2)
        if self._rasters.novel is not None:
            told["novel"] = round(100.0 * int(novel) / max(int(valid), 1), 2)
        return told

    def put(self, window: Window, scores: F32, valid: Mask, novel: Mask | None = None) -> None:
        """Write one block.

        Args:
            window: place of the block in the output's grid.
            scores: (classes, rows, cols).
            valid: (rows, cols); elsewhere nodata is written.
            novel: (rows, cols) what is unlike anything labelled, where somebody asked.
        """
        probable = self._probable
        if not probable and (self._threshold is not None or self._rasters.shares is not None):
            scores, probable = softmax(scores, axis=0), True
        found, best = winners(scores)
        if self._threshold is not None:
            found, best = above(scores, found, best, self._threshold)
        empty = ~valid
        if self._rasters.shares is not None:
            steps = np.rint(np.where(valid, scores, 0).clip(0, 1) / np.float32(_SHARE_STEP))
            np.copyto(steps, _SHARE_NODATA, where=empty)
            self._rasters.shares.write(window, steps.astype(np.uint16))
        labels = self._values[found]
        if self._rasters.sure is not None or self._refusal is not None:
            share = best if probable else highest_probability(scores, best)
            percent = np.rint(share * 100).clip(0, 100).astype(np.uint8)
            if self._refusal is not None:
                self._refuse(self._refusal, labels, percent, novel)
            np.copyto(percent, CONFIDENCE_NODATA, where=empty)
        np.copyto(labels, self._nodata, where=empty)
        self._rasters.labels.write(window, labels[None])
        if self._rasters.sure is not None:
            self._rasters.sure.write(window, percent[None])
        if self._rasters.novel is not None and novel is not None:
            mask = np.where(valid, novel, np.uint8(MASK_NODATA)).astype(np.uint8)
            self._rasters.novel.write(window, mask[None])
        self.count(window)

    def count(self, window: Window) -> None:
        """Count what was written of a block, in this run or an earlier one."""
        mask = self._rasters.novel
        if self._refusal is None and mask is None:
            return
        labels = self._rasters.labels.read(window)
        refused = int((labels == self._refusal.info.value).sum()) if self._refusal else 0
        novel = int((mask.read(window) == UNLIKE.value).sum()) if mask else 0
        self._counts.append((int((labels != self._nodata).sum()), refused, novel))

    def _refuse(self, refusal: Refusal, labels: U8, percent: U8, novel: Mask | None) -> None:
        labels[percent < refusal.below] = refusal.info.value
        if refusal.novel and novel is not None:
            labels[novel] = refusal.info.value


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
    refusal: Refusal | None = None,
    novel: str = "",
) -> Iterator[ClassMap]:
    """Open the job's OUTPUT, PROBABILITIES and CONFIDENCE; all appear when the block ends well.

    Args:
        probable: whether the scores to come are probabilities; else their softmax is.
        threshold: see :func:`~..scores.above`; None for none.
        refusal: of unsure pixels; its class is among ``classes``. None gives every pixel a class.
        novel: path of a raster of what is unlike anything labelled: 1, else 0. Empty for none.
    """

    def writer(path: str, nodata: int, what: str, named: Sequence[ClassInfo] = ()) -> RasterWriter:
        options = {"bands": 1, "dtype": "uint8", "nodata": nodata, "descriptions": (what,)}
        return files.enter_context(run.writer(path, grid, model, digest, classes=named, **options))

    with ExitStack() as files:
        # The largest first: by it the place for what an interrupted run leaves is chosen.
        shares = _shares_writer(run, grid, classes, refusal, model, digest, files)
        labels = writer(run.job.output, nodata_beside(classes), "class", classes)
        sure = None
        if run.job.confidence:
            sure = writer(run.job.confidence, CONFIDENCE_NODATA, "confidence (%)")
        mask = writer(novel, MASK_NODATA, UNLIKE.name, (LIKE, UNLIKE)) if novel else None
        yield ClassMap(classes, Rasters(labels, shares, sure, mask), probable, threshold, refusal)


def _shares_writer(
    run: Run,
    grid: Grid,
    classes: Sequence[ClassInfo],
    refusal: Refusal | None,
    model: str,
    digest: str,
    files: ExitStack,
) -> RasterWriter | None:
    """Of the probability of every class, one band each; what is refused has none of its own."""
    if not run.job.probabilities:
        return None
    names = [info.name for info in classes if refusal is None or info != refusal.info]
    options = {"bands": len(names), "dtype": "uint16", "nodata": _SHARE_NODATA, "descriptions": names}
    path = run.job.probabilities
    return files.enter_context(run.writer(path, grid, model, digest, scale=_SHARE_STEP, **options))


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
        fields=AreaFields({"confidence": Path(run.job.confidence)} if run.job.confidence else {}),
        provenance=provenance(run.job, model, digest),
        min_area=run.job.min_area,
        simplify=run.job.simplify,
        context=run.context,
    )
