"""What all algorithms share: parameters -> job -> the engine -> results.

Layers are touched in prepareAlgorithm alone, which QGIS calls on the thread they live on; the
rest runs in whatever thread QGIS chose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qgis.core import (
    NULL,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFileDestination,
    QgsProcessingUtils,
    QgsReferencedRectangle,
)
from qgis.PyQt.QtGui import QIcon

from ..inference.catalog import BareNetwork, default_catalog
from ..inference.errors import GeoFMError, present
from ..inference.jobs import Job, Result, Task, main_output
from . import export, parameters, reading, samples, session
from .layers import RasterSource, checked_date
from .styles import Role, style_on_load
from .text import ICONS, help_page, help_url, tr


@dataclass(frozen=True)
class Group:
    """A folder of the toolbox."""

    id: str
    title: Callable[[], str]


MAP = Group("map", lambda: tr("Map"))
TEACH = Group("teach", lambda: tr("Teach"))
CHANGE = Group("change", lambda: tr("Change"))
FEATURES = Group("features", lambda: tr("Features"))


@dataclass(frozen=True)
class Number:
    """A number that an algorithm answers beside its files.

    Attributes:
        name: name of the Processing output.
        title: what it is.
        fact: entry of :attr:`geofm.inference.jobs.Result.facts` that holds it; dots lead inside.
    """

    name: str
    title: Callable[[], str]
    fact: str


@dataclass
class Plan:
    """What was found out about a run before it, complete but for the files still to be written."""

    inputs: list[RasterSource]
    after: list[RasterSource]
    labelled: samples.SampleSource | None
    area: samples.SampleSource | None
    extent: QgsReferencedRectangle | None
    resolution: float | None
    fields: dict[str, Any] = field(default_factory=dict)
    to_load: dict[str, Any] = field(default_factory=dict)


class GeoFMAlgorithm(QgsProcessingAlgorithm):
    """What the toolbox shows of each of GeoFM's algorithms.

    Attributes:
        failure: the typed error of the last run, which a QgsProcessingException cannot carry.
    """

    folder: Group = MAP

    def __init__(self) -> None:
        super().__init__()
        self.failure: GeoFMError | None = None

    def group(self) -> str:
        return self.folder.title()

    def groupId(self) -> str:
        return self.folder.id

    def icon(self) -> QIcon:
        return QIcon(str(ICONS / f"{self.folder.id}.svg"))

    def svgIconPath(self) -> str:
        return str(ICONS / f"{self.folder.id}.svg")

    def shortHelpString(self) -> str:
        return help_page(self.name())

    def helpUrl(self) -> str:
        return help_url(self.name())

    def createInstance(self) -> GeoFMAlgorithm:
        return type(self)()

    def _failed(
        self, error: GeoFMError, feedback: QgsProcessingFeedback
    ) -> QgsProcessingException:
        """Remember the error, log its detail and answer what Processing shows."""
        self.failure = error
        if error.detail:
            feedback.pushDebugInfo(error.detail)
        return QgsProcessingException(str(error))


class JobAlgorithm(GeoFMAlgorithm):
    """A Processing algorithm that runs one job of the engine.

    Subclasses say which task it is, declare their parameters and read those that only they have.

    Attributes:
        result: the engine's answer to the last run.
    """

    task: Task
    inputs_name = "INPUT"
    after_name = ""
    samples_name = ""
    roles: Mapping[str, Role] = {}
    numbers: Sequence[Number] = ()

    def __init__(self) -> None:
        super().__init__()
        self.result: Result | None = None
        self._plan: Plan | None = None

    def name(self) -> str:
        return self.task.value

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for parameter in self.own_parameters():
            self.addParameter(parameter)
        self._add_outputs()

    def _add_outputs(self) -> None:
        self.addOutput(QgsProcessingOutputString("MODEL_USED", tr("Model that was used")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device that was used")))
        self.addOutput(QgsProcessingOutputNumber("PIXELS", tr("Pixels computed")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds it took")))
        for number in self.numbers:
            self.addOutput(QgsProcessingOutputNumber(number.name, number.title()))

    def own_parameters(self) -> list[Any]:
        """The algorithm's parameters, in the order in which dialogs show them."""
        raise NotImplementedError

    def titles(self) -> dict[str, str]:
        """What each layer or file is that a run makes, by the name of its output."""
        return {one.name(): one.description() for one in self.destinationParameterDefinitions()}

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        """The fields of the job that only this task has."""
        return {"model": self.parameterAsString(values, "MODEL", context).strip()}

    def canExecute(self) -> tuple[bool, str]:
        self.failure = session.trouble()
        return self.failure is None, str(self.failure or "")

    def checkParameterValues(
        self, values: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[bool, str]:
        self.failure = None
        try:
            values = self._opened(values, context)
        except GeoFMError as error:
            self.failure = error
            return False, str(error)
        fits, sentence = super().checkParameterValues(values, context)
        try:
            self._check(values, context)
        except GeoFMError as error:
            self.failure = error
            return False, str(error)
        return fits, sentence

    def _check(self, values: dict[str, Any], context: QgsProcessingContext) -> None:
        """What can be said of the parameters before a run, in better words than Processing's."""
        self._check_layers(values, context)
        for name in ("DATE", "DATE_AFTER"):
            if self._has(name):
                checked_date(self.parameterAsString(values, name, context).strip())
        if self._has("MODEL"):
            # An ONNX file without a card may say all that it takes; only the engine can look into it.
            with suppress(BareNetwork):
                default_catalog().get(self.parameterAsString(values, "MODEL", context).strip())

    def _opened(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        """The parameters with datasets within files as layers."""
        names = {self.inputs_name, self.after_name} & set(values)
        return {**values, **{name: reading.opened(values[name], context) for name in names}}

    def _check_layers(self, values: dict[str, Any], context: QgsProcessingContext) -> None:
        for name in (self.inputs_name, self.after_name):
            reading.check_layers(reading.opened(values.get(name), context), context)

    def prepareAlgorithm(
        self,
        values: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        self.failure = self.result = None
        try:
            for name in (self.inputs_name, self.after_name):
                for sentence in reading.left_out(values.get(name)):
                    feedback.pushWarning(sentence)
            self._plan = self._read(values, context)
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        return True

    def processAlgorithm(
        self,
        values: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        plan = present(self._plan)
        # In a background task this context is another than prepareAlgorithm's, and the one whose
        # layers QGIS loads in the end.
        context.setLayersToLoadOnCompletion(plan.to_load)
        try:
            self.result = self._carried_out(plan, feedback)
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        return self._answers(self.result)

    def _carried_out(
        self, plan: Plan, feedback: QgsProcessingFeedback, share: session.Share = session.ALONE
    ) -> Result:
        """Copy what is no file, run the job, remove the copies."""
        fields = dict(plan.fields)
        exported: list[Path] = []
        with TemporaryDirectory(prefix="geofm-", dir=QgsProcessingUtils.tempFolder()) as folder:
            reach = plan.extent or reading.reach(plan.area)
            wish = export.Wish(reach, plan.resolution, (*plan.inputs, *plan.after))
            try:
                for name, sources in (("inputs", plan.inputs), ("after", plan.after)):
                    fields[name] = tuple(
                        export.materialise(source, wish, folder, feedback) for source in sources
                    )
                for features in (plan.labelled, plan.area):
                    if features is not None:
                        fields[features.role] = samples.materialise(features, fields["output"], feedback)
                        exported += [] if features.ref else [Path(fields[features.role].path)]
                job = Job(task=self.task, extent=reading.job_extent(plan.extent), **fields)
                return session.run(job, feedback, share)
            except GeoFMError:
                for path in exported:
                    path.unlink(missing_ok=True)
                raise

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        if self.result is not None:
            style_on_load(self.result, self.roles, context)
        return {}

    def _read(self, values: dict[str, Any], context: QgsProcessingContext) -> Plan:
        """Everything about the run, from the parameters; the only place that touches layers."""
        values = self._opened(values, context)
        inputs = reading.layers(self, values, self.inputs_name, context)
        after = reading.layers(self, values, self.after_name, context) if self.after_name else []
        inputs, after = reading.stated(self, values, inputs, after, context)
        labelled = None
        if self.samples_name and self._wanted(self.samples_name, values):
            name = self.parameterAsString(values, "FIELD", context) if self._has("FIELD") else ""
            labelled = samples.sample_source(self, values, self.samples_name, name, context)
        area = None
        if self._has("AREA") and self._wanted("AREA", values):
            area = samples.sample_source(self, values, "AREA", "", context, samples.AREA)
        fields = self.job_fields(values, context)
        if self._has("DEVICE"):
            fields["device"] = self.parameterAsEnumString(values, "DEVICE", context)
        if self._has("GRID"):
            fields["grid"] = self.parameterAsEnumString(values, "GRID", context)
        fields.update(self._paths(values, context, inputs))
        extent = reading.extent(self, values, inputs[0].crs, context) if self._has("EXTENT") else None
        resolution = parameters.number_or_none(self, values, "RESOLUTION", context)
        to_load = context.layersToLoadOnCompletion()
        return Plan(inputs, after, labelled, area, extent, resolution, fields, to_load)

    def _paths(
        self, values: dict[str, Any], context: QgsProcessingContext, inputs: Sequence[RasterSource]
    ) -> dict[str, str]:
        """Where the job shall write, by the job's names."""
        found = {}
        for definition in self.destinationParameterDefinitions():
            is_file = isinstance(definition, QgsProcessingParameterFileDestination)
            read = self.parameterAsFileOutput if is_file else self.parameterAsOutputLayer
            path = read(values, definition.name(), context)
            if path:
                main = definition.name() == main_output(self.task)
                role = "output" if main else definition.name().lower()
                found[role] = reading.checked_path(definition, path)
        return found

    def _wanted(self, name: str, values: dict[str, Any]) -> bool:
        """Whether a parameter has a value, or cannot do without one."""
        optional = QgsProcessingParameterDefinition.Flag.FlagOptional
        return values.get(name) not in (None, "", NULL) or not (
            self.parameterDefinition(name).flags() & optional
        )

    def _has(self, name: str) -> bool:
        return self.parameterDefinition(name) is not None

    def _answers(self, result: Result) -> dict[str, Any]:
        answers = {**result.outputs, **facts_of([result])}
        for number in self.numbers:
            value: Any = result.facts
            for part in number.fact.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if value is not None:
                answers[number.name] = value
        return answers


def facts_of(results: Sequence[Result]) -> dict[str, Any]:
    """The outputs that tell how one or many runs went."""
    return {
        "MODEL_USED": results[0].model,
        "DEVICE_USED": results[0].device,
        "PIXELS": sum(result.pixels for result in results),
        "SECONDS": sum(result.seconds for result in results),
    }
