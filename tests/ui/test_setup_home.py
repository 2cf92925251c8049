"""The data folder, chosen in the panel: kept in QGIS's settings, used by all, refused where it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.algorithms import session
from geofm.inference import environment, places
from geofm.inference.client import close_shared_engine
from geofm.inference.environment import State
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Outcome, Phase

KEY = "geofm/data_folder"


@pytest.fixture
def usual(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: QgsSettings) -> Path:
    """The usual data folder of a person without GEOFM_HOME."""
    monkeypatch.delenv("GEOFM_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share" / "geofm"


@pytest.fixture
def enter(qtbot, known: Callable[[GeoFMDock], None]) -> Callable[[GeoFMDock, str], None]:
    """Write a path into the field, as a user does, and wait until it was looked at."""

    def write(dock: GeoFMDock, path: str) -> None:
        dock.setup.options.setCollapsed(False)
        line = dock.setup.form.home.field.lineEdit()
        line.setFocus()
        line.selectAll()
        with qtbot.waitSignal(dock.setup.work.changed, timeout=30_000):
            QTest.keyClicks(line, path) if path else QTest.keyClick(line, Qt.Key.Key_Delete)
            QTest.keyClick(line, Qt.Key.Key_Return)
        known(dock)

    return write


def test_it_is_chosen_before_the_set_up_and_all_goes_there(
    usual: Path, tmp_path: Path, looked, enter, press, ended
) -> None:
    dock, wanted = looked(), tmp_path / "Große Platte" / "geofm"
    assert str(usual) in dock.setup.texts["folder"].text()
    assert dock.setup.form.home.field.lineEdit().placeholderText() == str(usual)
    enter(dock, str(wanted))
    assert QgsSettings().value(KEY) == str(wanted)
    assert str(wanted) in dock.setup.texts["folder"].text()
    assert not wanted.parent.exists()
    press(dock.setup.start)
    assert ended(dock).outcome is Outcome.DONE
    assert wanted in environment.engine_python().parents
    assert (wanted / "setup.log").is_file()
    assert not usual.parent.exists()


def test_changed_later_what_stays_in_the_old_one_is_named(
    usual: Path, tmp_path: Path, make_dock, enter, known
) -> None:
    (usual / "models" / "mine").mkdir(parents=True)
    environment.create()
    dock = make_dock()
    assert dock.desk.model.phase is Phase.READY
    dock.setup.set_open(True)
    known(dock)
    enter(dock, str(tmp_path / "other"))
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    note = dock.setup.form.home.note
    assert note.isVisible()
    assert note.text() == (
        f"In {usual} stay: the engine, models and classifiers. Choose that folder again to use them."
    )
    enter(dock, "")
    assert QgsSettings().value(KEY) is None
    assert environment.check().state is State.READY
    assert dock.desk.model.phase is Phase.READY


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/proc/geofm", "cannot be written"),
        ("geofm", "no whole path"),
        ("{profile}/python/geofm", "QGIS looks after"),
    ],
)
def test_what_cannot_be_one_is_refused_and_nothing_changes(usual: Path, looked, enter, path, words) -> None:
    dock = looked()
    enter(dock, path.format(profile=QgsApplication.qgisSettingsDirPath().rstrip("/")))
    assert words in dock.setup.form.home.note.text()
    assert "goes on being used" in dock.setup.form.home.note.text()
    assert QgsSettings().value(KEY) is None
    assert places.data_home() == usual


def test_the_variable_wins_and_the_panel_says_so(small: Path, looked, settings) -> None:
    settings.setValue(KEY, "/elsewhere")
    dock = looked()
    dock.setup.options.setCollapsed(False)
    home = dock.setup.form.home
    assert not home.field.isEnabled()
    assert home.field.filePath() == str(places.data_home()) == str(small.parents[1] / "home")
    assert "GEOFM_HOME" in home.note.text()


@pytest.fixture
def shared() -> Iterator[None]:
    yield
    close_shared_engine()


def test_the_engine_is_told(
    usual: Path, tmp_path: Path, monkeypatch, settings, engine_python: Path, shared
) -> None:
    monkeypatch.setenv("GEOFM_PYTHON", str(engine_python))
    for name in ("one", "two"):
        settings.setValue(KEY, str(tmp_path / name))
        assert session.engine().call("doctor").result(180)["home"] == str(tmp_path / name)
        assert (tmp_path / name / "engine.log").is_file()
