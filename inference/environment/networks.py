"""How package indexes are reached: proxies, certificates, logins; and what pip's failures mean.

Standard library alone. A login in an address is used and never shown: whatever goes to a log, a message or
a file passes :func:`without_secrets` first.
"""

from __future__ import annotations

import dataclasses
import os
import re
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ..errors import InvalidRequest
from ..places import data_home
from .options import SetupOptions
from .pythons import NotInstalled

HIDDEN = "***"

# What programs trust on Debian and Alpine, Fedora, openSUSE, macOS.
_SYSTEMS_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[\w+/=\s]+?-----END CERTIFICATE-----")

_NAMES_OF_SECRETS = (
    r"(?:[\w-]+[-_.])?(?:token|api[-_]?key|key|secret|signature|sig|password|passwd|pwd|auth|credential)"
)
# What a secret is replaced by, in this order: the whole of an address's login, whatever stands in it.
_SECRETS = tuple(
    (re.compile(pattern, re.IGNORECASE), kept)
    for pattern, kept in (
        (r"\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)(?:[a-z]+\s+)?[^\s\"',]+", r"\1"),
        (r"\b(bearer\s+)[\w+/=.~-]{6,}", r"\1"),
        (r"\b(basic\s+)[\w+/-]{6,}={1,2}", r"\1"),
        (rf"([?&;]{_NAMES_OF_SECRETS}=)[^&\s\"'#]+", r"\1"),
        (rf"\b({_NAMES_OF_SECRETS}=)[^&\s\"',;#]+", r"\1"),
        (rf"([\"']{_NAMES_OF_SECRETS}[\"']\s*:\s*[\"'])[^\"']+", r"\1"),
        # Tokens that say what they are: of hubs, of code hosts, of package indexes; and JSON Web Tokens.
        (r"\b(?:(?:hf|gh[pousr])_[a-z0-9]{8,}|(?:github_pat_|glpat-|pypi-)[\w-]{8,})", ""),
        (r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*", ""),
    )
)
# Greedy: a password may hold what an address should have written as %40.
_LOGIN = re.compile(r"((?:^|[^\w+.-])[a-z][a-z0-9+.-]*://|//)[^\s/?#\"'<>]*@", re.IGNORECASE)
# One with a slash in it, which is no valid address, but may come in a message that says so.
_BAD_LOGIN = re.compile(r"(://)[^\s/:@]+:(?!\d+[/?#])[^\s@\"'<>]+@")
# pip takes a proxy without a scheme.
_BARE_LOGIN = re.compile(r"(^|[\s\"'(=,])[^\s/:@\"'(=,]+:[^\s/@\"']+@(?=[\w\[])")


def without_secrets(text: str) -> str:
    """A text for people and files: without logins in addresses, tokens, and headers that hold them."""
    found = _LOGIN.sub(rf"\1{HIDDEN}@", text)
    found = _BAD_LOGIN.sub(rf"\1{HIDDEN}@", found)
    found = _BARE_LOGIN.sub(rf"\1{HIDDEN}@", found)
    for pattern, kept in _SECRETS:
        found = pattern.sub(kept + HIDDEN, found)
    return found


def completed(options: SetupOptions, found: SetupOptions) -> SetupOptions:
    """Options that say of the network what they say themselves, and for the rest what was found elsewhere."""
    proxy = options if options.proxy else found
    return dataclasses.replace(
        options,
        proxy=proxy.proxy,
        without_proxy=proxy.without_proxy,
        certificates=options.certificates or found.certificates,
    )


def network_variables(options: SetupOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables by which Python's network libraries learn of proxies and authorities, for pip and engine.

    Proxies in lower case, which those libraries prefer to what the user's own environment may say.

    Raises:
        InvalidRequest: if the file of certificates cannot be read.
    """
    proxy, found = _with_login(options.proxy, environ), {}
    if proxy:
        found = {"http_proxy": proxy, "https_proxy": proxy}
    if options.without_proxy:
        found["no_proxy"] = ",".join(options.without_proxy)
    file = authorities(options, environ)
    return {**found, "SSL_CERT_FILE": str(file)} if file else found


def _with_login(proxy: str, environ: Mapping[str, str]) -> str:
    """A proxy, with the login that the machine's variables know for it: what is kept on disk has none."""
    machines = (environ.get(name, "") for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"))
    return next((one for one in machines if proxy and _bare(one) == _bare(proxy) and "@" in one), proxy)


def _bare(address: str) -> str:
    return address.rpartition("://")[2].rpartition("@")[2].rstrip("/").lower()


def pip_variables(options: SetupOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """What pip is told on top of the machine's own settings, as variables: none of it is in a command line.

    Args:
        options: of the set-up.
        environ: the variables that pip would get without these.

    Raises:
        NotInstalled: where the proxy is one that pip does not speak to.
    """
    refuse_socks(options.proxy or environ.get("https_proxy", "") or environ.get("HTTPS_PROXY", ""))
    found = network_variables(options, environ)
    if options.proxy and environ.get("PIP_PROXY"):
        found["PIP_PROXY"] = found["https_proxy"]
    if options.index:
        found["PIP_INDEX_URL"] = options.index
    if options.extra_indexes:
        machines = environ.get("PIP_EXTRA_INDEX_URL", "").split()
        found["PIP_EXTRA_INDEX_URL"] = " ".join(dict.fromkeys([*machines, *options.extra_indexes]))
    if options.certificates:
        # The others that name one: pip before 24 hears them before its own.
        found.update(dict.fromkeys(("PIP_CERT", *_BUNDLE_VARIABLES), found["SSL_CERT_FILE"]))
    # Known to pip 25.1 and later, which go on with a file that was cut off; older ones do not mind it.
    return {"PIP_RESUME_RETRIES": "10", **found}


def refuse_socks(proxy: str) -> None:
    """Refuse a SOCKS proxy, for which pip lacks a library.

    Raises:
        NotInstalled: in words.
    """
    if proxy.lower().startswith("socks"):
        raise NotInstalled(*_NO_SOCKS)


# --- whom to trust -----------------------------------------------------------------------------


def authorities(options: SetupOptions, environ: Mapping[str, str]) -> Path | None:
    """A file with the certificates of the options and, beside them, those that this machine trusts anyway.

    pip and Python's ssl take one file in place of all that they would trust without it. Where the options
    name none, both keep their own ways.

    Raises:
        InvalidRequest: if the file of the options cannot be read or holds no certificate.
    """
    if not options.certificates:
        return None
    try:
        text = Path(options.certificates).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InvalidRequest(
            f"The file of certificates {options.certificates} cannot be read: {error.strerror}.",
            "Name another PEM file, or none.",
        ) from error
    own = _CERTIFICATE.findall(text)
    if not own:
        raise InvalidRequest(
            f"{options.certificates} holds no certificate.",
            "Name a PEM file: text with BEGIN CERTIFICATE in it.",
        )
    whole = "\n".join(dict.fromkeys([*own, *_machines_certificates(environ)])) + "\n"
    target = data_home() / "certificates.pem"
    if not target.is_file() or target.read_text(encoding="utf-8") != whole:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        part.write_text(whole, encoding="utf-8")
        os.replace(part, target)
    return target


def _machines_certificates(environ: Mapping[str, str]) -> Iterator[str]:
    named = [environ.get(name, "") for name in ("PIP_CERT", "SSL_CERT_FILE", *_BUNDLE_VARIABLES)]
    known = [ssl.get_default_verify_paths().cafile or "", *_SYSTEMS_BUNDLES, _pips_bundle()]
    for place in filter(None, [*named, *known]):
        path = Path(place)
        if path.is_file():
            yield from _CERTIFICATE.findall(path.read_text(encoding="utf-8", errors="replace"))
    # Windows keeps them in a store instead of a file.
    if sys.platform == "win32":
        for store in ("ROOT", "CA"):
            for data, encoding, _ in ssl.enum_certificates(store):
                if encoding == "x509_asn":
                    yield ssl.DER_cert_to_PEM_cert(data).strip()


def _pips_bundle() -> str:
    """The authorities that a pip beside this Python brings; empty where there is none."""
    found = find_spec("pip")
    return (
        str(Path(found.origin).parent / "_vendor" / "certifi" / "cacert.pem")
        if found and found.origin
        else ""
    )


# --- what pip's words mean ----------------------------------------------------------------------


class _Failure(NamedTuple):
    """What the words of a failing pip mean.

    Attributes:
        pattern: of its words; the group ``what`` fills the sentence.
        tries: how often it is worth trying before it is told.
    """

    pattern: str
    sentence: str
    hint: str
    tries: int = 1


_OWN_INDEX = "Name an index that has it; an index of your own must hold every version of GeoFM's lists."
_LOGIN_OF_PROXY = (
    "Give them in QGIS (Settings, Options, Network), or in its address, before the host: USER:PASSWORD@."
)
_NO_SOCKS = (
    "Packages cannot be downloaded through a SOCKS proxy.",
    "Name an HTTP proxy, or install from a folder that python -m geofm bundle wrote elsewhere.",
)
# The first that fits counts. What is wrong on this machine comes first; that no version was found comes last,
# for pip says that too where the network failed.
_FAILURES = (
    _Failure(
        r"no space left on device|\[errno 28\]|\[winerror 112\]|disk quota exceeded",
        "The disk is full.",
        "Make room, or choose a data folder (GEOFM_HOME) on a larger disk; then run the set-up again.",
    ),
    _Failure(
        r"\[winerror (?:225|226|1260|4551)\]|virus or potentially unwanted|blocked by group policy",
        "Antivirus software or a rule of this computer blocked a file of the engine.",
        "Ask whoever looks after this computer to allow GeoFM's data folder, then run the set-up again.",
    ),
    _Failure(
        r"\[winerror 206\]|\[errno 36\]|file name too long|long path support",
        "A path is too long for this system.",
        "Choose a data folder (GEOFM_HOME) of a short path, or let Windows allow long paths.",
    ),
    _Failure(
        r"\[winerror (?:5|32)\]|being used by another process",
        "Another program holds or guards files of the engine: antivirus software, or an engine at work.",
        "Close other QGIS windows, wait a moment, and run the set-up again.",
    ),
    _Failure(
        r"\[errno (?:13|30)\]|permission denied|read-only file system",
        "The engine's folder cannot be written.",
        "Choose a data folder (GEOFM_HOME) that you may write to.",
    ),
    _Failure(
        r"memoryerror|cannot allocate memory|\[errno 12\]",
        "The memory did not suffice to unpack the engine.",
        "Close other programs, then run the set-up again.",
    ),
    _Failure(
        # A pip before 25.1 does not notice that an answer was cut off, but that its digest is another.
        r"do not match the hashes|hash mismatch",
        "A package is not the file that GeoFM's list names, and was refused.",
        "Run the set-up again. If it stays, the index or something before it sends other files.",
        tries=2,
    ),
    _Failure(
        r"bad ?zip ?file|wheel '.*' .* is invalid|has an invalid wheel",
        "A package arrived damaged.",
        "Run the set-up again: it goes on where it stopped.",
        tries=2,
    ),
    _Failure(
        r"\b407\b|proxy authentication required",
        "The proxy wants a user name and a password.",
        _LOGIN_OF_PROXY,
    ),
    _Failure(r"missing dependencies for socks", *_NO_SOCKS),
    _Failure(
        r"suitable tls ca certificate bundle|invalid path: .*\.(?:pem|crt)",
        "The file of certificates cannot be read.",
        "Name another PEM file, or none.",
    ),
    _Failure(
        r"certificate_?\s?verify_?\s?failed|sslcertverificationerror|confirming the ssl certificate",
        "The certificate of the package index, or of a proxy before it, is not trusted here.",
        "Name the PEM file of the authority that signed it, or add that to QGIS's authorities.",
    ),
    _Failure(
        r"(?:cannot|unable to) connect to proxy|proxyerror|proxy connection error",
        "The proxy does not answer.",
        "Check the proxy's address and port.",
        tries=2,
    ),
    _Failure(
        r"\b401\b.*(?:error|unauthorized|credentials)|error 401|credentials not correct|user for \S+:",
        "The package index wants a login, or does not accept the one it got.",
        "Give it in the index's address, or in the file .netrc of your home folder.",
    ),
    _Failure(
        r"\b403\b.*(?:error|forbidden)|error 403",
        "The package index refuses this machine.",
        "Ask whoever looks after the index or the proxy for access.",
    ),
    _Failure(
        r"name resolution|name or service not known|getaddrinfo failed|nodename nor servname"
        r"|failed to resolve|nameresolutionerror",
        "The package index was not found: its name leads nowhere from here.",
        "Check the network, the proxy and the index's address; without a network install from a bundle.",
        tries=2,
    ),
    _Failure(
        r"not a trusted or secure host",
        "The package index is reached without encryption, which pip refuses.",
        "Give the index's address with https.",
    ),
    _Failure(
        r"timed out|connection refused|connection reset|network is unreachable|no route to host"
        r"|incompleteread|remotedisconnected|connection broken|connection aborted|not enough bytes",
        "The package index does not answer, or its answer was cut off.",
        "Check the network and the proxy, then run the set-up again: it goes on where it stopped.",
        tries=4,
    ),
    _Failure(
        r"\b5\d\d server error|error 5\d\d|too many 5\d\d error",
        "The package index has a failure of its own.",
        "Wait a while, then run the set-up again: it goes on where it stopped.",
        tries=4,
    ),
    _Failure(
        r"not a supported wheel on this platform",
        "A package was made for another system or another Python.",
        "Make the bundle for this machine: python -m geofm bundle FOLDER --platform ... --python ...",
    ),
    _Failure(
        r"no matching distribution found for (?P<what>[^\s;(]+)",
        "The package index has no {what} for this system and Python.",
        _OWN_INDEX,
    ),
)
_UNKNOWN = _Failure(
    "",
    "The engine could not be installed.",
    "Check the network, the proxy and the free disk space, then run the set-up again.",
)


def diagnose(lines: Iterable[str]) -> tuple[str, str]:
    """One sentence and a hint for the last lines of a pip that failed."""
    failure, what = _found(lines)
    return failure.sentence.format(what=without_secrets(what)), failure.hint


def worth_trying(lines: Iterable[str]) -> int:
    """How many tries a failure deserves: one that may be over in a moment several, others one."""
    return _found(lines)[0].tries


def _found(lines: Iterable[str]) -> tuple[_Failure, str]:
    text = "\n".join(lines)
    for failure in _FAILURES:
        found = re.search(failure.pattern, text, re.IGNORECASE)
        if found:
            return failure, found.groupdict().get("what") or ""
    return _UNKNOWN, ""
