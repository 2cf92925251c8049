"""What a refinement reads: the map, its probabilities, a prior and the layers that conditions name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from ...conditions import check, columns_of
from ...errors import InvalidRequest, UnsupportedInput
from ...jobs import ClassInfo, RasterRef, SampleRef
from ...knowledge import Knowledge, Rule, columns
from ..area import Area
from ..assessment.mapped import NO_CLASS as NOT_MAPPED
from ..assessment.mapped import MappedClasses
from ..base import Mask
from ..grid import Window
from ..legend import Legend, map_name
from ..rasters import Stack
from ..run import BLOCK, Run
from ..sources import nodata_of, open_source, used_bands
from .expressions import Values
from .helpers import Helpers, bands_of, values_of
from .priors import Prior, PriorPlaces, PriorRaster
from .probabilities import ClassBands
from .refinement import I16, NO_CLASS, Refinement, Seen, Step

_HIGHEST = 254
_MANY = 8


@dataclass(frozen=True)
class Inputs:
    """The rasters of a job by what they are."""

    shown: RasterRef
    probabilities: RasterRef | None
    prior: RasterRef | None
    helpers: dict[str, RasterRef]

    @classmethod
    def of(cls, refs: Sequence[RasterRef], known: Knowledge) -> Inputs:
        """In their order: the map, its probabilities, the prior, the helpers."""
        shown, *rest = refs
        probabilities = rest.pop(0) if known.probabilities else None
        prior = rest.pop(0) if known.prior else None
        return cls(shown, probabilities, prior, dict(zip(known.helpers, rest, strict=True)))


@dataclass
class Sources:
    """All of it, open.

    Attributes:
        stack: the map.
        area: the part of it that the job covers.
        how: what is done to every block.
        warnings: sentences about what was guessed.
    """

    stack: Stack
    area: Area
    how: Refinement
    warnings: list[str]
    _mapped: MappedClasses
    _places: dict[int, int]
    _bands: ClassBands | None
    _prior: Prior | None
    _helpers: Helpers
    _told: dict[str, Values] = field(default_factory=dict)

    @classmethod
    def open(cls, run: Run, known: Knowledge, files: ExitStack) -> Sources:
        """Open them on the grid of the map.

        Raises:
            InvalidRequest: if a rule names a class or a column that there is not.
            UnsupportedInput: if a file is not what it is taken for, or has no place on the map.
        """
        inputs = Inputs.of(run.job.inputs, known)
        _check_columns(known, inputs)
        stack = files.enter_context(run.stack([inputs.shown], stored=True))
        area = run.area(stack)
        mapped = MappedClasses(stack, area, map_name(inputs.shown))
        classes = _classes(run, inputs.shown, mapped, area)
        steps = tuple(_step(number, rule, classes) for number, rule in enumerate(known.rules, 1))
        bands = prior = None
        warnings = list(stack.warnings)
        sure = np.zeros(len(classes), np.bool_)
        if inputs.probabilities is not None:
            bands = _class_bands(run, inputs.probabilities, stack, classes, files)
            warnings, sure = [*warnings, *bands.warnings], bands.known
        prior = _prior_of(run, inputs.prior, known.share, stack, classes, files)
        warnings += prior.warnings if prior else []
        named = {name for rule in known.rules for name in columns_of(rule.when)}
        helpers = Helpers(run, inputs.helpers, named, stack.grid, files)
        warnings += helpers.warnings
        told = {}
        if "date" in named:
            day = stack.scene.date
            told["date"] = Values.text(day.isoformat()) if day else Values.nothing()
            warnings += [] if day else [_NO_DATE]
        how = Refinement(classes, steps, sure, known.weight, known.exclude)
        places = {info.value: place for place, info in enumerate(classes)}
        return cls(stack, area, how, warnings, mapped, places, bands, prior, helpers, told)

    def labels(self, block: Window) -> I16 | None:
        """(rows, cols) places of the map's classes; None where a block has none."""
        values = self._mapped.read(block)
        if values is None:
            return None
        labels = np.full(values.shape, NO_CLASS, np.int16)
        for value in np.unique(values):
            if value != NOT_MAPPED:
                labels[values == value] = self._places[int(value)]
        return labels

    def read(self, block: Window) -> Seen | None:
        """All that there is of a block; None where the map has no class in it."""
        labels = self.labels(block)
        if labels is None:
            return None
        shares = None
        sure: Mask = np.zeros(labels.shape, np.bool_)
        if self._bands is not None:
            shares, sure = self._bands.read(block)
        prior = self._prior.read(block) if self._prior is not None else None
        columns = {**values_of(self._helpers.read(block)), **self._told}
        return Seen(labels, shares, sure, prior, columns)


