"""A taught classifier in one file: ``*.geofm``, a zip of a model card and safetensors.

No code and no pickle inside, so that a classifier from anywhere can be opened. The bytes depend
on what was learned alone: no clock, and no compression whose output changes between versions.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from .... import __version__
from ...bands import REFLECTANCE
from ...cards import CARD_IN_CLASSIFIER, CLASSIFIER, load_card
from ...errors import ModelCorrupt, UnsupportedInput
from ...jobs import ClassInfo, Task
from ..base import F32
from ..features.encodings import Encodings
from ..features.space import FeatureSpace
from ..heads import AnyHead, LayeredHead, restore_head
from ..parts.weights_file import refuse_long_header
from .calibration import apply
from .layered_novelty import AnyNovelty, LayeredNovelty, restored_novelty
from .training_set import TrainingSet

_WEIGHTS = "weights.safetensors"
_SAMPLES, _TRUST = "samples.", "trust."
_MEMBERS = (CARD_IN_CLASSIFIER, _WEIGHTS)
_LARGEST = {CARD_IN_CLASSIFIER: 1 << 20, _WEIGHTS: 1 << 28}
_STAMP = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
# What opening a zip raises: broken frame, broken or unknown compression, encryption, odd names.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError
)  # fmt: skip


@dataclass(frozen=True)
class Classifier:
    """A head with the feature space it reads; make one with :meth:`of` or :func:`load_classifier`.

    Attributes:
        model: catalogue id of the model whose features it reads.
        model_digest: digest of that model's weights, empty for none.
        classes: in the order of the scores.
        head: fitted.
        description, learned: of the feature space.
        facts: what is known of its making (samples, accuracy); plain JSON types.
        digest: SHA-256 of the file, once there is one.
        samples: what it was taught with, None where the file does not keep it.
        title: for people, empty for the file's name.
        temperature: at which probabilities are given, see :mod:`.calibration`; 1 where they were not
            calibrated.
        novelty: what is unlike anything labelled, None in a file of an earlier version.
    """

    model: str
    model_digest: str
    classes: tuple[ClassInfo, ...]
    head: AnyHead
    description: Mapping[str, Any]
    learned: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    samples: TrainingSet | None = None
    title: str = ""
    temperature: float = 1.0
    novelty: AnyNovelty | None = None

    @classmethod
    def of(
        cls,
        space: FeatureSpace,
        head: AnyHead,
        classes: tuple[ClassInfo, ...],
        model: str,
        model_digest: str = "",
        facts: Mapping[str, Any] | None = None,
        samples: TrainingSet | None = None,
    ) -> Classifier:
        """A classifier from its fitted parts."""
        described, learned = space.describe(), space.arrays()
        return cls(model, model_digest, classes, head, described, learned, facts or {}, samples=samples)

    def space(self, encodings: Sequence[Encodings] = ()) -> FeatureSpace:
        """Its feature space, with the tokens of :attr:`model` (none for spectral-texture).

        Raises:
            UnsupportedInput: if those are not of the encoders it was taught with.
            ModelCorrupt: if the file misses a part of the space.
        """
        try:
            return FeatureSpace.restore(self.description, self.learned, encodings)
        except (KeyError, TypeError, ValueError) as error:
            raise _corrupt("misses a part of its feature space", repr(error)) from error

    def scores(self, features: F32) -> F32:
        """Calibrated probabilities (classes, rows, cols) of (dim, rows, cols) features."""
        dim, rows, cols = features.shape
        scores = self.head.predict(np.ascontiguousarray(features.reshape(dim, -1).T))
        whole = np.ascontiguousarray(scores.T).reshape(-1, rows, cols)
        return apply(whole, self.temperature, axis=0)

    def unlike(self) -> AnyNovelty:
        """What is unlike anything labelled.

        Raises:
            UnsupportedInput: if the file does not say it.
        """
        if self.novelty is None:
            raise UnsupportedInput(
                "The classifier does not say what is unlike its labels: an earlier version taught it.",
                "Teach it again from its samples, or map without that.",
            )
        return self.novelty


def save_classifier(path: str | os.PathLike[str], classifier: Classifier) -> Classifier:
    """Write the file; it appears complete or not at all. Answers the classifier with its digest."""
    arrays = {f"head.{key}": value for key, value in classifier.head.arrays().items()}
    arrays.update({f"space.{key}": value for key, value in classifier.learned.items()})
    if classifier.samples is not None:
        arrays.update({f"{_SAMPLES}{key}": value for key, value in classifier.samples.arrays().items()})
    arrays.update({f"{_TRUST}{key}": value for key, value in _trust_arrays(classifier).items()})
    weights = save_tensors({key: np.ascontiguousarray(arrays[key]) for key in sorted(arrays)})
    card = _card(Path(path).stem, classifier, weights)
    text = json.dumps(card, indent=2, sort_keys=True, ensure_ascii=False).encode("utf-8")
    part = Path(path).with_name(f".{Path(path).name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for name, data in zip(_MEMBERS, (text, weights), strict=True):
                member = zipfile.ZipInfo(name, _STAMP)
                member.create_system = _UNIX  # wherever it is written
                archive.writestr(member, data)
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return replace(classifier, digest=digest)


def load_classifier(path: str | os.PathLike[str]) -> Classifier:
    """Read a classifier; nothing in it is executed.

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if it is not a classifier, or not the one that was written.
    """
    card = load_card(Path(path))
    if card.family != CLASSIFIER:
        raise _corrupt(f"is a card of the family {card.family!r}", name=Path(path).name)
    content = _read_members(Path(path))
    weights = content[_WEIGHTS]
    stated = [asset.sha256 for asset in card.assets if asset.filename == _WEIGHTS]
    if stated != [hashlib.sha256(weights).hexdigest()]:
        raise _corrupt("holds other weights than its card says", name=Path(path).name)
    refuse_long_header(weights, f"{_WEIGHTS} in {Path(path).name}")
    try:
        arrays = load_tensors(weights)
        facts = card.raw["properties"]["geofm:classifier"]
        head = restore_head(facts["method"], _under(arrays, "head."))
        temperature, novelty = _trust(_under(arrays, _TRUST), facts["facts"])
        found = Classifier(
            model=str(facts["model"]),
            model_digest=str(facts["model_digest"]),
            classes=card.classes,
            head=head,
            description=facts["space"],
            learned=_under(arrays, "space."),
            facts=facts["facts"],
            digest=hashlib.sha256(Path(path).read_bytes()).hexdigest(),
            samples=_samples(_under(arrays, _SAMPLES), partly=isinstance(head, LayeredHead)),
            title=card.title,
            temperature=temperature,
            novelty=novelty,
        )
        _try_out(found)
    except (ModelCorrupt, SafetensorError, KeyError, TypeError, ValueError, IndexError) as error:
        raise _corrupt("is incomplete or of another version", repr(error), Path(path).name) from error
    return found


def _try_out(classifier: Classifier) -> None:
    """Predict one vector, so that parts that do not fit each other fail here and not mid-run."""
    vector = np.zeros((1, len(classifier.learned["mean"])), np.float32)
    scores = classifier.head.predict(vector)
    if scores.shape != (1, len(classifier.classes)) or not np.isfinite(scores).all():
        raise ValueError(f"scores of shape {scores.shape} for {len(classifier.classes)} classes")
    samples = classifier.samples
    if samples is not None:
        known = {info.value for info in classifier.classes}
        if samples.features.shape[1] != vector.shape[1] or not set(samples.values.tolist()) <= known:
            raise ValueError("samples are not those of its features and classes")
    novelty = classifier.novelty
    if novelty is not None:
        dim = novelty.dim if isinstance(novelty, LayeredNovelty) else novelty.landmarks.shape[1]
        if dim != vector.shape[1]:
            raise ValueError("landmarks are not those of its features")


def _trust_arrays(classifier: Classifier) -> dict[str, NDArray[Any]]:
    novelty = classifier.novelty.arrays() if classifier.novelty else {}
    return {"temperature": np.array([classifier.temperature]), **novelty}


def _trust(
    arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]
) -> tuple[float, AnyNovelty | None]:
    """The temperature, and what is unlike anything labelled; files of earlier versions hold neither."""
    if not arrays:
        return 1.0, None
    temperature = float(arrays["temperature"][0])
    if not 0 < temperature < np.inf:
        raise ValueError("the temperature is none")
    return temperature, restored_novelty(arrays, str(facts.get("novelty", "")))


def _samples(arrays: Mapping[str, NDArray[Any]], partly: bool) -> TrainingSet | None:
    return TrainingSet.restore(arrays, partly) if arrays else None


def _read_members(path: Path) -> dict[str, bytes]:
    """The two members, each within its limit; nothing is ever extracted to disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if sorted(names) != sorted(_MEMBERS):
                raise _corrupt(f"holds {', '.join(names)[:200]}", name=path.name)
            return {name: _read_member(archive, name, path) for name in _MEMBERS}
    except _UNREADABLE as error:
        raise _corrupt("cannot be read", str(error), path.name) from error


