"""What the numbers of a raster file mean: units, scale, codes.

A stored number is a measurement only with its scale, its nodata and its band. Where the file
does not say, a guess is made from a sample of its pixels, and every guess is put into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from ..bands import CLASSES, DECIBEL, KELVIN, RAW, REFLECTANCE, Band, identify
from ..jobs import RasterRef
from .sources import (
    Sample,
    Stored,
    descriptions,
    month,
    nodata_of,
    own_view,
    take_sample,
    used_bands,
    wavelength,
)

# Reflectance outside this is a code, not a measurement: 65535 (saturated), -9999 (fill).
# Snow, cloud and glint do reach beyond 1, haze correction does reach below 0.
_REFLECTANCE_LIMITS = (-0.2, 2.0)
_REFLECTANCE_SCALE = 1e-4
# Where the middle half of a band's values must lie for its units to be believed.
_BELIEVABLE = {REFLECTANCE: _REFLECTANCE_LIMITS, KELVIN: (150.0, 400.0), DECIBEL: (-60.0, 20.0)}
# So large a share of a band at its very highest value, and that so bright, is saturated.
_SATURATED, _SATURATED_SHARE = 1.59, 0.002
# At most so many whole numbers up to 255, in a file whose other bands reach thousands: classes.
_FEW_VALUES, _HIGHEST_CLASS, _MEASUREMENT = 16, 255, 1000
# So large a share of the raster's edge black in every one of three or more bands is fill.
_BLACK_SHARE, _BLACK_BANDS = 0.02, 3
# More names than this are not read out.
_NAMES = 8


@dataclass(frozen=True)
class Rule:
    """How the stored numbers of one band become values.

    Attributes:
        index: 1-based number of the band in its file.
        nodata: stored numbers that mean "no data".
        scale: value = stored * scale + offset.
        offset: see scale.
        limits: values outside are codes, not measurements; None for no limits.
        nearest: whether the band must not be interpolated, because it holds classes.
    """

    index: int
    nodata: tuple[float, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    limits: tuple[float, float] | None = None
    nearest: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of one file.

    Attributes:
        bands: what each band used is.
        rules: how to read each of them.
        black_fill: whether pixels that are 0 in every band used hold no data.
        month: 0-based month of acquisition, None if unknown.
        warnings: one sentence for each guess.
    """

    bands: tuple[Band, ...]
    rules: tuple[Rule, ...]
    black_fill: bool
    month: int | None
    warnings: tuple[str, ...]


def describe(dataset: DatasetReader, ref: RasterRef) -> Facts:
    """Find out what each band of a file is and how to read it.

    Raises:
        UnsupportedInput: if the file cannot be read.
        InvalidRequest: if the job's date is not one.
    """
    name = Path(ref.path).name
    indexes = used_bands(dataset, ref)
    texts = descriptions(dataset, indexes)
    named = identify(ref.path, texts, [wavelength(dataset, i) for i in indexes], ref.names)
    nodata = [nodata_of(dataset, index, ref) for index in indexes]
    sample = take_sample(dataset, indexes, nodata)
    highest = _highest(sample)
    bands, rules, notes = [], [], []
    for position, band in enumerate(named):
        stated = bool(ref.names) and ref.names[position] != "-"
        if not stated and _holds_classes(dataset, indexes[position], sample.of(position), highest):
            band = Band(texts[position].strip() or band.name, units=CLASSES)
            notes.append(_class_note(band, sample.of(position), name))
        rule = Rule(indexes[position], nodata[position], nearest=band.units == CLASSES)
        if band.units != CLASSES:
            rule = _with_scale(dataset, ref, band, texts[position], rule)
            band, rule = _believed(band, rule, sample.of(position))
        bands.append(band)
        rules.append(rule)
    notes += _scale_notes(dataset, ref, named, bands, rules, name)
    notes += _saturation_notes(bands, rules, sample, name)
    black = _has_black_fill(dataset, ref, sample)
    if black:
        notes.append(
            f"The black edge of {name} (0 in every band) is taken for missing data; "
            "give a nodata value if it is not."
        )
    return Facts(tuple(bands), tuple(rules), black, month(dataset, ref), tuple(notes))


def _highest(sample: Sample) -> float:
    numbers = [sample.of(position) for position in range(len(sample.stored))]
    return max((float(band.max()) for band in numbers if band.size), default=0.0)


def _holds_classes(dataset: DatasetReader, index: int, numbers: Stored, highest: float) -> bool:
    """Whether an unnamed or doubtful band holds class codes: a palette, or few small numbers."""
    if dataset.colorinterp[index - 1] == ColorInterp.palette:
        return True
    kind = np.dtype(dataset.dtypes[index - 1])
    if kind.kind not in "iu" or kind.itemsize == 1 or highest < _MEASUREMENT or not numbers.size:
        return False
    if numbers.min() < 0 or numbers.max() > _HIGHEST_CLASS:
        return False
    return len(np.unique(numbers)) <= _FEW_VALUES


