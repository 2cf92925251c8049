"""TerraTorch's configurations, understood without TerraTorch, Lightning or any of their code.

The configuration is the YAML (or JSON) that LightningCLI writes beside a training; what it says of the
network and of the data becomes a :class:`~...drafts.Draft`. The checkpoint is read by
:mod:`.terratorch_weights`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ...bands import DECIBEL, REFLECTANCE, band_named, band_of_card
from ...cards import Card, load_card
from ...drafts import Draft, numbered_classes, safe_id
from ...errors import ModelCorrupt, ModelMissing, UnsupportedInput
from ...fields import is_number
from ...jobs import Task
from ...places import bundled_models
from ...wiring import LOGITS, VALUES
from ..backbones.terratorch import REGRESSION, SEGMENTATION
from ..parts.decoders import DECODERS, HEADS, NECKS
from .terratorch_data import own_scaling
from .terratorch_encoders import BACKBONE_ASIDE, BACKBONES, SIZES, habits_of, layers_of, waves_of
from .terratorch_weights import bands_in, weights_in

Json = Mapping[str, Any]

_TASKS = {
    "SemanticSegmentationTask": (SEGMENTATION, Task.SEGMENT, LOGITS),
    "PixelwiseRegressionTask": (REGRESSION, Task.REGRESS, VALUES),
}
_FACTORIES = ("EncoderDecoderFactory", "PrithviModelFactory")
_ASIDE = {
    "backbone",
    "decoder",
    "necks",
    "num_classes",
    "num_outputs",
    "rescale",
    "aux_decoders",
    "bands",
    "in_channels",
    "num_frames",
    "pretrained",
}
_HEAD_ASIDE = {"batch_norm", "num_classes", "num_outputs"}
_BANDS = {
    "COASTAL_AEROSOL": "B01",
    "BLUE": "B02",
    "GREEN": "B03",
    "RED": "B04",
    "RED_EDGE_1": "B05",
    "RED_EDGE_2": "B06",
    "RED_EDGE_3": "B07",
    "NIR_BROAD": "B08",
    "NIR_NARROW": "B8A",
    "WATER_VAPOR": "B09",
    "CIRRUS": "B10",
    "SWIR_1": "B11",
    "SWIR_2": "B12",
    "VV": "VV",
    "VH": "VH",
}
_LARGEST_CONFIG = 1 << 20
# Reflectance averages below the first; reflectance times 10,000 above the second.
_REFLECTANCE_BELOW, _NUMBERS_ABOVE = 2.0, 256.0
_WINDOW = 224
_VERIFIED = (
    "Added from a checkpoint. Its parts were compared with TerraTorch 1.2.11 in small networks of seeded "
    "weights, where they agree within 1e-5; this network was compared with nothing."
)


def inspect(config: str | Path, checkpoint: str | Path) -> Draft:
    """What a training's configuration says of the network in a checkpoint.

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if a file is not what it should be.
        UnsupportedInput: naming what of the network is not known here.
    """
    settings, file = read_settings(Path(config)), Path(checkpoint)
    tensors = weights_in(file)
    kind = _word(settings.get("class_path"))
    model = _mapping(settings, "init_args")
    if kind not in _TASKS:
        raise _unknown("task", kind or "none", _TASKS)
    task, job, answer = _TASKS[kind]
    if _word(model.get("model_factory")) not in _FACTORIES:
        raise _unknown("model_factory", model.get("model_factory"), _FACTORIES)
    arguments = _mapping(model, "model_args")
    backbone = _group(arguments, "backbone")
    described, sizes, bands = _architecture(arguments, backbone, task)
    named = bands if all(bands) else ()
    stated = _mapping(_mapping(settings, "data"), "init_args")
    data = {name: value for name, value in stated.items() if value is not None}
    answers = _whole(arguments.get("num_classes" if task == SEGMENTATION else "num_outputs") or 1)
    habits = habits_of(described["encoder"])
    # Its padding in training, and what a pyramid of features halves.
    step = habits.stride or 2 * _whole(sizes["patch_size"])
    draft = Draft(
        str(file),
        "terratorch",
        id=_name(file),
        title=_name(file).replace("-", " ").replace("_", " "),
        description=f"{arguments['backbone']} with {arguments['decoder']}, trained with TerraTorch.",
        task=job.value,
        depth=len(bands) or bands_in(tensors),
        bands=named,
        answer=answer,
        answers=answers,
        stride=step,
        window=_window(model, sizes, step, habits.fixed),
        fixed=habits.fixed,
        more={
            "mlm:architecture": habits.architecture,
            "mlm:hyperparameters": sizes,
            "geofm:architecture": described,
            "geofm:verified": _VERIFIED,
        },
    )
    draft = draft if bands else _banded(draft, arguments, backbone, data)
    own = own_scaling(_word(_mapping(settings, "data").get("class_path")), draft.bands)
    draft = _scaled(draft, {"means": own[0], "stds": own[1], **data}, described["inputs"])
    return _noted(_classified(draft, model, answers), model, data)


def read_settings(path: Path) -> dict[str, Any]:
    """The ``model`` entry of a configuration, with its ``data`` entry beside.

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if it is no configuration of LightningCLI.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}.")
    if path.stat().st_size > _LARGEST_CONFIG:
        raise ModelCorrupt(f"{path.name} is larger than 1 MiB, which no configuration is.")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        # Only plain values: tags that would make Python objects are an error.
        found = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ModelCorrupt(
            f"{path.name} is no configuration that can be read.",
            "Take the config.yaml that was given to terratorch fit, or that it left beside the checkpoint.",
            str(error),
        ) from error
    model = found.get("model") if isinstance(found, Mapping) else None
    if not isinstance(model, Mapping) or not isinstance(model.get("init_args"), Mapping):
        raise ModelCorrupt(
            f"{path.name} is no configuration of TerraTorch: it has no model with init_args.",
            "Take the config.yaml that was given to terratorch fit, or that it left beside the checkpoint.",
        )
    data = found.get("data")
    return {**model, "data": data if isinstance(data, Mapping) else {}}