def _read_member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    # No more than the declared size is ever read of a member.
    if archive.getinfo(name).file_size > _LARGEST[name]:
        raise _corrupt(f"is larger inside ({name}) than a classifier is", name=path.name)
    with archive.open(name) as member:
        return member.read()


def _corrupt(what: str, detail: str = "", name: str = "") -> ModelCorrupt:
    return ModelCorrupt(
        f"The classifier {name or 'file'} {what}.",
        f"A classifier holds {' and '.join(_MEMBERS)}, as training wrote them; teach it again.",
        detail,
    )


def _under(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {key[len(prefix) :]: value for key, value in arrays.items() if key.startswith(prefix)}


def _card(stem: str, classifier: Classifier, weights: bytes) -> dict[str, Any]:
    """A STAC Item with the Machine Learning Model extension (v1.6.0).

    A classifier has no date of its own and must come out the same each time it is taught from
    the same data, so its time range says "any".
    """
    names = ", ".join(info.name for info in classifier.classes)
    digest = hashlib.sha256(weights).hexdigest()
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/mlm/v1.6.0/schema.json",
            "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
            "https://stac-extensions.github.io/file/v2.1.0/schema.json",
        ],
        "id": _slug(stem),
        "geometry": None,
        "properties": {
            "title": classifier.title or stem,
            "description": f"Tells apart: {names}.",
            "datetime": None,
            "start_datetime": "0001-01-01T00:00:00Z",
            "end_datetime": "9999-12-31T23:59:59Z",
            # The extension allows letters of ASCII alone; the title says it as the user does.
            "mlm:name": f"Classifier {_slug(stem)}",
            "mlm:architecture": classifier.head.method,
            "mlm:tasks": ["semantic-segmentation"],
            "mlm:input": [_input(classifier)],
            "mlm:output": [_output(classifier)],
            **_own_facts(classifier),
        },
        "links": [],
        "assets": {
            "weights": {
                "href": _WEIGHTS,
                "type": "application/vnd.safetensors",
                "roles": ["mlm:model"],
                "mlm:artifact_type": "safetensors",
                "file:size": len(weights),
                "file:checksum": f"1220{digest}",
                "geofm:digest": f"sha256:{digest}",
                "bands": _bands(classifier),
            }
        },
    }


