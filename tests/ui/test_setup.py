"""The set-up panel: real set-ups without the heavy libraries, by real clicks and keys."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMessageBox, QWidget

from geofm.inference import environment
from geofm.inference.environment import State, making, requirements
from geofm.inference.environment.options import SetupOptions, load
from geofm.ui import run_panel, setup_options, setup_panel, setup_words, setup_work
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Notice, Outcome, Phase, Progress
from geofm.ui.widgets import ElidedLabel

SECRET = "user:moonlight@"
WIDTH = 360


@pytest.fixture
def own_home(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and no GEOFM_PYTHON: the engine's environment is GeoFM's to make."""
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return scratch_home


@pytest.fixture
def small(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real set-up without the heavy libraries: no requirement, a trial that needs none; the engine's list."""
    lists, trial = tmp_path / "requirements", tmp_path / "trial.py"
    lists.mkdir()
    for name in (requirements.ENGINE, requirements.WITH_CUDA, requirements.WITHOUT_CUDA, "openvino.txt"):
        (lists / name).write_text("# nothing\n", encoding="utf-8")
    trial.write_text("print('geofm-trial-passed {}')\n", encoding="utf-8")
    monkeypatch.setattr(requirements, "folder", lambda: lists)
    monkeypatch.setattr(requirements, "has_nvidia_gpu", lambda: False)
    monkeypatch.setattr(making, "_TRIAL", trial)
    return lists / requirements.ENGINE


@pytest.fixture
def looked(make_dock: Callable[[], GeoFMDock], qtbot: Any) -> Callable[[], GeoFMDock]:
    """Make a dock whose panel knows what the set-up would do."""

    def look() -> GeoFMDock:
        dock = make_dock()
        dock.activateWindow()
        known(dock, qtbot)
        return dock

    return look


def known(dock: GeoFMDock, qtbot: Any) -> None:
    work = dock.setup.work
    qtbot.waitUntil(lambda: work.plan is not None and not work.planning, timeout=30_000)


def press(button: QWidget) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def ended(dock: GeoFMDock, qtbot: Any) -> Notice:
    qtbot.waitUntil(lambda: not dock.desk.model.busy, timeout=120_000)
    return dock.desk.model.notice


# --- what is told before ------------------------------------------------------------------------


def test_the_real_lists_are_told_in_few_words_and_in_full(own_home, looked, settled) -> None:
    panel = looked().setup
    assert panel.title.text() == "Set up the engine"
    assert panel.texts["contents"].text().startswith("PyTorch, ONNX Runtime, rasterio, scikit-learn and ")
    assert str(own_home) in panel.texts["folder"].text()
    assert "free" in panel.texts["sizes"].text()
    assert "Processor" in panel.texts["device"].text() or "GPU" in panel.texts["device"].text()
    assert Path(panel.texts["python"].text()).is_file()
    assert not panel.packages.isVisible()
    press(panel.unfold)
    lines = panel.packages.toPlainText().splitlines()
    assert lines == sorted(lines)
    assert any(line.startswith("torch 2.") for line in lines)


def test_nothing_is_made_before_the_button_is_pressed(own_home, looked, settled) -> None:
    looked()
    settled()
    assert list(own_home.iterdir()) == []


# --- made, cancelled, failed --------------------------------------------------------------------


def test_one_press_makes_the_engine_and_says_what_to_do_next(small, looked, qtbot, settled) -> None:
    dock = looked()
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    assert not dock.run_panel.run.isEnabled()
    stages = []
    dock.desk.model.progress_changed.connect(lambda progress: stages.append(progress.stage))
    press(dock.setup.start)
    assert dock.desk.model.phase is Phase.SETTING_UP
    assert dock.setup.title.text() == "The engine is being set up"
    notice = ended(dock, qtbot)
    assert notice.outcome is Outcome.DONE, notice
    assert notice.hint.startswith("First steps: add a raster layer")
    assert environment.check().state is State.READY
    assert dock.desk.model.phase is Phase.READY
    assert not dock.setup.isVisible()
    assert {"Making a place for the libraries", "Trying the libraries"} <= set(stages)
    log = dock.desk.model.log_text()
    assert "Making an environment in" in log
    assert "The engine is ready in" in log


@pytest.fixture
def silent_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package index that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        yield f"http://{SECRET}127.0.0.1:{server.getsockname()[1]}/simple"


def test_cancel_is_heard_while_the_network_is_silent_and_the_set_up_gone_on_with(
    small, silent_index, looked, qtbot
) -> None:
    small.write_text("geofm-no-such-package==1.0\n", encoding="utf-8")
    dock = looked()
    dock.setup.work.choose(SetupOptions(index=silent_index))
    press(dock.setup.start)
    model, run = dock.desk.model, dock.run_panel
    qtbot.waitUntil(lambda: "Making an environment" in model.log_text(), timeout=30_000)
    qtbot.waitUntil(lambda: any("python" in f.name for f in _bin(environment.check().python)), timeout=60_000)
    qtbot.wait(1500)
    press(run.cancel)
    assert run.stage.text() == "Stopping"
    qtbot.waitUntil(lambda: not model.busy, timeout=15_000)
    assert model.notice.outcome is Outcome.CANCELLED
    assert environment.check().state is State.INCOMPLETE
    assert dock.setup.title.text() == "The set-up was not finished"
    assert dock.setup.start.text() == "Finish the set-up"
    small.write_text("# nothing\n", encoding="utf-8")
    dock.setup.look()
    known(dock, qtbot)
    press(dock.setup.start)
    assert ended(dock, qtbot).outcome is Outcome.DONE


def _bin(python: Path) -> list[Path]:
    return list(python.parent.iterdir()) if python.parent.is_dir() else []


def test_a_failure_is_a_sentence_a_hint_a_log_and_a_report_without_secrets(small, looked, qtbot) -> None:
    small.write_text("geofm-no-such-package==1.0\n", encoding="utf-8")
    dock = looked()
    dock.setup.work.choose(SetupOptions(index=f"https://{SECRET}packages.example/simple"))
    known(dock, qtbot)
    press(dock.setup.start)
    notice = ended(dock, qtbot)
    assert notice.outcome is Outcome.FAILED
    assert notice.sentence.endswith(".")
    assert notice.hint
    assert "geofm-no-such-package" in notice.detail
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    press(dock.setup.report)
    qtbot.waitUntil(lambda: "clipboard" in dock.setup.message.text(), timeout=30_000)
    report = QgsApplication.clipboard().text()
    for needed in ("GeoFM ", "QGIS 3", notice.sentence, "geofm-no-such-package", str(small.parents[1] / "home")):
        assert needed in report
    shown = [report, dock.desk.model.log_text(), repr(notice), *_files(small.parents[1] / "home")]
    assert not [text for text in shown if "moonlight" in text]


def _files(folder: Path) -> list[str]:
    """What GeoFM itself wrote: not the environment."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in folder.iterdir() if path.is_file()]


def test_bytes_and_the_time_left_are_shown(small, looked, qtbot, monkeypatch) -> None:
    def slow(options, report, cancelled):
        from geofm.inference.errors import Cancelled

        done = 0
        while not cancelled():
            done = min(done + 6_240_000, 312_000_000)
            report("install", done, 780_000_000, "Downloading a library")
            QTest.qSleep(40)
        raise Cancelled("The set-up was cancelled.")

    monkeypatch.setattr(environment, "create", slow)
    dock = looked()
    press(dock.setup.start)
    run = dock.run_panel
    qtbot.waitUntil(lambda: run.bar.text() == "312 of 780 MB", timeout=10_000)
    assert run.bar.value() == 40
    assert run.stage.text() == "Installing libraries"
    assert run.left.text().startswith("about ")
    assert run.left.text().endswith(" left")
    press(run.notice.details)
    assert "Downloading a library" in run.notice.log.toPlainText()
    press(run.notice.copy)
    assert "Downloading a library" in QgsApplication.clipboard().text()
    press(run.cancel)
    assert ended(dock, qtbot).outcome is Outcome.CANCELLED


def test_what_is_unpacked_after_the_download_is_another_stage(small, looked, qtbot, monkeypatch) -> None:
    said = []

    def both(options, report, cancelled):
        for done in (400_000_000, 780_000_000):
            report("install", done, 780_000_000, "Downloading a library")
        for done in (10_000_000, 1_700_000_000):
            report("install", done, 1_700_000_000, "Unpacking the packages")
        report("verify", 0, 1, "Trying the installed libraries")
        return Path(sys.executable)

    monkeypatch.setattr(environment, "create", both)
    dock = looked()
    dock.desk.model.progress_changed.connect(lambda progress: said.append((progress.stage, progress.amount)))
    press(dock.setup.start)
    ended(dock, qtbot)
    assert ("Installing libraries", "780 of 780 MB") in said
    assert ("Unpacking libraries", "10 of 1700 MB") in said
    assert said[-1] == ("Trying the libraries", "")


# --- options ------------------------------------------------------------------------------------


def test_options_are_chosen_kept_and_used(small, looked, qtbot, choose, tmp_path) -> None:
    dock = looked()
    form = dock.setup.form
    dock.setup.options.setCollapsed(False)
    form.python.lineEdit().setFocus()
    QTest.keyClicks(form.python.lineEdit(), sys.executable)
    choose(form.accelerator, "cpu")
    QTest.keyClicks(form.index, f"https://{SECRET}packages.example/simple")
    QTest.keyClick(form.index, Qt.Key.Key_Return)
    form.extras["openvino"].setChecked(True)
    qtbot.waitUntil(lambda: dock.setup.work.options.extras == ("openvino",))
    qtbot.wait(400)
    known(dock, qtbot)
    assert "openvino.txt" in dock.setup.work.plan.lists
    press(dock.setup.start)
    assert ended(dock, qtbot).outcome is Outcome.DONE
    kept = load()
    assert (kept.python, kept.accelerator, kept.extras) == (sys.executable, "cpu", ("openvino",))
    assert kept.index == "https://packages.example/simple"


def test_what_cannot_be_meant_is_said_and_not_taken(small, looked) -> None:
    dock = looked()
    form = dock.setup.form
    dock.setup.options.setCollapsed(False)
    QTest.keyClicks(form.proxy, "--trusted-host")
    QTest.keyClick(form.proxy, Qt.Key.Key_Return)
    assert "hyphen" in form.message.text()
    assert dock.setup.work.options.proxy == ""
    form.proxy.clear()
    QTest.keyClick(form.proxy, Qt.Key.Key_Return)
    assert not form.message.isVisible()


def test_qgis_own_proxy_counts_and_is_not_kept(small, looked, qtbot, settings) -> None:
    settings.setValue("proxy/proxyEnabled", True)
    settings.setValue("proxy/proxyType", "HttpProxy")
    settings.setValue("proxy/proxyHost", "proxy.example")
    settings.setValue("proxy/proxyPort", "3128")
    settings.setValue("proxy/proxyUser", "anna")
    settings.setValue("proxy/proxyPassword", "moonlight")
    try:
        dock = looked()
        shown = dock.setup.form.proxy.placeholderText()
        assert "proxy.example:3128" in shown
        assert "moonlight" not in shown
        press(dock.setup.start)
        assert ended(dock, qtbot).outcome is Outcome.DONE
        assert load().proxy == ""
    finally:
        settings.remove("proxy")


def test_why_it_cannot_be_made_is_said_before_the_button(own_home, looked, monkeypatch) -> None:
    monkeypatch.setenv("GEOFM_BASE_PYTHON", str(own_home / "no-python"))
    dock = looked()
    assert dock.setup.problems.isVisible()
    assert "No Python" in dock.setup.problems.text()
    assert not dock.setup.start.isEnabled()


# --- afterwards ---------------------------------------------------------------------------------


def test_the_engine_can_be_looked_after_and_the_panel_closed(small, make_dock, qtbot) -> None:
    environment.create()
    dock = make_dock()
    panel, button = dock.setup, dock.run_panel.engine
    assert not panel.isVisible()
    press(button)
    known(dock, qtbot)
    assert panel.title.text() == "The engine is ready"
    assert button.isChecked()
    assert not panel.start.isVisible()
    for each in (panel.repair, panel.remove, panel.report):
        assert each.isVisible()
    press(panel.dismiss)
    assert not panel.isVisible()
    assert not button.isChecked()


def test_repair_makes_what_is_broken_work_again(small, make_dock, qtbot) -> None:
    python = environment.create()
    (site,) = python.parents[1].glob("lib/python3*/site-packages")
    broken = site / "pip" / "__init__.py"
    broken.write_text("raise SystemExit('broken')\n", encoding="utf-8")
    dock = make_dock()
    press(dock.run_panel.engine)
    known(dock, qtbot)
    press(dock.setup.repair)
    notice = ended(dock, qtbot)
    assert notice.outcome is Outcome.DONE, notice
    mended = environment.engine_python()
    (site,) = mended.parents[1].glob("lib/python3*/site-packages")
    assert "broken" not in (site / "pip" / "__init__.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel])
def test_remove_asks_first(small, make_dock, qtbot, monkeypatch, answer) -> None:
    environment.create()
    asked = []

    def question(owner, title, words, buttons):
        asked.append(words)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    dock = make_dock()
    press(dock.run_panel.engine)
    known(dock, qtbot)
    press(dock.setup.remove)
    assert "Models, classifiers and results stay" in asked[0]
    if answer == QMessageBox.StandardButton.Cancel:
        assert not dock.desk.model.busy
        assert environment.check().state is State.READY
        return
    assert "free again" in " ".join(ended(dock, qtbot).facts)
    assert environment.check().state is State.MISSING
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    assert dock.setup.start.text() == "Set up"


def test_an_engine_of_another_version_is_updated(small, looked, qtbot) -> None:
    environment.create()
    small.write_text("# another\n", encoding="utf-8")
    dock = looked()
    assert dock.setup.isVisible()
    assert dock.setup.title.text() == "The engine is of another version"
    assert dock.setup.start.text() == "Update"
    press(dock.setup.start)
    assert ended(dock, qtbot).outcome is Outcome.DONE
    assert environment.check().state is State.READY


def test_the_panel_goes_when_the_engine_comes(own_home, make_dock, monkeypatch, engine_python) -> None:
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


def test_closing_qgis_ends_a_set_up(small, silent_index, looked, qtbot) -> None:
    small.write_text("geofm-no-such-package==1.0\n", encoding="utf-8")
    dock = looked()
    dock.setup.work.choose(SetupOptions(index=silent_index))
    press(dock.setup.start)
    qtbot.wait(500)
    dock.tear_down()
    assert environment.check().state in (State.INCOMPLETE, State.MISSING)
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=5_000)


# --- room and keyboard --------------------------------------------------------------------------


def test_the_keyboard_reaches_all_of_it_in_the_eyes_order(small, looked, settled, qtbot) -> None:
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
        panel.start, panel.unfold, panel.folder, form.python, form.accelerator, form.index, form.proxy,
        form.certificates, form.bundle, form.extras["openvino"], panel.report,
    ]  # fmt: skip
    for widget in wanted:
        assert any(stop is widget or widget.isAncestorOf(stop) for stop in inside), widget
    places = [stop.mapTo(dock, QPoint(0, 0)).y() for stop in inside]
    assert all(after >= before - 6 for before, after in zip(places, places[1:])), inside
    panel.start.setFocus()
    QTest.keyClick(panel.start, Qt.Key.Key_Space)
    assert dock.desk.model.phase is Phase.SETTING_UP
    ended(dock, qtbot)


def longer(text: str) -> str:
    """As a language of long words has it: half as long again."""
    return text + "e" * (len(text.replace("{}", "")) // 2)


@pytest.mark.parametrize("words", ["English", "longer"])
def test_it_fits_a_narrow_dock_without_cutting_words(small, looked, settled, qtbot, monkeypatch, words) -> None:
    if words == "longer":
        for module in (run_panel, setup_panel, setup_options, setup_words, setup_work):
            monkeypatch.setattr(module, "tr", longer, raising=False)
    dock = looked()
    for state in _states(dock, qtbot):
        settled()
        settled()
        assert dock.width() == WIDTH, state
        assert dock.setup.minimumSizeHint().width() <= WIDTH, state
        for widget in dock.content.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, (QAbstractButton, QLabel)):
                _is_whole(dock, widget, state)


def _states(dock: GeoFMDock, qtbot: Any) -> Iterator[str]:
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
    press(dock.setup.start)
    ended(dock, qtbot)
    dock.setup.set_open(True)
    known(dock, qtbot)
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
