"""Calls to the engine and its environment, as functions for :class:`.tasks.CallTask`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..algorithms import session
from ..inference import adding, environment
from ..inference.cards import Card
from ..inference.client import Engine, Progress
from ..inference.drafts import Draft

_LOOK_EVERY = 0.1

Report = Callable[[str, int, int, str], None]
Asked = Callable[[], bool]


def on_engine(method: str, params: dict[str, Any]) -> Callable[[Report, Asked], dict[str, Any]]:
    """A call of docs/protocol.md that passes progress on and can be cancelled.

    The function raises GeoFMError, ``Cancelled`` after a cancel.
    """
    engine = session.engine()
    return lambda report, cancelled: _answer(engine, method, params, report, cancelled)


def look_into(path: str, trusted: bool) -> Callable[[Report, Asked], Draft | None]:
    """What a model's file says of itself; None where it has a card (see ``adding.draft_of``)."""
    engine = session.engine()

    def work(report: Report, cancelled: Asked) -> Draft | None:
        def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
            return _answer(engine, method, params, report, cancelled)

        return adding.draft_of(path, ask, trusted=trusted)

    return work


def keep(draft: Draft, beside: bool, trusted: bool) -> Callable[[Report, Asked], Card]:
    """The card of a draft to which nothing is missing, written (see ``adding.save_draft``)."""
    engine = session.engine()

    def work(report: Report, cancelled: Asked) -> Card:
        def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
            return _answer(engine, method, params, report, cancelled)

        return adding.save_draft(draft, beside=beside, trusted=trusted, ask=ask)

    return work


def _answer(
    engine: Engine, method: str, params: dict[str, Any], report: Report, cancelled: Asked
) -> dict[str, Any]:
    def heard(progress: Progress) -> None:
        report(progress.stage, progress.done, progress.total, progress.message)

    run = engine.call(method, params, heard)
    while not run.wait(_LOOK_EVERY):
        if cancelled() and not run.cancel_requested:
            run.cancel()
    return run.result()


def set_up(report: Report, cancelled: Asked) -> str:
    """Make the engine's environment; answers its interpreter.

    Raises:
        GeoFMError: see :func:`geofm.inference.environment.create`.
    """
    return str(environment.create(progress=report, cancelled=cancelled))
