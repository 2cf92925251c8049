"""Measures how far maps can be trusted and what suggestions are worth; prints part of docs/benchmarks.md.

usage: bench_trust.py FOLDER-OF-SAMPLES   (run with the developer's Python)

On synthetic scenes the truth of every pixel is known (scripts/synthetic_scene.py); on the Landsat scene
that of polygons, which are left out whole.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from synthetic_scene import make_scene, write_scene

from geofm.inference.engine.base import Context
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.grid import Window
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.calibration import apply, calibrated, expected_calibration_error
from geofm.inference.engine.learning.folds import hold_out
from geofm.inference.engine.learning.mistakes import doubtful
from geofm.inference.engine.learning.novelty import Novelty
from geofm.inference.engine.learning.suggest import suggest
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.samples import read_samples
from geofm.inference.jobs import RasterRef, SampleRef

SCENES, SIDE = (0, 1, 2), 512
DRAWS = range(3)
METHODS = ("ensemble", "fast")
COUNTS = (5, 20, 100)
FLIPPED = 0.1
# A pixel counts as of one material if that covers so much of it: nobody can label the others.
PURE = 0.99
TEST_PIXELS = 20_000
START, BATCH, MOST, CANDIDATES = 20, 10, 300, 4000
GOALS = (0.90, 0.85)
QUIET = Context(lambda *_: None, lambda: None)


@dataclass(frozen=True)
class Ground:
    """A scene as heads see it.

    Attributes:
        features: (pixels, dim).
        truth: (pixels,) class indices.
        pure: (pixels,) whether one material fills the pixel.
        names: of the classes.
    """

    features: np.ndarray
    truth: np.ndarray
    pure: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def synthetic(cls, seed: int, folder: Path) -> Ground:
        scene = make_scene(SIDE, seed)
        image, _ = write_scene(folder, scene, f"_{seed}")
        with Stack.open([RasterRef(str(image))]) as stack:
            space = FeatureSpace.learn(stack, (), QUIET)
            features, _ = space.features(stack, Window(0, 0, SIDE, SIDE), QUIET)
        flat = np.ascontiguousarray(features.reshape(len(features), -1).T)
        truth = scene.truth.ravel().astype(np.int64) - 1
        return cls(flat, truth, scene.share.ravel() > PURE, scene.names)

    def draw(self, each: int, seed: int, without: int = -1) -> np.ndarray:
        """So many pixels of every class but one, at random."""
        random = np.random.default_rng(seed)
        classes = [c for c in range(len(self.names)) if c != without]
        members = [random.choice(np.flatnonzero(self.truth == c), each, replace=False) for c in classes]
        return np.concatenate(members)

    def asked(self, seed: int) -> np.ndarray:
        """Pixels that judge."""
        return np.random.default_rng(1000 + seed).choice(len(self.truth), TEST_PIXELS, replace=False)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean and the deviation between draws."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}"


def calibration_table(grounds: Sequence[Ground]) -> str:
    """Calibration error on the whole scene before and after, by method and number of labels."""
    rows = []
    for method in METHODS:
        for each in COUNTS:
            found = [sure_errors(ground, method, each, seed) for ground in grounds for seed in DRAWS]
            raw, always, product, alone = np.array(found).T
            share = f"{int(alone.sum())} of {len(alone)}"
            rows.append([method, str(each), spread(raw), spread(always), spread(product), share])
    head = ["method", "labels a class", "error as it comes", "error at the fitted temperature"]
    return table([*head, "error in the map", "left alone"], rows)


def sure_errors(ground: Ground, method: str, each: int, seed: int) -> tuple[float, float, float, float]:
    """Error as it comes, at the fitted temperature wherever one can be fitted, and as the map has it."""
    drawn, asked = ground.draw(each, seed), ground.asked(seed)
    features, labels = ground.features[drawn], ground.truth[drawn]
    make = partial(make_head, method, seed)
    places = np.arange(len(drawn))
    found = calibrated(hold_out(features, labels, places, make, QUIET, seed=seed), labels, places)
    head = make()
    head.fit(features, labels)
    sure = head.predict(ground.features[asked])
    fitted = fitted_anyway(features, labels, make, seed)
    errors = [
        expected_calibration_error(apply(sure, temperature), ground.truth[asked])
        for temperature in (1.0, fitted, found.temperature)
    ]
    return errors[0], errors[1], errors[2], float(found.temperature == 1.0)


def fitted_anyway(features: np.ndarray, labels: np.ndarray, make: Callable, seed: int) -> float:
    """The likeliest temperature of labels left out, however few there are."""
    held = hold_out(features, labels, np.arange(len(labels)), make, QUIET, seed=seed)
    true = np.arange(len(labels)), labels

    def surprise(temperature: float) -> float:
        return float(-np.log(np.maximum(apply(held.probabilities, temperature)[true], 1e-6)).mean())

    return float(min(np.exp(np.linspace(np.log(0.2), np.log(5), 81)), key=surprise))


def landsat_text(samples: Path) -> str:
    """Calibration of whole polygons left out."""
    folder = samples / "landsat7-two-dates"
    ref = SampleRef(str(folder / "training_data.shp"), field="class")
    with Stack.open([RasterRef(str(folder / "LE70220491999322EDC01_stack.gtif"))]) as stack:
        drawn = read_samples(ref, stack.grid, stack.grid.window)
        space = FeatureSpace.learn(stack, (), QUIET)
        features, _ = space.features(stack, stack.grid.window, QUIET)
        pixels = np.ascontiguousarray(features[:, drawn.rows, drawn.cols].T)
    told = []
    for method in METHODS:
        held = hold_out(pixels, drawn.labels, drawn.groups, partial(make_head, method), QUIET)
        found = calibrated(held, drawn.labels, drawn.groups)
        told.append(f"- {method}: {found.reason}")
    places = len(np.unique(drawn.groups))
    head = f"{places} polygons, {len(drawn.labels)} pixels, {len(drawn.classes)} classes:"
    return "\n".join([head, "", *told])


def novelty_table(grounds: Sequence[Ground]) -> str:
    """What is found of each class when it is the one without labels, and what is called so in error."""
    names = grounds[0].names
    rows = []
    for out in [*range(len(names)), -1]:
        cells = ["all, mean"] if out < 0 else [names[out]]
        for each in COUNTS:
            wanted = range(len(names)) if out < 0 else [out]
            found = [novelty(g, each, seed, c) for g in grounds for seed in DRAWS for c in wanted]
            cells += [f"{100 * value:.0f} %" for value in np.nanmean(found, axis=0)]
        rows.append(cells)
    columns = [f"{what}, {each}" for each in COUNTS for what in ("found", "false")]
    return table(["class without labels", *columns], rows)


_FOUND: dict[tuple[int, int, int, int], tuple[float, float]] = {}


def novelty(ground: Ground, each: int, seed: int, out: int) -> tuple[float, float]:
    """Share found of the pure pixels of the class left out, and of the others' pixels called novel."""
    key = id(ground), each, seed, out
    if key not in _FOUND:
        drawn, asked = ground.draw(each, seed, out), ground.asked(seed)
        learned = Novelty.learn(ground.features[drawn], ground.truth[drawn], np.arange(len(drawn)), seed)
        novel = learned.is_novel(ground.features[asked])
        truth, pure = ground.truth[asked], ground.pure[asked]
        _FOUND[key] = novel[(truth == out) & pure].mean(), novel[truth != out].mean()
    return _FOUND[key]


