"""The dock's box of devices: GPUs by name and memory, those that fail with the reason, the choice kept."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.algorithms.parameters import DEVICES, device
from geofm.ui.device_choice import DeviceChoice, chosen_device
from geofm.ui.settings import Settings
from geofm.ui.state import Page

GB = 2**30
TIP = Qt.ItemDataRole.ToolTipRole
KERNEL = "CUDA error: no kernel image is available"


def _gpu(number: int, name: str, free: float, total: float, fault: str = "") -> dict[str, Any]:
    memory = {"free": int(free * GB), "total": int(total * GB)}
    return {"device": f"cuda:{number}", "name": name, "compute_capability": "8.6", "fault": fault, **memory}


TWO = (_gpu(0, "NVIDIA GeForce GTX 1050 Ti", 3.4, 4), _gpu(1, "NVIDIA GeForce RTX 4060", 7, 8))


@pytest.fixture
def box(settings, qgis_app):
    made = DeviceChoice(Settings())
    yield made
    made.deleteLater()


def _rows(box: DeviceChoice) -> list[tuple[str, str]]:
    return [(box.itemData(row), box.itemText(row)) for row in range(box.count())]


def test_before_the_engine_has_told_there_are_kinds_of_devices(box) -> None:
    assert _rows(box) == [("auto", "Best device"), ("cpu", "CPU"), ("cuda", "GPU (CUDA)")]
    assert box.name() == "auto"


def test_each_gpu_is_listed_with_its_memory_and_can_be_chosen(box, choose) -> None:
    box.show_gpus(TWO, "Of 2 GPUs it has the most free memory.")
    assert _rows(box) == [
        ("auto", "Best device"),
        ("cpu", "CPU"),
        ("cuda:0", "NVIDIA GeForce GTX 1050 Ti, 3 of 4 GB free"),
        ("cuda:1", "NVIDIA GeForce RTX 4060, 7 of 8 GB free"),
    ]
    assert box.itemData(0, TIP) == "Of 2 GPUs it has the most free memory."
    assert "most free memory" in box.toolTip()
    choose(box, "cuda:1")
    assert box.name() == chosen_device(Settings()) == "cuda:1"
    box.show_gpus(TWO)
    assert box.name() == "cuda:1"


def test_the_choice_is_kept_before_anybody_has_looked_and_where_the_gpu_is_gone(box, choose) -> None:
    box.show_gpus(TWO)
    choose(box, "cuda:1")
    later = DeviceChoice(Settings())
    assert (later.name(), later.currentText()) == ("cuda:1", "GPU cuda:1")
    later.show_gpus(TWO[:1])
    # A run on it will say why it cannot be used; it is not exchanged in silence.
    assert (later.name(), later.currentText()) == ("cuda:1", "GPU cuda:1")
    choose(later, "auto")
    later.show_gpus(TWO[:1])
    assert "cuda:1" not in [name for name, _ in _rows(later)]


def test_a_gpu_that_does_not_work_is_listed_with_the_reason_and_cannot_be_chosen(box) -> None:
    unseen = {**_gpu(0, "Unseen", 0, 8, "no CUDA"), "device": ""}
    box.show_gpus([_gpu(0, "Old", 0, 4, KERNEL), unseen, TWO[1]])
    rows = [(box.itemText(row), box.model().item(row).isEnabled()) for row in range(2, box.count())]
    assert rows[:2] == [("Old: cannot be used", False), ("Unseen: cannot be used", False)]
    assert rows[2][1]
    assert box.itemData(2, TIP) == f"Old: {KERNEL}."


def test_more_gpus_than_the_parameter_has_are_told_but_not_offered(box) -> None:
    box.show_gpus([_gpu(number, "NVIDIA H100", 79, 80) for number in range(9)])
    enabled = [box.model().item(row).isEnabled() for row in range(2, box.count())]
    assert enabled == [True] * 8 + [False]


def test_every_algorithm_takes_one_gpu_of_several() -> None:
    assert device().options() == list(DEVICES)
    assert {"auto", "cpu", "cuda", "cuda:0", "cuda:7"} <= set(DEVICES)


def test_opening_the_box_asks_the_engine_and_a_run_takes_what_is_chosen(
    dock, landsat, qtbot, monkeypatch, choose
) -> None:
    asked = []
    monkeypatch.setattr(dock, "_ask_device", lambda: asked.append(True))
    dock.run_panel.device.opened.emit()
    assert asked == [True]
    dock._on_device({"memory": 8 * GB, "gpus": list(TWO), "reason": "Because."})
    choose(dock.run_panel.device, "cuda:1")
    (step, *_) = dock.map_page.request(dock.run_panel.device_name()).steps
    assert step.parameters["DEVICE"] == "cuda:1"
    dock._on_device({})
    assert dock.run_panel.device_name() == "cuda:1"


def test_what_is_open_asks_the_real_engine(dock, landsat, qtbot) -> None:
    dock.run_panel.device.showPopup()
    dock.run_panel.device.hidePopup()
    qtbot.waitUntil(lambda: dock._asking is None, timeout=60_000)
    assert dock.run_panel.device.itemData(0, TIP)


def test_live_teaching_computes_where_it_was_chosen(dock, landsat, scratch_home, qtbot, choose) -> None:
    dock.desk.model.show(Page.TEACH)
    page = dock.teach_page
    choose(page.model.combo, "spectral-texture")
    QTest.keyClicks(page.label_panel.classes.name, "water, forest")
    QTest.keyClick(page.label_panel.classes.name, Qt.Key.Key_Return)
    lessons = []
    page.classroom.live.open = lessons.append
    choose(dock.run_panel.device, "cpu")
    qtbot.waitUntil(lambda: bool(lessons), timeout=10_000)
    assert lessons[-1].device == "cpu"
