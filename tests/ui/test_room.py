"""Room, keyboard and themes: the dock on a small screen, without a mouse, in the dark."""

from __future__ import annotations

import pytest
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QShortcut,
    QWidget,
)

from geofm.inference.jobs import Task
from geofm.ui.state import Notice, Outcome, Page, Phase, Progress
from geofm.ui.widgets import ElidedLabel

WIDTH = 360


def every_state(dock, choose):
    """The dock page by page, then with progress and with a long message and its log."""
    model = dock.desk.model
    choose(dock.change_page.threshold.how, "given")
    for page in Page:
        model.show(page)
        if page is Page.CHANGE:
            choose(dock.change_page.threshold.how, "alarms")
            yield "false alarms"
        if page is Page.MODELS:
            dock.models_page.open(dock.models_page.row("galileo-nano"))
        yield page.value
    model.show(Page.MAP)
    for task in Task:
        if dock.map_page.task.findData(task.value) >= 0:
            choose(dock.map_page.task, task.value)
            yield task.value
    model.enter(Phase.RUNNING)
    model.set_progress(Progress(42.0, "Computing the features of a very large image " * 3, 5000.0))
    yield "running"
    model.enter(Phase.READY)
    model.set_notice(Notice(Outcome.FAILED, "It_failed_at_/a/very/long/path/" * 8, "Do this. " * 30, "log"))
    dock.run_panel.notice.show_details()
    dock.history_box.setCollapsed(False)
    yield "failed"


def test_it_fits_a_narrow_dock(dock, landsat, polygons, settled, choose) -> None:
    dock.map_page.options.setCollapsed(False)
    dock.teach_page.options.setCollapsed(False)
    dock.change_page.options.setCollapsed(False)
    for state in every_state(dock, choose):
        settled()
        assert dock.minimumSizeHint().width() <= WIDTH, state
        upper = dock.map_page.parentWidget()
        assert upper.minimumSizeHint().width() <= WIDTH, state
        for widget in visible(dock):
            right = widget.mapTo(dock, widget.rect().topRight()).x()
            assert right <= dock.width(), (state, widget, widget.objectName())


def visible(dock) -> list[QWidget]:
    kinds = (QAbstractButton, QLabel)
    return [w for w in dock.content.findChildren(QWidget) if w.isVisible() and isinstance(w, kinds)]


def test_no_text_is_cut_off(dock, landsat, polygons, settled, choose) -> None:
    for state in every_state(dock, choose):
        settled()
        settled()
        for button in dock.content.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                assert button.width() >= button.sizeHint().width() - 1, (state, button.text())
        for label in dock.content.findChildren(QLabel):
            if not label.isVisible() or not label.text():
                continue
            if label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()), (state, label.text())
            elif not isinstance(label, ElidedLabel):
                assert label.width() >= label.sizeHint().width(), (state, label.text())


def test_keys_turn_pages_run_and_cancel(dock) -> None:
    keys = {s.key().toString(): s for s in dock.findChildren(QShortcut)}
    for number, page in enumerate(Page, 1):
        keys[f"Alt+{number}"].activated.emit()
        assert dock.desk.model.page is page
        assert dock.bar.findChildren(QAbstractButton)[number - 1].isChecked()
    assert {QKeySequence(k).toString() for k in ("Ctrl+Return", "Ctrl+Enter", "Esc")} <= set(keys)
    assert all(s.context() == Qt.ShortcutContext.WidgetWithChildrenShortcut for s in keys.values())


def test_arrow_keys_walk_the_page_bar(dock) -> None:
    buttons = dock.bar.findChildren(QAbstractButton)
    dock.desk.model.show(Page.MAP)
    buttons[0].setFocus()
    QTest.keyClick(buttons[0], Qt.Key.Key_Right)
    assert dock.desk.model.page is Page.TEACH
    QTest.keyClick(buttons[1], Qt.Key.Key_Left)
    QTest.keyClick(buttons[0], Qt.Key.Key_Left)
    assert dock.desk.model.page is Page.MODELS


