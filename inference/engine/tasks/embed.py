"""embed: the encoder's features themselves, as a raster at the encoder's stride."""

from __future__ import annotations

import numpy as np

from ...jobs import Task
from ...wiring import AS_STORED
from ..base import F32, Encoder, Mask
from ..expectations import require_bytes
from ..features.of_jobs import digest_of
from ..features.space import encode_region, fitted, read_area
from ..flow import Steps
from ..grid import Window
from ..regions import Region, hull, scaled_down
from ..run import BLOCK, Outcome, Run, shifted

_NODATA = -9999.0
# Numbers a block: 64 MiB, of which up to four are under way at a time.
_MOST_FEATURES = 1 << 24


def embed(run: Run) -> Outcome:
    card = run.card(Task.EMBED)
    model = run.model(card)
    with run.stack(run.job.inputs, stored=card.units in AS_STORED) as stack:
        covered = run.area(stack)
        encoder = fitted(model, stack.limited(covered))
        require_bytes(card, stack, encoder.select(stack.bands))
        stride = encoder.stride
        area = covered.widened(hull(covered.window, stride))
        grid = stack.grid.crop(area.window).scaled(stride)
        names = getattr(encoder, "feature_names", ()) or [f"{card.id} {i}" for i in range(encoder.dim)]
        options = {"bands": encoder.dim, "dtype": "float32", "nodata": _NODATA, "descriptions": names}
        with run.writer(run.job.output, grid, card.id, digest_of(card), **options) as target:

            def read(block: Window) -> Region | None:
                region = read_area(encoder, stack, block)
                return region if region.inside(area, block).any() else None

            def compute(block: Window, region: Region) -> F32:
                features, known = encode_region(encoder, region, block, run.context, run.job.batch)
                inside = _cells(area.mask(block), stride)
                return np.where(known & inside, features, np.float32(_NODATA))

            def write(block: Window, made: F32) -> None:
                target.write(scaled_down(shifted(block, area.window), stride), made)

            pixels = run.stream("embed", area.blocks(_block(encoder)), Steps(read, compute, write))
        facts = {"features": encoder.dim, "stride": stride}
        return Outcome(card.id, pixels, warnings=list(stack.warnings), facts=facts)


def _block(encoder: Encoder) -> int:
    """Side of a block: whole cells, and so many that their features take no more than is meant for them.

    Whole windows where it holds one: those that blocks share are computed for each of them.
    """
    side = BLOCK
    while encoder.dim * (side // encoder.stride) ** 2 > _MOST_FEATURES:
        side //= 2
    step = encoder.window if 0 < encoder.window <= side else encoder.stride
    return side // step * step


def _cells(pixels: Mask, stride: int) -> Mask:
    """Cells of ``stride`` x ``stride`` pixels of which one is True."""
    rows, cols = pixels.shape
    cells: Mask = np.any(pixels.reshape(rows // stride, stride, cols // stride, stride), axis=(1, 3))
    return cells
