"""Sums over areas: the same in whatever order their pixels come."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geofm.inference.engine.polygons.strips import exact_parts


@pytest.mark.parametrize("ground", [np.full(1000, 900.0), np.linspace(0.09, 0.11, 1000), np.zeros(5)])
def test_row_areas_sum_up_without_rounding(ground: np.ndarray) -> None:
    parts = exact_parts(ground, 1 << 28)
    assert sum(parts, np.zeros(len(ground))) == pytest.approx(ground, rel=1e-15)
    pixels = np.random.default_rng(0).integers(0, 1 << 18, len(ground))
    for part in parts:
        terms = part * pixels
        assert terms.sum() == terms[::-1].sum() == math.fsum(terms)
    assert sum(float((part * pixels).sum()) for part in parts) == pytest.approx(
        math.fsum(ground * pixels), rel=1e-15
    )
