"""The set-up in words for people."""

from __future__ import annotations

from ..algorithms.text import tr
from ..inference.environment import Plan, State, Status
from ..inference.wording import size
from . import licence_words

# Steps are counted in small numbers, which say nothing to people.
_LEAST_BYTES = 100_000
# The second half of the stage ``install``.
UNPACK = "unpack"
# What people may know of the libraries, best known first.
_KNOWN = {
    "torch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
    "onnxruntime-gpu": "ONNX Runtime",
    "openvino": "OpenVINO",
    "rasterio": "rasterio",
    "scikit-learn": "scikit-learn",
}


def title(status: Status, busy: bool) -> str:
    """The state of the engine as a heading."""
    if busy:
        return tr("The engine is being set up")
    if not status.own and status.state is not State.READY:
        return status.message
    update = tr("The engine can be updated") if status.usable else tr("The engine needs an update")
    return {
        State.MISSING: tr("Set up the engine"),
        State.INCOMPLETE: tr("The set-up was not finished"),
        State.OUTDATED: update,
        State.READY: tr("The engine is ready"),
    }[status.state]


def about(status: Status) -> str:
    """What the state means, in a sentence or two."""
    if not status.own:
        if status.state is State.READY:
            return tr("It is the Python that the variable GEOFM_PYTHON names; GeoFM leaves it as it is.")
        return tr("Correct the variable GEOFM_PYTHON or remove it, start QGIS again, or check again.")
    apart = tr("GeoFM computes in a Python of its own: it cannot break QGIS, and one click removes it.")
    goes_on = tr("What was downloaded is kept; nothing half made is ever used.")
    return {
        State.MISSING: apart,
        State.INCOMPLETE: goes_on,
        State.OUTDATED: tr("It goes on working until you update it.") if status.usable else status.message,
        State.READY: "",
    }[status.state]


def start(status: Status) -> str:
    """What the one button does."""
    return {
        State.INCOMPLETE: tr("Finish the set-up"),
        State.OUTDATED: tr("Update"),
        State.READY: tr("Apply what was chosen"),
    }.get(status.state, tr("Set up"))


def stage(name: str) -> str:
    """What the set-up does now."""
    return {
        "python": tr("Fetching Python"),
        "create": tr("Making a place for the libraries"),
        "install": tr("Installing libraries"),
        UNPACK: tr("Unpacking libraries"),
        "verify": tr("Trying the libraries"),
        "remove": tr("Removing"),
    }.get(name, name)


def amount(done: int, total: int) -> str:
    """Bytes in words: ``312 of 780 MB``, ``312 MB`` where the total is not known; empty for other counts."""
    if max(done, total) < _LEAST_BYTES:
        return ""
    if total < _LEAST_BYTES:
        return size(done)
    factor, unit, digits = (1e9, "GB", 1) if total >= 10_000_000_000 else (1e6, "MB", 0)
    parts = (f"{number / factor:.{digits}f}" for number in (min(done, total), total))
    return tr("{} of {} {}").format(*parts, unit)


def contents(plan: Plan) -> str:
    """The libraries in a few words: the known ones by name, the others by number."""
    names = {name for name, _ in licence_words.packages(plan)}
    known = list(dict.fromkeys(title for name, title in _KNOWN.items() if name in names))
    others = len(names) - sum(name in names for name in _KNOWN)
    if not known:
        return tr("{} packages").format(others) if others else ""
    return tr("{} and {} more").format(", ".join(known), others) if others else ", ".join(known)


def lines(plan: Plan, made: bool) -> dict[str, str]:
    """What would be made, or is there already, by what each line is about."""
    found = {
        "contents": contents(plan),
        "licences": licence_words.in_short(plan),
        "folder": str(plan.folder),
        "sizes": sizes(plan, made),
        "device": device(plan),
        "python": python(plan),
    }
    return {key: text for key, text in found.items() if text}


def sizes(plan: Plan, made: bool) -> str:
    """What comes over the network before it is made, what it takes, what is there."""
    parts = []
    if plan.download and not made:
        parts.append(tr("{} to download").format(_between(plan.least_download, plan.download)))
    if plan.disk:
        parts.append(tr("{} on disk").format(_between(plan.least_disk, plan.disk)))
    return ", ".join([*parts, tr("{} free").format(size(plan.free))])


def _between(least: int, most: int) -> str:
    """An amount that is known within limits: which build of PyTorch comes is known when pip has found it."""
    return size(most) if size(least) == size(most) else f"{size(least)} \u2013 {size(most)}"


def device(plan: Plan) -> str:
    """Where the engine will compute, and why."""
    name = tr("GPU") if plan.accelerator == "cuda" else tr("Processor")
    return tr("{}. {}").format(name, plan.reason)


def news(status: Status) -> str:
    """What an update brings: the known libraries with their versions, the others by number."""
    if status.state is not State.OUTDATED:
        return ""
    order = {package: place for place, package in enumerate(_KNOWN)}
    known = [
        tr("{} {} (so far {})").format(_KNOWN[one.package], one.wanted, one.present)
        if one.present
        else tr("{} {}").format(_KNOWN[one.package], one.wanted)
        for one in sorted(status.updates, key=lambda one: order.get(one.package, 0))
        if one.package in _KNOWN
    ]
    others = len(status.updates) - len(known)
    if not known:
        return tr("{} packages").format(others) if others else tr("The same packages, by a newer list")
    return tr("{} and {} more").format(", ".join(known), others) if others else ", ".join(known)


def python(plan: Plan) -> str:
    """Version and place of the Python that the engine's is made with."""
    if plan.build is not None:
        return tr("{}, which is downloaded").format(plan.version)
    return tr("{}, {}").format(plan.version, plan.python) if plan.python is not None else ""


def first_steps() -> str:
    """What to do once the engine is there."""
    return tr("First steps: add a raster layer, look at what page Map proposes, press Run.")
