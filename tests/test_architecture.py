"""The rooms of docs/architecture.md and who may import what, read from the source itself."""

from __future__ import annotations

import ast
import sys
from pathlib import Path, PurePosixPath

import pytest

from geofm.inference.jobs import Task

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("algorithms", "api", "inference", "resources", "ui")
QGIS_SIDE = {"qgis", "processing", "osgeo"}
ENGINE = "inference/engine"
TASKS = f"{ENGINE}/tasks"
QT_OR_QGIS = {"qgis", "processing", "osgeo", "PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}


def _sources() -> list[str]:
    """Paths of the package's modules, from the root."""
    files = [*ROOT.glob("*.py"), *(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))]
    return sorted(p.relative_to(ROOT).as_posix() for p in files if "__pycache__" not in p.parts)


SOURCES = _sources()


def _within(path: str, room: str) -> bool:
    return path in (room, f"{room}.py") or path.startswith(f"{room}/")


def _imports(path: str, tree: ast.AST) -> list[tuple[str, str]]:
    """What a module imports: ("abs", "torch.nn") or ("rel", "inference/engine/grid").

    A relative import that leaves the package answers ("rel", "..").
    """
    found = []
    package = PurePosixPath(path).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [("abs", alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append(("abs", node.module or ""))
        elif isinstance(node, ast.ImportFrom):
            up = node.level - 1
            if up > len(package):
                found.append(("rel", ".."))
                continue
            base = [*package[: len(package) - up], *(node.module or "").split(".")]
            target = "/".join(part for part in base if part)
            found += [("rel", "/".join(x for x in (target, alias.name) if x)) for alias in node.names]
    return found


def _import_faults(path: str, source: str) -> list[str]:
    """Every import of a module that the rooms forbid, one sentence each."""
    faults = []
    in_engine = _within(path, ENGINE)
    for kind, name in _imports(path, ast.parse(source)):
        top = name.split(".")[0]
        if kind == "rel":
            if name == "..":
                faults.append("a relative import leaves the package")
            if not in_engine and _within(name, ENGINE):
                faults.append(f"{name} is imported outside the engine")
            if _within(name, TASKS) and not _within(path, TASKS) and path != f"{ENGINE}/pipeline.py":
                faults.append(f"{name}: what tasks share is no task")
            if _within(path, "algorithms") and _within(name, "ui"):
                faults.append("algorithms import ui")
            if _within(path, "inference") and name.split("/")[0] != "inference" and name != "__version__":
                faults.append(f"inference imports {name}, which is above it")
        elif top == "geofm":
            faults.append("the package imports itself by its absolute name")
        elif top.startswith(("PyQt", "PySide")):
            faults.append(f"{name} is not imported through qgis.PyQt")
        elif _within(path, "inference") and top in QT_OR_QGIS:
            faults.append(f"inference imports {name}")
        elif not in_engine and top not in sys.stdlib_module_names:
            if _within(path, "inference") or path in ("cli.py", "__main__.py", "__init__.py"):
                faults.append(f"{name} is not of the standard library")
            elif top not in QGIS_SIDE:
                faults.append(f"{name} is neither of the standard library nor of QGIS")
    return faults


def _age_faults(source: str) -> list[str]:
    """What Python 3.9 would refuse, as far as the source shows it."""
    try:
        tree = ast.parse(source, feature_version=(3, 9))
    except SyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    faults = []
    body = [n for n in tree.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    postponed = any(
        isinstance(n, ast.ImportFrom) and n.module == "__future__" and n.names[0].name == "annotations"
        for n in body
    )
    if body and not postponed:
        faults.append("lacks `from __future__ import annotations`")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = {word.arg for word in node.keywords}
            if (name == "zip" and "strict" in words) or (
                name == "dataclass" and words & {"slots", "kw_only"}
            ):
                faults.append(f"line {node.lineno}: {name} with an argument of Python 3.10")
    return faults


_PICKLING = {"pickle", "dill", "joblib", "marshal", "shelve"}
_HARMLESS = {"UnpicklingError"}  # to tell a damaged checkpoint
# What runs code or a shell, makes objects of a file, or unpacks an archive wherever its names say.
_RUNNING = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile", "pty.spawn",
    "subprocess.getoutput", "subprocess.getstatusoutput", "yaml.load", "yaml.unsafe_load", "yaml.full_load",
    "yaml.load_all", "tempfile.mktemp", "shutil.unpack_archive", "runpy.run_path", "runpy.run_module",
}
# Runs pip, venv and the trial in a process that ends with the one that started it.
_LEASH = "inference/environment/leash.py"
# Who may start another program: always a list of words that no job, card or raster has a say in.
_STARTING = ("inference/process.py", "inference/engine/weights/wheels.py", "inference/environment/")


def _unsafe_loads(source: str) -> list[str]:
    """Ways of loading a file that could run code out of it."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            faults += [f"imports {a.name}" for a in node.names if a.name in _PICKLING - {"pickle"}]
        elif isinstance(node, ast.ImportFrom) and node.module in _PICKLING:
            faults += [f"imports {a.name}" for a in node.names if a.name not in _HARMLESS]
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "pickle":
            faults += [f"uses pickle.{node.attr}"] if node.attr not in _HARMLESS else []
        elif isinstance(node, ast.Call):
            faults += _unsafe_call(node)
    return faults


def _unsafe_call(node: ast.Call) -> list[str]:
    called = ast.unparse(node.func)
    safe = any(
        word.arg == "weights_only" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in node.keywords
    )
    shell = any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in node.keywords)
    unsafe = called in _RUNNING or called.startswith(("os.exec", "os.spawn", "os.posix_spawn")) or shell
    unsafe = unsafe or (called == "torch.load" and not safe)
    return [f"line {node.lineno}: {called}"] if unsafe else []


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_imports_only_what_its_room_may(path: str) -> None:
    assert _import_faults(path, (ROOT / path).read_text(encoding="utf-8")) == []


def _is_family(source: str) -> bool:
    """Whether a module says how a card of its family is loaded: a function or a name ``load``."""
    named = [
        target
        for node in ast.parse(source).body
        for target in (getattr(node, "targets", None) or [node])
        if isinstance(node, (ast.FunctionDef, ast.Assign))
    ]
    return "load" in {getattr(one, "id", getattr(one, "name", "")) for one in named}


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if _within(p, f"{ENGINE}/backbones") and not p.endswith("__init__.py")]
)
def test_the_room_of_families_holds_nothing_else(path: str) -> None:
    assert _is_family((ROOT / path).read_text(encoding="utf-8"))
    assert not _is_family("def unload() -> None:\n    load = 1")


def test_the_room_of_tasks_holds_one_file_a_task() -> None:
    names = {PurePosixPath(path).stem for path in SOURCES if _within(path, TASKS)} - {"__init__"}
    assert names == {"train" if task is Task.TRAIN else task.value for task in Task}


@pytest.mark.parametrize("path", [p for p in SOURCES if not _within(p, ENGINE)])
def test_what_runs_inside_qgis_runs_on_python_3_9(path: str) -> None:
    assert _age_faults((ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [p for p in SOURCES if not p.startswith(_STARTING)])
def test_other_programs_are_started_in_few_places(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    named = {name.split(".")[0] for kind, name in _imports(path, tree) if kind == "abs"}
    assert not named & {"subprocess", "multiprocessing", "pty", "QProcess"}


@pytest.mark.parametrize("path", [path for path in SOURCES if path != _LEASH])
def test_no_file_is_loaded_in_a_way_that_runs_code(path: str) -> None:
    assert _unsafe_loads((ROOT / path).read_text(encoding="utf-8")) == []


def test_the_leash_runs_modules_and_scripts_alone() -> None:
    faults = _unsafe_loads((ROOT / _LEASH).read_text(encoding="utf-8"))
    assert {fault.split(": ")[1] for fault in faults} == {"runpy.run_module", "runpy.run_path"}


def test_every_room_is_there_and_none_shadows_qgis() -> None:
    for room in ROOMS:
        assert (ROOT / room).is_dir(), room
    for name in ("processing", "qgis", "console"):
        assert not (ROOT / name).exists(), f"{name} would shadow QGIS's own package"
        assert not (ROOT / f"{name}.py").exists(), f"{name} would shadow QGIS's own package"
    assert len(SOURCES) > 20


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("inference/jobs.py", "from qgis.core import QgsProject"),
        ("inference/engine/grid.py", "from osgeo import gdal"),
        ("inference/client.py", "import numpy as np"),
        ("inference/client.py", "from .engine.grid import Grid"),
        ("inference/client.py", "from .engine import grid"),
        ("inference/client.py", "from ..ui import dock"),
        ("inference/engine/changes/taught.py", "from ..tasks.train import train"),
        ("algorithms/segment.py", "from ..inference.engine.grid import Grid"),
        ("algorithms/segment.py", "from ..ui.dock import Dock"),
        ("algorithms/segment.py", "def late():\n    from .. import ui"),
        ("ui/dock.py", "import torch"),
        ("ui/dock.py", "from PyQt5.QtWidgets import QWidget"),
        ("api/maps.py", "import rasterio"),
        ("cli.py", "from qgis.core import QgsProject"),
        ("plugin.py", "from geofm.ui import dock"),
        ("plugin.py", "from ..other import thing"),
    ],
)
def test_the_import_rules_see_a_breach(path: str, source: str) -> None:
    assert _import_faults(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("inference/engine/pipeline.py", "import torch\nfrom ..jobs import Job\nfrom .grid import Grid"),
        ("inference/engine/tasks/embed.py", "from ..grid import Grid\nfrom ...jobs import Job"),
        ("algorithms/segment.py", "from qgis.core import Qgis\nfrom ..inference.jobs import Job"),
        ("plugin.py", "from .ui.dock import Dock\nfrom qgis.PyQt.QtCore import QObject"),
        ("inference/worker.py", "from .. import __version__"),
    ],
)
def test_the_import_rules_let_good_code_pass(path: str, source: str) -> None:
    assert _import_faults(path, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nmatch x:\n    case 1: pass",
        "from __future__ import annotations\nzip(a, b, strict=True)",
        "from __future__ import annotations\n@dataclass(frozen=True, slots=True)\nclass A: pass",
        "x: int | None = None",
    ],
)
def test_the_age_rule_sees_a_breach(source: str) -> None:
    assert _age_faults(source)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.loads(b)",
        "from pickle import loads",
        "import joblib",
        "torch.load(p)",
        "torch.load(p, weights_only=False)",
        "eval(x)",
        "os.system(x)",
        "os.execv(x, y)",
        "subprocess.run(x, shell=True)",
        "yaml.load(x)",
        "__import__(x)",
    ],
)
def test_the_loading_rule_sees_a_breach(source: str) -> None:
    assert _unsafe_loads(source)
    assert _unsafe_loads("torch.load(path, weights_only=True)") == []
