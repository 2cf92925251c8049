"""Areas by magnitude of change, from which a threshold is tried."""

from __future__ import annotations

import pytest

from geofm.inference.magnitudes import Magnitudes

FOUND = Magnitudes((0.5, 1.0, 2.0, 4.0), (600.0, 300.0, 100.0), ((1.0, 3.5), (5.0, 2.25)))


@pytest.mark.parametrize(
    ("threshold", "area"), [(0.0, 1000.0), (0.5, 1000.0), (1.0, 400.0), (1.5, 250.0), (3.0, 50.0), (4.0, 0.0)]
)
def test_the_area_above_a_threshold(threshold: float, area: float) -> None:
    assert FOUND.above(threshold) == pytest.approx(area)


@pytest.mark.parametrize(("share", "magnitude"), [(1.0, 1.0), (0.4, 1.0), (0.3, 2.0), (0.1, 2.0), (0.0, 4.0)])
def test_the_magnitude_that_a_share_exceeds(share: float, magnitude: float) -> None:
    assert FOUND.exceeded_by(share) == magnitude


def test_it_comes_back_from_its_text() -> None:
    assert Magnitudes.from_text(FOUND.to_text()) == FOUND
    assert Magnitudes.from_text('{"edges": [1, 2], "areas": [3]}').alarms == (), "of an earlier version"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"edges": [1], "areas": []}', '{"edges": [1, 2], "areas": "x"}',
        '{"edges": [2, 1], "areas": [1]}', '{"edges": [0, 1], "areas": [1]}',
        '{"edges": [1, 2], "areas": [null]}',
        '{"edges": [1, 2], "areas": [1], "alarms": [1]}',
        '{"edges": [1, 2], "areas": [1], "alarms": [[1, 0]]}',
        '{"edges": [1, 2], "areas": [1], "alarms": [[100, 2]]}',
    ],
)
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=".+"):
        Magnitudes.from_text(text)
