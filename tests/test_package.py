"""The zip that users install: the rules of plugins.qgis.org hold for it, and it is the same everywhere."""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from plugin_site import RULES, Package, field  # noqa: E402


def _rights(package: Package) -> list[str]:
    modes = {entry.filename: entry.external_attr >> 16 for entry in package.entries}
    return [name for name, mode in modes.items() if not stat.S_ISREG(mode) or mode & 0o133]


@pytest.fixture(scope="module")
def package() -> ModuleType:
    """scripts/package.py."""
    spec = importlib.util.spec_from_file_location("package", ROOT / "scripts" / "package.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the files as they lie here."""
    target = tmp_path_factory.mktemp("package") / "geofm.zip"
    _pack(ROOT, target)
    return target


def _run(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/package.py", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, **variables})


def _pack(root: Path, target: Path, *words: str) -> None:
    done = _run(root, "--uncommitted", "--output", str(target), *words)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_the_plugin_site_holds(target: Path, name: str) -> None:
    assert RULES[name].faults(Package(target.read_bytes())) == []


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_the_plugin_site_sees_a_breach(
    package: ModuleType, target: Path, tmp_path: Path, name: str
) -> None:
    good = Package(target.read_bytes())
    made = tmp_path / "broken.zip"
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in RULES[name].breach(good.contents).items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = good.entries[0].external_attr
            archive.writestr(entry, data)
    assert RULES[name].faults(Package(made.read_bytes()))


@pytest.mark.parametrize("mode", [stat.S_IFREG | 0o755, stat.S_IFLNK | 0o644, stat.S_IFREG | 0o666])
def test_every_file_is_a_plain_one_that_its_owner_alone_can_change(target: Path, mode: int) -> None:
    found = Package(target.read_bytes())
    assert _rights(found) == []  # SCAN FILE_EXECUTABLE
    found.entries[0].external_attr = mode << 16
    assert _rights(found) == [found.names[0]]


def test_a_cut_zip_is_broken(target: Path) -> None:
    data = bytearray(target.read_bytes())
    assert Package(bytes(data)).broken is None
    data[data.index(b"classFactory")] ^= 1
    assert Package(bytes(data)).broken == "geofm/__init__.py"


def test_metadata_that_the_site_cannot_parse_is_seen(target: Path) -> None:
    found = Package(target.read_bytes())
    found.contents = field("about", "100 % sure")(found.contents)
    with pytest.raises(configparser.InterpolationSyntaxError):
        _ = found.metadata


def test_it_holds_what_the_plugin_is_made_of(target: Path) -> None:
    names = Package(target.read_bytes()).names
    parts = ("inference/client.py", "api/maps.py", "ui/dock.py", "resources/icons/geofm.svg", "README.md")
    for needed in parts:
        assert f"geofm/{needed}" in names
    folder = ROOT / "resources" / "requirements"
    lists = {path.name for kind in ("*.txt", "*.in") for path in folder.glob(kind)}
    lists = {*lists, "sizes.json", "pytorch.json", "licences.json"}
    lists -= {"dev.txt", "qgis-tests.txt", "qt6-tests.txt"}
    assert {n.rsplit("/", 1)[1] for n in names if n.startswith("geofm/resources/requirements/")} == lists
    cards = sorted(path.name for path in (ROOT / "resources" / "models").glob("*.json"))
    assert [n.rsplit("/", 1)[1] for n in names if n.startswith("geofm/resources/models/")] == cards
    assert not any(name.endswith(("dev.txt", "-tests.txt")) for name in names)


def _checkout(folder: Path, target: Path) -> Path:
    """Another checkout of what is in the zip, in a repository of its own, with other times."""
    found = Package(target.read_bytes())
    for name, data in found.contents.items():
        file = folder.joinpath(*name.split("/")[1:])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (1_000_000_000, 1_000_000_000 + len(name)))
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "package.py", folder / "scripts")
    shutil.copy(ROOT / ".gitattributes", folder)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "All")
    return folder


def _git(folder: Path, *words: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *words], cwd=folder, check=True, env={**os.environ, **identity, **plain})


def _pythons() -> list[str]:
    """This Python and all others in reach."""
    named = filter(None, (shutil.which(f"python3.{minor}") for minor in range(9, 16)))
    # What a name stands for may be a program that starts others, and says that it has none.
    working = (one for one in named if not subprocess.run([one, "-c", ""], capture_output=True).returncode)
    return [sys.executable, *working]


