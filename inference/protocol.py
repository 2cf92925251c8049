"""The wire between client and engine: JSON-RPC 2.0, one JSON object a line.

docs/protocol.md says in prose what is exchanged; this module holds the framing, the limits
and the shapes of messages for both ends. Standard library alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Union

from . import strict_json
from .errors import GeoFMError, InvalidRequest

PROTOCOL = 1
LINE_LIMIT = 1 << 20
PROGRESS_INTERVAL = 0.1

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601

_LONGEST_ID = 200
_LONGEST_TEXT = 1000

RequestId = Union[int, str]


class BadMessage(InvalidRequest):
    """A line that is not a message of this protocol.

    Args:
        message: one sentence.
        code: the JSON-RPC code of the answer.
        request_id: whom to answer; None where the line did not say.
    """

    def __init__(
        self, message: str, code: int = INVALID_REQUEST, request_id: RequestId | None = None
    ) -> None:
        super().__init__(message, "docs/protocol.md describes the messages.")
        self.code = code
        self.request_id = request_id


class TooLong(BadMessage):
    """A message beyond ``LINE_LIMIT``."""

    def __init__(self, what: str = "A message") -> None:
        super().__init__(f"{what} is longer than {LINE_LIMIT} bytes.")
        self.hint = "Pass large data as files and send their paths."


@dataclass(frozen=True)
class Request:
    """A call (``id`` set, wants one answer) or a notification (``id`` None)."""

    method: str
    params: dict[str, Any]
    id: RequestId | None


def encode(message: Mapping[str, Any]) -> bytes:
    """One line, ASCII-only JSON, so that no text can break the framing.

    Raises:
        TooLong: beyond ``LINE_LIMIT``, newline included.
        ValueError, TypeError: for what JSON cannot say (NaN, objects, cycles).
    """
    line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LINE_LIMIT:
        raise TooLong()
    return line


def decode(line: bytes) -> dict[str, Any]:
    """The JSON object in a line.

    Raises:
        BadMessage: for anything else, with the JSON-RPC code to answer.
    """
    try:
        message = strict_json.loads(line)
    except ValueError:
        raise BadMessage("The line is not valid JSON.", PARSE_ERROR) from None
    if not isinstance(message, dict):
        raise BadMessage("The message is not a JSON object.")
    return message


def parse_request(message: Mapping[str, Any]) -> Request:
    """A request out of a decoded message.

    Raises:
        BadMessage: naming what is wrong, carrying the id where it is usable.
    """
    request_id = message.get("id")
    if not _is_id(request_id):
        raise BadMessage("The id of a request must be a whole number or a short text.")
    if message.get("jsonrpc") != "2.0":
        raise BadMessage("The message does not say jsonrpc 2.0.", request_id=request_id)
    method, params = message.get("method"), message.get("params", {})
    if not isinstance(method, str):
        raise BadMessage("The request names no method.", request_id=request_id)
    if not isinstance(params, dict):
        raise BadMessage("The params of a request must be an object.", InvalidRequest.code, request_id)
    return Request(method, params, request_id)


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_ID
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def request(request_id: RequestId, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A call that wants an answer."""
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": dict(params)}


def notification(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A message that wants none."""
    return {"jsonrpc": "2.0", "method": method, "params": dict(params)}


def authorization(token: str) -> bytes:
    """The line that gives the engine the hub's token; the only place where one travels."""
    return encode(notification("authorize", {"token": token}))


def answer(request_id: RequestId, result: Any) -> dict[str, Any]:
    """The final answer of a call that went well."""
    return {"jsonrpc": "2.0", "id": request_id, "result": result}


def failure(request_id: RequestId | None, error: GeoFMError) -> dict[str, Any]:
    """The final answer of a call that failed; id None where the call could not be read.

    Long texts lose their beginning: the end of a traceback names the failure.
    """
    wire = error.to_wire()
    wire["message"] = wire["message"][:_LONGEST_TEXT]
    wire["data"]["hint"] = wire["data"]["hint"][:_LONGEST_TEXT]
    wire["data"]["detail"] = wire["data"]["detail"][-20 * _LONGEST_TEXT :]
    return {"jsonrpc": "2.0", "id": request_id, "error": wire}


def progress(request_id: RequestId, stage: str, done: int, total: int, message: str) -> dict[str, Any]:
    """A progress notification of a running call."""
    params = {
        "id": request_id,
        "stage": str(stage)[:_LONGEST_TEXT],
        "done": int(done),
        "total": int(total),
        "message": str(message)[:_LONGEST_TEXT],
    }
    return notification("progress", params)


def lines(stream: IO[bytes], limit: int = LINE_LIMIT) -> Iterator[bytes | None]:
    """The lines of a buffered stream without their ends; None stands for one beyond the limit.

    Memory stays below ``limit`` whatever arrives. A last line without an end is what a dying
    process left behind and is dropped.
    """
    while True:
        line = stream.readline(limit)
        if line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
        elif len(line) < limit:
            return
        else:
            yield None
            if not _skip_line(stream, limit):
                return


def _skip_line(stream: IO[bytes], limit: int) -> bool:
    while True:
        rest = stream.readline(limit)
        if rest.endswith(b"\n"):
            return True
        if not rest:
            return False