_NO_DATE = (
    "The date of the map is not known, so that no condition on it holds; say it with DATE."
)


def _check_columns(known: Knowledge, inputs: Inputs) -> None:
    """Look again at what conditions name, now that the bands of helpers are known."""
    there = columns(
        {name: bands_of(ref) for name, ref in inputs.helpers.items()}, probable=known.probabilities
    )
    for number, rule in enumerate(known.rules, 1):
        try:
            check(rule.when, there)
        except InvalidRequest as error:
            raise InvalidRequest(f"Rule {number}: {error.message}", error.hint) from error


def _classes(run: Run, ref: RasterRef, mapped: MappedClasses, area: Area) -> tuple[ClassInfo, ...]:
    """The classes that the map has a name for, and those that it shows.

    Raises:
        UnsupportedInput: if it shows none, or one that a map of bytes cannot hold.
    """
    blocks = list(area.blocks(BLOCK))
    for number, block in enumerate(blocks, 1):
        run.context.check()
        values = mapped.read(block)
        if values is not None:
            mapped.add(block, values)
        run.context.progress("classes", number, len(blocks), "")
    mapped.check()
    legend = Legend.read(ref)
    with open_source(ref) as dataset:
        empty = set(nodata_of(dataset, used_bands(dataset, ref)[0], ref))
    named = {value for value in legend.named if 0 <= value <= _HIGHEST and value not in empty}
    odd = sorted(value for value in mapped.areas if not 0 <= value <= _HIGHEST)
    if odd:
        raise UnsupportedInput(
            f"{map_name(ref)} has the class {odd[0]}; classes are numbered from 0 to {_HIGHEST} here.",
            "Renumber them first (Processing: Reclassify by table).",
        )
    return legend.classes(named | set(mapped.areas))


def _class_bands(
    run: Run, ref: RasterRef, stack: Stack, classes: Sequence[ClassInfo], files: ExitStack
) -> ClassBands:
    opened = files.enter_context(run.stack([ref], onto=stack.grid, stored=True))
    return ClassBands(ref, opened, classes)


def _prior_of(
    run: Run,
    ref: RasterRef | None,
    share: str,
    stack: Stack,
    classes: Sequence[ClassInfo],
    files: ExitStack,
) -> Prior | None:
    if ref is not None:
        return PriorRaster(_class_bands(run, ref, stack, classes, files))
    places: SampleRef | None = run.job.samples
    return None if places is None else PriorPlaces.open(places, share, classes, stack.grid)


def _step(number: int, rule: Rule, classes: Sequence[ClassInfo]) -> Step:
    """A rule with places of classes in place of names.

    Raises:
        InvalidRequest: if the map has no such class.
    """

    def place(text: str) -> int | None:
        if not text:
            return None
        wanted = text.strip().casefold()
        for position, info in enumerate(classes):
            if wanted in (info.name.casefold(), str(info.value)):
                return position
        names = [info.name for info in classes]
        more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
        raise InvalidRequest(
            f"Rule {number} names the class {text}, which the map has not.",
            f"Its classes are: {', '.join(names[:_MANY])}{more}.",
        )

    return Step(rule.when, place(rule.of), place(rule.becomes))
