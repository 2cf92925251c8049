"""What is known of a place beside its image: rules, priors, and the layers that they look at.

A frozen part of a :class:`~.jobs.Job`. Its rasters are inputs of the job, so that they are opened,
copied and watched as all others are: the map, then the probabilities, the prior and the helpers, as far
as there are any. Standard library alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .conditions import Kind, check
from .errors import InvalidRequest
from .fields import is_number

# Columns of conditions that a map itself has: name and value of the class that a pixel has by then, its
# probability in percent, and the date of the map (year-month-day).
OWN_COLUMNS = {
    "class": Kind.TEXT, "value": Kind.NUMBER, "confidence": Kind.NUMBER, "date": Kind.TEXT
}
SLOPE = "slope"
MOST_RULES = 200
_MOST_WEIGHT = 100.0


@dataclass(frozen=True)
class Rule:
    """A class is not, or becomes another one, where a condition holds.

    Attributes:
        when: the condition, see :mod:`.conditions`.
        of: name or value of the class, empty for every class.
        becomes: name or value of another one; empty for the next most probable that is allowed.
        text: the condition as it was written, for legends and reports.
    """

    when: Mapping[str, Any]
    of: str = ""
    becomes: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """As a legend says it: ``water not where "slope" > 8``."""
        if self.becomes:
            return f"{self.of or 'any class'} becomes {self.becomes} where {self.text}"
        return f"{self.of} not where {self.text}"


@dataclass(frozen=True)
class Knowledge:
    """What refines a map.

    Attributes:
        rules: applied one after the other, each to what those before it left.
        helpers: names of the job's last inputs, which conditions look at.
        probabilities: whether the input after the map holds the probabilities of its classes.
        prior: whether the next one holds a prior of them.
        weight: exponent of the prior; 0 leaves it without effect, 1 takes it as it is.
        share: field of the prior's polygons with the probability of the class that they name.
        exclude: whether a prior of 0 excludes a class.
    """

    rules: tuple[Rule, ...] = ()
    helpers: tuple[str, ...] = ()
    probabilities: bool = False
    prior: bool = False
    weight: float = 1.0
    share: str = ""
    exclude: bool = False

    @property
    def rasters(self) -> int:
        """How many inputs the job has: the map, and what is told here."""
        return 1 + self.probabilities + self.prior + len(self.helpers)


def columns(helpers: Mapping[str, int], *, probable: bool) -> dict[str, Kind]:
    """What conditions can name.

    Args:
        helpers: bands of each.
        probable: whether there are probabilities, which the confidence is one of.
    """
    found = {name: kind for name, kind in OWN_COLUMNS.items() if probable or name != "confidence"}
    for name, bands in helpers.items():
        found[name] = Kind.NUMBER
        found[f"{name}@{SLOPE}"] = Kind.NUMBER
        found.update({f"{name}@{band}": Kind.NUMBER for band in range(1, bands + 1)})
    return found


def knowledge_from_dict(data: Any) -> Knowledge:
    """Build the knowledge of a job from JSON types; :func:`check_knowledge` does the rest.

    Raises:
        InvalidRequest: naming the first entry that does not fit.
    """
    fields = _fields(Knowledge, data, "knowledge")
    for name in ("rules", "helpers"):
        if not isinstance(fields.get(name, []), list):
            raise InvalidRequest(f"In the job, {name} of knowledge must be a list.")
    rules = tuple(Rule(**_fields(Rule, rule, "a rule")) for rule in fields.pop("rules", []))
    return Knowledge(rules=rules, helpers=tuple(fields.pop("helpers", [])), **fields)


def check_knowledge(known: Knowledge, inputs: int, has_places: bool) -> None:
    """See that knowledge holds together, as far as that can be told without its files.

    Args:
        inputs: how many rasters the job has.
        has_places: whether the job names polygons of a prior.

    Raises:
        InvalidRequest: naming what does not fit.
    """
    _check_types(known)
    if not known.rules and not known.prior and not has_places:
        raise InvalidRequest("There is neither a rule nor a prior to refine the map by.", "Add one.")
    if inputs != known.rasters:
        raise InvalidRequest(f"The job names {inputs} rasters, and its knowledge {known.rasters}.")
    if known.prior and has_places:
        raise InvalidRequest("There are two priors, a raster and polygons.", "Choose one of them.")
    if (known.prior or has_places) and not known.probabilities:
        raise InvalidRequest(
            "A prior needs the probabilities of the map's classes.",
            "Map with PROBABILITIES of geofm:classify, and give that raster too.",
        )
    if len(known.rules) > MOST_RULES:
        raise InvalidRequest(f"There are more than {MOST_RULES} rules.")
    _check_helpers(known.helpers)
    # How many bands a helper has, its file alone knows; the engine looks again.
    named = columns(dict.fromkeys(known.helpers, 999), probable=known.probabilities)
    for number, rule in enumerate(known.rules, 1):
        try:
            _check_rule(rule, named, known.probabilities)
        except InvalidRequest as error:
            raise InvalidRequest(f"Rule {number}: {error.message}", error.hint) from error


def _check_types(known: Knowledge) -> None:
    for name in ("probabilities", "prior", "exclude"):
        if not isinstance(getattr(known, name), bool):
            raise InvalidRequest(f"In the job, {name} of knowledge must be true or false.")
    if not is_number(known.weight) or not 0 <= known.weight <= _MOST_WEIGHT:
        raise InvalidRequest(f"The weight of the prior must be from 0 to {_MOST_WEIGHT:g}.")
    texts = [known.share, *known.helpers]
    texts += [text for rule in known.rules for text in (rule.of, rule.becomes, rule.text)]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("In the job, an entry of knowledge that is a text has another type.")


def _check_helpers(names: tuple[str, ...]) -> None:
    for name in names:
        if not name or name in OWN_COLUMNS:
            raise InvalidRequest(
                f"A helper layer cannot be called {name!r}, which is something else in conditions.",
                "Give it another name.",
            )
    if len(set(names)) < len(names):
        twice = max(names, key=names.count)
        raise InvalidRequest(f"Two helper layers are called {twice}.", "Give each its own name.")


def _check_rule(rule: Rule, named: Mapping[str, Kind], probable: bool) -> None:
    if check(rule.when, named) is Kind.TEXT:
        raise InvalidRequest("The condition answers a text, and not whether it holds.")
    if not rule.becomes and not rule.of:
        raise InvalidRequest(
            "It names neither a class nor what becomes of it.",
            "Say which class is not there, or which class every other becomes.",
        )
    if not rule.becomes and not probable:
        raise InvalidRequest(
            f"What {rule.of} becomes is not said, and the next most probable class is not known.",
            "Say what it becomes, or give the probabilities that geofm:classify writes as PROBABILITIES.",
        )


def _fields(cls: type, data: Any, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidRequest(f"In the job, {what} must be a JSON object.")
    names = [spec.name for spec in dataclasses.fields(cls)]
    unknown = sorted(set(data) - set(names))
    if unknown:
        raise InvalidRequest(
            f"The job has an unknown entry in {what}: {', '.join(map(str, unknown))}.",
            f"Known are: {', '.join(names)}.",
        )
    if cls is Rule and "when" not in data:
        raise InvalidRequest("The job lacks when in a rule.")
    return dict(data)
