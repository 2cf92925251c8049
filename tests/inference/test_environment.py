"""The engine's environment: what its processes inherit, which Python makes it, when it counts as ready."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from geofm.inference import environment
from geofm.inference.client import Engine
from geofm.inference.environment import NotInstalled, State
from geofm.inference.errors import InvalidRequest

# --- states -----------------------------------------------------------------------------------


def test_no_environment_says_how_to_make_one(own_home: Path) -> None:
    assert environment.check().state is State.MISSING
    with pytest.raises(NotInstalled, match="not installed yet") as caught:
        environment.engine_python()
    assert "python -m geofm setup" in caught.value.hint
    with pytest.raises(NotInstalled):
        Engine().call("doctor")


def test_a_wrong_geofm_python_is_named(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_PYTHON", "/no/such/python")
    with pytest.raises(NotInstalled, match="/no/such/python") as caught:
        environment.engine_python()
    assert "GEOFM_PYTHON" in caught.value.hint
    with pytest.raises(InvalidRequest):
        environment.create()


def test_an_environments_link_is_not_followed(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = scratch_home / "bin" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)
    monkeypatch.setenv("GEOFM_PYTHON", str(link))
    assert environment.engine_python() == link
