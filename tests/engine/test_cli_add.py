"""A bare ONNX file through the command door: what it lacks is asked for, in a pipe or on a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(plugins: Path, scratch_home: Path, engine_python: Path) -> Shell:
    """``geofm(*words)`` runs ``python -m geofm words...`` in a pipe."""

    def geofm(*words: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "geofm", *words]
        variables = {**os.environ, "GEOFM_PYTHON": str(engine_python)}
        done = subprocess.run(
            command, cwd=plugins, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == check, done.stdout + done.stderr
        return done

    return geofm


def test_in_a_pipe_the_missing_options_are_named(shell: Shell, networks, tmp_path: Path) -> None:
    model = networks.segmenter(tmp_path / "land cover.onnx")
    said = shell("models", "add", str(model), "--task", "segment", check=2).stderr
    assert "--bands, --scale, --classes" in said
    assert "How are the bands' values scaled" in said
    wrong = shell("models", "add", str(model), "--task", "segment", "--bands", "red,green", check=2).stderr
    assert "names 2 bands, and the network takes 3" in wrong
    answers = ("--task", "segment", "--bands", "B04,B03,B02", "--scale", "10000", "--mean", "1200")
    more = ("--std", "400", "--classes", "1=water#3060ff,3=wood,4=field,9=town", "--gsd", "10", "--json")
    row = json.loads(shell("models", "add", str(model), *answers, *more).stdout)
    assert (row["id"], row["ready"]) == ("land-cover", True)
    card = json.loads(Path(row["path"]).read_text(encoding="utf-8"))
    classes = card["properties"]["mlm:output"][0]["classification:classes"]
    assert [(info["value"], info["name"]) for info in classes] == [
        (1, "water"),
        (3, "wood"),
        (4, "field"),
        (9, "town"),
    ]
    assert classes[0]["color_hint"] == "3060FF"
    assert card["assets"]["weights"]["geofm:mean"] == pytest.approx([0.12] * 3)
    assert "verify" not in shell("models", "verify", "land-cover").stderr


def test_beside_the_file_the_card_serves_it_where_it_is(shell: Shell, networks, tmp_path: Path) -> None:
    told = {"model_type": "Regressor", "seg_small_segment": 3}
    model = networks.segmenter(tmp_path / "h.onnx", channels=1, metadata=told)
    said = shell("models", "add", str(model), "--beside", "--variables", "height (m)")
    assert "Note: seg_small_segment" in said.stderr
    card = json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))
    [height] = card["properties"]["geofm:variables"]
    assert height == {"name": "height", "offset": 0.0, "scale": 1.0, "unit": "m"}
    again = shell("models", "add", str(model), "--variables", "width (m)", check=2).stderr
    assert "has a card, which says --variables itself" in again


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a pseudo-terminal."""
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    try:
        ours, theirs = pty.openpty()
    # Containers and chroots may have none.
    except OSError as error:
        pytest.skip(f"needs a pseudo-terminal: {error}")
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_on_a_terminal_it_asks_until_it_understands(
    plugins: Path, scratch_home: Path, engine_python: Path, networks, terminal, tmp_path: Path
) -> None:
    model = networks.refiner(tmp_path / "fine.onnx")
    ours, theirs = terminal
    with subprocess.Popen(
        [sys.executable, "-m", "geofm", "models", "add", str(model)],
        cwd=plugins, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GEOFM_PYTHON": str(engine_python)},
    ) as process:  # fmt: skip
        os.write(ours, b"red,green\nrgb\nbyte\n")
        out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert said.count("Which bands does it take") == 2
    assert "names 2 bands" in said
    assert "Added fine" in out
