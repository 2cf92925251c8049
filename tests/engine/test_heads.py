"""Heads: kept arrays give the same numbers, scikit-learn agrees, and real polygons are told apart."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from geofm.inference.engine.base import F32, Context
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.heads import make_head, restore_head
from geofm.inference.engine.heads.ensemble import capped
from geofm.inference.engine.heads.forest import Forest
from geofm.inference.engine.heads.linear import Discriminant, Logistic
from geofm.inference.engine.heads.neighbours import Neighbours, Prototypes
from geofm.inference.engine.heads.network import Network
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.samples import read_samples
from geofm.inference.errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from geofm.inference.jobs import RasterRef, SampleRef

METHODS = ("ensemble", "fast", "prototypes", "knn", "forest", "mlp")
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
CLEAR_DAY = "LE70220491999322EDC01_stack.gtif"


def blobs(classes: int = 3, each: int = 40, dim: int = 6, seed: int = 0) -> tuple[F32, np.ndarray]:
    """Overlapping clouds of points, so that probabilities lie between 0 and 1."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 1.2, (classes, dim))
    labels = np.repeat(np.arange(classes), each)
    return (centres[labels] + rng.normal(size=(len(labels), dim))).astype(np.float32), labels


def fitted(method: str, seed: int = 0, **kind: int):
    head = make_head(method, seed)
    head.fit(*blobs(**kind))
    return head


# --- every method ----------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("method", METHODS)
def test_probabilities_sum_to_one_and_learn_something(method: str, classes: int) -> None:
    head = fitted(method, classes=classes)
    features, labels = blobs(classes, seed=1)
    scores = head.predict(features)
    assert scores.shape == (len(features), classes)
    assert scores.dtype == np.float32
    assert scores.min() >= 0
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert (scores.argmax(axis=1) == labels).mean() > 0.75


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("method", METHODS)
def test_kept_arrays_predict_the_same_bits(method: str, classes: int) -> None:
    head = fitted(method, classes=classes)
    kept = load(save({key: np.ascontiguousarray(value) for key, value in head.arrays().items()}))
    again = restore_head(method, kept)
    features, _ = blobs(classes, seed=2)
    np.testing.assert_array_equal(again.predict(features), head.predict(features))
    assert again.arrays().keys() == head.arrays().keys()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_head(method: str) -> None:
    first, second = fitted(method, seed=7).arrays(), fitted(method, seed=7).arrays()
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def test_another_seed_grows_another_forest() -> None:
    features, _ = blobs(seed=1)
    first, second = (fitted("forest", seed=seed).predict(features) for seed in (0, 1))
    assert np.abs(first - second).max() > 0.02


@pytest.mark.parametrize("method", METHODS)
def test_one_class_is_refused(method: str) -> None:
    features, labels = blobs()
    with pytest.raises(UnsupportedInput, match="fewer than two classes") as caught:
        make_head(method).fit(features, np.zeros_like(labels))
    assert caught.value.hint
    with pytest.raises(UnsupportedInput):
        make_head(method).fit(features[:0], labels[:0])


@pytest.mark.parametrize("method", METHODS)
def test_a_class_without_samples_gets_nothing(method: str) -> None:
    features, labels = blobs()
    head = make_head(method)
    head.fit(features, np.where(labels == 1, 3, labels))
    scores = head.predict(features)
    assert scores.shape[1] == 4
    assert not scores[:, 1].any()
    assert (scores.argmax(axis=1) == np.where(labels == 1, 3, labels)).mean() > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_one_sample_a_class_is_enough_to_start(method: str) -> None:
    features, labels = blobs(each=1)
    head = make_head(method)
    head.fit(features, labels)
    scores = head.predict(features)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    if method != "forest":  # a bootstrap sample may miss the only one
        assert (scores.argmax(axis=1) == labels).all()


