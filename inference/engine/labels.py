"""What a raster file says its bands are: names, STAC common names and central wavelengths."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rasterio.io import DatasetReader

# Where a file may keep the `eo:bands` of its STAC item; `bands` is what STAC 1.1 calls them.
_STAC_LISTS = ("eo:bands", "eo_bands", "bands")
# Nanometres in a unit, by its lower-case name.
_UNITS = {
    **dict.fromkeys(("nm", "nanometer", "nanometers", "nanometre", "nanometres"), 1.0),
    **dict.fromkeys(("um", "µm", "μm", "micron", "microns"), 1000.0),
    **dict.fromkeys(("micrometer", "micrometers", "micrometre", "micrometres"), 1000.0),
}


def descriptions(dataset: DatasetReader, indexes: Sequence[int]) -> list[str]:
    """What the file calls its bands, empty where it says nothing of use."""
    texts = [
        dataset.descriptions[i - 1] or dataset.tags(i).get("BANDNAME") or _stac(dataset, i).get("name", "")
        for i in indexes
    ]
    # One text for every band (a processing id, say) names none of them.
    return [""] * len(texts) if len(texts) > 1 and len(set(texts)) == 1 else texts


def common_names(dataset: DatasetReader, indexes: Sequence[int]) -> list[str]:
    """STAC common names (``red``, ``nir08``...), empty where the file has none."""
    return [_stac(dataset, index).get("common_name", "") for index in indexes]


def wavelengths(dataset: DatasetReader, indexes: Sequence[int]) -> list[float | None]:
    """Central wavelengths in nm, None where the file says nothing understood."""
    return [_wavelength(dataset, index) for index in indexes]


def _wavelength(dataset: DatasetReader, index: int) -> float | None:
    """From a band's own tags or ENVI's list, where the unit is said; GDAL's IMAGERY domain; STAC."""
    value, unit = _own_wavelength(dataset, index)
    exact = _in_nanometres(value, unit) if value and unit in _UNITS else None
    if exact:
        return exact
    # GDAL rounds what it puts there to whole nanometres.
    micrometres = _number(dataset.tags(index, ns="IMAGERY").get("CENTRAL_WAVELENGTH_UM"))
    micrometres = micrometres or _number(_stac(dataset, index).get("center_wavelength"))
    if micrometres:
        return micrometres * 1000
    return _in_nanometres(value, unit) if value else None


def _own_wavelength(dataset: DatasetReader, index: int) -> tuple[float | None, str]:
    """Number and unit as the file's own metadata have them; None where there is no positive number."""
    band = {key.lower(): text for key, text in dataset.tags(index).items()}
    envi = {key.lower(): text for key, text in dataset.tags(ns="ENVI").items()}
    listed = envi.get("wavelength", "").strip("{} \n").split(",")
    value = _number(band.get("wavelength") or (listed[index - 1] if index <= len(listed) else ""))
    named = (band.get("wavelength_units"), band.get("wavelength_unit"), envi.get("wavelength_units"))
    unit = next((text.strip().lower() for text in named if text), "")
    return (value if value and value > 0 else None), unit


def _in_nanometres(value: float, unit: str) -> float | None:
    if unit in _UNITS:
        return value * _UNITS[unit]
    if unit and not unit.startswith("unknown"):
        return None  # wave numbers, frequencies, plain indices: no wavelength
    # Without a unit the number tells: no optical band is below 100 nm or above 100 µm.
    return value * 1000 if value < 100 else value


def _stac(dataset: DatasetReader, index: int) -> dict[str, str]:
    """What STAC says of a band: its own tags, else its entry in the file's list of bands."""
    own = _plain_keys(dataset.tags(index))
    if "common_name" in own or "center_wavelength" in own:
        return own
    tags = {key.lower(): text for key, text in dataset.tags().items()}
    # GDAL takes the colon in a key for the end of the key.
    prefix, _, rest = tags.get("eo", "").partition("=")
    tags[f"eo:{prefix.lower()}"] = rest
    for key in _STAC_LISTS:
        try:
            listed = json.loads(tags.get(key, ""))
        except ValueError:
            continue  # absent, or not the JSON list looked for
        if isinstance(listed, list) and len(listed) == dataset.count and isinstance(listed[index - 1], dict):
            return _plain_keys(listed[index - 1])
    return {}


def _plain_keys(items: Mapping[str, Any]) -> dict[str, str]:
    return {key.lower().removeprefix("eo:"): str(value) for key, value in items.items()}


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None  # free text in a metadata field is no number
    return value if math.isfinite(value) else None
