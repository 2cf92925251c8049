"""Maps are made with the engine of an older version of GeoFM, until it is updated."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

import pytest

from geofm import cli_setup
from geofm.inference import environment, places
from geofm.inference.client import Engine
from geofm.inference.diagnosis import doctor_facts
from geofm.inference.environment import State, requirements, state
from geofm.inference.environment.platforms import this_platform
from geofm.inference.jobs import Job, RasterRef, Task


@pytest.fixture
def older(engine_python: Path, scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real engine's packages in an environment that says it has another PyTorch, from other lists."""
    made = engine_python.parents[1]
    site = next(made.glob("lib/python3*/site-packages"), None)
    if site is None or not (made / "pyvenv.cfg").is_file():
        pytest.skip("needs an engine that GeoFM made")
    folder = places.engines_folder() / "older"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(made / "pyvenv.cfg", folder)
    python = state.python_in(folder)
    python.symlink_to(os.path.realpath(engine_python))
    packages = folder / site.relative_to(made)
    packages.mkdir(parents=True)
    for entry in site.iterdir():
        is_torch = entry.name.startswith("torch-") and entry.name.endswith(".dist-info")
        (packages / ("torch-2.1.0.dist-info" if is_torch else entry.name)).symlink_to(entry)
    state.write_stamp(state.Made(folder, {f"{this_platform().tag}-cpu.txt": "sha256:0"}))
    monkeypatch.delenv("GEOFM_PYTHON")
    return python


def test_a_map_is_made_and_all_doors_name_that_engine(older: Path, samples: Path, tmp_path: Path) -> None:
    status = environment.check()
    assert (status.state, status.usable) == (State.OUTDATED, True)
    wanted = requirements.pins(f"{this_platform().tag}-cpu.txt")["torch"]
    assert [(one.package, one.present, one.wanted) for one in status.updates] == [("torch", "2.1.0", wanted)]
    image = samples / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif"
    result = tmp_path / "map.tif"
    with Engine() as engine:
        job = Job(
            Task.CLUSTER, (RasterRef(str(image)),), str(result), model="spectral-texture", classes=3
        )
        engine.submit(job).job_result()
        facts = doctor_facts(lambda: engine.call("doctor").result(180))
    assert result.stat().st_size > 1000
    assert facts["environment"]["python"] == str(older)
    assert (facts["environment"]["state"], facts["environment"]["usable"]) == ("outdated", True)
    assert "serves until it is updated" in facts["environment"]["message"]
    assert facts["problems"] == []
    asked = argparse.ArgumentParser()
    cli_setup.add_arguments(asked)
    assert cli_setup.answer(asked.parse_args(["--where"]))[1] == str(older)
