"""What the file of a magnitude of change says of itself: enough to set a threshold without the images."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ... import strict_json
from ...jobs import ClassInfo

# The item of the file's metadata.
TAG = "GEOFM_CHANGE"
# Class values are below this: two of them make one number.
CODES = 256
KIND, BEFORE, AFTER = "kind of change", "class before", "class after"


@dataclass(frozen=True)
class Plane:
    """A band of class values beside the magnitude.

    Attributes:
        name: of the band: ``KIND``, ``BEFORE`` or ``AFTER``.
        classes: what its values mean.
    """

    name: str
    classes: tuple[ClassInfo, ...]


@dataclass(frozen=True)
class Told:
    """How a magnitude was made, as far as what follows from it depends on that.

    Attributes:
        method: one of :data:`~geofm.inference.change_options.CHANGE_METHODS`; empty if unknown.
        dates: of the two images, ISO, empty where unknown.
        planes: its bands behind the first, in their order.
        masked: of each date ``before`` and ``after`` the percent of the area that each thing hides.
    """

    method: str = ""
    dates: tuple[str, str] = ("", "")
    planes: tuple[Plane, ...] = ()
    masked: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def plane(self, name: str) -> tuple[int, Plane] | None:
        """A plane with the number of its band, None where there is none of this name."""
        return next(((band, one) for band, one in enumerate(self.planes, 2) if one.name == name), None)

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Told:
        """The inverse of :meth:`to_text`.

        Raises:
            ValueError: if the text is none of its.
        """
        try:
            data: dict[str, Any] = strict_json.loads(text)
            planes = tuple(
                Plane(str(one["name"]), tuple(ClassInfo(**info) for info in one["classes"]))
                for one in data["planes"]
            )
            before, after = data["dates"]
            return cls(str(data["method"]), (before, after), planes, data["masked"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not what a magnitude says of itself") from error
