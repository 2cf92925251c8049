"""How the makers of known products code reflectance as whole numbers.

Sentinel-2: ESA, "Sentinel-2 Products Specification Document" 14.9 (0 is no data; since
processing baseline 04.00 reflectance = (number + BOA_ADD_OFFSET) / quantification). Landsat: USGS,
"Landsat 8-9 Collection 2 Level 2 Science Product Guide" 5.0 (0 is fill).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rasterio.io import DatasetReader

from ..bands import KELVIN, REFLECTANCE, Band

USUAL_SCALE = 1e-4
# From here on the numbers of Sentinel-2 as delivered are 1000 higher.
_OFFSET_BASELINE, _OFFSET_NUMBERS = 400, -1000.0
_OFFSET_SINCE = datetime.date(2022, 1, 25)
# Between these lies the darkest percent of the darkest band where 1000 was added and not undone:
# 0.088 to 0.117 in three such scenes of nine; 0.000 to 0.044 in the five others without snow.
_OFFSET_SEEN, _OFFSET_BANDS = (0.08, 0.14), 3
# More names than this are not read out.
_NAMES = 8
_BASELINE = re.compile(r"MSIL[12][AC]_\d{8}T\d{6}_N(\d\d)(\d\d)_R\d{3}")
# An image file as ESA delivers it, such as T34UCF_20230823T095559_B04_10m.jp2.
_DELIVERED = re.compile(r"T\d{2}[A-Z]{3}_\d{8}T\d{6}_B\d[\dA](?:_\d\dm)?\.jp2$", re.I)
_LANDSAT_LEVEL_2 = re.compile(r"L[COTEM]0\d_L2S[PR]_\d{6}_\d{8}_\d{8}_02_T\d_(SR|ST)_B\d+\.tif", re.I)
_LANDSAT = {"SR": (REFLECTANCE, 2.75e-5, -0.2), "ST": (KELVIN, 0.00341802, 149.0)}


@dataclass(frozen=True)
class Coding:
    """How a product's numbers become values.

    Attributes:
        scale: value = number * scale + offset.
        shift: added to the numbers before they are scaled; None if nothing tells.
        offset: see scale.
        nodata: numbers that mean "no data" in this product.
        reason: what it was concluded from, for a warning; empty where the file states it.
    """

    scale: float
    shift: float | None = 0.0
    offset: float = 0.0
    nodata: tuple[float, ...] = ()
    reason: str = ""


def coding_of(dataset: DatasetReader, path: str, index: int, band: Band) -> Coding | None:
    """The coding of a band of whole numbers by its product, None where no product is recognised."""
    landsat = _LANDSAT_LEVEL_2.search(path)
    if landsat:
        units, scale, offset = _LANDSAT[landsat.group(1).upper()]
        reason = f"the name says Landsat Collection 2 Level 2: times {scale:g} {offset:+g}"
        return Coding(scale, 0.0, offset, (0.0,), reason) if band.units == units else None
    factor = _stated(dataset.tags(ns="ENVI"), "reflectance_scale_factor")
    if factor and band.units == REFLECTANCE:
        return Coding(1.0 / factor)
    if band.modality != "sentinel-2" and not _says_sentinel2(dataset):
        return None
    return _sentinel2(dataset, path, index) if band.units == REFLECTANCE else None


def offset_doubt(
    name: str,
    acquired: datetime.date | None,
    bands: Sequence[Band],
    codings: Sequence[Coding | None],
    darkest: Sequence[float],
) -> str:
    """What to tell of Sentinel-2 bands if nothing says whether their numbers are 1000 higher; or nothing.

    With 1000 more, no band has a pixel much darker than 0.1; water, shadow and forest are.

    Args:
        name: of the file.
        acquired: its date, None if unknown.
        bands, codings: of the file.
        darkest: reflectance of each band's darkest pixels, by the scale in use and no offset.
    """
    recent = acquired is not None and acquired >= _OFFSET_SINCE
    untold = [
        index
        for index, (band, coding) in enumerate(zip(bands, codings, strict=True))
        if band.modality == "sentinel-2"
        and band.units == REFLECTANCE
        and (coding is None or coding.shift is None)
    ]
    lowest = min((darkest[index] for index in untold), default=0.0)
    if not lowest >= _OFFSET_SEEN[0] or (acquired is not None and not recent):
        return ""
    added = "Sentinel-2 products since 25 January 2022 hold numbers that are 1000 higher, and"
    if len(untold) >= _OFFSET_BANDS and lowest <= _OFFSET_SEEN[1]:
        return (
            f"{added} {name} looks like that: nothing in it is darker than {lowest:.2f} in any band; "
            "if so, give an offset of -0.1."
        )
    if not recent:
        return ""
    named = listed([bands[index].name for index in untold])
    return f"{added} {name} does not tell whether that was undone in {named}; if not, give an offset of -0.1."


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them; of many the first and the last."""
    return ", ".join(names) if len(names) <= _NAMES else f"{names[0]} to {names[-1]} ({len(names)} bands)"


def _says_sentinel2(dataset: DatasetReader) -> bool:
    return dataset.tags().get("PRODUCT_TYPE", "").startswith("S2MSI")


def _sentinel2(dataset: DatasetReader, path: str, index: int) -> Coding | None:
    tags = dataset.tags()
    shift = _stated(dataset.tags(index), "BOA_ADD_OFFSET", "RADIO_ADD_OFFSET")
    if shift is None:
        shift = _stated(tags, "BOA_ADD_OFFSET", "RADIO_ADD_OFFSET")
    baseline = _baseline(tags.get("PROCESSING_BASELINE", ""), path)
    reason = ""
    if shift is None and baseline is not None:
        shift = _OFFSET_NUMBERS if baseline >= _OFFSET_BASELINE else 0.0
        reason = f"its processing baseline is {baseline / 100:05.2f}: numbers {shift:+g}" if shift else ""
    quantification = _stated(tags, "BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE")
    nodata = _stated(tags, "SPECIAL_VALUE_NODATA")
    if nodata is None and _DELIVERED.search(path):
        nodata = 0.0
    if shift is None and quantification is None and nodata is None:
        return None
    scale = 1.0 / (quantification or 1 / USUAL_SCALE)
    return Coding(scale, shift, 0.0, () if nodata is None else (nodata,), reason)


def _baseline(stated: str, path: str) -> int | None:
    """Processing baseline times 100 (05.09 is 509), from the metadata or the product's name."""
    if re.fullmatch(r"\d{1,2}\.\d{2}", stated.strip()):
        return round(float(stated) * 100)
    named = _BASELINE.search(path)
    return int(named.group(1) + named.group(2)) if named else None


def _stated(tags: dict[str, str], *keys: str) -> float | None:
    for key in keys:
        try:
            return float(tags[key])
        except (KeyError, ValueError):
            continue  # absent, or no number
    return None
