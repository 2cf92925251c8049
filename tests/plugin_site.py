"""The published rules of plugins.qgis.org as data, each with its source and a change that breaks it.

As of the QGIS project's own sources, read in November 2026:

- SITE: github.com/qgis/QGIS-Plugins-Website, qgis-app/plugins/validator.py, forms.py and models.py, which
  refuse an upload;
- SCAN: qgis-app/plugins/security_scanner.py there, which looks at what was uploaded;
- PUBLISH: plugins.qgis.org/docs/publish, what its reviewers ask;
- COOKBOOK: docs.qgis.org, PyQGIS developer cookbook, Releasing your plugin;
- OURS: what follows from where the zip is unpacked.
"""

from __future__ import annotations

import configparser
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

LIMIT = 25_000_000
REQUIRED = (
    "name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker",
    "repository",
)
FLAGS = ("experimental", "deprecated", "server", "supportsQt6")
ADDRESSES = {"tracker": "http://bugs", "repository": "http://repo", "homepage": "http://homepage"}
STARTS = {
    ".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8", ".gif": b"GIF8", ".qm": b"<\xb8d\x18",
}
PICTURES = (".png", ".jpg", ".jpeg", ".gif")
PROGRAMS = (
    ".exe", ".dll", ".so", ".dylib", ".bat", ".sh", ".ps1", ".cmd", ".pyd", ".pyc", ".pyo", ".a", ".o",
    ".whl", ".jar", ".zip", ".egg", ".onnx", ".pt", ".safetensors",
)


