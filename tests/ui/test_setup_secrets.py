"""A set-up that fails, through the panel: what travels to proxy and index is seen nowhere on this side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from geofm.algorithms import hub_token
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Outcome

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
from package_index import Index, Proxy, make_wheel  # noqa: E402

PROXY, INDEX, TOKEN = "pr0xyMoonlight", "pypi-ind3xMoonlight", "hf_t0kenMoonlightMoonlight"


@pytest.fixture
def network(
    small: Path, tmp_path: Path, settings: QgsSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Index, Proxy]]:
    """An index that wants a login behind a proxy that wants another, as QGIS's settings know; and a token."""
    make_wheel(tmp_path / "wheels", "small_library")
    index, proxy = Index(tmp_path / "wheels"), Proxy(f"anna:{PROXY}")
    index.login = f"__token__:{INDEX}"
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(hub_token, "_seen", TOKEN)
    # In the index is 1.0.
    small.write_text(f"small_library==9.0 --hash=sha256:{64 * '0'}\n", encoding="utf-8")
    with index.serve(), proxy.serve():
        host, _, port = proxy.url.rpartition("/")[2].partition(":")
        for name, value in {
            "Enabled": True, "Type": "HttpProxy", "Host": host, "Port": port,
            "User": "anna", "Password": PROXY,
        }.items():  # fmt: skip
            settings.setValue(f"proxy/proxy{name}", value)
        yield index, proxy
        settings.remove("proxy")


def _texts(dock: GeoFMDock) -> list[str]:
    """All that can be read in the dock: also behind the arrows, on tips, and by screen readers."""
    found = []
    for widget in [dock, *dock.findChildren(QWidget)]:
        found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLineEdit):
            found += [widget.text(), widget.placeholderText()]
        elif isinstance(widget, QPlainTextEdit):
            found.append(widget.toPlainText())
        elif isinstance(widget, QLabel):
            found.append(widget.text())
    return found


def _kept_by_qgis(settings: QgsSettings) -> list[str]:
    # QGIS itself keeps what was entered into its own dialog.
    return [str(settings.value(key)) for key in settings.allKeys() if not key.startswith("proxy/")]


def test_no_secret_is_seen_after_a_set_up_that_failed(
    network: tuple[Index, Proxy], small: Path, looked, qtbot, known, press, ended
) -> None:
    index, proxy = network
    told: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(lambda *words: told.append(str(words[0])))
    dock = looked()
    model, panel = dock.desk.model, dock.setup
    model.progress_changed.connect(lambda progress: told.append(repr(progress)))
    panel.options.setCollapsed(False)
    QTest.keyClicks(panel.form.index, index.with_login())
    QTest.keyClick(panel.form.index, Qt.Key.Key_Return)
    assert panel.form.index.text() == index.with_login("***").replace("***:", "***")
    assert panel.work.options.index == index.with_login()
    qtbot.wait(400)
    known(dock)
    press(panel.start)
    notice = ended(dock)
    assert notice.outcome is Outcome.FAILED
    # It failed there, and not before the passwords were used.
    assert "9.0" in notice.detail
    assert any("small-library" in asked for asked in index.asked)
    assert any(index.url.partition("/simple")[0] in passed for passed in proxy.passed)

    press(dock.run_panel.notice.details)
    press(panel.report)
    qtbot.waitUntil(lambda: "clipboard" in panel.message.text(), timeout=60_000)
    home = small.parents[1] / "home"
    files = [path for path in home.rglob("*") if path.is_file() and "engines" not in path.parts]
    assert {"setup.log", "setup.json"} <= {path.name for path in files}
    places = {
        "the dock": _texts(dock),
        "the log": [model.log_text()],
        "the notice": [repr(notice)],
        "what was told": told,
        "QGIS's settings": _kept_by_qgis(QgsSettings()),
        "the clipboard": [QgsApplication.clipboard().text()],
        "files": [path.read_text(encoding="utf-8", errors="replace") for path in files],
    }
    assert "small_library" in " ".join(places["the clipboard"])
    secrets = (PROXY, INDEX, TOKEN)
    seen = {
        place for place, texts in places.items() for text in texts if any(one in text for one in secrets)
    }
    assert seen == set()


def test_an_address_whose_login_is_not_shown_stays_or_is_written_anew(small: Path, looked) -> None:
    dock = looked()
    form = dock.setup.form
    dock.setup.options.setCollapsed(False)

    def enter(text: str) -> None:
        form.proxy.setText(text)
        QTest.keyClick(form.proxy, Qt.Key.Key_Return)

    enter("http://anna:moonlight@proxy.example:3128")
    assert form.proxy.text() == "http://***@proxy.example:3128"
    QTest.keyClick(form.proxy, Qt.Key.Key_Return)
    assert dock.setup.work.options.proxy == "http://anna:moonlight@proxy.example:3128"
    enter("http://***@other.example:3128")
    assert "Write them again" in form.message.text()
    assert dock.setup.work.options.proxy == "http://anna:moonlight@proxy.example:3128"
    enter("http://other.example:3128")
    assert not form.message.isVisible()
    assert dock.setup.work.options.proxy == "http://other.example:3128"
