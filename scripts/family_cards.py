"""Writes a card of every model family that runs without a download, and prints their paths.

usage: family_cards.py REFERENCE FOLDER   (run with the engine's Python)

Each has the weights and the sizes of the family's first reference case: seeded random ones, but for
Galileo and Presto. They show that a family runs, not what it can do.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import conformance


def main(reference: Path, folder: Path) -> None:
    for family, module in conformance.families().items():
        place = folder / family
        place.mkdir(parents=True)
        print(conformance.local_card(module, next(conformance.cases(reference, family)), place))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