def _architecture(
    arguments: Json, backbone: Json, task: str
) -> tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]:
    """What the card says of the network: its parts, the encoder's sizes, and its bands if those decide.

    A band that is not known is empty.
    """
    name = _word(arguments.get("backbone")).removeprefix("terratorch_")
    if name not in BACKBONES:
        raise _unknown("backbone", arguments.get("backbone"), BACKBONES)
    card = load_card(bundled_models() / f"{BACKBONES[name]}.json")
    sizes, habits = _sizes(card, backbone), habits_of(card.family)
    dates = backbone.get("num_frames", arguments.get("num_frames", 1))
    if dates != 1:
        raise UnsupportedInput(
            f"This network takes images of {dates} dates at once, which cannot be fed here yet.",
            "Networks of one date can be added.",
        )
    prefixes = ("backbone_", "decoder_", "head_")
    _refuse_others("model_args", {k: v for k, v in arguments.items() if not k.startswith(prefixes)}, _ASIDE)
    decoder, head = _group(arguments, "decoder"), _group(arguments, "head")
    necks = _necks(arguments)
    for what, entries, there in (
        ("neck", [entry.get("name") for entry in necks], NECKS),
        ("decoder", [arguments.get("decoder")], DECODERS),
        ("head", [task], HEADS),
    ):
        for entry in entries:
            if entry not in there:
                raise _unknown(what, entry, there)
    inputs = _inputs(card, backbone)
    waves = waves_of(habits, backbone)
    # By their whole names: VV-VH, say, has a wavelength but is no band that is known here.
    known = {**_BANDS, **{name: name for name in _BANDS.values()}}
    stated = [known.get(_word(f".{band}"), "") for band in backbone.get("model_bands") or ()]
    bands = tuple(band for listed in (*inputs.values(), stated) for band in listed)
    described: dict[str, Any] = {"wavelengths": waves} if waves else {}
    described |= {
        "task": task,
        "backbone": name,
        "encoder": card.family,
        "inputs": {sensor: len(listed) for sensor, listed in inputs.items()},
        "layers": layers_of(habits, backbone.get("out_indices"), habits.depth or sizes["depth"]),
        "necks": necks,
        "decoder": {"name": arguments["decoder"], **decoder},
        "head": {key: value for key, value in head.items() if key not in _HEAD_ASIDE and value is not None},
    }
    return described, sizes, bands


