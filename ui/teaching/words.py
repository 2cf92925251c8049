"""What a teaching session is doing, in a few words."""

from __future__ import annotations

from ...algorithms import session
from ...algorithms.text import tr
from .lesson import Stage
from .live import Live


def state_line(live: Live) -> str:
    """One line; empty where there is nothing to say."""
    if live.stage is Stage.FAILED and live.error is not None:
        return str(live.error)
    if live.progress is not None:
        title = session.stage_title(live.progress.stage)
        if live.progress.total > 0:
            return tr("{}: {} %").format(title, round(100 * live.progress.fraction))
        return tr("{}…").format(title)
    if live.stage is Stage.OPENING:
        return tr("Getting to know the image…")
    if live.stage is Stage.ENCODING:
        return _encoding(live)
    if live.stage is Stage.READY:
        return _ready(live)
    return ""


def _encoding(live: Live) -> str:
    encoded = live.encoded
    if encoded is None or not encoded.visible_total:
        return tr("Encoding what the map shows…")
    percent = round(100 * encoded.visible_done / encoded.visible_total)
    return tr("Encoding what the map shows: {} %").format(percent)


def _ready(live: Live) -> str:
    if live.error is not None:
        return str(live.error)
    preview = live.preview
    if preview is None:
        return tr("Ready to learn.")
    if not preview.path:
        return preview.reason
    return tr("The preview is up to date.")


def state_detail(live: Live) -> str:
    """What more there is to know of the preview: how it was made simpler, labels that do not count."""
    preview = live.preview
    if live.stage not in (Stage.ENCODING, Stage.READY) or preview is None or not preview.path:
        return ""
    return " ".join(part for part in (preview.reason, *preview.notes) if part)
