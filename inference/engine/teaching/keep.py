"""A classifier file from what a session was taught."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...cards import CLASSIFIER_SUFFIX
from ..base import Context
from ..learning.classifier import save_classifier
from ..learning.training import Lesson, teach
from ..results.destinations import check_place, refused_by_disk


def save(path: str, lesson: Lesson, context: Context, title: str = "") -> dict[str, Any]:
    """Fit with the full method on all labels, cross-validate, and write the file.

    It is the file that training from the same labels writes: complete or not at all, and the same bytes
    for the same labels.

    Args:
        path: of the ``*.geofm``; one that is there is replaced.
        lesson: what was taught.
        context: asked for cancellation, told of progress.
        title: of the classifier, empty for the file's name.

    Returns:
        ``{path, classes, facts}``, the answer to ``teach.save``.

    Raises:
        InvalidRequest: if nothing can be written there.
        UnsupportedInput: with fewer than two classes, or where the disk is full.
    """
    target = Path(path)
    check_place(target, (CLASSIFIER_SUFFIX,))
    classifier = replace(teach(lesson, context).classifier, title=title)
    with refused_by_disk(str(target)):
        save_classifier(target, classifier)
    classes = [asdict(info) for info in classifier.classes]
    return {"path": str(target), "classes": classes, "facts": dict(classifier.facts)}
