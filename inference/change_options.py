"""How two dates are compared: the options of a change job, checked. Standard library alone."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InvalidRequest

# Feature distance of a model; iteratively reweighted MAD; plain difference of the bands; taught by labelled
# changes; classes of both dates compared.
CHANGE_METHODS = ("distance", "irmad", "difference", "taught", "classes")
# What is done about dates that lie beside one another: moved, told, or not looked at.
ALIGNMENTS = ("correct", "warn", "off")
# How cloud, shadow and snow are found: by bands if there are any, else a model; by one of both; not at all.
CLOUDS = ("auto", "bands", "model", "off")
_MOST_FALSE_ALARMS = 50.0
# What each method takes of the job, classes one of the two; a method takes nothing that is not named here.
_TAKES = {
    "distance": ("model",),
    "irmad": (),
    "difference": (),
    "taught": ("model", "samples"),
    "classes": ("model", "classifier"),
}


@dataclass(frozen=True)
class ChangeOptions:
    """How two dates are compared.

    Attributes:
        method: one of ``CHANGE_METHODS``.
        normalise: whether the later date's values are brought to those of the earlier one, band by band.
        align: what is done where the dates lie beside one another, one of ``ALIGNMENTS``.
        clouds: how cloud, shadow and snow are found and left out, one of ``CLOUDS``.
        false_alarms: percent of the unchanged ground that the threshold may call change; 0 chooses the
            threshold automatically.
    """

    method: str = CHANGE_METHODS[0]
    normalise: bool = True
    align: str = ALIGNMENTS[0]
    clouds: str = CLOUDS[0]
    false_alarms: float = 0.0

    def __post_init__(self) -> None:
        for name, known in (("method", CHANGE_METHODS), ("align", ALIGNMENTS), ("clouds", CLOUDS)):
            value = getattr(self, name)
            if value not in known:
                raise InvalidRequest(
                    f"Unknown {name} {value!r} of a change job.", f"Known are: {', '.join(known)}."
                )
        if not isinstance(self.normalise, bool):
            raise InvalidRequest("In the job, normalise of change has the wrong type.")
        if isinstance(self.false_alarms, bool) or not isinstance(self.false_alarms, (int, float)):
            raise InvalidRequest("In the job, false_alarms of change has the wrong type.")
        if not 0 <= self.false_alarms <= _MOST_FALSE_ALARMS:
            raise InvalidRequest(
                f"The share of false alarms is from 0 to {_MOST_FALSE_ALARMS:.0f} percent."
            )

    @property
    def takes(self) -> tuple[str, ...]:
        """What of the job's ``model``, ``samples`` and ``classifier`` the method needs, ``classes`` either.

        It takes no other, but for a classifier, which any method takes to say the classes of both dates.
        """
        return _TAKES[self.method]


def check_change(options: ChangeOptions, given: dict[str, object], threshold: float | None) -> None:
    """See that a change job names what its method needs, and nothing that would be passed over.

    Args:
        given: the job's ``model``, ``samples`` and ``classifier``, empty or None where it names none.
        threshold: the job's.

    Raises:
        InvalidRequest: naming the first that does not fit.
    """
    either = options.method == "classes"
    if either and bool(given["model"]) == bool(given["classifier"]):
        verb = "takes either of them, not both" if given["model"] else "needs either of them"
        raise InvalidRequest(
            f"Classes of two dates are mapped by a classifier or a model: the job change by classes {verb}."
        )
    for name, value in given.items():
        usual = bool(value) == (name in options.takes) or (either and name in options.takes)
        if not usual and not (value and name == "classifier"):
            verb = "does not take" if value else "needs"
            raise InvalidRequest(f"The job change by {options.method} {verb} {name}.")
    if threshold is not None and options.false_alarms:
        raise InvalidRequest(
            "The job names both a threshold and a share of false alarms.", "Each of them sets the threshold."
        )
