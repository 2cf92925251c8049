"""Trust, from samples to the map: calibrated probabilities, what is unlike the labels, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from rasterio.transform import from_origin

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.learning.calibration import apply
from geofm.inference.engine.learning.classifier import load_classifier, save_classifier
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Result, SampleRef, Task, job_from_dict
from geofm.inference.places import data_home, models_folders

BANDS = ("blue", "green", "red", "nir")
SIDE, PIXEL, LEFT, TOP = 240, 10, 500000, 5200000
KINDS = ("water", "wood", "field", "rock")
MEANS = np.array(
    [[500, 450, 400, 150], [300, 500, 350, 2900], [700, 900, 1100, 2300], [2600, 2900, 3100, 3500]]
)
Runner = Callable[[Job], Result]


@pytest.fixture(scope="module")
def run() -> Runner:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    quiet = Context(lambda *_: None, lambda: None)
    return lambda job: run_job(job, services, quiet)


def kinds() -> np.ndarray:
    """Four stripes, ``rock`` a disc in the middle that nobody labels."""
    rows, cols = np.mgrid[:SIDE, :SIDE]
    found = np.minimum(cols * 3 // SIDE, 2)
    found[np.hypot(rows - 120, cols - 120) < 30] = 3
    return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    pixels = MEANS[kinds()].transpose(2, 0, 1) * random.normal(1, 0.25, (4, SIDE, SIDE))
    pixels[:, :10] = 0
    path = tmp_path_factory.mktemp("trust") / "scene.tif"
    settings = {"driver": "GTiff", "height": SIDE, "width": SIDE, "count": 4, "dtype": "uint16", "nodata": 0}
    settings |= {"crs": "EPSG:32632", "transform": from_origin(LEFT, TOP, PIXEL, PIXEL)}
    with rasterio.open(path, "w", **settings) as target:
        target.write(pixels.clip(1).astype(np.uint16) * (pixels != 0))
        target.descriptions = BANDS
    return path


def samples(folder: Path, each: int, wrong: int = 0) -> SampleRef:
    """Points of the three stripes, none of rock; the first of water say that they are field."""
    random = np.random.default_rng(1)
    truth = kinds()
    features = []
    for index, name in enumerate(KINDS[:3]):
        rows, cols = np.nonzero(truth == index)
        good = np.flatnonzero(rows >= 10)
        for number, at in enumerate(random.choice(good, each, replace=False)):
            place = [LEFT + (cols[at] + 0.5) * PIXEL, TOP - (rows[at] + 0.5) * PIXEL]
            point = {"type": "Point", "coordinates": [float(number) for number in place]}
            said = KINDS[2] if index == 0 and number < wrong else name
            features.append({"type": "Feature", "properties": {"kind": said}, "geometry": point})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    path = folder / f"samples{each}-{wrong}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return SampleRef(str(path), field="kind")


def teach(run: Runner, scene: Path, each: int, wrong: int = 0) -> tuple[Path, Result]:
    out = scene.with_name(f"taught{each}-{wrong}.geofm")
    report, labels = out.with_suffix(".html"), samples(scene.parent, each, wrong)
    # A method whose probabilities are far too low: there is something to calibrate.
    how = {"model": "spectral-texture", "method": "prototypes", "report": str(report)}
    given = {**how, "samples": labels}
    return out, run(Job(Task.TRAIN, (RasterRef(str(scene)),), str(out), **given))


@pytest.fixture(scope="module")
def taught(run: Runner, scene: Path) -> tuple[Path, Result]:
    return teach(run, scene, 30)


def mapping(scene: Path, taught: Path, folder: Path, **given: object) -> Job:
    out, taught_in = str(folder / "map.tif"), str(taught)
    return Job(Task.CLASSIFY, (RasterRef(str(scene)),), out, classifier=taught_in, **given)


def read(path: Path | str) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read(1)


# --- the file --------------------------------------------------------------------------------------


def test_training_calibrates_and_says_so(taught: tuple[Path, Result]) -> None:
    path, result = taught
    told = result.facts["calibration"]
    assert told["labels"] == 90
    assert told["temperature"] != 1
    assert told["after"] < told["before"]
    found = load_classifier(path)
    assert found.temperature == pytest.approx(told["temperature"], abs=1e-6)
    assert found.novelty is not None
    assert found.novelty.reason == result.facts["novelty"]
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert told["reason"] in page
    assert result.facts["novelty"] in page


def test_with_few_labels_it_says_that_it_does_not(run: Runner, scene: Path) -> None:
    path, result = teach(run, scene, 3)
    assert result.facts["calibration"]["temperature"] == 1
    assert result.facts["calibration"]["before"] == result.facts["calibration"]["after"]
    assert "3 labels a class" in result.facts["calibration"]["reason"]
    assert load_classifier(path).temperature == 1


def test_labels_that_look_wrong_are_listed(run: Runner, scene: Path, taught: tuple[Path, Result]) -> None:
    path, result = teach(run, scene, 15, wrong=2)
    told = [sentence for sentence in result.facts["doubtful"] if "Looks like water" in sentence]
    assert len(told) == 2
    assert all(", field: " in sentence and "longitude 9." in sentence for sentence in told)
    assert any("look like another class" in sentence for sentence in result.warnings)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "Labels that look wrong" in page
    assert told[0] in page
    # What is said of the labels is for who teaches, not for who gets the file.
    assert "doubtful" not in load_classifier(path).facts
    assert len(taught[1].facts["doubtful"]) < 6


def test_a_file_comes_back_with_its_trust(taught: tuple[Path, Result], tmp_path: Path) -> None:
    first = load_classifier(taught[0])
    save_classifier(tmp_path / taught[0].name, first)
    assert (tmp_path / taught[0].name).read_bytes() == taught[0].read_bytes()
    random = np.random.default_rng(0)
    features = random.standard_normal((len(first.learned["mean"]), 20, 30)).astype(np.float32)
    raw = replace(first, temperature=1.0).scores(features)
    np.testing.assert_array_equal(first.scores(features), apply(raw, first.temperature, axis=0))
    np.testing.assert_allclose(first.scores(features).sum(axis=0), 1, atol=1e-5)


# --- the map ---------------------------------------------------------------------------------------


def test_confidence_is_at_the_temperature(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path
) -> None:
    plain = tmp_path / "plain.geofm"
    save_classifier(plain, replace(load_classifier(taught[0]), temperature=1.0))
    found = {}
    for name, path in (("warm", taught[0]), ("plain", plain)):
        (tmp_path / name).mkdir()
        sure = tmp_path / name / "sure.tif"
        result = run(mapping(scene, path, tmp_path / name, confidence=str(sure)))
        found[name] = read(sure), read(result.outputs["OUTPUT"])
    np.testing.assert_array_equal(found["warm"][1], found["plain"][1])
    valid = found["plain"][0] != 255
    shift = found["warm"][0][valid].astype(int) - found["plain"][0][valid]
    assert (shift >= 0).mean() > 0.99 or (shift <= 0).mean() > 0.99
    assert np.abs(shift).max() > 3


def test_what_nobody_labelled_is_outlined(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path
) -> None:
    new = tmp_path / "new.gpkg"
    result = run(mapping(scene, taught[0], tmp_path, novelty=str(new)))
    assert result.outputs["NOVELTY"] == str(new)
    meta, _, shapes, fields = pyogrio.raw.read(new)
    area = fields[meta["fields"].tolist().index("area_m2")]
    disc = (kinds() == 3).sum() * PIXEL**2
    assert area.max() > 0.9 * disc
    assert area.sum() < 1.6 * disc
    # Spots of a pixel or two are left out.
    assert area.min() >= 9 * PIXEL**2
    # Pixel by pixel, with the false alarms that are too small to be drawn.
    share = 100 * disc / (230 * SIDE * PIXEL**2)
    assert 0.9 * share < result.facts["novelty"]["percent"] < share + 9
    # Nothing but what was asked for is there, and the map is the same as without.
    assert {path.name for path in tmp_path.iterdir()} == {
        "map.tif", "map.tif.aux.xml", "map.tif.job.json", "new.gpkg",
    }
    (tmp_path / "again").mkdir()
    again = run(mapping(scene, taught[0], tmp_path / "again"))
    np.testing.assert_array_equal(read(again.outputs["OUTPUT"]), read(result.outputs["OUTPUT"]))


def test_the_unsure_are_refused(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path
) -> None:
    sure, shapes = tmp_path / "sure.tif", tmp_path / "areas.gpkg"
    given = {"confidence": str(sure), "polygons": str(shapes), "refuse_below": 80}
    result = run(mapping(scene, taught[0], tmp_path, **given))
    labels, percent = read(result.outputs["OUTPUT"]), read(sure)
    refused = result.facts["refused"]
    assert refused["value"] not in (info.value for info in result.classes[:-1])
    assert (result.classes[-1].value, result.classes[-1].name) == (refused["value"], "unknown")
    valid = labels != 0
    assert valid.sum() == 230 * 240
    np.testing.assert_array_equal(labels[valid] == refused["value"], percent[valid] < 80)
    assert 0 < refused["percent"] < 60
    assert refused["percent"] == pytest.approx(100 * (labels[valid] == refused["value"]).mean(), abs=0.01)
    assert result.facts["areas_m2"]["unknown"] == (labels == refused["value"]).sum() * PIXEL**2
    with rasterio.open(result.outputs["OUTPUT"]) as source:
        assert source.colormap(1)[refused["value"]] == (0xD9, 0xD9, 0xD9, 255)


def test_what_is_unlike_the_labels_is_refused_if_asked(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path
) -> None:
    result = run(mapping(scene, taught[0], tmp_path, refuse_novel=True))
    labels = read(result.outputs["OUTPUT"])
    unknown = labels == result.facts["refused"]["value"]
    truth = kinds()
    assert unknown[truth == 3].mean() > 0.9
    assert unknown[10:][truth[10:] < 3].mean() < 0.12
    assert "NOVELTY" not in result.outputs
    assert "novelty" not in result.facts


def test_a_part_is_refused_as_in_the_whole(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path
) -> None:
    asked = {"refuse_below": 75.0, "refuse_novel": True}
    whole = read(run(mapping(scene, taught[0], tmp_path, **asked)).outputs["OUTPUT"])
    (tmp_path / "part").mkdir()
    extent = Extent(LEFT + 900, TOP - 1500, LEFT + 1700, TOP - 700, "EPSG:32632")
    part = read(run(mapping(scene, taught[0], tmp_path / "part", extent=extent, **asked)).outputs["OUTPUT"])
    np.testing.assert_array_equal(part, whole[70:150, 90:170])


# --- older files, wrong questions ------------------------------------------------------------------


def test_a_file_of_an_earlier_version_still_maps(
    run: Runner, scene: Path, taught: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.geofm"
    facts = {k: v for k, v in load_classifier(taught[0]).facts.items() if k not in ("calibration", "novelty")}
    bare = replace(load_classifier(taught[0]), facts=facts)
    monkeypatch.setattr("geofm.inference.engine.learning.classifier._trust_arrays", lambda classifier: {})
    save_classifier(old, bare)
    found = load_classifier(old)
    assert (found.temperature, found.novelty) == (1.0, None)
    result = run(mapping(scene, old, tmp_path))
    assert "earlier version" in result.facts["calibration"]["reason"]
    with pytest.raises(UnsupportedInput, match="earlier version"):
        run(mapping(scene, old, tmp_path, refuse_novel=True))
    with pytest.raises(UnsupportedInput, match="earlier version"):
        run(mapping(scene, old, tmp_path, novelty=str(tmp_path / "new.gpkg")))
    assert not (tmp_path / "new.gpkg").exists()


def test_too_few_labels_to_say_what_is_new_are_a_warning(run: Runner, scene: Path, tmp_path: Path) -> None:
    path, _ = teach(run, scene, 2)
    result = run(mapping(scene, path, tmp_path, novelty=str(tmp_path / "new.gpkg")))
    assert any("Nothing is called unlike" in sentence for sentence in result.warnings)
    assert result.facts["novelty"]["percent"] == 0


@pytest.mark.parametrize("below", [-1, 101, float("nan"), "60", True])
def test_a_limit_that_is_none_is_refused(below: object) -> None:
    with pytest.raises(InvalidRequest):
        Job(Task.CLASSIFY, (RasterRef("a.tif"),), "b.tif", classifier="c.geofm", refuse_below=below)


def test_a_job_file_keeps_what_is_refused() -> None:
    job = Job(
        Task.CLASSIFY, (RasterRef("a.tif"),), "b.tif", classifier="c", refuse_below=60, refuse_novel=True,
        novelty="d.gpkg",
    )  # fmt: skip
    assert job_from_dict(json.loads(json.dumps(job.to_dict()))) == job
    assert "novelty" not in job.provenance()
    assert job.provenance()["refuse_novel"] is True
    with pytest.raises(InvalidRequest, match="refuse_novel"):
        Job(Task.CLASSIFY, (RasterRef("a.tif"),), "b.tif", classifier="c", refuse_novel=1)
    with pytest.raises(InvalidRequest, match="does not take"):
        Job(Task.CLUSTER, (RasterRef("a.tif"),), "b.tif", model="m", classes=3, refuse_below=60)
