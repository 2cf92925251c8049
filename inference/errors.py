"""One error tree. Every failure is one sentence, a kind and, where there is one, a hint.

The kinds are those of docs/protocol.md; the engine sends them over the wire, the client
rebuilds the same class, so that a script catches ``ModelMissing`` whichever process raised it.
"""

from __future__ import annotations

from typing import Any, TypeVar


class GeoFMError(Exception):
    """Base of everything GeoFM raises on purpose.

    Args:
        message: one sentence that says what is wrong, in the user's terms.
        hint: one sentence that says what to do about it; may be empty.
        detail: the raw failure (a traceback, a log's tail); shown only on request.
    """

    kind = "internal"
    code = -32603

    def __init__(self, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_wire(self) -> dict[str, Any]:
        """The JSON-RPC error object of this error."""
        data = {"kind": self.kind, "hint": self.hint, "detail": self.detail}
        return {"code": self.code, "message": self.message, "data": data}


class InvalidRequest(GeoFMError):
    """The job or message is malformed: a missing field, an unknown key, a wrong type."""

    kind = "invalid_request"
    code = -32602


class UnsupportedInput(GeoFMError):
    """The data cannot be used as asked: a missing band, an unknown scale, no overlap."""

    kind = "unsupported_input"
    code = -32010


class ModelMissing(GeoFMError):
    """The weights are not on this machine and could not be fetched."""

    kind = "model_missing"
    code = -32011


class ModelCorrupt(GeoFMError):
    """The weights or the card do not match their digest or their format."""

    kind = "model_corrupt"
    code = -32012


class OutOfMemory(GeoFMError):
    """The device's memory did not suffice, at the smallest batch and tile too."""

    kind = "out_of_memory"
    code = -32013


class Cancelled(GeoFMError):
    """The user cancelled; nothing was left behind."""

    kind = "cancelled"
    code = -32014


class Internal(GeoFMError):
    """A defect of GeoFM or of a library under it; the detail holds the traceback."""


class Crashed(GeoFMError):
    """The engine process ended without an answer. Only the client mints this kind."""

    kind = "crashed"
    code = -32015


_Value = TypeVar("_Value")


def present(value: _Value | None) -> _Value:
    """What is never None at this place, for a reason that the code around it knows.

    In the place of an assertion, which ``python -O`` leaves out.

    Raises:
        Internal: where it is None after all.
    """
    if value is None:
        raise Internal("Something that must be there is missing.", "Please report it with the details.")
    return value


_BY_KIND: dict[str, type[GeoFMError]] = {
    cls.kind: cls
    for cls in (
        InvalidRequest,
        UnsupportedInput,
        ModelMissing,
        ModelCorrupt,
        OutOfMemory,
        Cancelled,
        Internal,
        Crashed,
    )
}


def from_wire(error: Any) -> GeoFMError:
    """Rebuild the error that :meth:`GeoFMError.to_wire` described; never raises itself."""
    if not isinstance(error, dict):
        return Internal("The engine sent an error that is not an object.", detail=repr(error))
    stated = error.get("data")
    data: dict[str, Any] = stated if isinstance(stated, dict) else {}
    cls = _BY_KIND.get(str(data.get("kind")), Internal)
    message = str(error.get("message") or "The engine failed without a message.")
    return cls(message, str(data.get("hint") or ""), str(data.get("detail") or ""))
