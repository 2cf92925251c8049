"""A network's file on its way to a card: what was read from it, and what only its user can say.

An importer fills a :class:`Draft`; :mod:`.questions` asks for what is missing; :func:`card_of` writes the
card. Standard library alone.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .bands import BYTE, REFLECTANCE
from .errors import InvalidRequest
from .jobs import ClassInfo, Task
from .palette import class_colors
from .wiring import FEATURES, LABELS, LOGIT, LOGITS, OF_TWO_CLASSES, VALUES, Variable

DETECT = "detect"
TASKS = (Task.SEGMENT.value, Task.REGRESS.value, Task.SUPERRESOLVE.value, Task.EMBED.value)
# What learns or compares in an encoder's features needs more than one cell a window, and physical units.
_ON_FEATURES = (Task.TRAIN, Task.CHANGE, Task.SIMILARITY, Task.CLUSTER)
_MLM_TASKS = {
    Task.SEGMENT.value: "semantic-segmentation",
    Task.REGRESS.value: "regression",
    Task.SUPERRESOLVE.value: "super-resolution",
    Task.EMBED.value: "similarity-search",
    DETECT: "object-detection",
}
_FRAMEWORKS = {"onnx": "ONNX", "torchscript": "PyTorch", "terratorch": "PyTorch"}
_ARTIFACTS = {"onnx": "onnx", "torchscript": "torch.jit.save", "terratorch": "safetensors"}
_EXTENSION = "https://stac-extensions.github.io/{}/schema.json"
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
# Pixels this many times smaller or larger than those it was made for are still tried.
_GSD_SPREAD = 2.0


@dataclass(frozen=True)
class Draft:
    """What is known of a network's file.

    Attributes:
        file: its path, or its address where it is still to be fetched.
        family: ``onnx``, ``torchscript`` or ``terratorch``.
        id, title, description, license, citation, source: as in :class:`~.cards.Card`.
        task: what it does, one of ``TASKS`` or ``detect``; empty if unknown.
        depth: bands it takes, 0 if unknown.
        bands: their names in its order; empty if unknown.
        units: units of the bands it takes (see :class:`~.cards.Card`); None if unknown.
        gain, shift, mean, std: its numbers are (value * gain + shift - mean) / std; mean and std hold one
            number, one a band, or none.
        classes: what it maps, in the order of its answer.
        variables: what its values are.
        output_scale: what its values are multiplied by.
        answer: what its answer is, one of ``ANSWERS``; empty if unknown.
        answers: channels of its answer, 0 if unknown.
        output, outputs: name of the answer to read, and all names.
        channels_last, answer_last: see :class:`~.wiring.Wiring`.
        window: side of its windows, 0 if they may have any.
        fixed: whether it takes windows of that side alone.
        overlap: pixels that neighbouring windows share; None if unknown.
        receptive_field, stride, factor, margin, dim, threshold: see :class:`~.cards.Card` and
            :class:`~.wiring.Wiring`.
        gsd: metres of a pixel that it was made for, 0 if unknown.
        sha256, size: of the file; empty and 0 if unknown.
        extra: what the file says beyond that, kept in the card.
        more: further properties of the card, that its family needs.
        warnings: sentences about what contradicts itself or was decided.
    """

    file: str
    family: str = "onnx"
    id: str = ""
    title: str = ""
    description: str = ""
    license: str = ""
    citation: str = ""
    source: str = ""
    task: str = ""
    depth: int = 0
    bands: tuple[str, ...] = ()
    units: str | None = None
    gain: float = 1.0
    shift: float = 0.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    classes: tuple[ClassInfo, ...] = ()
    variables: tuple[Variable, ...] = ()
    output_scale: float = 1.0
    answer: str = ""
    answers: int = 0
    output: str = ""
    outputs: tuple[str, ...] = ()
    channels_last: bool = False
    answer_last: bool = False
    window: int = 0
    fixed: bool = False
    overlap: int | None = None
    receptive_field: int = 0
    stride: int = 1
    factor: int = 1
    margin: int = 0
    dim: int = 0
    threshold: float | None = None
    gsd: float = 0.0
    sha256: str = ""
    size: int = 0
    extra: tuple[tuple[str, str], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Draft:
        """What :meth:`to_dict` was asked of.

        Raises:
            InvalidRequest: if it is not of that form.
        """
        try:
            fields: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
            }
            fields["classes"] = tuple(ClassInfo(**item) for item in data["classes"])
            fields["variables"] = tuple(Variable(**item) for item in data["variables"])
            fields["extra"] = tuple((key, text) for key, text in data["extra"])
            made = cls(**fields)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidRequest("A draft lacks an entry, or has one of another type.") from error
        for spec in dataclasses.fields(cls):
            _check_type(spec.name, getattr(made, spec.name), getattr(cls, spec.name, None))
        return made

    def warned(self, *sentences: str) -> Draft:
        """Itself with more warnings."""
        return dataclasses.replace(self, warnings=tuple(dict.fromkeys([*self.warnings, *sentences])))

    @property
    def name(self) -> str:
        """Its file's name."""
        return PurePath(self.file.split("?")[0]).name

    @property
    def halo(self) -> int:
        """Pixels at a window's border that are not used, a multiple of the stride where there is room."""
        wanted = self.window // 4 if self.overlap is None else self.overlap // 2
        steps = wanted // self.stride * self.stride or wanted
        return max(min(steps, (self.window - 1) // 2), self.margin)


def _check_type(name: str, value: Any, usual: Any) -> None:
    """See that an entry is of the type of its default; a number where that is None, or unknown."""
    wanted: tuple[type, ...] = (int, float) if isinstance(usual, float) else (type(usual),)
    if usual is None:
        wanted = {"file": (str,), "units": (str, type(None)), "more": (dict,)}.get(
            name, (int, float, type(None))
        )
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(usual, bool):
        raise InvalidRequest(f"In a draft, {name} has the wrong type.")


def safe_id(text: str) -> str:
    """A text as the id of a card."""
    return _ODD.sub("-", text).strip("-._")[:64].strip("-._") or "model"


def numbered_classes(names: Sequence[str], first: int = 1) -> tuple[ClassInfo, ...]:
    """Classes of names, with values from ``first`` on and colours that differ."""
    colors = enumerate(zip(names, class_colors(names)), first)
    return tuple(ClassInfo(value, name, color) for value, (name, color) in colors)


def tasks_of(draft: Draft) -> tuple[str, ...]:
    """The jobs that its card names."""
    dense = draft.task == Task.EMBED.value and draft.stride < draft.window and draft.units == REFLECTANCE
    return (draft.task, *(task.value for task in _ON_FEATURES if dense))


def answer_of(draft: Draft) -> str:
    """What its answer is by its task, where the file does not tell it apart."""
    if draft.task in (Task.REGRESS.value, Task.SUPERRESOLVE.value):
        return VALUES
    if draft.task == Task.EMBED.value:
        return FEATURES
    told = draft.answer not in ("", VALUES, FEATURES)
    return draft.answer if told else LOGIT if draft.answers == 1 else LOGITS


def variables_of(draft: Draft) -> tuple[Variable, ...]:
    """What its values are; of a super-resolution the bands it was given, where they are as many."""
    names = draft.variables
    if not names:
        count = draft.answers or 1
        same = draft.task == Task.SUPERRESOLVE.value and count == len(draft.bands)
        texts = draft.bands if same else [f"value {i + 1}" for i in range(count)] if count > 1 else ["value"]
        names = tuple(Variable(text) for text in texts)
    return tuple(dataclasses.replace(one, scale=one.scale * draft.output_scale) for one in names)


def scaling_of(draft: Draft) -> tuple[list[float], list[float]]:
    """Mean and deviation of each band, in the bands' units.

    Raises:
        InvalidRequest: if their number does not go with the bands.
    """
    count = len(draft.bands)
    found = []
    for name, values, default in (("mean", draft.mean, 0.0), ("std", draft.std, 1.0)):
        if len(values) not in (0, 1, count):
            raise InvalidRequest(f"There are {count} bands, and {len(values)} numbers in {name}.")
        found.append(list(values or (default,)) * (count if len(values) < 2 else 1))
    means, deviations = found
    return [(m - draft.shift) / draft.gain for m in means], [d / draft.gain for d in deviations]


def card_of(draft: Draft) -> dict[str, Any]:
    """The card of a draft to which nothing is missing (see :func:`.questions.missing`), as JSON types.

    Raises:
        InvalidRequest: if what it says does not go together.
    """
    draft = _settled(draft)
    mean, std = scaling_of(draft)
    answer = answer_of(draft)
    channels = {VALUES: len(variables_of(draft)), FEATURES: draft.dim}.get(answer, len(draft.classes))
    bands = [{"name": name} for name in draft.bands]
    named = draft.id or safe_id(PurePath(draft.name).stem)
    properties: dict[str, Any] = {
        "title": draft.title or named,
        "description": draft.description or f"Added from {draft.name}.",
        "datetime": None,
        "start_datetime": "1970-01-01T00:00:00Z",
        "end_datetime": "9999-12-31T23:59:59Z",
        "bands": bands,
        "mlm:name": named,
        "mlm:architecture": "unknown",
        "mlm:framework": _FRAMEWORKS[draft.family],
        "mlm:tasks": [_MLM_TASKS[draft.task]],
        "mlm:input": [_input(draft, mean, std)],
        "mlm:output": [_output(draft, answer, channels)],
        "geofm:family": draft.family,
        "geofm:tasks": list(tasks_of(draft)),
        "geofm:units": draft.units or "",
        "geofm:min_bands": list(draft.bands),
        "geofm:window": draft.window,
        "geofm:halo": 0 if answer == FEATURES else draft.halo,
        "geofm:stride": draft.stride,
        "geofm:answer": answer,
        "geofm:verified": "Added from a file; what it maps was compared with nothing.",
    }
    properties.update({**_where_it_says_more(draft, answer), **draft.more})
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _extensions(draft),
        "id": named,
        "geometry": None,
        "properties": properties,
        "links": [],
        "assets": {"weights": _asset(draft, bands, mean, std)},
    }


def _settled(draft: Draft) -> Draft:
    """The draft as its task understands its answer.

    Raises:
        InvalidRequest: if its answer is of no use to the task.
    """
    maps = (Task.SEGMENT.value, Task.REGRESS.value)
    if draft.task in (*maps, Task.SUPERRESOLVE.value) and draft.answer == FEATURES:
        raise InvalidRequest(
            f"{draft.name} answers {draft.dim} numbers for each {draft.stride} x {draft.stride} pixels, "
            f"which is no answer for {draft.task}.",
            "It can be used for embed.",
        )
    if draft.task in maps and draft.factor > 1:
        raise InvalidRequest(
            f"{draft.name} answers {draft.factor} x {draft.factor} pixels for one.",
            "It can be used for superresolve.",
        )
    if draft.task == Task.EMBED.value and draft.answer != FEATURES:
        if draft.margin or draft.factor > 1 or not draft.answers:
            raise InvalidRequest(
                f"{draft.name} does not answer for just the pixels it is given.",
                "It cannot be used for embed.",
            )
        # Features of every pixel.
        draft = dataclasses.replace(draft, answer=FEATURES, dim=draft.answers, stride=1)
    return draft


def _extensions(draft: Draft) -> list[str]:
    """The extensions whose fields the card has."""
    classes = draft.task == Task.SEGMENT.value
    used = {"mlm/v1.6.0": True, "file/v2.1.0": bool(draft.size), "classification/v2.0.0": classes}
    return [_EXTENSION.format(name) for name, has in used.items() if has]


def _where_it_says_more(draft: Draft, answer: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "license": draft.license,
        "geofm:output": draft.output,
        "geofm:threshold": draft.threshold if answer not in (VALUES, FEATURES, LABELS) else None,
        "geofm:factor": draft.factor if draft.factor > 1 else None,
        "geofm:margin": draft.margin,
        "geofm:dim": draft.dim if answer == FEATURES else 0,
        "geofm:receptive_field": draft.receptive_field,
        "geofm:citation": draft.citation,
        "geofm:source": draft.source,
        "geofm:metadata": dict(draft.extra),
        "geofm:notes": list(draft.warnings),
    }
    if draft.gsd:
        said["gsd"] = draft.gsd
        said["geofm:gsd"] = [draft.gsd / _GSD_SPREAD, draft.gsd * _GSD_SPREAD]
    if answer == VALUES:
        said["geofm:variables"] = [dataclasses.asdict(one) for one in variables_of(draft)]
    return {name: value for name, value in said.items() if value}


def _input(draft: Draft, mean: list[float], std: list[float]) -> dict[str, Any]:
    sides, order = [draft.window, draft.window], ["height", "width"]
    count = len(draft.bands)
    shape = [-1, *sides, count] if draft.channels_last else [-1, count, *sides]
    named = ["batch", *order, "bands"] if draft.channels_last else ["batch", "bands", *order]
    return {
        "name": "image",
        "bands": list(draft.bands),
        "input": {"shape": shape, "dim_order": named, "data_type": "float32"},
        "value_scaling": [{"type": "z-score", "mean": m, "stddev": s} for m, s in zip(mean, std)],
        "resize_type": None,
        "pre_processing_function": None,
    }


def _output(draft: Draft, answer: str, channels: int) -> dict[str, Any]:
    side = (draft.window - 2 * draft.margin) * draft.factor
    deep = 1 if answer in (*OF_TWO_CLASSES, LABELS) else channels
    shape, order = [-1, deep, side, side], ["batch", "channel", "height", "width"]
    if draft.answer_last:
        shape, order = [-1, side, side, deep], ["batch", "height", "width", "channel"]
    if answer == FEATURES:
        cells = draft.window // draft.stride
        shape = [-1, cells, cells, deep] if draft.answer_last else [-1, deep, cells, cells]
    found: dict[str, Any] = {
        "name": draft.output or "answer",
        "tasks": [_MLM_TASKS[draft.task]],
        "result": {"shape": shape, "dim_order": order, "data_type": "float32"},
        "post_processing_function": None,
    }
    if draft.task == Task.SEGMENT.value:
        found["classification:classes"] = [_class(info, index) for index, info in enumerate(draft.classes)]
    return found


def _class(info: ClassInfo, index: int) -> dict[str, Any]:
    """A class as the classification extension wants it: a name of letters, digits, ``-`` and ``_``."""
    name = re.sub(r"[^0-9A-Za-z_-]+", "_", info.name).strip("_") or f"class_{index + 1}"
    # Cards are read with spaces for underscores; only another name needs a title.
    title = {} if name.replace("_", " ") == info.name else {"title": info.name}
    return {"value": info.value, "name": name, **title, "color_hint": info.color.lstrip("#").upper()}


def _asset(draft: Draft, bands: list[dict[str, str]], mean: list[float], std: list[float]) -> dict[str, Any]:
    remote = "://" in draft.file
    asset: dict[str, Any] = {
        "href": draft.file if remote else draft.name,
        "title": draft.name,
        "type": f"application/octet-stream; framework={_FRAMEWORKS[draft.family].lower()}",
        "roles": ["mlm:model", "mlm:weights"],
        "mlm:artifact_type": _ARTIFACTS[draft.family],
        "geofm:filename": _filename(draft.name),
        "bands": bands,
        "geofm:mean": mean,
        "geofm:std": std,
    }
    if draft.sha256:
        asset["geofm:digest"] = f"sha256:{draft.sha256}"
    if draft.size:
        asset["file:size"] = draft.size
    return asset


def _filename(name: str) -> str:
    path = PurePath(name)
    return f"{safe_id(path.stem)[:48]}{path.suffix.lower()}"


def legacy_bytes(draft: Draft) -> Draft:
    """The rule of tools that divide bytes by 255."""
    return dataclasses.replace(draft, units=BYTE, gain=1 / 255, shift=0.0)
