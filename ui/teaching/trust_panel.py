"""How far the classifier can be trusted, and what each layer is good for: sentences on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.PyQt.QtWidgets import QPushButton, QWidget

from ...algorithms.text import tr
from ...inference.errors import GeoFMError
from ...inference.teaching import Check
from ..desk import Desk
from ..widgets import column, muted
from .live import Live


class TrustPanel(QWidget):
    """Buttons and their answer, which fades as soon as the labels change."""

    def __init__(self, desk: Desk, live: Live) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._live = live
        self.button = QPushButton(tr("How good is it?"))
        self.button.setToolTip(tr("Leave out labels in turn, and see how many are mapped right"))
        desk.theme.bind(self.button, "dock-verify")
        self.button.clicked.connect(self.check)
        self.helped = QPushButton(tr("What did each layer help?"))
        self.helped.setToolTip(tr("Leave out one layer after the other, and see how much is mapped right"))
        desk.theme.bind(self.helped, "dock-report")
        self.helped.clicked.connect(self.ask_layers)
        self.words = muted()
        layout = column(self, spacing=3)
        layout.addWidget(self.button)
        layout.addWidget(self.helped)
        layout.addWidget(self.words)
        self.helped.setVisible(False)
        live.began.connect(self._on_began)
        live.labelled.connect(self._on_labelled)
        self._say("")

    def check(self) -> None:
        """Ask the engine; the answer comes when it has worked on it."""
        live = self._live
        self._say("")
        live.ask(lambda teaching: teaching.check(live.told), self._on_checked, self._on_failed)

    def ask_layers(self) -> None:
        """Ask the engine what each layer is good for; it works longer on that."""
        live = self._live
        self._say("")
        live.ask(
            lambda teaching: teaching.helped(live.told),
            lambda sentences: self._say("\n".join(sentences)),
            self._on_failed,
        )

    def _on_began(self) -> None:
        opened = self._live.opened
        self.helped.setVisible(opened is not None and len(opened.layers) > 1)

    def _on_checked(self, check: Check) -> None:
        self._say(trust_sentence(check))
        # How it was found out, for those who ask.
        self.words.setToolTip("\n".join(check.notes))

    def _on_failed(self, error: GeoFMError) -> None:
        self._say(str(error))

    def _on_labelled(self, _: object) -> None:
        if self.words.text():
            self._say(tr("The labels have changed since."))

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def set_ready(self, ready: bool) -> None:
        """Whether there is something to check."""
        self.button.setEnabled(ready)
        self.helped.setEnabled(ready)


def trust_sentence(check: Check) -> str:
    """Accuracy and calibration in as few words as are honest."""
    accuracy = check.accuracy
    if not accuracy or accuracy.get("overall") is None:
        return " ".join(check.notes) or tr("There are too few labels to tell.")
    percent = f"{100 * accuracy['overall']:.0f}"
    parts = [tr("{} % of the pixels of labels left out are right.").format(percent)]
    if accuracy.get("macro_f1") is not None:
        parts = [
            tr("{} % of the pixels of labels left out are right, F1 {}.").format(
                percent, f"{accuracy['macro_f1']:.2f}"
            )
        ]
    return " ".join([*parts, *_calibration(check.calibration)])


def _calibration(found: Mapping[str, Any] | None) -> list[str]:
    """How far the confidence is from what is right, on average."""
    if not found or found.get("before") is None:
        return []
    before, after = found["before"], found.get("after")
    if found.get("temperature", 1.0) == 1.0 or after is None:
        return [tr("Its confidence is off by {} %.").format(f"{100 * before:.0f}")]
    words = tr("Its confidence is off by {} %, {} % before it was calibrated.")
    return [words.format(f"{100 * after:.0f}", f"{100 * before:.0f}")]
