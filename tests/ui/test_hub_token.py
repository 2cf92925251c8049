"""The card for the token of Hugging Face, and QGIS's authentication store behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.algorithms import hub_token, session
from geofm.inference.client import Engine
from geofm.ui.hub_token import HubToken
from geofm.ui.state import Page

TOKEN = "hf_aVerySecretToken"


@pytest.fixture
def store(qgis_app) -> Iterator[None]:
    """QGIS's store, opened by a master password; without a token before and after."""
    assert QgsApplication.authManager().setMasterPassword("master", True)
    hub_token.forget()
    yield
    QgsApplication.authManager().setMasterPassword("master", True)
    hub_token.forget()


@pytest.fixture
def control(dock, store) -> HubToken:
    dock.desk.model.show(Page.MODELS)
    dock.models_page.token.setCollapsed(False)
    return dock.models_page.findChild(HubToken)


def press(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def in_a_new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the next start of QGIS knows: nothing but what its store holds, which is locked."""
    monkeypatch.setattr(hub_token, "_seen", None)
    QgsApplication.authManager().clearMasterPassword()


def test_a_token_is_entered_kept_and_forgotten(control: HubToken) -> None:
    assert control.edit.isVisible()
    assert not control.forget.isVisible()
    QTest.keyClicks(control.edit, f" {TOKEN} ")
    assert TOKEN not in control.edit.displayText()
    press(control.keep)
    assert hub_token.token() == TOKEN
    assert control.edit.text() == ""
    assert not control.edit.isVisible()
    assert not control.message.isVisible()
    press(control.forget)
    assert hub_token.state() is hub_token.State.NONE
    assert control.edit.isVisible()


def test_what_is_no_token_is_not_kept(control: HubToken) -> None:
    for text in ("", "two words", "hf_\N{SNOWMAN}"):
        control.edit.setText(text)
        press(control.keep)
        assert "no spaces" in control.message.text()
        assert hub_token.state() is hub_token.State.NONE


def test_a_kept_token_waits_for_the_master_password_and_asks_nobody_for_it(
    control: HubToken, dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.edit.setText(TOKEN)
    press(control.keep)
    in_a_new_session(monkeypatch)
    assert hub_token.token() == ""
    dock.desk.model.show(Page.MAP)
    dock.desk.model.show(Page.MODELS)
    assert control.unlock.isVisible()
    assert "locked" in control.about.text()
    QgsApplication.authManager().setMasterPassword("master", True)
    press(control.unlock)
    assert hub_token.token() == TOKEN
    assert not control.unlock.isVisible()


def test_the_token_reaches_the_engine_and_no_settings(
    control: HubToken, monkeypatch: pytest.MonkeyPatch, scratch_home: Path
) -> None:
    given: list[str] = []
    monkeypatch.setattr(Engine, "authorize", lambda self, token: given.append(token))
    control.edit.setText(TOKEN)
    press(control.keep)
    engine = session.engine()
    press(control.forget)
    session.engine()
    assert given[-2:] == [TOKEN, ""]
    assert TOKEN not in repr(engine.settings)
    settings = QgsSettings()
    settings.sync()
    assert not [key for key in settings.allKeys() if TOKEN in str(settings.value(key))]


def test_neither_the_settings_nor_the_store_hold_the_token_readably(control: HubToken) -> None:
    control.edit.setText(TOKEN)
    press(control.keep)
    QgsSettings().sync()
    profile = Path(QgsApplication.qgisSettingsDirPath())
    database = Path(QgsApplication.authManager().authenticationDatabasePath())
    files = {*profile.rglob("*"), database, Path(QgsSettings().fileName())}
    held = [path for path in files if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert database.is_file()
    assert held == []
