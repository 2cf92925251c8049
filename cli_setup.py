"""``python -m geofm setup``: what it is asked, and what it says. Needs no QGIS."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any

from .inference import environment
from .inference.client import Progress
from .inference.console import ProgressLine, note
from .inference.environment import options as remembered
from .inference.environment.folders import left
from .inference.environment.options import ACCELERATORS, SetupOptions
from .inference.environment.requirements import EXTRAS
from .inference.errors import Cancelled, InvalidRequest

_TEXTS = {
    "python": ("PATH", "the Python to make the environment with"),
    "index": ("ADDRESS", "a package index, instead of the one that pip is configured with"),
    "bundle": ("FOLDER", "install from a folder that `python -m geofm bundle` wrote, without a network"),
    "proxy": ("ADDRESS", "a proxy; name and password in it are used and never kept"),
    "certificates": ("FILE", "a PEM file with certificates to trust"),
}
_MB = 1_000_000
_AMOUNTS = ("packages", "download", "disk", "least_download", "least_disk", "free")


def add_arguments(setup: argparse.ArgumentParser) -> None:
    """What can be asked of the command; what is given is remembered, an empty text takes it back."""
    doing = setup.add_mutually_exclusive_group()
    for name, words in (
        ("dry-run", "say what would be installed, where and how large, and do nothing"),
        ("repair", "look whether what is installed works, at every file, and renew it where it does not"),
        ("remove", "take the engine away; models and classifiers stay"),
        ("where", "print the engine's Python"),
    ):
        doing.add_argument(f"--{name}", action="store_true", help=words)
    setup.add_argument("--everything", action="store_true", help="with --remove: models and classifiers too")
    setup.add_argument("--yes", action="store_true", help="with --remove --everything: do not ask")
    setup.add_argument("--accelerator", choices=ACCELERATORS, help="which device to install for")
    for name, (metavar, words) in _TEXTS.items():
        setup.add_argument(f"--{name}", metavar=metavar, help=words)
    setup.add_argument(
        "--extra-index",
        dest="extra_indexes",
        metavar="ADDRESS",
        action="append",
        help="a further package index, or a folder with packages",
    )
    setup.add_argument(
        "--extra",
        dest="extras",
        action="append",
        choices=sorted(EXTRAS),
        help="what to install beside it: openvino runs ONNX models in bf16 on processors that have it",
    )


def answer(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Do what was asked; the answer as JSON types and as text.

    Raises:
        GeoFMError: see :mod:`.inference.environment.installer`.
    """
    if (options.everything or options.yes) and not options.remove:
        raise InvalidRequest("--everything and --yes go with --remove.")
    if options.remove:
        return _remove(options)
    if options.where:
        python = str(environment.engine_python())
        return {"python": python}, python
    chosen = _chosen(options)
    if options.dry_run:
        return _plan(environment.plan(chosen))
    line = ProgressLine()
    work = environment.repair if options.repair else environment.create
    try:
        python = str(work(chosen, lambda *step: line(_shown(*step))))
    finally:
        line.end()
    warning = environment.check().warning
    said = f"The engine is ready: {python}"
    return {"python": python, "warning": warning}, f"{said}\nNote: {warning}" if warning else said


def _chosen(options: argparse.Namespace) -> SetupOptions:
    """What was chosen before, and now."""
    names = (field.name for field in dataclasses.fields(SetupOptions))
    given = {name: getattr(options, name, None) for name in names}
    return dataclasses.replace(remembered.load(), **{k: v for k, v in given.items() if v is not None})


def _remove(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    if options.everything and not options.yes:
        if not sys.stdin.isatty():
            raise InvalidRequest("Models and classifiers of your own would be removed.", "Add --yes.")
        note("This removes downloaded models and your own models and classifiers. Type yes to go on:")
        if sys.stdin.readline().strip() != "yes":
            raise Cancelled("Nothing was removed.")
    freed = environment.remove(options.everything)
    stay = [str(folder) for folder in left()]
    words = [f"Removed {freed / _MB:,.0f} MB."]
    words += [f"In use or guarded, so it stays until the next time: {folder}" for folder in stay]
    return {"freed": freed, "left": stay}, "\n".join(words)


def _plan(plan: environment.Plan) -> tuple[dict[str, Any], str]:
    facts = {
        "python": str(plan.python) if plan.python else None,
        "folder": str(plan.folder),
        "platform": plan.platform.tag,
        "accelerator": plan.accelerator,
        "reason": plan.reason,
        "lists": list(plan.lists),
        **{name: getattr(plan, name) for name in _AMOUNTS},
        "problems": list(plan.problems),
    }
    download, disk = _span(plan.least_download, plan.download), _span(plan.least_disk, plan.disk)
    lines = [
        f"Python: {plan.why or 'none that serves'}",
        f"Folder: {plan.folder}",
        f"Made for: {plan.platform.tag}, {plan.accelerator}. {plan.reason}",
        f"Packages: {plan.packages}, {download} to download, {disk} on disk",
        f"Free there: {plan.free / _MB:,.0f} MB",
        *(f"Problem: {problem}" for problem in plan.problems),
    ]
    return facts, "\n".join([*lines, plan.hint] if plan.hint else lines)


def _span(least: int, most: int) -> str:
    """Two amounts in bytes; one where they are the same. Which it is depends on the package index."""
    if least == most:
        return f"{most / _MB:,.0f} MB"
    return f"{least / _MB:,.0f} to {most / _MB:,.0f} MB"


def _shown(stage: str, done: int, total: int, message: str) -> Progress:
    """A step of the set-up; where it counts bytes they are said in words too."""
    if stage == "install" and done:
        amount = f"{done / _MB:,.0f} of {total / _MB:,.0f} MB" if total else f"{done / _MB:,.0f} MB"
        message = f"{message}, {amount}" if message else amount
    return Progress(stage, done, total, message)
