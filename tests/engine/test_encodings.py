"""Tokens are made once, rounded, and kept: the same bytes whoever made them, and nobody makes them twice."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from geofm.inference.bands import PRESETS
from geofm.inference.catalog import Catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.base import F32, Context, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.features import encodings as encodings_module
from geofm.inference.engine.features import token_store
from geofm.inference.engine.features.encodings import Encodings, Form, Kept
from geofm.inference.engine.features.token_store import TokenStore
from geofm.inference.engine.grid import Window, lattice
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import Region
from geofm.inference.engine.teaching.sessions import Sessions
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled
from geofm.inference.job_files import write_job_file
from geofm.inference.jobs import Extent, Job, RasterRef, SampleRef, Task
from geofm.inference.places import encodings_folder, models_folders

ROOT = Path(__file__).resolve().parents[2]
S2 = PRESETS["sentinel2-l2a"]
SIDE = 96
LEFT, TOP, PIXEL = 500000, 5200000, 10
CRS = "EPSG:32632"
QUIET = Context(lambda *_: None, lambda: None)


# --- the form --------------------------------------------------------------------------------------


def drawn(*shape: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def there_and_back(tokens: F32) -> F32:
    form = Form(tokens.shape[1:])
    rows, fits = form.packed(tokens)
    assert rows.shape == (len(tokens), form.size)
    assert fits.all()
    return form.unpacked(rows)


def test_what_is_lost_is_a_part_of_the_features_own_range() -> None:
    """Also of features that differ by many powers of ten, which some models have side by side."""
    tokens = drawn(5, 7, 4, 4) * np.float32(10.0) ** np.arange(-3, 4, dtype=np.float32)[:, None, None] + 3
    lost = np.abs(there_and_back(tokens) - tokens)
    span = np.ptp(tokens, axis=(2, 3), keepdims=True)
    assert (lost <= span / 255 * 0.501 + np.abs(tokens) * 1e-6).all()
    assert lost.max() > 0
    assert Form((128, 4, 4)).size == 128 * 24


def test_a_constant_feature_stays_exact() -> None:
    tokens = np.full((2, 3, 4, 4), 0.1, np.float32)
    np.testing.assert_array_equal(there_and_back(tokens), tokens)
    np.testing.assert_array_equal(there_and_back(tokens * 0), tokens * 0)


def test_a_windows_bytes_do_not_depend_on_its_neighbours() -> None:
    tokens, form = drawn(6, 5, 4, 4), Form((5, 4, 4))
    together, _ = form.packed(tokens)
    for index in range(6):
        np.testing.assert_array_equal(form.packed(tokens[index : index + 1])[0][0], together[index])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_what_does_not_fit_the_form_is_left_as_it_is(bad: float) -> None:
    tokens = drawn(3, 2, 4, 4)
    tokens[1, 0, 1, 1] = bad
    tokens[1, 0, 2, 2] = -3e38
    _, fits = Form((2, 4, 4)).packed(tokens)
    assert fits.tolist() == [True, False, True]


# --- one encoder, one stack ------------------------------------------------------------------------


class Sums:
    """An encoder of windows of 16 pixels that counts what it is asked."""

    name, dim, stride, window, halo = "sums", 3, 4, 16, 0

    def __init__(self) -> None:
        self.encoded = 0
        self.offset = np.zeros((3, 4, 4), np.float32)

    def select(self, bands: object) -> tuple[int, ...]:
        return (0, 1)

    def encode(self, batch: WindowBatch) -> F32:
        self.encoded += len(batch.pixels)
        cells = batch.pixels.reshape(len(batch.pixels), 2, 4, 4, 4, 4).mean(axis=(3, 5))
        return np.concatenate([cells, cells[:, :1] * cells[:, 1:]], axis=1) + self.offset


@pytest.fixture
def scene(samples: Path, tmp_path: Path) -> Path:
    """A part of a real Sentinel-2 scene, with a window and more without data."""
    with rasterio.open(samples / "sentinel2-chips" / "patch_61808.tif") as source:
        pixels = np.maximum(source.read()[:, :SIDE, :SIDE], 1)
    pixels[:, 16:40, 30:64] = 0
    return write(tmp_path / "scene.tif", pixels)


def write(path: Path, pixels: np.ndarray) -> Path:
    settings = {"driver": "GTiff", "count": 12, "height": SIDE, "width": SIDE, "dtype": pixels.dtype}
    place = {"crs": CRS, "transform": from_origin(LEFT, TOP, PIXEL, PIXEL), "nodata": 0}
    with rasterio.open(path, "w", **settings, **place) as target:
        target.write(pixels)
        target.descriptions = S2
    return path


def ref(scene: Path, **known: object) -> RasterRef:
    return RasterRef(str(scene), acquired="2021-07-01", **known)  # type: ignore[arg-type]


def asked(encodings: Encodings, given: RasterRef, bands: tuple[int, ...] = (3, 7)) -> dict[Window, F32]:
    """The tokens of all windows of a raster."""
    with Stack.open([given]) as stack:
        whole = Region.read(stack, stack.grid.window, bands)
        windows = [whole.cut(place) for place in lattice(stack.grid.window, 16)]
        found = {}
        for part, tokens in encodings.tokens(windows, QUIET):
            found.update({windows[index].window: one for index, one in zip(part, tokens, strict=True)})
        return found


def again(
    store: TokenStore, encoder: Sums | None = None, identity: str = "model", batch: int = 0
) -> Encodings:
    """As a run would that has just started."""
    return Encodings(encoder or Sums(), batch, Kept(store, identity))  # type: ignore[arg-type]


def encoded(store: TokenStore, given: RasterRef, bands: tuple[int, ...] = (3, 7), **options: object) -> int:
    """How many windows a new run encodes."""
    encodings = again(store, **options)  # type: ignore[arg-type]
    asked(encodings, given, bands)
    return encodings.encoder.encoded  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens", 10**9)


def same(first: dict[Window, F32], second: dict[Window, F32]) -> None:
    assert first.keys() == second.keys()
    for place, tokens in first.items():
        np.testing.assert_array_equal(tokens, second[place])


def test_the_same_tokens_from_the_encoder_from_memory_and_from_disk(store: TokenStore, scene: Path) -> None:
    encodings = again(store)
    first = asked(encodings, ref(scene))
    # A window without a valid pixel has none: 34 of 36.
    assert len(first) == encodings.encoder.encoded == 34  # type: ignore[attr-defined]
    same(asked(encodings, ref(scene)), first)
    for batch in (0, 1, 7):
        other = again(store, batch=batch)
        same(asked(other, ref(scene)), first)
        assert other.encoder.encoded == 0  # type: ignore[attr-defined]
        # Nothing kept, other batches.
        same(asked(Encodings(Sums(), batch), ref(scene)), first)  # type: ignore[arg-type]
    assert encodings.encoder.encoded == 34  # type: ignore[attr-defined]


def test_memory_is_bounded(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no longer fits is encoded again, to the same bytes."""
    expected = asked(Encodings(Sums()), ref(scene))  # type: ignore[arg-type]
    monkeypatch.setattr(encodings_module, "_REMEMBERED", 10 * Form((3, 4, 4)).size)
    small = Encodings(Sums())  # type: ignore[arg-type]
    for times in (1, 2):
        same(asked(small, ref(scene)), expected)
        assert small.encoder.encoded == 34 * times - 10 * (times - 1)  # type: ignore[attr-defined]


