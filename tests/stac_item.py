"""What a card must be to count as a STAC Item with the Machine Learning Model extension.

Nothing is fetched. The schemas of STAC itself lie in pystac, the objects of the extension are the
models of stac-model; no package holds the schemas of the extensions, so the rules that neither of
the two checks are written down here, from the specifications of mlm 1.6.0, classification 2.0.0,
file 2.1.0 and eo 2.0.0 (https://github.com/stac-extensions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pystac
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from pydantic import ValidationError
from pystac.utils import str_to_datetime
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource
from stac_model.schema import SCHEMA_URI, MLModelProperties

Json = Mapping[str, Any]

ITEM = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
OURS = "geofm"
# Extensions whose fields have another prefix than their address says.
FOLDERS = {"sci": "scientific"}
IN_ASSETS = {"mlm:artifact_type", "mlm:compile_method", "mlm:entrypoint"}
NOT_IN_ASSETS = {"mlm:name", "mlm:input", "mlm:output", "mlm:hyperparameters"}
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]")
DIMENSION = re.compile(r"[a-z_-]+")
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*")
CLASS_NAME = re.compile(r"[0-9A-Za-z_-]+")
COLOR = re.compile(r"[0-9A-F]{6}")
COMMON_NAMES = {
    "pan", "coastal", "blue", "green", "green05", "yellow", "red", "rededge", "rededge071", "rededge075",
    "rededge078", "nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir", "lwir11", "lwir12",
}  # fmt: skip


def faults(card: Json) -> list[str]:
    """Every rule that a card breaks, one sentence each; none for a valid item."""
    found = [*_not_json(card)] or [*_core(card)]
    # What is no Item has no model to look at.
    return found or [*_dates(card), *_model(card), *_extensions(card), *_assets(card), *_links(card)]


def _not_json(card: Json) -> Iterator[str]:
    try:
        same = json.loads(json.dumps(card, allow_nan=False)) == card
    except (TypeError, ValueError) as error:
        yield f"the card is not JSON: {error}"
        return
    if not same:
        yield "the card changes when it is written as JSON"


@cache
def _schema() -> Draft7Validator:
    local = get_local_schema_cache()
    resources = [(uri, Resource.from_contents(schema)) for uri, schema in local.items()]
    return Draft7Validator(local[ITEM], registry=Registry().with_resources(resources))


def _core(card: Json) -> Iterator[str]:
    for error in _schema().iter_errors(card):
        cause = best_match([error])
        yield f"{cause.json_path}: {cause.message[:300]}"


def _dates(card: Json) -> Iterator[str]:
    for name, value in card["properties"].items():
        if name in ("datetime", "start_datetime", "end_datetime", "created", "updated") and value:
            try:
                str_to_datetime(value)
            except ValueError as error:
                yield f"properties.{name}: {error}"
    try:
        pystac.Item.from_dict(dict(card), preserve_dict=True)
    except pystac.STACError as error:
        yield f"pystac cannot read it: {error}"


def _model(card: Json) -> Iterator[str]:
    props = card["properties"]
    try:
        MLModelProperties(**_without_titles(props))
    except (AttributeError, TypeError) as error:
        yield f"properties.mlm:output: {error}"
        return
    except ValidationError as error:
        for problem in error.errors():
            yield f"properties.{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        return
    for name in _unknown(props, set()):
        yield f"properties.{name} is no field of the extension"
    if not NAME.fullmatch(props["mlm:name"]):
        yield "properties.mlm:name must be letters, digits, '_', '.', '-' and spaces, at least three"
    if props.get("mlm:pretrained") is False and props.get("mlm:pretrained_source", "") is not None:
        yield "properties.mlm:pretrained_source must be null where nothing was pretrained"
    yield from _tasks(props)
    named = {band["name"] for holder in (props, *card["assets"].values()) for band in _bands(holder)}
    for index, entry in enumerate(props["mlm:input"]):
        for sentence in (*_input(entry, named), *_structure(entry["input"])):
            yield f"properties.mlm:input[{index}]{sentence}"
    for index, entry in enumerate(props["mlm:output"]):
        for sentence in (*_structure(entry["result"]), *_classes(entry)):
            yield f"properties.mlm:output[{index}]{sentence}"


def _without_titles(props: Json) -> Json:
    """The properties without the fields of classes that stac-model 0.7 takes for an error."""
    copy = json.loads(json.dumps(props))
    for output in copy.get("mlm:output", []):
        for info in output.get("classification:classes", []):
            for name in ("title", "nodata", "percentage"):
                info.pop(name, None)
    return copy


def _unknown(fields: Json, more: set[str]) -> list[str]:
    known = {field.alias for field in MLModelProperties.model_fields.values()} | more
    return [name for name in fields if name.startswith("mlm:") and name not in known]


def _bands(holder: Json) -> list[Json]:
    return [band for band in holder.get("bands", []) if "name" in band]


def _tasks(props: Json) -> Iterator[str]:
    lists = {"mlm:tasks": props["mlm:tasks"]}
    lists.update({f"mlm:output[{i}].tasks": entry["tasks"] for i, entry in enumerate(props["mlm:output"])})
    for where, tasks in lists.items():
        if len(set(tasks)) != len(tasks):
            yield f"properties.{where} names a task twice"
        for task in sorted(set(tasks) - set(props["mlm:tasks"])):
            yield f"properties.{where} names {task}, which mlm:tasks does not"


def _input(entry: Json, named: set[str]) -> Iterator[str]:
    bands = [band["name"] if isinstance(band, dict) else band for band in entry.get("bands") or []]
    for name in sorted(set(bands) - named):
        yield f".bands names {name}, which no 'bands' of the item or its assets describes"
    sizes = dict(zip(entry["input"]["dim_order"], entry["input"]["shape"], strict=True))
    if bool(bands) != ("bands" in sizes):
        yield ".input.dim_order must have a dimension 'bands' if, and only if, bands are named"
    elif bands and sizes["bands"] not in (-1, len(bands)):
        yield f".input.shape has {sizes['bands']} for the {len(bands)} bands"
    scaling = entry.get("value_scaling")
    if scaling is not None and len(scaling) not in (1, len(bands)):
        yield f".value_scaling has {len(scaling)} entries for {len(bands)} bands"


def _structure(structure: Json) -> Iterator[str]:
    names, shape = structure["dim_order"], structure["shape"]
    if len(names) != len(shape):
        yield ": dim_order and shape differ in length"
    if len(set(names)) != len(names) or not all(DIMENSION.fullmatch(name) for name in names):
        yield ".dim_order must be different words of lower-case letters"
    if not all(isinstance(size, int) and size >= -1 for size in shape):
        yield ".shape must be whole numbers, -1 for any"


def _classes(entry: Json) -> Iterator[str]:
    classes = entry.get("classification:classes", [])
    for info in classes:
        if type(info.get("value")) is not int:
            yield f": the class value {info.get('value')!r} is no whole number"
        if not CLASS_NAME.fullmatch(info.get("name", "")):
            yield f": the class name {info.get('name')!r} is not of letters, digits, '_' and '-'"
        if "color_hint" in info and not COLOR.fullmatch(info["color_hint"]):
            yield f": the colour {info['color_hint']!r} is not six upper-case hex digits"
    if len({info.get("value") for info in classes}) != len(classes):
        yield ": two classes have one value"


def _extensions(card: Json) -> Iterator[str]:
    declared = card.get("stac_extensions", [])
    if SCHEMA_URI not in declared:
        yield f"stac_extensions must name {SCHEMA_URI}"
    used = {FOLDERS.get(prefix, prefix) for prefix in _prefixes([card["properties"], card["assets"]])}
    stated = {uri.split("/")[3] for uri in declared if uri.count("/") >= 5}
    for name in sorted(used - stated):
        yield f"fields of the extension {name} are used, and stac_extensions does not name it"
    for name in sorted(stated - used):
        yield f"stac_extensions names {name}, of which no field is used"


def _prefixes(value: object) -> set[str]:
    """Prefixes of the fields, but not of what is inside our own."""
    if isinstance(value, list):
        return set().union(*map(_prefixes, value))
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, inside in value.items():
        prefix = name.split(":")[0] if ":" in name else ""
        if prefix != OURS:
            found |= _prefixes(inside) | ({prefix} if prefix else set())
    return found


def _assets(card: Json) -> Iterator[str]:
    holders = [("properties", card["properties"])]
    for key, asset in card["assets"].items():
        where = f"assets.{key}"
        holders.append((where, asset))
        if not MEDIA_TYPE.fullmatch(asset.get("type", "")):
            yield f"{where}.type must be a media type"
        for name in (*_unknown(asset, IN_ASSETS), *sorted(NOT_IN_ASSETS & set(asset))):
            yield f"{where}.{name} is no field of the extension for an asset"
        if "mlm:model" in asset.get("roles", []) and not asset.get("mlm:artifact_type"):
            yield f"{where} is a model and must say its mlm:artifact_type"
        if not re.fullmatch(r"[a-f0-9]+", asset.get("file:checksum", "0")):
            yield f"{where}.file:checksum must be hex digits"
        size = asset.get("file:size", 0)
        if not isinstance(size, int) or size < 0:
            yield f"{where}.file:size must be bytes"
    for where, holder in holders:
        for band in holder.get("bands", []):
            if band.get("eo:common_name", "red") not in COMMON_NAMES:
                yield f"{where}.bands: {band['eo:common_name']!r} is no common name"
            # In micrometres; what is meant in nanometres shows at once.
            if not 0 < band.get("eo:center_wavelength", 1) < 50:
                yield f"{where}.bands: {band['eo:center_wavelength']} is no wavelength in micrometres"


def _links(card: Json) -> Iterator[str]:
    if card["properties"].get("license") == "other" and not any(
        link["rel"] == "license" for link in card["links"]
    ):
        yield "links must lead to the licence where it has no SPDX name"
