"""One date made of many: the median of what was seen of each pixel.

Of an odd number of dates it is a value that was measured; cloud and shadow that no mask found fall out as
long as they are the fewer.
"""

from __future__ import annotations

import numpy as np

from ..base import F32, Mask


def medians(values: F32, seen: Mask) -> F32:
    """The median over the first axis of what was seen, 0 where nothing was.

    Args:
        values, seen: (dates, ...) of the same shape.
    """
    if len(values) == 1:
        return np.where(seen[0], values[0], np.float32(0))
    ordered = np.sort(np.where(seen, values, np.float32(np.inf)), axis=0)
    count = seen.sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)
    lower, upper = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, high))
    known = count > 0
    # Halves are added, since the sum of two large numbers may have no room.
    halves = [np.where(known, part, np.float32(0)) * np.float32(0.5) for part in (lower, upper)]
    return halves[0] + halves[1]
