"""How much ground has which magnitude of change, as the file of magnitudes says it. Standard library alone.

A threshold is tried on this, without reading a pixel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import accumulate

from . import strict_json

# The item of the file's metadata.
TAG = "GEOFM_MAGNITUDES"


@dataclass(frozen=True)
class Magnitudes:
    """Areas by magnitude.

    Attributes:
        edges: of the bins, rising, above 0.
        areas: ground in each bin, square metres; one fewer than edges.
        alarms: pairs of a percentage and the threshold that so much of the unchanged ground exceeds; empty
            where the method does not tell.
    """

    edges: tuple[float, ...]
    areas: tuple[float, ...]
    alarms: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.edges, self.edges[1:]))
        if not self.areas or len(self.edges) != len(self.areas) + 1 or not rising or not self.edges[0] > 0:
            raise ValueError("not a histogram of magnitudes")
        if not all(0 < percent < 100 and threshold > 0 for percent, threshold in self.alarms):
            raise ValueError("not thresholds by false alarms")

    @property
    def total(self) -> float:
        """Square metres that were compared."""
        return sum(self.areas)

    def above(self, threshold: float) -> float:
        """Square metres of magnitudes from the threshold on; within a bin they are taken as even."""
        found = 0.0
        for low, high, area in zip(self.edges, self.edges[1:], self.areas):
            found += area * min(max((high - threshold) / (high - low), 0.0), 1.0)
        return found

    def exceeded_by(self, share: float) -> float:
        """The magnitude, on an edge, from which on lies about this share (0 to 1) of the ground, or less."""
        left = self.total * (1.0 - share)
        sums = enumerate(accumulate(self.areas), 1)
        return next((self.edges[index] for index, below in sums if below >= left), self.edges[-1])

    def to_text(self) -> str:
        """As the file keeps it: four digits are more than a picture of it shows."""
        edges, areas = ([_short(value) for value in values] for values in (self.edges, self.areas))
        alarms = [[percent, _short(threshold)] for percent, threshold in self.alarms]
        return json.dumps({"edges": edges, "areas": areas, "alarms": alarms}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Magnitudes:
        """The inverse of :meth:`to_text`.

        Raises:
            ValueError: if the text is none of its.
        """
        data = strict_json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("not a histogram of magnitudes")
        try:
            edges, areas = (tuple(float(value) for value in data[key]) for key in ("edges", "areas"))
            alarms = tuple((float(rate), float(threshold)) for rate, threshold in data.get("alarms", ()))
        except (KeyError, TypeError) as error:
            raise ValueError("not a histogram of magnitudes") from error
        return cls(edges, areas, alarms)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
