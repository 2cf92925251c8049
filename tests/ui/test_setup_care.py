"""The set-up panel once the engine is there, and its room and keys in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMessageBox, QWidget

from geofm.inference import environment
from geofm.inference.environment import State
from geofm.inference.environment.options import SetupOptions
from geofm.ui import licence_words, run_panel, setup_home, setup_options, setup_panel, setup_words, setup_work
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Notice, Outcome, Phase, Progress
from geofm.ui.widgets import ElidedLabel

WIDTH = 360
MISSING = f"geofm-no-such-package==1.0 --hash=sha256:{64 * '0'}\n"


# --- afterwards ---------------------------------------------------------------------------------


def test_the_engine_can_be_looked_after_and_the_panel_closed(small, make_dock, press, known) -> None:
    environment.create()
    dock = make_dock()
    panel, button = dock.setup, dock.run_panel.engine
    assert not panel.isVisible()
    press(button)
    known(dock)
    assert panel.title.text() == "The engine is ready"
    assert button.isChecked()
    assert not panel.start.isVisible()
    for each in (panel.repair, panel.remove, panel.report):
        assert each.isVisible()
    press(panel.dismiss)
    assert not panel.isVisible()
    assert not button.isChecked()


def test_repair_makes_what_is_broken_work_again(small, make_dock, press, ended, known) -> None:
    python = environment.create()
    (site,) = python.parents[1].glob("lib/python3*/site-packages")
    broken = site / "pip" / "__init__.py"
    broken.write_text("raise SystemExit('broken')\n", encoding="utf-8")
    dock = make_dock()
    press(dock.run_panel.engine)
    known(dock)
    press(dock.setup.repair)
    notice = ended(dock)
    assert notice.outcome is Outcome.DONE, notice
    mended = environment.engine_python()
    (site,) = mended.parents[1].glob("lib/python3*/site-packages")
    assert "broken" not in (site / "pip" / "__init__.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel])
def test_remove_asks_first(small, make_dock, monkeypatch, answer, press, ended, known) -> None:
    environment.create()
    asked = []

    def question(owner, title, words, buttons):
        asked.append(words)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    dock = make_dock()
    press(dock.run_panel.engine)
    known(dock)
    press(dock.setup.remove)
    assert "Models, classifiers and results stay" in asked[0]
    if answer == QMessageBox.StandardButton.Cancel:
        assert not dock.desk.model.busy
        assert environment.check().state is State.READY
        return
    assert "free again" in " ".join(ended(dock).facts)
    assert environment.check().state is State.MISSING
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    assert dock.setup.start.text() == "Set up"


def _pretend(python: Path, package: str, version: str) -> None:
    """Let an environment have a package, as far as its folders say."""
    (site,) = python.parents[1].glob("lib/python3*/site-packages")
    (site / f"{package}-{version}.dist-info").mkdir()


def test_an_older_engine_serves_while_its_update_is_offered(small, looked, press, ended, known) -> None:
    old = environment.create()
    _pretend(old, "torch", "2.0.0")
    small.write_text(MISSING.replace("geofm-no-such-package==1.0", "torch==2.1.0"), encoding="utf-8")
    dock = looked()
    panel = dock.setup
    assert panel.isVisible()
    assert dock.desk.model.phase is Phase.READY
    assert panel.title.text() == "The engine can be updated"
    assert "goes on working" in panel.about.text()
    assert panel.texts["news"].text() == "PyTorch 2.1.0 (so far 2.0.0)"
    assert panel.start.text() == "Update"
    assert panel.dismiss.isVisible()
    # An update that fails changes nothing.
    press(panel.start)
    assert ended(dock).outcome is Outcome.FAILED
    assert dock.desk.model.phase is Phase.READY
    assert environment.engine_python() == old
    assert panel.isVisible()
    known(dock)
    small.write_text("# another\n", encoding="utf-8")
    panel.look()
    known(dock)
    press(panel.start)
    assert ended(dock).outcome is Outcome.DONE
    assert environment.check().state is State.READY
    assert environment.engine_python() != old


def test_an_engine_that_does_not_serve_any_more_has_to_be_updated(small, looked) -> None:
    _pretend(environment.create(), "torch", "1.9.0")
    small.write_text("torch==2.1.0\n", encoding="utf-8")
    dock = looked()
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    assert dock.setup.title.text() == "The engine needs an update"
    assert "its torch is 1.9.0, not 2.1.0" in dock.setup.about.text()
    assert not dock.setup.dismiss.isVisible()
    assert dock.setup.start.text() == "Update"


def test_the_panel_goes_when_the_engine_comes(
    own_home, make_dock, monkeypatch, engine_python, press
) -> None:
    dock = make_dock()
    monkeypatch.setenv("GEOFM_PYTHON", str(engine_python))
    dock.setup.look()
    assert dock.desk.model.phase is Phase.READY
    assert not dock.setup.isVisible()
    press(dock.run_panel.engine)
    assert "GEOFM_PYTHON" in dock.setup.about.text()
    assert not dock.setup.remove.isVisible()


def test_a_wrong_variable_is_named_and_nothing_is_set_up(make_dock, monkeypatch) -> None:
    monkeypatch.setenv("GEOFM_PYTHON", "/nowhere/python")
    dock = make_dock()
    assert "/nowhere/python" in dock.setup.title.text()
    assert not dock.setup.start.isVisible()
    assert dock.setup.again.isVisible()


def test_closing_qgis_ends_a_set_up(small, silent_index, looked, qtbot, press) -> None:
    small.write_text(MISSING, encoding="utf-8")
    dock = looked()
    dock.setup.work.choose(SetupOptions(index=silent_index))
    press(dock.setup.start)
    qtbot.wait(500)
    dock.tear_down()
    assert environment.check().state in (State.INCOMPLETE, State.MISSING)
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=5_000)


# --- room and keyboard --------------------------------------------------------------------------


def test_the_keyboard_reaches_all_of_it_in_the_eyes_order(
    small, looked, settled, qtbot, ended, tmp_path, monkeypatch
) -> None:
    # Where GEOFM_HOME says it, the data folder is not chosen.
    monkeypatch.delenv("GEOFM_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    small.write_text("torch==2.0.0\n", encoding="utf-8")
    dock = looked()
    panel = dock.setup
    panel.options.setCollapsed(False)
    dock.resize(WIDTH, 1800)
    settled()
    panel.start.setFocus()
    qtbot.waitUntil(panel.start.hasFocus)
    stops = [panel.start]
    while panel.isAncestorOf(stops[-1]) and len(stops) < 60:
        QTest.keyClick(dock.focusWidget(), Qt.Key.Key_Tab)
        stops.append(dock.window().focusWidget())
    inside = stops[:-1]
    form = panel.form
    wanted = [
        panel.start, panel.unfold, panel.folder, form.home.field, form.python, form.accelerator,
        form.index, form.further, form.proxy, form.certificates, form.bundle, form.extras["openvino"],
        panel.report,
    ]  # fmt: skip
    for widget in wanted:
        assert any(stop is widget or widget.isAncestorOf(stop) for stop in inside), widget
    places = [stop.mapTo(dock, QPoint(0, 0)).y() for stop in inside]
    assert all(after >= before - 6 for before, after in zip(places, places[1:])), inside
    panel.start.setFocus()
    QTest.keyClick(panel.start, Qt.Key.Key_Space)
    assert dock.desk.model.phase is Phase.SETTING_UP
    ended(dock)


def longer(text: str) -> str:
    """As a language of long words has it: half as long again."""
    return text + "e" * (len(text.replace("{}", "")) // 2)


@pytest.mark.parametrize("words", ["English", "longer"])
def test_it_fits_a_narrow_dock_without_cutting_words(
    small, looked, settled, monkeypatch, words, press, ended, known
) -> None:
    if words == "longer":
        parts = (setup_panel, setup_home, setup_options, setup_words, setup_work, licence_words)
        for module in (run_panel, *parts):
            monkeypatch.setattr(module, "tr", longer, raising=False)
    small.write_text("\n".join(f"library-of-a-long-name-{n}==1.0.0" for n in range(30)), encoding="utf-8")
    dock = looked()
    for state in _states(dock, small, press, ended, known):
        settled()
        settled()
        assert dock.width() == WIDTH, state
        assert dock.setup.minimumSizeHint().width() <= WIDTH, state
        for widget in dock.content.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, (QAbstractButton, QLabel)):
                _is_whole(dock, widget, state)


def _states(
    dock: GeoFMDock, engine_list: Path, press: Callable, ended: Callable, known: Callable
) -> Iterator[str]:
    model = dock.desk.model
    yield "missing"
    dock.setup.unfold.setChecked(True)
    dock.setup.options.setCollapsed(False)
    yield "unfolded"
    model.enter(Phase.SETTING_UP)
    model.set_progress(Progress(40.0, setup_words.stage("install"), 118.0, "312 of 780 MB"))
    yield "busy"
    model.enter(Phase.SETUP_NEEDED)
    model.set_notice(Notice(Outcome.FAILED, "It_failed_at_/a/very/long/path/" * 4, "Do this. " * 20, "log"))
    yield "failed"
    engine_list.write_text("# nothing\n", encoding="utf-8")
    press(dock.setup.start)
    ended(dock)
    dock.setup.set_open(True)
    known(dock)
    yield "ready"


def _is_whole(dock: GeoFMDock, widget: QWidget, state: str) -> None:
    right = widget.mapTo(dock, widget.rect().topRight()).x()
    assert right <= dock.width(), (state, widget, widget.objectName())
    if not dock.setup.isAncestorOf(widget) or not widget.text():
        return
    if isinstance(widget, QLabel) and widget.wordWrap():
        assert widget.height() >= widget.heightForWidth(widget.width()), (state, widget.text())
    elif not isinstance(widget, ElidedLabel):
        assert widget.width() >= widget.sizeHint().width() - 1, (state, widget.text())
