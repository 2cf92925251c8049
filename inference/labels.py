"""What a raster file says of itself: its bands' names, common names and wavelengths, and its date.

The engine asks through rasterio, the dock through QGIS's GDAL; what the answers mean is written here
alone. Standard library alone.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

# Where a file may keep the `eo:bands` of its STAC item; `bands` is what STAC 1.1 calls them.
_STAC_LISTS = ("eo:bands", "eo_bands", "bands")
# A STAC item beside a file, by the file's name without its ending and with it.
_ITEM_NAMES = ("{stem}.json", "{name}.json", "{stem}.stac.json", "{name}.stac.json")
_COLOURS = {"red", "green", "blue"}
_LARGEST_ITEM = 4 * 1024 * 1024
# Nanometres in a unit, by its lower-case name.
_UNITS = {
    **dict.fromkeys(("nm", "nanometer", "nanometers", "nanometre", "nanometres"), 1.0),
    **dict.fromkeys(("um", "µm", "μm", "micron", "microns"), 1000.0),
    **dict.fromkeys(("micrometer", "micrometers", "micrometre", "micrometres"), 1000.0),
}
_DATE_TAGS = (
    # TIFFTAG_DATETIME is not among them: it is when the file was written.
    "DATE_ACQUIRED",
    "ACQUISITION_DATE",
    "ACQUISITIONDATETIME",
    "ACQUISITION_TIME",
    "ACQUISITION TIME",
    "SENSING_TIME",
    "PRODUCT_START_TIME",
)
# Where a file says which spacecraft and which instrument saw it.
_PLATFORM_TAGS = (
    "SPACECRAFT_ID",
    "SPACECRAFT_NAME",
    "DATATAKE_1_SPACECRAFT_NAME",
    "PLATFORM",
    "SATELLITE",
    "SATELLITEID",
    "MISSION",
    "MISSION_ID",
    "INSTRUMENT",
    "SENSOR",
    "SENSOR_ID",
    "SENSOR_TYPE",
    "SENSOR TYPE",
    "TIFFTAG_MODEL",
)
_PLATFORM_PROPERTIES = ("platform", "constellation", "mission", "instruments")
# Landsat's old scene names (LE7 path row year day) and MODIS (.Ayyyyddd).
_YEAR_DAY = re.compile(r"(?:L[A-Z]\d{7}|\.A)((?:19|20)\d\d)([0-3]\d\d)(?!\d)")
_YEAR_MONTH_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")

Tags = Mapping[str, str]


@dataclass(frozen=True)
class BandTags:
    """What GDAL says of one band: its description, its metadata by domain, and its colour.

    Attributes:
        colour: of a band of bytes the name of its colour interpretation in lower case, else empty.
    """

    description: str
    own: Tags
    imagery: Tags
    colour: str = ""


@dataclass(frozen=True)
class Labels:
    """All that a file says of itself.

    Attributes:
        path: as GDAL knows it.
        bands: every band of the file.
        own, envi, imagery: the file's metadata by domain.
    """

    path: str
    bands: Sequence[BandTags]
    own: Tags
    envi: Tags
    imagery: Tags

    def descriptions(self, indexes: Sequence[int]) -> list[str]:
        """What the file calls these bands (numbered from 1), empty where it says nothing of use."""
        bands = [self.bands[index - 1] for index in indexes]
        texts = [
            band.description or band.own.get("BANDNAME") or self._stac(index).get("name", "")
            for index, band in zip(indexes, bands)
        ]
        # One text for every band (a processing id, say) names none of them.
        named = [""] * len(texts) if len(texts) > 1 and len(set(texts)) == 1 else texts
        return [without_date(text) for text in named] if self.is_series else named

    def common_names(self, indexes: Sequence[int]) -> list[str]:
        """STAC common names (``red``, ``nir08``...), empty where there are none.

        A photograph's bands are what they are on the screen: it seldom says more.
        """
        shown = {band.colour: number for number, band in enumerate(self.bands, 1)}
        colours = {shown[name]: name for name in _COLOURS} if shown.keys() >= _COLOURS else {}
        return [self._stac(index).get("common_name", "") or colours.get(index, "") for index in indexes]

    def wavelengths(self, indexes: Sequence[int]) -> list[float | None]:
        """Central wavelengths in nm, None where nothing understood is said."""
        return [self._wavelength(index) for index in indexes]

    def acquired(self) -> datetime.date | None:
        """Date of acquisition: of the tags, else of the STAC item, else of the file's name."""
        return self.acquired_by_metadata() or date_in(Path(self.path).name)

    def acquired_by_metadata(self) -> datetime.date | None:
        """Date of acquisition as the tags or the STAC item have it."""
        tags, properties = self._tags(), _dict(self._item.get("properties"))
        stated = [tags[key] for key in _DATE_TAGS if key in tags]
        told = [str(properties.get(key) or "") for key in ("datetime", "start_datetime")]
        found = (date_in(text) for text in (*stated, *told))
        return next((value for value in found if value is not None), None)

    def platform(self) -> str:
        """What the tags and the STAC item say of spacecraft and instrument, one text; empty for nothing."""
        tags, properties = self._tags(), _dict(self._item.get("properties"))
        stated = [tags[key] for key in _PLATFORM_TAGS if key in tags]
        told = [str(properties.get(key) or "") for key in _PLATFORM_PROPERTIES]
        return " ".join(text for text in (*stated, *told) if text)

    def _tags(self) -> dict[str, str]:
        domains = (self.own, self.imagery, self.envi)
        return {key.upper(): text for domain in domains for key, text in domain.items()}

    def days(self, indexes: Sequence[int]) -> list[datetime.date | None]:
        """On which day each band was acquired, in a file that holds several; None where it does not say."""
        return [self._days[index - 1] if self.is_series else None for index in indexes]

    @property
    def is_series(self) -> bool:
        """Whether the bands say several dates: ``2019-05-12 B04``, ``NDVI_20190512``, or tags of theirs."""
        return len(set(self._days) - {None}) > 1

    @cached_property
    def _days(self) -> list[datetime.date | None]:
        return [_day_of(band) for band in self.bands]

    def _wavelength(self, index: int) -> float | None:
        """From a band's own tags or ENVI's list, where the unit is said; GDAL's IMAGERY domain; STAC."""
        value, unit = self._own_wavelength(index)
        exact = _in_nanometres(value, unit) if value and unit in _UNITS else None
        if exact:
            return exact
        # GDAL rounds what it puts there to whole nanometres.
        micrometres = _number(self.bands[index - 1].imagery.get("CENTRAL_WAVELENGTH_UM"))
        micrometres = micrometres or _number(self._stac(index).get("center_wavelength"))
        if micrometres:
            return micrometres * 1000
        return _in_nanometres(value, unit) if value else None

    def _own_wavelength(self, index: int) -> tuple[float | None, str]:
        """Number and unit as the file's own metadata have them; None where there is no positive number."""
        band = {key.lower(): text for key, text in self.bands[index - 1].own.items()}
        envi = {key.lower(): text for key, text in self.envi.items()}
        listed = envi.get("wavelength", "").strip("{} \n").split(",")
        value = _number(band.get("wavelength") or (listed[index - 1] if index <= len(listed) else ""))
        named = (band.get("wavelength_units"), band.get("wavelength_unit"), envi.get("wavelength_units"))
        unit = next((text.strip().lower() for text in named if text), "")
        return (value if value and value > 0 else None), unit

    def _stac(self, index: int) -> dict[str, str]:
        """What STAC says of a band: its own tags, the file's list of bands, or the item beside the file."""
        own = _plain_keys(self.bands[index - 1].own)
        if "common_name" in own or "center_wavelength" in own:
            return own
        return _plain_keys(self._listed[index - 1]) if self._listed else {}

    @cached_property
    def _item(self) -> Mapping[str, Any]:
        return _item_beside(self.path)

    @cached_property
    def _listed(self) -> list[Mapping[str, Any]]:
        """STAC's entry of each band; empty where there is no list that fits the file."""
        tags = {key.lower(): text for key, text in self.own.items()}
        # GDAL takes the colon in a key for the end of the key.
        prefix, _, rest = tags.get("eo", "").partition("=")
        tags[f"eo:{prefix.lower()}"] = rest
        asset = _asset_of(self.path, self._item)
        for found in (*(_json(tags.get(key, "")) for key in _STAC_LISTS), *map(asset.get, _STAC_LISTS)):
            fits = isinstance(found, list) and len(found) == len(self.bands)
            if fits and all(isinstance(entry, dict) for entry in found):
                return list(found)
        return []