def _sizes(card: Card, backbone: Json) -> dict[str, Any]:
    """The encoder's sizes: those of its card, but for what the configuration says."""
    _refuse_others("backbone", backbone, {*SIZES, *BACKBONE_ASIDE, *habits_of(card.family).aside})
    sizes = {**card.raw["properties"]["mlm:hyperparameters"]}
    for theirs, ours in SIZES.items():
        if backbone.get(theirs) is not None:
            value = backbone[theirs]
            sizes[ours] = value[-1] if isinstance(value, Sequence) else value
    if "coords_encoding" in backbone:
        codes = backbone["coords_encoding"] or ()
        sizes.update({f"{code}_encoding": code in codes for code in ("time", "location")})
    return sizes


def _necks(arguments: Json) -> list[dict[str, Any]]:
    """What stands between encoder and decoder, by name and arguments."""
    # Without necks the encoder itself puts its tokens back on their grid.
    listed = arguments.get("necks") or [{"name": "ReshapeTokensToImage"}]
    return [dict(entry) if isinstance(entry, Mapping) else {"name": entry} for entry in listed]


def _inputs(card: Card, backbone: Json) -> dict[str, list[str]]:
    """Bands of each sensor that an encoder of several takes, in its order; empty for other encoders."""
    known = {item["name"]: item["bands"] for item in card.raw["properties"]["mlm:input"]}
    wanted = backbone.get("modalities")
    if card.family != "terramind":
        return {}
    if not isinstance(wanted, Sequence) or not wanted or any(name not in known for name in wanted):
        raise _unknown("modalities", wanted, known)
    if len(wanted) > 1 and backbone.get("merge_method", "mean") != "mean":
        raise _unknown("merge_method", backbone["merge_method"], ("mean",))
    stated = _mapping(backbone, "bands")
    found = {}
    for name in wanted:
        listed = list(stated.get(name) or range(len(known[name])))
        every = listed == list(range(len(known[name])))
        found[name] = known[name] if every else [_band(band) for band in listed]
    return found


def _banded(draft: Draft, arguments: Json, backbone: Json, data: Json) -> Draft:
    """The draft with its bands, from the first place that names them."""
    places = (backbone.get("bands"), arguments.get("bands"), data.get("output_bands"), data.get("bands"))
    stated = next((list(place) for place in (*places, data.get("dataset_bands")) if place), [])
    names = [_band(name) for name in stated]
    if stated and all(names):
        return replace(draft, bands=tuple(names))
    if stated:
        return draft.warned(f"Its bands are given as {', '.join(map(str, stated))}, which names none.")
    return draft


def _band(name: object) -> str:
    """The band that TerraTorch's name, or one that is known here, means; empty for others."""
    band = band_named(name) if isinstance(name, str) else None
    return _BANDS.get(_word(name)) or (band.name if band else "")


def _scaled(draft: Draft, data: Json, inputs: Json) -> Draft:
    """The draft with means and deviations, and the units that those are in, as far as they can be told."""
    mean, std = (_listed(data.get(name), inputs) for name in ("means", "stds"))
    if not mean or len(mean) != len(std) or not all(is_number(value) for value in (*mean, *std)):
        return draft.warned(
            "The configuration does not give means and stds: say them with --mean and --std, or its input is "
            "taken as it is."
        )
    draft = replace(draft, mean=mean, std=std)
    if not draft.bands or len(draft.bands) != len(mean):
        return draft
    units = [band_of_card(name).units for name in draft.bands]
    optical = [value for value, unit in zip(mean, units, strict=True) if unit == REFLECTANCE]
    if not optical:
        return replace(draft, units="" if DECIBEL in units else None)
    if max(optical) < _REFLECTANCE_BELOW:
        return replace(draft, units=REFLECTANCE)
    if max(optical) > _NUMBERS_ABOVE:
        note = "Its means are too large for reflectance: they are taken for reflectance times 10,000."
        gains = [1e4 if unit == REFLECTANCE else 1.0 for unit in units]
        scaled = [tuple(v / g for v, g in zip(values, gains, strict=True)) for values in (mean, std)]
        return replace(draft, units=REFLECTANCE, mean=scaled[0], std=scaled[1]).warned(note)
    return draft


