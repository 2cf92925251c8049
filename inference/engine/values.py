"""What the numbers of a raster file mean: units, scale, codes.

A stored number is a measurement only with its scale, its nodata and its band. Where the file
does not say, a guess is made from a sample of its pixels, and every guess is put into words.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from ..bands import BYTE, CLASSES, COMMON, DECIBEL, KELVIN, RAW, REFLECTANCE, Band, identify
from ..jobs import RasterRef
from .products import USUAL_SCALE, Coding, coding_of, listed, offset_doubt
from .sources import (
    Sample,
    Stored,
    acquired,
    class_bands,
    labels_of,
    nodata_of,
    own_view,
    take_sample,
    used_bands,
)

# Reflectance outside this is a code, not a measurement: 65535 (saturated), -9999 (fill).
# Snow, cloud and glint do reach beyond 1, haze correction does reach below 0.
_REFLECTANCE_LIMITS = (-0.2, 2.0)
# Where the middle half of a band's values must lie for its units to be believed.
_BELIEVABLE = {REFLECTANCE: _REFLECTANCE_LIMITS, KELVIN: (150.0, 400.0), DECIBEL: (-60.0, 20.0)}
# From this wavelength (nm) on, snow is dark, and clouds and bare ground stay below this reflectance.
_SHORT_WAVE, _BRIGHT = 1500.0, 0.65
# Where three quarters of a scene stay below this reflectance in every band, it is water or a wrong scale.
_NEAR_INFRARED, _DARK = 750.0, 0.05
# So large a share of a band at its very highest value, and that so bright, is saturated.
_SATURATED, _SATURATED_SHARE = 1.59, 0.002
# At most so many whole numbers up to 255, in a file whose other bands reach thousands: classes.
_FEW_VALUES, _HIGHEST_CLASS, _MEASUREMENT = 16, 255, 1000
# So large a share of the raster's edge black in every one of three or more bands is fill.
_BLACK_SHARE, _BLACK_BANDS = 0.02, 3
_BLACK_NOTE = (
    "The black edge of {} (0 in every band) is taken for missing data; give a nodata value if it is not."
)


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
        date: day of acquisition, None if unknown.
        warnings: one sentence for each guess.
        quartiles: of a sample of each band's values: lower quartile, median, upper; NaN for none.
    """

    bands: tuple[Band, ...]
    rules: tuple[Rule, ...]
    black_fill: bool
    date: datetime.date | None
    warnings: tuple[str, ...]
    quartiles: tuple[tuple[float, float, float], ...]


def describe(dataset: DatasetReader, ref: RasterRef) -> Facts:
    """Find out what each band of a file is and how to read it.

    Raises:
        UnsupportedInput: if the file cannot be read.
        InvalidRequest: if the job's date is not one.
    """
    name = Path(ref.path).name
    indexes = used_bands(dataset, ref)
    labels = labels_of(dataset, ref)
    texts = labels.descriptions(indexes)
    known = labels.wavelengths(indexes), ref.names, labels.common_names(indexes)
    named = identify(ref.path, texts, *known)
    codings = [_coding(dataset, ref, i, band) for i, band in zip(indexes, named, strict=True)]
    nodata = [_all_nodata(dataset, ref, i, coding) for i, coding in zip(indexes, codings, strict=True)]
    sample = take_sample(dataset, indexes, nodata)
    highest = _highest(sample)
    listed_classes = class_bands(dataset)
    bands, rules, notes = [], [], []
    for position, band in enumerate(named):
        stated = bool(ref.names) and ref.names[position] != "-"
        index, numbers = indexes[position], sample.of(position)
        if not stated and (index in listed_classes or _holds_classes(dataset, index, numbers, highest)):
            band = Band(texts[position].strip() or band.name, units=CLASSES)
            notes.append(_class_note(band, sample.of(position), name))
        rule = Rule(indexes[position], nodata[position], nearest=band.units == CLASSES)
        if band.units != CLASSES:
            rule = _with_scale(dataset, ref, band, texts[position], rule, codings[position])
            band, rule = _believed(band, rule, sample.of(position), dataset.dtypes[rule.index - 1])
        bands.append(band)
        rules.append(rule)
    day = acquired(dataset, ref)
    notes += _scale_notes(dataset, ref, named, bands, rules, codings, name)
    percentiles = [_percentiles(rule, sample.of(position)) for position, rule in enumerate(rules)]
    if ref.offset is None:
        notes += _product_notes(bands, codings, name)
        doubt = offset_doubt(name, day, bands, codings, [values[0] for values in percentiles])
        notes += [doubt] if doubt else []
    notes += _brightness_notes(bands, percentiles, name)
    notes += _saturation_notes(bands, rules, sample, name)
    black = _has_black_fill(dataset, ref, nodata, sample)
    notes += [_BLACK_NOTE.format(name)] if black else []
    quartiles = tuple(values[1:] for values in percentiles)
    return Facts(tuple(bands), tuple(rules), black, day, tuple(notes), quartiles)


