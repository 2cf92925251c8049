"""From places and what the map shows there to an assessment, with all that must be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ...jobs import ClassInfo
from ..grid import Grid, Window
from ..legend import Legend
from .estimators import Assessment, Comparison, Estimate, estimate, rounded
from .mapped import MappedClasses
from .reference import Lookup, Places, as_values, matched, named, positions

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Below this many points a class's own figures hang on one or two of them.
_FEW = 5
# What maps call ground that they give no class, ours (REFUSE_BELOW) and those of others.
_UNCLASSIFIED = frozenset(("unknown", "unclassified", "not classified"))
_NOTHING = Estimate(*[float("nan")] * 4)


@dataclass(frozen=True)
class Sampling:
    """How the compared places were chosen, as far as it is known.

    Attributes:
        strata: (features,) number of each feature's stratum.
        values: class value of each stratum; empty for a single one.
        weights: (strata,) area of each.
        sentence: the same in words.
        is_random: whether the map as a whole can be estimated from them.
    """

    strata: I64
    values: tuple[int, ...]
    weights: F64
    sentence: str
    is_random: bool


@dataclass(frozen=True)
class Findings:
    """What an assessment found.

    Attributes:
        classes: of map and reference, by value.
        assessment: the estimates; classes in the same order.
        sampling: how the places were chosen, in one sentence.
        is_random: whether the places tell of the whole map.
        are_points: whether each place is one pixel.
        total_area: ground that the estimates speak of, in m² (map units without a CRS).
        mapped_areas: (classes,) ground that the map gives each class in the part looked at.
        unclassified: values of the classes that only say that the map gives none: no ground is of them.
        counts: what became of the places: compared, unanswered, unknown, outside, no_data.
        notes: sentences on how far the figures carry.
        warnings: sentences about what was left out.
    """

    classes: tuple[ClassInfo, ...]
    assessment: Assessment
    sampling: str
    is_random: bool
    are_points: bool
    total_area: float
    mapped_areas: tuple[float, ...]
    unclassified: frozenset[int]
    counts: dict[str, int]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON types: everything that the report shows."""
        found = self.assessment
        rows = [
            {
                "value": info.value,
                "name": info.name,
                "color": info.color,
                "unclassified": info.value in self.unclassified,
                "users": found.users[at].to_dict(),
                "producers": found.producers[at].to_dict(),
                "f1": found.f1[at].to_dict(),
                "mapped_m2": round(self.mapped_areas[at], 3),
                "adjusted_m2": self._area(found.shares[at]) if self.is_random else None,
            }
            for at, info in enumerate(self.classes)
        ]
        return {
            "overall": found.overall.to_dict(),
            "classes": rows,
            "matrix": found.matrix.tolist(),
            "proportions": np.round(found.proportions, 8).tolist() if self.is_random else None,
            "unit": "point" if self.are_points else "feature",
            "places": self.counts,
            "sampling": self.sampling,
            "random": self.is_random,
            "total_m2": round(self.total_area, 3) if self.is_random else None,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }

    def _area(self, share: Estimate) -> dict[str, float | None]:
        parts = ("value", "error", "low", "high")
        return {name: rounded(getattr(share, name) * self.total_area) for name in parts}