def mistakes_table(grounds: Sequence[Ground]) -> str:
    """What is found of flipped labels."""
    rows = []
    for each in (10, *COUNTS[1:]):
        found = [mistakes(ground, each, seed) for ground in grounds for seed in DRAWS]
        recall, precision, first, fixed = np.array(found).T
        cells = [spread(values, 2) for values in (recall, precision, first, fixed)]
        rows.append([str(each), *cells])
    head = ["labels a class", "found of the flipped", "of the listed flipped", "of the first tenth flipped"]
    return table([*head, "of those found the true class named"], rows)


def mistakes(ground: Ground, each: int, seed: int) -> tuple[float, float, float, float]:
    """Recall and precision of the list, precision of as many as were flipped, and how often it is right."""
    drawn = ground.draw(each, seed)
    random = np.random.default_rng(seed)
    truth, classes = ground.truth[drawn], len(ground.names)
    labels = truth.copy()
    flipped = random.choice(len(labels), round(FLIPPED * len(labels)), replace=False)
    labels[flipped] = (labels[flipped] + random.integers(1, classes, len(flipped))) % classes
    make = partial(make_head, "ensemble")
    found = doubtful(ground.features[drawn], labels, np.arange(len(drawn)), make, QUIET)
    wrong = [labels[doubt.group] != truth[doubt.group] for doubt in found]
    named = [d.likely == truth[d.group] for d, bad in zip(found, wrong, strict=True) if bad]
    shares = [float(np.mean(values)) for values in (wrong, wrong[: len(flipped)], named)]
    return sum(wrong) / len(flipped), shares[0], shares[1], shares[2]


