"""What is said to fit a layer is what the engine takes, family by family, with the same bands."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from geofm.inference.bands import BYTE, CLASSES, PRESETS, Band, band_at, identify
from geofm.inference.errors import UnsupportedInput
from geofm.inference.recommend import LayerFacts, recommend

FAMILIES = sorted(
    path.stem for path in (Path(__file__).parents[2] / "scripts" / "conformance").glob("[!_]*.py")
)


def layers() -> dict[str, tuple[Band, ...]]:
    """The layers of people: each preset, radar and heights beside optical bands, a spectrometer, odd ones."""
    found = {
        name: identify("layer.tif", [""] * len(names), mapping=names) for name, names in PRESETS.items()
    }
    optical, radar = found["sentinel2-l2a"], found["sentinel1"]
    linear = tuple(Band(band.name, band.common, None, band.modality, "", True) for band in radar)
    numbers = tuple(Band(b.name, b.common, b.wavelength, b.modality, "", True) for b in optical)
    heights = identify("dem.tif", ["DEM"])
    thermal = identify("LE07_x.tif", [f"B{number}" for number in (1, 2, 3, 4, 5, 7, 6, 8)])
    return {
        **found,
        "thermal and panchromatic too": thermal,
        "and a mask": (*thermal, Band("Fmask", units=CLASSES)),
        "optical and radar": optical + radar,
        "optical and heights": optical + heights,
        "heights": heights,
        "linear radar": linear,
        "optical and linear radar": optical + linear,
        "unscaled": numbers,
        "a picture": tuple(replace(band, units=BYTE) for band in found["rgb"]),
        "spectrometer": tuple(band_at(400.0 + 10 * number) for number in range(200)),
        "unknown": identify("x.tif", ["", ""]),
    }


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, conformance):
    """The family's module of scripts/conformance."""
    return importlib.import_module(f"{conformance.__name__}.{request.param}")


def test_a_model_fits_where_the_engine_takes_the_layer(reduced, case):
    encoder = reduced(case.name)
    wrong = {}
    for title, bands in layers().items():
        (advice,) = recommend(LayerFacts(bands, None), None, [encoder.card])
        try:
            used = len(encoder.select(bands))
        except UnsupportedInput:
            used = 0
        told = re.match(r"(?:Knows|Takes) (?:all )?(\d+|the one|both)", advice.reason)
        said = int({"the one": "1", "both": "2"}.get(told.group(1), told.group(1))) if told else 0
        if (advice.fits, said) != (used > 0, used):
            wrong[title] = f"{advice.reason} The engine takes {used}."
    assert not wrong
