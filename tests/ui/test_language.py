"""QGIS's language reaches what GeoFM shows, and costs no time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QLabel,
    QPushButton,
    QWidget,
)

from geofm.algorithms import language
from geofm.algorithms.text import tr
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Page
from geofm.ui.widgets import ElidedLabel

Speak = Callable[[str], None]


@pytest.fixture
def speak(qgis_app: Any) -> Iterator[Speak]:
    """Have QGIS in another language, as its settings would after a restart."""

    def forget() -> None:
        language.languages.cache_clear()
        language.texts.cache_clear()

    def choose(locale: str) -> None:
        QgsSettings().setValue("locale/overrideFlag", True)
        QgsSettings().setValue("locale/userLocale", locale)
        assert QgsApplication.locale() == locale
        forget()

    yield choose
    QgsSettings().remove("locale/overrideFlag")
    QgsSettings().remove("locale/userLocale")
    forget()


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("de", ("de",)),
        ("de_AT", ("de_AT", "de")),
        ("de-CH.UTF-8", ("de_CH", "de")),
        ("zh", ("zh-Hans",)),
        ("zh_CN", ("zh-Hans",)),
        ("zh-Hans", ("zh-Hans",)),
        ("zh_Hans_CN", ("zh-Hans",)),
        ("zh_TW", ()),
        ("zh-Hant", ()),
        ("en_US", ("en_US", "en")),
        ("C", ("C",)),
        ("", ()),
    ],
)
def test_languages_of_a_locale(locale: str, names: tuple[str, ...]) -> None:
    assert language.candidates(locale) == names


@pytest.mark.parametrize(
    ("locale", "text"), [("de_AT", "Karte"), ("zh_CN", "地图"), ("en", "Map"), ("xx", "Map")]
)
def test_texts_are_in_the_language_of_qgis(speak: Speak, locale: str, text: str) -> None:
    speak(locale)
    assert tr("Map") == text


def test_what_has_no_translation_stays_english(speak: Speak) -> None:
    speak("de")
    assert tr("Nobody has translated this") == "Nobody has translated this"


def test_what_is_unfinished_counts_and_what_has_vanished_does_not(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS><context><name>GeoFM</name>'
        "<message><location filename='x.py'/><source>a &amp; b</source>"
        "<translation>A &amp; B</translation></message>"
        '<message><source>c</source><translation type="unfinished">C</translation></message>'
        '<message><source>d</source><translation type="unfinished"></translation></message>'
        '<message><source>e</source><translation type="vanished">E</translation></message>'
        "</context></TS>",
        encoding="utf-8",
    )
    assert language.texts_in(path) == {"a & b": "A & B", "c": "C"}


def test_a_broken_file_says_its_name(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    path.write_text("<TS><context>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"made\.ts"):
        language.texts_in(path)


@pytest.mark.parametrize("locale", ["de", "zh-Hans"])
def test_reading_a_language_costs_a_moment(speak: Speak, locale: str) -> None:
    path = language.FOLDER / f"geofm_{locale}.ts"
    # Of the processor's time, the best of a few: other processes count for nothing.
    spent = []
    for _ in range(5):
        began = time.process_time()
        assert language.texts_in(path)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.03


def _shown(dock: GeoFMDock) -> set[str]:
    """What the labels and buttons of the dock say, of all pages."""
    widgets = [*dock.findChildren(QLabel), *dock.findChildren(QAbstractButton)]
    return {text for widget in widgets if (text := widget.text()) and any(map(str.isalpha, text))}


@pytest.mark.parametrize("locale", ["de", "zh-Hans"])
def test_the_dock_is_in_that_language(
    speak: Speak, make_dock: Callable[[], GeoFMDock], locale: str
) -> None:
    english = _shown(make_dock())
    speak(locale)
    translated = _shown(make_dock())
    assert len(translated) > 80
    known = language.texts()
    # Names, units and what the engine says are the same in every language.
    missing = {text for text in english & translated if known.get(text, "") != text}
    assert len(missing) < 0.1 * len(english), sorted(missing)


def _cut(dock: GeoFMDock) -> set[str]:
    """Words of labels, buttons and numbers that do not fit their places, on the page that is shown."""
    plain = [label for label in dock.findChildren(QLabel) if not label.wordWrap()]
    cut = {
        widget.text()
        for widget in [*plain, *dock.findChildren(QPushButton), *dock.findChildren(QCheckBox)]
        if widget.isVisible()
        and not isinstance(widget, ElidedLabel)
        and max(_width(widget, widget.text()), _least(widget)) > widget.width()
    }
    for spin in dock.findChildren(QAbstractSpinBox):
        narrow = _width(spin, spin.text()) > spin.lineEdit().width()
        if spin.isVisible() and (narrow or spin.x() + spin.width() > spin.parentWidget().width()):
            cut.add(spin.text())
    return cut


def _least(widget: QWidget) -> int:
    """What a button takes beside its words; a label takes nothing."""
    return widget.sizeHint().width() if isinstance(widget, QCheckBox) else 0


def _width(widget: QWidget, text: str) -> int:
    return int(widget.fontMetrics().horizontalAdvance(text.replace("&", "")))


@pytest.mark.parametrize("locale", ["en", "de", "zh-Hans"])
def test_nothing_is_cut_off(
    speak: Speak, make_dock: Callable[[], GeoFMDock], landsat: Any, settled: Callable[[], None], locale: str
) -> None:
    speak(locale)
    dock = make_dock()
    for box in dock.findChildren(QgsCollapsibleGroupBox):
        box.setCollapsed(False)
    cut = {}
    for page in Page:
        dock.desk.model.show(page)
        dock.resize(360, 1600)
        settled()
        cut[page] = _cut(dock)
        assert dock.width() <= 360
    assert cut == {page: set() for page in Page}


@pytest.mark.parametrize("open_it", [Qt.Key.Key_F4, None], ids=["key", "mouse"])
def test_a_list_opens_as_wide_as_its_words(
    speak: Speak, make_dock: Callable[[], GeoFMDock], settled: Callable[[], None], open_it: Qt.Key | None
) -> None:
    speak("de")
    dock = make_dock()
    dock.desk.model.show(Page.MODELS)
    settled()
    combo = dock.models_page.task
    longest = max(_width(combo, combo.itemText(index)) for index in range(combo.count()))
    assert combo.width() < longest
    if open_it is None:
        QTest.mouseClick(combo, Qt.MouseButton.LeftButton)
    else:
        QTest.keyClick(combo, open_it)
    assert combo.view().isVisible()
    assert combo.view().viewport().width() >= longest
    combo.hidePopup()
