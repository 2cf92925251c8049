"""The engine's loop: one thread reads the wire, the main thread does the work, one call at a time.

The reading thread parses, answers what needs no library (``initialize``, ``cancel``,
``authorize``, ``shutdown``) and queues the rest. Everything that imports a library runs on the main thread,
so that no import ever happens on two threads at once.
"""

from __future__ import annotations

import errno
import faulthandler
import logging
import os
import platform
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from ... import __version__
from .. import protocol
from ..errors import Cancelled, GeoFMError, Internal, InvalidRequest, OutOfMemory, UnsupportedInput
from ..protocol import BadMessage, Request, RequestId, TooLong
from .memory import is_out_of_memory
from .methods import METHODS, Methods
from .weights.hub import give_token

# Time for a cancelled job to remove its partial files once nobody listens any more.
GRACE = 5.0
ABANDONED = 70
QUEUE_LIMIT = 256
# What a system says of a path as such: too long, through a file, round in circles, a folder, forbidden.
_ABOUT_PATHS = {
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS,
}
_LONGEST_NAME = 200

_log = logging.getLogger(__name__)


class Wire:
    """The outgoing half: one message at a time, from any thread."""

    def __init__(self, stream: BinaryIO, on_lost: Callable[[], None]) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._on_lost = on_lost

    def send(self, message: Mapping[str, Any]) -> None:
        line = protocol.encode(message)
        try:
            with self._lock:
                self._stream.write(line)
                self._stream.flush()
        except (OSError, ValueError) as error:
            _log.info("The client is gone: %s", error)
            self._on_lost()

    def answer(self, request_id: RequestId, result: Any) -> None:
        """Send a result, or the error that it cannot be sent."""
        try:
            self.send(protocol.answer(request_id, result))
        except TooLong:
            self.fail(request_id, TooLong("The answer"))
        except (TypeError, ValueError) as error:
            self.fail(request_id, Internal("The answer cannot be written as JSON.", detail=str(error)))

    def fail(self, request_id: RequestId | None, error: GeoFMError) -> None:
        self.send(protocol.failure(request_id, error))


