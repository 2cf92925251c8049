"""The command door: ``python -m geofm run|models|cache|doctor|setup``. Needs no QGIS.

Results go to stdout, everything for the eye to stderr. Exit codes: 0 done, 1 failed, 2 asked
wrongly, 130 cancelled.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import __version__, cli_bundle, cli_setup
from .inference import adding, environment, places
from .inference.bands import Band
from .inference.cards import Card
from .inference.catalog import default_catalog, ready
from .inference.client import Engine, EngineSettings, Run
from .inference.console import (
    ProgressLine,
    ask_missing,
    before_download,
    cache_text,
    card_row,
    card_text,
    cards_table,
    doctor_text,
    note,
    result_text,
    results_text,
)
from .inference.diagnosis import doctor_facts
from .inference.environment import networks
from .inference.environment import options as setup_options
from .inference.errors import Cancelled, GeoFMError, InvalidRequest
from .inference.job_files import read_job_file
from .inference.jobs import Job, RasterRef, Result, SampleRef, Task
from .inference.questions import QUESTIONS, answered
from .inference.recommend import LayerFacts, recommend
from .inference.taught import lacking

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except GeoFMError as error:
        _show_error(error, options.json)
        if isinstance(error, Cancelled):
            return INTERRUPTED
        return MISUSED if isinstance(error, InvalidRequest) else FAILED
    except KeyboardInterrupt:
        note("Cancelled.")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m geofm", description="Foundation models for maps, without QGIS."
    )
    parser.add_argument("--version", action="version", version=f"GeoFM {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "run job files, as runs in QGIS leave them beside their outputs")
    run.add_argument("jobs", metavar="JOB.json", nargs="+", help="relative paths in it start from its folder")
    run.add_argument("--device", help="instead of the jobs': auto, cpu, cuda, cuda:1")
    _add_model_commands(commands.add_parser("models", help="list, fetch, check and add models"))
    cache = commands.add_parser("cache", help="what is kept of what models saw, for other runs")
    parts = cache.add_subparsers(required=True, metavar="COMMAND")
    _command(parts, "show", _show_cache, "how much it is, how much it may be, and where it lies")
    _command(parts, "clear", _clear_cache, "remove it; the next run computes it again")
    _command(commands, "doctor", _doctor, "say what is installed, which devices there are, what is wrong")
    setup = _command(commands, "setup", _setup, "install the engine, look after it, or remove it")
    cli_setup.add_arguments(setup)
    words = "write all that a machine without a network needs into one folder"
    cli_bundle.add_arguments(_command(commands, "bundle", _bundle, words))
    return parser


def _add_model_commands(models: argparse.ArgumentParser) -> None:
    commands = models.add_subparsers(required=True, metavar="COMMAND")
    listing = _command(commands, "list", _list_models, "the models this machine knows")
    listing.add_argument(
        "--for",
        dest="rasters",
        metavar="FILE",
        nargs="+",
        default=[],
        help="the best first for this raster, or for several together (dates, radar with optical)",
    )
    listing.add_argument(
        "--bands", default="", help="what its bands are, in order: sentinel2-l2a, or blue,green,red,nir"
    )
    tasks = [task.value for task in Task]
    listing.add_argument("--task", choices=tasks, help="only those that serve this job")
    for name, action, words in (
        ("show", _show_model, "what it needs, its licence, citation and size, and where it lies"),
        ("pull", _pull_model, "download its weights, after its licence and size were shown"),
        ("add", _add_model, "take a card, its folder, a classifier, an ONNX file or an MLM item in"),
        ("verify", _verify_model, "compare its files with their digests"),
        ("remove", _remove_model, "delete its downloaded files"),
    ):
        command = _command(commands, name, action, words)
        command.add_argument("model", metavar="FILE" if name == "add" else "MODEL", help="id or path")
        if name == "add":
            _add_questions(command)


def _add_questions(command: argparse.ArgumentParser) -> None:
    """What a file without a card does not say itself; asked for on a terminal."""
    for question in QUESTIONS:
        words = f"{question.words}? {question.help}".strip()
        command.add_argument(f"--{question.name}", metavar="TEXT", default="", help=words)
    command.add_argument(
        "--checkpoint", metavar="FILE", default="", help="weights, where FILE is TerraTorch's configuration"
    )
    command.add_argument("--beside", action="store_true", help="leave the file where it is")
    command.add_argument(
        "--trust", action="store_true", help="allow the code in this TorchScript file to run here"
    )


def _command(commands: Any, name: str, action: Callable[[Any], int], words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    command.add_argument("--json", action="store_true", help="answer in JSON")
    command.set_defaults(command=action)
    return command


# --- the commands -----------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    with _engine() as engine:
        if len(options.jobs) > 1:
            return _run_each(engine, options)
        answer = _answer_of(engine, options.jobs[0], options.device)
    _answer(options, answer, lambda: result_text(Result.from_dict(answer)))
    return 0


def _run_each(engine: Engine, options: argparse.Namespace) -> int:
    """One job after the other, with warm models; one that fails does not stop the others."""
    rows: list[dict[str, Any]] = []
    code = 0
    for number, path in enumerate(options.jobs, 1):
        note(f"Job {number} of {len(options.jobs)}: {path}")
        try:
            rows.append({"job": path, "result": _answer_of(engine, path, options.device)})
        except environment.NotInstalled:
            raise  # nor would the next
        except GeoFMError as error:
            _show_error(error, as_json=False)
            rows.append({"job": path, "error": error.to_wire()})
            code = INTERRUPTED if isinstance(error, Cancelled) else FAILED
            if code == INTERRUPTED:
                break
    _answer(options, rows, lambda: results_text(rows, len(options.jobs)))
    return code


def _answer_of(engine: Engine, path: str, device: str | None) -> dict[str, Any]:
    """The engine's answer to the job of a file."""
    job = resolved(read_job_file(path), Path(path).absolute().parent)
    if device:
        job = dataclasses.replace(job, device=device)
    line = ProgressLine()
    return _finish(engine.submit(job, line), line)


