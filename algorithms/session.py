"""The one engine as QGIS uses it: started with QGIS's network settings, watched for feedback."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from qgis.core import QgsProcessingFeedback

from ..inference import environment, places
from ..inference.client import Engine, EngineSettings, Progress, shared_engine
from ..inference.environment import networks, options
from ..inference.errors import GeoFMError
from ..inference.jobs import Job, Result
from . import hub_token
from .network import network_options
from .text import duration, tr

_LOOK_EVERY = 0.1
_SAY_EVERY = 10.0


def trouble() -> GeoFMError | None:
    """Why nothing can run; None if the engine is installed."""
    try:
        environment.engine_python()
    except GeoFMError as error:
        return error
    return None


def engine() -> Engine:
    """The engine that the dock, the toolbox and scripts share."""
    wanted = networks.completed(options.load(), network_options())
    variables = {**networks.network_variables(wanted, os.environ), **places.home_variables()}
    found = shared_engine(EngineSettings(environment=variables))
    found.authorize(hub_token.token())
    return found


@dataclass(frozen=True)
class Share:
    """Which of several runs a run is: its progress fills that part of the bar, and only forwards."""

    index: int = 0
    count: int = 1

    def percent(self, fraction: float) -> float:
        """Of all runs, when so much of this one is done."""
        return 100.0 * (self.index + fraction) / self.count


ALONE = Share()


def run(job: Job, feedback: QgsProcessingFeedback, share: Share = ALONE) -> Result:
    """Run a job to its end, telling ``feedback`` what happens; cancels when it says so.

    Raises:
        GeoFMError: what the engine or the client raised; ``Cancelled`` after a cancel.
    """
    watch = _Watch(feedback, share)
    task = engine().submit(job, watch.heard)
    finished = cancelled = False
    try:
        while not finished:
            finished = task.wait(_LOOK_EVERY)
            watch.tell()
            if feedback.isCanceled() and not cancelled:
                cancelled = True
                task.cancel()
    finally:
        # A KeyboardInterrupt in a script must not leave the engine at work.
        if not finished:
            task.cancel()
    result = task.job_result()
    _report(result, feedback)
    feedback.setProgress(share.percent(1.0))
    return result


def _report(result: Result, feedback: QgsProcessingFeedback) -> None:
    for warning in result.warnings:
        feedback.pushWarning(warning)
    feedback.pushInfo(tr("Model: {}").format(result.model))
    feedback.pushInfo(tr("Device: {}. {}").format(result.device, result.device_reason))
    if "threshold" in result.facts:
        value, why = result.facts["threshold"], result.facts.get("threshold_reason", "")
        feedback.pushInfo(tr("Threshold: {}. {}").format(f"{value:.3g}", why))
    speed = result.pixels / result.seconds if result.seconds else 0.0
    feedback.pushInfo(
        tr("{} pixels in {}, {} a second.").format(
            f"{result.pixels:,}", duration(result.seconds), f"{speed:,.0f}"
        )
    )


class _Watch:
    """Passes progress from the client's reader thread to the algorithm's thread."""

    def __init__(self, feedback: QgsProcessingFeedback, share: Share) -> None:
        self._feedback = feedback
        self._share = share
        self._highest = share.percent(0.0)
        self._latest: Progress | None = None
        self._told: Progress | None = None
        self._stage = ""
        self._said_at = 0.0

    def heard(self, progress: Progress) -> None:
        """Called on the reader thread; replacing one reference needs no lock."""
        self._latest = progress

    def tell(self) -> None:
        """Called on the algorithm's thread, whose feedback it is."""
        progress = self._latest
        if progress is None or progress is self._told:
            return
        self._told = progress
        percent = self._share.percent(progress.fraction)
        if self._share != ALONE:
            # A run alone shows its stages one after the other; over many that would look like going back.
            percent = self._highest = max(percent, self._highest)
        self._feedback.setProgress(percent)
        if progress.stage != self._stage:
            self._stage, self._said_at = progress.stage, time.monotonic()
            self._feedback.setProgressText(_sentence(progress))
        elif progress.seconds_left and time.monotonic() - self._said_at > _SAY_EVERY:
            self._said_at = time.monotonic()
            self._feedback.pushInfo(tr("About {} left.").format(duration(max(1.0, progress.seconds_left))))


def _sentence(progress: Progress) -> str:
    title = stage_title(progress.stage)
    return tr("{}: {}").format(title, progress.message) if progress.message else title


def stage_title(stage: str) -> str:
    """A stage of the engine in the user's words."""
    titles = {
        "start": tr("Starting the engine"),
        "fetch": tr("Fetching the model's weights"),
        "load": tr("Loading the model"),
        "statistics": tr("Getting to know the image"),
        "pair": tr("Getting to know the differences"),
        "sample": tr("Taking a sample of the image"),
        "samples": tr("Reading the samples"),
        "encode": tr("Encoding"),
        "fit": tr("Learning"),
        "validate": tr("Checking the accuracy"),
        "embed": tr("Computing features"),
        "segment": tr("Mapping"),
        "regress": tr("Measuring"),
        "superresolve": tr("Refining"),
        "classify": tr("Mapping"),
        "cluster": tr("Mapping"),
        "similarity": tr("Comparing"),
        "compare": tr("Comparing the dates"),
        "mask": tr("Marking the changes"),
        "classes": tr("Looking for the classes"),
        "refine": tr("Applying what is known"),
        "count": tr("Counting what changed"),
        "polygons": tr("Drawing polygons"),
    }
    return titles.get(stage, stage)
