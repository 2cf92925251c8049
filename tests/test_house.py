"""What holds for the repository as a whole: version, licence, what is shipped, what is written."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import geofm
from geofm.inference.environment import requirements

ROOT = Path(__file__).resolve().parents[1]
ENGINE_LISTS = ("linux-x86_64-cpu.txt", "linux-x86_64-openvino.txt")
# Pieces, so that this file does not say what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w.~$}>-])/(?:wo" r"rk|ro" r"ot|tm" r"p)/[\w.]")
LEFT_OPEN = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
REGISTRY = re.compile(r"\b(?:py" r"pi|python" r"hosted|npm" r"js|deb\.deb" r"ian)\.(?:org|com)\b")


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("needs a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> dict[str, str]:
    texts = {}
    for name in _tracked():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data[:8000]:
            texts[name] = data.decode("utf-8")
    return texts


def test_one_version_everywhere() -> None:
    metadata = (ROOT / "metadata.txt").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    stated = re.search(r"^version\s*=\s*(\S+)$", metadata, re.M)
    newest = re.search(r"^## \[(\d[^\]]*)\]", changelog, re.M)
    assert stated is not None
    assert newest is not None
    assert stated.group(1) == newest.group(1) == geofm.__version__


def test_the_licence_is_the_gpl_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text
    assert "GPL-2.0-or-later" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", [MACHINE_PATH, LEFT_OPEN, REGISTRY], ids=["path", "open", "host"])
def test_no_file_says_what_belongs_to_one_machine_or_to_later(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in _texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_every_module_of_inference_has_its_row() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.M)
    named = {name for cell in cells for name in re.findall(r"`(\w+\.py)`", cell)}
    rooms = ("", "/features", "/learning", "/parts", "/results", "/weights")
    folders = ("inference", *(f"inference/engine{room}" for room in rooms))
    modules = {path.name for folder in folders for path in (ROOT / folder).glob("[!_]*.py")}
    assert modules - named == set()


def _expanded(pattern: str) -> list[str]:
    """What ``a-{b,c}`` stands for."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    return ["".join(chosen) for chosen in itertools.product(*parts)]


def test_the_readme_names_every_model() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ") and "`" in line]
    named = [name for row in rows for pattern in re.findall(r"`([^`]+)`", row) for name in _expanded(pattern)]
    assert sorted(named) == sorted(path.stem for path in (ROOT / "resources" / "models").glob("*.json"))


def _pins(name: str) -> dict[str, str]:
    pins = {}
    for line in (ROOT / "resources" / "requirements" / name).read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text:
            package, _, version = text.partition("==")
            pins[re.sub(r"[-_.]+", "-", package).lower()] = version
    return pins


@pytest.mark.parametrize("name", ["dev.txt", "qgis-tests.txt", "qt6-tests.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    assert [package for package, version in _pins(name).items() if not version] == []


def test_the_engine_pins_all_that_it_imports() -> None:
    distributions = {
        "sklearn": "scikit-learn",
        "google": "protobuf",
        "yaml": "pyyaml",
        "huggingface_hub": "huggingface-hub",
    }
    imported = set()
    for path in (ROOT / "inference" / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add((node.module or "").split(".")[0])
    foreign = {distributions.get(name, name) for name in imported - set(sys.stdlib_module_names)}
    assert {"torch", "rasterio", "numpy"} <= foreign
    assert foreign - {package for name in ENGINE_LISTS for package in requirements.pins(name)} == set()


def test_make_env_is_enough_to_work_by_hand(tmp_path: Path) -> None:
    script = f'eval "$(make -s -C "{ROOT}" env)" && cd "{tmp_path}" && python3 -m geofm --version && env'
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GEOFM", "QGIS"))}
    done = subprocess.run(["bash", "-ec", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"GeoFM {geofm.__version__}"
    settings = dict(line.split("=", 1) for line in done.stdout.splitlines()[1:] if "=" in line)
    assert (Path(settings["QGIS_PLUGINPATH"]) / "geofm" / "metadata.txt").is_file()
    profile = Path(settings["QGIS_CUSTOM_CONFIG_PATH"]) / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    assert "geofm=true" in profile.read_text(encoding="utf-8")


def test_the_readme_tells_only_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):", makefile, re.M))
    for document in ("README.md", "CONTRIBUTING.md"):
        told = set(re.findall(r"`make ([a-z0-9]+)", (ROOT / document).read_text(encoding="utf-8")))
        assert told
        assert told <= targets, document


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for name, text in _texts().items():
        if name.endswith(".md"):
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in link and not (ROOT / name).parent.joinpath(link).exists():
                    broken.append(f"{name}: {link}")
    assert broken == []
