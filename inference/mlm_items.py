"""Cards of other tools: STAC Items with the Machine Learning Model extension, but without our own fields.

Fields: https://github.com/stac-extensions/mlm, version 1.6. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from . import strict_json
from .addresses import fault_of, path_beside
from .drafts import DETECT, Draft, safe_id
from .errors import ModelCorrupt, UnsupportedInput
from .fields import Fields, is_number
from .jobs import ClassInfo, Task
from .palette import class_colors
from .wiring import FEATURES

_LARGEST = 1 << 20
_ROLES = {"mlm:model", "mlm:weights", "mlm:checkpoint"}
_TASKS = {
    "semantic-segmentation": Task.SEGMENT.value,
    "segmentation": Task.SEGMENT.value,
    "regression": Task.REGRESS.value,
    "super-resolution": Task.SUPERRESOLVE.value,
    "similarity-search": Task.EMBED.value,
    "object-detection": DETECT,
    "detection": DETECT,
}
_BANDS, _LAST = {"band", "bands", "channel", "channels"}, {"class", "classes"}
_MULTIHASH = re.compile(r"1220([0-9a-f]{64})")
# Means beyond this are those of stored numbers: reflectance and decibels stay below.
_STORED_FROM = 300.0


def read_item(path: Path) -> dict[str, Any] | None:
    """The JSON of an MLM item that is none of our cards; None if it is one, or something else.

    Raises:
        ModelCorrupt: if it is larger than any card, or no JSON.
    """
    with path.open("rb") as file:
        text = file.read(_LARGEST + 1)
    try:
        data = strict_json.loads(text)
    except ValueError as error:
        raise ModelCorrupt(f"{path.name} is not JSON.", f"It is {path}.", str(error)) from error
    properties = data.get("properties") if isinstance(data, dict) else None
    if not isinstance(properties, dict) or "geofm:family" in properties:
        return None
    return data if any(key.startswith("mlm:") for key in properties) else None


def weights_of(item: Mapping[str, Any], path: Path) -> tuple[str, str, str]:
    """Key, kind (``onnx`` or ``torchscript``) and place of an item's weights.

    Returns:
        key of the asset, family, and the path of a file beside the item or the address of one elsewhere.

    Raises:
        UnsupportedInput: if there are none that can be run without a family of their own.
    """
    assets = Fields(dict(item), path, "").inside("assets")
    found = {
        name: assets.inside(name) for name in assets.data if _ROLES & set(assets.inside(name).texts("roles"))
    }
    if not found:
        raise UnsupportedInput(
            f"{path.name} names no weights.", "It needs an asset with the role mlm:model or mlm:weights."
        )
    kinds = {name: _family(asset) for name, asset in found.items()}
    runnable = sorted((kind, name) for name, kind in kinds.items() if kind in ("onnx", "torchscript"))
    if not runnable:
        name = next(iter(found))
        raise UnsupportedInput(_why_not(path, kinds[name]), _WAYS.get(kinds[name], _WAYS[""]))
    family, name = runnable[0]
    href = found[name].text("href")
    if urlsplit(href).scheme in ("http", "https"):
        return name, family, href
    fault = fault_of(href)
    if fault:
        raise found[name].wrong("href", fault)
    return name, family, str(path.parent / (path_beside(href) or unquote(urlsplit(href).path)))


_WAYS = {
    "safetensors": "Name the family whose code runs them in geofm:family (docs/adding-a-model.md).",
    "torch.export": "Export the network as ONNX.",
    "": "Networks as ONNX can be used, and TorchScript that you allow.",
}


def _why_not(path: Path, kind: str) -> str:
    if kind == "safetensors":
        return (
            f"{path.name} does not say enough: its weights are tensors, and the network for them is missing."
        )
    if kind == "torch.export":
        return f"The weights of {path.name} are a program of torch.export, which cannot be run."
    return f"The weights of {path.name} are of a kind that cannot be run ({kind or 'unnamed'})."


def _family(asset: Fields) -> str:
    """What an asset is, by its artifact type, its media type or its name."""
    kind = asset.text("mlm:artifact_type", "").lower()
    media, href = asset.text("type", "").lower(), urlsplit(asset.text("href")).path.lower()
    if "onnx" in kind or "onnx" in media or href.endswith(".onnx"):
        return "onnx"
    if kind.startswith("torch.jit"):
        return "torchscript"
    if kind.startswith("torch.export") or href.endswith(".pt2"):
        return "torch.export"
    return "safetensors" if "safetensors" in kind or href.endswith(".safetensors") else kind


def told(draft: Draft, item: Mapping[str, Any], asset: str, path: Path) -> Draft:
    """A draft with what an MLM item says; what its file showed stays where the item says nothing.

    Args:
        draft: of the file, or an empty one where the file is elsewhere.
        asset: key of the weights.
        path: of the item, for sentences.

    Raises:
        ModelCorrupt: if a field is not what the extension says.
        UnsupportedInput: if the network takes several inputs, or what it does is no task of ours.
    """
    top = Fields(dict(item), path, "")
    props = top.inside("properties")
    checksum = _MULTIHASH.fullmatch(top.inside("assets").inside(asset).text("file:checksum", ""))
    if checksum and draft.sha256 and checksum.group(1) != draft.sha256:
        raise ModelCorrupt(
            f"{draft.name} is not the file that {path.name} was made for.", "Its digest is another."
        )
    draft = replace(
        draft,
        sha256=draft.sha256 or (checksum.group(1) if checksum else ""),
        id=safe_id(str(top.data.get("id") or path.stem)),
        title=props.text("title", "") or props.text("mlm:name", ""),
        description=props.text("description", ""),
        license=props.text("license", ""),
        gsd=float(props.data["gsd"]) if is_number(props.data.get("gsd")) else draft.gsd,
        source=path.name,
    )
    return _answer(_scaled(_fed(_tasked(draft, props, path), props, path), props), props)


def _tasked(draft: Draft, props: Fields, path: Path) -> Draft:
    stated = props.texts("mlm:tasks")
    found = next((_TASKS[task] for task in stated if task in _TASKS), "")
    if stated and not found and not draft.task:
        raise UnsupportedInput(
            f"{path.name} is of a network for {', '.join(stated)}, which no task of this version does.",
            f"Known are {', '.join(_TASKS)}.",
        )
    return replace(draft, task=found or draft.task)


def _fed(draft: Draft, props: Fields, path: Path) -> Draft:
    """What it takes: bands, layout, window."""
    inputs = props.items("mlm:input")
    if len(inputs) != 1:
        raise UnsupportedInput(
            f"{path.name} describes {len(inputs)} inputs; one image is all that can be given."
        )
    structure = inputs[0].inside("input")
    shape, order = structure.data.get("shape"), [name.lower() for name in structure.texts("dim_order")]
    sizes = dict(zip(order, shape)) if isinstance(shape, list) else {}
    names = _names(inputs[0])
    if any(isinstance(band, dict) and "expression" in band for band in inputs[0].data.get("bands", [])):
        raise UnsupportedInput(
            f"{path.name} computes bands from others, which cannot be done here.",
            "Compute those bands first, and give them names of their own.",
        )
    depth = next((int(size) for name, size in sizes.items() if name in _BANDS and _counts(size)), 0)
    for what, said, has in (("bands", depth, draft.depth), ("pixels", _side(sizes), draft.window)):
        if said and has and said != has and (what == "bands" or draft.fixed):
            draft = draft.warned(
                f"{path.name} says {said} {what} where its file takes {has}: the file is right."
            )
    depth = draft.depth or depth
    if names and depth and len(names) != depth:
        draft = draft.warned(
            f"{path.name} names {len(names)} bands for a network of {depth}: they are not used."
        )
        names = ()
    last = len(order) == 4 and order[-1] in _BANDS
    return replace(
        draft,
        depth=depth,
        bands=names or draft.bands,
        channels_last=draft.channels_last or last,
        window=draft.window if draft.fixed else _side(sizes) or draft.window,
    )


def _side(sizes: Mapping[str, Any]) -> int:
    sides = {int(sizes[name]) for name in ("height", "width") if _counts(sizes.get(name))}
    return sides.pop() if len(sides) == 1 else 0


def _counts(size: Any) -> bool:
    return is_number(size) and size >= 1


def _names(item: Fields) -> tuple[str, ...]:
    stated = item.data.get("bands", [])
    names = [entry.get("name") if isinstance(entry, dict) else entry for entry in stated]
    return tuple(name for name in names if isinstance(name, str) and name)


def _scaled(draft: Draft, props: Fields) -> Draft:
    """What it subtracts and divides by: every linear kind of ``value_scaling``; clipping is none."""
    given = props.items("mlm:input")[0].data
    steps = given.get("value_scaling") or _before_1_4(given)
    if not isinstance(steps, list) or not steps:
        return draft
    pairs = [_linear(step) for step in steps]
    if not all(pairs):
        kinds = {
            str(step.get("type")) for step, pair in zip(steps, pairs) if not pair and isinstance(step, dict)
        }
        return draft.warned(f"Its scaling ({', '.join(sorted(kinds)) or 'unnamed'}) cannot be translated.")
    mean, std = zip(*(pair for pair in pairs if pair))
    if len(mean) not in (1, draft.depth or len(mean)):
        return draft.warned(f"Its scaling is of {len(mean)} bands, not of {draft.depth}: it is not used.")
    draft = replace(draft, mean=tuple(mean), std=tuple(std))
    if max(map(abs, (*mean, *std))) >= _STORED_FROM:
        return draft.warned(
            "Its means are those of numbers as files hold them: say --scale 10000 if those are reflectance "
            "times 10000 (Sentinel-2), or --scale stored."
        )
    return draft


def _before_1_4(given: Mapping[str, Any]) -> list[Any]:
    """The scaling as earlier versions of the extension say it: ``norm_type`` and ``statistics``."""
    kind, statistics = given.get("norm_type"), given.get("statistics")
    if not kind or not isinstance(statistics, list):
        return []
    return [{**one, "type": kind} for one in statistics if isinstance(one, dict)]


def _linear(step: Any) -> tuple[float, float] | None:
    """Mean and deviation of (value - mean) / deviation, None for what is not of that form."""
    if step is None or (isinstance(step, dict) and step.get("type") is None):
        return 0.0, 1.0
    if not isinstance(step, dict):
        return None
    kind = step["type"]
    names = {"z-score": ("mean", "stddev"), "min-max": ("minimum", "maximum")}.get(str(kind), ("value",))
    values = [step.get(name) for name in names]
    if not all(is_number(value) for value in values):
        return None
    numbers = [float(value) for value in values if value is not None]
    if kind == "z-score":
        found = numbers[0], numbers[1]
    elif kind == "min-max":
        found = numbers[0], numbers[1] - numbers[0]
    elif kind == "offset":
        found = numbers[0], 1.0
    else:
        found = 0.0, numbers[0] if kind == "scale" else 0.0
    return found if found[1] > 0 else None


def _answer(draft: Draft, props: Fields) -> Draft:
    """What it answers: classes, channels."""
    outputs = props.items("mlm:output")
    if not outputs:
        return draft
    if len(outputs) > 1:
        draft = draft.warned(f"It describes {len(outputs)} outputs: the first is taken.")
    infos: list[tuple[int, str]] = []
    for item in [*outputs[0].items("classification:classes"), *outputs[0].items("mlm:classes")]:
        value = item.count("value")
        name = item.text("title", "") or item.text("name").replace("_", " ")
        infos.append((len(infos) if value is None else value, name))
    if infos:
        colors = class_colors([name for _, name in infos])
        made = tuple(ClassInfo(value, name, color) for (value, name), color in zip(infos, colors))
        draft = replace(draft, classes=made)
    structure = outputs[0].inside("result") if "result" in outputs[0].data else None
    if structure is not None and not draft.answers:
        shape, order = structure.data.get("shape"), [name.lower() for name in structure.texts("dim_order")]
        sizes = dict(zip(order, shape)) if isinstance(shape, list) else {}
        deep = next((int(s) for n, s in sizes.items() if n in (_BANDS | _LAST) and _counts(s)), 0)
        last = len(order) == 4 and order[-1] in (_BANDS | _LAST)
        draft = replace(draft, answers=deep, answer_last=last)
        if draft.task == Task.EMBED.value:
            side = _side(sizes)
            stride = draft.window // side if side else draft.window
            draft = replace(draft, answer=FEATURES, dim=deep, stride=stride or 1)
    return draft
