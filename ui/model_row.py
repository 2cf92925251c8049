"""A model in two lines; pressed, it shows its details below."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from qgis.PyQt.QtWidgets import QAbstractButton

from ..algorithms.text import tr
from ..inference.cards import CLASSIFIER
from ..inference.catalog import Card
from ..inference.recommend import Recommendation
from ..inference.wording import licence, metres, pixels, search_text, sensors, transfer
from .desk import Desk
from .model_work import ModelWork
from .theme import FAINT, FILL, LINE, MUTED, thin

_PAD, _GAP, _MARK, _ARROW = 7, 6, 14, 8
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class ModelRow(QAbstractButton):
    """Painted as a whole: of sixty models no widget more is made than one each.

    Args:
        found: what the layer says of the model, None while there is no layer.
    """

    moved = pyqtSignal(int)

    def __init__(self, desk: Desk, card: Card, found: Recommendation | None, work: ModelWork) -> None:
        super().__init__()
        self._desk = desk
        self.card = card
        self.found = found
        self.work = work
        # Looked at once: the folders may lie on another machine, and rows are painted often.
        self.ready = desk.shelf.ready(card)
        self.words = search_text(card)
        self.about = _about(card)
        self.setText(card.title)
        self.setCheckable(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        reason = found.reason if found is not None else card.description
        self.setToolTip(reason)
        self.setAccessibleName(f"{card.title}, {self.state()}: {reason}")
        work.changed.connect(self.update)

    def matches(self, words: list[str]) -> bool:
        """Whether each of some words, in lower case, is part of what the model is known by."""
        return all(word in self.words for word in words)

    def state(self) -> str:
        """Where it is, or how far its download."""
        if self.work.busy:
            return "…" if self.work.percent is None else f"{self.work.percent} %"
        if self.card.family == CLASSIFIER:
            return tr("taught")
        if not self.card.needs_download:
            return tr("built in")
        if self.ready:
            return tr("here")
        return transfer(self.card) or tr("to download")

    def sizeHint(self) -> QSize:
        heights = QFontMetrics(self._bold()).height() + QFontMetrics(self._small()).height()
        return QSize(120, heights + 2 * _PAD - 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: Any) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in _STEPS:
            self.moved.emit(_STEPS[event.key()])
        else:
            super().keyPressEvent(event)

    # --- painted ------------------------------------------------------------------------------

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    def paintEvent(self, event: Any) -> None:
        theme = self._desk.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame(painter)
        fits = self.found is None or self.found.fits
        inner = self.rect().adjusted(_PAD, 0, -_PAD, 0)
        inner.setRight(self._arrow(painter, inner))
        if self.found is not None and fits:
            mark = "dock-ok" if self.found.in_memory else "dock-warning"
            top = (self.height() - _MARK) // 2
            theme.icon(mark).paint(painter, QRect(inner.left(), top, _MARK, _MARK))
        if self.found is not None:
            inner.setLeft(inner.left() + _MARK + _GAP)
        upper, lower = QRect(inner), QRect(inner)
        upper.setBottom(self.height() // 2 + 1)
        lower.setTop(self.height() // 2 + 1)
        state, quiet = self.state(), thin(theme.ink, MUTED)
        self._line(painter, upper.adjusted(0, 2, 0, 0), self._small(), quiet, state, True)
        taken = QFontMetrics(self._small()).horizontalAdvance(state) + _GAP
        title = theme.ink if fits else quiet
        self._line(painter, upper.adjusted(0, 2, -taken, 0), self._bold(), title, self.card.title)
        self._line(painter, lower.adjusted(0, 0, 0, -3), self._small(), quiet, self.about)
        painter.end()

    def _frame(self, painter: QPainter) -> None:
        theme = self._desk.theme
        lit = self.hasFocus() or self.isChecked()
        painter.setPen(QPen(theme.accent if lit else thin(theme.ink, LINE), 1))
        painter.setBrush(thin(theme.ink, LINE / 2 if self.underMouse() else FILL))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _arrow(self, painter: QPainter, inner: QRect) -> int:
        """Draw which way it opens; where the text has to end."""
        middle, right, half = self.height() / 2, float(inner.right()), _ARROW / 2
        points = [(-half, -half), (0.0, 0.0), (-half, half)]
        if self.isChecked():
            points = [(-_ARROW, -half / 2), (-half, half / 2), (0.0, -half / 2)]
        painter.setPen(QPen(thin(self._desk.theme.ink, FAINT + 0.2), 1.5))
        places = [QPointF(right + x, middle + y) for x, y in points]
        painter.drawLine(places[0], places[1])
        painter.drawLine(places[1], places[2])
        return inner.right() - _ARROW - _GAP

    def _line(
        self, painter: QPainter, area: QRect, font: QFont, color: QColor, text: str, at_right: bool = False
    ) -> None:
        painter.setFont(font)
        painter.setPen(color)
        side = Qt.AlignmentFlag.AlignRight if at_right else Qt.AlignmentFlag.AlignLeft
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)


def _about(card: Card) -> str:
    """What it tells apart; or its bands, pixels and licence."""
    if card.family == CLASSIFIER:
        return ", ".join(info.name for info in card.classes)
    taken = [sensors(card), pixels(card) if card.native_gsd is None else metres(card.native_gsd)]
    if taken == ["any", "any"]:
        taken = [tr("any raster")]
    return " · ".join(part for part in (*taken, licence(card).split(";")[0]) if part)