class Package:
    """A zip as the site reads it."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.entries = archive.infolist()
            self.broken = archive.testzip()
            self.contents = {} if self.broken else {name: archive.read(name) for name in archive.namelist()}

    @property
    def names(self) -> list[str]:
        return [entry.filename for entry in self.entries]

    @property
    def folders(self) -> set[str]:
        return {name.split("/")[0] for name in self.names}

    @property
    def metadata(self) -> dict[str, str]:
        """As the site parses it: names of fields in their case, ``%`` as configparser takes it."""
        parser = configparser.ConfigParser()
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        parser.read_string(self.contents[f"{self.names[0].split('/')[0]}/metadata.txt"].decode("utf-8"))
        return {name: value.strip() for name, value in parser.items("general")}


@dataclass(frozen=True)
class Rule:
    """One rule: what is wrong with a package by it, and a change to a good one that it must see."""

    source: str
    faults: Callable[[Package], list[str]]
    breach: Callable[[dict[str, bytes]], dict[str, bytes]]


def field(name: str, value: str | None) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """A breach: a field of metadata.txt gone, or with another value."""

    def change(contents: dict[str, bytes]) -> dict[str, bytes]:
        lines = contents["geofm/metadata.txt"].decode("utf-8").split("\n")
        at = next((i for i, line in enumerate(lines) if line.startswith(f"{name}=")), None)
        if at is None:
            lines.insert(1, f"{name}={value}")
        else:
            # A value goes on in the indented lines below.
            end = next((i for i in range(at + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
            lines[at:end] = [] if value is None else [f"{name}={value}"]
        return {**contents, "geofm/metadata.txt": "\n".join(lines).encode("utf-8")}

    return change


def _with(name: str, data: bytes = b"#\n") -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda contents: {**contents, name: data}


def _without(name: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda contents: {key: value for key, value in contents.items() if key != name}


def _moved(folder: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda contents: {key.replace("geofm/", f"{folder}/", 1): value for key, value in contents.items()}


def _named(package: Package, wrong: Callable[[PurePosixPath], object]) -> list[str]:
    return [name for name in package.names if wrong(PurePosixPath(name))]


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _addresses(package: Package) -> list[str]:
    found = {name: package.metadata.get(name, "") for name in ADDRESSES}
    return [name for name, text in found.items() if not _is_address(text) or text == ADDRESSES[name]]


def _versions(package: Package) -> list[str]:
    bounds = [package.metadata.get(f"qgis{end}Version", "") for end in ("Minimum", "Maximum")]
    if not all(re.fullmatch(r"\d{1,3}\.\d{1,3}", text) for text in bounds):
        return bounds
    least, most = (tuple(map(int, text.split("."))) for text in bounds)
    return [] if (3, 0) <= least <= most else bounds


def _icon(package: Package) -> list[str]:
    icon = package.metadata.get("icon", "")
    there = f"geofm/{icon.removeprefix('./')}" in package.names
    return [] if there and icon.endswith((".svg", *PICTURES)) else [f"icon {icon!r}"]


def _screenshot(package: Package) -> list[str]:
    name = package.metadata.get("screenshot")
    if name is None:
        return []
    picture = package.contents.get(f"geofm/{name.removeprefix('./')}", b"")
    return [] if picture and len(picture) <= 2 << 20 and name.endswith(PICTURES) else [name]


def _binaries(package: Package) -> list[str]:
    """Neither text nor what its name says: a picture, or a compiled translation."""
    found = []
    for name, data in package.contents.items():
        start = STARTS.get(PurePosixPath(name).suffix.lower())
        is_text = b"\0" not in data and data.decode("utf-8", "replace").encode("utf-8") == data
        if not (data.startswith(start) if start else is_text):
            found.append(name)
    return found


def _twins(package: Package) -> list[str]:
    folded = [name.casefold() for name in package.names]
    return [name for name in package.names if folded.count(name.casefold()) > 1]


_ODD = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)|.*[. ]$|.*[<>:\"|?*\\\x00-\x1f]|.*[^ -~]", re.I)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")

RULES: dict[str, Rule] = {
    "not larger than 25 MB": Rule(
        "SITE PLUGIN_MAX_UPLOAD_SIZE",
        lambda p: [str(p.size)] if p.size > LIMIT else [],
        _with("geofm/large.txt", b"x" * LIMIT),
    ),
    "paths stay inside": Rule(
        "SITE",
        lambda p: [n for n in p.names if ".." in n or n.startswith(("/", "\\")) or "\\" in n],
        _with("geofm/../other.py"),
    ),
    "no compiled Python": Rule(
        "SITE", lambda p: [n for n in p.names if ".pyc" in n], _with("geofm/ui/dock.pyc")
    ),
    "no folders of tools": Rule(
        "SITE",
        lambda p: _named(p, lambda path: {"__MACOSX", ".git", "__pycache__"} & set(path.parts)),
        _with("geofm/__pycache__/dock.txt"),
    ),
    "one folder": Rule(
        "SITE multiple_parent_folders",
        lambda p: sorted(p.folders) if len(p.folders) != 1 else [],
        _with("other/notes.txt"),
    ),
    "the folder's name is an identifier": Rule(
        "SITE isidentifier, [A-Za-z][A-Za-z0-9-_]+",
        lambda p: [f for f in p.folders if not re.fullmatch("[A-Za-z][A-Za-z0-9_]+", f)],
        _moved("1-geofm"),
    ),
    "a package with metadata": Rule(
        "SITE",
        lambda p: [f for f in p.folders if not {f"{f}/__init__.py", f"{f}/metadata.txt"} <= set(p.names)],
        _without("geofm/__init__.py"),
    ),
    "required fields": Rule(
        "SITE PLUGIN_REQUIRED_METADATA",
        lambda p: [name for name in REQUIRED if not p.metadata.get(name)],
        field("about", None),
    ),
    "flags are true or false": Rule(
        "SITE PLUGIN_BOOLEAN_METADATA",
        lambda p: [n for n in FLAGS if p.metadata.get(n, "false").lower() not in ("true", "false", "0", "1")],
        field("experimental", "perhaps"),
    ),
    "addresses": Rule("SITE _check_url_link", _addresses, field("homepage", "http://homepage")),
    "the author has no slash": Rule(
        "SITE", lambda p: ["author"] if "/" in p.metadata.get("author", "/") else [], field("author", "A/B")
    ),
    "an e-mail address": Rule(
        "SITE Plugin.email",
        lambda p: ["email"] if not _EMAIL.fullmatch(p.metadata.get("email", "")) else [],
        field("email", "nobody"),
    ),
    "a version that can be sorted": Rule(
        "SITE VersionField",
        lambda p: ["version"] if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){1,3}", p.metadata["version"]) else [],
        field("version", "v1-beta"),
    ),
    "versions of QGIS": Rule("SITE QGVersionZeroForcedField", _versions, field("qgisMaximumVersion", "3.2")),
    "fields fit": Rule(
        "SITE max_length",
        lambda p: [n for n in ("name", "author", "email") if len(p.metadata.get(n, "")) > 256],
        field("author", "x" * 300),
    ),
    "an icon": Rule("SITE, COOKBOOK", _icon, field("icon", "resources/icons/none.svg")),
    "a screenshot, if any, is a small picture": Rule("SITE", _screenshot, field("screenshot", "README.md")),
    "a licence": Rule(
        "SITE, PUBLISH",
        lambda p: [] if b"GENERAL PUBLIC LICENSE" in p.contents.get("geofm/LICENSE", b"") else ["LICENSE"],
        _without("geofm/LICENSE"),
    ),
    "nothing hidden": Rule(
        "SCAN FILE_HIDDEN",
        lambda p: _named(p, lambda path: any(part.startswith(".") and part != ".." for part in path.parts)),
        _with("geofm/resources/.gitignore"),
    ),
    "no programs, archives or weights": Rule(
        "SCAN FILE_SUSPICIOUS, PUBLISH",
        lambda p: [n for n in p.names if n.lower().endswith(PROGRAMS)],
        _with("geofm/inference/fast.PYD"),
    ),
    "no binaries": Rule(
        "SCAN FILE_BINARY, PUBLISH", _binaries, _with("geofm/resources/data.txt", b"\x7fELF\0")
    ),
    "no generated Qt files": Rule(
        "COOKBOOK",
        lambda p: [n for n in p.names if re.search(r"(resources(_rc)?|/ui_\w+|_ui)\.py$|\.(qrc|ui)$", n)],
        _with("geofm/resources_rc.py"),
    ),
    "what it needs is said": Rule(
        "PUBLISH external dependencies",
        lambda p: [] if "needs Python" in p.metadata.get("about", "") else ["about"],
        field("about", "Maps."),
    ),
    "one line says what it does": Rule(
        "PUBLISH, COOKBOOK",
        lambda p: [] if re.fullmatch(".{20,200}", p.metadata["description"]) else ["description"],
        field("description", "Maps."),
    ),
    "the name does not say plugin": Rule(
        "COOKBOOK",
        lambda p: ["name"] if "plugin" in p.metadata["name"].lower() else [],
        field("name", "GeoFM plugin"),
    ),
    "nothing but what users need": Rule(
        "COOKBOOK",
        lambda p: _named(p, lambda path: {"tests", "scripts", "docs", "build"} & set(path.parts)),
        _with("geofm/tests/test_package.py"),
    ),
    "names that every system can hold": Rule(
        "OURS Windows",
        lambda p: _named(p, lambda path: len(str(path)) > 120 or any(map(_ODD.match, path.parts))),
        _with("geofm/resources/aux.txt"),
    ),
    "no two names that differ in case alone": Rule("OURS Windows, macOS", _twins, _with("geofm/Plugin.py")),
}
