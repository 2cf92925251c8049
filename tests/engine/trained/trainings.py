"""What the tests of trained networks share: what trainings say, and what becomes of them."""

from __future__ import annotations

import datetime
import json

import torch

from geofm.inference.engine.backbones import terratorch
from geofm.inference.engine.base import Context, Scene
from geofm.inference.engine.methods import Methods
from geofm.inference.engine.parts.weights import read_weights

TOLERANCE = {"rtol": 0, "atol": 1e-5}
HLS = ("B02", "B03", "B04", "B8A", "B11", "B12")
MEANS, STDS = [0.14, 0.13, 0.12, 0.31, 0.2, 0.12], [0.07, 0.07, 0.08, 0.12, 0.1, 0.08]
NAMES = ["dry", "flooded", "cloud"]
DAY = datetime.date(2021, 1, 14)


def ask(method, params):
    """Calls the engine's method in this process."""
    methods = Methods()
    name = {"models.inspect_training": "inspect_training", "models.convert": "convert_weights"}[method]
    found = getattr(methods, name)(params, Context(lambda *unused: None, lambda: None))
    return json.loads(json.dumps(found))


def answers_of(card, made, scene=False):
    """Every third pixel of the network's answers to the stored windows."""
    path = card.path.parent / card.assets[0].filename
    network = terratorch.filled(card, read_weights(path))
    day = Scene(30.0, DAY, (7.69, 45.07)) if scene else None
    with torch.inference_mode():
        return network(torch.from_numpy(made.windows()), day)[..., :: made.STEP, :: made.STEP].numpy()
