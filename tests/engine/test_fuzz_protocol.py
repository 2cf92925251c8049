"""Spoiled lines at the wire: no crash, no hang, exactly one typed answer each. ``make fuzz`` sends a million.

GEOFM_FUZZ_LINES and GEOFM_FUZZ_SEED choose how many lines of the first test, and which.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import protocol
from geofm.inference.client import Engine, Run
from geofm.inference.drafts import Draft
from geofm.inference.engine.weights.hub import give_token
from geofm.inference.engine.worker import Worker
from geofm.inference.environment.variables import child_environment
from geofm.inference.errors import GeoFMError
from geofm.inference.protocol import LINE_LIMIT, BadMessage

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from mutations import Spoiler, text  # noqa: E402

LINES = int(os.environ.get("GEOFM_FUZZ_LINES", "100000"))
SEED = int(os.environ.get("GEOFM_FUZZ_SEED", "7"))
PIPED = 20_000
VARIANTS = 4  # lines that one spoiled message is spoiled to as bytes
DIRECT = {"initialize", "authorize", "cancel", "shutdown"}
# They look at the machine for longer than a line may take, and take no entries.
SLOW = {"doctor", "devices"}
KINDS = {"invalid_request", "unsupported_input", "model_missing", "model_corrupt", "cancelled"}

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}
JOB = {
    "task": "segment", "inputs": [{"path": "no-such.tif", "names": ["red"], "nodata": 0}],
    "model": "ukis-csmask", "output": "no-such/map.tif",
    "extent": {"xmin": 0, "ymin": 0, "xmax": 9.5, "ymax": 9, "crs": "EPSG:32633"}, "min_area": 10.0,
    "polygons": "no-such/map.gpkg", "area": {"path": "no-such.gpkg"},
}  # fmt: skip
CHANGE = {
    "task": "change", "inputs": [{"path": "a.tif"}], "after": [{"path": "b.tif", "acquired": "2020-01-01"}],
    "output": "no-such/c.tif", "mask": "no-such/m.tif", "change": {"method": "irmad", "clouds": "off"},
}  # fmt: skip
REFINE = {
    "task": "refine", "inputs": [{"path": "a.tif"}, {"path": "dem.tif"}], "output": "no-such/r.tif",
    "changed": "no-such/x.tif", "knowledge": {"helpers": ["dem"], "rules": [{"of": "water", "becomes": "land",
        "when": {"call": ">", "of": [{"column": "dem@slope"}, {"value": 30}]}}]},
}  # fmt: skip
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("initialize", {"protocol": 1}),
    ("run", {"job": JOB}),
    ("run", {"job": CHANGE}),
    ("run", {"job": REFINE}),
    ("describe", {"raster": "no-such.tif", "bands": "red,green"}),
    ("models.verify", {"model": "spectral-texture"}),
    ("models.fetch", {"model": "galileo-nano"}),
    ("models.remove", {"model": "spectral-texture"}),
    ("models.inspect", {"file": "no-such.onnx", "output": "scores"}),
    ("models.inspect_training", {"config": "no-such.yaml", "checkpoint": "no-such.ckpt"}),
    ("models.convert", {"draft": Draft("no-such.ckpt", "terratorch").to_dict()}),
    ("cache.show", {}),
    ("cancel", {"id": 5}),
    ("authorize", {"token": "t"}),
    ("shutdown", {}),
    ("no.such", {"a": 1}),
    ("teach.open", {"inputs": [{"path": "no-such.tif"}], "model": "spectral-texture", "method": "fast"}),
    ("teach.label", {"session": "1", "classes": [{"value": 1, "name": "w", "color": "#000000"}],
                     "set": [{"id": "1", "value": 1, "geometry": SQUARE}], "remove": ["2"]}),
    ("teach.preview", {"session": "1", "extent": JOB["extent"], "width": 9, "height": 9, "path": "p.tif"}),
    ("teach.save", {"session": "1", "path": "no-such/x.geofm", "title": "x"}),
)  # fmt: skip


def messages() -> list[dict[str, Any]]:
    """A call of every kind, with ids of both types, and notifications."""
    made = [protocol.request(number, *call) for number, call in enumerate(CALLS)]
    made += [protocol.request(f"id {number}", *call) for number, call in enumerate(CALLS)]
    return made + [protocol.notification(*call) for call in CALLS]


def spoiled_lines(whole: list[dict[str, Any]], count: int, seed: int) -> Iterator[bytes]:
    """``count`` lines with their ends: spoiled messages, spoiled again as bytes."""
    spoiler = Spoiler(seed, whole)
    draw = spoiler.random
    other = b"".join(map(text, whole))
    made = 0
    while made < count:
        message = spoiler.value(draw.choice(whole), draw.choice((0, 0, 1, 1, 2, 4)))
        line = text(message, "id" if draw.randrange(20) == 0 else "")
        if draw.randrange(2500) == 0:
            line = _long(line, draw.choice((-2, -1, 0, 1, LINE_LIMIT)))
        # A line feed in it would make two lines of it.
        spoiled = (spoiler.data(line, other).replace(b"\n", b" ") for _ in range(VARIANTS))
        for one in islice(chain((line, text(spoiler.value(message))), spoiled), count - made):
            yield one + b"\n"
            made += 1


def _long(line: bytes, beyond: int) -> bytes:
    """A line whose end lies so many bytes beyond the limit, by spaces or by a text."""
    missing = LINE_LIMIT - 1 + beyond - len(line)
    return line.replace(b'{"', b'{"' + b"x" * missing, 1) if missing % 3 else line + b" " * missing


def silent(line: bytes) -> bool:
    """Whether a line is a notification that the engine follows without a word."""
    if len(line) > LINE_LIMIT:
        return False
    try:
        request = protocol.parse_request(protocol.decode(line))
    except BadMessage:
        return False
    if request.id is not None or request.method not in DIRECT:
        return False
    if request.method == "initialize":
        return bool(request.params.get("protocol") == protocol.PROTOCOL)
    return request.method != "authorize" or isinstance(request.params.get("token"), str)


def check_answer(message: dict[str, Any], kinds: set[str]) -> None:
    """A final answer as docs/protocol.md describes it."""
    assert message["jsonrpc"] == "2.0"
    assert ("result" in message) != ("error" in message)
    assert message["id"] is None or isinstance(message["id"], (int, str))
    if "error" in message:
        error = message["error"]
        assert isinstance(error["code"], int)
        assert error["data"]["kind"] in kinds, error
        assert error["message"].strip()
        assert error["message"] == error["message"].strip()


class _Here(Worker):
    """The engine's worker in this process: its own reading, dispatch and work, its answers kept."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.sent = io.BytesIO()
        super().__init__(_Lines(lines), self.sent)  # type: ignore[arg-type]
        self.lines = protocol.lines(self._in)

    def one(self) -> list[dict[str, Any]]:
        """Read one line and do all that follows from it; the answers.

        Raises:
            StopIteration: after the last line.
        """
        self._handle(next(self.lines))
        while self._queue:
            call = self._queue.popleft()
            if call.method in SLOW:
                self.wire.answer(call.id, {})
            else:
                self._work(call)
        self._stopping, self._ready = False, True
        data = self.sent.getvalue()
        self.sent.seek(0)
        self.sent.truncate()
        return [found for line in data.splitlines() if "method" not in (found := protocol.decode(line))]