def suggestion_table(grounds: Sequence[Ground]) -> str:
    """Labels that it takes to reach a goal, suggested and drawn at random."""
    curves = {
        guided: np.array([curve(ground, seed, guided) for ground in grounds for seed in DRAWS])
        for guided in (True, False)
    }
    what = (f"{GOALS[0]:.0%} of the pixels of one material", f"{GOALS[1]:.0%} of all pixels")
    rows = []
    for column, (title, goal) in enumerate(zip(what, GOALS, strict=True)):
        cells = [needed(curves[guided][..., column], goal) for guided in (True, False)]
        rows.append([title, *cells])
    for labels in (50, 100, 200, MOST):
        at = (labels - START) // BATCH
        cells = [spread(100 * curves[guided][:, at, 0], 1) for guided in (True, False)]
        rows.append([f"accuracy on pixels of one material at {labels} labels, %", *cells])
    return table(["", "suggested", "at random"], rows)


def needed(curves: np.ndarray, goal: float) -> str:
    """Labels at which each draw first reached a goal: mean and deviation, and how many never did."""
    reached = [START + BATCH * int(np.argmax(c >= goal)) if (c >= goal).any() else MOST for c in curves]
    never = int((curves < goal).all(axis=1).sum())
    text = f"{np.mean(reached):.0f} ± {np.std(reached):.0f}"
    return f"{text} ({never} of {len(curves)} not by {MOST})" if never else text


def curve(ground: Ground, seed: int, guided: bool) -> np.ndarray:
    """(steps, 2) accuracy on pixels of one material and on all, after each batch of labels."""
    random = np.random.default_rng(seed)
    asked = ground.asked(seed)[:8000]
    known = random.choice(len(ground.truth), START, replace=False).tolist()
    steps = []
    while True:
        head = make_head("ensemble", seed)
        head.fit(ground.features[known], ground.truth[known])
        right = head.predict(ground.features[asked]).argmax(axis=1) == ground.truth[asked]
        steps.append((right[ground.pure[asked]].mean(), right.mean()))
        if len(known) >= MOST:
            return np.array(steps)
        pool = random.choice(len(ground.truth), CANDIDATES, replace=False)
        places = np.stack([pool % SIDE, pool // SIDE], axis=1).astype(float)
        if guided:
            sure = head.predict(ground.features[pool])
            pool = pool[suggest(ground.features[pool], sure, ground.features[known], places, BATCH)]
        known += pool[:BATCH].tolist()


TEXT = """## Trust, and where to label next

Synthetic Sentinel-2 scenes with a known truth: seeds {scenes}, {side} x {side} pixels, {classes} classes
of measured spectra, mixed along borders, with relief, haze and noise. Features are those of
`spectral-texture`, labels single pixels drawn at random, {draws} draws on each scene; {pixels} other
pixels drawn at random judge, mixed ones too unless said otherwise (a mixed one is of the class that
covers most of it). "±" is the deviation between scenes and draws.

### Calibration

Expected calibration error in 15 bins against the truth of the scene. The temperature comes from the
labels alone, left out in five rounds; "in the map" is what a classifier does: below 20 labels a class
it leaves probabilities alone, and where labels left out are not clearly likelier.

{calibration}

Landsat 7, 18 November 1999, `training_data.shp`, whole polygons left out in five rounds; every polygon
counts once:

{landsat}

### Unlike anything labelled

One class gets no label, the others 5, 20 and 100 each. "Found" is the share of its pixels (of one
material) that are called unlike anything labelled; "false" the share of all pixels of the other
classes, mixed ones too. A class whose spectra lie among those of others, as soils do among litter and
concrete, cannot be found in this way.

{novelty}

### Mistakes among labels

{flipped:.0%} of the labels get another class at random; the list is that of the review, the head the
ensemble.

{mistakes}

### Where to label next

From {start} labels drawn at random, {batch} more at a time: suggested among {candidates} random pixels,
or drawn at random; the answer is the true class. The ensemble learns anew each time.

{suggestions}"""


def main(samples: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grounds = [Ground.synthetic(seed, Path(folder)) for seed in SCENES]
    text = TEXT.format(
        scenes=", ".join(map(str, SCENES)), side=SIDE, classes=len(grounds[0].names), draws=len(DRAWS),
        pixels=f"{TEST_PIXELS:,}", calibration=calibration_table(grounds), landsat=landsat_text(samples),
        novelty=novelty_table(grounds), flipped=FLIPPED, mistakes=mistakes_table(grounds), start=START,
        batch=BATCH, candidates=f"{CANDIDATES:,}", suggestions=suggestion_table(grounds),
    )  # fmt: skip
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
