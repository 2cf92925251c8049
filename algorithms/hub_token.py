"""The user's token of Hugging Face, which gated models ask for: in QGIS's authentication store alone.

It lies there encrypted by QGIS's master password, travels to the engine over the wire, and appears in no
settings, job file, log or command line.
"""

from __future__ import annotations

import re
from enum import Enum

from qgis.core import QgsApplication

_KEY = "geofm/hub_token"
_TOKEN = re.compile(r"[!-~]{1,1000}")

# What this session has seen of it. None: not opened yet.
_seen: str | None = None


class State(Enum):
    """What is known of the token."""

    NONE = "none"
    LOCKED = "locked"
    OPEN = "open"


def state() -> State:
    """Whether there is a token, and whether this session can read it; never opens a dialog."""
    if token():
        return State.OPEN
    return State.LOCKED if QgsApplication.authManager().existsAuthSetting(_KEY) else State.NONE


def token() -> str:
    """The token, empty where there is none or its store is locked; never opens a dialog, on any thread."""
    return _seen or (_read() if QgsApplication.authManager().masterPasswordIsSet() else "")


def is_token(text: str) -> bool:
    """Whether a text can be one: visible ASCII without spaces."""
    return _TOKEN.fullmatch(text) is not None


def keep(text: str) -> bool:
    """Use a token from now on, and keep it; QGIS may ask for its master password.

    Returns:
        False where QGIS did not open its store: the token is then known until QGIS ends.
    """
    global _seen
    _seen = text
    return bool(QgsApplication.authManager().storeAuthSetting(_KEY, text, True))


def unlock() -> bool:
    """Read the token that was kept; QGIS may ask for its master password. Whether it is known now."""
    return QgsApplication.authManager().setMasterPassword(True) and bool(_read())


def forget() -> None:
    """Delete the token, here and in the store."""
    global _seen
    _seen = None
    QgsApplication.authManager().removeAuthSetting(_KEY)


def _read() -> str:
    global _seen
    manager = QgsApplication.authManager()
    if not _seen and manager.existsAuthSetting(_KEY):
        _seen = str(manager.authSetting(_KEY, "", True) or "")
    return _seen or ""
