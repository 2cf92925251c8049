"""The session behind the page Teach: what is asked when, what comes of a failure, what is left at the end.

The engine's half stands in at its seam, so that its answers can be held back; tests/ui/test_teaching.py
has the real one.
"""

from __future__ import annotations

import itertools
import os
import threading

import pytest
from qgis.PyQt import sip

from geofm.algorithms import export
from geofm.inference.errors import Cancelled, Crashed, Internal, InvalidRequest, OutOfMemory
from geofm.inference.jobs import ClassInfo
from geofm.inference.teaching import Encoded, Label, Labelled, Opened, Preview
from geofm.ui.teaching import live as live_room
from geofm.ui.teaching.lesson import TRANSITIONS, Lesson, Look, Stage, StageError
from geofm.ui.teaching.live import Live
from geofm.ui.teaching.sight import Sight
from geofm.ui.teaching.words import state_line

CLASSES = (ClassInfo(1, "water", "#2060c0"), ClassInfo(2, "forest", "#206020"))
HERE, THERE = Sight((0.0, 0.0, 10.0, 10.0), 100, 100), Sight((10.0, 0.0, 20.0, 10.0), 100, 100)
LESSON = Lesson((), export.Wish(), "spectral-texture")


def label(name: str, value: int = 1) -> Label:
    return Label(name, value, {"type": "Point", "coordinates": [1.0, 1.0]})


