"""Calls to the engine and its environment, as functions for :class:`.tasks.CallTask`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import Qgis

from ..algorithms import session
from ..inference import adding, environment, places
from ..inference.cards import Card
from ..inference.client import Engine, Progress, close_shared_engine
from ..inference.console import doctor_text
from ..inference.diagnosis import doctor_facts, last_lines
from ..inference.drafts import Draft
from ..inference.environment import Plan, SetupOptions, homes
from ..inference.environment.networks import without_secrets
from ..inference.environment.platforms import this_platform

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


def look_at_machine(options: SetupOptions) -> Callable[[Report, Asked], Plan]:
    """What the set-up would do here (see ``environment.plan``)."""
    return lambda report, cancelled: environment.plan(options)


def look_at_folder(
    folder: str, apart: tuple[Path, ...]
) -> Callable[[Report, Asked], tuple[homes.Fault, ...]]:
    """Why a folder cannot hold GeoFM's data (see ``homes.faults``); one far away may take its time.

    Args:
        folder: its path; empty for the usual one.
        apart: folders of QGIS in which it must not lie.
    """

    def work(report: Report, asked: Asked) -> tuple[homes.Fault, ...]:
        here = this_platform()
        place = homes.look(folder or places.default_home(), here)
        return homes.faults(place, here, (*homes.own_folders(), *apart))

    return work


def set_up(options: SetupOptions) -> Callable[[Report, Asked], str]:
    """Make the engine's environment; answers its interpreter (see ``environment.create``)."""
    return _on_the_environment(lambda report, asked: str(environment.create(options, report, asked)))


def repair(options: SetupOptions) -> Callable[[Report, Asked], str]:
    """Make the engine's environment anew; answers its interpreter (see ``environment.repair``)."""
    return _on_the_environment(lambda report, asked: str(environment.repair(options, report, asked)))


def remove() -> Callable[[Report, Asked], int]:
    """Remove the engine's environments; answers how many bytes are free again."""
    return _on_the_environment(lambda report, asked: environment.remove())


def _on_the_environment(work: Callable[[Report, Asked], Any]) -> Callable[[Report, Asked], Any]:
    """The work without an engine in its way: on Windows, files of a running program stay where they are."""

    def apart(report: Report, asked: Asked) -> Any:
        close_shared_engine()
        return work(report, asked)

    return apart


def report(about: str) -> Callable[[Report, Asked], str]:
    """All that helps to find out what is wrong, as a text without secrets.

    Args:
        about: what the caller knows: the last message, what the set-up would do.
    """

    engine = session.engine()

    def work(report: Report, cancelled: Asked) -> str:
        def ask() -> dict[str, Any]:
            return _answer(engine, "doctor", {}, report, cancelled)

        facts = doctor_facts(ask)
        system = f"QGIS {Qgis.version()}, {platform.platform()}"
        paths = (places.setup_log_path(), places.engine_log_path())
        logs = (f"{path.name}:\n{last_lines(path)}" for path in paths)
        return without_secrets("\n\n".join([f"{doctor_text(facts)}\n{system}", about, *logs]))

    return work