@pytest.mark.parametrize("method", METHODS)
def test_how_many_samples_were_drawn_is_no_prior(method: str) -> None:
    """Twenty times the samples of one class must not turn the middle ground to it."""
    many, few = blobs(2, each=400), blobs(2, each=20, seed=5)
    features = np.concatenate([many[0][:400], few[0][20:]])
    labels = np.repeat([0, 1], [400, 20])
    head = make_head(method)
    head.fit(features, labels)
    probe, truth = blobs(2, each=200, seed=6)
    right = head.predict(probe).argmax(axis=1) == truth
    assert right[truth == 1].mean() > 0.7


def test_unlike_bounds_are_learned_by_the_curved_methods() -> None:
    """A ring around a disc: the linear method cannot, the others must."""
    rng = np.random.default_rng(0)
    angle, labels = rng.uniform(0, 2 * np.pi, 300), np.repeat([0, 1], 150)
    radius = np.where(labels == 0, rng.uniform(0, 1, 300), rng.uniform(1.5, 2.5, 300))
    features = (radius * np.stack([np.cos(angle), np.sin(angle)])).T.astype(np.float32)
    for method, bar in (("ensemble", 0.9), ("knn", 0.97), ("forest", 0.97), ("mlp", 0.97)):
        head = make_head(method)
        head.fit(features[::2], labels[::2])
        assert (head.predict(features[1::2]).argmax(axis=1) == labels[1::2]).mean() > bar, method


def test_many_pixels_are_predicted_like_few() -> None:
    head = fitted("ensemble")
    features = np.tile(blobs(seed=3)[0], (600, 1))
    scores = head.predict(features)
    np.testing.assert_allclose(scores[-120:], head.predict(features[-120:]), atol=1e-6)
    assert head.predict(features[:0]).shape == (0, 3)


def test_an_unknown_method_names_the_known() -> None:
    with pytest.raises(InvalidRequest, match="svm") as caught:
        make_head("svm")
    assert all(method in caught.value.hint for method in METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_an_incomplete_head_is_a_sentence(method: str) -> None:
    arrays = fitted(method).arrays()
    for name in arrays:
        with pytest.raises(ModelCorrupt, match="incomplete") as caught:
            restore_head(method, {key: value for key, value in arrays.items() if key != name})
        assert caught.value.hint
    with pytest.raises(ModelCorrupt):
        restore_head(method, {**arrays, "stranger.weights": np.zeros(3)})
    with pytest.raises(ModelCorrupt):
        restore_head("svm", arrays)


def test_a_forest_that_points_outside_itself_is_refused() -> None:
    arrays = fitted("forest").arrays()
    for name, value in (("forest.children", 1 << 20), ("forest.roots", -3), ("forest.feature", -1)):
        wrong = arrays[name].copy()
        wrong.flat[5] = value
        with pytest.raises(ModelCorrupt):
            restore_head("forest", {**arrays, name: wrong})


# --- previews --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    ("method", "each"),
    [
        ("ensemble", 3),
        ("ensemble", 200),
        ("fast", 40),
        ("prototypes", 40),
        ("knn", 40),
        ("forest", 40),
        ("mlp", 40),
    ],
)
def test_a_preview_is_the_prediction(method: str, each: int, order: str) -> None:
    head = fitted(method, classes=4, each=each)
    features = np.asarray(blobs(4, each=5000, seed=1)[0], order=order)
    scores = head.predict(features)
    labels, top = head.quick(features)
    assert labels.dtype == np.uint8
    assert top.dtype == np.float32
    assert (labels == scores.argmax(axis=1)).mean() > 0.9995
    np.testing.assert_allclose(top, scores.max(axis=1), atol=1e-4)


def test_a_preview_follows_what_is_learned_last() -> None:
    features, labels = blobs(each=3)
    head = make_head("ensemble")
    for shift in (0, 4, 1):
        # The class that has no samples keeps its number.
        head.fit(features, labels + shift)
        assert (head.quick(features)[0] == head.predict(features).argmax(axis=1)).all()
        assert (head.quick(features)[0] == labels + shift).all()
    again = make_head("ensemble")
    again.fit(features, labels[::-1])
    again.quick(features)
    again.load(head.arrays())
    assert (again.quick(features)[0] == labels + 1).all()


