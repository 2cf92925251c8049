"""What is done to two dates before they are compared, whatever the method: aligned, cleared, normalised.

The shift is found first: it needs no clear sky, because tiles under cloud agree with none, and what is
masked afterwards is masked where it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from ...change_options import ChangeOptions
from ...errors import UnsupportedInput
from ...jobs import RasterRef
from ..area import Area
from ..grid import Grid
from ..rasters import Stack
from ..run import Run
from ..sources import grid_of, open_source
from ..warped import same_place
from .clear_sky import clear_stacks
from .normalisation import learn_normalisation
from .registration import NEGLIGIBLE, Shift, estimate_shift, moved_grid
from .smoothing import Smoothing


@dataclass
class Prepared:
    """Two dates ready to be compared, on the grid of the earlier one and limited to the job's area.

    Attributes:
        facts: what was found and done, for the answer; plain JSON types.
        warnings: sentences for the user.
        stored: whether both are numbers as their files hold them.
        smoothing: what makes the earlier date as smooth as the later one became by being moved.
    """

    before: Stack
    after: Stack
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    stored: bool = False
    smoothing: Smoothing | None = None


def prepared(
    run: Run, options: ChangeOptions, before: Stack, area: Area, files: ExitStack, stored: bool = False
) -> Prepared:
    """Open the later date and correct what the options ask for.

    Args:
        area: what of ``before`` is compared, and learned from.
        files: closes what is opened here.
        stored: whether ``before`` has its numbers as the files hold them, and the later date shall too.

    Raises:
        UnsupportedInput: if no pixel is valid on both dates.
    """
    after = files.enter_context(run.stack(run.job.after, onto=before.grid, stored=stored)).limited(area)
    warnings = [*before.warnings, *after.warnings]
    both = Prepared(before.limited(area), after, warnings=warnings, stored=stored)
    if options.align != "off":
        _align(run, options, both, files)
    _clear(run, options, both)
    if both.smoothing is not None:
        both.before = both.before.retouched(both.smoothing)
    # The canonical variates of irmad are the same whatever gain and offset the bands have.
    if options.normalise and options.method != "irmad":
        _normalise(run, both)
    return both


def _align(run: Run, options: ChangeOptions, both: Prepared, files: ExitStack) -> None:
    shift = estimate_shift(both.before, both.after, run.context)
    gsd = both.before.grid.gsd
    moved, note = False, ""
    if not shift.reliable:
        note = _doubt(shift)
    elif shift.pixels >= NEGLIGIBLE:
        distance = f"{shift.pixels:.2f} pixels ({shift.pixels * gsd:.3g} m)"
        told = f"The later date lies {distance} off the earlier one"
        if options.align == "warn":
            note = f"{told}; edges may count as change."
        else:
            note = _move(run, both, shift, files)
            moved = not note
            note = f"{told}; {note}" if note else f"{told}; it was moved onto it."
    if note:
        both.warnings.append(note)
    both.facts["alignment"] = {**shift.facts(gsd), "corrected": moved}


def _doubt(shift: Shift) -> str:
    """Why nothing can be said about the dates' alignment."""
    if not shift.tiles:
        return "Whether the dates lie on one another could not be checked: no part of them matches."
    return (
        f"Whether the dates lie on one another could not be told: of {shift.tiles} parts that match,"
        f" {shift.agreeing} agree on a shift. Nothing was moved."
    )


def _move(run: Run, both: Prepared, shift: Shift, files: ExitStack) -> str:
    """Read the later date where its ground lies; answers why not, if it cannot be."""
    grid = both.before.grid
    try:
        onto = moved_grid(grid, shift)
        moved = files.enter_context(run.stack(run.job.after, onto=onto, stored=both.stored))
    except UnsupportedInput as error:
        return f"it could not be moved. {error}"
    both.after = moved.limited(both.before.area)
    if _on_grid(run.job.after, grid):
        both.smoothing = Smoothing.like_moved(shift.rows, shift.cols, both.before.spectral)
    return ""


def _on_grid(refs: Sequence[RasterRef], grid: Grid) -> bool:
    """Whether rasters had not to be resampled before one was moved."""
    for ref in refs:
        with open_source(ref) as dataset:
            if not same_place(grid_of(dataset, ref), grid):
                return False
    return True


def _clear(run: Run, options: ChangeOptions, both: Prepared) -> None:
    both.before, both.after, facts, notes = clear_stacks(run, both.before, both.after, options.clouds)
    both.facts.update(facts)
    both.warnings += notes


def _normalise(run: Run, both: Prepared) -> None:
    lines, facts, notes = learn_normalisation(both.before, both.after, run.context)
    both.warnings += notes
    both.facts["normalisation"] = facts
    if lines is not None:
        both.after = both.after.retouched(lines)
