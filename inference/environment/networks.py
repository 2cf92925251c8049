"""How package indexes are reached: proxies, certificates, logins; and what pip's failures mean.

Standard library alone. A login in an address is used and never shown: whatever goes to a log, a message or
a file passes :func:`without_secrets` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .options import SetupOptions
from .pythons import NotInstalled

HIDDEN = "***"

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
        (rf"\b({_NAMES_OF_SECRETS}=)[^&\s\"',;]+", r"\1"),
        (rf"([\"']{_NAMES_OF_SECRETS}[\"']\s*:\s*[\"'])[^\"']+", r"\1"),
        # Tokens that say what they are: of hubs, of code hosts, of package indexes; and JSON Web Tokens.
        (r"\b(?:hf_|gh[pousr]_|github_pat_|glpat-|pypi-)[a-z0-9][\w-]{8,}", ""),
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


def network_variables(options: SetupOptions) -> dict[str, str]:
    """The variables by which Python's network libraries learn of a proxy, pip's and the engine's alike.

    In lower case, which those libraries prefer to what the user's own environment may say.
    """
    if not options.proxy:
        return {}
    found = {"http_proxy": options.proxy, "https_proxy": options.proxy}
    return {**found, "no_proxy": ",".join(options.without_proxy)} if options.without_proxy else found


def pip_variables(options: SetupOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """What pip is told on top of the machine's own settings, as variables: none of it is in a command line.

    Args:
        options: of the set-up.
        environ: the variables that pip would get without these.

    Raises:
        NotInstalled: where the proxy is one that pip does not speak to.
    """
    refuse_socks(options.proxy or environ.get("https_proxy", "") or environ.get("HTTPS_PROXY", ""))
    found = network_variables(options)
    if options.proxy and environ.get("PIP_PROXY"):
        found["PIP_PROXY"] = options.proxy
    if options.index:
        found["PIP_INDEX_URL"] = options.index
    if options.extra_indexes:
        machines = environ.get("PIP_EXTRA_INDEX_URL", "").split()
        found["PIP_EXTRA_INDEX_URL"] = " ".join(dict.fromkeys([*machines, *options.extra_indexes]))
    if options.certificates:
        found["PIP_CERT"] = options.certificates
    # Known to pip 25.1 and later, which go on with a file that was cut off; older ones do not mind it.
    return {"PIP_RESUME_RETRIES": "10", **found}


def refuse_socks(proxy: str) -> None:
    """Refuse a SOCKS proxy, for which pip lacks a library.

    Raises:
        NotInstalled: in words.
    """
    if proxy.lower().startswith("socks"):
        raise NotInstalled(
            "Packages cannot be downloaded through a SOCKS proxy.",
            "Name an HTTP proxy, or install from a folder that python -m geofm bundle wrote elsewhere.",
        )


# --- what pip's words mean ----------------------------------------------------------------------

_AGAIN = "Run the set-up again: it goes on where it stopped."
_FAILURES = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence, hint)
    for pattern, sentence, hint in (
        (
            r"no space left on device|\[errno 28\]|\[winerror 112\]|disk quota exceeded",
            "The disk is full.",
            "Make room, or set GEOFM_HOME to a folder on a larger disk; then run the set-up again.",
        ),
        (
            r"\[winerror (?:225|226|1260|4551)\]|virus or potentially unwanted|blocked by group policy",
            "Antivirus software or a rule of this computer blocked a file of the engine.",
            "Ask whoever looks after this computer to allow the folder of GEOFM_HOME, then run it again.",
        ),
        (
            r"\[winerror 206\]|\[errno 36\]|file name too long|long path support",
            "A path is too long for this system.",
            "Set GEOFM_HOME to a short path, or let Windows allow long paths, then run the set-up again.",
        ),
        (
            r"\[winerror (?:5|32)\]|being used by another process",
            "Another program holds or guards files of the engine: antivirus software, or an engine at work.",
            "Close other QGIS windows, wait a moment, and run the set-up again.",
        ),
        (
            r"\[errno 13\]|\[errno 30\]|permission denied|read-only file system",
            "The engine's folder cannot be written.",
            "Set GEOFM_HOME to a folder that you may write to.",
        ),
        (
            r"do not match the hashes",
            "A package is not the file that GeoFM's list names, and was refused.",
            "Run the set-up again. If it stays, the index or something before it sends other files.",
        ),
        (
            r"bad ?zip ?file|wheel '.*' .* is invalid|has an invalid wheel",
            "A package arrived damaged.",
            _AGAIN,
        ),
        (
            r"\b407\b|proxy authentication required",
            "The proxy wants a user name and a password.",
            "Give them in QGIS (Settings, Options, Network), or as http://USER:PASSWORD@proxy.example:3128.",
        ),
        (
            r"missing dependencies for socks",
            "Packages cannot be downloaded through a SOCKS proxy.",
            "Name an HTTP proxy, or install from a folder that python -m geofm bundle wrote elsewhere.",
        ),
        (
            r"suitable tls ca certificate bundle|invalid path: .*\.(?:pem|crt)",
            "The file of certificates cannot be read.",
            "Name another PEM file, or none.",
        ),
        (
            r"certificate_?\s?verify_?\s?failed|sslcertverificationerror|confirming the ssl certificate",
            "The certificate of the package index, or of a proxy before it, is not trusted here.",
            "Name the PEM file of the authority that signed it, or add that to QGIS's authorities.",
        ),
        (
            r"cannot connect to proxy|proxyerror",
            "The proxy does not answer.",
            "Check the proxy's address and port.",
        ),
        (
            r"\b401\b.*(?:error|unauthorized|credentials)|credentials not correct|user for \S+:",
            "The package index wants a login, or does not accept the one it got.",
            "Give it in the index's address, or in the file .netrc of your home folder.",
        ),
        (
            r"\b403\b.*(?:error|forbidden)|error 403",
            "The package index refuses this machine.",
            "Ask whoever looks after the index or the proxy for access.",
        ),
        (
            r"name resolution|name or service not known|getaddrinfo failed|nodename nor servname"
            r"|failed to resolve|nameresolutionerror",
            "The package index was not found: its name leads nowhere from here.",
            "Check the network, the proxy and the index's address; without a network install from a bundle.",
        ),
        (
            r"timed out|connection refused|connection reset|network is unreachable|no route to host"
            r"|incompleteread|remotedisconnected|connection broken|connection aborted|not enough bytes",
            "The package index does not answer, or its answer was cut off.",
            "Check the network and the proxy, then run the set-up again: it goes on where it stopped.",
        ),
        (
            r"\b5\d\d server error|http error 5\d\d",
            "The package index has a failure of its own.",
            "Wait a while, then run the set-up again: it goes on where it stopped.",
        ),
        (
            r"not a supported wheel on this platform",
            "A package was made for another system or another Python.",
            "Make the bundle for this machine: python -m geofm bundle FOLDER --platform ... --python ...",
        ),
        (
            r"no matching distribution found for (?P<what>[^\s;(]+)",
            "The package index has no {what} for this system and Python.",
            "Name an index that has it; an index of your own must hold every version of GeoFM's lists.",
        ),
        (
            r"memoryerror|cannot allocate memory|\[errno 12\]",
            "The memory did not suffice to unpack the engine.",
            "Close other programs, then run the set-up again.",
        ),
    )
)


def diagnose(lines: Iterable[str]) -> tuple[str, str]:
    """One sentence and a hint for the last lines of a pip that failed.

    The first rule that fits counts, not the last line: pip's last line often is that it found no version,
    which follows from a network that failed ten lines before.
    """
    text = "\n".join(lines)
    for pattern, sentence, hint in _FAILURES:
        found = pattern.search(text)
        if found:
            return sentence.format(**{k: without_secrets(v) for k, v in found.groupdict().items()}), hint
    return (
        "The engine could not be installed.",
        "Check the network, the proxy and the free disk space, then run the set-up again.",
    )
