"""The estimators against the worked example of their paper, against formulas written out, and by drawing."""

from __future__ import annotations

import numpy as np
import pytest

from geofm.inference.engine.assessment.estimators import Assessment, Comparison, estimate

# Olofsson et al. (2014), section 5 and tables 8 and 9: deforestation, forest gain, stable forest,
# stable non-forest; rows are the map. Landsat pixels of 30 m.
COUNTS = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
MAPPED = np.array([200_000, 150_000, 3_200_000, 6_450_000], float)
HECTARES = 0.09


def compared(counts: np.ndarray, weights: np.ndarray, strata: np.ndarray | None = None) -> Comparison:
    """Points from a matrix of counts with the map in its rows; strata are the map's classes if not given."""
    mapped, reference = (np.repeat(at, counts.ravel()) for at in np.indices(counts.shape).reshape(2, -1))
    units = np.arange(len(mapped))
    return Comparison(
        reference, mapped if strata is None else strata, weights, units, mapped, np.ones_like(units)
    )


@pytest.fixture(scope="module")
def paper() -> Assessment:
    return estimate(compared(COUNTS, MAPPED), 4)


def printed(values, digits: int = 2) -> list[float]:
    return [round(value, digits) for value in values]


def test_the_worked_example_overall(paper) -> None:
    assert round(paper.overall.value, 2) == 0.95
    assert round(paper.overall.half, 2) == 0.02


def test_the_worked_example_users_accuracy(paper) -> None:
    assert printed(one.value for one in paper.users) == [0.88, 0.73, 0.93, 0.96]
    assert printed(one.half for one in paper.users) == [0.07, 0.10, 0.04, 0.02]


def test_the_worked_example_producers_accuracy(paper) -> None:
    assert printed(one.value for one in paper.producers) == [0.75, 0.85, 0.93, 0.96]
    # Printed are 0.21, 0.23, 0.03 and 0.01, of which the second and the last are not what the paper's own
    # equation 7 gives for its counts: 0.254 and 0.018 (as written out below, and as others found).
    assert printed(one.half for one in paper.producers) == [0.21, 0.25, 0.03, 0.02]


def test_the_worked_example_areas(paper) -> None:
    hectares = MAPPED.sum() * HECTARES
    assert printed((one.value * hectares for one in paper.shares), 0) == [21158, 11686, 285770, 581386]
    assert printed((one.half * hectares for one in paper.shares), 0) == [6158, 3756, 15510, 16282]


def test_the_worked_example_table_of_proportions(paper) -> None:
    # Table 9, with the map in the rows.
    wanted = [
        [0.0176, 0.0000, 0.0013, 0.0011],
        [0.0000, 0.0110, 0.0016, 0.0024],
        [0.0019, 0.0000, 0.2967, 0.0213],
        [0.0040, 0.0020, 0.0179, 0.6212],
    ]
    assert paper.proportions.T.round(4).tolist() == wanted
    assert paper.proportions.sum() == pytest.approx(1)


def test_the_matrix_has_the_reference_in_its_rows(paper) -> None:
    assert paper.matrix.tolist() == COUNTS.T.tolist()
    assert paper.units == COUNTS.sum()


def test_the_errors_are_those_of_the_papers_equations(paper) -> None:
    """Equations 5, 6, 7 and 10, written out as they are printed."""
    weights = MAPPED / MAPPED.sum()
    rows = COUNTS.sum(axis=1)
    users = np.diag(COUNTS) / rows
    overall = (weights**2 * users * (1 - users) / (rows - 1)).sum()
    assert paper.overall.error**2 == pytest.approx(overall, rel=1e-9)
    assert [e.error**2 for e in paper.users] == pytest.approx(users * (1 - users) / (rows - 1), rel=1e-9)
    shares = (weights[:, None] ** 2 * (COUNTS / rows[:, None]) * (1 - COUNTS / rows[:, None])
              / (rows - 1)[:, None]).sum(axis=0)
    assert [e.error**2 for e in paper.shares] == pytest.approx(shares, rel=1e-9)
    for j in range(4):
        there = (MAPPED * COUNTS[:, j] / rows).sum()
        producers = MAPPED[j] * users[j] / there
        own = MAPPED[j] ** 2 * (1 - producers) ** 2 * users[j] * (1 - users[j]) / (rows[j] - 1)
        others = sum(
            MAPPED[i] ** 2 * COUNTS[i, j] / rows[i] * (1 - COUNTS[i, j] / rows[i]) / (rows[i] - 1)
            for i in range(4) if i != j
        )
        wanted = (own + producers**2 * others) / there**2
        assert paper.producers[j].error ** 2 == pytest.approx(wanted, rel=1e-9)


def test_f1_lies_between_the_two_that_it_joins(paper) -> None:
    for users, producers, f1 in zip(paper.users, paper.producers, paper.f1, strict=True):
        mean = 2 * users.value * producers.value / (users.value + producers.value)
        assert f1.value == pytest.approx(mean)
        assert f1.low < f1.value < f1.high


