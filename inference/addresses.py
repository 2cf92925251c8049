"""Where cards say that files are, and what they may call them. Standard library alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HUB = "huggingface.co"
_RESOLVE = re.compile(r"/(?P<repo>[\w.-]+/[\w.-]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PYPI = re.compile(r"pypi:([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)#(.+)")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
# Windows takes these for devices, whatever follows the first dot:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_PORTS = {f"{kind}{number}" for kind in ("com", "lpt") for number in "0123456789\u00b9\u00b2\u00b3"}
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$", *_PORTS}
# What the store itself writes beside a file, and what the catalogue takes for a card.
_OURS = re.compile(r".*\.(?:part|part\.json|pin\.json)|card\.json", re.IGNORECASE)


@dataclass(frozen=True)
class HubAddress:
    """One file of one repository on the hub.

    Attributes:
        repo: ``<owner>/<name>``.
        revision: a branch, a tag or a commit.
        path: inside the repository.
    """

    repo: str
    revision: str
    path: str

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit, which names the same bytes for ever."""
        return _COMMIT.fullmatch(self.revision) is not None


def hub_address(href: str) -> HubAddress | None:
    """What ``https://huggingface.co/<repo>/resolve/<revision>/<path>`` names; None for any other address."""
    parts = urlsplit(href)
    found = _RESOLVE.fullmatch(parts.path)
    if (parts.scheme, parts.netloc) != ("https", HUB) or parts.fragment or not found:
        return None
    return HubAddress(found["repo"], unquote(found["revision"]), unquote(found["path"]))


def wheel_member(href: str) -> tuple[str, str] | None:
    """Pinned requirement and path inside its wheel of a ``pypi:`` address; None for any other."""
    found = _PYPI.fullmatch(href)
    return (f"{found.group(1)}=={found.group(2)}", found.group(3)) if found else None


def path_beside(href: str) -> str:
    """The path of a file beside its card, from the card's folder; empty for any other address."""
    parts = urlsplit(href)
    return "" if parts.scheme else unquote(parts.path)


def fault_of(href: str) -> str:
    """What is wrong with a card's address, as the end of a sentence; empty if nothing is."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return "is not an address"
    path = unquote(href.split("#", 1)[-1] if parts.scheme == "pypi" else parts.path)
    if ".." in re.split(r"[/\\]", path) or (parts.scheme in ("", "pypi") and not _stays_inside(path)):
        return "must not lead out of its folder"
    # Windows logs in to the machine of such a path.
    if parts.scheme == "file" and (
        parts.netloc not in ("", "localhost") or "\\" in path or path.startswith("//")
    ):
        return "must not name a file of another machine"
    complete = {
        "https": bool(parts.hostname),
        "http": bool(parts.hostname),
        "pypi": wheel_member(href) is not None,
        "file": bool(path),
        "": bool(path),
    }
    if not complete.get(parts.scheme, False):
        return "must be https:, pypi:<name>==<version>#<path>, file: or a path beside it"
    return ""


def is_safe_name(text: str) -> bool:
    """Whether a text may name a model: letters, digits, ``.``, ``_`` and ``-``, and no device of Windows."""
    return _NAME.fullmatch(text) is not None and not _is_device(text)


def is_file_name(text: str) -> bool:
    """Whether a text may name a file that is downloaded into a model's folder."""
    return is_safe_name(text) and _OURS.fullmatch(text) is None


def _stays_inside(path: str) -> bool:
    """Whether a path leads nowhere but down, on every system."""
    if any(sign in path for sign in "\\:\0") or path.startswith("/"):
        return False
    return not any(_is_device(part) or part != part.rstrip(" .") for part in path.split("/"))


def _is_device(text: str) -> bool:
    return text.split(".", 1)[0].rstrip(" ").lower() in _DEVICES