def _list_models(options: argparse.Namespace) -> int:
    known, problems = default_catalog().look()
    cards = [card for card in known if not options.task or options.task in card.tasks]
    if options.bands and len(options.rasters) != 1:
        raise InvalidRequest("--bands says what the bands of one raster are.", "Give that raster with --for.")
    ranked = _ranked(options.rasters, options.bands, cards) if options.rasters else None
    rows = [card_row(card) for card in cards] if ranked is None else ranked
    _answer(options, rows, lambda: cards_table(rows))
    for problem in problems:
        note(f"Left out: {problem}")
    return 0


def _ranked(rasters: Sequence[str], bands: str, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """The cards as rows, best first for the rasters together and for this machine's device."""
    with _engine() as engine:
        asked = [{"raster": str(Path(path).absolute()), "bands": bands} for path in rasters]
        known = [_ask(engine, "describe", one) for one in asked]
        memory = _ask(engine, "devices", {})["memory"]
    found = tuple(Band(**band) for facts in known for band in facts["bands"])
    dates = tuple(sorted({facts["date"] for facts in known if facts["date"]}))
    if not any(band.known for band in found):
        note("No band is identified. Name them with --bands or in the file (B04, red ...).")
    layer = LayerFacts(found, known[0]["gsd"], known[0]["dtype"], dates)
    ranked = recommend(layer, None, cards, memory, ready)
    return [
        {
            **card_row(item.card),
            "fits": item.fits,
            "in_memory": item.in_memory,
            "score": item.score,
            "reason": item.reason,
        }
        for item in ranked
    ]


def _show_model(options: argparse.Namespace) -> int:
    card = default_catalog().get(options.model)
    _answer(options, {**card_row(card), "card": card.raw}, lambda: card_text(card))
    return 0


def _pull_model(options: argparse.Namespace) -> int:
    card = default_catalog().get(options.model)
    if not ready(card):
        note(before_download(card))
    answer = _ask_engine("models.fetch", {"model": _model(options)})
    _answer(options, answer, lambda: "\n".join(answer["files"]) or f"{answer['model']} needs no files.")
    return 0


def _add_model(options: argparse.Namespace) -> int:
    answers = {one.name: getattr(options, one.name.replace("-", "_")) for one in QUESTIONS}
    draft = adding.draft_of(options.model, _ask_engine, options.output, options.trust, options.checkpoint)
    if draft is None:
        said = [f"--{name}" for name, text in answers.items() if text]
        if said:
            raise InvalidRequest(f"{options.model} has a card, which says {', '.join(said)} itself.")
        card = adding.add_model(options.model)
        if lacking(card):
            note(f"Note: {lacking(card)}")
    else:
        draft = answered(draft, answers)
        if sys.stdin.isatty() and not options.json:
            draft = ask_missing(draft)
        card = adding.save_draft(draft, beside=options.beside, trusted=options.trust, ask=_ask_engine)
        for warning in draft.warnings:
            note(f"Note: {warning}")
    _answer(options, card_row(card), lambda: f"Added {card.id} ({card.path}).")
    return 0


def _verify_model(options: argparse.Namespace) -> int:
    answer = _ask_engine("models.verify", {"model": _model(options)})
    words = {0: "there are no files to verify", 1: "the one file matches its digest"}
    count = answer["verified"]
    said = words.get(count, f"all {count} files match their digests")
    _answer(options, answer, lambda: f"{answer['model']}: {said}.")
    return 0


def _remove_model(options: argparse.Namespace) -> int:
    answer = _ask_engine("models.remove", {"model": _model(options)})
    gone = answer["removed"]
    nothing = f"Nothing to remove: {answer['model']} has no files in {places.home_models()}."
    _answer(options, answer, lambda: "\n".join(["Removed:", *gone]) if gone else nothing)
    return 0


def _show_cache(options: argparse.Namespace) -> int:
    answer = _ask_engine("cache.show", {})
    _answer(options, answer, lambda: f"{cache_text(answer)}\nFolder: {answer['folder']}")
    return 0


def _clear_cache(options: argparse.Namespace) -> int:
    answer = _ask_engine("cache.clear", {})
    _answer(options, answer, lambda: f"Removed {answer['bytes'] / 1e9:.1f} GB from {answer['folder']}.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    facts = doctor_facts(lambda: _ask_engine("doctor", {}))
    _answer(options, facts, lambda: doctor_text(facts))
    return FAILED if facts["problems"] else 0


def _setup(options: argparse.Namespace) -> int:
    facts, words = cli_setup.answer(options)
    _answer(options, facts, lambda: words)
    return 0


def _bundle(options: argparse.Namespace) -> int:
    facts, words = cli_bundle.answer(options, _ask_engine)
    _answer(options, facts, lambda: words)
    return 0


def _model(options: argparse.Namespace) -> str:
    """The model as the engine finds it too, whose working folder is another."""
    path = Path(options.model)
    return str(path.absolute()) if path.suffix and path.is_file() else options.model


def _engine() -> Engine:
    """An engine that reaches servers the way that the set-up was told."""
    variables = networks.network_variables(setup_options.load(), os.environ)
    return Engine(EngineSettings(environment=variables))


def _ask(engine: Engine, method: str, params: dict[str, Any]) -> dict[str, Any]:
    line = ProgressLine()
    return _finish(engine.call(method, params, line), line)


def _ask_engine(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The answer of an engine that lives for this one call."""
    with _engine() as engine:
        return _ask(engine, method, params)


def _finish(run: Run, line: ProgressLine) -> dict[str, Any]:
    """The answer of a run; Ctrl-C cancels it and waits for its end."""
    try:
        # In steps: on Windows a plain wait would not notice Ctrl-C.
        while not run.wait(0.2):
            line.refresh()
    except KeyboardInterrupt:
        line.end()
        note("Cancelling ...")
        run.cancel()
    try:
        return run.result()
    finally:
        line.end()


# --- paths in job files -----------------------------------------------------------------------


def resolved(job: Job, folder: Path) -> Job:
    """The job with its relative paths made absolute, from ``folder``."""

    def written(path: str) -> str:
        return str(folder / path) if path else ""

    def read(path: str) -> str:
        # GDAL opens more than files (WMS:..., /vsizip/...); those names stay as they are.
        return str(folder / path) if path and ((folder / path).exists() or ":" not in path) else path

    def raster(ref: RasterRef) -> RasterRef:
        return dataclasses.replace(ref, path=read(ref.path))

    def samples(ref: SampleRef | None) -> SampleRef | None:
        return ref and dataclasses.replace(ref, path=read(ref.path))

    return dataclasses.replace(
        job,
        inputs=tuple(map(raster, job.inputs)),
        after=tuple(map(raster, job.after)),
        samples=samples(job.samples),
        # A model may be an id, which is no path.
        model=str(folder / job.model)
        if Path(job.model).suffix and (folder / job.model).is_file()
        else job.model,
        classifier=written(job.classifier),
        output=written(job.output),
        confidence=written(job.confidence),
        mask=written(job.mask),
        polygons=written(job.polygons),
        report=written(job.report),
    )


def _answer(options: argparse.Namespace, value: Any, text: Callable[[], str]) -> None:
    words = json.dumps(value, indent=2) if options.json else text()
    sys.stdout.write(words + "\n")


def _show_error(error: GeoFMError, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"error": error.to_wire()}, indent=2) + "\n")
    note(f"Error: {error.message}")
    if error.hint:
        note(error.hint)
    if error.detail:
        note(f"\n{error.detail}")

