"""How a complete network is fed and read: what its card says beyond bands, means and classes.

Standard library alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from .bands import BYTE
from .fields import Fields, is_number

# What a network's answer for a pixel (or a window) is.
LOGITS, PROBABILITIES = "logits", "probabilities"
LOGIT, PROBABILITY = "logit", "probability"
LABELS, VALUES, FEATURES = "labels", "values", "features"
ANSWERS = (LOGITS, PROBABILITIES, LOGIT, PROBABILITY, LABELS, VALUES, FEATURES)
OF_TWO_CLASSES = (LOGIT, PROBABILITY)
# Units of a card: numbers as files hold them, which may be BYTE alone; a picture's bytes, or reflectance.
STORED, PICTURE = "stored", "picture"
AS_STORED = (STORED, BYTE)

_LAST = {"channel", "channels", "band", "bands", "class", "classes"}
_MOST = 64


@dataclass(frozen=True)
class Variable:
    """One band of a regression or super-resolution: value = the network's number * scale + offset."""

    name: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Wiring:
    """How to feed and read a network.

    Attributes:
        output: name of the tensor that is read; empty for the first.
        channels_last: whether its windows are (batch, rows, cols, bands).
        answer: what its answer is, one of ``ANSWERS``: ``logits`` (scores before softmax) and
            ``probabilities``, one a class; ``logit`` and ``probability`` of the second of two classes;
            ``labels`` (indices of classes); ``values``; ``features`` of an encoder.
        answer_last: whether the answer is (batch, rows, cols, channels).
        threshold: probability from which a class counts; below it the first class is taken. None for
            the most probable class.
        factor: pixels of the answer along a pixel's side: 4 for a network that quadruples resolution.
        margin: pixels at a window's sides that it does not answer for.
        variables: what a network of values answers, in its order.
        dim: features of an encoder's answer, 0 if it is no encoder.
    """

    output: str = ""
    channels_last: bool = False
    answer: str = LOGITS
    answer_last: bool = False
    threshold: float | None = None
    factor: int = 1
    margin: int = 0
    variables: tuple[Variable, ...] = ()
    dim: int = 0


def read_wiring(props: Fields) -> Wiring:
    """The wiring in the ``properties`` of a card.

    Raises:
        ModelCorrupt: naming the field that is wrong.
    """
    answer = props.text("geofm:answer", LOGITS)
    if answer not in ANSWERS:
        raise props.wrong("geofm:answer", f"must be one of {', '.join(ANSWERS)}")
    threshold = props.data.get("geofm:threshold")
    if threshold is not None and not (is_number(threshold) and 0 < threshold < 1):
        raise props.wrong("geofm:threshold", "must be a probability between 0 and 1")
    factor = props.count("geofm:factor", 1)
    if not factor or factor > _MOST:
        raise props.wrong("geofm:factor", f"must be a whole number from 1 to {_MOST}")
    variables = tuple(_variable(item) for item in props.items("geofm:variables"))
    if answer == VALUES and not variables:
        raise props.wrong("geofm:variables", "must name what the network answers")
    dim = props.count("geofm:dim", 0) or 0
    if answer == FEATURES and not dim:
        raise props.wrong("geofm:dim", "must be the number of features")
    return Wiring(
        output=props.text("geofm:output", ""),
        channels_last=_channels_last(props, "mlm:input", "input"),
        answer=answer,
        answer_last=_channels_last(props, "mlm:output", "result"),
        threshold=None if threshold is None else float(threshold),
        factor=factor,
        margin=props.count("geofm:margin", 0) or 0,
        variables=variables,
        dim=dim,
    )


def _variable(item: Fields) -> Variable:
    numbers = []
    for name, default in (("scale", 1.0), ("offset", 0.0)):
        value = item.data.get(name, default)
        if not is_number(value):
            raise item.wrong(name, "must be a number")
        numbers.append(float(value))
    return Variable(item.text("name"), item.text("unit", ""), *numbers)


def _channels_last(props: Fields, name: str, structure: str) -> bool:
    """Whether the first entry of an MLM list lays its channels last (``dim_order``)."""
    items = props.items(name)
    if not items or structure not in items[0].data:
        return False
    order = items[0].inside(structure).texts("dim_order")
    return len(order) == 4 and order[-1].lower() in _LAST
