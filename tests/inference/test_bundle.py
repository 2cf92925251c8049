"""A bundle is written where there is a network, and a set-up is made of it where there is none."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geofm.inference import environment
from geofm.inference.environment import NotInstalled, SetupOptions, accelerators, requirements
from geofm.inference.environment.bundle import MANIFEST, Bundle, Target, read_bundle
from geofm.inference.environment.bundling import make_bundle, version_of
from geofm.inference.environment.platforms import this_platform
from geofm.inference.errors import Cancelled, InvalidRequest

sys.path.insert(0, str(Path(__file__).parent))
from package_index import Index  # noqa: E402

HERE = this_platform().tag


@pytest.fixture(scope="session")
def python() -> str:
    """The version of the Python that a set-up takes here."""
    return version_of(environment.find_python())


@pytest.fixture
def index(small: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """The only place that has the packages of the small lists."""
    with Index(wheels).serve() as served:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_RETRIES", "0")
        yield served


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one bundle lies that most tests have a copy of; the packages are the same bytes each time."""
    return tmp_path_factory.mktemp("kept") / "bundle"


@pytest.fixture
def made(index: Index, python: str, tmp_path: Path, kept: Path) -> Bundle:
    """A bundle for this machine; the index that it was made from answers no more."""
    if not (kept / MANIFEST).is_file():
        make_bundle(kept, Target(HERE, python), SetupOptions(index=index.url))
    shutil.copytree(kept, tmp_path / "bundle")
    index.asked.clear()
    index.login = "nobody:knows"
    return read_bundle(tmp_path / "bundle")


def test_a_bundle_holds_all_and_says_what(made: Bundle, python: str) -> None:
    assert read_bundle(made.folder) == made
    assert made.problems(HERE, python) == ()
    assert list(made.files) == ["wheels/small_library-1.0-py3-none-any.whl"]
    assert made.size == sum(path.stat().st_size for path in made.wheels.iterdir())
    assert not (made.folder / ".work").exists()
    readme = (made.folder / "README.txt").read_text(encoding="utf-8")
    assert "setup --bundle" in readme
    assert "Install from ZIP" in readme


def test_a_set_up_from_a_bundle_asks_nobody(made: Bundle, index: Index) -> None:
    python = environment.create(SetupOptions(bundle=str(made.folder)))
    assert environment.engine_python() == python
    said = subprocess.run(
        [str(python), "-I", "-c", "import small_library; print(small_library.version)"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout.strip() == "1.0"
    assert index.asked == []


NETWORKLESS = (
    shutil.which("unshare")
    and not subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode
)


@pytest.mark.skipif(not NETWORKLESS, reason="needs unshare and the right to make a network namespace")
def test_a_set_up_from_a_bundle_needs_no_network(
    made: Bundle, small: Path, tmp_path: Path, own_home: Path
) -> None:
    """In a namespace of its own without any network, not even the loopback."""
    script = tmp_path / "offline.py"
    root = Path(__file__).resolve().parents[2]
    script.write_text(
        f"""
import importlib.util, pathlib, socket, sys
spec = importlib.util.spec_from_file_location(
    "geofm", {str(root / "__init__.py")!r}, submodule_search_locations=[{str(root)!r}]
)
module = importlib.util.module_from_spec(spec)
sys.modules["geofm"] = module
spec.loader.exec_module(module)
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as error:
    print(error)
from geofm.inference import environment
from geofm.inference.environment import SetupOptions, making, requirements
requirements.folder = lambda: pathlib.Path({str(small.parent)!r})
making._TRIAL = pathlib.Path({str(tmp_path / "trial.py")!r})
print(environment.create(SetupOptions(bundle={str(made.folder)!r}, accelerator="cpu")))
""",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unreachable" in done.stdout
    assert environment.check().state is environment.State.READY


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"platform": "windows-x86_64"}, "is for windows-x86_64, and this machine is"),
        ({"python": "3.99"}, "is for Python 3.99"),
        ({"lists": {"pip.txt": "sha256:0"}}, "with other lists"),
        ({"whole": False}, "not finished"),
    ],
)
def test_a_bundle_of_another_machine_or_version_is_refused_in_a_sentence(
    made: Bundle, change: dict[str, object], words: str, own_home: Path
) -> None:
    manifest = made.folder / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text(encoding="utf-8")), **change}))
    with pytest.raises(NotInstalled, match=words) as caught:
        environment.create(SetupOptions(bundle=str(made.folder)))
    assert f"bundle FOLDER --platform {HERE}" in caught.value.hint
    assert environment.check().state is environment.State.MISSING