def drawn(random: np.random.Generator, sizes, chance, by_stratum) -> Comparison:
    """One stratified sample of a population in which the reference depends on the stratum."""
    stratum = np.repeat(np.arange(len(sizes)), by_stratum)
    reference = (random.random(len(stratum))[:, None] > chance.cumsum(axis=1)[stratum]).sum(axis=1)
    # A map that is not what the strata were made from.
    mapped = np.where(random.random(len(stratum)) < 0.8, stratum, reference)
    units = np.arange(len(stratum))
    return Comparison(reference, stratum, np.asarray(sizes, float), units, mapped, np.ones_like(units))


def test_the_intervals_hold_in_nineteen_of_twenty_samples() -> None:
    """Strata that are not the map's classes; truths from one sample of a million."""
    random = np.random.default_rng(0)
    sizes, chance = (0.7, 0.2, 0.1), np.array([[0.9, 0.07, 0.03], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]])
    large = estimate(drawn(random, sizes, chance, (70_000, 20_000, 10_000)), 3)
    truths = {"overall": large.overall.value, "f1": large.f1[1].value, "shares": large.shares[2].value}
    held = dict.fromkeys(truths, 0)
    for _ in range(400):
        got = estimate(drawn(random, sizes, chance, (150, 80, 80)), 3)
        for name, one in (("overall", got.overall), ("f1", got.f1[1]), ("shares", got.shares[2])):
            held[name] += one.low <= truths[name] <= one.high
    assert all(0.91 <= count / 400 <= 0.985 for count in held.values()), held


def test_the_worked_example_of_strata_that_are_not_the_maps_classes() -> None:
    """Stehman (2014), section 4: four strata of ten places each; classes A to D, areas in pixels."""
    mapped = "A" * 7 + "B" * 3 + "A" + "B" * 11 + "C" * 6 + "BB" + "D" * 10
    reference = "AAAAACBABC" + "A" + "BBBBB" + "AABB" + "CCCCC" + "DDBBA" + "D" * 7 + "CCB"
    units = np.arange(40)
    codes = [np.array(["ABCD".index(letter) for letter in text]) for text in (reference, mapped)]
    sizes = np.array([40_000, 30_000, 20_000, 10_000], float)
    got = estimate(Comparison(codes[0], units // 10, sizes, units, codes[1], np.ones_like(units)), 4)
    assert printed(got.shares[i].value for i in (0, 2)) == [0.35, 0.20]
    assert printed((got.shares[i].error for i in (0, 2)), 3) == [0.082, 0.064]
    assert (round(got.overall.value, 2), round(got.overall.error, 3)) == (0.63, 0.085)
    assert (round(got.users[1].value, 3), round(got.users[1].error, 3)) == (0.574, 0.125)
    assert (round(got.producers[1].value, 3), round(got.producers[1].error, 2)) == (0.794, 0.12)
    assert round(got.proportions[2, 1], 2) == 0.08


def test_one_stratum_is_simple_random_sampling() -> None:
    counts = np.array([[40, 10], [5, 45]])
    got = estimate(compared(counts, np.ones(1), np.zeros(100, int)), 2)
    assert got.overall.value == pytest.approx(0.85)
    assert got.overall.error == pytest.approx(np.sqrt(0.85 * 0.15 / 99))
    assert got.users[0].value == pytest.approx(0.8)
    assert got.producers[0].value == pytest.approx(40 / 45)


def test_a_polygon_counts_once_for_the_error_however_many_pixels_it_has() -> None:
    """Ten polygons of 1000 pixels, half of them wholly wrong, tell no more than ten points."""
    units = np.arange(10)
    reference = np.zeros(10, int)
    mapped = units % 2
    few = Comparison(reference, reference, np.ones(1), units, mapped, np.ones(10, int))
    many = Comparison(reference, reference, np.ones(1), units, mapped, np.full(10, 1000))
    assert estimate(many, 2).overall.error == pytest.approx(estimate(few, 2).overall.error)
    assert estimate(many, 2).overall.value == 0.5
    assert estimate(many, 2).matrix.sum() == 10_000


def test_where_all_agree_the_interval_still_has_a_width() -> None:
    got = estimate(compared(np.array([[30, 0], [0, 20]]), np.array([3.0, 1.0])), 2)
    assert got.overall.value == 1
    assert got.overall.low == pytest.approx(50 / (50 + 1.96**2))
    assert got.users[1].low == pytest.approx(20 / (20 + 1.96**2))
    assert got.users[1].high == 1


def test_a_stratum_with_one_point_leaves_the_error_open() -> None:
    got = estimate(compared(np.array([[20, 2], [0, 1]]), np.array([1.0, 1.0])), 2)
    assert np.isnan(got.overall.error)
    assert np.isnan(got.overall.low)
    assert not np.isnan(got.users[0].error)
    assert got.overall.to_dict()["error"] is None


def test_a_stratum_without_points_is_left_out() -> None:
    some = compared(np.array([[20, 2, 0], [1, 9, 0], [0, 0, 0]]), np.array([6.0, 3.0, 91.0]))
    got = estimate(some, 3)
    assert got.overall.value == pytest.approx((6 * 20 / 22 + 3 * 9 / 10) / 9)
    assert np.isnan(got.users[2].value)
    assert np.isnan(got.producers[2].value)
