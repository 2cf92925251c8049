"""What a classifier's card says of how it was taught, in words for people, for the dock and the command door.

A classifier may come from anywhere, so what its card says is looked at before it is believed: an entry that
is not what it should be is left out. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import wording
from .cards import CLASSIFIER, Card
from .catalog import JOIN, default_catalog, joined, ready
from .fields import is_number

_MOST_NAMES = 8
_LONGEST = 200
_DIGITS = 12


def facts_of(card: Card) -> dict[str, Any]:
    """What was written down when it was taught; empty for any other model."""
    return _inside(_inside(card.raw.get("properties"), "geofm:classifier"), "facts")


def rows(card: Card) -> dict[str, str]:
    """A title and a few words each: labels, accuracy and how it was got, encoder, dates, what is kept."""
    if card.family != CLASSIFIER:
        return {}
    facts = facts_of(card)
    found = {
        "Labels": _labels(facts),
        "Accuracy": _accuracy(facts),
        "Confidence": _calibration(facts),
        "Method": _text(_own(card).get("method")),
        "Features of": _encoder(card),
        "Images": _listed(facts.get("sources")),
        "Taken": _dates(facts),
        "Labelled by": _listed(facts.get("authors")),
        "Keeps": _kept(facts),
    }
    return {title: words for title, words in found.items() if words}


def lacking(card: Card) -> str:
    """Why a classifier cannot be used on this machine yet, and what to do; empty where it can."""
    if card.family != CLASSIFIER:
        return ""
    model = _text(_own(card).get("model"))
    # By its id alone: what a file from anywhere names is no path that should be opened.
    known = {card.id: card for card in default_catalog().cards()}
    absent = [name for name in model.split(JOIN) if name not in known]
    if absent:
        return (
            f"It needs the model {absent[0]}, of which this machine has no card: take it from where the "
            "classifier was taught, with python -m geofm models add."
        )
    encoder = joined([known[name] for name in model.split(JOIN)])
    stated = ",".join(asset.sha256 for asset in encoder.assets)
    if all(asset.sha256 for asset in encoder.assets) and stated != _own(card).get("model_digest", ""):
        return f"It was taught with other weights of {encoder.title} than this machine's card names."
    if not ready(encoder):
        amount = wording.transfer(encoder)
        size = f" ({amount})" if amount else ""
        return (
            f"It needs the weights of {encoder.title}{size}, which are not on this machine: "
            f"python -m geofm models pull {encoder.id} fetches them, as the first run would."
        )
    return ""


def _own(card: Card) -> dict[str, Any]:
    return _inside(card.raw.get("properties"), "geofm:classifier")


def _inside(data: Any, name: str) -> dict[str, Any]:
    """An object within an object, empty where there is none."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _listed(values: Any) -> str:
    names = [text for text in map(_text, values if isinstance(values, list) else ()) if text]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _labels(facts: Mapping[str, Any]) -> str:
    """``water 8 (72 pixels), forest 12 (12 pixels)``."""
    parts = []
    for name, counts in _inside(facts, "samples").items():
        places, pixels = (_inside({"": counts}, "").get(key) for key in ("places", "pixels"))
        if is_number(places) and is_number(pixels):
            parts.append(f"{_text(name)} {places:.0f} ({pixels:.0f} pixel{'' if pixels == 1 else 's'})")
    return ", ".join(parts)


def _accuracy(facts: Mapping[str, Any]) -> str:
    """Overall accuracy and mean F1, and how they were got."""
    validation = _inside(facts, "validation")
    accuracy, folds = _inside(validation, "accuracy"), validation.get("folds")
    overall, f1 = accuracy.get("overall"), accuracy.get("macro_f1")
    if not is_number(overall):
        return "not known: no class has two labels of its own" if validation else ""
    mean = f", mean F1 {f1:.2f}" if is_number(f1) else ""
    rounds = f" in {folds} rounds" if is_number(folds) else ""
    block: Any = validation.get("block_m")
    what = "whole labels"
    if is_number(block) and block > 0:
        what = f"blocks of ground {wording.metres(block)} wide"
    return f"{overall:.1%} of labelled pixels{mean}; {what} were left out in turn{rounds}"


def _calibration(facts: Mapping[str, Any]) -> str:
    """How far probabilities are off on labels that were left out, and whether they were mended."""
    calibration = _inside(facts, "calibration")
    before, after = calibration.get("before"), calibration.get("after")
    if not is_number(before) or not is_number(after) or before == after:
        off = f"off by {after:.1%} on average. " if is_number(after) else ""
        return f"{off}{_text(calibration.get('reason'))}".strip()
    return f"off by {after:.1%} on average, by {before:.1%} before it was calibrated"


def _encoder(card: Card) -> str:
    own = _own(card)
    digest = _text(own.get("model_digest"))
    return _text(own.get("model")) + (f", weights sha256:{digest[:_DIGITS]}…" if digest else "")


def _dates(facts: Mapping[str, Any]) -> str:
    found = facts.get("dates")
    dates = [text for text in map(_text, found if isinstance(found, list) else ()) if text]
    return " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else ""


def _kept(facts: Mapping[str, Any]) -> str:
    kept = _inside(facts, "kept")
    what, pixels = kept.get("what"), kept.get("pixels")
    words = {
        "places": "with where, when and by whom they were labelled; one can go on teaching",
        "features": "without where they lie; one can go on teaching",
    }
    if what in words and is_number(pixels):
        return f"{pixels:.0f} labelled pixels, {words[what]}"
    return "nothing of its samples: nobody can go on teaching it" if what == "nothing" else ""
