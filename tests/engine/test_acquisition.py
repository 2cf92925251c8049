"""Dates and places reach the encoders that take them, results say which, and who lacks one is told."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio

from geofm.inference.catalog import default_catalog, load_card
from geofm.inference.engine.acquisition import asked
from geofm.inference.engine.base import Context, Scene
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Result, Task
from geofm.inference.places import data_home, models_folders

# Every family of encoders with reference cases of small, seeded weights.
FAMILIES = (
    "clay", "copernicus_fm", "croma", "dofa", "galileo", "olmoearth", "panopticon", "presto", "prithvi",
    "satlas", "satmae", "scale_mae", "terramind",
)
WINTER, SUMMER = datetime.date(2021, 1, 20), datetime.date(2021, 7, 20)
ALPS, ANDES = (10.0, 47.0), (-70.0, -33.0)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_card_says_what_its_network_listens_to(
    conformance: ModuleType, reference: Path, tmp_path: Path, name: str
) -> None:
    """For each reference network: another date or place changes its features if the card asks for it."""
    family = importlib.import_module(f"{conformance.__name__}.{name}")
    tried = set()
    for number, case in enumerate(conformance.cases(reference, family.CASES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        card = load_card(conformance.local_card(family, case, folder))
        if (wanted := asked(card)) in tried:
            continue
        tried.add(wanted)
        encoder = family.ENCODER.load(card, case.weights, "cpu")
        batch = encoder.trial_batch()
        batch = replace(batch, pixels=batch.pixels[:1], valid=batch.valid[:1])

        def features(day: Any, place: Any, encoder: Any = encoder, batch: Any = batch) -> np.ndarray:
            found: np.ndarray = encoder.encode(replace(batch, scene=Scene(batch.scene.gsd, day, place)))
            return found

        first = features(WINTER, ALPS)
        assert (not np.array_equal(first, features(SUMMER, ALPS))) == bool(wanted & {"date", "month"})
        assert (not np.array_equal(first, features(WINTER, ANDES))) == ("lonlat" in wanted)
        # Who takes the day, and not the month alone, hears of each.
        assert (not np.array_equal(first, features(WINTER.replace(day=3), ALPS))) == ("date" in wanted)
    assert tried


def test_which_models_ask() -> None:
    """By their cards, all of which were looked through above by their networks."""
    asking: dict[str, set[str]] = {}
    for card in default_catalog().cards():
        asking.setdefault(card.family, set()).update(asked(card))
    assert {family for family, wanted in asking.items() if wanted} == {
        "clay", "copernicus-fm", "galileo", "olmoearth", "presto", "prithvi"
    }


@pytest.fixture(scope="module")
def run() -> Callable[[Job], Result]:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    quiet = Context(lambda *unused: None, lambda: None)
    return lambda job: run_job(job, services, quiet)


@pytest.fixture
def chip(samples: Path, tmp_path: Path) -> RasterRef:
    """A corner of a Sentinel-2 chip in a file whose name tells no date."""
    with rasterio.open(samples / "sentinel2-chips" / "patch_61808.tif") as source:
        pixels = np.maximum(source.read()[:, :32, :32], 1)
        profile = {**source.profile, "height": 32, "width": 32}
    for name in ("one.tif", "two.tif"):
        with rasterio.open(tmp_path / name, "w", **profile) as target:
            target.write(pixels)
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
    return RasterRef(str(tmp_path / "one.tif"), names=names, scale=0.0001)


def grouped(chip: RasterRef, tmp_path: Path, model: str) -> Job:
    return Job(Task.CLUSTER, (chip,), str(tmp_path / "out.tif"), model=model, classes=2)


def test_results_say_what_a_model_was_told(
    run: Callable[[Job], Result], chip: RasterRef, models: Path, tmp_path: Path
) -> None:
    known = run(grouped(replace(chip, acquired="2022-07-15"), tmp_path, "galileo-nano"))
    assert known.warnings == ()
    said = known.facts["told_of"]
    assert said["models"] == {"galileo-nano": ["lonlat", "month"]}
    assert said["dates"] == {"one.tif": "2022-07-15"}
    assert said["lonlat"] == pytest.approx([113.949, 38.159], abs=0.001)
    lacking = run(grouped(chip, tmp_path, "galileo-nano"))
    assert lacking.facts["told_of"]["dates"] == {"one.tif": None}
    assert lacking.warnings == (
        "galileo-nano takes the season, and the date of one.tif is not known: it was told July. "
        "Say the day with DATE (year-month-day).",
    )


def test_who_does_not_ask_is_not_told_of(
    run: Callable[[Job], Result], chip: RasterRef, tmp_path: Path
) -> None:
    result = run(grouped(chip, tmp_path, "spectral-texture"))
    assert "told_of" not in result.facts
    assert result.warnings == ()


def test_each_date_of_a_change_is_told(
    run: Callable[[Job], Result], chip: RasterRef, models: Path, tmp_path: Path
) -> None:
    after = replace(chip, path=str(tmp_path / "two.tif"), acquired="2023-08-01")
    job = Job(Task.CHANGE, (chip,), str(tmp_path / "out.tif"), after=(after,), model="galileo-nano")
    result = run(job)
    assert result.facts["told_of"]["dates"] == {"one.tif": None, "two.tif": "2023-08-01"}
    assert [note for note in result.warnings if "DATE" in note] == [
        "galileo-nano takes the season, and the date of one.tif is not known: it was told July. "
        "Say the day with DATE (year-month-day)."
    ]
