"""How the engine reaches servers: certificates, proxies, redirects, and waits that a cancel ends at once."""

from __future__ import annotations

import os
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ...errors import ModelMissing

Check = Callable[[], None]
_T = TypeVar("_T")

POLL_S = 0.2
AUTHORIZATION = "Authorization"
_BUNDLE_VARIABLE = "REQUESTS_CA_BUNDLE"


class OnlyHttp(urllib.request.HTTPRedirectHandler):
    """Follows redirects within HTTP, and from HTTPS to HTTPS alone; a token stays with who asked for it."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        allowed = ("https",) if urlsplit(req.full_url).scheme == "https" else ("http", "https")
        if urlsplit(newurl).scheme not in allowed:
            raise urllib.error.HTTPError(req.full_url, code, f"redirect to {newurl} refused", headers, fp)
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get(AUTHORIZATION)
        if request is not None and token and _origin(newurl) == _origin(req.full_url):
            request.add_unredirected_header(AUTHORIZATION, token)
        return request


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def trust() -> ssl.SSLContext:
    """Whom connections trust: the system's authorities or those of ``SSL_CERT_FILE``, and those of
    ``REQUESTS_CA_BUNDLE``, which many firms set, beside them.

    Raises:
        ModelMissing: if that bundle cannot be read.
    """
    context = ssl.create_default_context()
    bundle = os.environ.get(_BUNDLE_VARIABLE, "").strip()
    try:
        if bundle:
            folder = Path(bundle).is_dir()
            context.load_verify_locations(None if folder else bundle, bundle if folder else None)
    except OSError as error:
        raise ModelMissing(
            f"The certificates that {_BUNDLE_VARIABLE} names cannot be read.",
            "Correct the variable or remove it.",
            f"{bundle}: {error}",
        ) from error
    return context


def refuse_socks(url: str) -> None:
    """Refuse a SOCKS proxy, which nothing here speaks, instead of speaking HTTP to it.

    Raises:
        ModelMissing: if an address would be fetched through one.
    """
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    if proxy.lower().startswith("socks") and not urllib.request.proxy_bypass(parts.netloc):
        raise ModelMissing(
            "Models cannot be downloaded through a SOCKS proxy.",
            f"Name an HTTP proxy, or add {parts.hostname} to what is reached without one.",
        )


def opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS and nothing else: urllib's default opener would read file: and ftp: too."""
    found = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=trust()),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        OnlyHttp(),
    ):
        found.add_handler(handler)
    return found


def aside(work: Callable[[], _T], check: Check) -> _T:
    """What ``work`` answers or raises, from a thread of its own: a silent server cannot hold up a cancel."""
    future: Future[_T] = Future()

    def answer() -> None:
        try:
            future.set_result(work())
        # Whatever it is, the thread that waits for the answer has to raise it.
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=answer, name="question", daemon=True).start()
    while not wait([future], timeout=POLL_S).done:
        check()
    return future.result()


def untrusted(url: str, reason: Exception) -> ModelMissing:
    """What to say of a server, or of a proxy that answers in its place, that nobody here vouches for."""
    return ModelMissing(
        f"The certificate of {host_of(url)} is not trusted here.",
        f"Behind a proxy that inspects traffic, set SSL_CERT_FILE or {_BUNDLE_VARIABLE} to its certificate.",
        str(reason),
    )


def host_of(url: str) -> str:
    """The host of an address, for people."""
    return urlsplit(url).hostname or url
