"""Colours for classes: what a map reader expects of a name, else colours that stay apart.

Land-cover maps share habits (water is blue, trees are dark green, built land is red); a class
whose name says what it is follows them. The rest take colours that people with any colour
vision tell apart (Okabe and Ito 2008, "Color Universal Design"), then evenly turned hues.
Standard library alone; the same names always get the same colours.
"""

from __future__ import annotations

import colorsys
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

# The first pattern found anywhere in a name decides, so that "burnt forest" is burnt.
_HABITS: tuple[tuple[str, str], ...] = tuple(
    (rf"(?:^|[^a-z])(?:{words})", color)
    for words, color in (
        (r"unknown|unclassified|no ?data|other|none(?![a-z])|background|rest$", "#9e9e9e"),
        (r"no change|unchanged|stable|non[ -]", "#d9d9d9"),
        (r"clear(?!cut|[ -]?cut|ing)", "#e8e4da"),
        (r"shadow|shade", "#4a4a5a"),
        (r"cloud|haze|fog(?![a-z])|cirrus", "#c9d3dc"),
        (r"snow|ices?(?![a-z])|glacier|firn(?![a-z])", "#8fe3f0"),
        (r"burn|fires?(?![a-z])|scorch", "#5b2c1d"),
        (r"flood", "#3f8efc"),
        (r"mangrove", "#00a387"),
        (r"wetland|marsh|swamp|(?:bog|fen|mire)s?(?![a-z])|peat", "#5aa9a3"),
        (r"water|lake|river|seas?(?![a-z])|ocean|pond|stream|canal|reservoir", "#2a6fbb"),
        (r"road|street|asphalt|rail|runway|highway|pavement", "#5f5f66"),
        (r"roof|building|house", "#b5243c"),
        (r"urban|built|city|settlement|impervious|residential|industr|artificial|town", "#d7443e"),
        (r"mines?(?![a-z])|mining|quarry", "#7b5a7d"),
        (r"clear[ -]?cut|clearing|deforest|logging", "#e0a458"),
        (r"conifer|evergreen|needle|pine|spruce|firs?(?![a-z])", "#14532d"),
        (r"decidu|broad ?leaf|beech|oaks?(?![a-z])", "#3f9142"),
        (r"palm|plantation|orchard|vineyard|olive", "#8a9a2f"),
        (r"forest|wood|tree|jungle", "#1f6b35"),
        (r"shrub|bush|scrub|heath", "#a3a847"),
        (r"rice|paddy", "#b8e05a"),
        (r"crop|agric|farm|field|arable|cultivat|wheat|maize|corn|soy|barley", "#edc84b"),
        (r"grass|meadow|pasture|herb|lawn|prairie|savann|steppe", "#8fcf5f"),
        (r"moss|lichen|tundra", "#c9d88b"),
        (r"green|vegetation|plant", "#57a639"),
        (r"sand|beach|dune|desert", "#f0dca0"),
        (r"rock|stone|cliff|scree|gravel", "#9a8f86"),
        (r"barren|bare|soil|earth|fallow|mud|sparse", "#b98a5e"),
        (r"change", "#e0218a"),
    )
)
_APART = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7f7f7f")
# Turning a hue by the golden angle never comes back near an earlier one.
_GOLDEN_TURN = 0.381966
# Viridis (Smith and van der Walt 2015), which reads in grey and to the colour-blind.
_IN_ORDER = ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725")
_NEAR = 0.12


def class_colors(names: Sequence[str]) -> tuple[str, ...]:
    """A colour ``#rrggbb`` for each class name; no two are the same."""
    expected = [_habit(name) for name in names]
    taken: list[str] = []
    for color in expected:
        taken.append(_shade(color, taken) if color else "")
    spare = _candidates([color for color in taken if color])
    return tuple(color or next(spare) for color in taken)


def distinct_colors(count: int) -> tuple[str, ...]:
    """``count`` different colours for classes without a meaning, such as clusters."""
    spare = _candidates([])
    return tuple(next(spare) for _ in range(count))


def colors_in_order(count: int) -> tuple[str, ...]:
    """``count`` colours that run from dark to light, for classes that come one after the other."""
    steps = [index * (len(_IN_ORDER) - 1) / max(count - 1, 1) for index in range(count)]
    return tuple(_between(int(step), step - int(step)) for step in steps)


def _between(index: int, share: float) -> str:
    """The colour between one of ``_IN_ORDER`` and the next."""
    ends = _parts(_IN_ORDER[index]), _parts(_IN_ORDER[min(index + 1, len(_IN_ORDER) - 1)])
    red, green, blue = (low + share * (high - low) for low, high in zip(*ends))
    return _text((red, green, blue))


@lru_cache(maxsize=1024)
def _habit(name: str) -> str:
    text = name.lower().replace("_", " ")
    return next((color for pattern, color in _HABITS if re.search(pattern, text)), "")


def _shade(color: str, taken: Sequence[str]) -> str:
    """The colour, or a lighter or darker one where others have it: two kinds of forest."""
    hue, light, strength = colorsys.rgb_to_hls(*_parts(color))
    for step in range(1, 256):
        if color not in taken:
            break
        shift = 0.13 * ((step + 1) // 2) * (1 if step % 2 else -1)
        # Reflected at the ends, so that many classes of one kind still differ.
        position = abs((light + shift - 0.15) % 1.4 - 0.7)
        color = _text(colorsys.hls_to_rgb(hue, 0.15 + position, strength))
    return color


def _candidates(taken: Sequence[str]) -> Iterator[str]:
    """Spare colours, none like another or like one taken; more than any map has classes."""
    apart, seen = list(taken), set[str]()
    for color in itertools.chain(_APART, map(_turned, range(512))):
        if color not in seen and all(_distance(color, other) > _NEAR for other in apart):
            seen.add(color)
            if len(seen) <= len(_APART):
                apart.append(color)
            yield color


def _turned(index: int) -> str:
    hue = (0.08 + index * _GOLDEN_TURN) % 1.0
    light = (0.45, 0.62, 0.33)[index % 3]
    return _text(colorsys.hls_to_rgb(hue, light, (0.65, 0.85)[index % 2]))


def _distance(first: str, second: str) -> float:
    pairs = zip(_parts(first), _parts(second))  # noqa: B905 - strict came after Python 3.9
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def _parts(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _text(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in parts)
