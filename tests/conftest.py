"""What all tests share: the package under its own name, the data, scratch places.

The same file serves the two environments: the engine's (tests/inference, tests/engine and the
tests of the house) and QGIS's own Python (tests/algorithms, tests/ui, tests/doors, tests/desktop).
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

# As in the engine's process; it counts from torch's import on.
os.environ.setdefault("MKL_CBWR", "AUTO")

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT_HOME = ROOT / "build" / "home"


def _register_package() -> None:
    """Make the checkout importable as ``geofm``, whatever its folder is called."""
    if "geofm" in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(
        "geofm", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["geofm"] = module
    spec.loader.exec_module(module)


_register_package()


def _data_folders(variable: str, beside: str) -> list[Path]:
    """Folders that a variable names, else the developers' folder beside the checkout."""
    stated = os.environ.get(variable, "")
    folders = [Path(part) for part in stated.split(os.pathsep) if part]
    return [folder for folder in folders or [ROOT.parent / "shared" / beside] if folder.is_dir()]


def _engine_python() -> Path:
    stated = os.environ.get("GEOFM_PYTHON")
    if stated:
        return Path(stated)
    from geofm.inference import environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOFM_HOME", str(DEVELOPMENT_HOME))
        found = environment.check().python
    # Without one, a path at which there is nothing.
    return found if found.is_file() else DEVELOPMENT_HOME / "no-engine"


SAMPLES = _data_folders("GEOFM_SAMPLES", "imagery")
MODELS = _data_folders("GEOFM_MODELS", "models")
REFERENCE = _data_folders("GEOFM_REFERENCE", "reference")
ENGINE_PYTHON = _engine_python()


@pytest.fixture(scope="session", autouse=True)
def scratch_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the run a GEOFM_HOME of its own, which borrows the engine and the weights of `make setup`."""
    home = tmp_path_factory.mktemp("geofm-home")
    weights = [*MODELS, *(f for f in [DEVELOPMENT_HOME / "models"] if f.is_dir())]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GEOFM_DEVICE", "GEOFM_OFFLINE", "GEOFM_THREADS", "GEOFM_ONNX_RUNTIME"):
            patch.delenv(name, raising=False)
        # The same bytes on every machine; what bf16 changes has tests of its own.
        patch.setenv("GEOFM_PRECISION", "float32")
        # Every run does its own work; what is kept of an earlier one has tests of its own.
        patch.setenv("GEOFM_CACHE", "0")
        patch.setenv("GEOFM_HOME", str(home))
        patch.setenv("GEOFM_MODELS", os.pathsep.join(map(str, weights)))
        if ENGINE_PYTHON.exists():
            patch.setenv("GEOFM_PYTHON", str(ENGINE_PYTHON))
        yield home


@pytest.fixture
def scratch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty GEOFM_HOME for one test, for what a test changes in there."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("GEOFM_HOME", str(home))
    return home


def _first(folders: list[Path], holding: str, what: str, variable: str) -> Path:
    for folder in folders:
        if (folder / holding).exists():
            return folder
    pytest.skip(f"needs {what}: {variable} is not set and there is no shared folder beside the checkout")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The real imagery (see CONTRIBUTING.md)."""
    return _first(SAMPLES, "landsat7-two-dates", "the sample imagery", "GEOFM_SAMPLES")


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder with the published weights of galileo-nano."""
    return _first(MODELS, "galileo-nano", "the weights of galileo-nano", "GEOFM_MODELS")


@pytest.fixture(scope="session")
def reference() -> Path:
    """Inputs and outputs of the models' original implementations."""
    return _first(REFERENCE, "galileo", "the reference outputs", "GEOFM_REFERENCE")


@pytest.fixture(scope="session")
def csmask() -> Path:
    """The folder with the ONNX networks of ukis-csmask, which `make setup` fetched."""
    weights = [*MODELS, DEVELOPMENT_HOME / "models"]
    for folder in weights:
        if any((folder / "ukis-csmask").glob("*.onnx")):
            return folder / "ukis-csmask"
    pytest.skip("needs the weights of ukis-csmask: run `make setup` with a package index in reach")


@pytest.fixture(scope="session")
def engine_python() -> Path:
    """The interpreter of the engine's environment."""
    if not ENGINE_PYTHON.exists():
        pytest.skip("needs the engine's environment: run `make setup`")
    return ENGINE_PYTHON


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the checkout lies under the name ``geofm``, as in QGIS's plugin folder."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "geofm").symlink_to(ROOT, target_is_directory=True)
    return folder


def _beside(name: str) -> Any:
    """A module beside this one, which no import finds: tests are no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def unresolved() -> Callable[[str], list[str]]:
    """Where the modules that QGIS runs use names that the versions of Qt and QGIS at hand lack."""
    return _beside("source_names").unresolved


@pytest.fixture(scope="session")
def kept_venvs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the environments stay whose pip is copied (quick_venv.py)."""
    return tmp_path_factory.mktemp("venvs")


@pytest.fixture
def quick_venvs(kept_venvs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set-ups in this process copy the pip of their environments."""
    from geofm.inference.environment.commands import Commands

    monkeypatch.setattr(Commands, "run", _beside("quick_venv").quick(Commands.run, kept_venvs))


@pytest.fixture(scope="session")
def item_faults() -> Callable[[Mapping[str, Any]], list[str]]:
    """What keeps a card's JSON from being a STAC Item with the MLM extension, one sentence each."""
    pytest.importorskip("stac_model", reason="needs stac-model, which the developer's environment has")
    return _beside("stac_item").faults


@pytest.fixture(scope="session")
def valid_item(item_faults: Callable[[Mapping[str, Any]], list[str]]) -> Callable[[Mapping[str, Any]], None]:
    """Asserts that a card's JSON (``card.raw``) is a valid STAC Item with the MLM extension."""

    def check(card_json: Mapping[str, Any]) -> None:
        assert item_faults(card_json) == []

    return check


@pytest.fixture
def log(qgis_app: Any) -> Iterator[Any]:
    """Feedback for Processing that keeps what it was told: ``lines`` and ``percents``."""
    from qgis.core import QgsProcessingFeedback
    from qgis.PyQt import sip

    class Log(QgsProcessingFeedback):
        def __init__(self) -> None:
            super().__init__(False)
            self.lines: list[str] = []
            self.percents: list[float] = []
            self.progressChanged.connect(self.percents.append)

        def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802, N803
            self.lines.append(error)

        def _keep(self, line: str) -> None:
            self.lines.append(line)

        pushInfo = pushWarning = pushDebugInfo = setProgressText = _keep  # noqa: N815

    made = Log()
    yield made
    sip.delete(made)
