"""A small card on the page Models: the token that gated models of Hugging Face ask for."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QLineEdit, QPushButton

from ..algorithms import hub_token
from ..algorithms.hub_token import State
from ..algorithms.text import tr
from .desk import Desk
from .widgets import Card, column, muted, row


class HubToken(Card):
    """Enter a token, unlock the one that was kept, forget it. It is never shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.about = muted()
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setPlaceholderText(tr("Token of Hugging Face"))
        self.edit.setAccessibleName(self.edit.placeholderText())
        self.edit.setToolTip(tr("Made at huggingface.co/settings/tokens; reading is all it needs to allow"))
        self.edit.returnPressed.connect(self._on_keep)
        self.keep = QPushButton(tr("Keep"))
        self.keep.setToolTip(tr("Keep the token in QGIS's authentication store, encrypted"))
        self.keep.clicked.connect(self._on_keep)
        self.unlock = QPushButton(tr("Unlock"))
        self.unlock.setToolTip(tr("Give QGIS's master password, so that the token kept can be used"))
        self.unlock.clicked.connect(self._on_unlock)
        self.forget = QPushButton(tr("Forget"))
        self.forget.setToolTip(tr("Delete the token from QGIS's authentication store"))
        self.forget.clicked.connect(self._on_forget)
        self.message = muted()
        buttons = row()
        buttons.addWidget(self.edit, 1)
        for button in (self.keep, self.unlock, self.forget):
            buttons.addWidget(button)
        layout = column(self, margin=8, spacing=4)
        layout.addWidget(self.about)
        layout.addLayout(buttons)
        layout.addWidget(self.message)
        desk.model.page_changed.connect(lambda _: self._bind())
        self._bind()

    def _bind(self, message: str = "") -> None:
        known = hub_token.state()
        self.about.setText(_sentence(known))
        self.edit.setVisible(known is State.NONE)
        self.keep.setVisible(known is State.NONE)
        self.unlock.setVisible(known is State.LOCKED)
        self.forget.setVisible(known is not State.NONE)
        self.message.setText(message)
        self.message.setVisible(bool(message))

    def _on_keep(self) -> None:
        text = self.edit.text().strip()
        if not hub_token.is_token(text):
            self._bind(tr("A token has no spaces and begins with hf_."))
            return
        self.edit.clear()
        kept = hub_token.keep(text)
        self._bind("" if kept else tr("QGIS did not open its store: the token is known until QGIS ends."))

    def _on_unlock(self) -> None:
        self._bind("" if hub_token.unlock() else tr("The token is still locked."))

    def _on_forget(self) -> None:
        hub_token.forget()
        self._bind()


def _sentence(known: State) -> str:
    if known is State.OPEN:
        return tr("Your token of Hugging Face is used where a model asks for one.")
    if known is State.LOCKED:
        return tr("Your token of Hugging Face is kept, and locked by QGIS's master password.")
    return tr("Some models on Hugging Face want a token of an account that was given access.")
