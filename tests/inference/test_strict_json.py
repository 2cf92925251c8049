from __future__ import annotations

import json

import pytest

from geofm.inference.strict_json import DEEPEST, loads


@pytest.mark.parametrize(
    "value", [None, 0, -3, 1.5, 1e308, "é\ud800", [], {}, {"a": [1, {"b": None}]}, 10**299, [[0] * 3] * 90]
)
def test_json_is_read_as_it_is(value: object) -> None:
    assert loads(json.dumps(value).encode("ascii")) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"{} {}", "Extra data"),
        (b"\xff", "can't decode"),
        (b"\xed\xa0\x80", "can't decode"),
        (b"\xef\xbb\xbf{}", "Expecting value"),
        (b"[NaN]", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e999", "1e999 is too large a number"),
        (b"-1e999", "too large a number"),
        (b"1" * 301, "a number has 301 digits"),
        (b"1" * 1_000_000, "a number has 1000000 digits"),
        (b'{"a": 1, "b": {"a": 1, "a": 2}}', "an entry twice"),
        (b"[" * 101 + b"]" * 101, "100 levels"),
        (b'{"a":' * 101 + b"0" + b"}" * 101, "100 levels"),
        (b"[" * 1_000_000, "100 levels"),
    ],
)
def test_what_is_not_is_refused_in_words(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        loads(text)


def test_depth_is_counted_in_levels_not_in_brackets() -> None:
    assert loads(b"[" * DEEPEST + b"]" * DEEPEST)
    assert len(loads(b"[" + b"[[]]," * 500 + b"0]")) == 501