def date_in(text: str) -> datetime.date | None:
    """The day that a text or a file's name tells: ``yyyymmdd``, ``yyyy-mm-dd``, Landsat's year and day."""
    by_day = _YEAR_DAY.search(text)
    if by_day and 1 <= int(by_day.group(2)) <= 366:
        start = datetime.date(int(by_day.group(1)), 1, 1)
        return start + datetime.timedelta(days=int(by_day.group(2)) - 1)
    found = _YEAR_MONTH_DAY.search(text)
    try:
        return datetime.date(*(int(found.group(part)) for part in (1, 3, 4))) if found else None
    except ValueError:
        return None  # the 31st of a month of 30 days is no date


def without_date(text: str) -> str:
    """A band's name without the day that it was seen on."""
    return re.sub(r"[\s_:,-]{2,}", " ", _YEAR_MONTH_DAY.sub(" ", text)).strip(" _:,-") if text else text


def _day_of(band: BandTags) -> datetime.date | None:
    tags = {key.upper(): text for key, text in band.own.items()}
    stated = [tags[key] for key in (*_DATE_TAGS, "DATE") if key in tags]
    found = (date_in(text) for text in (*stated, band.description))
    return next((value for value in found if value is not None), None)


def _asset_of(path: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The asset of a STAC item that is this file; its only one if there is but one."""
    assets = _dict(item.get("assets"))
    found = [asset for asset in assets.values() if isinstance(asset, dict)]
    name = os.path.basename(path)
    same = [asset for asset in found if str(asset.get("href", "")).replace("\\", "/").split("/")[-1] == name]
    return (same or (found if len(found) == 1 else [{}]))[0]


def _item_beside(path: str) -> Mapping[str, Any]:
    """The STAC item that lies beside a file; empty where there is none."""
    if not os.path.isfile(path):
        return {}
    file = Path(path)
    for pattern in _ITEM_NAMES:
        item = file.with_name(pattern.format(stem=file.stem, name=file.name))
        if item != file and item.is_file() and item.stat().st_size <= _LARGEST_ITEM:
            content = _dict(_json(item.read_text(encoding="utf-8", errors="replace")))
            if content.get("type") == "Feature" and "stac_version" in content:
                return content
    return {}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # absent, or not the JSON looked for


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _in_nanometres(value: float, unit: str) -> float | None:
    if unit in _UNITS:
        return value * _UNITS[unit]
    if unit and not unit.startswith("unknown"):
        return None  # wave numbers, frequencies, plain indices: no wavelength
    # Without a unit the number tells: no optical band is below 100 nm or above 100 µm.
    return value * 1000 if value < 100 else value


def _plain_keys(items: Mapping[str, Any]) -> dict[str, str]:
    return {_without_prefix(key): str(value) for key, value in items.items()}


def _without_prefix(key: str) -> str:
    lower = key.lower()
    return lower[3:] if lower.startswith("eo:") else lower


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None  # free text in a metadata field is no number
    return value if math.isfinite(value) else None