def _listed(values: Any, inputs: Json) -> tuple[Any, ...]:
    """Numbers a band; of several sensors in the order of the network's inputs."""
    if isinstance(values, Mapping):
        return tuple(value for sensor in inputs for value in values.get(sensor) or ())
    return tuple(values) if isinstance(values, Sequence) and not isinstance(values, str) else ()


def _classified(draft: Draft, model: Json, answers: int) -> Draft:
    names = model.get("class_names")
    if draft.task != Task.SEGMENT.value or not isinstance(names, Sequence) or len(names) != answers:
        return draft
    return replace(draft, classes=numbered_classes([str(name) for name in names]))


def _noted(draft: Draft, model: Json, data: Json) -> Draft:
    """The draft with what else its user should know."""
    sizes, described = draft.more["mlm:hyperparameters"], draft.more["geofm:architecture"]
    codes = {"time_encoding": "date", "location_encoding": "lonlat"}
    told = {name: "optional" for code, name in codes.items() if sizes.get(code) and data.get("use_metadata")}
    if told:
        draft = replace(draft, more={**draft.more, "geofm:inputs": told})
    ignored = model.get("ignore_index")
    if draft.task == Task.SEGMENT.value and ignored in range(draft.answers):
        draft = draft.warned(
            f"Class number {ignored}, from 0, was ignored in training: where it is mapped it means nothing."
        )
    if described["decoder"]["name"] == "UNetDecoder":
        draft = draft.warned(
            "The U-Net is computed as by segmentation_models_pytorch 0.5 and later; if trained with an "
            "earlier one, add doubles_last: true to the decoder in the card's geofm:architecture."
        )
    return draft


def _window(model: Json, sizes: Json, step: int, fixed: bool) -> int:
    """Side of the windows: that of the training's own tiles, else of the images the encoder knows.

    Raises:
        UnsupportedInput: if it is ``fixed`` to the latter, and they are no multiple of ``step``.
    """
    if fixed and sizes["image_size"] % step:
        raise UnsupportedInput(
            f"This network takes images of {sizes['image_size']} pixels alone, which cannot be fed here.",
            f"Networks of images whose sides are multiples of {step} can be added.",
        )
    if fixed:
        return int(sizes["image_size"])
    tiles = model.get("tiled_inference_parameters")
    stated = [tiles.get(name) for name in ("h_crop", "w_crop")] if isinstance(tiles, Mapping) else []
    side = stated[0] if stated and stated[0] == stated[1] and is_number(stated[0]) else None
    wanted = int(side or sizes.get("image_size") or _WINDOW)
    return max(step, wanted // step * step)


def _name(checkpoint: Path) -> str:
    """An id: the checkpoint's name, or its folder's where training programs named it."""
    stem = checkpoint.stem
    common = ("epoch", "best", "last", "checkpoint", "model", "weights", "state_dict")
    return safe_id(checkpoint.absolute().parent.name if stem.lower().startswith(common) else stem)


def _group(arguments: Json, prefix: str) -> dict[str, Any]:
    """Arguments of a part, which are in an entry of their own or begin with its name."""
    start = f"{prefix}_"
    nested = arguments.get(f"{start}kwargs") or {}
    flat = {k[len(start) :]: v for k, v in arguments.items() if k.startswith(start) and k != f"{start}kwargs"}
    return {**(nested if isinstance(nested, Mapping) else {}), **flat}


def _refuse_others(where: str, given: Json, known: set[str]) -> None:
    others = [name for name, value in given.items() if name not in known and value not in (None, False)]
    if others:
        raise UnsupportedInput(
            f"The configuration says {', '.join(others)} of the {where}, which is not known here.",
            "Networks that were trained without it can be added.",
        )


def _unknown(what: str, name: object, known: Mapping[str, Any] | Sequence[str]) -> UnsupportedInput:
    return UnsupportedInput(
        f"The configuration's {what} is {name}, which is not known here.", f"Known are: {', '.join(known)}."
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise ModelCorrupt(f"The configuration says {value!r} where a whole number above 0 must be.")
    return value


def _word(value: object) -> str:
    return value.rpartition(".")[-1] if isinstance(value, str) else ""


def _mapping(holder: Json, name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}
