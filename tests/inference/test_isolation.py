"""Nothing of the caller reaches the engine: its variables, its folders' names, its Python, its windows."""

from __future__ import annotations

import ast
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from geofm.inference.client import Engine
from geofm.inference.environment.variables import PIP_VARIABLE, child_environment, pip_environment
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import engine_log_path

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
# {poison} is a folder of modules that end whoever imports them, and of libraries that are none.
POISON = {
    "PYTHONPATH": "{poison}",
    "PYTHONHOME": "{poison}",
    "PYTHONPLATLIBDIR": "poison",
    "PYTHONSTARTUP": "{poison}/sitecustomize.py",
    "PYTHONUSERBASE": "{poison}",
    "PYTHONEXECUTABLE": "{poison}/python",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PYTHONINSPECT": "1",
    "PYTHONIOENCODING": "poison",
    "__PYVENV_LAUNCHER__": "{poison}/python",
    "VIRTUAL_ENV": "{poison}",
    "GDAL_DATA": "{poison}",
    "GDAL_DRIVER_PATH": "{poison}",
    "GDAL_SKIP": "GTiff,MEM",
    "GDAL_CONFIG_FILE": "{poison}/gdalrc",
    "GEOTIFF_CSV": "{poison}",
    "PROJ_LIB": "{poison}",
    "PROJ_DATA": "{poison}",
    "PROJ_NETWORK": "ON",
    "LD_LIBRARY_PATH": "{poison}",
    "LD_PRELOAD": "{poison}/preloaded.so",
    "DYLD_LIBRARY_PATH": "{poison}",
    "DYLD_INSERT_LIBRARIES": "{poison}/preloaded.dylib",
    "DYLD_FRAMEWORK_PATH": "{poison}",
    "QT_PLUGIN_PATH": "{poison}",
    "QT_QPA_PLATFORM": "poison",
    "QT_QPA_PLATFORM_PLUGIN_PATH": "{poison}",
    "QGIS_PREFIX_PATH": "{poison}",
    "QGIS_PLUGINPATH": "{poison}",
    "OPENSSL_MODULES": "{poison}",
    "OPENSSL_ENGINES": "{poison}",
    "OSGEO4W_ROOT": "{poison}",
    "PIP_INDEX_URL": "https://ana:geheim@packages.example/simple",  # pragma: allowlist secret
    "PIP_TARGET": "{poison}",
    "PIP_REQUIRE_VIRTUALENV": "1",
}
KEPT = {
    "GEOFM_DEVICE": "cpu",
    "https_proxy": "http://proxy.example:3128",
    "SSL_CERT_FILE": "/etc/certificates.pem",
    "SSL_CERT_DIR": "/etc/certificates",
    "REQUESTS_CA_BUNDLE": "/etc/bundle.pem",
    "OMP_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
}
# What the shell and the tests say of themselves; pip's settings are put aside.
HARMLESS = {"PWD", "OLDPWD", "PYTEST_CURRENT_TEST", PIP_VARIABLE}


def _write_raster(path: Path, side: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(7).integers(1, 4000, (3, side, side)).astype("uint16")
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint16"}
    transform = from_origin(500000, 5400000, 10, 10)
    with rasterio.open(path, "w", **profile, crs="EPSG:32633", transform=transform) as raster:
        raster.write(values)
        for band, name in enumerate(("B02", "B03", "B04"), 1):
            raster.set_band_description(band, name)
    return path


@pytest.fixture(scope="module")
def poison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poison")
    for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "geofm.py", "inference.py"):
        (folder / name).write_text("raise SystemExit('poison')", encoding="utf-8")
    for name in ("libm.so.6", "libz.so.1", "libc.so.6", "gdal_poison.so", "proj.db", "gdalrc"):
        (folder / name).write_text("poison", encoding="utf-8")
    return folder


