"""The page Models: what there is, whether it fits, whose it is, where it is, and what can be done to it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QMessageBox, QToolButton

from geofm.inference import places
from geofm.inference.client import close_shared_engine
from geofm.inference.jobs import Task
from geofm.ui.models_page import ALL, FITTING, HERE
from geofm.ui.state import Page

PIECE, PIECES = b"0123456789abcdef" * 4096, 40
MANY = 60


@pytest.fixture(scope="module", autouse=True)
def engine_ends() -> Iterator[None]:
    """No engine is left behind."""
    yield
    close_shared_engine()


def galileo_json() -> Any:
    return json.loads((places.bundled_models() / "galileo-nano.json").read_text(encoding="utf-8"))


@pytest.fixture
def page(dock, landsat) -> Any:
    """The page, open beside a Landsat scene."""
    dock.desk.model.show(Page.MODELS)
    return dock.models_page


@pytest.fixture
def crowd(scratch_home: Path) -> None:
    """Sixty cards more, of four kinds of bands."""
    folder = scratch_home / "models"
    folder.mkdir()
    kinds = (["B02", "B03", "B04", "B08"], ["VV", "VH"], ["red", "green", "blue"], ["DEM"])
    for number in range(MANY):
        card = galileo_json()
        card["id"] = f"model-{number:02d}"
        props = card["properties"]
        props.update({"title": f"Model number {number}", "license": "CC-BY-4.0" if number % 2 else "MIT"})
        props["mlm:input"] = [{**props["mlm:input"][0], "bands": kinds[number % 4]}]
        props["geofm:min_bands"] = kinds[number % 4][:1]
        (folder / f"{card['id']}.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture
def crowded(crowd: None, make_dock, landsat) -> Any:
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    return dock.models_page


def shown(page) -> list[str]:
    return [row.card.id for row in page.rows() if not row.isHidden()]


def details_of(page, card_id: str) -> Any:
    # A list that was just filled finds its height in some turns of the event loop.
    for _ in range(40):
        QTest.qWait(50)
        if 0 < page.row(card_id).height() < 100:
            break
    QTest.mouseClick(page.row(card_id), Qt.MouseButton.LeftButton)
    assert page.details.card.id == card_id
    return page.details


# --- what it says -----------------------------------------------------------------------------


def test_a_row_says_in_two_lines_what_a_model_is(page) -> None:
    assert {"galileo-nano", "spectral-texture", "ukis-csmask"} <= set(shown(page))
    row = page.row("galileo-nano")
    assert row.text() == "Galileo nano"
    assert row.about == "Sentinel-2 (10), Sentinel-1 (2), elevation (2) · 10 m · MIT"
    assert row.toolTip() == "Knows 6 of this layer's 8 bands and its 30 m pixels."
    assert row.toolTip() in row.accessibleName()
    assert page.row("spectral-texture").state() == "built in"
    assert page.row("galileo-nano").state() == "here"


def test_what_is_to_know_before_a_download_is_there_before_it(make_dock, landsat, monkeypatch) -> None:
    monkeypatch.setenv("GEOFM_MODELS", "")
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    assert dock.models_page.row("galileo-nano").state() == "4.2 MB"
    details = details_of(dock.models_page, "galileo-nano")
    assert details.download.isVisible()
    assert details.download.text() == "Download 4.2 MB"
    texts = {title: label.text() for title, label in details.texts.items() if label.isVisible()}
    assert texts["Bands"].startswith("Sentinel-2 B02, B03")
    assert texts["At least"] == "blue, green, red and near infrared"
    assert texts["Pixels"] == "5 to 40 m, best 10 m"
    assert texts["Memory"] == "about 600 MB"
    assert texts["Licence"].startswith("MIT; MIT License, Copyright")
    assert texts["Cite"].startswith("Tseng et al.")
    assert texts["Source"] == "nasaharvest/galileo@0f0b5b95ac81"
    assert texts["Verified"].endswith("1e-5.")
    assert texts["Size"] == "4.2 MB"
    assert "Lies in" not in texts
    assert details.reason.text() == "Knows 6 of this layer's 8 bands and its 30 m pixels."


def test_a_model_says_where_it_lies_and_opens_the_folder(page, models, monkeypatch) -> None:
    details, opened = details_of(page, "galileo-nano"), []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    assert details.texts["Lies in"].text() == str(models / "galileo-nano")
    buttons = {button.toolTip(): button for button in details.findChildren(QToolButton)}
    buttons["Open the folder"].click()
    assert opened == [QUrl.fromLocalFile(str(models / "galileo-nano"))]
    buttons["Copy the citation"].click()
    assert QApplication.clipboard().text() == details.card.citation


def test_a_licence_of_its_own_is_a_click_away(crowd, make_dock, landsat, monkeypatch) -> None:
    path = places.home_models() / "model-00.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["properties"].update({"license": "other", "geofm:license_notice": "Terms of Example; read them"})
    card["links"] = [{"rel": "license", "href": "https://example.org/terms"}]
    path.write_text(json.dumps(card), encoding="utf-8")
    dock, opened = make_dock(), []
    dock.desk.model.show(Page.MODELS)
    assert dock.models_page.row("model-00").about.endswith("· Terms of Example")
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    details = details_of(dock.models_page, "model-00")
    buttons = {button.toolTip(): button for button in details.findChildren(QToolButton)}
    buttons["Open the licence in the browser"].click()
    assert opened == [QUrl("https://example.org/terms")]


def test_what_fits_the_layer_comes_first(crowded) -> None:
    rows = crowded.rows()
    fits = [row.found.fits for row in rows]
    assert fits == sorted(fits, reverse=True)
    assert {True, False} == set(fits)
    order = [crowded._list.itemAt(i).widget() for i in range(crowded._list.count())]
    assert order[0] is crowded.fitting
    assert order.index(crowded.others) == 1 + sum(fits)
    assert crowded.row("galileo-nano") in rows[: sum(fits)]
    assert "model-01" in [row.card.id for row in rows[sum(fits) :]], "radar is not in a Landsat scene"


def test_without_a_layer_nothing_is_judged(dock) -> None:
    dock.desk.model.show(Page.MODELS)
    page = dock.models_page
    assert all(row.found is None for row in page.rows())
    assert not page.fitting.isVisible()
    assert not page.others.isVisible()
    assert details_of(page, "galileo-nano").reason.text() == ""


def test_a_broken_card_is_told(make_dock, scratch_home) -> None:
    folder = scratch_home / "models"
    folder.mkdir()
    (folder / "broken.json").write_text("{}", encoding="utf-8")
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    assert "broken.json" in dock.models_page.broken.text()


# --- finding one ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found", "left_out"),
    [
        ("GALILEO", {"galileo-nano"}, {"ukis-csmask", "spectral-texture"}),
        ("number model-07", {"model-07"}, {"model-06"}),
        ("sentinel-1", {"galileo-nano", "model-01"}, {"model-00", "spectral-texture"}),
        ("b8a", {"galileo-nano"}, {"model-00"}),
        ("near infrared", {"galileo-nano", "model-00"}, {"model-01"}),
        ("cc-by-4.0", {"model-01"}, {"model-00", "galileo-nano"}),
        ("segment", {"ukis-csmask"}, {"galileo-nano"}),
        ("cloud mit", set(), {"ukis-csmask", "galileo-nano"}),
    ],
)
def test_words_find_models(crowded, text: str, found: set[str], left_out: set[str]) -> None:
    QTest.keyClicks(crowded.search, text)
    assert found <= set(shown(crowded))
    assert not left_out & set(shown(crowded))
    assert crowded.count.text() == f"{len(shown(crowded))} of {len(crowded.rows())} models"
    assert crowded.none.isVisible() == (not shown(crowded))


def test_filters_by_task_and_by_what_can_be_used(crowded, choose, make_dock) -> None:
    everything = set(shown(crowded))
    choose(crowded.task, Task.SEGMENT.value)
    assert set(shown(crowded)) == {"ukis-csmask", "ukis-csmask-l1c"}
    again = make_dock()
    again.desk.model.show(Page.MODELS)
    assert again.models_page.task.currentData() == Task.SEGMENT.value, "it is remembered"
    choose(crowded.task, ALL)
    choose(crowded.shown, FITTING)
    assert "model-01" not in shown(crowded)
    assert crowded.others.isHidden()
    choose(crowded.shown, HERE)
    assert "model-00" not in shown(crowded)
    assert {"spectral-texture", "galileo-nano"} <= set(shown(crowded))
    QTest.keyClicks(crowded.search, "no such model")
    assert shown(crowded) == []
    crowded.none.click()
    assert set(shown(crowded)) == everything
    assert crowded.shown.currentData() == ALL


def test_a_hidden_row_takes_its_details_along(crowded) -> None:
    details_of(crowded, "galileo-nano")
    QTest.keyClicks(crowded.search, "model")
    assert crowded.details is None
    crowded.search.clear()
    assert not crowded.row("galileo-nano").isChecked()


def test_many_models_are_shown_and_searched_in_no_time(crowd, make_dock, landsat, settled) -> None:
    """By the processor's clock, which other programs do not stop."""
    dock = make_dock()
    began = time.process_time()
    dock.desk.model.show(Page.MODELS)
    QApplication.processEvents()
    opened = time.process_time() - began
    assert len(shown(dock.models_page)) > MANY
    began = time.process_time()
    for length in range(1, 7):
        dock.models_page.search.setText("number"[:length])
        QApplication.processEvents()
    searched = (time.process_time() - began) / 6
    assert opened < 0.3
    assert searched < 0.1