class _Lines:
    """A stream of lines that are made as they are read; ``readline`` as a buffered stream has it."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._rest = b""

    def readline(self, limit: int) -> bytes:
        line = self._rest or next(self._lines, b"")
        self._rest = line[limit:]
        return line[:limit]


@pytest.fixture
def bare_home(scratch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No model on this machine, none in reach, and a working folder of its own."""
    monkeypatch.setenv("GEOFM_MODELS", "")
    monkeypatch.setenv("GEOFM_OFFLINE", "1")
    monkeypatch.setenv("GEOFM_DEVICE", "cpu")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.timeout(1800)
def test_every_spoiled_line_has_one_typed_answer(bare_home: Path) -> None:
    kept: list[bytes] = [b""]

    def lines() -> Iterator[bytes]:
        for line in spoiled_lines(messages(), LINES, SEED):
            kept[0] = line
            yield line

    here, told = _Here(lines()), Counter[str]()
    here._ready = True
    began = time.monotonic()
    slowest = 0.0
    for _ in range(LINES):
        start = time.monotonic()
        answers = here.one()
        slowest = max(slowest, time.monotonic() - start)
        assert len(answers) == (0 if silent(kept[0]) else 1), (kept[0][:500], answers)
        for answer in answers:
            check_answer(answer, KINDS)
            told[answer["error"]["data"]["kind"] if "error" in answer else "result"] += 1
    seconds = time.monotonic() - began
    give_token("")
    print(f"{LINES} lines in {seconds:.0f} s, the slowest in {slowest:.2f} s: {dict(told.most_common())}")
    assert sum(told.values()) > 0.9 * LINES
    assert {"result", "invalid_request", "unsupported_input", "model_missing"} <= set(told)
    assert list(bare_home.iterdir()) == []