@dataclass
class _Told:
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find(
    places: Places, lookup: Lookup, mapped: MappedClasses, legend: Legend, grid: Grid, part: Window, wish: str
) -> Findings:
    """Compare, estimate and say what is to be said.

    Args:
        places: the reference.
        lookup: what the map shows at each place.
        mapped: the map's classes and their areas.
        legend: their names.
        grid: the map's.
        part: of the grid, that was looked at.
        wish: how the reference was chosen, one of ``SAMPLINGS``.

    Raises:
        UnsupportedInput: if nothing can be compared.
    """
    told = _Told(warnings=list(places.notes))
    unit, shown, pixels = lookup.entries()
    shown_as = legend.classes({*mapped.areas, *legend.named})
    refused = frozenset(info.value for info in shown_as if info.name.casefold() in _UNCLASSIFIED)
    known = tuple(info for info in shown_as if info.value not in refused)
    reference, unknown = matched(places.texts.tolist(), places.numeric, known)
    compared = (reference >= 0) & np.isin(np.arange(len(reference)), unit)
    counts = _fates(places, reference, compared, grid, part)
    _say_left_out(places, counts, unknown, told)
    if not compared.any():
        hint = told.warnings[-1] if told.warnings else ""
        raise UnsupportedInput(f"Nothing of {places.name} can be compared with the map.", hint)
    # Classes that neither the map nor the reference has would only be empty rows.
    occurring = {known[place].value for place in reference[compared]} | set(mapped.areas)
    classes = legend.classes(occurring)
    mapped_at = np.zeros(len(reference), np.int64)
    mapped_at[unit] = shown
    sampling = _sampling(places, mapped, mapped_at, compared, wish, told)
    comparison = _comparison(compared, reference, known, classes, sampling, (unit, shown, pixels))
    result = _without(estimate(comparison, len(classes)), classes, refused)
    total = _covered(comparison, sampling, legend, told)
    _say_unclassified(mapped, classes, refused, told)
    _say_thin(classes, refused, comparison, places.are_points, told)
    return Findings(
        classes,
        result,
        sampling.sentence,
        sampling.is_random,
        places.are_points,
        total,
        tuple(mapped.areas.get(info.value, 0.0) for info in classes),
        refused & set(mapped.areas),
        counts,
        tuple(told.notes),
        tuple(told.warnings),
    )


def _fates(
    places: Places, reference: I64, compared: NDArray[np.bool_], grid: Grid, part: Window
) -> dict[str, int]:
    """How many places were compared, and why the others were not."""
    said = np.array([bool(text) for text in places.texts])
    cols, rows = positions(places.shapes, grid)
    inside = (cols >= part.col) & (cols < part.right) & (rows >= part.row) & (rows < part.bottom)
    usable = reference >= 0
    return {
        "compared": int(compared.sum()),
        "unanswered": int((~said).sum()),
        "unknown": int((said & ~usable).sum()),
        "outside": int((usable & ~compared & ~inside).sum()),
        "no_data": int((usable & ~compared & inside).sum()),
    }


def _say_left_out(places: Places, counts: Mapping[str, int], unknown: dict[str, int], told: _Told) -> None:
    whole = len(places.texts)
    if counts["unanswered"]:
        told.warnings.append(f"{counts['unanswered']} of {whole} places have no reference class yet.")
    if unknown:
        told.warnings.append(
            f"The map has no class of these names or values, so that their places were left out: "
            f"{named(unknown)}."
        )
    if counts["outside"]:
        told.warnings.append(f"{counts['outside']} of {whole} places lie off the map or the part asked for.")
    if counts["no_data"]:
        told.warnings.append(f"{counts['no_data']} of {whole} places lie where the map has no class.")


def _sampling(
    places: Places,
    mapped: MappedClasses,
    mapped_at: I64,
    compared: NDArray[np.bool_],
    wish: str,
    told: _Told,
) -> Sampling:
    """How the places were chosen: as their own fields say, as the user says, or nobody knows how."""
    one = np.zeros(len(compared), np.int64), (), np.ones(1)
    if not places.are_points:
        told.notes.append(
            "The reference is not of single points. Pixels of one polygon are not independent: intervals "
            "take each whole polygon as one place, and areas are not estimated."
        )
        random = wish == "random"
        sentence = "Polygons or lines, " + ("drawn at random." if random else "chosen in a way not known.")
        if not random:
            told.notes.append(_UNKNOWN)
        return Sampling(*one, sentence, False)
    if wish == "auto" and places.strata is not None and places.stratum_areas is not None:
        values, first, strata = np.unique(places.strata, return_index=True, return_inverse=True)
        sentence = "A stratified random sample of check points, drawn within each class of the map."
        if (places.strata != mapped_at)[compared].any():
            sentence = (
                "A stratified random sample of check points, drawn from another map or an earlier state of "
                "this one; the estimators take that into account (Stehman 2014)."
            )
        return Sampling(strata, tuple(values.tolist()), places.stratum_areas[first], sentence, True)
    if wish == "random":
        values = np.array(sorted(mapped.areas))
        strata = np.searchsorted(values, np.where(compared, mapped_at, values[0]))
        weights = np.array([mapped.areas[value] for value in values.tolist()])
        sentence = "Points drawn at random, as the user says; weighted by the areas of the mapped classes."
        return Sampling(strata, tuple(values.tolist()), weights, sentence, True)
    told.notes.append(_UNKNOWN)
    return Sampling(*one, "Points chosen in a way not known.", False)


