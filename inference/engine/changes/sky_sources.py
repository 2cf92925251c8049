"""Where it is known from what hides the ground on a date: quality bands, or a network that finds clouds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...bands import CLASSES, REFLECTANCE
from ...cards import Card
from ...errors import UnsupportedInput
from ..area import Area
from ..base import Mask
from ..flow import Steps
from ..grid import Grid, Window
from ..journal import Journal
from ..network_run import NetworkRun
from ..rasters import Stack
from ..regions import Region
from ..results.destinations import refused_by_disk
from ..run import Run
from ..scores import winners
from ..tiles import Form, TileFile
from .quality import FMASK, U8, Coding, Sky, coding_named, nameless

MODEL = "ukis-csmask"
_OF_CLASS = {"clear": Sky.CLEAR, "cloud": Sky.CLOUD, "cloud shadow": Sky.SHADOW}
# A quality band that nobody names must be brighter in blue by this factor where it says cloud.
_BRIGHTER = 1.05
_HINT = "Add a layer with the quality band of that date (Fmask, SCL, QA_PIXEL), or name its band with BANDS."


@dataclass(frozen=True)
class Kept:
    """Rasters of :class:`~.quality.Sky` that belong to the run alone; a run that goes on finds them again."""

    run: Run
    grid: Grid
    journal: Journal

    @classmethod
    def of(cls, run: Run, grid: Grid) -> Kept:
        """Call it when all that fixes the results is known to the run."""
        return cls(run, grid, run.journal(_form(grid)))

    def raster(self) -> TileFile:
        with refused_by_disk(self.run.job.output, self.journal.folder.parent):
            return self.journal.raster(_form(self.grid))

    def write(self, raster: TileFile, block: Window, sky: U8) -> None:
        with refused_by_disk(self.run.job.output, self.journal.folder.parent):
            self.journal.write(raster, block, sky[None])


def _form(grid: Grid) -> Form:
    return Form(grid.width, grid.height, 1, "uint8", 0)


class Source(Protocol):
    """Where the sky of a date is known from.

    Attributes:
        key: of all that fixes what it says beside the date's own files.
        told: what it is, in words.
    """

    @property
    def key(self) -> str: ...

    @property
    def told(self) -> str: ...

    def reader(self, run: Run, stack: Stack, area: Area, kept: Kept) -> Callable[[Window], U8]:
        """Answers the :class:`~.quality.Sky` of a window inside the grid, without any buffer.

        Args:
            area: whose sky will be asked for, and some pixels around it.
        """


@dataclass(frozen=True)
class _Bands:
    """Quality bands by their index; where several disagree, the worst counts."""

    codings: tuple[tuple[int, Coding], ...]
    told: str

    @property
    def key(self) -> str:
        return repr(self.codings)

    def reader(self, run: Run, stack: Stack, area: Area, kept: Kept) -> Callable[[Window], U8]:
        def read(window: Window) -> U8:
            found = np.full((window.height, window.width), Sky.CLEAR, np.uint8)
            for index, coding in self.codings:
                numbers, valid = stack.read(window, (index,))
                np.maximum(found, np.where(valid, coding.read(numbers[0]), np.uint8(Sky.FILL)), out=found)
            return found

        return read


@dataclass(frozen=True)
class _Network:
    """A network that finds clouds and their shadows in optical bands."""

    card: Card
    date: str

    @property
    def key(self) -> str:
        return ",".join(asset.sha256 for asset in self.card.assets)

    @property
    def told(self) -> str:
        return f"the model {self.card.id}"

    def reader(self, run: Run, stack: Stack, area: Area, kept: Kept) -> Callable[[Window], U8]:
        sky = np.array([_OF_CLASS[info.name] for info in self.card.classes], np.uint8)
        raw = kept.raster()
        with NetworkRun.over(run, self.card, stack, area) as network:

            def compute(block: Window, found: tuple[Region, Mask]) -> U8:
                region, wanted = found
                best, _ = winners(network.mosaic.scores(region, wanted, block))
                return np.where(wanted, sky[best], np.uint8(Sky.UNKNOWN))

            steps = Steps(network.read, compute, lambda block, made: kept.write(raw, block, made))
            run.stream(f"clouds {self.date}", network.mosaic.blocks(area), steps)
        return lambda window: raw.read(window)[0]


def source_of(run: Run, stack: Stack, date: str, mode: str, notes: list[str]) -> Source | None:
    """Where the sky of a date is known from, None for nowhere.

    Args:
        stack: limited to the job's area.
        date: ``before`` or ``after``.
        mode: ``auto``, ``bands`` or ``model``.
        notes: told what was concluded.

    Raises:
        UnsupportedInput: with ``bands``, if there is no quality band.
        ModelMissing: with ``model``, if its weights cannot be had.
    """
    found = _quality_bands(stack, date, notes) if mode != "model" else None
    if found is not None:
        return found
    if mode == "bands":
        raise UnsupportedInput(f"No layer of the date {date!r} has a band that says where clouds are.", _HINT)
    card = run.services.catalog.get(MODEL)
    if mode == "auto" and not (_at_hand(run, card) and _suits(card, stack)):
        unknown = (
            f"Nothing is known of clouds on the date {date!r}: where there are some, they come out as change."
        )
        notes.append(f"{unknown} {_HINT}")
        return None
    if mode == "auto":
        notes.append(
            f"No layer of the date {date!r} says where clouds are: {MODEL} looked for them and their shadows."
        )
    return _Network(run.services.store.settled(card, run.context), date)


def _quality_bands(stack: Stack, date: str, notes: list[str]) -> _Bands | None:
    coded = [index for index, band in enumerate(stack.bands) if band.units == CLASSES]
    numbers = {index: _numbers(stack, index) for index in coded}
    named = tuple(
        (index, coding)
        for index in coded
        if (coding := coding_named(stack.bands[index].name, numbers[index])) is not None
    )
    if named:
        told = ", ".join(f"{stack.bands[index].name!r} ({coding.name})" for index, coding in named)
        return _Bands(named, f"the band {told}")
    for index in coded:
        name = stack.bands[index].name
        if nameless(name) and FMASK.holds(numbers[index]) and _brighter(stack, index):
            notes.append(
                f"The band {name!r} of the date {date!r} is taken for Fmask, because it holds none but its "
                "codes (0 clear, 1 water, 2 shadow, 3 snow, 4 cloud, 255 fill)."
            )
            return _Bands(((index, FMASK),), f"the band {name!r} (Fmask, by its codes)")
    return None


def _numbers(stack: Stack, index: int) -> list[int]:
    seen = stack.overview((index,))
    return [int(number) for number in np.unique(seen.pixels[0, seen.valid])]


def _brighter(stack: Stack, index: int) -> bool:
    """Whether clouds, if a nameless band has any, are what clouds are: brighter than the rest in blue."""
    blue = [i for i, band in enumerate(stack.bands) if band.common == "blue" and band.units == REFLECTANCE]
    if not blue:
        return False
    seen = stack.overview((index, blue[0]))
    codes, light = seen.pixels[0, seen.valid], seen.pixels[1, seen.valid]
    cloud, clear = light[codes == 4], light[codes == 0]
    return not cloud.size or (clear.size > 0 and float(cloud.mean()) > _BRIGHTER * float(clear.mean()))


def _at_hand(run: Run, card: Card) -> bool:
    """Whether a card's files are on this machine."""
    return all(run.services.store.find(card, asset) is not None for asset in card.assets)


def _suits(card: Card, stack: Stack) -> bool:
    """Whether a date has the bands of the network, as reflectance, and pixels of the size it knows."""
    finest, coarsest = card.gsd
    light = {band.common for band in stack.bands if band.units == REFLECTANCE}
    return finest <= stack.scene.gsd <= coarsest and set(card.min_bands) <= light