class Engine:
    """What the engine would answer; each call waits while its gate is shut."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self.gates = {name: threading.Event() for name in ("start", "label", "encode", "preview")}
        for gate in self.gates.values():
            gate.set()
        self.failures: list[Exception] = []
        self.blocks, self.waiting = 4, 0
        self.opened: Opened | None = None
        self.threads: set[int] = set()
        self.cancelled = False

    def called(self, name: str, *about) -> None:
        self.calls.append((name, *about))
        self.threads.add(threading.get_ident())
        if name in self.gates:
            assert self.gates[name].wait(10)
        if self.failures and name == self.failures[0].of:
            raise self.failures.pop(0)

    def names(self) -> list[str]:
        return [call[0] for call in self.calls]

    def start(self, on_progress=None) -> Opened:
        self.called("start")
        self.done = dict.fromkeys((HERE.extent, THERE.extent), 0)
        transform = (0.0, 1.0, 0.0, 10.0, 0.0, -1.0)
        self.opened = Opened("s", "spectral-texture", "Spectral", "", transform, 20, 10, 10.0)
        return self.opened

    def label(self, classes, given=(), remove=()) -> Labelled:
        self.called("label", tuple(one.id for one in given), tuple(remove))
        return Labelled((), self.waiting)

    def encode(self, extent, milliseconds=200) -> Encoded:
        self.called("encode", extent, milliseconds)
        self.done[extent] = min(self.done[extent] + 1, 2 * self.blocks)
        seen, self.waiting = min(self.done[extent], self.blocks), 0
        return Encoded(seen, self.blocks, self.done[extent] - seen, self.blocks, 0)

    def preview(self, extent, width, height, path, **look) -> Preview:
        self.called("preview", extent, look)
        return Preview("", extent, width, height, 1.0, waiting=self.waiting)

    def close(self) -> None:
        self.called("close")

    def cancel(self) -> None:
        self.cancelled = True
        for gate in self.gates.values():
            gate.set()


def failing(name: str, error: Exception) -> Exception:
    error.of = name
    return error


@pytest.fixture
def engine(monkeypatch, qgis_app) -> Engine:
    made = Engine()
    monkeypatch.setattr(Lesson, "teaching", lambda lesson, folder, feedback: made)
    monkeypatch.setattr(live_room, "_CALM_MS", 0)
    return made


@pytest.fixture
def live(engine):
    made = Live()
    yield made
    made.close(wait=True)
    sip.delete(made)


@pytest.fixture
def ready(live, engine, qtbot) -> Live:
    """An open session that has encoded all there is."""
    live.watch(HERE)
    live.open(LESSON)
    qtbot.waitUntil(lambda: live.encoded is not None and live.encoded.done)
    engine.calls.clear()
    return live


def at_rest(live: Live, engine: Engine, qtbot) -> None:
    """Wait until nothing more is asked."""
    calls = -1
    while calls != len(engine.calls):
        calls = len(engine.calls)
        qtbot.wait(200)


@pytest.mark.parametrize(("here", "there"), list(itertools.permutations(Stage, 2)))
def test_a_stage_follows_another_only_where_the_table_says_so(live, here, there) -> None:
    live.stage = here
    if there in TRANSITIONS[here]:
        live._enter(there)
        assert live.stage is there
    else:
        with pytest.raises(StageError):
            live._enter(there)
    live.stage = Stage.CLOSED


def test_what_the_map_shows_is_encoded_first_then_around_it(live, engine, qtbot) -> None:
    stages = []
    live.changed.connect(lambda: stages.append((live.stage, state_line(live))))
    live.watch(HERE)
    live.open(LESSON)
    assert live.stage is Stage.OPENING
    qtbot.waitUntil(lambda: live.encoded is not None and live.encoded.done)
    assert (Stage.ENCODING, "Encoding what the map shows: 50 %") in stages
    slices = [call[2] for call in engine.calls if call[0] == "encode"]
    assert slices[: engine.blocks] == [200] * engine.blocks, "longer while a person waits"
    assert slices[engine.blocks :] == [50] * engine.blocks, "shorter when a click may come"
    assert live.stage is Stage.READY
    at_rest(live, engine, qtbot)
    assert len(engine.calls) == len([c for c in engine.calls if c[0] != "encode"]) + 8, "then it rests"
    assert engine.threads
    assert threading.get_ident() not in engine.threads, "the main thread never waits"


def test_a_label_is_sent_at_once_and_a_preview_follows(ready, engine, qtbot) -> None:
    heard = []
    ready.previewed.connect(heard.append)
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: bool(heard))
    assert engine.names() == ["label", "preview"]
    assert engine.calls[0] == ("label", ("a",), ())
    # Only what differs is sent.
    ready.teach(CLASSES, {"a": label("a", 2), "b": label("b")})
    qtbot.waitUntil(lambda: len(heard) == 2)
    ready.teach(CLASSES, {"b": label("b")})
    qtbot.waitUntil(lambda: len(heard) == 3)
    labels = [call[1:] for call in engine.calls if call[0] == "label"]
    assert labels == [(("a",), ()), (("a", "b"), ()), ((), ("a",))]


def test_the_newest_wins_and_one_is_under_way(ready, engine, qtbot) -> None:
    engine.gates["preview"].clear()
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: "preview" in engine.names())
    for name in "bcdef":
        ready.teach(CLASSES, {"a": label("a"), name: label(name)})
        qtbot.wait(5)
    assert engine.names() == ["label", "preview"]
    engine.gates["preview"].set()
    at_rest(ready, engine, qtbot)
    assert [call[1] for call in engine.calls if call[0] == "label"] == [("a",), ("f",)]
    assert engine.names() == ["label", "preview", "label", "preview"]


def test_a_moving_map_asks_when_it_rests(ready, engine, qtbot) -> None:
    for east in range(10):
        ready.watch(Sight((float(east), 0.0, 10.0 + east, 10.0), 100, 100))
        qtbot.wait(10)
    ready.watch(THERE)
    at_rest(ready, engine, qtbot)
    assert {call[1] for call in engine.calls} == {THERE.extent}
    assert engine.names()[0] == "preview", "what is encoded there is shown before the rest is made"
    assert engine.names().count("encode") == 8


def test_a_click_comes_before_what_lies_around(live, engine, qtbot) -> None:
    engine.blocks = 1000
    live.watch(HERE)
    live.open(LESSON)
    qtbot.waitUntil(lambda: engine.names().count("encode") > 3)
    engine.gates["encode"].clear()
    at_rest(live, engine, qtbot)
    live.teach(CLASSES, {"a": label("a")})
    asked = []
    live.ask(lambda teaching: teaching.called("review"), asked.append, asked.append)
    count = len(engine.calls)
    engine.gates["encode"].set()
    qtbot.waitUntil(lambda: bool(asked))
    assert engine.names()[count : count + 3] == ["label", "preview", "review"]


def test_labels_elsewhere_are_learned_from_once_they_are_encoded(ready, engine, qtbot) -> None:
    engine.waiting = 1
    engine.done[HERE.extent] = engine.blocks
    ready.teach(CLASSES, {"far": label("far")})
    qtbot.waitUntil(lambda: engine.names().count("preview") == 2)
    assert engine.names()[:4] == ["label", "preview", "encode", "preview"]


def test_a_changed_look_needs_no_label(ready, engine, qtbot) -> None:
    ready.show(Look(0.5, novelty=False))
    at_rest(ready, engine, qtbot)
    assert engine.calls == [("preview", HERE.extent, {"least_confidence": 0.5, "novelty": False})]


def test_held_back_it_asks_nothing(ready, engine, qtbot) -> None:
    ready.hold(True)
    ready.teach(CLASSES, {"a": label("a")})
    at_rest(ready, engine, qtbot)
    assert engine.calls == []
    ready.hold(False)
    qtbot.waitUntil(lambda: engine.names() == ["label", "preview"])


@pytest.mark.parametrize("error", [Crashed("The engine died."), Cancelled("The run was cancelled.")])
def test_a_session_that_is_gone_is_opened_again_by_itself(ready, engine, qtbot, error) -> None:
    engine.failures = [failing("label", error)]
    stages = []
    ready.changed.connect(lambda: stages.append(ready.stage))
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: "preview" in engine.names())
    assert engine.names()[:3] == ["label", "start", "preview"], "the client sends the labels at the start"
    assert Stage.OPENING in stages
    assert Stage.FAILED not in stages
    at_rest(ready, engine, qtbot)
    assert ready.stage is Stage.READY


def test_what_was_asked_when_it_died_is_asked_again(ready, engine, qtbot) -> None:
    engine.failures = [failing("review", Crashed("The engine died."))]
    asked = []
    ready.ask(lambda teaching: teaching.called("review") or "told", asked.append, asked.append)
    assert ready.asking
    qtbot.waitUntil(lambda: asked == ["told"])
    assert not ready.asking
    assert engine.names()[:2] == ["review", "start"]


def test_an_engine_that_dies_again_is_a_sentence_and_a_button(ready, engine, qtbot) -> None:
    engine.failures = [failing("label", Crashed("It died.")), failing("start", Crashed("It died again."))]
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: ready.stage is Stage.FAILED)
    assert state_line(ready) == "It died again."
    at_rest(ready, engine, qtbot)
    assert engine.names() == ["label", "start"]
    ready.open(LESSON)
    qtbot.waitUntil(lambda: ready.stage is Stage.READY)
    assert ready.error is None


def test_an_image_that_cannot_be_opened_says_why(live, engine, qtbot) -> None:
    engine.failures = [failing("start", OutOfMemory("Not even the smallest batch fits.", "Close others."))]
    live.watch(HERE)
    live.open(LESSON)
    qtbot.waitUntil(lambda: live.stage is Stage.FAILED)
    assert "smallest batch" in state_line(live)
    assert "Close others" in state_line(live)


def test_a_label_that_is_refused_ends_nothing(ready, engine, qtbot) -> None:
    engine.failures = [failing("label", InvalidRequest("The label a has no geometry."))]
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: ready.error is not None)
    assert ready.stage is Stage.READY
    assert state_line(ready) == "The label a has no geometry."
    ready.teach(CLASSES, {"a": label("a"), "b": label("b")})
    qtbot.waitUntil(lambda: engine.names()[-1] == "preview")
    assert engine.calls[-2] == ("label", ("a", "b"), ()), "it is tried again with the next"
    assert ready.error is None


def test_its_end_leaves_nothing(ready, engine, qtbot) -> None:
    folder, heard = ready.folder, []
    assert os.path.isdir(folder)
    engine.gates["preview"].clear()
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: "preview" in engine.names())
    ready.previewed.connect(heard.append)
    ready.close()
    assert ready.stage is Stage.CLOSED
    assert engine.cancelled
    qtbot.waitUntil(lambda: not os.path.exists(folder))
    assert engine.names()[-1] == "close"
    assert heard == [], "an answer that comes late is not heard"
    ready.close()


def test_another_lesson_begins_anew_with_the_same_labels(ready, engine, qtbot) -> None:
    ready.teach(CLASSES, {"a": label("a")})
    qtbot.waitUntil(lambda: "label" in engine.names())
    engine.calls.clear()
    ready.open(LESSON)
    qtbot.waitUntil(lambda: "preview" in engine.names())
    # The first session closes on its own thread, beside the second.
    assert [name for name in engine.names() if name != "close"][:3] == ["start", "label", "preview"]
    assert ("label", ("a",), ()) in engine.calls


def test_a_defect_is_an_error_and_not_silence(ready, qtbot) -> None:
    asked = []
    ready.ask(lambda teaching: teaching.no_such_thing(), asked.append, asked.append)
    qtbot.waitUntil(lambda: bool(asked))
    assert isinstance(asked[0], Internal)
    assert "Traceback" in asked[0].detail
