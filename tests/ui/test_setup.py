"""The set-up panel: real set-ups without the heavy libraries, by real clicks and keys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.inference import environment
from geofm.inference.environment import State, pythons
from geofm.inference.environment.options import SetupOptions, load
from geofm.ui.state import Outcome, Phase

SECRET = "user:moonlight@"
MISSING = f"geofm-no-such-package==1.0 --hash=sha256:{64 * '0'}\n"


# --- what is told before ------------------------------------------------------------------------


def test_the_real_lists_are_told_in_few_words_and_in_full(own_home, looked, settled, press) -> None:
    panel = looked().setup
    assert panel.title.text() == "Set up the engine"
    assert panel.texts["contents"].text().startswith("PyTorch, ONNX Runtime, rasterio, scikit-learn and ")
    assert str(own_home) in panel.texts["folder"].text()
    assert "free" in panel.texts["sizes"].text()
    assert "Processor" in panel.texts["device"].text() or "GPU" in panel.texts["device"].text()
    assert Path(panel.texts["python"].text().split(", ")[1]).is_file()
    assert not panel.packages.isVisible()
    press(panel.unfold)
    lines, _, models = (part.splitlines() for part in panel.packages.toPlainText().partition("\n\n"))
    assert lines == sorted(lines)
    assert any(line.startswith("torch 2.") and "BSD-3-Clause" in line for line in lines)
    # It holds no files.
    assert {line.split()[0] for line in lines if line.endswith("not stated")} <= {"cuda-toolkit"}
    assert any(line == "galileo-nano · MIT" for line in models)
    assert panel.texts["licences"].text().startswith("MIT, BSD, Apache, MPL")


def test_nothing_is_made_before_the_button_is_pressed(own_home, looked, settled) -> None:
    looked()
    settled()
    assert list(own_home.iterdir()) == []


# --- made, cancelled, failed --------------------------------------------------------------------


def test_one_press_makes_the_engine_and_says_what_to_do_next(
    small, looked, settled, press, ended
) -> None:
    dock = looked()
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    assert not dock.run_panel.run.isEnabled()
    stages = []
    dock.desk.model.progress_changed.connect(lambda progress: stages.append(progress.stage))
    press(dock.setup.start)
    assert dock.desk.model.phase is Phase.SETTING_UP
    assert dock.setup.title.text() == "The engine is being set up"
    notice = ended(dock)
    assert notice.outcome is Outcome.DONE, notice
    assert notice.hint.startswith("First steps: add a raster layer")
    assert environment.check().state is State.READY
    assert dock.desk.model.phase is Phase.READY
    assert not dock.setup.isVisible()
    assert {"Making a place for the libraries", "Trying the libraries"} <= set(stages)
    log = dock.desk.model.log_text()
    assert "Making an environment in" in log
    assert "The engine is ready in" in log


def test_cancel_is_heard_while_the_network_is_silent_and_the_set_up_gone_on_with(
    small, silent_index, looked, qtbot, press, ended, known
) -> None:
    small.write_text(MISSING, encoding="utf-8")
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
    known(dock)
    press(dock.setup.start)
    assert ended(dock).outcome is Outcome.DONE


def _bin(python: Path) -> list[Path]:
    return list(python.parent.iterdir()) if python.parent.is_dir() else []


def test_a_failure_is_a_sentence_a_hint_a_log_and_a_report_without_secrets(
    small, looked, qtbot, press, ended, known
) -> None:
    small.write_text(MISSING, encoding="utf-8")
    dock = looked()
    dock.setup.work.choose(SetupOptions(index=f"https://{SECRET}packages.example/simple"))
    known(dock)
    press(dock.setup.start)
    notice = ended(dock)
    assert notice.outcome is Outcome.FAILED
    assert notice.sentence.endswith(".")
    assert notice.hint
    assert "geofm-no-such-package" in notice.detail
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
    press(dock.setup.report)
    qtbot.waitUntil(lambda: "clipboard" in dock.setup.message.text(), timeout=30_000)
    report = QgsApplication.clipboard().text()
    home = small.parents[1] / "home"
    for needed in ("GeoFM ", "QGIS 3", notice.sentence, "geofm-no-such-package", str(home)):
        assert needed in report
    shown = [report, dock.desk.model.log_text(), repr(notice), *_files(home)]
    assert not [text for text in shown if "moonlight" in text]


def _files(folder: Path) -> list[str]:
    """What GeoFM itself wrote: not the environment."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in folder.iterdir() if path.is_file()]


