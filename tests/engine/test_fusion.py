"""Light, radar and heights together: right to the pixel, and where one is missing the others alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio
from scipy import ndimage

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.heads.layered import LayeredHead
from geofm.inference.engine.learning.classifier import load_classifier
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, ModelMissing, UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Result, Task
from geofm.inference.places import data_home, models_folders

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
CHIP = "patch_61808.tif"
MISSING = 0.3
# Pixels from the radar's edge within which a feature sees across it.
NEAR = 8

Teach = Callable[..., Result]
Map = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def fusion(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("fusion_scene")


@pytest.fixture(scope="module")
def scene(fusion: ModuleType, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    chip = samples / "sentinel2-chips" / CHIP
    return fusion.make_fusion_scene(tmp_path_factory.mktemp("scene"), chip, MISSING)


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


def teacher(scene: Any, services: Services, folder: Path) -> Teach:
    def run(name: str, layers: list[RasterRef], model: str = "spectral-texture", **more: Any) -> Result:
        output = str(folder / f"{name}.geofm")
        job = Job(Task.TRAIN, tuple(layers), output, model=model, samples=scene.labels, **more)
        return run_job(job, services, QUIET)

    return run


def mapper(services: Services, folder: Path) -> Map:
    def run(name: str, layers: list[RasterRef], **more: Any) -> np.ndarray:
        path = str(folder / f"{name}.tif")
        job = Job(Task.CLASSIFY, tuple(layers), path, classifier=str(folder / f"{name}.geofm"), **more)
        run_job(job, services, QUIET)
        with rasterio.open(path) as source:
            return source.read(1)

    return run


@pytest.fixture
def teach(scene: Any, services: Services, tmp_path: Path) -> Teach:
    return teacher(scene, services, tmp_path)


@pytest.fixture
def mapped(services: Services, tmp_path: Path) -> Map:
    return mapper(services, tmp_path)


def test_what_only_the_radar_shows_lands_on_its_pixel(
    scene: Any, fusion: ModuleType, teach: Teach, mapped: Map
) -> None:
    taught = teach("both", [scene.optical, scene.radar])
    found = mapped("both", [scene.optical, scene.radar])
    value = next(info.value for info in taught.classes if info.name == "flooded")
    shown, true = (found == value) & scene.seen, (scene.truth == fusion.FLOODED) & scene.seen
    shifts = {
        (down, across): float((np.roll(shown, (down, across), (0, 1)) & true)[8:-8, 8:-8].sum())
        for down in range(-3, 4)
        for across in range(-3, 4)
    }
    assert max(shifts, key=shifts.__getitem__) == (0, 0)
    f1 = 2 * (shown & true).sum() / (shown.sum() + true.sum())
    assert f1 > 0.75, "it shows nowhere else"


def test_where_the_radar_is_missing_the_map_is_that_of_light_alone(
    scene: Any, teach: Teach, mapped: Map
) -> None:
    teach("both", [scene.optical, scene.radar])
    teach("light", [scene.optical])
    both, light = mapped("both", [scene.optical, scene.radar]), mapped("light", [scene.optical])
    away = ndimage.binary_erosion(~scene.seen, iterations=NEAR)
    assert away.sum() > 5000
    np.testing.assert_array_equal(both[away], light[away])
    assert (both != light)[scene.seen].mean() > 0.1


def test_a_zero_instead_of_what_is_missing_would_show(scene: Any, teach: Teach, mapped: Map) -> None:
    """The same with the gap called a measurement of 0 dB: the map of the corner is another then."""
    teach("both", [scene.optical, scene.radar])
    teach("light", [scene.optical])
    filled = Path(scene.radar.path).with_name("filled.tif")
    with rasterio.open(scene.radar.path) as source:
        pixels, profile = source.read(), source.profile
    pixels[pixels == -9999] = 0
    with rasterio.open(filled, "w", **{**profile, "nodata": None}) as target:
        target.write(pixels)
        target.descriptions = ("VV", "VH")
    wrong, light = mapped("both", [scene.optical, RasterRef(str(filled))]), mapped("light", [scene.optical])
    away = ndimage.binary_erosion(~scene.seen, iterations=NEAR)
    assert (wrong != light)[away].mean() > 0.2


def test_it_is_told_which_layer_helped(scene: Any, teach: Teach, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    layers = [scene.optical, scene.radar, scene.heights]
    told = teach("all", layers, what_helped=True, report=str(report)).facts["what_helped"]
    by_layer = {one["layer"]: one for one in told}
    assert list(by_layer) == ["optical.tif", "radar.tif", "heights.tif"]
    radar, heights = by_layer["radar.tif"], by_layer["heights.tif"]
    assert radar["with_f1"] - radar["without_f1"] > 0.1
    assert 0 < radar["low"] < radar["with_f1"] - radar["without_f1"] < radar["high"]
    assert radar["sentence"].startswith("radar.tif helped")
    assert heights["low"] < 0 < heights["high"], "nothing was planted in the heights"
    assert "not clear" in heights["sentence"]
    assert {one["with_f1"] for one in told} == {radar["with_f1"]}, "the same pixels are compared"
    page = report.read_text(encoding="utf-8")
    assert "<h2>What helped</h2>" in page
    assert radar["sentence"] in page
    assert load_classifier(tmp_path / "all.geofm").facts["what_helped"] == told


def test_what_helped_of_one_layer_is_a_warning(scene: Any, teach: Teach) -> None:
    answer = teach("light", [scene.optical], what_helped=True)
    assert "what_helped" not in answer.facts
    assert any(note.startswith("What helped is told of several layers") for note in answer.warnings)


@pytest.mark.parametrize("model", ["galileo-nano+presto", "galileo-nano"])
@pytest.mark.usefixtures("models")
def test_models_together_teach_and_map(
    fusion: ModuleType, samples: Path, services: Services, tmp_path: Path, model: str
) -> None:
    chip = samples / "sentinel2-chips" / CHIP
    scene = fusion.make_fusion_scene(tmp_path, chip, MISSING, labels_a_class=8, side=96)
    teach, mapped = teacher(scene, services, tmp_path), mapper(services, tmp_path)
    layers = [scene.optical, scene.radar]
    answer = teach("joined", layers, model=model, method="fast")
    assert answer.model == model
    found = load_classifier(tmp_path / "joined.geofm")
    assert isinstance(found.head, LayeredHead)
    assert found.description["encoder"] == model
    assert found.model_digest.count(",") == model.count("+")
    whole = mapped("joined", layers)
    again = mapped("joined", layers, batch=3)
    np.testing.assert_array_equal(whole, again)
    assert (whole > 0).all(), "there is a map wherever there is light"


@pytest.mark.parametrize("task", [Task.CLUSTER, Task.SIMILARITY, Task.CHANGE])
def test_other_tasks_go_by_what_is_known(scene: Any, services: Services, tmp_path: Path, task: Task) -> None:
    layers, output = (scene.optical, scene.radar), tmp_path / "out.tif"
    own: dict[str, Any] = {
        Task.CLUSTER: {"classes": 4},
        Task.SIMILARITY: {"samples": scene.labels},
        Task.CHANGE: {"after": (scene.optical, scene.radar)},
    }[task]
    run_job(Job(task, layers, str(output), model="spectral-texture", **own), services, QUIET)
    with rasterio.open(output) as source:
        found = source.read(1)
        assert np.isfinite(found).all()
        assert (found != source.nodata).all(), "there is an answer wherever there is light"
    if task is Task.CLUSTER:
        assert len(np.unique(found[~scene.seen])) > 1
    if task is Task.SIMILARITY:
        assert found[~scene.seen].std() > 0.01


def test_what_is_unlike_the_labels_is_told_where_a_layer_is_missing(
    scene: Any, services: Services, teach: Teach, tmp_path: Path
) -> None:
    teach("both", [scene.optical, scene.radar])
    output = tmp_path / "map.tif"
    job = Job(
        Task.CLASSIFY,
        (scene.optical, scene.radar),
        str(output),
        classifier=str(tmp_path / "both.geofm"),
        refuse_novel=True,
    )
    told = run_job(job, services, QUIET).facts["refused"]
    with rasterio.open(output) as source:
        refused = source.read(1) == told["value"]
    assert 0 < refused[~scene.seen].mean() < 0.3
    assert 0 < refused[scene.seen].mean() < 0.3


def test_a_classifier_of_two_layers_does_not_map_one(scene: Any, teach: Teach, mapped: Map) -> None:
    teach("both", [scene.optical, scene.radar])
    with pytest.raises(UnsupportedInput, match="VV, VH"):
        mapped("both", [scene.optical])


def test_one_goes_on_teaching_a_classifier_of_several_layers(
    scene: Any, services: Services, teach: Teach, tmp_path: Path
) -> None:
    teach("both", [scene.optical, scene.radar])
    before, output = str(tmp_path / "both.geofm"), str(tmp_path / "more.geofm")
    layers = (scene.optical, scene.radar)
    run_job(Job(Task.TRAIN, layers, output, classifier=before, samples=scene.labels), services, QUIET)
    first, second = load_classifier(before), load_classifier(output)
    assert first.samples is not None
    assert np.isnan(first.samples.features).any(), "labels without radar say so"
    assert first.head.arrays().keys() == second.head.arrays().keys()
    for job in (
        Job(Task.SUGGEST, layers, str(tmp_path / "next.gpkg"), classifier=output, count=5),
        Job(Task.REVIEW, (), str(tmp_path / "doubt.gpkg"), classifier=output),
    ):
        run_job(job, services, QUIET)


# --- how models are named together -------------------------------------------------------------------


def test_models_together_are_one_card() -> None:
    card = default_catalog().get("galileo-nano + presto")
    assert card.id == "galileo-nano+presto"
    assert [part.id for part in card.parts] == ["galileo-nano", "presto"]
    assert len(card.assets) == 2
    assert "embed" not in card.tasks
    assert default_catalog().get("spectral-texture+presto").id == "presto"


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        ("presto+presto", UnsupportedInput, "twice"),
        ("presto+ukis-csmask", UnsupportedInput, "ukis-csmask"),
        ("presto+nothing", ModelMissing, "nothing"),
        ("presto+", ModelMissing, "No model"),
    ],
)
def test_models_that_do_not_go_together_are_refused(model: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        default_catalog().get(model)


def test_features_of_models_together_are_no_raster(scene: Any, services: Services, tmp_path: Path) -> None:
    job = Job(Task.EMBED, (scene.optical,), str(tmp_path / "f.tif"), model="galileo-nano+presto")
    with pytest.raises(UnsupportedInput, match="embed"):
        run_job(job, services, QUIET)


def test_what_helped_goes_with_training_alone() -> None:
    with pytest.raises(InvalidRequest, match="what_helped"):
        Job(Task.CLUSTER, (RasterRef("a.tif"),), "b.tif", model="presto", classes=3, what_helped=True)
