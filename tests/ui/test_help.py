"""Help beside the work: each part of the dock has its page, by its button and by F1; links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QColor, QDesktopServices, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication, QMainWindow, QWidget

from geofm.algorithms.language import FOLDER, texts_in
from geofm.algorithms.text import HELP, help_file, help_url, to_html
from geofm.ui import help as help_window
from geofm.ui.dock import GeoFMDock
from geofm.ui.help import CONTENTS, HelpWindow, page_of
from geofm.ui.state import Page, Phase

TRANSLATED = sorted(HELP.glob("*/*.md"))
PAGES = sorted(path.stem for path in HELP.glob("dock*.md"))


@pytest.fixture
def parts(dock: GeoFMDock) -> dict[str, QWidget]:
    """A widget within each part of the dock, by the page that tells of it."""
    return {
        "dock-setup": dock.setup.start,
        "dock-layers": dock.input_tray,
        "dock-map": dock.map_page.task,
        "dock-knowledge": dock.map_page.knowledge,
        "dock-teach": dock.teach_page.label_panel.bar,
        "dock-check": dock.teach_page.checking,
        "dock-change": dock.change_page.method,
        "dock-edits": dock.change_page.edits.box,
        "dock-models": dock.models_page.search,
        "dock-run": dock.run_panel.run,
        "dock-history": dock.history_panel,
    }


def test_every_part_of_the_dock_has_its_page(dock: GeoFMDock, parts: dict[str, QWidget]) -> None:
    assert {page: page_of(widget) for page, widget in parts.items()} == {page: page for page in parts}
    assert {CONTENTS, *parts} == set(PAGES)
    assert page_of(dock.bar) == page_of(None) == CONTENTS


@pytest.mark.parametrize("page", list(Page))
def test_the_button_opens_the_page_that_is_shown(dock: GeoFMDock, page: Page) -> None:
    dock.desk.model.show(page)
    dock.ask.click()
    assert dock.help.isVisible()
    assert not dock.help.isModal()
    assert dock.help.page == f"dock-{page.value}"
    first = (HELP / f"dock-{page.value}.md").read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
    assert dock.help.browser.toPlainText().startswith(first)


def test_while_there_is_no_engine_it_tells_of_the_set_up(dock: GeoFMDock) -> None:
    dock.desk.model.enter(Phase.SETUP_NEEDED)
    dock.ask.click()
    assert dock.help.page == "dock-setup"


def test_f1_tells_of_what_has_the_keyboard_and_not_of_qgis(dock: GeoFMDock) -> None:
    window = QMainWindow()
    asked: list[bool] = []
    contents = QAction("Contents", window)
    contents.setShortcut("F1")
    contents.triggered.connect(asked.append)
    window.addAction(contents)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.show()
    QApplication.setActiveWindow(window)
    dock.desk.model.show(Page.MODELS)
    dock.models_page.search.setFocus()
    assert QApplication.focusWidget() is dock.models_page.search
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert (dock.help.page, asked) == ("dock-models", [])
    dock.help.close()
    dock.run_panel.device.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert (dock.help.page, asked) == ("dock-run", [])
    dock.setParent(None)


def test_links_are_followed_and_back_leads_back(
    dock: GeoFMDock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    window = dock.help
    window.open_page(CONTENTS)
    assert not window.back.isEnabled()
    window.browser.anchorClicked.emit(QUrl("dock-map.md"))
    window.browser.anchorClicked.emit(QUrl("classify.md"))
    assert (window.page, opened) == ("classify", [])
    window.back.click()
    assert window.page == "dock-map"
    window.contents.click()
    assert window.page == CONTENTS
    window.browser.anchorClicked.emit(QUrl("../../docs/tutorial.md"))
    window.browser.anchorClicked.emit(QUrl("https://example.org/page"))
    assert opened[0].endswith("/blob/main/docs/tutorial.md")
    assert opened[1] == "https://example.org/page"
    assert window.page == CONTENTS


@pytest.mark.parametrize("path", sorted(HELP.rglob("*.md")), ids=lambda path: str(path.relative_to(HELP)))
def test_a_page_is_markdown_that_is_understood(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = re.sub(r"<(code|pre)\b.*?</\1>", "", to_html(text), flags=re.S)
    assert not re.search(r"\*|`|^\s*#|\]\(|^\|", shown, re.M), shown


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: str(path.relative_to(HELP)))
def test_a_translated_page_is_built_like_the_english_one(path: Path) -> None:
    english, other = ((folder / path.name).read_text(encoding="utf-8") for folder in (HELP, path.parent))
    # Headings and items in their order, links, code and paragraphs.
    for mark in (r"^(#+) ", r"^(- |\d\.)", r"\]\([./]*([^)]+)\)", r"^    (.*)$"):
        assert re.findall(mark, other, re.M) == re.findall(mark, english, re.M)
    assert len(re.findall(r"\n\n", other)) == len(re.findall(r"\n\n", english))
    assert _codes(other) == _codes(english)


def _codes(text: str) -> list[str]:
    """What a computer reads, which is the same in every language; lists of names to type are not."""
    return sorted(code for code in re.findall(r"`([^`]+)`", text) if ", " not in code)


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: str(path.relative_to(HELP)))
def test_links_of_a_translated_page_stay_in_its_language(path: Path) -> None:
    for link in re.findall(r"\]\((?![a-z]+:)([^)]+)\)", path.read_text(encoding="utf-8")):
        target = (path.parent / link.partition("#")[0]).resolve()
        assert target.is_file(), link
        assert target.parent == path.parent or not (path.parent / target.name).exists(), link


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: str(path.relative_to(HELP)))
def test_a_translated_page_calls_things_as_the_dock_does(path: Path) -> None:
    english, other = ((folder / path.name).read_text(encoding="utf-8") for folder in (HELP, path.parent))
    known = texts_in(FOLDER / f"geofm_{path.parent.name}.ts")
    shown = {known[words] for words in re.findall(r"\*\*([^*]+)\*\*", english) if words in known}
    assert shown - set(re.findall(r"\*\*([^*]+)\*\*", other)) == set()


def test_a_page_of_the_users_language_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de").mkdir()
    for name, text in (("de/a.md", "Hallo"), ("a.md", "Hello"), ("b.md", "Bye")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr("geofm.algorithms.text.HELP", tmp_path)
    monkeypatch.setattr("geofm.algorithms.text.ROOT", tmp_path)
    monkeypatch.setattr("geofm.algorithms.text.languages", lambda: ("de_AT", "de"))
    assert help_file("a").read_text(encoding="utf-8") == "Hallo"
    assert help_file("b").read_text(encoding="utf-8") == "Bye"
    assert help_url("a").endswith("/blob/main/de/a.md")
    assert help_url("b").endswith("/blob/main/b.md")
    with pytest.raises(FileNotFoundError):
        help_file("c")


def test_code_links_and_numbered_lists() -> None:
    text = "*a* `*b*` `*c`\n\n# Title\n\n1. one\n2. two\n   goes on\n\n    a < b\n      c\n\n[x](y.md) [z](http://z)"
    assert to_html(text, "base/").split("\n") == [
        "<p><i>a</i> <code>*b*</code> <code>*c</code></p>",
        "<h2>Title</h2>",
        "<ol><li>one</li><li>two goes on</li></ol>",
        '<pre style="white-space: pre-wrap">a &lt; b',
        "  c</pre>",
        '<p><a href="base/y.md">x</a> <a href="http://z">z</a></p>',
    ]


def test_links_can_be_read_in_a_dark_theme(dock: GeoFMDock) -> None:
    window: HelpWindow = dock.help
    window.open_page(CONTENTS)
    palette = dock.palette()
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#eeeeee"))
    dock.setPalette(palette)
    dock.desk.theme.refresh()
    assert dock.desk.theme.ink.lightness() > 200
    assert dock.desk.theme.ink.name() in window.browser.document().defaultStyleSheet()
    assert dock.desk.theme.ink.name() in window.browser.toHtml()


def test_the_window_goes_with_the_dock(make_dock: Callable[[], GeoFMDock]) -> None:
    dock = make_dock()
    dock.ask.click()
    assert dock.help.parent() is dock
    assert isinstance(dock.help, help_window.HelpWindow)
