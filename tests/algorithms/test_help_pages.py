"""Each algorithm has a help page that names all that its dialog shows, and an example that runs."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from qgis.core import QgsProcessingAlgorithm, QgsProcessingParameterDefinition, QgsProcessingParameterEnum

from geofm.algorithms.language import FOLDER, texts_in
from geofm.algorithms.provider import ALGORITHMS, MODELS
from geofm.algorithms.text import HELP, ROOT, help_page

NAMES = sorted([*(one().name() for one in ALGORITHMS), *(path.stem for path in MODELS.glob("*.model3"))])


@pytest.fixture
def algorithm(request: pytest.FixtureRequest, qgis_processing: Any, provider: Any) -> QgsProcessingAlgorithm:
    found = provider.algorithm(request.param)
    assert found is not None
    return found.create()


each = pytest.mark.parametrize("algorithm", NAMES, indirect=True)


def _page(name: str) -> str:
    return (HELP / f"{name}.md").read_text(encoding="utf-8")


def _bold(text: str) -> list[str]:
    return [words.lower() for words in re.findall(r"\*\*([^*]+)\*\*", text)]


def test_there_is_a_page_for_each_and_none_else() -> None:
    assert sorted(path.stem for path in HELP.glob("*.md") if not path.stem.startswith("dock")) == NAMES


@each
def test_processing_shows_it(algorithm: QgsProcessingAlgorithm) -> None:
    assert algorithm.shortHelpString() == help_page(algorithm.name())
    assert algorithm.helpUrl().endswith(f"/resources/help/{algorithm.name()}.md")


@each
def test_it_names_every_parameter_and_output_as_the_dialog_does(algorithm: QgsProcessingAlgorithm) -> None:
    shown = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
    told = set(_bold(_page(algorithm.name())))
    assert {one.description() for one in shown if one.description().lower() not in told} == set()


@pytest.mark.parametrize(
    ("language", "algorithm"),
    [(path.parent.name, path.stem) for path in HELP.glob("*/*.md") if path.stem in NAMES],
    indirect=["algorithm"],
)
def test_a_translated_page_names_them_too(language: str, algorithm: QgsProcessingAlgorithm) -> None:
    known = texts_in(FOLDER / f"geofm_{language}.ts")
    told = set(_bold(_page(f"{language}/{algorithm.name()}")))
    shown = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
    names = {known.get(one.description(), one.description()) for one in shown}
    assert {name for name in names if name.lower() not in told} == set()


@each
def test_it_explains_nothing_that_is_not_there(algorithm: QgsProcessingAlgorithm) -> None:
    shown = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
    known = {one.description().lower() for one in shown}
    page = _page(algorithm.name())
    lists = "".join(re.findall(r"^## (?:Parameters|Results)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    # What stands before the colon of an item is explained there.
    begun = [words for item in re.findall(r"^- (\*\*.*?):", lists, re.M) for words in _bold(item)]
    assert set(begun) - known == set()
    assert len(begun) == len(set(begun)) or algorithm.name() == "refine"


def _commands(text: str) -> list[list[str]]:
    """The commands of qgis_process in a document, each as its words."""
    lines = re.findall(r"(?m)^    (qgis_process run (?:.*\\\n)*.*)", text)
    return [shlex.split(line.replace("\\\n", " ")) for line in lines]


def _values(words: list[str]) -> dict[str, list[str]]:
    """The parameters of a command, as the shell hands them on."""
    assert words[3] == "--"
    values: dict[str, list[str]] = {}
    for word in words[4:]:
        key, given, value = word.partition("=")
        assert given, word
        values.setdefault(key, []).append(value)
    return values


def _check(algorithm: QgsProcessingAlgorithm, values: dict[str, list[str]]) -> None:
    """That the parameters are all there, all known and of their kinds."""
    definitions = {one.name(): one for one in algorithm.parameterDefinitions()}
    assert set(values) - set(definitions) == set()
    for name, one in definitions.items():
        if name in values:
            value = values[name] if len(values[name]) > 1 else values[name][0]
            assert one.checkValueIsAcceptable(value), (name, value)
            if isinstance(one, QgsProcessingParameterEnum) and one.usesStaticStrings():
                assert value in one.options()
        else:
            optional = one.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional
            assert optional or one.defaultValue() is not None, f"{name} is missing"


@each
def test_its_example_can_be_run(algorithm: QgsProcessingAlgorithm) -> None:
    (words,) = _commands(_page(algorithm.name()).split("\n## Example\n")[1])
    assert words[2] == algorithm.id()
    _check(algorithm, _values(words))


@pytest.mark.parametrize("document", ["README.md", "docs/tutorial.md"])
def test_commands_of_the_documents_can_be_run(document: str, qgis_processing: Any, provider: Any) -> None:
    commands = _commands((ROOT / document).read_text(encoding="utf-8"))
    assert len(commands) >= 5
    for words in commands:
        found = provider.algorithm(words[2].partition(":")[2])
        assert found is not None, words
        _check(found, _values(words))
