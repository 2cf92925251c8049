"""A file over HTTP, with resume, and with cancels answered at once.

Nothing here decides whether the bytes are right; the store holds them to their digest.
"""

from __future__ import annotations

import http.client
import json
import queue
import re
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .... import __version__
from ...errors import ModelCorrupt, ModelMissing
from .network import AUTHORIZATION, POLL_S, Check, host_of, opener, refuse_socks, untrusted

Report = Callable[[int, int], None]

TRIES = 4
_PAUSE_S = 0.25
_TIMEOUT_S = 30.0
_CHUNK = 1 << 16
_SPARE_DISK = 64 << 20
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class _CutOffError(Exception):
    """The transfer ended before its end; what came so far is kept."""


@dataclass(frozen=True)
class _Origin:
    """What a partial file was cut from; it is continued only from the very same."""

    url: str
    sha256: str
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """For ``If-Range``, which allows no weak tag."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


class _Stream:
    """A response read on a thread of its own, so that a silent server cannot hold up a cancel."""

    def __init__(self, request: urllib.request.Request) -> None:
        self._request = request
        self._items: queue.Queue[Any] = queue.Queue(maxsize=16)
        self._unwanted = threading.Event()
        threading.Thread(target=self._read, name="download", daemon=True).start()

    def _read(self) -> None:
        try:
            with opener().open(self._request, timeout=_TIMEOUT_S) as response:
                self._put((response.status, response.headers))
                while chunk := response.read1(_CHUNK):
                    self._put(chunk)
                    if self._unwanted.is_set():
                        return
            self._put(None)
        # Whatever it is, the thread that waits for the bytes has to raise it.
        except Exception as error:
            self._put(error)

    def _put(self, item: Any) -> None:
        while not self._unwanted.is_set():
            try:
                self._items.put(item, timeout=POLL_S)
            except queue.Full:
                continue
            return

    def head(self, check: Check) -> tuple[int, Message]:
        """Status and headers.

        Raises:
            urllib.error.HTTPError: if the server answers with a failure.
            ModelMissing: if its certificate is not trusted.
            _CutOffError: if the network fails.
        """
        status, headers = self._next(check)
        return status, headers

    def chunks(self, check: Check) -> Iterator[bytes]:
        while (chunk := self._next(check)) is not None:
            yield chunk

    def _next(self, check: Check) -> Any:
        while True:
            check()
            try:
                item = self._items.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, Exception):
                raise _explained(item, self._request.full_url) from item
            return item

    def close(self) -> None:
        self._unwanted.set()


def download(
    url: str, part: Path, *, sha256: str, size: int | None, check: Check, report: Report, token: str = ""
) -> None:
    """Fetch ``url`` into ``part``, going on where an earlier call stopped.

    What ``part`` was cut from stands beside it in ``<part>.json``. If this raises, both stay for
    the next call.

    Args:
        part: grows to the whole file.
        sha256: the digest expected; a part begun for another one is thrown away.
        size: bytes expected, None if unknown.
        check: called a few times a second; what it raises ends the transfer.
        report: called with the bytes so far and their total (0 if unknown).
        token: sent to the source, and to no other place that it may refer to.

    Raises:
        ModelMissing: if the source has no such file, cannot be reached, or the disk is full.
        ModelCorrupt: if the source sends more than ``size``.
    """
    if size and _resume_point(url, sha256, part)[1] == size:
        # Whole already; only the renaming did not come about.
        return
    refuse_socks(url)
    failures = 0
    while True:
        before = _length(part)
        try:
            _transfer(url, part, sha256, size, check, report, token)
            return
        except urllib.error.HTTPError as error:
            if error.code not in _TRY_AGAIN:
                raise ModelMissing(
                    f"{host_of(url)} answered {error.code} ({error.reason}) for {_name(url)}.", detail=url
                ) from error
            problem: Exception = error
        except _CutOffError as error:
            problem = error
        except OSError as error:
            raise ModelMissing(f"{part} cannot be written: {error.strerror}.", detail=str(error)) from error
        failures = 1 if _length(part) > before else failures + 1
        if failures >= TRIES:
            raise _gave_up(url, part, size, problem) from problem
        wait_before_try(failures, check)


def _transfer(
    url: str, part: Path, sha256: str, size: int | None, check: Check, report: Report, token: str
) -> None:
    """One request: append to the part if the source is still the same, else begin it anew."""
    origin, start = _resume_point(url, sha256, part)
    headers = {"User-Agent": f"GeoFM/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if origin.validator:
            headers["If-Range"] = origin.validator
    request = urllib.request.Request(url, headers=headers)
    if token:
        request.add_unredirected_header(AUTHORIZATION, f"Bearer {token}")
    stream = _Stream(request)
    try:
        status, answer = _head(stream, part, check)
        now = _Origin(url, sha256, answer.get("ETag", ""), answer.get("Last-Modified", ""))
        if status == 206 and not (_starts_at(answer, start) and _same(now, origin)):
            discard(part)
            raise _CutOffError("the source changed meanwhile")
        if status != 206:
            start = 0
            discard(part)
            note_of(part).write_text(json.dumps(asdict(now)), encoding="utf-8")
        length = answer.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else size or 0
        _refuse_other_size(url, size, total)
        need_space(part.parent, total - start)
        with part.open("ab") as file:
            done = start
            for chunk in stream.chunks(check):
                file.write(chunk)
                done += len(chunk)
                _refuse_other_size(url, size, done if size and done > size else 0)
                report(done, total)
        if done < total:
            raise _CutOffError(f"{done} of {total} bytes came")
    finally:
        stream.close()


def _head(stream: _Stream, part: Path, check: Check) -> tuple[int, Message]:
    try:
        return stream.head(check)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # Nothing lies beyond the part: it is as long as the file, or of another file.
        discard(part)
        raise _CutOffError("the part did not fit the source") from error


def _resume_point(url: str, sha256: str, part: Path) -> tuple[_Origin, int]:
    """What the part beside us was cut from and its length; length 0 to begin anew."""
    fresh = _Origin(url, sha256)
    try:
        origin = _Origin(**json.loads(note_of(part).read_text(encoding="utf-8")))
    # No note, or one that an older version or a full disk left: the part's origin is unknown.
    except (OSError, ValueError, TypeError):
        return fresh, 0
    # The same bytes may have come to lie at another address: a newer commit of a repository.
    same = origin.sha256 == sha256
    return (origin, _length(part)) if same else (fresh, 0)


def _same(now: _Origin, before: _Origin) -> bool:
    """Whether nothing says that the source changed; a server may leave a header out of a part."""
    pairs = ((now.etag, before.etag), (now.modified, before.modified))
    return all(a == b for a, b in pairs if a and b)


def note_of(part: Path) -> Path:
    """The file beside a partial file that says what it was cut from."""
    return part.with_name(f"{part.name}.json")


def discard(part: Path) -> None:
    """Delete a partial file and the note beside it."""
    part.unlink(missing_ok=True)
    note_of(part).unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _starts_at(answer: Message, start: int) -> bool:
    found = _RANGE.fullmatch(answer.get("Content-Range", ""))
    return found is not None and int(found.group(1)) == start


def _refuse_other_size(url: str, size: int | None, found: int) -> None:
    if size and found and found != size:
        raise ModelCorrupt(
            f"{_name(url)} has {found} bytes at {host_of(url)} where its card says {size}.",
            "The source has changed, or something between it and this machine answers in its place.",
        )


def need_space(folder: Path, wanted: int) -> None:
    """Raise ModelMissing unless ``wanted`` bytes, and some to spare, are free at a folder."""
    free = shutil.disk_usage(folder).free
    if free < wanted + _SPARE_DISK:
        raise ModelMissing(
            f"The model needs {megabytes(wanted)} in {folder}, and {megabytes(free)} are free.",
            "Make room, or set GEOFM_HOME to a folder on a larger disk.",
        )


def wait_before_try(failures: int, check: Check) -> None:
    """Wait the longer, the more tries in a row failed."""
    seconds = _PAUSE_S * 2**failures
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        check()
        time.sleep(min(POLL_S, seconds))


def _explained(error: Exception, url: str) -> Exception:
    """A network's failure as what it means here."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        return error
    if not isinstance(reason, ssl.SSLCertVerificationError):
        network = isinstance(error, (OSError, http.client.HTTPException))
        return _CutOffError(f"{type(error).__name__}: {error}") if network else error
    return untrusted(url, reason)


def _gave_up(url: str, part: Path, size: int | None, problem: Exception) -> ModelMissing:
    came = _length(part)
    if not came:
        hint = "Check the network and the proxy settings."
        return ModelMissing(f"{host_of(url)} cannot be reached.", hint, f"{url}: {problem}")
    of = f" of {megabytes(size)}" if size else ""
    return ModelMissing(
        f"The download of {_name(url)} was cut off after {megabytes(came)}{of}.",
        "Run it again: it goes on where it stopped.",
        f"{url}: {problem}",
    )


def _name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]


def megabytes(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1e6:.1f} MB"
