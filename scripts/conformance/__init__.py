"""Whether the model families answer as the original implementations do, on stored cases.

A family has a module here, named as in ``inference/engine/backbones``, with these names: ``CASES``, the
folder of its cases; ``ENCODER``, its class; ``card(case)``, a card of the plugin with the case's sizes;
``main_output(case)``, the name of the output that counts; and ``answer(network, case)``, what the
family's network gives for the case's inputs, shaped as that output. The README of the cases tells how
they were made.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from geofm.inference.cards import Card, card_from
from geofm.inference.engine.parts.patch_encoder import TokenNetwork
from geofm.inference.engine.parts.weights import load_strictly, read_weights

MODELS = Path(__file__).resolve().parents[2] / "resources" / "models"
# From the README of the cases: the largest difference, no part of it relative.
TOLERANCE = 1e-5
TOLERANCES = {"terramind_v1": 5e-6}


@dataclass(frozen=True)
class Case:
    """One input of a family with the original implementation's answer.

    Attributes:
        family: name of its folder.
        name: of the case.
        config: how the original was built and called.
        inputs: by name; ``raw__*`` are those before normalisation.
        outputs: by name.
        weights: file with the original's parameters.
    """

    family: str
    name: str
    config: Mapping[str, Any]
    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    weights: Path

    @property
    def sizes(self) -> Mapping[str, Any]:
        """What the original's constructor was given."""
        return self.config["constructor_kwargs"]

    def named(self, **names: str) -> dict[str, Any]:
        """The sizes under our names for them, each given with the original's."""
        return {ours: self.sizes[theirs] for ours, theirs in names.items()}

    @property
    def conventions(self) -> Mapping[str, Any]:
        return self.config["input_conventions"]

    @property
    def tolerance(self) -> float:
        return TOLERANCES.get(self.family, TOLERANCE)


@dataclass(frozen=True)
class Outcome:
    """How a case went: largest differences of the main output, and milliseconds of the call.

    Attributes:
        case: which.
        difference: to what the original answers in float32.
        exact: to what it answers in float64; as ``difference`` where it was not run so.
        milliseconds: of the one call.
    """

    case: Case
    difference: float
    exact: float
    milliseconds: float

    @property
    def nearest(self) -> float:
        """The smaller difference: the original's own float32 may lie further from its float64 than we may."""
        return min(self.difference, self.exact)

    @property
    def passed(self) -> bool:
        return self.nearest <= self.case.tolerance


def families() -> dict[str, Any]:
    """The modules of this package by the name of their cases' folder."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.CASES: module for module in modules}


def cases(reference: Path, family: str) -> Iterator[Case]:
    """The cases of a family in the folder of references, by name."""
    for config_file in sorted((reference / family).glob("*/config.json")):
        folder = config_file.parent
        config = json.loads(config_file.read_text(encoding="utf-8"))
        inputs, outputs = (
            {name: torch.from_numpy(values) for name, values in np.load(folder / file).items()}
            for file in ("inputs.npz", "outputs.npz")
        )
        weights = (folder / config["state_dict"]["file"]).resolve()
        yield Case(family, folder.name, config, inputs, outputs, weights)


def check(module: Any, case: Case) -> Outcome:
    """Answer a case and compare."""
    made = network(module, case)
    main = module.main_output(case)
    expected = [case.outputs[name] for name in (main, f"{main}__float64") if name in case.outputs]
    with torch.inference_mode():
        start = time.perf_counter()
        found = module.answer(made, case)
        seconds = time.perf_counter() - start
    if found.shape != expected[0].shape:
        wrong = f"{tuple(found.shape)} is not {tuple(expected[0].shape)}"
        raise ValueError(f"{case.family} {case.name}: {wrong}")
    # No number is as far off as can be; a maximum would let it through.
    apart = [(found - one).abs().nan_to_num(nan=torch.inf).max() for one in expected]
    return Outcome(case, float(apart[0]), float(apart[-1]), 1000 * seconds)


def worst(module: Any, reference: Path) -> float:
    """The largest difference over all cases of a family."""
    return max(check(module, case).nearest for case in cases(reference, module.CASES))


def network(module: Any, case: Case) -> TokenNetwork:
    """A family's network with a case's weights, built and loaded as from a published file."""
    card = module.card(case)
    made = module.ENCODER.build(card)
    load_strictly(made, module.ENCODER.renamed(read_weights(case.weights), made), card.id)
    return made.eval()


def resized(card_id: str, sizes: Mapping[str, Any], **others: Any) -> Card:
    """A card of the plugin with other ``mlm:hyperparameters``, and other properties (``geofm:window``)."""
    path = MODELS / f"{card_id}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    stated = raw["properties"].get("mlm:hyperparameters", {})
    raw["properties"] = {**raw["properties"], "mlm:hyperparameters": {**stated, **sizes}, **others}
    return card_from(raw, path)


def local_card(module: Any, case: Case, folder: Path) -> Path:
    """Write the card of a case's sizes into a folder, with the case's weights as its file."""
    raw = dict(module.card(case).raw)
    name, asset = next((n, a) for n, a in raw["assets"].items() if "mlm:model" in a["roles"])
    (folder / case.weights.name).symlink_to(case.weights)
    digest = "sha256:" + hashlib.sha256(case.weights.read_bytes()).hexdigest()
    of_the_published = ("geofm:filename", "geofm:digest_start", "file:checksum")
    others = {key: value for key, value in asset.items() if key not in of_the_published}
    here = {"href": case.weights.name, "file:size": case.weights.stat().st_size, "geofm:digest": digest}
    raw["assets"] = {name: {**others, **here}}
    path = folder / "card.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path
