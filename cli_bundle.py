"""``python -m geofm bundle``: what it is asked, and what it says. Needs no QGIS."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import __version__
from .inference import environment
from .inference.catalog import default_catalog, ready
from .inference.client import Progress
from .inference.console import ProgressLine, before_download, note
from .inference.environment import options as remembered
from .inference.environment.builds import build_for
from .inference.environment.bundle import Target
from .inference.environment.bundling import make_bundle, version_of
from .inference.environment.platforms import this_platform
from .inference.environment.requirements import EXTRAS

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]

_MB = 1_000_000
_HERE = this_platform().tag


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be asked of the command."""
    command.add_argument(
        "folder", metavar="FOLDER", help="an empty one, or one of a bundle to finish or renew"
    )
    command.add_argument(
        "--platform", default=_HERE, help=f"of the machine that it is for; {_HERE} if not given"
    )
    command.add_argument(
        "--accelerator", choices=("cpu", "cuda"), default="cpu", help="which device it computes on"
    )
    command.add_argument("--python", default="", metavar="3.12", help="the version of its Python")
    command.add_argument(
        "--with-python", action="store_true", help="add a stand-alone Python of that version"
    )
    command.add_argument(
        "--models", nargs="+", default=[], metavar="ID", help="add the weights of these models"
    )
    command.add_argument(
        "--extra", dest="extras", action="append", default=[], choices=sorted(EXTRAS), help="add this extra"
    )
    command.add_argument(
        "--plugin", metavar="FILE", help="the plugin's zip; the one that `make package` made"
    )


def answer(options: argparse.Namespace, ask: Ask) -> tuple[dict[str, Any], str]:
    """Do what was asked; the answer as JSON types and as text.

    Args:
        ask: an engine for one call, which fetches weights.

    Raises:
        GeoFMError: see :mod:`.inference.environment.bundling`.
    """
    target = Target(
        options.platform,
        options.python or _version(options.platform, options.with_python),
        options.accelerator,
        tuple(sorted(set(options.extras))),
    )
    target.lists  # noqa: B018 - refuses what there is nothing for before weights are fetched
    models = [path for name in options.models for path in _weights(name, ask)]
    line = ProgressLine()
    try:
        made = make_bundle(
            options.folder,
            target,
            remembered.load(),
            models,
            _plugin(options.plugin),
            options.with_python,
            lambda *step: line(Progress(*step)),
        )
    finally:
        line.end()
    facts = {"folder": str(made.folder), "size": made.size, "files": len(made.files), "target": str(target)}
    words = f"Wrote {made.size / _MB:,.0f} MB in {len(made.files)} files to {made.folder}, for {target}."
    return facts, f"{words}\nThere: python -m geofm setup --bundle FOLDER"


def _version(platform: str, with_python: bool) -> str:
    """Of the Python that is meant where none is named: this machine's, or the stand-alone one."""
    build = build_for(platform)
    if platform == _HERE and not with_python:
        return version_of(environment.find_python())
    return build.version.rpartition(".")[0] if build else "3.12"


def _weights(name: str, ask: Ask) -> list[Path]:
    """The files of a model, fetched if need be."""
    card = default_catalog().get(name)
    if not ready(card):
        note(before_download(card))
    files = ask("models.fetch", {"model": card.id})["files"]
    return [Path(file) for file in files]


def _plugin(named: str | None) -> Path | None:
    """The plugin's zip: as named, or where `make package` puts it in a checkout."""
    made = Path(__file__).resolve().parent / "build" / f"geofm-{__version__}.zip"
    if named:
        return Path(named).expanduser().absolute()
    return made if made.is_file() else None
