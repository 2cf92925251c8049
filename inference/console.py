"""What the command door shows: progress on stderr, results as text. Standard library alone."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from typing import Any

from . import taught, wording
from .cards import ANY_GSD, Card
from .catalog import folder_of
from .client import Progress
from .drafts import Draft
from .errors import InvalidRequest
from .jobs import Result
from .machine import memory_needed
from .questions import answered, missing


def note(text: str) -> None:
    sys.stderr.write(text + "\n")


class ProgressLine:
    """Progress on stderr: one line that is rewritten on a terminal, else a line now and then."""

    _EVERY = 5.0

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = ""
        self._stage = ""
        self._next = 0.0
        self._latest: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        """Remember; called on the thread that reads the wire, or directly."""
        self._latest = progress
        self.refresh()

    def refresh(self) -> None:
        progress = self._latest
        if progress is None or (not self._live and not self._worth_a_line(progress)):
            return
        text = progress_text(progress)
        if not self._live:
            note(text)
        elif text != self._shown:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            sys.stderr.write("\r\x1b[K" + text[: width - 1])
            sys.stderr.flush()
        self._shown = text

    def end(self) -> None:
        """Leave the line; what follows starts on a new one."""
        self._latest = None
        if self._live and self._shown:
            sys.stderr.write("\n")
            self._shown = ""

    def _worth_a_line(self, progress: Progress) -> bool:
        now = time.monotonic()
        finished = 0 < progress.total <= progress.done
        text = progress_text(progress)
        if text == self._shown or (progress.stage == self._stage and now < self._next and not finished):
            return False
        self._stage, self._next = progress.stage, now + self._EVERY
        return True


def progress_text(progress: Progress) -> str:
    """One line: stage, percent, time left, message."""
    parts = [progress.stage]
    if progress.total > 0:
        parts.append(f"{progress.fraction:.0%}")
    if progress.seconds_left is not None and progress.seconds_left >= 1:
        parts.append(f"{_duration(progress.seconds_left)} left")
    if progress.message:
        parts.append(progress.message)
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def result_text(result: Result) -> str:
    lines = [f"{name}: {path}" for name, path in result.outputs.items()]
    speed = result.pixels / result.seconds if result.seconds else 0.0
    lines.append(f"Model: {result.model}")
    lines.append(f"Device: {result.device}. {result.device_reason}")
    lines.append(f"{result.pixels} pixels in {result.seconds:.1f} s, {speed:,.0f} pixels per second")
    lines += [f"Warning: {warning}" for warning in result.warnings]
    lines += [f"{name}: {json.dumps(value)}" for name, value in result.facts.items()]
    return "\n".join(lines)


def results_text(rows: Sequence[Mapping[str, Any]], wanted: int) -> str:
    """What several jobs answered; those that failed are counted up at the end.

    Args:
        rows: of each job begun its file, and its result or its error.
        wanted: how many there were to do.
    """
    done = [row for row in rows if "result" in row]
    blocks = [f"{row['job']}\n{result_text(Result.from_dict(row['result']))}" for row in done]
    failed = "".join(f"\nFailed: {row['job']}: {row['error']['message']}" for row in rows if "error" in row)
    return "\n\n".join([*blocks, f"{len(done)} of {wanted} jobs are done.{failed}"])


def card_row(card: Card) -> dict[str, Any]:
    """What lists say of a model, plain JSON types."""
    folder = folder_of(card)
    return {
        "id": card.id,
        "title": card.title,
        "kind": wording.kind(card),
        "tasks": list(card.tasks),
        "bands": list(card.bands),
        "sensors": wording.sensors(card),
        "gsd": None if card.gsd == ANY_GSD else list(card.gsd),
        "memory": memory_needed(card),
        "licence": card.licence,
        "ready": folder is not None,
        "download_size": card.download_size,
        "transfer": wording.transfer(card),
        "folder": str(folder) if folder else None,
        "path": str(card.path),
    }


def cards_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A line a model, in columns as wide as they need to be; a reason stands below its model.

    Models that do not fit come last: each reason once, with the ids of all that it holds for.
    """
    fitting = [row for row in rows if row.get("fits", True)]
    lines = [_HEAD, *map(_cells, fitting)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    if not any("reason" in row for row in rows):
        return "\n".join(table)
    found = [f"+ {line}\n    {row['reason']}" for row, line in zip(fitting, table[1:])]
    return "\n".join([f"  {table[0]}", *found, *_left_over(rows)])


def _left_over(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why the models that do not fit do not."""
    why: dict[str, list[str]] = {}
    for row in rows:
        if not row["fits"]:
            why.setdefault(row["reason"], []).append(row["id"])
    wrapped = textwrap.TextWrapper(100, "    ", "    ", break_on_hyphens=False)
    return [f"- {reason}\n{wrapped.fill(', '.join(ids))}" for reason, ids in why.items()]


_HEAD = ("MODEL", "GIVES", "BANDS", "PIXELS", "MEMORY", "DOWNLOAD", "TITLE")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    gsd = "any" if row["gsd"] is None else f"{row['gsd'][0]:g}-{row['gsd'][1]:g} m"
    memory = wording.memory(row["memory"])
    return row["id"], row["kind"], row["sensors"], gsd, memory, _download(row), row["title"]


def _download(row: Mapping[str, Any]) -> str:
    if row["ready"]:
        return "here"
    return row["transfer"] or "unknown"
def ask_missing(draft: Draft) -> Draft:
    """A draft with what the person at the terminal answered; asked again until it can be understood."""
    for question in missing(draft):
        while question.lacks(draft):
            hint = question.help.replace("%%", "%")
            sys.stderr.write(f"{question.words}? ({hint})\n{question.name}: ")
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                return draft
            try:
                draft = answered(draft, {question.name: line.strip()})
            except InvalidRequest as error:
                note(error.message)
    # An answer may have made other questions needed.
    return draft if not missing(draft) else ask_missing(draft)


def card_text(card: Card) -> str:
    """All that a user wants to know before a download, and where it lies after one."""
    row = card_row(card)
    rows = {
        "id": card.id,
        "title": card.title,
        "about": card.description,
        "serves": ", ".join(card.tasks),
        **{title.lower(): words for title, words in wording.needs(card).items()},
        "classes": ", ".join(f"{info.value} {info.name} {info.color}" for info in card.classes),
        **{title.lower(): words for title, words in taught.rows(card).items()},
        "lacks": taught.lacking(card),
        "licence": wording.licence(card),
        "terms": wording.terms(card),
        "cite": card.citation,
        "source": card.source,
        "verified": card.verified,
        "download": "" if row["ready"] else _download(row),
        "lies in": row["folder"] or "",
        "card": str(card.path),
    }
    wide = max(10, *(len(name) + 2 for name, value in rows.items() if value))
    return "\n".join(f"{name + ':':<{wide}}{value}" for name, value in rows.items() if value)


def before_download(card: Card) -> str:
    """What is told before a download begins: how much it is and under which terms."""
    amount = wording.transfer(card) or "a size its card does not say"
    lines = [f"{card.title}: {amount} to download.", f"Licence: {wording.licence(card) or 'not stated'}"]
    if card.citation:
        lines.append(f"Cite: {card.citation}")
    return "\n".join(lines)


def doctor_text(facts: dict[str, Any]) -> str:
    """What doctor found, for people."""
    lines = [
        f"GeoFM {facts['geofm']}, called from Python {facts['python']}",
        f"Data folder: {facts['home']}",
        f"Engine's log: {facts['log']}",
        f"Engine's Python: {facts['environment']['python']}",
    ]
    accelerator = facts["accelerator"]
    lines.append(f"A set-up installs for: {accelerator['name']}. {accelerator['reason']}")
    lines += [_driver_line(gpu) for gpu in accelerator["gpus"]]
    engine = facts["engine"]
    if engine:
        lines.append(facts["environment"]["message"])
        packages = ", ".join(f"{name} {version}" for name, version in engine["packages"].items() if version)
        lines += [f"Python {engine['python']}: {packages}", f"GDAL {engine['gdal']}"]
        lines.append(f"Free disk space: {engine['free_disk'] / 1e9:.1f} GB")
        left = engine["unfinished_runs"]
        if left and left["count"]:
            lines.append(f"Unfinished runs: {left['count']}, which take {left['bytes'] / 1e9:.1f} GB")
        if engine["cache"]:
            lines.append(cache_text(engine["cache"]))
        devices = engine["devices"]
        if devices:
            lines.append(f"Device: {devices['chosen'] or 'none'}. {devices['reason']}")
            lines += [_gpu_line(gpu) for gpu in devices["gpus"]]
            lines.append(f"bf16: {devices.get('bf16_units') or 'this device has no units for it'}")
        lines += [_extra_line(name, version) for name, version in engine["extras"].items()]
        words = {True: "ready", False: "not downloaded"}
        lines += [f"Model {model['id']}: {words[model['ready']]}" for model in engine["models"] or ()]
    lines += [f"Problem: {problem}" for problem in facts["problems"]]
    return "\n".join(lines + ([] if facts["problems"] else ["Everything is in order."]))


def cache_text(facts: Mapping[str, Any]) -> str:
    """How much is kept of what models saw."""
    if not facts["setting"]:
        return f"Kept encodings: {facts['bytes'] / 1e9:.1f} GB, which GEOFM_CACHE=0 leaves alone"
    limit = f"at most {facts['limit'] / 1e9:.1f} GB"
    return f"Kept encodings: {facts['bytes'] / 1e9:.1f} GB of {limit}, {facts['entries']} in number"


def _extra_line(name: str, version: str | None) -> str:
    return f"Extra {name}: {version or f'not installed (python -m geofm setup --extra {name})'}"


def _driver_line(gpu: dict[str, Any]) -> str:
    memory = f"{gpu['memory'] / 2**30:.0f} GB" if gpu["memory"] else "memory unknown"
    facts = [memory, f"driver {gpu['driver'] or 'unknown'}"]
    facts.append(f"compute capability {gpu['compute_capability'] or 'unknown'}")
    fault = f"; {gpu['fault']}" if gpu["fault"] else ""
    return f"NVIDIA driver: {gpu['name']}, {', '.join(facts)}{fault}"


def _gpu_line(gpu: dict[str, Any]) -> str:
    if gpu["fault"]:
        where = f" ({gpu['device']})" if gpu["device"] else ""
        return f"GPU {gpu['name']}{where} cannot be used: {gpu['fault']}"
    # As makers of GPUs count it.
    free, total = gpu["free"] / 2**30, gpu["total"] / 2**30
    return f"GPU {gpu['name']} ({gpu['device']}): {free:.1f} of {total:.1f} GB free"
