"""Check points: the fields that a sample for checking a map has, for every door. Standard library alone."""

from __future__ import annotations

# The number under which a point is visited; the order is random.
NUMBER = "id"
# The class that a person saw there, by its name; empty until then. When, and what else there is to say.
REFERENCE = "reference"
SEEN_AT = "seen_at"
NOTE = "note"
# The class that the map had where the point was drawn, and that class's whole area in square metres:
# what an assessment needs to know of the draw.
STRATUM = "stratum"
STRATUM_AREA = "stratum_m2"
DESIGN = (STRATUM, STRATUM_AREA)
# What the map shows there, by name; only where the checker may know it.
MAPPED = "map_class"
