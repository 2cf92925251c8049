"""The page Models: what there is, where it is, and what can be done to it."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.ui.state import Page


def test_the_models_page_says_what_there_is(dock, landsat) -> None:
    dock.desk.model.show(Page.MODELS)
    items = {item.card.id: item for item in dock.models_page.items()}
    assert {"galileo-nano", "spectral-texture", "ukis-csmask"} <= set(items)
    assert items["spectral-texture"].place.text() == "built in"
    assert not items["spectral-texture"].download.isVisible()
    assert "MIT" in items["galileo-nano"].facts.text()
    assert "Landsat" in items["galileo-nano"].fits.text() or "bands" in items["galileo-nano"].fits.text()


def test_verify_reads_the_files_again(dock, models, qtbot) -> None:
    dock.desk.model.show(Page.MODELS)
    item = next(item for item in dock.models_page.items() if item.card.id == "galileo-nano")
    assert item.place.text() == "on this machine"
    assert not item.remove.isVisible(), "files of a shared folder are not ours to remove"
    QTest.mouseClick(item.verify, Qt.MouseButton.LeftButton)
    assert item.at_work
    qtbot.waitUntil(lambda: not item.at_work, timeout=60_000)
    again = next(item for item in dock.models_page.items() if item.card.id == "galileo-nano")
    assert again.message.text() == "Every file matches its digest."


def test_a_broken_card_is_told(make_dock, scratch_home) -> None:
    folder = scratch_home / "models"
    folder.mkdir()
    (folder / "broken.json").write_text("{}", encoding="utf-8")
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    assert "broken.json" in dock.models_page.broken.text()
