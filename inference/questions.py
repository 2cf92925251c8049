"""What a draft lacks, and how people say it: on a command line, in a terminal, in a form.

Every door hands over texts; :func:`answered` reads them. Standard library alone.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .bands import BYTE, REFLECTANCE, parse_mapping
from .drafts import DETECT, TASKS, Draft, numbered_classes, safe_id
from .errors import InvalidRequest
from .jobs import ClassInfo, Task
from .wiring import ANSWERS, FEATURES, LABELS, OF_TWO_CLASSES, STORED, VALUES, Variable

VALUES_AS_THEY_ARE = "values"
SCALES = (REFLECTANCE, BYTE, STORED, VALUES_AS_THEY_ARE)
_CLASS = re.compile(r"(?:(\d{1,3})\s*=\s*)?([^#]+?)\s*(#[0-9A-Fa-f]{6})?")
_VARIABLE = re.compile(r"(.+?)\s*(?:\(([^()]*)\))?")


@dataclass(frozen=True)
class Question:
    """Something that a draft may lack.

    Attributes:
        name: of the option, ``--name``.
        words: what is asked.
        help: how to answer it.
        read: puts the answer's text into the draft; raises ValueError with the reason.
        lacks: whether the draft needs an answer.
    """

    name: str
    words: str
    help: str
    read: Callable[[Draft, str], Draft]
    lacks: Callable[[Draft], bool] = lambda draft: False


def _task(draft: Draft, text: str) -> Draft:
    if text not in TASKS:
        raise ValueError(f"must be one of {', '.join(TASKS)}")
    return replace(draft, task=text)


def _bands(draft: Draft, text: str) -> Draft:
    names = parse_mapping(text)
    if any(name in ("", "-") for name in names):
        raise ValueError("must name every band")
    if len(set(names)) != len(names):
        raise ValueError("names a band twice")
    if draft.depth and len(names) != draft.depth:
        raise ValueError(f"names {len(names)} bands, and the network takes {draft.depth}")
    return replace(draft, bands=names)


def _scale(draft: Draft, text: str) -> Draft:
    if text in SCALES:
        units = "" if text == VALUES_AS_THEY_ARE else text
        return replace(draft, units=units, gain=1 / 255 if text == BYTE else 1.0, shift=0.0)
    gain = _positive(text, f"must be one of {', '.join(SCALES)}, or a factor such as 10000")
    return replace(draft, units=REFLECTANCE, gain=gain, shift=0.0)


def _classes(draft: Draft, text: str) -> Draft:
    found = [_CLASS.fullmatch(part.strip()) for part in text.split(",")]
    if not all(found):
        raise ValueError("must be names between commas, as in field,1=forest,2=water#3060ff")
    first = 0 if draft.answer == LABELS else 1
    made = numbered_classes([match.group(2) for match in found if match], first)
    classes = tuple(
        ClassInfo(int(match.group(1) or info.value), info.name, (match.group(3) or info.color).lower())
        for match, info in zip(found, made)
        if match
    )
    values = [info.value for info in classes]
    if len(set(values)) != len(values) or max(values) > 255:
        raise ValueError("must have values from 0 to 255, each once")
    wanted = wanted_classes(draft)
    if wanted and len(classes) != wanted:
        raise ValueError(f"names {len(classes)} classes, and the network answers {wanted}")
    return replace(draft, classes=classes)


def _variables(draft: Draft, text: str) -> Draft:
    found = [_VARIABLE.fullmatch(part.strip()) for part in text.split(",")]
    if not all(found):
        raise ValueError("must be names between commas with their units, as in height (m),cover (%)")
    made = tuple(Variable(match.group(1), match.group(2) or "") for match in found if match)
    if draft.answers and len(made) != draft.answers:
        raise ValueError(f"names {len(made)} values, and the network answers {draft.answers}")
    return replace(draft, variables=made)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("must be numbers between commas") from None


def _std(draft: Draft, text: str) -> Draft:
    found = _numbers(text)
    if not all(value > 0 for value in found):
        raise ValueError("must be above 0")
    return replace(draft, std=found)


def _positive(text: str, words: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(words) from None
    if not 0 < value < 1e9:
        raise ValueError(words)
    return value


def _whole(text: str, least: int) -> int:
    if not text.isdigit() or int(text) < least:
        raise ValueError(f"must be a whole number, {least} or more")
    return int(text)


def _window(draft: Draft, text: str) -> Draft:
    window = _whole(text, 8)
    if draft.fixed and window != draft.window:
        raise ValueError(f"is {draft.window}: the network takes windows of that side alone")
    # An answer for a whole window has a cell as large as that.
    stride = window if draft.answer == FEATURES and draft.stride == draft.window else draft.stride
    return replace(draft, window=window, stride=stride)


def _answer(draft: Draft, text: str) -> Draft:
    if text not in ANSWERS:
        raise ValueError(f"must be one of {', '.join(ANSWERS)}")
    return replace(draft, answer=text)


def _output(draft: Draft, text: str) -> Draft:
    if draft.outputs and text not in draft.outputs:
        raise ValueError(f"must be one of {', '.join(draft.outputs)}")
    return replace(draft, output=text)


def _threshold(draft: Draft, text: str) -> Draft:
    value = _numbers(text)[0]
    if not 0 <= value < 1:
        raise ValueError("must be a probability below 1; 0 for none")
    return replace(draft, threshold=value or None)


def _plain(field: str, read: Callable[[str], Any]) -> Callable[[Draft, str], Draft]:
    return lambda draft, text: replace(draft, **{field: read(text)})


def wanted_classes(draft: Draft) -> int:
    """How many classes the answer tells apart, 0 if unknown."""
    if draft.answer == LABELS:
        return 0
    return 2 if draft.answer in OF_TWO_CLASSES or draft.answers == 1 else draft.answers


def _is(task: Task) -> Callable[[Draft], bool]:
    return lambda draft: draft.task == task.value


def _text(name: str, words: str) -> Question:
    return Question(name, words, "", _plain(name, str))


QUESTIONS = (
    Question("task", "What does the network do", " | ".join(TASKS), _task, lambda d: not d.task),
    Question(
        "bands",
        "Which bands does it take, in its order",
        "names between commas (red,green,blue; B02,B03,B04,B08) or a preset (rgb, sentinel2-10m)",
        _bands,
        lambda d: not d.bands,
    ),
    Question(
        "scale",
        "How are the bands' values scaled for it",
        "reflectance (0 to 1) | 10000 (reflectance times this) | byte (0 to 255 divided by 255) | stored "
        "(numbers as in the file) | values (the band's units, such as dB)",
        _scale,
        lambda d: d.units is None,
    ),
    Question(
        "mean",
        "Mean subtracted from each band after that",
        "numbers between commas, one or one a band",
        lambda draft, text: replace(draft, mean=_numbers(text)),
    ),
    Question("std", "Deviation that each band is divided by then", "as mean", _std),
    Question(
        "classes",
        "What are its classes, in its order",
        "names between commas, with value and colour if you like: 1=field,2=forest#1b7837",
        _classes,
        lambda d: _is(Task.SEGMENT)(d) and not d.classes,
    ),
    Question(
        "variables",
        "What are the values that it answers",
        "names between commas with their units: height (m),cover (%%)",
        _variables,
        lambda d: _is(Task.REGRESS)(d) and not d.variables,
    ),
    Question(
        "gsd",
        "For pixels of how many metres was it made",
        "metres; leave it out if it does not matter",
        _plain("gsd", lambda text: _positive(text, "must be a number of metres")),
    ),
    Question(
        "window",
        "How large are its windows",
        "pixels along a side",
        _window,
        lambda d: not d.window and d.task != DETECT,
    ),
    Question(
        "overlap",
        "By how much shall neighbouring windows overlap",
        "pixels; half a window if left out",
        _plain("overlap", lambda text: _whole(text, 0)),
    ),
    Question(
        "receptive-field",
        "On how large a square does an answer depend",
        "pixels along its side; leave it out if it is unknown or without limit",
        _plain("receptive_field", lambda text: _whole(text, 1)),
    ),
    Question(
        "stride",
        "How many pixels does a cell of its coarsest layer cover",
        "pixels along its side",
        _plain("stride", lambda text: _whole(text, 1)),
    ),
    Question(
        "dim",
        "How many features does it answer",
        "a whole number",
        lambda draft, text: replace(draft, dim=_whole(text, 1), answer=FEATURES),
        lambda d: _is(Task.EMBED)(d) and not (d.dim or d.answers),
    ),
    Question("answer", "What is its answer for a pixel", " | ".join(ANSWERS), _answer),
    Question("output", "Which of its outputs is the answer", "the output's name", _output),
    Question("threshold", "From which probability does a class count", "0 to 1; 0 for none", _threshold),
    Question(
        "output-scale",
        "What are its values multiplied by",
        "a number; 1 if left out",
        _plain("output_scale", lambda text: _numbers(text)[0]),
    ),
    Question("id", "Its name in the catalogue", "letters, digits, . _ and -", _plain("id", safe_id)),
    _text("title", "Its name for people"),
    _text("license", "Its licence"),
    _text("source", "Where it comes from"),
)
_BY_NAME = {question.name: question for question in QUESTIONS}


def answered(draft: Draft, answers: Mapping[str, str]) -> Draft:
    """The draft with what people say of it, by the questions' names; empty texts say nothing.

    Raises:
        InvalidRequest: naming the answer that does not fit.
    """
    # In the order of the questions: some answers are understood by earlier ones.
    for question in QUESTIONS:
        text = answers.get(question.name, "").strip()
        if text:
            try:
                draft = question.read(draft, text)
            except ValueError as error:
                raise InvalidRequest(
                    f"The answer {text!r} to {question.name} {error}.", question.words + "?"
                ) from error
    return draft


def missing(draft: Draft) -> tuple[Question, ...]:
    """What must still be answered before a card can be written."""
    return tuple(question for question in QUESTIONS if question.lacks(draft))


def require_complete(draft: Draft) -> None:
    """Refuse a draft that lacks something.

    Raises:
        InvalidRequest: naming the options.
    """
    lacking = missing(draft)
    if lacking:
        options = ", ".join(f"--{question.name}" for question in lacking)
        raise InvalidRequest(
            f"{draft.name} does not say all that a card needs: {options}.",
            " ".join(f"{question.words}? ({question.help.replace('%%', '%')})" for question in lacking),
        )


def question(name: str) -> Question:
    """The question of a name."""
    return _BY_NAME[name]


def as_texts(draft: Draft) -> dict[str, str]:
    """What a draft says, as :func:`answered` would read it; for forms to show."""
    scale = {None: "", "": VALUES_AS_THEY_ARE, REFLECTANCE: f"{draft.gain:g}"}.get(draft.units, draft.units)
    if draft.units == REFLECTANCE and draft.gain == 1.0:
        scale = REFLECTANCE
    found = {
        "scale": scale or "",
        "bands": ",".join(draft.bands),
        "mean": ",".join(f"{value:g}" for value in draft.mean),
        "std": ",".join(f"{value:g}" for value in draft.std),
        "classes": ",".join(
            f"{info.value}={info.name.replace(',', ';')} {info.color}" for info in draft.classes
        ),
        "variables": ",".join(
            f"{one.name} ({one.unit})" if one.unit else one.name for one in draft.variables
        ),
        "gsd": f"{draft.gsd:g}" if draft.gsd else "",
        "window": str(draft.window or ""),
        "overlap": "" if draft.overlap is None else str(draft.overlap),
        "threshold": "" if draft.threshold is None else f"{draft.threshold:g}",
        "output-scale": f"{draft.output_scale:g}",
        "answer": "" if draft.answer in (VALUES, FEATURES) else draft.answer,
    }
    plain = {field.name for field in dataclasses.fields(draft)} & {"task", "output", "id", "title", "license"}
    return {**found, **{name: getattr(draft, name) for name in plain}}