@pytest.fixture
def poisoned(poison: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The variables of this process, as a broken QGIS might leave them."""
    _plant(poison, monkeypatch)
    return poison


def _plant(poison: Path, patch: pytest.MonkeyPatch) -> None:
    for name, value in POISON.items():
        patch.setenv(name, value.format(poison=poison))
    for name, value in KEPT.items():
        patch.setenv(name, value)
    patch.chdir(poison)


@dataclass(frozen=True)
class Seen:
    """What an engine was given, and what it made of a real raster."""

    variables: dict[str, str]
    command: list[str]
    libraries: str
    problems: list[str]
    log: str
    crs: str


@pytest.fixture(scope="module")
def seen(
    poison: Path, engine_python: Path, scratch_environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """An engine started among all of the poison, after a real job."""
    folder = tmp_path_factory.mktemp("among")
    path, out = _write_raster(folder / "scene.tif"), folder / "features.tif"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOFM_HOME", str(folder / "home"))
        _plant(poison, patch)
        with Engine() as engine:
            job = Job(Task.EMBED, (RasterRef(str(path)),), str(out), model="spectral-texture")
            engine.submit(job).result(120)
            problems = engine.call("doctor").result(120)["problems"]
            process = Path(f"/proc/{engine.pid}")
            raw, command = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
            libraries = (process / "maps").read_text(encoding="utf-8")
        log = engine_log_path().read_text(encoding="utf-8")
    with rasterio.open(out) as result:
        crs = result.crs.to_string()
    variables = dict(row.split("=", 1) for row in raw.decode().split("\0") if "=" in row)
    return Seen(variables, command.decode().split("\0"), libraries, problems, log, crs)


@LINUX
@pytest.mark.parametrize("name", POISON)
def test_the_engine_does_not_get(name: str, seen: Seen) -> None:
    assert name not in seen.variables


@LINUX
@pytest.mark.parametrize("name", KEPT)
def test_the_engine_keeps(name: str, seen: Seen) -> None:
    assert seen.variables[name] == KEPT[name]


@LINUX
def test_the_engine_works_among_poison_and_takes_nothing_of_it(seen: Seen, poison: Path) -> None:
    assert seen.crs == "EPSG:32633"
    assert seen.problems == []
    assert "-I" in seen.command
    assert str(poison) not in seen.libraries
    assert "poison" not in seen.log
    assert seen.variables["PYTHONNOUSERSITE"] == "1"
    said = {name for name, value in seen.variables.items() if str(poison) in value or "geheim" in value}
    assert said <= HARMLESS
    for name in ("PATH", "HOME"):
        assert seen.variables[name] == os.environ[name]


@LINUX
@pytest.mark.parametrize("name", ["LD_LIBRARY_PATH", "LD_PRELOAD", "GDAL_SKIP", "PYTHONIOENCODING"])
def test_the_poison_is_one(name: str, poison: Path, engine_python: Path, tmp_path: Path) -> None:
    # Were it handed on, this is what would come of it: the tests above can fail.
    path = _write_raster(tmp_path / "scene.tif")
    code = f"import rasterio; rasterio.open({str(path)!r}).read()"
    clean = child_environment()
    planted = {**clean, name: POISON[name].format(poison=poison)}
    words = [str(engine_python), *(() if name.startswith("PYTHON") else ("-I",)), "-c", code]
    well, badly = (
        subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        for env in (clean, planted)
    )
    assert (well.returncode, well.stderr) == (0, "")
    assert badly.returncode != 0 or badly.stderr != ""


def test_pip_gets_the_machines_settings_back_on_both_sides_of_the_pipe(poisoned: Path) -> None:
    in_client = pip_environment()
    engine = child_environment()
    assert "PIP_INDEX_URL" not in engine
    in_engine = pip_environment(engine)
    for env in (in_client, in_engine):
        assert env["PIP_INDEX_URL"] == POISON["PIP_INDEX_URL"]
        assert env["PIP_NO_INPUT"] == "1"
        assert "PYTHONPATH" not in env


def test_names_are_dropped_in_any_case_and_settings_come_on_top() -> None:
    found = child_environment(
        {"https_proxy": "new"}, {"PythonPath": "x", "https_proxy": "old", "Path": "p", "Gdal_Data": "y"}
    )
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    assert found == {
        "https_proxy": "new", "Path": "p", "PYTHONNOUSERSITE": "1", "MKL_CBWR": "AUTO", **quiet
    }  # fmt: skip


def test_who_chooses_how_matrices_are_multiplied_is_heard() -> None:
    assert child_environment({}, {"MKL_CBWR": "COMPATIBLE"})["MKL_CBWR"] == "COMPATIBLE"


@pytest.mark.parametrize("root", [r"C:\PROGRA~1\QGIS34~1.11", "c:/progra~1/qgis34~1.11/"])
def test_on_windows_qgis_leaves_the_path(root: str) -> None:
    path = (
        r"C:\PROGRA~1\QGIS34~1.11\apps\qgis\bin;C:\PROGRA~1\QGIS34~1.11\apps\Qt5\bin;"
        r'C:\PROGRA~1\QGIS34~1.11;"C:\PROGRA~1\QGIS34~1.11\bin\";C:\WINDOWS\system32;'
        r"C:\PROGRA~1\QGIS34~1.110\bin;C:\WINDOWS"
    )
    found = child_environment({}, {"Path": path, "OSGEO4W_ROOT": root})
    assert found["Path"] == r"C:\WINDOWS\system32;C:\PROGRA~1\QGIS34~1.110\bin;C:\WINDOWS"
    assert "OSGEO4W_ROOT" not in found
    assert child_environment({}, {"Path": path})["Path"] == path
    assert child_environment({}, {"Path": path, "OSGEO4W_ROOT": ""})["Path"] == path


# --- folders ------------------------------------------------------------------------------------

AWKWARD = {
    "spaces and quotes": "it's a \"test\" & more; $HOME `x` %PATH% (1)",
    "other letters": "Übung Ωμέγα карта 数据 العربية 🌍",
    "200 characters": "/".join(["a folder whose name is fifty characters long, yes"] * 4),
}
RUN = """
import json, sys
from geofm.inference.client import Engine
from geofm.inference.jobs import Job, RasterRef, Task
scene, out = sys.argv[1:]
with Engine() as engine:
    done = engine.submit(Job(Task.EMBED, (RasterRef(scene),), out, model="spectral-texture")).job_result(120)
    facts = engine.call("doctor").result(120)
print(json.dumps({"outputs": done.outputs, "problems": facts["problems"], "python": facts["executable"]}))
"""


def _copy_plugin(plugins: Path) -> Path:
    """The plugin as it is installed: what is tracked, without tests and tools."""
    for name in ("__init__.py", "metadata.txt", "inference", "resources", "algorithms", "ui"):
        source, target = ROOT / name, plugins / "geofm" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return plugins / "geofm"


def _small_environment(folder: Path, engine_python: Path) -> Path:
    """An environment of its own that sees the libraries of the engine's."""
    subprocess.run([str(engine_python), "-I", "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next(folder.glob("lib*/python*/site-packages"), folder / "Lib" / "site-packages")
    libraries = subprocess.run(
        [str(engine_python), "-I", "-c", "import numpy; print(numpy.__path__[0])"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (site / "engine.pth").write_text(str(Path(libraries).parent) + "\n", encoding="utf-8")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _variables(plugins: Path, home: Path, python: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**clean, "PYTHONPATH": str(plugins), "GEOFM_HOME": str(home), "GEOFM_PYTHON": str(python)}


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids some of these letters")
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_folders_hold_everything(name: str, tmp_path: Path, engine_python: Path) -> None:
    top = tmp_path / AWKWARD[name]
    assert name != "200 characters" or len(str(top)) > 200
    plugins, home = top / "plugins", top / "home"
    _copy_plugin(plugins)
    python = _small_environment(home / "engines" / "one", engine_python)
    scene, out = _write_raster(top / "data" / "scene.tif"), top / "out" / "features.tif"
    out.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(scene), str(out)],
        env=_variables(plugins, home, python), cwd=top, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["problems"] == []
    assert Path(facts["python"]) == python
    with rasterio.open(out) as result, rasterio.open(scene) as given:
        assert (result.crs, result.transform, result.shape) == (given.crs, given.transform, given.shape)
    job = json.loads(out.with_name("features.tif.job.json").read_text(encoding="utf-8"))
    assert str(scene) in json.dumps(job, ensure_ascii=False).replace('\\"', '"')
    assert (home / "engine.log").is_file()


# --- a folder that cannot be written ------------------------------------------------------------


def _frozen(folder: Path, command: list[str]) -> list[str]:
    """A command to which a folder is read-only, for root by a mount of its own."""
    if os.geteuid() != 0:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        return command
    mounts = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}"'
    frozen = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*frozen, "true"], check=False).returncode:
        pytest.skip("root cannot be kept from writing here: needs unshare and mount")
    return [*frozen, *command]


@pytest.fixture
def frozen_plugin(tmp_path: Path) -> Iterator[Path]:
    yield _copy_plugin(tmp_path / "plugins")
    for path in (tmp_path / "plugins").rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="needs permissions as on Unix")