_UNKNOWN = (
    "Nothing says that these places were drawn at random over the map: the figures describe the places "
    "themselves and may be far from those of the map as a whole, and the intervals hold only if the "
    "places were chosen independently of each other. Draw check points for an unbiased answer."
)


def _comparison(
    compared: NDArray[np.bool_],
    reference: I64,
    known: tuple[ClassInfo, ...],
    classes: tuple[ClassInfo, ...],
    sampling: Sampling,
    entries: tuple[I64, I64, I64],
) -> Comparison:
    """The compared places alone, renumbered."""
    unit, shown, pixels = entries
    kept = compared[unit]
    number = np.cumsum(compared) - 1
    values = np.array([known[place].value for place in reference[compared]], np.int64)
    return Comparison(
        as_values(classes, values),
        sampling.strata[compared],
        sampling.weights,
        number[unit[kept]],
        as_values(classes, shown[kept]),
        pixels[kept],
    )


def _covered(comparison: Comparison, sampling: Sampling, legend: Legend, told: _Told) -> float:
    """Area of the strata that have a place, in m²; tells of those that have none or one."""
    if not sampling.values:
        return 0.0
    count = np.bincount(comparison.stratum, minlength=len(sampling.weights))
    names = {info.value: info.name for info in legend.classes(sampling.values)}
    total, covered = sampling.weights.sum(), sampling.weights[count > 0].sum()
    missing = [names[value] for value, n in zip(sampling.values, count, strict=True) if n == 0]
    if missing:
        share = 100 * (1 - covered / total)
        told.warnings.append(
            f"No place was compared where {', '.join(missing)} was drawn from: the figures leave out "
            f"{share:.1f} % of the ground."
        )
    single = [names[value] for value, n in zip(sampling.values, count, strict=True) if n == 1]
    if single:
        told.warnings.append(
            f"A single place was compared for {', '.join(single)}: there is no interval for what depends on "
            f"it. Check a second one."
        )
    return float(covered)


def _without(found: Assessment, classes: tuple[ClassInfo, ...], refused: frozenset[int]) -> Assessment:
    """The estimates, with none of how right a class is that is no class."""
    gone = [info.value in refused for info in classes]

    def kept(estimates: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
        return tuple(_NOTHING if left else one for one, left in zip(estimates, gone, strict=True))

    return replace(found, users=kept(found.users), producers=kept(found.producers), f1=kept(found.f1))


def _say_unclassified(
    mapped: MappedClasses, classes: tuple[ClassInfo, ...], refused: frozenset[int], told: _Told
) -> None:
    """How much the map leaves open, and what that does to the figures."""
    left = [info for info in classes if info.value in refused]
    if left:
        share = 100 * sum(mapped.areas[info.value] for info in left) / sum(mapped.areas.values())
        names = ", ".join(info.name for info in left)
        told.notes.append(
            f"The map gives {share:.1f} % of the ground no class ({names}). What lies there counts as "
            f"missed: in overall and producer's accuracy and F1, and in the estimated areas of the classes. "
            f"User's accuracy is of the ground that has a class."
        )


def _say_thin(
    classes: tuple[ClassInfo, ...],
    refused: frozenset[int],
    comparison: Comparison,
    points: bool,
    told: _Told,
) -> None:
    there = np.bincount(comparison.reference, minlength=len(classes))
    few = [info.name for info, count in zip(classes, there, strict=True) if 0 < count < _FEW]
    what = "places" if points else "polygons"
    if few:
        told.notes.append(f"Rough, because fewer than {_FEW} reference {what} are of it: {', '.join(few)}.")
    none = [
        info.name
        for info, count in zip(classes, there, strict=True)
        if not count and info.value not in refused
    ]
    if none:
        told.notes.append(f"No reference {what} are of {', '.join(none)}: what the map misses is unknown.")
    told.notes.append(
        "Intervals hold 95 % of the time a sample like this one is drawn. They are normal intervals by "
        "linearization; where all places agree, Wilson's score interval."
    )
