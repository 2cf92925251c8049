"""Errors cross the wire as themselves; whatever arrives, an error comes out."""

from __future__ import annotations

import json

import pytest

from geofm.inference import errors
from geofm.inference.errors import GeoFMError, Internal, from_wire

KINDS = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, GeoFMError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_the_wire(kind: type[GeoFMError]) -> None:
    sent = kind("It broke.", "Mend it.", "line 1")
    got = from_wire(json.loads(json.dumps(sent.to_wire())))
    assert isinstance(got, Internal if kind is GeoFMError else kind)
    assert (got.message, got.hint, got.detail) == ("It broke.", "Mend it.", "line 1")
    assert str(got) == "It broke. Mend it."


def test_codes_and_kinds_tell_errors_apart() -> None:
    specific = [cls for cls in KINDS if cls is not GeoFMError]
    assert len({cls.kind for cls in specific}) == len(specific)
    assert len({cls.code for cls in specific}) == len(specific)


@pytest.mark.parametrize(
    "garbage", [None, 3, "x", [], {}, {"data": 3}, {"message": None, "data": {"kind": []}}]
)
def test_garbage_is_an_internal_error(garbage: object) -> None:
    got = from_wire(garbage)
    assert isinstance(got, Internal)
    assert got.message