def describe_stored(dataset: DatasetReader, ref: RasterRef) -> Facts:
    """As :func:`describe`, for a network that takes the numbers that a file holds, in no units.

    What is taken for red, green or blue on the screen counts as that where nothing else names a band:
    pictures seldom say more.
    """
    facts = describe(dataset, ref)
    rules = tuple(replace(rule, scale=1.0, offset=0.0, limits=None) for rule in facts.rules)
    shown = [dataset.colorinterp[rule.index - 1].name for rule in rules]
    bands = tuple(
        replace(band if band.known or shown[place] not in COMMON else COMMON[shown[place]], units=units)
        for place, band in enumerate(facts.bands)
        for units in (band.units if band.units == CLASSES else RAW,)
    )
    quartiles = tuple(map(_unscaled, facts.quartiles, facts.rules))
    notes = (_BLACK_NOTE.format(Path(ref.path).name),) if facts.black_fill else ()
    return replace(facts, bands=bands, rules=rules, warnings=notes, quartiles=quartiles)


def _unscaled(values: tuple[float, float, float], rule: Rule) -> tuple[float, float, float]:
    low, middle, high = ((value - rule.offset) / rule.scale for value in values)
    return low, middle, high


def _percentiles(rule: Rule, numbers: Stored) -> tuple[float, float, float, float]:
    """The darkest percent, lower quartile, median and upper quartile of a band's values; NaN for none."""
    if not numbers.size:
        return math.nan, math.nan, math.nan, math.nan
    found = np.percentile(numbers.astype(np.float64), (1, 25, 50, 75)) * rule.scale + rule.offset
    dark, low, middle, high = map(float, found)
    return dark, low, middle, high


def _coding(dataset: DatasetReader, ref: RasterRef, index: int, band: Band) -> Coding | None:
    """The band's coding by its product, if its numbers are whole and the file states no scale."""
    kind = np.dtype(dataset.dtypes[index - 1])
    stated = dataset.scales[index - 1], dataset.offsets[index - 1]
    # Bytes are left alone: a Byte image with Sentinel-2's band names is a picture, not reflectance.
    coded = kind.kind in "iu" and kind.itemsize > 1 and stated == (1.0, 0.0)
    return coding_of(dataset, ref.path, index, band) if coded else None


def _all_nodata(
    dataset: DatasetReader, ref: RasterRef, index: int, coding: Coding | None
) -> tuple[float, ...]:
    product = coding.nodata if coding else ()
    return tuple(dict.fromkeys((*nodata_of(dataset, index, ref), *product)))


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


def _with_scale(
    dataset: DatasetReader, ref: RasterRef, band: Band, text: str, rule: Rule, coding: Coding | None
) -> Rule:
    """The rule with the user's scale and offset, else the file's, else those of the band's product."""
    shift = (coding.shift or 0.0) if coding else 0.0
    scale, offset = dataset.scales[rule.index - 1], dataset.offsets[rule.index - 1]
    if coding:
        scale, offset = coding.scale, coding.offset + shift * coding.scale
    elif (scale, offset) == (1.0, 0.0) and _is_usual(dataset, band, text, rule.index):
        scale = USUAL_SCALE
    if ref.scale is not None:
        # What a product adds to its numbers comes off again, whoever says how they are scaled.
        scale, offset = ref.scale, shift * ref.scale
    if ref.offset is not None:
        offset = ref.offset
    return replace(rule, scale=float(scale), offset=float(offset))


def _is_usual(dataset: DatasetReader, band: Band, text: str, index: int) -> bool:
    """Whether whole numbers are most likely reflectance times 10000."""
    kind = np.dtype(dataset.dtypes[index - 1])
    usual = "reflectance" in text.lower() or band.modality == "sentinel-2"
    return band.units == REFLECTANCE and usual and kind.kind in "iu" and kind.itemsize > 1


