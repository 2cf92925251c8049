"""Help beside the work: the page of what has the keyboard, in a window that leaves the dock usable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QDialog, QTextBrowser, QWidget

from ..algorithms.text import HELP, help_file, help_url, to_html, tr
from .theme import FILL, Theme, css, thin
from .widgets import column, quiet_button, row

CONTENTS = "dock"
_PAGE = "geofm_help"
_SIZE = (520, 640)
_SHEET = "a {{ color: {ink}; text-decoration: underline; }} pre, code {{ background-color: {fill}; }}"


def bind(pages: Mapping[str, QWidget]) -> None:
    """Say which page tells of a widget and of all within it that has none of its own."""
    for page, widget in pages.items():
        widget.setProperty(_PAGE, page)


def page_of(widget: QWidget | None) -> str:
    """The page bound to the widget, or to the nearest that it lies in; the contents where there is none."""
    while widget is not None:
        page = widget.property(_PAGE)
        if page:
            return str(page)
        widget = widget.parentWidget()
    return CONTENTS


class HelpWindow(QDialog):
    """Shows the pages in resources/help and follows the links between them.

    Attributes:
        page: name of the page that is shown; empty before the first.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("GeoFM: help"))
        self.resize(*_SIZE)
        self._theme = theme
        self._past: list[str] = []
        self.page = ""
        self.browser = QTextBrowser()
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        self.back = quiet_button(theme, "dock-previous", tr("Back"))
        self.back.clicked.connect(self._go_back)
        self.contents = quiet_button(theme, "dock-report", tr("Contents"))
        self.contents.clicked.connect(lambda: self.open_page(CONTENTS))
        buttons = row()
        buttons.addWidget(self.back)
        buttons.addWidget(self.contents)
        buttons.addStretch()
        layout = column(self, margin=8)
        layout.addLayout(buttons)
        layout.addWidget(self.browser, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def open_page(self, page: str) -> None:
        """Show a page, in front of what else there is; the one before is kept for Back."""
        if self.page and page != self.page:
            self._past.append(self.page)
        self._show(page)
        self.show()
        self.raise_()

    def _show(self, page: str) -> None:
        self.page = page
        self.browser.setHtml(to_html(help_file(page).read_text(encoding="utf-8")))
        self.back.setEnabled(bool(self._past))
        self.browser.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_back(self) -> None:
        self._show(self._past.pop())

    def _follow(self, link: QUrl) -> None:
        """A page of ours opens here, all else in the browser; what lies beside the pages, at the project."""
        target = PurePosixPath(link.path())
        if not link.isRelative():
            QDesktopServices.openUrl(link)
        elif (HELP / target.name).is_file():
            self.open_page(target.stem)
        else:
            QDesktopServices.openUrl(QUrl(help_url(self.page)).resolved(link))

    def _restyle(self) -> None:
        colours = {"ink": self._theme.ink.name(), "fill": css(thin(self._theme.ink, FILL))}
        self.setStyleSheet(self._theme.sheet())
        self._theme.redraw_icons(self)
        self.browser.document().setDefaultStyleSheet(_SHEET.format(**colours))
        if self.page:
            self._show(self.page)