# --- by keyboard ------------------------------------------------------------------------------


def test_arrow_keys_walk_the_models_and_return_opens_one(crowded) -> None:
    crowded.window().activateWindow()
    rows = crowded.rows()
    crowded.search.setFocus()
    QTest.keyClick(crowded.search, Qt.Key.Key_Down)
    assert rows[0].hasFocus()
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()
    QTest.keyClick(rows[1], Qt.Key.Key_Return)
    assert crowded.details.card is rows[1].card
    assert rows[1].isChecked()
    QTest.keyClick(rows[1], Qt.Key.Key_Space)
    assert crowded.details is None
    QTest.keyClick(rows[1], Qt.Key.Key_Up)
    QTest.keyClick(rows[0], Qt.Key.Key_Up)
    assert crowded.search.hasFocus()


def test_tab_stops_at_one_of_the_models_and_goes_on_into_its_details(crowded, settled) -> None:
    row = crowded.rows()[3]
    crowded.open(row)
    settled()
    stops = [made for made in crowded.rows() if made.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [row]
    following = row.nextInFocusChain()
    while not (following.isVisible() and following.focusPolicy() & Qt.FocusPolicy.TabFocus):
        following = following.nextInFocusChain()
    assert crowded.details.isAncestorOf(following)


# --- what is done to one ----------------------------------------------------------------------


def test_verify_reads_the_files_again(page, models, qtbot) -> None:
    details = details_of(page, "galileo-nano")
    assert not details.remove.isVisible(), "files of a shared folder are not ours to remove"
    QTest.mouseClick(details.verify, Qt.MouseButton.LeftButton)
    assert details.work.busy
    qtbot.waitUntil(lambda: not details.work.busy, timeout=60_000)
    assert page.details.message.text() == "Every file matches its digest."
    assert page.details.card.id == "galileo-nano", "it stays open"


@pytest.fixture
def trickle(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A model ``slow`` whose weights trickle in until the given function lets them flow."""
    flow = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(PIECES * len(PIECE)))
            self.end_headers()
            try:
                for _ in range(PIECES):
                    self.wfile.write(PIECE)
                    flow.wait(0.5)
            except OSError:
                return  # stopped, as the test does it

        def log_message(self, *unused: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    card = galileo_json()
    card["id"], card["properties"]["title"] = "slow", "Slow model"
    card["assets"]["encoder"].update(
        {
            "href": f"http://127.0.0.1:{server.server_port}/slow.pt",
            "file:size": PIECES * len(PIECE),
            "geofm:digest": "sha256:" + hashlib.sha256(PIECE * PIECES).hexdigest(),
            "geofm:filename": "slow.pt",
        }
    )
    folder = scratch_home / "models" / "slow"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    # The engine that other tests share knows neither this home nor this server.
    close_shared_engine()
    yield flow.set
    close_shared_engine()
    server.shutdown()
    server.server_close()


def test_a_download_shows_its_progress_stops_goes_on_and_is_removed(
    trickle, make_dock, landsat, scratch_home, qtbot, monkeypatch
) -> None:
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    page, weights = dock.models_page, scratch_home / "models" / "slow" / "slow.pt"
    details = details_of(page, "slow")
    details.download.click()
    qtbot.waitUntil(lambda: (page.details.work.percent or 0) > 0, timeout=60_000)
    assert page.details.bar.isVisible()
    assert not page.details.download.isEnabled()
    # It goes on while nobody looks, and other models can be looked at.
    details_of(page, "galileo-nano")
    page.refresh()
    work = page.row("slow").work
    assert work.busy
    assert page.row("slow").state().endswith(" %")
    details_of(page, "slow").stop.click()
    qtbot.waitUntil(lambda: not work.busy, timeout=20_000)
    assert page.details.message.text() == "Stopped."
    assert not weights.exists()
    trickle()
    page.details.download.click()
    qtbot.waitUntil(lambda: not work.busy, timeout=60_000)
    assert page.details.message.text() == "Downloaded and verified."
    assert weights.stat().st_size == PIECES * len(PIECE)
    assert page.row("slow").state() == "here"
    assert page.details.texts["Lies in"].text() == str(weights.parent)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    page.details.remove.click()
    qtbot.waitUntil(lambda: not work.busy, timeout=20_000)
    assert not weights.exists()


def test_the_devices_memory_is_asked_once_a_run_has_started_the_engine(dock, landsat, qtbot) -> None:
    shelf = dock.desk.shelf
    assert shelf.memory is not None
    shelf.set_memory(1)
    dock.desk.model.show(Page.MODELS)
    reason = details_of(dock.models_page, "spectral-texture").reason.text()
    assert "this device has" in reason
    dock._ask_device()
    qtbot.waitUntil(lambda: shelf.memory != 1, timeout=60_000)
    assert "this device has" not in dock.models_page.details.reason.text()


# --- classifiers ------------------------------------------------------------------------------


def test_a_classifier_says_how_it_was_taught(scratch_home: Path, make_dock, landsat) -> None:
    """A card from somebody else: its words are shown as words, whatever is in them."""
    card = galileo_json()
    facts = {
        "samples": {"water": {"places": 8, "pixels": 72}},
        "validation": {"accuracy": {"overall": 0.97, "macro_f1": 0.9}, "folds": 5},
        "dates": ["2021-06-03"],
    }
    card["id"], card["assets"] = "cover", {}
    card["properties"].update({
        "title": "Cover", "geofm:family": "classifier", "geofm:tasks": ["classify"],
        "geofm:classifier": {
            "method": "fast", "model": "their-own", "model_digest": "ab" * 32, "facts": facts,
        },
        "mlm:output": [{"name": "class", "classification:classes": [
            {"value": 1, "name": "water", "title": "water", "color_hint": "3F7FD1"},
            {"value": 2, "name": "b", "title": "<b>bare</b>", "color_hint": "A08060"},
        ]}],
    })
    (scratch_home / "models").mkdir()
    (scratch_home / "models" / "cover.json").write_text(json.dumps(card), encoding="utf-8")
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    page = dock.models_page
    key = next(row.card.id for row in page.rows() if row.card.title == "Cover")
    details = details_of(page, key)
    texts = {title: label.text() for title, label in details.texts.items() if label.isVisible()}
    assert texts["Classes"] == "water, <b>bare</b>"
    drawn = super(type(details.texts["Classes"]), details.texts["Classes"]).text()
    assert 'color: #3f7fd1' in drawn
    assert "&lt;b&gt;bare" in drawn
    assert texts["Labels"] == "water 8 (72 pixels)"
    assert texts["Accuracy"].startswith("97.0% of labelled pixels, mean F1 0.90")
    assert texts["Taken"] == "2021-06-03"
    assert texts["Features of"].startswith("their-own, weights sha256:abab")
    assert "of which this machine has no card" in texts["Lacks"]