def test_tab_reaches_everything_that_can_be_pressed(dock, landsat) -> None:
    dock.activateWindow()
    first = dock.input_tray.add
    first.setFocus()
    reached, widget = set(), first
    while widget not in reached:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    wanted = {b for b in dock.content.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()}
    unreachable = {b for b in wanted if b not in reached or not b.focusPolicy() & Qt.FocusPolicy.TabFocus}
    # The little arrows of QGIS's own widgets take part in their widget.
    own = {b for b in unreachable if b.property("geofm")}
    assert own == set()


def test_the_focus_goes_from_run_to_cancel_and_back(dock, landsat, qtbot) -> None:
    dock.activateWindow()
    dock.run_panel.run.setFocus()
    qtbot.waitUntil(dock.run_panel.run.hasFocus)
    dock.desk.model.enter(Phase.RUNNING)
    assert dock.run_panel.cancel.hasFocus()
    dock.desk.model.enter(Phase.READY)
    assert dock.run_panel.run.hasFocus()


def tab_stops(dock) -> list[QWidget]:
    """Where the Tab key stops now, in its order."""
    found, widget = [], dock.input_tray.add
    while widget not in found:
        found.append(widget)
        widget = widget.nextInFocusChain()
    return [
        w for w in found
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and dock.content.isAncestorOf(w) and not isinstance(w, QScrollArea)
    ]


@pytest.mark.parametrize("page", list(Page))
def test_tab_goes_as_the_eye_does(dock, landsat, polygons, settled, page) -> None:
    for box in (dock.map_page.options, dock.teach_page.options, dock.change_page.options):
        box.setCollapsed(False)
    dock.desk.model.show(page)
    tray = dock.before_tray if page is Page.CHANGE else dock.input_tray
    QTest.mouseClick(tray.chips()[0].title, Qt.MouseButton.LeftButton)
    dock.resize(WIDTH, 1800)
    settled()
    stops = tab_stops(dock)
    start = stops.index(dock.before_tray.add if page is Page.CHANGE else dock.input_tray.add)
    places = [widget.mapTo(dock, QPoint(0, 0)) for widget in stops[start:] + stops[:start]]
    assert len(places) > 10
    for (before, after), widget in zip(zip(places, places[1:]), stops[start + 1 :]):
        below, beside = after.y() > before.y() + 4, after.x() >= before.x()
        assert below or (beside and after.y() >= before.y() - 4), (widget, before, after)


def test_every_control_says_what_it_does(dock, landsat, settled) -> None:
    QTest.mouseClick(dock.input_tray.chips()[0].title, Qt.MouseButton.LeftButton)
    settled()
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)
    whole = (QAbstractSpinBox, QComboBox, QgsFilterLineEdit)
    controls = [w for w in dock.content.findChildren(QWidget) if isinstance(w, kinds)]
    assert len(controls) > 50
    for control in controls:
        if isinstance(control.parent(), whole) or control.objectName() == "collapseButton":
            continue
        assert control.toolTip(), (control, control.parent())
        if control.property("geofm_icon") and not control.text():
            assert control.accessibleName(), control.toolTip()


def test_a_change_of_theme_reaches_the_icons(dock, landsat, settled) -> None:
    before = dock.run_panel.cancel.icon().pixmap(16).toImage()
    light = dock.desk.theme.ink.lightness()
    try:
        QApplication.instance().setStyleSheet("QLabel { color: #dddddd; } QWidget { background: #323232; }")
        settled()
        assert dock.desk.theme.ink.lightness() > light
        assert dock.run_panel.cancel.icon().pixmap(16).toImage() != before
        assert "221,221,221" in dock.content.styleSheet()
    finally:
        QApplication.instance().setStyleSheet("")
        settled()