# More bytes than a C int counts are what PyTorch with CUDA weighs.
@pytest.mark.parametrize(("total", "amount"), [(780, "312 of 780 MB"), (2900, "1160 of 2900 MB")])
def test_bytes_and_the_time_left_are_shown(
    small, looked, qtbot, monkeypatch, press, ended, total, amount
) -> None:
    def slow(options, report, cancelled):
        from geofm.inference.errors import Cancelled

        done = 0
        while not cancelled():
            done = min(done + 8_000 * total, 400_000 * total)
            report("install", done, 1_000_000 * total, "Downloading a library")
            QTest.qSleep(40)
        raise Cancelled("The set-up was cancelled.")

    monkeypatch.setattr(environment, "create", slow)
    dock = looked()
    press(dock.setup.start)
    run = dock.run_panel
    qtbot.waitUntil(lambda: run.bar.text() == amount, timeout=10_000)
    assert run.bar.value() == 40
    assert run.stage.text() == "Installing libraries"
    assert run.left.text().startswith("about ")
    assert run.left.text().endswith(" left")
    press(run.notice.details)
    assert "Downloading a library" in run.notice.log.toPlainText()
    press(run.notice.copy)
    assert "Downloading a library" in QgsApplication.clipboard().text()
    press(run.cancel)
    assert ended(dock).outcome is Outcome.CANCELLED


def test_what_is_unpacked_after_the_download_is_another_stage(
    small, looked, monkeypatch, press, ended
) -> None:
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
    ended(dock)
    assert ("Installing libraries", "780 of 780 MB") in said
    assert ("Unpacking libraries", "10 of 1700 MB") in said
    assert said[-1] == ("Trying the libraries", "")


# --- options ------------------------------------------------------------------------------------


def test_options_are_chosen_kept_and_used(
    small, looked, qtbot, choose, tmp_path, press, ended, known
) -> None:
    if sys.version_info[:2] > pythons.MAX_PYTHON:
        pytest.skip("needs a QGIS whose Python the engine can stand on")
    dock = looked()
    form = dock.setup.form
    dock.setup.options.setCollapsed(False)
    form.python.lineEdit().setFocus()
    QTest.keyClicks(form.python.lineEdit(), sys.executable)
    choose(form.accelerator, "cpu")
    QTest.keyClicks(form.index, f"https://{SECRET}packages.example/simple")
    QTest.keyClick(form.index, Qt.Key.Key_Return)
    QTest.keyClicks(form.further, f" https://{SECRET}one.example/simple   https://two.example/cuda")
    QTest.keyClick(form.further, Qt.Key.Key_Return)
    form.extras["openvino"].setChecked(True)
    qtbot.waitUntil(lambda: dock.setup.work.options.extras == ("openvino",))
    qtbot.wait(400)
    known(dock)
    assert any("openvino" in name for name in dock.setup.work.plan.lists)
    press(dock.setup.start)
    assert ended(dock).outcome is Outcome.DONE
    kept = load()
    assert (kept.python, kept.accelerator, kept.extras) == (sys.executable, "cpu", ("openvino",))
    assert kept.index == "https://packages.example/simple"
    assert kept.extra_indexes == ("https://one.example/simple", "https://two.example/cuda")


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


def test_qgis_own_proxy_counts_and_is_not_kept(small, looked, settings, press, ended) -> None:
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
        assert ended(dock).outcome is Outcome.DONE
        assert load().proxy == ""
    finally:
        settings.remove("proxy")


def test_why_it_cannot_be_made_is_said_before_the_button(own_home, looked, monkeypatch) -> None:
    monkeypatch.setenv("GEOFM_BASE_PYTHON", str(own_home / "no-python"))
    dock = looked()
    assert dock.setup.problems.isVisible()
    assert "no-python" in dock.setup.problems.text()
    assert "Choose another one, or none" in dock.setup.message.text()
    assert not dock.setup.start.isEnabled()