class Reporter:
    """Progress of one call: at most ten messages a second, the latest is never lost."""

    def __init__(self, wire: Wire, request_id: RequestId) -> None:
        self._wire = wire
        self._id = request_id
        self._lock = threading.Lock()
        self._sent = -protocol.PROGRESS_INTERVAL
        self._latest: dict[str, Any] | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def __call__(self, stage: str, done: int, total: int, message: str = "") -> None:
        with self._lock:
            if self._closed:
                return
            self._latest = protocol.progress(self._id, stage, done, total, message)
            self._send_or_wait()

    def close(self) -> None:
        """Send what is still held back; nothing follows."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._flush()
            self._closed = True

    def _due(self) -> None:
        with self._lock:
            self._timer = None
            if self._latest is not None and not self._closed:
                self._send_or_wait()

    def _send_or_wait(self) -> None:
        wait = self._sent + protocol.PROGRESS_INTERVAL - time.monotonic()
        if wait <= 0:
            self._flush()
        elif self._timer is None:
            self._timer = threading.Timer(wait, self._due)
            self._timer.daemon = True
            self._timer.start()

    def _flush(self) -> None:
        if self._latest is not None:
            self._wire.send(self._latest)
            self._latest = None
            self._sent = time.monotonic()


class Call:
    """One queued or running request."""

    def __init__(self, request: Request, request_id: RequestId) -> None:
        self.id = request_id
        self.method = request.method
        self.params = request.params
        self.cancelled = threading.Event()

    def check(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled("The run was cancelled.")


class Worker:
    """Serves one client until it goes away.

    Args:
        wire_in, wire_out: the two halves of the wire.
        abort: called ``GRACE`` seconds after the client went away, if still alive.
    """

    def __init__(self, wire_in: BinaryIO, wire_out: BinaryIO, abort: Callable[[int], Any] = os._exit) -> None:
        self._in = wire_in
        self.wire = Wire(wire_out, self._stop)
        self._abort = abort
        self._changed = threading.Condition()
        self._queue: deque[Call] = deque()
        self._running: Call | None = None
        self._stopping = False
        self._ready = False
        self._methods = Methods()

    def serve(self) -> None:
        """Work until the client closes the wire. Call from the main thread."""
        threading.Thread(target=self._read, name="wire", daemon=True).start()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopping)
                if not self._queue:
                    return
                self._running = call = self._queue.popleft()
            self._work(call)

    def _work(self, call: Call) -> None:
        from .base import Context

        reporter = Reporter(self.wire, call.id)
        result, fault = None, None
        try:
            result = getattr(self._methods, METHODS[call.method])(call.params, Context(reporter, call.check))
        # SystemExit too: no library may end the engine from inside a job.
        except BaseException as error:
            fault = typed(error)
        reporter.close()
        # Before the answer: whoever has it may use the id again.
        with self._changed:
            self._running = None
        if fault is None:
            self.wire.answer(call.id, result)
        else:
            self.wire.fail(call.id, fault)

    def _read(self) -> None:
        try:
            for line in protocol.lines(self._in):
                self._handle(line)
                if self._stopping:
                    break
        finally:
            self._stop()
            time.sleep(GRACE)
            self._abort(ABANDONED)

    def _handle(self, line: bytes | None) -> None:
        try:
            if line is None:
                raise TooLong()
            self._take(protocol.parse_request(protocol.decode(line)))
        except BadMessage as error:
            self.wire.fail(error.request_id, error)

    def _take(self, request: Request) -> None:
        if request.method == "cancel":
            self._reply(request, {"cancelled": self._cancel(request.params.get("id"))})
        elif request.method == "shutdown":
            self._reply(request, {})
            self._stop()
        elif request.method == "initialize":
            self._initialize(request)
        elif request.method == "authorize":
            self._authorize(request)
        elif not self._ready:
            raise BadMessage("The first call must be initialize.", request_id=request.id)
        elif request.method not in METHODS:
            code = protocol.METHOD_NOT_FOUND
            raise BadMessage(f"There is no method {request.method[:80]!r}.", code, request.id)
        elif request.id is None:
            raise BadMessage(f"The method {request.method} needs an id.")
        else:
            self._enqueue(Call(request, request.id))

    def _reply(self, request: Request, result: Mapping[str, Any]) -> None:
        if request.id is not None:
            self.wire.answer(request.id, result)

    def _initialize(self, request: Request) -> None:
        wanted = request.params.get("protocol")
        if wanted != protocol.PROTOCOL:
            raise BadMessage(
                f"This engine speaks protocol {protocol.PROTOCOL}, the client asked for {str(wanted)[:80]}.",
                InvalidRequest.code,
                request.id,
            )
        self._ready = True
        facts = {"protocol": protocol.PROTOCOL, "version": __version__, "pid": os.getpid()}
        self._reply(request, {**facts, "python": platform.python_version(), "executable": sys.executable})

    def _authorize(self, request: Request) -> None:
        token = request.params.get("token")
        if not isinstance(token, str):
            raise BadMessage("The entry token must be a text.", InvalidRequest.code, request.id)
        give_token(token)
        self._reply(request, {})

    def _enqueue(self, call: Call) -> None:
        with self._changed:
            taken = [self._running] if self._running else []
            if any(other.id == call.id for other in (*taken, *self._queue)):
                # Answered without an id: an answer with it would end the first call.
                raise BadMessage(f"The id {call.id!r} belongs to a call that has not ended.")
            if len(self._queue) >= QUEUE_LIMIT:
                raise BadMessage("Too many calls are waiting.", request_id=call.id)
            self._queue.append(call)
            self._changed.notify_all()

    def _cancel(self, request_id: Any) -> bool:
        with self._changed:
            if self._running is not None and self._running.id == request_id:
                self._running.cancelled.set()
                return True
            waiting = [call for call in self._queue if call.id == request_id]
            for call in waiting:
                self._queue.remove(call)
        for call in waiting:
            self.wire.fail(call.id, Cancelled("The run was cancelled before it began."))
        return bool(waiting)

    def _stop(self) -> None:
        with self._changed:
            self._stopping = True
            if self._running is not None:
                self._running.cancelled.set()
            waiting = list(self._queue)
            self._queue.clear()
            self._changed.notify_all()
        for call in waiting:
            self.wire.fail(call.id, Cancelled("The engine is shutting down."))


def typed(error: BaseException) -> GeoFMError:
    """Any exception as one of ours; a defect keeps its traceback in ``detail``."""
    if isinstance(error, GeoFMError):
        return error
    detail = "".join(traceback.format_exception(error))
    _log.error("A call failed.\n%s", detail)
    if isinstance(error, OSError) and isinstance(error.filename, str) and error.errno in _ABOUT_PATHS:
        name = error.filename[:_LONGEST_NAME]
        return UnsupportedInput(f"{name} cannot be used: {error.strerror}.", "Check its path.", detail)
    if is_out_of_memory(error):
        return OutOfMemory(
            "The memory did not suffice for this run.",
            "Close other programs, choose a smaller area or set a smaller batch.",
            detail,
        )
    return Internal(
        f"The engine met an error it did not expect ({type(error).__name__}).",
        "Please report it with the details below.",
        detail,
    )


class _ToClient(logging.Handler):
    """Warnings of the package's own code, as ``log`` notifications."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(logging.WARNING)
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        # What the worker itself logs is in the answers already.
        if record.name == __name__:
            return
        params = {"level": record.levelname.lower(), "message": record.getMessage()[:2000]}
        self._wire.send(protocol.notification("log", params))


def main(wire_in: BinaryIO, wire_out: BinaryIO) -> int:
    """Serve; the exit code of the process."""
    faulthandler.enable()
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format=f"%(asctime)s {os.getpid()} %(levelname)s %(name)s: %(message)s",
    )
    # Ctrl-C in a terminal reaches the whole group; the client decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(wire_in, wire_out)
    logging.getLogger("geofm.inference").addHandler(_ToClient(worker.wire))
    _log.info("Engine %s started, Python %s.", __version__, platform.python_version())
    worker.serve()
    _log.info("Engine ended.")
    return 0
