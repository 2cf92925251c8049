"""Downloads a stand-alone Python and unpacks it, for machines without a usable one. Standard library alone.

The archive is held to the digest that GeoFM ships, so it does not matter which mirror or proxy it came
through. It goes on where an earlier download stopped; the folder appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from ... import __version__
from ..errors import Cancelled
from ..places import offline
from .builds import Build, builds_folder
from .networks import refuse_socks, without_secrets
from .options import SetupOptions
from .pythons import NotInstalled, fault_of
from .unpacking import UnsafeArchiveError, unpack

MIRROR = "GEOFM_PYTHON_MIRROR"
ProgressCallback = Callable[[str, int, int, str], None]

_STAGE = "python"
_CHUNK = 1 << 16
_TIMEOUT_S = 30.0
_POLL_S = 0.1
_TRIES = 4
_TRY_AGAIN = {408, 416, 425, 429, 500, 502, 503, 504}
# The archive and what is unpacked of it, at most.
_ROOM = 6
_ELSEWHERE = "Make room, or set GEOFM_HOME to a folder that can be written."
_OTHERWISE = (
    "Install Python 3.12 and run the set-up again, name a Python, or set GEOFM_PYTHON_MIRROR to the "
    "address of a folder that has the file."
)


def install(
    build: Build,
    options: SetupOptions | None = None,
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    environ: Mapping[str, str] | None = None,
) -> Path:
    """The interpreter of a stand-alone Python, downloaded and unpacked if it is not there yet.

    Args:
        build: which one, of :func:`.builds.build_for`.
        options: proxy, certificates, and the folder of a bundle, which is looked into first.
        progress: called with stage ``python``, bytes so far, bytes in all and a line of text.
        cancelled: asked again and again; what came so far stays for the next call.
        environ: instead of this process's variables: ``GEOFM_PYTHON_MIRROR``, the address of a folder
            that has the archive under the same name.

    Raises:
        NotInstalled: saying what failed and what can be done.
        Cancelled: when asked to stop.
    """
    options, say = options or SetupOptions(), progress or (lambda stage, done, total, message: None)
    environ = os.environ if environ is None else environ
    if build.python.is_file():
        return build.python
    folder = builds_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _need_room(folder, build)
        archive = _from_bundle(build, options) or _Download(build, options, say, cancelled, environ).archive()
        say(_STAGE, build.size, build.size, f"Unpacking Python {build.version}")
        _unpack(archive, build, cancelled)
        if archive.parent == folder:
            archive.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotInstalled(f"{folder} cannot be written: {reason}.", _ELSEWHERE, str(error)) from error
    fault = fault_of(build.python)
    if fault:
        shutil.rmtree(build.folder)
        raise NotInstalled(f"The downloaded Python {fault}.", _OTHERWISE)
    return build.python


def fetch_archive(
    build: Build,
    folder: Path,
    options: SetupOptions,
    say: ProgressCallback,
    cancelled: Callable[[], bool],
) -> Path:
    """The archive of a build, for any platform, in a folder: for machines without a network.

    Raises:
        NotInstalled, Cancelled: as :func:`install`.
    """
    target = folder / build.file
    if target.is_file() and _digest(target, lambda: None) == build.digest:
        return target
    builds_folder().mkdir(parents=True, exist_ok=True)
    archive = _Download(build, options, say, cancelled, os.environ).archive()
    # The two folders may lie on different disks.
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(archive, part)
    os.replace(part, target)
    archive.unlink()
    return target


def remove() -> int:
    """Delete every stand-alone Python and what is left of downloads.

    Returns:
        bytes freed.
    """
    folder = builds_folder()
    files = [Path(top) / name for top, _, names in os.walk(folder) for name in names]
    freed = sum(file.lstat().st_size for file in files)
    if folder.is_dir():
        shutil.rmtree(folder)
    return freed


def _need_room(folder: Path, build: Build) -> None:
    free = shutil.disk_usage(folder).free
    if free < _ROOM * build.size:
        needed = f"{_ROOM * build.size / 1e6:.0f} MB"
        raise NotInstalled(f"Python needs {needed}, {folder} has {free / 1e6:.0f} MB left.", _ELSEWHERE)


def _from_bundle(build: Build, options: SetupOptions) -> Path | None:
    """The archive of an offline bundle; with a bundle nothing is ever downloaded."""
    if not options.bundle:
        return None
    archive = Path(options.bundle).expanduser() / build.file
    if not archive.is_file():
        raise NotInstalled(
            f"The bundle {options.bundle} holds no Python for this machine, and none here serves.",
            f"Install Python {build.version.rpartition('.')[0]}, or make the bundle again for {build.tag}.",
        )
    if _digest(archive, lambda: None) != build.digest:
        raise NotInstalled(f"{archive} is damaged.", "Copy the bundle again.")
    return archive


def _unpack(archive: Path, build: Build, cancelled: Callable[[], bool]) -> None:
    part = build.folder.with_name(f".{build.folder.name}.part")
    if part.exists():
        shutil.rmtree(part)
    try:
        unpack(archive, part, cancelled)
        if build.folder.exists():
            shutil.rmtree(build.folder)
        os.replace(part, build.folder)
    except UnsafeArchiveError as error:
        message = "The archive of Python is not one that can be trusted."
        raise NotInstalled(message, _OTHERWISE, str(error)) from error
    finally:
        if part.exists():
            shutil.rmtree(part)


def _digest(path: Path, check: Callable[[], None]) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            check()
            found.update(chunk)
    return "sha256:" + found.hexdigest()


class _Download:
    """One archive, from the address of its build or from a mirror."""

    def __init__(
        self,
        build: Build,
        options: SetupOptions,
        say: ProgressCallback,
        cancelled: Callable[[], bool],
        environ: Mapping[str, str],
    ) -> None:
        self._build, self._options, self._say, self._cancelled = build, options, say, cancelled
        folder = environ.get(MIRROR, "").strip() or build.address
        self._url = f"{folder.rstrip('/')}/{quote(build.file)}"
        self._host = urlsplit(self._url).hostname or self._url
        self._part = builds_folder() / f".{build.file}.part"

    def archive(self) -> Path:
        """The whole archive, held to its digest."""
        self._refuse()
        resumed = _length(self._part) > 0
        self._fetch()
        if _digest(self._part, self._check) != self._build.digest:
            self._part.unlink()
            if not resumed:
                message = f"What {self._host} sent is not the Python that GeoFM knows, and was thrown away."
                raise NotInstalled(message, _OTHERWISE)
            # The part may have been of another file.
            return self.archive()
        whole = self._part.with_name(self._build.file)
        os.replace(self._part, whole)
        return whole

    def _refuse(self) -> None:
        if offline():
            raise NotInstalled("GEOFM_OFFLINE forbids the download of a Python.", _OTHERWISE)
        if not self._url.startswith(("https://", "http://")):
            raise NotInstalled(f"{MIRROR} is no address: it begins with http:// or https://.", _OTHERWISE)
        refuse_socks(self._options.proxy)

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled("The set-up was cancelled.", "Run it again to go on from there.")

    def _fetch(self) -> None:
        failures = furthest = 0
        opener = _opener(self._options)
        while _length(self._part) != self._build.size:
            transfer = _Transfer(self._url, self._part, self._build.size, opener)
            try:
                self._follow(transfer)
            finally:
                transfer.unwanted.set()
            error, length = transfer.error, _length(self._part)
            if error is None and length == self._build.size:
                return
            failures, furthest = (1, length) if length > furthest else (failures + 1, furthest)
            if failures >= _TRIES or _is_final(error):
                raise self._explained(error) from error
            # Longer each time, so that a server that has too much to do is left alone.
            until = time.monotonic() + failures
            while time.monotonic() < until:
                self._check()
                time.sleep(_POLL_S)

    def _follow(self, transfer: _Transfer) -> None:
        size, message = self._build.size, f"Downloading Python {self._build.version} from {self._host}"
        transfer.start()
        over = False
        while not over:
            over = transfer.over.wait(_POLL_S)
            self._check()
            self._say(_STAGE, min(_length(self._part), size), size, message)

    def _explained(self, error: BaseException | None) -> NotInstalled:
        detail = without_secrets(f"{self._url}: {error}")
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return NotInstalled(
                f"The certificate of {self._host}, or of a proxy before it, is not trusted here.",
                "Name the PEM file of the authority that signed it in the set-up.",
                detail,
            )
        if "407" in str(error):
            return NotInstalled("The proxy wants a user name and a password.", _OTHERWISE, detail)
        if isinstance(error, urllib.error.HTTPError):
            return NotInstalled(f"{self._host} answered {error.code} for Python.", _OTHERWISE, detail)
        if isinstance(error, _TooMuchError):
            return NotInstalled(f"{self._host} sent another file than Python's.", _OTHERWISE, detail)
        return NotInstalled(f"Python could not be downloaded from {self._host}.", _OTHERWISE, detail)


class _TooMuchError(Exception):
    """A server sent more than the file has."""


class _Transfer(threading.Thread):
    """One request, on a thread of its own, so that a silent server cannot hold up a cancel."""

    def __init__(self, url: str, part: Path, size: int, opener: urllib.request.OpenerDirector) -> None:
        super().__init__(name="geofm-python-download", daemon=True)
        self._url, self._part, self._size, self._opener = url, part, size, opener
        self.over, self.unwanted = threading.Event(), threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._fetch()
        # Whatever it is, the thread that waits has to say it.
        except Exception as error:
            self.error = error
        finally:
            self.over.set()

    def _fetch(self) -> None:
        start = _length(self._part)
        headers = {"User-Agent": f"GeoFM/{__version__}", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(self._url, headers=headers)
        try:
            response = self._opener.open(request, timeout=_TIMEOUT_S)
        except urllib.error.HTTPError as error:
            if error.code == 416:
                # There is no such range: the part is of a longer file.
                self._part.unlink()
            raise
        with response:
            goes_on = response.status == 206 and response.headers.get("Content-Range", "").startswith(
                f"bytes {start}-"
            )
            done = start if goes_on else 0
            # Without a buffer: one that is left alone must not write later into what another begins.
            with self._part.open("ab" if goes_on else "wb", buffering=0) as file:
                while chunk := response.read1(_CHUNK):
                    done += len(chunk)
                    if done > self._size:
                        raise _TooMuchError(f"more than {self._size} bytes")
                    if self.unwanted.is_set():
                        return
                    file.write(chunk)


class _Proxies(urllib.request.ProxyHandler):
    """Proxies that the user names, and the hosts that are reached without them."""

    def __init__(self, proxy: str, without: tuple[str, ...]) -> None:
        super().__init__({"http": proxy, "https": proxy})
        self._without = tuple(host.lower().lstrip("*.") for host in without)

    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> object:  # noqa: A002
        host = urlsplit(f"//{req.host}").hostname or ""
        direct = any(host == known or host.endswith(f".{known}") for known in self._without)
        return None if direct else super().proxy_open(req, proxy, type)


def _opener(options: SetupOptions) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context()
    try:
        if options.certificates:
            context.load_verify_locations(os.path.expanduser(options.certificates))
    except (OSError, ssl.SSLError) as error:
        raise NotInstalled(
            f"The file of certificates {options.certificates} cannot be read.",
            "Name another PEM file, or none.",
            str(error),
        ) from error
    proxies: urllib.request.ProxyHandler = urllib.request.ProxyHandler()
    if options.proxy:
        proxies = _Proxies(options.proxy, options.without_proxy)
    return urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=context))


def _is_final(error: BaseException | None) -> bool:
    """Whether trying again is of no use."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code not in _TRY_AGAIN
    reason = getattr(error, "reason", error)
    if error is None or isinstance(error, http.client.HTTPException):
        return False
    network = (ConnectionError, TimeoutError, urllib.error.URLError)
    return isinstance(reason, ssl.SSLCertVerificationError) or not isinstance(error, network)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