def test_a_damaged_file_is_found_by_its_digest(made: Bundle) -> None:
    (wheel,) = made.wheels.iterdir()
    data = bytearray(wheel.read_bytes())
    data[len(data) // 2] ^= 1
    wheel.write_bytes(data)
    with pytest.raises(NotInstalled, match=rf"{wheel.name} is damaged"):
        environment.create(SetupOptions(bundle=str(made.folder)))
    wheel.unlink()
    with pytest.raises(NotInstalled, match=rf"lacks wheels/{wheel.name}"):
        environment.create(SetupOptions(bundle=str(made.folder)))


@pytest.mark.parametrize("path", ["../outside.whl", "/etc/passwd", "wheels/../../x", "C:/x", "wheels\\x", ""])
def test_a_manifest_names_nothing_outside_its_folder(made: Bundle, path: str) -> None:
    manifest = made.folder / MANIFEST
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["files"][path] = {"size": 1, "sha256": "0" * 64}
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(InvalidRequest, match="not of this version"):
        read_bundle(made.folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '"bundle"', "null"])
def test_what_is_no_bundle_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match="There is no bundle"):
        read_bundle(tmp_path / "nowhere")
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest):
        read_bundle(tmp_path)


def test_a_bundle_that_was_cut_off_is_gone_on_with(
    index: Index, small: Path, wheels: Path, python: str, tmp_path: Path, write_wheel: Callable[..., str]
) -> None:
    more = write_wheel(wheels, "torch", "2.0")
    small.write_text(small.read_text(encoding="utf-8") + more, encoding="utf-8")
    folder, options = tmp_path / "bundle", SetupOptions(index=index.url)
    index.cuts["torch-2.0-py3-none-any.whl"] = [0] * 100
    with pytest.raises(NotInstalled):
        make_bundle(folder, Target(HERE, python), options)
    assert not read_bundle(folder).whole
    with pytest.raises(NotInstalled, match="not finished"):
        environment.create(SetupOptions(bundle=str(folder)))
    index.cuts.clear()
    index.asked.clear()
    made = make_bundle(folder, Target(HERE, python), options)
    assert made.whole
    assert index.files() == ["torch-2.0-py3-none-any.whl"]


def test_a_bundle_is_cancelled_and_other_folders_stay_as_they_are(
    index: Index, python: str, tmp_path: Path
) -> None:
    target, options = Target(HERE, python), SetupOptions(index=index.url)
    with pytest.raises(Cancelled):
        make_bundle(tmp_path / "bundle", target, options, cancelled=lambda: True)
    with pytest.raises(InvalidRequest, match="holds a bundle for"):
        make_bundle(tmp_path / "bundle", dataclasses.replace(target, python="3.98"), options)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.odt").write_text("years", encoding="utf-8")
    with pytest.raises(InvalidRequest, match="not empty"):
        make_bundle(tmp_path / "mine", target, options)
    assert os.listdir(tmp_path / "mine") == ["thesis.odt"]


