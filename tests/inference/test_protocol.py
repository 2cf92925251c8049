from __future__ import annotations

import io
import json

import pytest

from geofm.inference import protocol
from geofm.inference.errors import Crashed, Internal, InvalidRequest, ModelMissing, from_wire
from geofm.inference.protocol import LINE_LIMIT, BadMessage, TooLong


def test_a_request_comes_back_as_it_was_sent() -> None:
    params = {"job": {"output": "/daten/Öde & Wälder/地图.tif", "n": 3, "f": 0.1, "none": None}}
    line = protocol.encode(protocol.request(7, "run", params))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    request = protocol.parse_request(protocol.decode(line))
    assert (request.id, request.method, request.params) == (7, "run", params)


@pytest.mark.parametrize(
    "text", ["two\nlines", "carriage\rreturn", "line\u2028separator", "\ud800 alone", "\0"]
)
def test_no_text_breaks_the_framing(text: str) -> None:
    sent = protocol.encode(protocol.notification("log", {"message": text})) * 2
    got = [protocol.decode(line) for line in protocol.lines(io.BytesIO(sent)) if line is not None]
    assert [message["params"]["message"] for message in got] == [text, text]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", protocol.PARSE_ERROR),
        (b"not json", protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": 1', protocol.PARSE_ERROR),
        (b"\xff\xfe\x00", protocol.PARSE_ERROR),
        (b"[" * 200_000, protocol.PARSE_ERROR),
        (b'{"a":' * 100_000, protocol.PARSE_ERROR),
        (b"1" * 10_000, protocol.PARSE_ERROR),
        (b"[1, 2]", protocol.INVALID_REQUEST),
        (b"null", protocol.INVALID_REQUEST),
        (b'"run"', protocol.INVALID_REQUEST),
    ],
)
def test_what_is_no_message_is_told_so(line: bytes, code: int) -> None:
    with pytest.raises(BadMessage) as caught:
        protocol.decode(line)
    assert caught.value.code == code
    assert caught.value.request_id is None


@pytest.mark.parametrize(
    ("message", "code", "answered"),
    [
        ({"id": 1, "method": "run"}, protocol.INVALID_REQUEST, 1),
        ({"jsonrpc": "1.0", "id": "a", "method": "run"}, protocol.INVALID_REQUEST, "a"),
        ({"jsonrpc": "2.0", "id": 1}, protocol.INVALID_REQUEST, 1),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, protocol.INVALID_REQUEST, 1),
        ({"jsonrpc": "2.0", "id": 1, "method": "run", "params": [1]}, InvalidRequest.code, 1),
        ({"jsonrpc": "2.0", "id": True, "method": "run"}, protocol.INVALID_REQUEST, None),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "run"}, protocol.INVALID_REQUEST, None),
        ({"jsonrpc": "2.0", "id": {}, "method": "run"}, protocol.INVALID_REQUEST, None),
        ({"jsonrpc": "2.0", "id": "x" * 1000, "method": "run"}, protocol.INVALID_REQUEST, None),
    ],
)
def test_a_malformed_request_is_answered_to_its_sender(message: object, code: int, answered: object) -> None:
    with pytest.raises(BadMessage) as caught:
        protocol.parse_request(message)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.request_id) == (code, answered)


def test_a_line_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    bare = len(protocol.encode(protocol.notification("log", {"message": ""})))
    fits = protocol.notification("log", {"message": "x" * (LINE_LIMIT - bare)})
    assert len(protocol.encode(fits)) == LINE_LIMIT
    (line,) = protocol.lines(io.BytesIO(protocol.encode(fits)))
    assert line is not None
    fits["params"]["message"] += "x"
    with pytest.raises(TooLong):
        protocol.encode(fits)


def test_a_line_beyond_the_limit_is_skipped_and_the_next_is_read() -> None:
    stream = io.BytesIO(b"before\n" + b"x" * (3 * LINE_LIMIT + 5) + b"\nafter\n")
    assert list(protocol.lines(stream)) == [b"before", None, b"after"]


def test_a_cut_last_line_is_dropped() -> None:
    assert list(protocol.lines(io.BytesIO(b'{"a":1}\n{"jsonrpc":'))) == [b'{"a":1}']
    assert list(protocol.lines(io.BytesIO(b"x" * 30), limit=10)) == [None]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_json_cannot_say_is_not_sent(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        protocol.encode(protocol.answer(1, {"value": value}))


def test_an_error_keeps_its_class_its_hint_and_the_end_of_its_detail() -> None:
    error = ModelMissing("No weights.", "Fetch them.", "x" * 100_000 + "the end")
    message = json.loads(protocol.encode(protocol.failure(3, error)))
    rebuilt = from_wire(message["error"])
    assert type(rebuilt) is ModelMissing
    assert (rebuilt.message, rebuilt.hint) == ("No weights.", "Fetch them.")
    assert rebuilt.detail.endswith("the end")
    assert len(rebuilt.detail) < 25_000


@pytest.mark.parametrize("error", [Internal("a" * 5_000_000, "b" * 5_000_000, "c" * 5_000_000), Crashed("x")])
def test_every_error_fits_a_line(error: Internal) -> None:
    assert len(protocol.encode(protocol.failure(1, error))) < LINE_LIMIT


def test_progress_of_any_length_fits_a_line() -> None:
    assert len(protocol.encode(protocol.progress(1, "s" * LINE_LIMIT, 1, 2, "é" * LINE_LIMIT))) < 20_000
