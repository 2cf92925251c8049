"""Every model family answers as the original implementation does, within the references' tolerance.

That this can fail is shown by family, in its own file: each likely mistake turns the cases red.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FAMILIES = sorted(
    path.stem for path in (Path(__file__).parents[2] / "scripts" / "conformance").glob("[!_]*.py")
)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_answers_as_its_original(conformance, reference, name):
    module = importlib.import_module(f"{conformance.__name__}.{name}")
    outcomes = [conformance.check(module, case) for case in conformance.cases(reference, module.CASES)]
    wrong = {found.case.name: found.difference for found in outcomes if not found.passed}
    assert outcomes
    assert not wrong


def test_every_family_with_cases_is_there(conformance, reference):
    folders = {path.name for path in reference.iterdir() if path.is_dir()}
    assert folders == set(conformance.families())