def test_what_is_in_for_another_platform_is_what_pip_would_take_there(
    index: Index, wheels: Path, small: Path, tmp_path: Path, write_wheel: Callable[..., str]
) -> None:
    """Wheels with tags of Windows, chosen on whatever machine this is."""
    line = write_wheel(wheels, "geofm_native", "1.0")
    plain = wheels / "geofm_native-1.0-py3-none-any.whl"
    for tag in ("cp312-cp312-win_amd64", "cp311-cp311-win_amd64", "cp312-cp312-manylinux_2_28_x86_64"):
        shutil.copyfile(plain, wheels / f"geofm_native-1.0-{tag}.whl")
    plain.unlink()
    (small.parent / "windows-x86_64-cpu.txt").write_text(line, encoding="utf-8")
    notes = small.parent / requirements.SIZES
    weights = json.loads(notes.read_text(encoding="utf-8"))
    weights["wheels"]["windows-x86_64-cpu.txt"] = {"all": [1000, 1000]}
    notes.write_text(json.dumps(weights), encoding="utf-8")
    requirements._notes.cache_clear()
    target = Target("windows-x86_64", "3.12")
    made = make_bundle(tmp_path / "bundle", target, SetupOptions(index=index.url))
    assert list(made.files) == ["wheels/geofm_native-1.0-cp312-cp312-win_amd64.whl"]


def test_models_and_the_plugin_travel_and_land(made: Bundle, tmp_path: Path, own_home: Path) -> None:
    store = tmp_path / "store" / "small-model"
    store.mkdir(parents=True)
    for name in ("weights.safetensors", "weights.safetensors.pin.json", "card.json"):
        (store / name).write_text(f"what is in {name}", encoding="utf-8")
    plugin = tmp_path / "geofm-9.zip"
    plugin.write_bytes(b"zip")
    # All packages are there: no index is asked.
    full = make_bundle(made.folder, made.target, models=[store / "weights.safetensors"], plugin=plugin)
    assert "geofm-9.zip" in full.files
    assert "geofm-9.zip" in (full.folder / "README.txt").read_text(encoding="utf-8")
    assert len(full.land_models()) == 3
    for path in store.iterdir():
        landed = own_home / "models" / "small-model" / path.name
        assert landed.read_bytes() == path.read_bytes()
    assert full.land_models() == []
    (own_home / "models" / "small-model" / "weights.safetensors").unlink()
    damaged = full.folder / "models" / "small-model" / "weights.safetensors"
    damaged.write_text("what is ON weights.safetensors", encoding="utf-8")
    with pytest.raises(NotInstalled, match="damaged"):
        full.land_models()
    assert not (own_home / "models" / "small-model" / "weights.safetensors").exists()


def test_a_bundle_says_which_device_and_which_extras_it_is_for(
    made: Bundle, small: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(made.folder)
    plan = environment.plan(SetupOptions(bundle=place))
    assert plan.problems == ()
    assert plan.download == 0
    (problem,) = environment.plan(SetupOptions(bundle=place, extras=("openvino",))).problems
    assert f"it lacks what {HERE}-openvino.txt lists" in problem
    # Where there is a GPU and nothing was chosen, a bundle for the processor is not refused.
    (small.parent / f"{HERE}-cuda.txt").write_text("# nothing\n", encoding="utf-8")
    gpu = accelerators.Found((accelerators.Gpu(0, "GPU", 24 << 30, "600.0", "9.0"),))
    monkeypatch.setattr(accelerators, "find_gpus", lambda platform: gpu)
    plan = environment.plan(SetupOptions(bundle=place))
    assert (plan.accelerator, plan.problems) == ("cpu", ())


def test_a_python_that_does_not_start_is_not_what_is_wrong_with_a_bundle(
    made: Bundle, python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the stubs are that pyenv puts on the path for Pythons that it could install."""
    other = "3.13" if python != "3.13" else "3.12"
    stub = tmp_path / "shims" / f"python{other}"
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(stub.parent), prepend=os.pathsep)
    facts = json.loads((made.folder / MANIFEST).read_text(encoding="utf-8"))
    (made.folder / MANIFEST).write_text(json.dumps({**facts, "python": other}), encoding="utf-8")
    (problem,) = environment.plan(SetupOptions(bundle=str(made.folder))).problems
    assert problem == f"The bundle is for Python {other}, and the engine's would be {python}."
