"""embed: the encoder's features themselves, as a raster at the encoder's stride."""

from __future__ import annotations

import numpy as np

from ...jobs import Task
from ..features import encode_area, fitted
from ..grid import Window
from ..regions import hull, scaled_down
from ..run import Outcome, Run, shifted
from .spaces import digest_of

_NODATA = -9999.0


def embed(run: Run) -> Outcome:
    card = run.card(Task.EMBED)
    model = run.model(card)
    with run.stack(run.job.inputs) as stack:
        encoder = fitted(model, stack)
        stride = encoder.stride
        area = hull(run.area(stack), stride)
        grid = stack.grid.crop(area).scaled(stride)
        names = getattr(encoder, "feature_names", ()) or [f"{card.id} {i}" for i in range(encoder.dim)]
        options = {"bands": encoder.dim, "dtype": "float32", "nodata": _NODATA, "descriptions": names}
        with run.writer(run.job.output, grid, card.id, digest_of(card), **options) as target:

            def compute(block: Window) -> None:
                features, known = encode_area(encoder, stack, block, run.context, run.job.batch)
                cells = scaled_down(shifted(block, area), stride)
                target.write(cells, np.where(known, features, np.float32(_NODATA)))

            pixels = run.stream("embed", area, compute)
        facts = {"features": encoder.dim, "stride": stride}
        return Outcome(card.id, pixels, warnings=list(stack.warnings), facts=facts)