def _believed(band: Band, rule: Rule, numbers: Stored, stored: str) -> tuple[Band, Rule]:
    """Band and rule as they are if the sample fits the band's units, else as raw numbers.

    Bytes that nobody scales to reflectance are a picture's.
    """
    limits = _BELIEVABLE.get(band.units)
    if limits is None:
        return band, rule
    scaled = numbers.astype(np.float64) * rule.scale + rule.offset
    # The middle half decides, so that a few codes or clouds do not.
    low, high = np.percentile(scaled, (25, 75)) if scaled.size else (limits[0], limits[0])
    if band.units == DECIBEL and low > 0:
        # Power is above 0, backscatter in decibels below it nearly everywhere.
        return replace(band, units=RAW), rule
    unscaled = np.dtype(stored).kind in "iu" and (rule.scale, rule.offset) == (1.0, 0.0)
    if band.units == REFLECTANCE and unscaled and stored == "uint8":
        return replace(band, units=BYTE), rule
    if not limits[0] <= low <= high <= limits[1] or (band.units == REFLECTANCE and unscaled):
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
    codings: Sequence[Coding | None],
    name: str,
) -> list[str]:
    """What was guessed of scales, and what could not be."""
    notes = []
    said = ref.scale is not None or ref.offset is not None
    guessed = [
        band.name
        for band, rule, coding in zip(bands, rules, codings, strict=True)
        if not (said or coding)
        and rule.limits
        and dataset.scales[rule.index - 1] == 1.0
        and rule.scale != 1.0
    ]
    if guessed:
        notes.append(
            f"The whole numbers of {listed(guessed)} in {name} are taken for reflectance times 10000; "
            "give a scale if they are not."
        )
    changes = [(before.units, band.units, band.name) for before, band in zip(named, bands, strict=True)]
    linear = [name for wanted, found, name in changes if (wanted, found) == (DECIBEL, RAW)]
    if linear:
        notes.append(
            f"The numbers of {listed(linear)} in {name} are not decibels; "
            "models that need backscatter ask for 10 times the logarithm of the power."
        )
    raw = [name for wanted, found, name in changes if wanted == REFLECTANCE and found in (BYTE, RAW)]
    if raw:
        notes.append(
            f"The numbers of {listed(raw)} in {name} are not reflectance; "
            "models that need reflectance ask for a scale (0.0001 for most products stored as whole numbers)."
        )
    return notes


def _product_notes(bands: Sequence[Band], codings: Sequence[Coding | None], name: str) -> list[str]:
    """What was concluded from the product."""
    reasons: dict[str, list[str]] = {}
    for band, coding in zip(bands, codings, strict=True):
        if coding and coding.reason and band.units != RAW:
            reasons.setdefault(coding.reason, []).append(band.name)
    return [
        f"{listed(names)} of {name} are read as their product codes them ({reason}); "
        "give a scale and an offset if they were changed since."
        for reason, names in reasons.items()
    ]


def _brightness_notes(
    bands: Sequence[Band], percentiles: Sequence[tuple[float, float, float, float]], name: str
) -> list[str]:
    """Whether reflectance is that of nothing on Earth: wrong by a factor, or without its offset.

    Args:
        percentiles: of each band, as :func:`_percentiles` answers them.
    """
    known = [
        (band, values)
        for band, values in zip(bands, percentiles, strict=True)
        if band.units == REFLECTANCE and band.wavelength and math.isfinite(values[0])
    ]
    bright = [
        band.name for band, values in known if (band.wavelength or 0) > _SHORT_WAVE and values[1] > _BRIGHT
    ]
    if bright:
        return [
            f"{name} is brighter in {listed(bright)} than land, snow or cloud; "
            "check its scale and offset (Landsat Collection 2: 0.0000275 and -0.2)."
        ]
    blue = [values for band, values in known if band.common == "blue"]
    infrared = [values for band, values in known if (band.wavelength or 0) > _NEAR_INFRARED]
    dark = all(values[3] < _DARK for _, values in known)
    # Water is as dark, but not darker in blue than in the infrared.
    if blue and infrared and dark and max(values[2] for values in infrared) > blue[0][2]:
        return [f"{name} is darker in every band than land by day; check its scale (most often 0.0001)."]
    return []


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
        f"{listed(list(shares))}: saturated, most likely cloud or snow."
    ]


def _has_black_fill(
    dataset: DatasetReader, ref: RasterRef, nodata: Sequence[tuple[float, ...]], sample: Sample
) -> bool:
    """Whether black at the raster's edge means "nothing was seen here".

    Only asked where nobody states what has no data: a stated nodata value is the last word.
    """
    values_stated = ref.nodata is not None or any(v is not None for v in dataset.nodatavals) or any(nodata)
    if values_stated or own_view(dataset).masked or len(sample.stored) < _BLACK_BANDS:
        return False
    black = (sample.stored == 0).all(axis=0)
    return bool(black[sample.edge].mean() >= _BLACK_SHARE and not black.all())
