"""The engine alone on the wire: whatever is sent to it, one answer a call."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.environment.variables import child_environment

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "inference" / "engine" / "__main__.py"
QUICK = ("models.verify", {"model": "spectral-texture"})

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


class _Wire:
    """The engine's bare stdin and stdout."""

    def __init__(self, python: Path) -> None:
        self.process = subprocess.Popen(
            [str(python), "-I", str(BOOTSTRAP)],
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def send(self, *messages: Any) -> None:
        for message in messages:
            self.stdin.write(message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n")
        self.stdin.flush()

    def get(self) -> dict[str, Any]:
        return json.loads(self.stdout.readline())

    def hello(self) -> None:
        self.send({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {"protocol": 1}})
        assert self.get()["result"]["protocol"] == 1


@pytest.fixture
def wire(engine_python: Path, scratch_home: Path) -> Iterator[_Wire]:
    wire = _Wire(engine_python)
    yield wire
    wire.process.kill()
    wire.process.wait()
    wire.stdin.close()
    wire.stdout.close()


def _call(request_id: Any, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


GARBAGE: list[tuple[Any, int, Any]] = [
    (b"garbage\n", -32700, None),
    (b"\n", -32700, None),
    (b"\x00\xff\xfe\x80\n", -32700, None),
    (b"[" * 500_000 + b"\n", -32700, None),
    (b"x" * (3 << 20) + b"\n", -32600, None),
    ([_call(1, "doctor")], -32600, None),
    ({"id": 4, "method": "doctor"}, -32600, 4),
    (_call({}, "doctor"), -32600, None),
    ({"jsonrpc": "2.0", "id": 5, "method": "doctor", "params": [1]}, -32602, 5),
    (_call(6, "no.such.method"), -32601, 6),
    (_call(7, "__init__"), -32601, 7),
    (_call(8, "run", job={"task": "embed"}), -32602, 8),
    (_call(9, "run"), -32602, 9),
    (_call(10, "models.fetch", model=["x"]), -32602, 10),
    (_call("", "initialize", protocol=99), -32602, ""),
    ({"jsonrpc": "2.0", "method": "run", "params": {}}, -32600, None),
]


def test_garbage_is_answered_and_survived(wire: _Wire) -> None:
    wire.hello()
    for sent, code, request_id in GARBAGE:
        wire.send(sent)
        answer = wire.get()
        assert (answer["error"]["code"], answer["id"]) == (code, request_id), sent if sent != b"" else ""
        assert answer["error"]["data"]["kind"] == "invalid_request"
        assert answer["error"]["message"].endswith(".")
    wire.send(_call(99, *QUICK[:1], **QUICK[1]))
    assert wire.get()["result"]["model"] == "spectral-texture"


def test_the_first_call_is_initialize_in_the_right_protocol(wire: _Wire) -> None:
    wire.send(_call(1, "doctor"), _call(2, "initialize", protocol=2), _call(3, "doctor"))
    answers = [wire.get() for _ in range(3)]
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert all(answer["error"]["data"]["kind"] == "invalid_request" for answer in answers)
    assert "protocol 1" in answers[1]["error"]["message"]


def test_an_id_in_use_is_refused_without_ending_the_first_call(wire: _Wire, slow_model: Any) -> None:
    wire.hello()
    wire.send(_call("a", "models.fetch", model=slow_model.id), _call("a", "doctor"))
    answers = []
    while not any("error" in answer for answer in answers):
        answers.append(wire.get())
    assert answers[-1]["id"] is None
    assert "'a'" in answers[-1]["error"]["message"]
    wire.send(_call("c", "cancel", id="a"))
    finals = []
    while len(finals) < 2:
        message = wire.get()
        if "method" not in message:
            finals.append(message)
    assert {(m["id"], m.get("error", {}).get("data", {}).get("kind")) for m in finals} == {
        ("a", "cancelled"),
        ("c", None),
    }
    wire.send(_call("d", "cancel", id="a"))
    assert wire.get()["result"] == {"cancelled": False}


def test_every_call_gets_exactly_one_answer(wire: _Wire) -> None:
    wire.hello()
    wire.send(*(_call(n, *QUICK[:1], **QUICK[1]) for n in range(50)))
    wire.send(*(_call(f"c{n}", "cancel", id=n) for n in range(0, 50, 3)), _call("end", "shutdown"))
    wire.stdin.close()
    messages = [json.loads(line) for line in wire.stdout]
    ids = [message["id"] for message in messages if "method" not in message]
    assert len(ids) == len(set(ids))
    assert set(ids) == {*range(50), *(f"c{n}" for n in range(0, 50, 3)), "end"}
    assert wire.process.wait(10) == 0


def test_shutdown_ends_it(wire: _Wire) -> None:
    wire.hello()
    wire.send(_call(1, "shutdown"))
    assert wire.get() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert wire.process.wait(10) == 0


@posix_only
def test_ctrl_c_in_the_terminal_does_not_end_it(wire: _Wire) -> None:
    wire.hello()
    wire.process.send_signal(signal.SIGINT)
    wire.send(_call(1, *QUICK[:1], **QUICK[1]))
    assert wire.get()["id"] == 1


def test_prints_and_reads_of_libraries_never_meet_the_wire(engine_python: Path) -> None:
    program = (
        "import os, runpy, sys\n"
        f"names = runpy.run_path({str(BOOTSTRAP)!r})\n"
        "wire_in, wire_out = names['_take_wire']()\n"
        "print('printed', flush=True); os.write(1, b'written'); os.system('echo from a child')\n"
        "assert sys.stdin.read() == '' and os.read(0, 1) == b''\n"
        "wire_out.write(b'wire:' + wire_in.readline()); wire_out.flush()\n"
    )
    done = subprocess.run(
        [str(engine_python), "-I", "-c", program], input=b"line\n", capture_output=True, check=True
    )
    assert done.stdout == b"wire:line\n"
    for text in (b"printed", b"written", b"from a child"):
        assert text in done.stderr


def test_nothing_but_the_package_and_the_environment_is_importable(wire: _Wire, engine_python: Path) -> None:
    program = (
        "import runpy, sys\n"
        f"runpy.run_path({str(BOOTSTRAP)!r})['_register_package']()\n"
        "import geofm\n"
        "print([place for place in sys.path if 'geofm' in place or place in ('', '.')])\n"
        f"print({str(ROOT.parent)!r} in sys.path, {str(ROOT)!r} in sys.path)\n"
    )
    answer = subprocess.run(
        [str(engine_python), "-I", "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.splitlines()[-1] == "False False"