def test_the_zip_is_the_same_bytes_everywhere(target: Path, tmp_path: Path) -> None:
    other = _checkout(tmp_path / "another folder", target)
    wanted = target.read_bytes()
    for number, python in enumerate(_pythons()):
        made = tmp_path / f"{number}.zip"
        script = f'umask 077; exec "{python}" scripts/package.py --output "{made}"'
        variables = {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": str(number)}
        subprocess.run(["sh", "-c", script], cwd=other, check=True, env={**os.environ, **variables})
        assert made.read_bytes() == wanted
    # Nothing in it can depend on a compressor.
    assert {entry.compress_type for entry in Package(wanted).entries} == {zipfile.ZIP_STORED}
    assert {(entry.date_time, entry.create_system, entry.flag_bits) for entry in Package(wanted).entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, 0)
    }


def test_what_is_not_committed_is_refused_by_name(target: Path, tmp_path: Path) -> None:
    other, made = _checkout(tmp_path / "here", target), tmp_path / "made.zip"
    (other / "notes.txt").write_text("of no concern", encoding="utf-8")
    os.utime(other / "api" / "maps.py")
    assert _run(other, "--output", str(made)).returncode == 0
    made.unlink()
    (other / "api" / "maps.py").write_text("changed", encoding="utf-8")
    (other / "plugin.py").unlink()
    (other / "ui" / "new.py").write_text("never added", encoding="utf-8")
    done = _run(other, "--output", str(made))
    assert done.returncode == 1
    assert not made.exists()
    told = [line.strip() for line in done.stderr.splitlines()[1:]]
    assert told == ["api/maps.py", "plugin.py", "ui/new.py"]
    _pack(other, made)
    names = Package(made.read_bytes()).names
    assert "geofm/ui/new.py" in names
    assert "geofm/plugin.py" not in names


def test_a_link_is_refused(target: Path, tmp_path: Path) -> None:
    other = _checkout(tmp_path / "here", target)
    try:
        (other / "ui" / "link.py").symlink_to("../plugin.py")
    except OSError:
        pytest.skip("needs symbolic links")
    _git(other, "add", "-A")
    _git(other, "commit", "-q", "-m", "A link")
    done = _run(other, "--output", str(tmp_path / "made.zip"))
    assert (done.returncode, done.stderr) == (1, "ui/link.py is not a plain file.\n")


def test_the_packed_plugin_imports_by_itself(target: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "plugins")
    code = (
        "import geofm.inference.client\n"
        "from geofm.inference.catalog import default_catalog\n"
        "print(len(default_catalog().cards()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "plugins", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3


_needs_scanners = pytest.mark.skipif(
    importlib.util.find_spec("bandit") is None or importlib.util.find_spec("detect_secrets") is None,
    reason="needs bandit and detect-secrets, which make setup installs",
)


@_needs_scanners
@pytest.mark.slow
@pytest.mark.parametrize("name", ["bandit", "detect-secrets"])
def test_a_scanner_of_the_plugin_site_finds_nothing(
    package: ModuleType, target: Path, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path)
    assert package.SCANNERS[name](tmp_path) == []


@_needs_scanners
def test_the_scanners_look(package: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "shell.py").write_text("import os\nos.system(input())\nassert True\n", encoding="utf-8")
    (tmp_path / "half.py").write_text("def (", encoding="utf-8")
    key = "".join(("AKIA", "IOSFODNN7", "EXAMPLX"))
    (tmp_path / "words.json").write_text(f'{{"key": "{key}"}}', encoding="utf-8")
    (tmp_path / "metadata.txt").write_text(f'[general]\ncommit = "{"0f3a" * 10}"\n', encoding="utf-8")
    found = "\n".join(package.SCANNERS["bandit"](tmp_path))
    for word in ("B605", "B101", "half.py: "):
        assert word in found
    assert any("words.json:1: AWS" in line for line in package.SCANNERS["detect-secrets"](tmp_path))


_NOSEC = re.compile(r"#\s*nosec\b(.*)")


def test_every_exception_for_bandit_names_its_test_and_stands_by_a_reason(target: Path) -> None:
    """``nosec`` hides one finding, never all of a line; code of that kind is rare enough to be counted."""
    found = []
    for name, data in Package(target.read_bytes()).contents.items():
        for line in data.decode("utf-8", "replace").splitlines() if name.endswith(".py") else ():
            marked = _NOSEC.search(line)
            if marked:
                found.append(f"{name}: {line.strip()}")
                assert re.fullmatch(r" B\d{3}", marked.group(1)), line
    assert 0 < len(found) <= 40, found
