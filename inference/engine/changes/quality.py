"""Quality bands: what products write of cloud, shadow, snow and fill, pixel by pixel.

Fmask: Zhu and Woodcock (2012), Object-based cloud and cloud shadow detection in Landsat imagery, Remote
Sensing of Environment 118, 83-94, and the codes of the authors' software. HLS Fmask: NASA, "HLS Product
User Guide" 2.0, table 9. SCL: ESA, "Sentinel-2 Level-2A Algorithm Theoretical Basis Document" 2.10 (2 was
"dark area" before it was "cast shadow"). QA_PIXEL: USGS, "Landsat 8-9 Collection 2 Level 2 Science Product
Guide" 5.0, table 6-3; pixel_qa: the same of Collection 1. QA60: ESA's cloud mask of Sentinel-2 as Google
Earth Engine distributes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ..base import F32

U8 = NDArray[np.uint8]


class Sky(IntEnum):
    """What hides the ground of a pixel; the numbers are those of a raster of such pixels."""

    UNKNOWN = 0
    CLEAR = 1
    SNOW = 2
    EDGE = 3
    SHADOW = 4
    CLOUD = 5
    FILL = 6


@dataclass(frozen=True)
class Coding:
    """How the numbers of a quality band are read.

    Attributes:
        name: of the band's product.
        values: what each number means; others are fill. Empty for bits.
        bits: what each bit means, by its number; of several the last of :class:`Sky` counts.
    """

    name: str
    values: Mapping[int, Sky] = field(default_factory=dict)
    bits: Mapping[int, Sky] = field(default_factory=dict)

    def holds(self, numbers: Sequence[int]) -> bool:
        """Whether a band with these numbers can be one of this coding."""
        return not self.values or set(numbers) <= set(self.values)

    def read(self, numbers: F32) -> U8:
        """The :class:`Sky` of each number, of any shape."""
        found = np.full(numbers.shape, Sky.FILL if self.values else Sky.CLEAR, np.uint8)
        for number, sky in self.values.items():
            found[numbers == number] = sky
        if self.bits:
            whole = numbers.astype(np.int64)
            for bit, sky in sorted(self.bits.items(), key=lambda item: item[1]):
                found[(whole >> bit & 1).astype(bool)] = sky
        return found


FMASK = Coding("Fmask", {0: Sky.CLEAR, 1: Sky.CLEAR, 2: Sky.SHADOW, 3: Sky.SNOW, 4: Sky.CLOUD, 255: Sky.FILL})
_HLS = Coding("Fmask of HLS", bits={0: Sky.CLOUD, 1: Sky.CLOUD, 2: Sky.EDGE, 3: Sky.SHADOW, 4: Sky.SNOW})
_SCL = Coding(
    "SCL",
    {
        **dict.fromkeys((4, 5, 6, 7), Sky.CLEAR),
        **dict.fromkeys((2, 3), Sky.SHADOW),
        **dict.fromkeys((8, 9, 10), Sky.CLOUD),
        11: Sky.SNOW,
        **dict.fromkeys((0, 1), Sky.FILL),
    },
)
_QA_PIXEL = Coding(
    "QA_PIXEL",
    bits={0: Sky.FILL, 1: Sky.EDGE, 2: Sky.CLOUD, 3: Sky.CLOUD, 4: Sky.SHADOW, 5: Sky.SNOW},
)
_PIXEL_QA = Coding("pixel_qa", bits={0: Sky.FILL, 3: Sky.SHADOW, 4: Sky.SNOW, 5: Sky.CLOUD})
_QA60 = Coding("QA60", bits={10: Sky.CLOUD, 11: Sky.CLOUD})
_BY_NAME = (
    (re.compile(r"fmask", re.I), (FMASK, _HLS)),
    (re.compile(r"(?:^|[^a-z])scl(?:$|[^a-z])|scene.?classification", re.I), (_SCL,)),
    (re.compile(r"qa_?pixel", re.I), (_QA_PIXEL,)),
    (re.compile(r"pixel_?qa", re.I), (_PIXEL_QA,)),
    (re.compile(r"(?:^|[^a-z])qa60", re.I), (_QA60,)),
)
_NAMELESS = re.compile(r"(?:band[ _]?\d+)?", re.I)


def coding_named(name: str, numbers: Sequence[int]) -> Coding | None:
    """The coding that a band's name stands for and its numbers allow, None if there is none.

    Args:
        numbers: that are in it, once each.
    """
    for pattern, codings in _BY_NAME:
        if pattern.search(name):
            return next((coding for coding in codings if coding.holds(numbers)), None)
    return None


def nameless(name: str) -> bool:
    """Whether a band's name says nothing but its number."""
    return _NAMELESS.fullmatch(name.strip()) is not None
