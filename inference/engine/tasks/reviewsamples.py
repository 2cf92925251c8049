"""reviewsamples: which labels of a classifier look like mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import UnsupportedInput
from ..learning.classifier import load_classifier
from ..results.destinations import check_place
from ..results.point_layer import write_point_layer
from ..run import Outcome, Run, provenance
from ..teaching.judging import Judgement, balanced
from .suggestsamples import samples_of

_LONLAT = "EPSG:4326"


def reviewsamples(run: Run) -> Outcome:
    job = run.job
    check_place(Path(job.output), (".gpkg",))
    classifier = load_classifier(job.classifier)
    samples = samples_of(classifier, job.classifier)
    labels = {label.id: label for label in samples.labels}
    if not any(label.place for label in labels.values()):
        raise UnsupportedInput(
            f"The classifier {Path(job.classifier).name} does not hold where its labels lie.",
            "Teach it again and let it keep places too.",
        )
    method = classifier.head.method
    judged = Judgement.of(samples, classifier.classes, method, job.seed, run.context)
    found = judged.doubtful(lambda name: labels[name].place)
    names = {info.value: info.name for info in classifier.classes}
    told = [labels[one["id"]] for one in found]

    def texts(values: list[Any]) -> Any:
        return np.array(values, object)

    columns = {
        "label": texts([one.id for one in told]),
        "class": texts([names[one["value"]] for one in found]),
        "likely": texts([names[one["likely"]] for one in found]),
        "agreement": np.array([one["agreement"] for one in found], np.float64),
        "reason": texts([one["reason"] for one in found]),
        "source": texts([one.source for one in told]),
        "date": texts([one.date for one in told]),
        "author": texts([one.author for one in told]),
    }
    points = np.array([(one["x"], one["y"]) for one in found], np.float64).reshape(-1, 2)
    tags = provenance(job, classifier.model, classifier.digest)
    write_point_layer(Path(job.output), points, _LONLAT, columns, tags)
    balance = {names[one["value"]]: one for one in balanced(samples, classifier.classes)}
    facts = {"doubtful": len(found), "labels": len(samples.labels), "balance": balance}
    return Outcome(classifier.model, len(samples.groups), classifier.classes, [], facts)