def _input(classifier: Classifier) -> dict[str, Any]:
    bands = _bands(classifier)
    shape = {
        "shape": [-1, len(bands), -1, -1],
        "dim_order": ["batch", "bands", "height", "width"],
        "data_type": "float32",
    }
    return {"name": "bands", "bands": bands, "input": shape}


def _bands(classifier: Classifier) -> list[dict[str, str]]:
    return [{"name": band["name"]} for band in _described(classifier)]


def _described(classifier: Classifier) -> list[dict[str, Any]]:
    """The bands of all layers that it reads."""
    layers = [classifier.description["spectral"], *classifier.description.get("beside", ())]
    return [band for layer in layers for band in layer["bands"]]


def _output(classifier: Classifier) -> dict[str, Any]:
    return {
        "name": "class",
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, len(classifier.classes), -1, -1],
            "dim_order": ["batch", "class", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": [
            {
                "value": info.value,
                "name": _slug(info.name, str(info.value)),
                "title": info.name,
                "color_hint": info.color.lstrip("#").upper(),
            }
            for info in classifier.classes
        ],
    }


def _own_facts(classifier: Classifier) -> dict[str, Any]:
    units = {band["units"] for band in _described(classifier)}
    return {
        "geofm:family": CLASSIFIER,
        "geofm:tasks": [Task.CLASSIFY.value],
        "geofm:units": REFLECTANCE if units == {REFLECTANCE} else "",
        "geofm:source": f"geofm@{__version__}",
        "geofm:classifier": {
            "method": classifier.head.method,
            "model": classifier.model,
            "model_digest": classifier.model_digest,
            "space": classifier.description,
            "facts": dict(classifier.facts),
        },
    }


def _slug(text: str, otherwise: str = "classifier") -> str:
    """A name of letters, digits, ``_`` and ``-``, as ids and class names of STAC must be."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:60].strip("-_") or otherwise