def _with_scale(dataset: DatasetReader, ref: RasterRef, band: Band, text: str, rule: Rule) -> Rule:
    """The rule with the user's scale, else the file's, else that of the band's usual product."""
    if ref.scale is not None or ref.offset is not None:
        scale = 1.0 if ref.scale is None else float(ref.scale)
        return replace(rule, scale=scale, offset=float(ref.offset or 0.0))
    stated = dataset.scales[rule.index - 1], dataset.offsets[rule.index - 1]
    if stated != (1.0, 0.0):
        return replace(rule, scale=float(stated[0]), offset=float(stated[1]))
    kind = np.dtype(dataset.dtypes[rule.index - 1])
    # Bytes are left alone: a Byte image with Sentinel-2's band names is a picture, not reflectance.
    usual = "reflectance" in text.lower() or band.modality == "sentinel-2"
    if band.units == REFLECTANCE and usual and kind.kind in "iu" and kind.itemsize > 1:
        return replace(rule, scale=_REFLECTANCE_SCALE)
    return rule


def _believed(band: Band, rule: Rule, numbers: Stored) -> tuple[Band, Rule]:
    """Band and rule as they are if the sample fits the band's units, else as raw numbers."""
    limits = _BELIEVABLE.get(band.units)
    if limits is None:
        return band, rule
    scaled = numbers.astype(np.float64) * rule.scale + rule.offset
    # The middle half decides, so that a few codes or clouds do not.
    low, high = np.percentile(scaled, (25, 75)) if scaled.size else (limits[0], limits[0])
    whole = numbers.dtype.kind in "iu" and (rule.scale, rule.offset) == (1.0, 0.0)
    if not limits[0] <= low <= high <= limits[1] or (band.units == REFLECTANCE and whole):
        return replace(band, units=RAW), rule
    return band, replace(rule, limits=limits) if band.units == REFLECTANCE else rule


def _class_note(band: Band, numbers: Stored, name: str) -> str:
    values = ", ".join(f"{value:g}" for value in np.unique(numbers)[:_FEW_VALUES])
    return f"The band {band.name!r} of {name} holds only {values}: it is taken for classes, not measurements."


def _scale_notes(
    dataset: DatasetReader,
    ref: RasterRef,
    named: Sequence[Band],
    bands: Sequence[Band],
    rules: Sequence[Rule],
    name: str,
) -> list[str]:
    """What was guessed of scales, and what could not be."""
    notes = []
    said = ref.scale is not None or ref.offset is not None
    guessed = [
        band.name
        for band, rule in zip(bands, rules, strict=True)
        if not said and rule.limits and dataset.scales[rule.index - 1] == 1.0 and rule.scale != 1.0
    ]
    if guessed:
        notes.append(
            f"The whole numbers of {_listed(guessed)} in {name} are taken for reflectance times 10000; "
            "give a scale if they are not."
        )
    raw = [
        band.name
        for before, band in zip(named, bands, strict=True)
        if before.units == REFLECTANCE and band.units == RAW
    ]
    if raw:
        notes.append(
            f"The numbers of {_listed(raw)} in {name} are not reflectance; "
            "models that need reflectance ask for a scale (0.0001 for most products stored as whole numbers)."
        )
    return notes


def _saturation_notes(bands: Sequence[Band], rules: Sequence[Rule], sample: Sample, name: str) -> list[str]:
    """A heap of pixels at one highest value: kept, because bright is what they are, but told."""
    shares = {}
    for position, (band, rule) in enumerate(zip(bands, rules, strict=True)):
        numbers = sample.of(position)
        if band.units != REFLECTANCE or not numbers.size:
            continue
        top = numbers.max()
        share = float((numbers == top).mean())
        if float(top) * rule.scale + rule.offset >= _SATURATED and share >= _SATURATED_SHARE:
            shares[band.name] = share
    if not shares:
        return []
    return [
        f"Up to {max(shares.values()):.1%} of the pixels of {name} stand at the highest value of "
        f"{_listed(list(shares))}: saturated, most likely cloud or snow."
    ]


def _has_black_fill(dataset: DatasetReader, ref: RasterRef, sample: Sample) -> bool:
    """Whether black at the raster's edge means "nothing was seen here".

    Only asked where nobody states what has no data: a stated nodata value is the last word.
    """
    stated = (
        ref.nodata is not None or own_view(dataset).masked or any(v is not None for v in dataset.nodatavals)
    )
    if stated or len(sample.stored) < _BLACK_BANDS:
        return False
    black = (sample.stored == 0).all(axis=0)
    return bool(black[sample.edge].mean() >= _BLACK_SHARE and not black.all())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMES else f"{names[0]} to {names[-1]} ({len(names)} bands)"
