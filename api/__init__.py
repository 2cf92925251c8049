"""The script door: GeoFM from Python, in QGIS's console, a stand-alone script or a QgsTask.

    from geofm import api

    taught = api.train(image, samples, "class", "spectral-texture")
    found = api.classify(image, taught.output, confidence=True)
    QgsProject.instance().addMapLayer(found.output)

Layers or paths go in; loaded, styled layers come out, or paths with ``load=False``. Each
function runs the Processing algorithm of its name, so the log, the job file and the result are
the same as from the toolbox. The call returns when the work is done: in QGIS's console wrap it
in a QgsTask to keep the map responsive, and pass paths rather than layers from there.

A stand-alone script needs ``QgsApplication([], False)`` with ``initQgis()`` first; the rest is
looked after here.
"""

from __future__ import annotations

from ..algorithms.calls import Batch, Options, Results
from ..algorithms.edit_session import Applied
from ..algorithms.many import Failure
from ..algorithms.teaching import LiveClassifier
from ..inference.errors import Cancelled, GeoFMError
from .changes import breaks, change, threshold_change
from .edits import apply_edits, propose_edits
from .judging import assess, checkpoints, refine
from .maps import (
    classify,
    classify_many,
    cluster,
    embed,
    models,
    regress,
    segment,
    segment_many,
    similarity,
    superresolve,
)
from .teaching import review_samples, suggest_samples, teach, train

__all__ = [
    "Applied",
    "Batch",
    "Cancelled",
    "Failure",
    "GeoFMError",
    "LiveClassifier",
    "Options",
    "Results",
    "apply_edits",
    "assess",
    "change",
    "breaks",
    "checkpoints",
    "classify",
    "classify_many",
    "cluster",
    "embed",
    "models",
    "propose_edits",
    "refine",
    "regress",
    "review_samples",
    "segment",
    "segment_many",
    "similarity",
    "suggest_samples",
    "superresolve",
    "teach",
    "threshold_change",
    "train",
]