def test_a_preview_of_nothing_is_empty() -> None:
    labels, top = fitted("ensemble").quick(np.zeros((0, 6), np.float32))
    assert labels.shape == top.shape == (0,)


# --- against scikit-learn --------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 4])
def test_logistic_regression_is_scikit_learns(classes: int) -> None:
    features, labels = (values[25:] for values in blobs(classes))
    probe, _ = blobs(classes, seed=1)
    part = Logistic(3.0)
    part.fit(features, labels, 0)
    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=5000, tol=1e-8).fit(features, labels)
    np.testing.assert_allclose(part.predict(probe), model.predict_proba(probe), atol=2e-3)


@pytest.mark.parametrize("classes", [2, 4])
def test_a_forest_is_scikit_learns(classes: int) -> None:
    features, labels = (values[40:] for values in blobs(classes, each=60))
    probe, _ = blobs(classes, each=200, seed=1)
    part = Forest()
    part.fit(features, labels, 5)
    model = RandomForestClassifier(100, class_weight="balanced", random_state=5).fit(features, labels)
    np.testing.assert_allclose(part.predict(probe), model.predict_proba(probe), atol=1e-6)


def test_neighbours_are_scikit_learns_when_classes_are_even() -> None:
    features, labels = blobs()
    probe, _ = blobs(seed=1)
    part = Neighbours()
    part.fit(features, labels, 0)
    model = KNeighborsClassifier(7, weights=lambda distances: 1 / (distances + 1e-6)).fit(features, labels)
    np.testing.assert_allclose(part.predict(probe), model.predict_proba(probe), atol=1e-4)


def test_a_discriminant_of_many_samples_is_scikit_learns() -> None:
    """With hundreds of samples a feature hardly anything is left of the ball."""
    features, labels = blobs(4, each=2000)
    probe, _ = blobs(4, each=100, seed=1)
    part = Discriminant()
    part.fit(features, labels, 0)
    model = LinearDiscriminantAnalysis().fit(features, labels)
    np.testing.assert_allclose(part.predict(probe), model.predict_proba(probe), atol=5e-3)