def test_a_plugin_folder_that_cannot_be_written_serves(
    frozen_plugin: Path, tmp_path: Path, engine_python: Path
) -> None:
    scene, out = _write_raster(tmp_path / "scene.tif"), tmp_path / "features.tif"
    before = sorted(frozen_plugin.rglob("*"))
    probe = frozen_plugin / "resources" / "probe"
    refused = subprocess.run(_frozen(frozen_plugin, ["touch", str(probe)]), capture_output=True, check=False)
    assert refused.returncode != 0
    done = subprocess.run(
        _frozen(frozen_plugin, [sys.executable, "-c", RUN, str(scene), str(out)]),
        env=_variables(frozen_plugin.parent, tmp_path / "home", engine_python),
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["problems"] == []
    assert out.is_file()
    assert sorted(frozen_plugin.rglob("*")) == before


# --- what the source starts ---------------------------------------------------------------------

ROOMS = ("algorithms", "api", "inference", "ui", "__init__.py", "__main__.py", "cli.py", "plugin.py")
OTHERS = ("os.system", "os.popen", "os.exec", "os.spawn", "os.startfile")
STARTERS = {"run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput"}
# Inside the engine sys.executable is the engine's own Python; elsewhere it may be QGIS.
KNOWS_ITS_PYTHON = ("inference/engine/", "inference/environment/platforms.py")
# These run in a process without a window, whose children have none either.
WITHOUT_WINDOW = ("inference/engine/", "inference/environment/leash.py")


@functools.lru_cache(maxsize=1)
def _sources() -> list[tuple[str, list[ast.AST]]]:
    """Every module of the package, and the nodes of its tree."""
    paths = itertools.chain.from_iterable(
        sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / room] for room in ROOMS
    )
    return [
        (path.relative_to(ROOT).as_posix(), list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
        for path in paths
    ]


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_no_code_of_qgis_side_knows_sys_executable_but_as_a_fact() -> None:
    found = {
        name
        for name, nodes in _sources()
        for node in nodes
        if _dotted(node) in ("sys.executable", "sys._base_executable")
        or (isinstance(node, ast.ImportFrom) and node.module == "sys")
    }
    assert {name for name in found if not name.startswith(KNOWS_ITS_PYTHON)} == set()
    assert "inference/environment/platforms.py" in found


def test_every_process_is_started_without_a_shell_a_window_or_our_input() -> None:
    seen = 0
    for name, nodes in _sources():
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            called = _dotted(node.func)
            assert not called.startswith(OTHERS), name
            assert called.split(".")[-1] not in ("QProcess", "ProcessPoolExecutor"), name
            if called.split(".")[0] != "subprocess" or called.split(".")[-1] not in STARTERS:
                continue
            seen += 1
            given = {word.arg for word in node.keywords}
            assert "shell" not in given, f"{name}:{node.lineno}"
            if not name.startswith(WITHOUT_WINDOW):
                assert "creationflags" in given, f"{name}:{node.lineno}"
    assert seen >= 5


def test_qgis_side_uses_no_multiprocessing() -> None:
    # It starts sys.executable, which in QGIS is QGIS.
    for name, nodes in _sources():
        for node in nodes:
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if not name.startswith("inference/engine/"):
                assert not [module for module in named if module.startswith("multiprocessing")], name
