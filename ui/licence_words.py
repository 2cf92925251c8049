"""Under which licences the set-up installs, in words for people: in short, and one by one."""

from __future__ import annotations

from collections.abc import Iterable

from ..algorithms.text import tr
from ..inference.cards import CLASSIFIER, Card
from ..inference.environment import Plan, requirements
from ..inference.wording import licence

# What licences of packages are called in short; of all that are not, the list tells the name.
_FAMILIES = ("MIT", "BSD", "Apache", "MPL", "PSF", "ISC")
_OF_NVIDIA = "NVIDIA"


def in_short(plan: Plan) -> str:
    """The kinds of licences of the packages; empty where none is known."""
    named = [requirements.licences().get(name, "") for name, _ in packages(plan)]
    kinds = [kind for kind in _FAMILIES if any(kind in one for one in named)]
    if not kinds:
        return ""
    words = ", ".join(kinds)
    others = sum(_OF_NVIDIA in one for one in named)
    if others:
        words = tr("{}; {} packages under NVIDIA's own").format(words, others)
    return tr("{}. The list names each, and those of models.").format(words)


def packages(plan: Plan) -> list[tuple[str, str]]:
    """Name and version of each package, by name."""
    return sorted({pin for name in plan.lists for pin in requirements.pins(name).items()})


def one_by_one(plan: Plan, cards: Iterable[Card]) -> str:
    """A package a line with version and licence; then the models, whose weights come later."""
    found = requirements.licences()
    lines = [
        f"{name} {version} \u00b7 {found.get(name, requirements.NOT_STATED)}"
        for name, version in packages(plan)
    ]
    models = [f"{card.id} \u00b7 {licence(card).partition(';')[0]}" for card in cards if _is_fetched(card)]
    if models:
        lines += ["", tr("Weights of models, fetched when one is first used:"), *models]
    return "\n".join(lines)


def _is_fetched(card: Card) -> bool:
    return bool(card.assets) and card.family != CLASSIFIER