def test_what_a_cancelled_run_had_encoded_is_kept(store: TokenStore, scene: Path) -> None:
    asks = 0

    def check() -> None:
        nonlocal asks
        asks += 1
        if asks > 3:
            raise Cancelled("stop")

    with Stack.open([ref(scene)]) as stack:
        whole = Region.read(stack, stack.grid.window, (3, 7))
        windows = [whole.cut(place) for place in lattice(stack.grid.window, 16)]
        with pytest.raises(Cancelled):
            list(again(store, batch=4).tokens(windows, Context(QUIET.progress, check)))
    assert encoded(store, ref(scene)) == 34 - 12


def test_nothing_is_kept_where_that_is_not_allowed(tmp_path: Path, scene: Path) -> None:
    off = TokenStore(tmp_path / "tokens", 0)
    assert encoded(off, ref(scene)) == encoded(off, ref(scene)) == 34
    assert not off.root.exists()


@pytest.mark.parametrize(
    "other",
    [
        {"scale": 2e-4},
        {"offset": -0.1},
        {"nodata": 500.0},
        {"acquired": "2021-01-01"},
        {"names": ("-", *S2[1:])},
        {"crs": "EPSG:32633"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_reading_of_a_file_has_tokens_of_its_own(
    store: TokenStore, scene: Path, other: dict[str, object]
) -> None:
    assert encoded(store, ref(scene)) == 34
    assert encoded(store, replace(ref(scene), **other)) > 0
    assert encoded(store, ref(scene)) == 0


def test_bands_model_and_windows_are_told_apart(store: TokenStore, scene: Path) -> None:
    assert encoded(store, ref(scene)) == 34
    # Another band decides on the validity of pixels.
    assert encoded(store, ref(scene), bands=(3, 7, 8)) == 34
    assert encoded(store, ref(scene), bands=(7, 3)) == 34
    assert encoded(store, ref(scene), identity="another") == 34
    other = Sums()
    other.name = "products"
    assert encoded(store, ref(scene), encoder=other) == 34
    assert encoded(store, ref(scene)) == 0


def test_a_file_that_changed_has_tokens_of_its_own(store: TokenStore, scene: Path) -> None:
    assert encoded(store, ref(scene)) == 34
    with rasterio.open(scene) as source:
        pixels = source.read()
    write(scene, pixels[:, ::-1])
    os.utime(scene, ns=(0, 10**15))
    changed = again(store)
    found = asked(changed, ref(scene))
    assert changed.encoder.encoded > 30  # type: ignore[attr-defined]
    same(found, asked(Encodings(Sums()), ref(scene)))  # type: ignore[arg-type]


def test_every_file_that_a_vrt_reads_counts(store: TokenStore, scene: Path, tmp_path: Path) -> None:
    vrt = tmp_path / "deep" / "scene.vrt"
    vrt.parent.mkdir()
    inner = tmp_path / "inner.vrt"
    for path, source in ((inner, scene), (vrt, inner)):
        path.write_text(as_vrt(source), encoding="utf-8")
    assert encoded(store, ref(vrt, names=S2)) == 34
    assert encoded(store, ref(vrt, names=S2)) == 0
    os.utime(scene, ns=(0, 0))
    assert encoded(store, ref(vrt, names=S2)) == 34


def as_vrt(source: Path) -> str:
    bands = "".join(
        f'<VRTRasterBand dataType="UInt16" band="{band}"><NoDataValue>0</NoDataValue><SimpleSource>'
        f"<SourceFilename>{source}</SourceFilename><SourceBand>{band}</SourceBand></SimpleSource>"
        "</VRTRasterBand>"
        for band in range(1, 13)
    )
    place = f"<SRS>{CRS}</SRS><GeoTransform>{LEFT},{PIXEL},0,{TOP},0,-{PIXEL}</GeoTransform>"
    return f'<VRTDataset rasterXSize="{SIDE}" rasterYSize="{SIDE}">{place}{bands}</VRTDataset>'


def test_a_file_that_is_rewritten_meanwhile_leaves_nothing(store: TokenStore, scene: Path) -> None:
    class Rewriting(Sums):
        def encode(self, batch: WindowBatch) -> F32:
            if self.encoded >= 20:
                os.utime(scene, ns=(0, 0))
            return super().encode(batch)

    before = os.stat(scene)
    asked(again(store, Rewriting(), batch=5), ref(scene))
    os.utime(scene, ns=(0, before.st_mtime_ns))
    assert encoded(store, ref(scene)) == 34 - 20


def test_a_raster_without_a_file_on_this_machine_leaves_nothing(store: TokenStore, scene: Path) -> None:
    with MemoryFile(scene.read_bytes()) as memory:
        given = RasterRef(memory.name, names=S2, acquired="2021-07-01")
        assert encoded(store, given) == encoded(store, given) == 34
    assert not store.root.exists()


def test_tokens_that_do_not_fit_are_used_as_they_are(store: TokenStore, scene: Path) -> None:
    odd = Sums()
    odd.offset[1, 2, 2] = np.nan
    first = asked(again(store, odd), ref(scene))
    raw = Sums()
    raw.offset = odd.offset
    with Stack.open([ref(scene)]) as stack:
        batch = Region.read(stack, Window(0, 0, 16, 16), (3, 7)).batch([Window(0, 0, 16, 16)])
    np.testing.assert_array_equal(first[Window(0, 0, 16, 16)], raw.encode(batch)[0])
    assert not store.root.exists() or encoded(store, ref(scene), encoder=raw) == 34
    same(asked(Encodings(raw), ref(scene)), first)  # type: ignore[arg-type]


def test_a_full_disk_in_the_middle_changes_nothing(
    store: TokenStore, scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, done = token_store._put, 0

    def refused(*arguments: object) -> None:
        nonlocal done
        done += 1
        if done > 21:
            raise OSError(errno.ENOSPC, "no space left on device")
        put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(token_store, "_put", refused)
    expected = asked(Encodings(Sums()), ref(scene))  # type: ignore[arg-type]
    same(asked(again(store, batch=4), ref(scene)), expected)
    monkeypatch.undo()
    later = again(store)
    same(asked(later, ref(scene)), expected)
    # Each window is two writes; the last one lacks its checksum.
    assert later.encoder.encoded == 34 - 10  # type: ignore[attr-defined]


# --- the tasks -------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all batches that Galileo encodes."""
    sizes: list[int] = []
    encode = Galileo.encode

    def counting(self: Galileo, batch: WindowBatch) -> F32:
        sizes.append(len(batch.pixels))
        return encode(self, batch)

    monkeypatch.setattr(Galileo, "encode", counting)
    return sizes


def services() -> Services:
    """As in an engine that has just started."""
    store = Store(encodings_folder().parent, models_folders(), offline=True)
    return Services.create(Catalog([ROOT / "resources" / "models"]), store, choose_device("cpu"))


@pytest.fixture(autouse=True)
def as_users_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOFM_CACHE")


@pytest.fixture
def jobs(scene: Path, tmp_path: Path, models: Path, scratch_home: Path) -> Callable[..., Job]:
    """Jobs on the scene by task; each output has a name of its own."""
    places = [(8 + 9 * i, 5 + 8 * i) for i in range(10)]
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "ab"[number % 2]},
            "geometry": {"type": "Point", "coordinates": [LEFT + x * PIXEL + 5, TOP - y * PIXEL - 5]},
        }
        for number, (x, y) in enumerate(places)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    points = tmp_path / "points.geojson"
    points.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    samples = SampleRef(str(points), field="kind")
    number = 0

    def job(task: Task, **options: object) -> Job:
        nonlocal number
        number += 1
        ending = "geofm" if task is Task.TRAIN else "tif"
        known: dict[str, object] = {"model": "" if task is Task.CLASSIFY else "galileo-nano"}
        if task in (Task.TRAIN, Task.SIMILARITY):
            known["samples"] = samples
        if task is Task.CLUSTER:
            known["classes"] = 3
        output = str(tmp_path / f"{number}.{ending}")
        return Job(task, (ref(scene),), output, **{**known, **options})  # type: ignore[arg-type]

    return job


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def corner(side: int) -> Extent:
    return Extent(LEFT + 200, TOP - 200 - side * PIXEL, LEFT + 200 + side * PIXEL, TOP - 200, CRS)


def test_whoever_comes_second_encodes_nothing(jobs: Callable[..., Job], counted: list[int]) -> None:
    """Every task, in an engine of its own, of the whole scene or a part, with other seeds and heads."""
    run_job(jobs(Task.SIMILARITY), services(), QUIET)
    assert sum(counted) == 34
    counted.clear()
    taught = jobs(Task.TRAIN, method="fast")
    run_job(jobs(Task.CLUSTER, seed=5), services(), QUIET)
    run_job(taught, services(), QUIET)
    run_job(jobs(Task.TRAIN, method="knn", extent=corner(60)), services(), QUIET)
    run_job(jobs(Task.CLASSIFY, classifier=taught.output), services(), QUIET)
    run_job(jobs(Task.CLUSTER, extent=corner(40)), services(), QUIET)
    assert counted == []


def test_a_teaching_session_and_runs_share_what_is_encoded(
    jobs: Callable[..., Job], counted: list[int], scene: Path
) -> None:
    whole = [LEFT, TOP - SIDE * PIXEL, LEFT + SIDE * PIXEL, TOP]
    for first in (True, False):
        sessions = Sessions()
        given = {"inputs": jobs(Task.CLUSTER).to_dict()["inputs"], "model": "galileo-nano"}
        opened = sessions.open(given, lambda device: services(), QUIET)
        look = {"session": opened["session"], "extent": whole, "milliseconds": 600_000}
        told = sessions.encode(look, QUIET)
        assert told["visible_done"] == told["visible_total"] > 0
        sessions.close({"session": opened["session"]})
        assert sum(counted) == (34 if first else 0)
        counted.clear()
        run_job(jobs(Task.CLUSTER), services(), QUIET)
        assert counted == []


def test_a_part_is_encoded_once_and_the_rest_when_it_is_wanted(
    jobs: Callable[..., Job], counted: list[int]
) -> None:
    taught = jobs(Task.TRAIN, method="fast")
    run_job(taught, services(), QUIET)
    assert services().tokens.clear()["entries"] == 1
    counted.clear()
    run_job(jobs(Task.CLASSIFY, classifier=taught.output, extent=corner(10)), services(), QUIET)
    assert 4 < sum(counted) < 20
    run_job(jobs(Task.CLASSIFY, classifier=taught.output), services(), QUIET)
    assert sum(counted) == 34


def test_two_dates_are_kept_apart(
    jobs: Callable[..., Job], counted: list[int], scene: Path, tmp_path: Path
) -> None:
    with rasterio.open(scene) as source:
        pixels = source.read()
    pixels[:, 50:70, 10:40] = 3000
    later = ref(write(tmp_path / "later.tif", pixels))
    # Corrected pixels are others than those of the file, and so are their tokens.
    plain = ChangeOptions(normalise=False, align="off", clouds="off")
    run_job(jobs(Task.CHANGE, after=(later,), change=plain), services(), QUIET)
    assert sum(counted) == 68
    counted.clear()
    run_job(replace(jobs(Task.CLUSTER), inputs=(later,)), services(), QUIET)
    run_job(jobs(Task.CHANGE, after=(later,), change=plain), services(), QUIET)
    assert counted == []


@pytest.mark.parametrize("task", [Task.SIMILARITY, Task.CLUSTER])
def test_bytes_are_the_same_cold_warm_and_without(
    jobs: Callable[..., Job], task: Task, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = jobs(task, confidence="") if task is Task.CLUSTER else jobs(task)
    run_job(cold, services(), QUIET)
    warm, one = replace(cold, output=jobs(task).output), replace(cold, output=jobs(task).output)
    run_job(warm, services(), QUIET)
    assert sum(counted) == 34
    monkeypatch.setenv("GEOFM_CACHE", "0")
    run_job(replace(one, batch=1), services(), QUIET)
    assert sum(counted) == 68
    pixels = [rasterio.open(job.output).read() for job in (cold, warm, one)]
    assert digest(cold.output) == digest(warm.output)
    # The tags of the third say that its batch was another.
    np.testing.assert_array_equal(pixels[0], pixels[2])


def test_embed_is_left_as_the_model_gives_it(jobs: Callable[..., Job], counted: list[int]) -> None:
    run_job(jobs(Task.CLUSTER), services(), QUIET)
    counted.clear()
    run_job(jobs(Task.EMBED), services(), QUIET)
    assert sum(counted) == 34


CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.errors import Cancelled
from geofm.inference.job_files import read_job_file
from geofm.inference.engine.base import Context
from geofm.inference.engine.methods import Methods
encode, sizes = Galileo.encode, []
Galileo.encode = lambda self, batch: sizes.append(len(batch.pixels)) or encode(self, batch)
job = read_job_file(sys.argv[2])
Methods().run({"job": job.to_dict()}, Context(lambda *_: None, lambda: None))
print(sum(sizes))
"""


def test_another_process_encodes_nothing(
    jobs: Callable[..., Job], counted: list[int], plugins: Path, tmp_path: Path
) -> None:
    run_job(jobs(Task.CLUSTER), services(), QUIET)
    assert sum(counted) == 34
    path = tmp_path / "again.job.json"
    write_job_file(jobs(Task.CLUSTER), path)
    command = [sys.executable, "-c", CHILD, str(plugins), str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split()[-1] == "0"


def test_the_key_is_that_of_the_model_and_of_what_computes(
    jobs: Callable[..., Job], counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(jobs(Task.CLUSTER), services(), QUIET)
    counted.clear()
    here = services()
    card = here.catalog.get("galileo-nano")
    model = here.models.get(here.store.settled(card, QUIET), QUIET)
    names = [here.kept(card, model).identity, services().kept(card, model).identity]
    assert here.kept(replace(card, path=Path("elsewhere.json")), model).identity == names[0]
    names.append(here.kept(replace(card, title="Another"), model).identity)
    names.append(replace(here, device=replace(here.device, torch_device="cuda:0")).kept(card, model).identity)
    with monkeypatch.context() as patch:
        patch.setattr("geofm.inference.engine.making.version", lambda name: "0")
        names.append(here.kept(card, model).identity)
    with monkeypatch.context() as patch:
        patch.setattr("geofm.inference.engine.making.code", lambda: "other code")
        names.append(here.kept(card, model).identity)
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "facts", {"precision": "bfloat16"})
        names.append(here.kept(card, model).identity)
    assert names[0] == names[1]
    assert len(set(names)) == len(names) - 1