def test_a_discriminant_looks_past_what_differs_within_classes() -> None:
    """One direction tells the classes apart, another one differs ten times as much and tells nothing."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 300)
    within = rng.normal(0, 3, 600)
    features = np.stack([labels + within, within], axis=1) + rng.normal(0, 0.05, (600, 2))
    learn, ask = slice(0, None, 3), np.arange(600) % 3 > 0
    right = []
    for part in (Discriminant(), Prototypes()):
        part.fit(features[learn].astype(np.float32), labels[learn], 0)
        right.append((part.predict(features[ask].astype(np.float32)).argmax(axis=1) == labels[ask]).mean())
    assert right[0] > 0.95
    assert right[1] < 0.7


def test_a_network_is_scikit_learns() -> None:
    features, labels = blobs(3, each=60)
    probe, _ = blobs(3, each=200, seed=1)
    part = Network(most=10_000, steps=200)
    part.fit(features, labels, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier((32,), solver="lbfgs", alpha=0.3, max_iter=200, random_state=5)
        model.fit(features.astype(float), labels)
    np.testing.assert_allclose(part.predict(probe), model.predict_proba(probe), atol=1e-4)


def test_prototypes_compare_distances_to_the_means() -> None:
    features, labels = blobs()
    probe, _ = blobs(seed=1)
    part = Prototypes()
    part.fit(features, labels, 0)
    means = np.stack([features[labels == label].mean(axis=0) for label in range(3)])
    own = np.mean([((features[labels == c] - means[c]) ** 2).sum(axis=1).mean() for c in range(3)])
    powers = np.exp(-((probe[:, None] - means) ** 2).sum(axis=2) / own)
    np.testing.assert_allclose(part.predict(probe), powers / powers.sum(axis=1, keepdims=True), atol=1e-4)


def test_the_ensemble_is_the_mean_of_its_parts() -> None:
    features, labels = blobs()
    probe, _ = blobs(seed=1)
    parts = (Discriminant(), Network(most=1500, steps=100))
    for part in parts:
        part.fit(features, labels, 0)
    mean = np.mean([part.predict(probe) for part in parts], axis=0)
    np.testing.assert_allclose(fitted("ensemble").predict(probe), mean, atol=1e-6)


def test_the_network_learns_from_as_many_samples_as_it_may() -> None:
    features, labels = blobs(2, each=300)
    few, all_of_them, capped_by_hand = (Network(most=most, steps=50) for most in (100, 600, 600))
    chosen = capped(labels, 50, 0)
    few.fit(features, labels, 0)
    all_of_them.fit(features, labels, 0)
    capped_by_hand.fit(features[chosen], labels[chosen], 0)
    np.testing.assert_array_equal(few.predict(features), capped_by_hand.predict(features))
    assert np.abs(few.predict(features) - all_of_them.predict(features)).max() > 0.01


def test_large_classes_are_thinned_and_small_ones_kept() -> None:
    labels = np.repeat([0, 1, 2], [900, 30, 500])
    chosen = capped(labels, 100, 3)
    assert np.bincount(labels[chosen]).tolist() == [100, 30, 100]
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(chosen, capped(labels, 100, 3))
    assert (chosen != capped(labels, 100, 4)).any()


# --- real polygons ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def polygons(samples: Path) -> tuple[F32, np.ndarray, np.ndarray]:
    """Features, classes and polygons of the pixels of 30 real polygons on a clear Landsat 7 scene."""
    folder = samples / "landsat7-two-dates"
    with Stack.open([RasterRef(str(folder / CLEAR_DAY))]) as stack:
        ref = SampleRef(str(folder / "training_data.shp"), field="class")
        known = read_samples(ref, stack.grid, stack.grid.window)
        space = FeatureSpace.learn(stack, (), QUIET)
        features, valid = space.features(stack, stack.grid.window, QUIET)
    assert valid[known.rows, known.cols].all()
    return features[:, known.rows, known.cols].T, known.labels, known.groups


@pytest.mark.parametrize(
    ("method", "accuracy", "f1"),
    [("ensemble", 0.85, 0.8), ("fast", 0.85, 0.75), ("knn", 0.9, 0.78), ("forest", 0.85, 0.65)],
)
def test_polygons_never_seen_are_told_apart(
    polygons: tuple[F32, np.ndarray, np.ndarray], method: str, accuracy: float, f1: float
) -> None:
    """Every third polygon of each class left out in turn."""
    features, labels, groups = polygons
    right, scores = [], []
    for third in range(3):
        left_out = [np.unique(groups[labels == label])[third::3] for label in np.unique(labels)]
        out = np.isin(groups, np.concatenate(left_out))
        head = make_head(method)
        head.fit(features[~out], labels[~out])
        found = head.predict(features[out]).argmax(axis=1)
        right.append((found == labels[out]).mean())
        scores.append(f1_score(labels[out], found, average="macro"))
    assert np.mean(right) > accuracy
    assert np.mean(scores) > f1


@pytest.mark.parametrize("method", ["ensemble", "fast"])
def test_fitting_all_polygons_converges(polygons: tuple[F32, np.ndarray, np.ndarray], method: str) -> None:
    features, labels, _ = polygons
    head = make_head(method)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        head.fit(features, labels)
    assert (head.predict(features).argmax(axis=1) == labels).mean() > 0.95


def test_scikit_learn_is_loaded_by_what_fits_with_it_alone(plugins: Path) -> None:
    """It takes a second, which every start of an engine would wait for."""
    code = """
import sys
import numpy as np
from geofm.inference.engine.heads import make_head
rng = np.random.default_rng(0)
features, labels = rng.normal(size=(40, 3)).astype("float32"), np.arange(40) % 2
for method in ("ensemble", "fast"):
    make_head(method).fit(features, labels)
    print("sklearn" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(plugins)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["False", "True"]
