"""The classes of a layer's features: what its field holds, and what people call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import NULL, QgsCategorizedSymbolRenderer, QgsField, QgsFields, QgsVectorLayer

from ..inference.errors import UnsupportedInput
from .text import tr

_WRITABLE = (QgsFields.FieldOrigin.OriginProvider, QgsFields.FieldOrigin.OriginEdit)


def class_names(layer: QgsVectorLayer, name: str) -> dict[Any, str]:
    """What each value of a field is called: by its list of choices in the form, else by the legend.

    Empty where the values are the names.
    """
    at = layer.fields().lookupField(name)
    setup = layer.editorWidgetSetup(at)
    if setup.type() == "ValueMap":
        listed = setup.config().get("map") or {}
        pairs = [listed] if isinstance(listed, Mapping) else listed
        return {value: str(title) for each in pairs for title, value in each.items()}
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() == name:
        found = [(each.value(), each.label()) for each in renderer.categories()]
        return {value: label for value, label in found if value not in (None, NULL, "") and label}
    return {}


def class_name(value: Any, names: Mapping[Any, str]) -> str:
    """What people call a class; empty for none."""
    if value is None or value == NULL:
        return ""
    plain = str(value)
    return names.get(value) or next((title for key, title in names.items() if str(key) == plain), plain)


def class_value(wanted: str, field: QgsField, names: Mapping[Any, str]) -> Any:
    """What the field has to hold for a class to be called so.

    Raises:
        UnsupportedInput: if the field cannot hold it.
    """
    known = {title.casefold(): value for value, title in names.items()}
    value = known.get(wanted.casefold(), wanted)
    try:
        fitting = field.convertCompatible(value)
    except ValueError as error:
        sentence = tr("The field {} cannot hold the class {}.").format(field.name(), wanted)
        hint = tr("Name the codes of the classes in the field's form (Value Map), or in the legend.")
        raise UnsupportedInput(sentence, hint, str(error)) from error
    if field.length() and len(str(fitting)) > field.length() and isinstance(fitting, str):
        raise UnsupportedInput(tr("{} is too long for the field {}.").format(wanted, field.name()))
    return fitting


def writable_field(layer: QgsVectorLayer, name: str) -> int:
    """Position of a field that edits may write.

    Raises:
        UnsupportedInput: if there is none of that name, or it is joined or computed.
    """
    at = layer.fields().lookupField(name)
    if at < 0:
        known = ", ".join(layer.fields().names())
        sentence = tr("{} has no field {}.").format(layer.name(), name)
        raise UnsupportedInput(sentence, tr("Its fields are: {}.").format(known))
    if layer.fields().fieldOrigin(at) not in _WRITABLE:
        raise UnsupportedInput(
            tr("{} is a joined or computed field, which cannot be edited here.").format(name),
            tr("Choose a field of the layer itself."),
        )
    return at
