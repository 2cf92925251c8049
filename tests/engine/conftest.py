"""What engine tests share: rasters made to measure, and a model that takes long to fetch.

The model makes a call as long as a test wants, with nothing faked in the engine.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from hypothesis import settings

from geofm.inference.bands import PRESETS
from geofm.inference.catalog import Catalog, default_catalog, load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home, models_folders

# A busy machine must not fail a test; the same cases each time, so that red stays red.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NORTH_UP = Affine(10, 0, 600000, 0, -10, 5000000)
PIECES = 400
PIECE = bytes(range(256)) * 16


class SlowModel:
    """A model card in GEOFM_HOME whose weights a local server hands out bit by bit.

    Attributes:
        id: the model's catalogue id.
        started: set when the first piece is out.
        pause: seconds between two pieces; the whole has 400 of them.
    """

    def __init__(self, home: Path) -> None:
        self.id = "slow-model"
        self.started = threading.Event()
        self.pause = 0.05
        self._stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._write_card(home / "models" / self.id / "card.json")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                self.send_response(200)
                self.send_header("Content-Length", str(PIECES * len(PIECE)))
                self.end_headers()
                try:
                    for _ in range(PIECES):
                        self.wfile.write(PIECE)
                        model.started.set()
                        if model._stop.wait(model.pause):
                            return
                except OSError:
                    return  # the client went away, as tests make it do

            def log_message(self, *unused: object) -> None:
                pass

        return Handler

    def _write_card(self, path: Path) -> None:
        asset = {
            "href": f"http://127.0.0.1:{self._server.server_port}/weights.onnx",
            "roles": ["mlm:model"],
            "geofm:digest": "sha256:" + hashlib.sha256(PIECE * PIECES).hexdigest(),
            "file:size": PIECES * len(PIECE),
        }
        card = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
            "id": self.id,
            "geometry": None,
            "properties": {"title": "Slow model", "geofm:family": "onnx", "geofm:tasks": ["segment"]},
            "assets": {"weights": asset},
            "links": [],
        }
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture
def slow_model(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowModel]:
    """See :class:`SlowModel`."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    model = SlowModel(scratch_home)
    yield model
    model.close()


@pytest.fixture
def raster(tmp_path: Path) -> Callable[..., RasterRef]:
    """Writes a GeoTIFF of (bands, rows, cols) or (rows, cols) pixels into the test's folder.

    Options beside rasterio's own: ``names`` and ``tags`` of bands (one a band), ``about`` (tags of
    the file).
    """

    def write(name: str, pixels: Any, **options: Any) -> RasterRef:
        array = np.asarray(pixels)
        array = array[None] if array.ndim == 2 else array
        names, tags = options.pop("names", ()), options.pop("tags", ())
        about = options.pop("about", {})
        profile = {"driver": "GTiff", "crs": "EPSG:32633", "transform": NORTH_UP, **options}
        count, height, width = array.shape
        with rasterio.open(
            tmp_path / name, "w", dtype=array.dtype, count=count, height=height, width=width, **profile
        ) as dataset:
            dataset.write(array)
            dataset.update_tags(**about)
            for index, text in enumerate(names, start=1):
                dataset.set_band_description(index, text)
            for index, items in enumerate(tags, start=1):
                dataset.update_tags(index, **items)
        return RasterRef(str(tmp_path / name))

    return write


@pytest.fixture(scope="session")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """Loads one of the repository's scripts by its name; they know one another by name too."""
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module
    sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="session")
def bench_networks(script: Callable[[str], ModuleType]) -> ModuleType:
    """scripts/bench_networks.py, which writes networks with their cards."""
    return script("bench_networks")


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    """tests/engine/networks.py, which writes small ONNX networks without cards."""
    path = Path(__file__).with_name("networks.py")
    spec = importlib.util.spec_from_file_location("networks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclass looks the module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trifle(bench_networks: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """An engine whose only network is next to no work."""
    folder = tmp_path_factory.mktemp("models")
    bench_networks.TRIFLE.write(folder)
    store = Store(tmp_path_factory.mktemp("home"), [folder], offline=True)
    return Services.create(Catalog([bench_networks.CARDS, folder]), store, choose_device("cpu"))


@pytest.fixture(scope="session")
def conformance(script: Callable[[str], ModuleType]) -> Iterator[ModuleType]:
    """scripts/conformance, with matrix products as exact as the references'."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield script("conformance")
    torch.set_float32_matmul_precision(before)


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The folder of the repository's scripts."""
    return SCRIPTS


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    """Sets the number of threads on which models compute, for one test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def family(conformance: ModuleType, request: pytest.FixtureRequest) -> Any:
    """The module of scripts/conformance of the family that a file's FAMILY names."""
    return importlib.import_module(f"{conformance.__name__}.{request.module.FAMILY}")


@pytest.fixture(scope="module")
def cases(conformance: ModuleType, reference: Path, family: Any) -> dict[str, Any]:
    """The reference cases of the file's family by name."""
    return {case.name: case for case in conformance.cases(reference, family.CASES)}


@pytest.fixture(scope="module")
def case(cases: dict[str, Any]) -> Any:
    """The first of the family's reference cases."""
    return next(iter(cases.values()))


@pytest.fixture
def reduced(
    conformance: ModuleType, family: Any, cases: dict[str, Any], tmp_path: Path
) -> Callable[[str], Any]:
    """Loads the family's encoder with the weights of a reference case; its card is ``encoder.card.path``."""

    def load(name: str) -> Any:
        card = load_card(conformance.local_card(family, cases[name], tmp_path))
        return family.ENCODER.load(card, cases[name].weights, "cpu")

    return load


@pytest.fixture
def embedded(tmp_path: Path) -> Callable[..., Any]:
    """Embeds layers with a model, by a job as users run it.

    Takes the model's id or its card's path; gives (features, rows, cols), masked where there is no data,
    and the grid's transform.
    """

    def run(model: str | Path, *layers: RasterRef) -> tuple[Any, Affine]:
        store = Store(data_home(), models_folders(), offline=True)
        services = Services.create(default_catalog(), store, choose_device("cpu"))
        job = Job(Task.EMBED, layers, str(tmp_path / "features.tif"), model=str(model))
        run_job(job, services, Context(lambda stage, done, total, message: None, lambda: None))
        with rasterio.open(job.output) as result, rasterio.open(layers[0].path) as given:
            assert result.crs == given.crs
            return result.read(masked=True), result.transform

    return run


@pytest.fixture
def embed_chip(samples: Path, tmp_path: Path, embedded: Callable[..., Any]) -> Callable[..., Any]:
    """Embeds the first pixels of a real Sentinel-2 chip.

    Takes the model, its stride, the side in pixels, what a RasterRef takes, and the side of the corner that
    is made no-data. Answers (dim, rows, cols), masked where there is no data.
    """

    def embed(model: str | Path, stride: int, side: int, empty: int = 40, **options: Any) -> Any:
        with rasterio.open(samples / "sentinel2-chips" / "patch_61808.tif") as source:
            pixels = np.maximum(source.read()[:, :side, :side], 1)
            profile = {**source.profile, "height": side, "width": side, "nodata": 0}
        pixels[:, :empty, :empty] = 0
        with rasterio.open(tmp_path / "chip.tif", "w", **profile) as target:
            target.write(pixels)
        ref = RasterRef(str(tmp_path / "chip.tif"), **{"names": PRESETS["sentinel2-l2a"], **options})
        features, transform = embedded(model, ref)
        assert transform == profile["transform"] @ Affine.scale(stride)
        return features

    return embed
