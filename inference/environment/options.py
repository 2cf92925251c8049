"""What a person chose for the set-up, the same for the panel and the terminal. Standard library alone.

Kept in ``setup.json`` in the data folder. Names and passwords in addresses are never written there: they
count for the set-up that they were given to.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ..errors import InvalidRequest
from ..places import data_home

ACCELERATORS = ("auto", "cpu", "cuda")
_LISTS = ("extras", "extra_indexes", "without_proxy")
_SECRETIVE = ("index", "extra_indexes", "proxy", "without_proxy")


@dataclass(frozen=True)
class SetupOptions:
    """How the engine's environment is to be made; what is empty, GeoFM and pip decide.

    Attributes:
        python: the Python to make it with.
        accelerator: ``auto``, ``cpu`` or ``cuda``.
        extras: what is wanted beside the engine, in alphabetical order.
        index: address of a package index, instead of the one that pip is configured with.
        extra_indexes: addresses of more of them, or of folders and pages with packages.
        bundle: a folder made by ``python -m geofm bundle``, to install from without a network.
        proxy: address of a proxy, with a name and a password where it asks for them.
        without_proxy: hosts that are reached without it.
        certificates: a PEM file with certificates to trust beside those of the system.

    Raises:
        InvalidRequest: naming what cannot be meant.
    """

    python: str = ""
    accelerator: str = "auto"
    extras: tuple[str, ...] = ()
    # Addresses may hold a login, and what is printed is copied into reports.
    index: str = field(default="", repr=False)
    extra_indexes: tuple[str, ...] = field(default=(), repr=False)
    bundle: str = ""
    proxy: str = field(default="", repr=False)
    without_proxy: tuple[str, ...] = ()
    certificates: str = ""

    def __post_init__(self) -> None:
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            many = one.name in _LISTS
            words = value if many else (value,)
            if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
                kind = "a list of texts" if many else "text"
                raise InvalidRequest(f"The set-up's option {one.name} is not {kind}.")
            for word in words:
                _check_word(one.name, word)
            if many:
                # The same wish, whatever its order, is the same environment; indexes are asked in order.
                kept = sorted(set(words)) if one.name == "extras" else dict.fromkeys(words)
                object.__setattr__(self, one.name, tuple(word for word in kept if word))
        if self.accelerator not in ACCELERATORS:
            raise InvalidRequest(
                f"There is no accelerator {self.accelerator}.", f"Known are: {', '.join(ACCELERATORS)}."
            )

    def save(self) -> None:
        """Remember them for the next set-up, without names and passwords in addresses."""
        folder = data_home()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".setup.{os.getpid()}.part"
        part.write_text(json.dumps(dataclasses.asdict(_harmless(self)), indent=2) + "\n", encoding="utf-8")
        os.replace(part, options_path())


def options_path() -> Path:
    """The file in which the options of the last set-up lie."""
    return data_home() / "setup.json"


def load() -> SetupOptions:
    """The options of the last set-up; those of a damaged file, or that mean nothing here, as if not given."""
    try:
        stated = json.loads(options_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return SetupOptions()
    return _understood(stated) if isinstance(stated, dict) else SetupOptions()


def _understood(stated: Mapping[str, Any]) -> SetupOptions:
    options = SetupOptions()
    for one in dataclasses.fields(SetupOptions):
        if one.name in stated:
            try:
                options = dataclasses.replace(options, **{one.name: stated[one.name]})
            except InvalidRequest:
                # Another version's file: what it says beside this is still meant.
                continue
    return options


def _check_word(name: str, word: str) -> None:
    # An option reaches pip in a variable of many words or a line of a file.
    if any(ord(letter) < 32 for letter in word) or (name in _SECRETIVE and " " in word.strip()):
        raise InvalidRequest(f"The set-up's option {name} holds what no address or path can.")
    if word.startswith("-"):
        raise InvalidRequest(f"The set-up's option {name} begins with a hyphen.")


def _harmless(options: SetupOptions) -> SetupOptions:
    return dataclasses.replace(
        options,
        index=_without_login(options.index),
        extra_indexes=tuple(map(_without_login, options.extra_indexes)),
        proxy=_without_login(options.proxy),
    )


def _without_login(address: str) -> str:
    # Tokens are given as names too, and in queries.
    if "@" not in address and "?" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    # A proxy may be given without a scheme, which hides its login from the parser.
    return bare if "@" not in bare else bare.rpartition("@")[2]