def test_the_real_engine_answers_every_line_that_is_sent(bare_home: Path, engine_python: Path) -> None:
    whole = [message for message in messages() if message["method"] != "shutdown"]
    # A line that ends the engine, or keeps it looking at the machine, would end the test and not the engine.
    lines = [
        line for line in spoiled_lines(whole, PIPED, SEED + 1)
        if not any(f'"{name}"'.encode() in line for name in ("shutdown", *SLOW))
    ]  # fmt: skip
    hello = text(protocol.request("hello", "initialize", {"protocol": protocol.PROTOCOL})) + b"\n"
    last = text(protocol.request("the last", "models.verify", {"model": "spectral-texture"})) + b"\n"
    engine = subprocess.Popen(
        [str(engine_python), "-I", "-X", "utf8", str(ROOT / "inference" / "engine" / "__main__.py")],
        env=child_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert engine.stdin is not None
    assert engine.stdout is not None
    sender = threading.Thread(target=_send, args=(engine.stdin, [hello, *lines]), daemon=True)
    told = Counter[str]()
    try:
        sender.start()
        expected = 1 + sum(not silent(line) for line in lines)
        while told.total() < expected:
            _count(engine.stdout, told)
        sender.join()
        # Nothing waits any more: the queue has room for one call.
        _send(engine.stdin, [last])
        assert _count(engine.stdout, told)["id"] == "the last"
        assert engine.poll() is None
    finally:
        engine.kill()
        engine.wait()
    print(f"{len(lines)} lines through the pipe: {dict(told.most_common())}")
    assert list(bare_home.iterdir()) == []


def _send(stream: Any, lines: list[bytes]) -> None:
    for line in lines:
        stream.write(line)
    stream.flush()


def _count(stream: Any, told: Counter[str]) -> dict[str, Any]:
    """Read one message of the engine, and count it where it is an answer."""
    line = stream.readline()
    assert line, "The engine went away."
    message = protocol.decode(line)
    if "method" not in message:
        check_answer(message, KINDS)
        told[message["error"]["data"]["kind"] if "error" in message else "result"] += 1
    return message


def _ending(run: Run) -> str:
    """What a run came to: its result's type, or its error's kind."""
    try:
        return type(run.result()).__name__
    except GeoFMError as error:
        return error.kind if error.message else "without a message"


class _Silent:
    """An engine's process, as far as the client's reading looks at it."""

    def kill(self) -> None:
        pass


def test_whatever_an_engine_sends_the_client_goes_on() -> None:
    failed = protocol.failure(1, GeoFMError("It failed.", "Do so.", "detail"))
    whole = [
        protocol.answer(1, {"outputs": {"OUTPUT": "x.tif"}, "pixels": 3}),
        failed,
        protocol.progress(1, "compute", 3, 9, "words"),
        protocol.notification("log", {"level": "warning", "message": "words"}),
        protocol.answer("initialize", {"protocol": 1, "pid": 3}),
        protocol.failure("initialize", GeoFMError("It refused.")),
    ]
    engine, process = Engine(), _Silent()
    ended = Counter[str]()
    for line in spoiled_lines(whole, PIPED, SEED + 2):
        try:
            message = protocol.decode(line)
        except BadMessage:
            continue
        run = Run(1, lambda progress: progress.fraction, (), lambda run: None)
        engine._runs[1] = (run, process)  # type: ignore[assignment]
        engine._receive(process, message)  # type: ignore[arg-type]
        ended["open"] += not run.done()
        if run.done():
            ended[_ending(run)] += 1
    assert {"dict", "internal", "open"} <= set(ended)
    assert "without a message" not in ended
