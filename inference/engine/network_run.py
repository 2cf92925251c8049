"""What the tasks of complete networks share: the windows of a network over a raster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..catalog import Card
from ..jobs import Task
from ..wiring import AS_STORED
from .area import Area
from .backbones.onnx_network import OnnxNetwork
from .base import Mask
from .expectations import network_doubts, require_bytes
from .features.of_jobs import digest_of
from .grid import Window
from .mosaic import Mosaic
from .rasters import Stack
from .regions import Region
from .run import Run
from .tiling import Tiling


@dataclass(frozen=True)
class NetworkRun:
    """A network under way over a job's inputs.

    Attributes:
        card, network: the job's model.
        stack, area: what it reads, and which part of that.
        chosen: indices of the bands it takes.
        mosaic: puts its answers together.
    """

    card: Card
    network: OnnxNetwork
    stack: Stack
    area: Area
    chosen: tuple[int, ...]
    tiling: Tiling
    mosaic: Mosaic

    @classmethod
    @contextmanager
    def open(cls, run: Run, task: Task) -> Iterator[NetworkRun]:
        """Get the job's network and inputs ready.

        Raises:
            UnsupportedInput: if the model does not serve the task or the inputs do not fit it.
        """
        card = run.card(task)
        with (
            run.stack(run.job.inputs, stored=card.units in AS_STORED) as stack,
            cls.over(run, card, stack, run.area(stack)) as made,
        ):
            yield made

    @classmethod
    @contextmanager
    def over(cls, run: Run, card: Card, stack: Stack, area: Area) -> Iterator[NetworkRun]:
        """Get a network ready for rasters that are open.

        Raises:
            UnsupportedInput: if they do not fit it.
        """
        network: OnnxNetwork = run.model(card)
        chosen = network.select(stack.bands)
        require_bytes(card, stack, chosen)
        sides = network.window, network.halo, network.stride, network.blend, network.margin
        tiling = Tiling(stack.grid.window, *sides)
        with Mosaic(network, tiling, run.context, run.job.batch) as mosaic:
            yield cls(card, network, stack, area, chosen, tiling, mosaic)

    @property
    def digest(self) -> str:
        """Of its weights."""
        return digest_of(self.card)

    def read(self, block: Window) -> tuple[Region, Mask] | None:
        """What a block's answers need, and where they are wanted; None where nowhere."""
        region, wanted = self.around(block)
        return (region, wanted) if wanted.any() else None

    def around(self, block: Window) -> tuple[Region, Mask]:
        """What a block's answers need, and where they are wanted."""
        region = Region.read(self.stack, self.tiling.around(block), self.chosen)
        return region, region.inside(self.area, block)

    def warnings(self) -> list[str]:
        """Sentences about the inputs and whether they fit the network."""
        return [*self.stack.warnings, *network_doubts(self.card, self.stack, self.chosen)]
