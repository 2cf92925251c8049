"""An encoder's tokens of lattice windows: rounded to a compact form, made once, and kept.

Tokens are what costs; what is made of them (components, heads, clusters) is cheap and differs from
job to job. So they are kept as the encoder gives them: the last ones in memory, all of them on disk
where that is allowed (:mod:`.token_store`). They are rounded to the kept form before anybody uses
them, whether they were kept or not: with and without what an earlier run left, the same bytes come out.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base import F32, Context, Encoder, Mask
from ..regions import Region, joined
from ..series.asked import asked
from .token_store import Entry, TokenStore

U8 = NDArray[np.uint8]

# Windows a batch, as many as hold so many pixels and tokens: 64 of Galileo's, 5 of 224 x 224, 2 of Presto's.
_BATCH, _BATCH_PIXELS, _BATCH_TOKENS = 64, 1 << 18, 1 << 11
# Windows in which single pixels are encoded, by encoders that want none.
_PIXELS_SIDE = 32
# Bytes of the kept form that stay in memory, and of tokens that are handed out at once.
_REMEMBERED, _AT_ONCE = 1 << 26, 1 << 22
_LEVELS = 255


@dataclass(frozen=True)
class Form:
    """How a window's tokens are kept: 8 bits a number, with the least and the step of each feature.

    By feature, because in some models a few are a thousand times as large as the others; by window,
    so that a window's bytes depend on nothing else.

    Attributes:
        shape: (dim, rows, cols) of a window's tokens.
    """

    shape: tuple[int, int, int]

    @property
    def size(self) -> int:
        """Bytes of a window."""
        dim, rows, cols = self.shape
        return dim * (8 + rows * cols)

    def packed(self, tokens: F32) -> tuple[U8, Mask]:
        """(windows, size) bytes of (windows, dim, rows, cols), and which windows can be kept so.

        Those that hold NaN or infinity cannot.
        """
        flat = tokens.reshape(len(tokens), self.shape[0], -1)
        with np.errstate(over="ignore", invalid="ignore"):
            least = flat.min(axis=2)
            step = (flat.max(axis=2) - least) / np.float32(_LEVELS)
            fits = np.isfinite(least).all(axis=1) & np.isfinite(step).all(axis=1)
            above = (flat - least[..., None]) / np.where(step > 0, step, np.float32(1))[..., None]
        codes = np.rint(np.where(fits[:, None, None], above, 0)).clip(0, _LEVELS).astype(np.uint8)
        scales = np.ascontiguousarray(np.stack([least, step], axis=1), "<f4").reshape(len(tokens), -1)
        return np.concatenate([scales.view(np.uint8), codes.reshape(len(tokens), -1)], axis=1), fits

    def unpacked(self, rows: U8) -> F32:
        """(windows, dim, rows, cols) of :meth:`packed`."""
        dim, height, width = self.shape
        scales = np.ascontiguousarray(rows[:, : 8 * dim]).view("<f4").reshape(-1, 2, dim, 1)
        codes = rows[:, 8 * dim :].reshape(-1, dim, height * width)
        return (scales[:, 0] + codes * scales[:, 1]).reshape(-1, dim, height, width)


@dataclass(frozen=True)
class Kept:
    """Where the tokens of one model are kept beyond a run.

    Attributes:
        store: all that is kept on this machine.
        identity: digest of the model and of what computes it.
    """

    store: TokenStore
    identity: str


class Encodings:
    """Tokens of one encoder, from wherever they are had soonest.

    Args:
        encoder: the foundation model.
        batch: windows a batch, 0 chooses.
        kept: where tokens lie beyond this object's life; None for nowhere.
    """

    def __init__(self, encoder: Encoder, batch: int = 0, kept: Kept | None = None) -> None:
        self.encoder = encoder
        self.batch = batch or windows_a_batch(encoder)
        side = lattice_side(encoder) // encoder.stride
        self._form = Form((encoder.dim, side, side))
        self._kept = kept
        self._entries: dict[str, Entry] = {}
        self._recent: OrderedDict[tuple[str, int, int], U8] = OrderedDict()

    def tokens(self, windows: Sequence[Region], context: Context) -> Iterator[tuple[list[int], F32]]:
        """Tokens of lattice windows of one stack, some at a time and in any order.

        Windows without a valid pixel have none and are left out.

        Args:
            windows: of :func:`lattice_side`, on its lattice.
            context: asked for cancellation before each batch.

        Yields:
            indices into ``windows`` and (indices, dim, rows, cols).
        """
        todo = [index for index, window in enumerate(windows) if window.valid.any()]
        if not todo:
            return
        key = self._key(windows[0])
        entry = self._entry(key, windows[0])
        missing: list[int] = []
        at_once = max(1, _AT_ONCE // (4 * self._form.size))
        for start in range(0, len(todo), at_once):
            known = self._known(key, entry, windows, todo[start : start + at_once])
            missing += [index for index in todo[start : start + at_once] if index not in known]
            if known:
                yield list(known), self._form.unpacked(np.stack(list(known.values())))
        for start in range(0, len(missing), self.batch):
            context.check()
            part = missing[start : start + self.batch]
            yield part, self._encoded(key, entry, [windows[index] for index in part])

    def _known(
        self, key: str, entry: Entry | None, windows: Sequence[Region], wanted: Sequence[int]
    ) -> dict[int, U8]:
        """The kept form of those windows that are in memory or on disk."""
        places = {index: self._place(windows[index]) for index in wanted}
        found = {i: self._recent[(key, *at)] for i, at in places.items() if (key, *at) in self._recent}
        if entry is not None:
            absent = [index for index in wanted if index not in found]
            for index, row in zip(absent, entry.find([places[i] for i in absent]), strict=True):
                if row is not None:
                    found[index] = row
        for index, at in places.items():
            if (key, *at) in self._recent:
                self._recent.move_to_end((key, *at))
            elif index in found:
                self._remember((key, *at), found[index])
        return found

    def _encoded(self, key: str, entry: Entry | None, windows: Sequence[Region]) -> F32:
        """Rounded tokens of a batch of windows, which are kept now."""
        given = [asked(self.encoder, window) for window in windows]
        raw = self.encoder.encode(joined([one.batch([one.window], chosen) for one, chosen in given]))
        rows, fits = self._form.packed(raw)
        places = [self._place(window) for window in windows]
        for place, row, fit in zip(places, rows, fits, strict=True):
            if fit:
                self._remember((key, *place), row)
        # Pixels of a file that is being rewritten must not go under the name of what it was.
        if entry is not None and not windows[0].source.changed():
            entry.add([place for place, fit in zip(places, fits, strict=True) if fit], rows[fits])
        if fits.all():
            return self._form.unpacked(rows)
        return np.where(fits[:, None, None, None], self._form.unpacked(rows), raw)

    def _place(self, region: Region) -> tuple[int, int]:
        """Column and row of a window on the lattice."""
        side = lattice_side(self.encoder)
        return region.window.col // side, region.window.row // side

    def _remember(self, name: tuple[str, int, int], row: U8) -> None:
        # A copy: the row is a part of its batch, all of which would stay as long as it does.
        self._recent[name] = row.copy()
        self._recent.move_to_end(name)
        while len(self._recent) > max(1, _REMEMBERED // self._form.size):
            self._recent.popitem(last=False)

    def _key(self, region: Region) -> str:
        """Digest of all that fixes the tokens of the windows of a stack, but not of which part of it."""
        encoder, identity = self.encoder, self._kept.identity if self._kept else ""
        region, _ = asked(encoder, region)
        facts = [
            identity,
            [encoder.name, encoder.dim, encoder.stride, lattice_side(encoder)],
            region.source.fingerprint,
            # Of these each must be valid in a pixel that counts, whichever of them the encoder reads.
            [[band.identity(), band.layer, str(band.date)] for band in region.bands],
            region.partly,
            repr(region.scene),
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]

    def _entry(self, key: str, region: Region) -> Entry | None:
        if self._kept is None or not self._kept.store.limit or not region.source.lasting:
            return None
        if key not in self._entries:
            using = self._entries.values()
            self._entries[key] = Entry(self._kept.store, key, self._form.size, region.source, using)
        return self._entries[key]


def masks_bands(encoder: Encoder) -> bool:
    """Whether an encoder looks past bands that are missing at places: ``batch.seen``."""
    return bool(getattr(encoder, "masks_bands", False))


def lattice_side(encoder: Encoder) -> int:
    """Side of the windows in which an encoder is asked; 0 if it must see around them."""
    return encoder.window or (0 if encoder.halo else _PIXELS_SIDE)


def windows_a_batch(encoder: Encoder) -> int:
    """How many windows are read and encoded at once where nobody says otherwise."""
    side = lattice_side(encoder)
    return max(1, min(_BATCH, _BATCH_PIXELS // side**2, _BATCH_TOKENS // (side // encoder.stride) ** 2))
