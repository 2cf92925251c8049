"""Choose where to compute: the best device, the processor, or one GPU of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QStandardItemModel
from qgis.PyQt.QtWidgets import QComboBox

from ..algorithms.parameters import DEVICES
from ..algorithms.text import tr
from .settings import Settings
from .widgets import narrow_combo, select

_KEY = "device"
_ANY_GPU = "cuda"
_MEMORY = 2**30  # as makers of GPUs count it


def device_title(name: str) -> str:
    """A device in the users' words, as long as nobody has looked what it is."""
    titles = {"auto": tr("Best device"), "cpu": tr("CPU"), _ANY_GPU: tr("GPU (CUDA)")}
    return titles.get(name, tr("GPU {}").format(name))


def chosen_device(settings: Settings) -> str:
    """The device of the last choice, as the parameter DEVICE takes it."""
    name = settings.text(_KEY)
    return name if name in DEVICES else DEVICES[0]


class DeviceChoice(QComboBox):
    """Remembers the choice; knows GPUs by name once the engine has told of them.

    A GPU that was chosen stays chosen where it is not to be seen: a run on it then says why it cannot be
    used, which is better than another device in silence.
    """

    # The list is opened: what it says should be true now.
    opened = pyqtSignal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        narrow_combo(self)
        self.show_gpus(())
        self.activated.connect(lambda: settings.set(_KEY, self.name()))

    def name(self) -> str:
        """The DEVICE parameter."""
        return str(self.currentData())

    def show_gpus(self, gpus: Iterable[Mapping[str, Any]], reason: str = "") -> None:
        """List GPUs, those that do not work with the reason.

        Args:
            gpus: as the engine's call ``devices`` tells of them.
            reason: why the best device is the one that it is.
        """
        chosen = chosen_device(self._settings)
        self.clear()
        for name in DEVICES[:2]:
            self.addItem(device_title(name), name)
        known = tuple(gpus)
        for gpu in known:
            self._add_gpu(gpu)
        for name in () if known and chosen != _ANY_GPU else (_ANY_GPU,):
            self.addItem(device_title(name), name)
        if self.findData(chosen) < 0:
            self.addItem(device_title(chosen), chosen)
        self.setItemData(0, reason, Qt.ItemDataRole.ToolTipRole)
        select(self, chosen, DEVICES[0])
        plain = tr("Where to compute; the best device is the GPU if it can be used")
        self.setToolTip(f"{plain}\n{reason}" if reason else plain)

    def _add_gpu(self, gpu: Mapping[str, Any]) -> None:
        total = f"{gpu['total'] / _MEMORY:.0f}"
        if not gpu["fault"]:
            free = f"{gpu['free'] / _MEMORY:.0f}"
            self.addItem(tr("{}, {} of {} GB free").format(gpu["name"], free, total), gpu["device"])
            words = f"{gpu['device']}: {gpu['name']}"
        else:
            self.addItem(tr("{}: cannot be used").format(gpu["name"]), gpu["device"])
            words = f"{gpu['name']}: {gpu['fault']}."
        last = self.count() - 1
        self.setItemData(last, words, Qt.ItemDataRole.ToolTipRole)
        items = self.model()
        if isinstance(items, QStandardItemModel):
            # Enumerations have another number of GPUs than this machine may have.
            items.item(last).setEnabled(not gpu["fault"] and gpu["device"] in DEVICES)

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()
