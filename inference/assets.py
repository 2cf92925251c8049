"""The files of a model, as its card lists them: where they come from and what they are held to.

Standard library alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .addresses import fault_of, hub_address, is_file_name, path_beside, wheel_member
from .fields import Fields

_WEIGHT_ROLES = {"mlm:model", "mlm:weights", "mlm:checkpoint"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGEST_START = re.compile(r"(?:[0-9a-f]{8,64})?")
# Starts of a multihash: algorithm sha2-256, 32 bytes.
_MULTIHASH_SHA256 = "1220"


@dataclass(frozen=True)
class Asset:
    """One file of a model.

    Attributes:
        name: key in the card.
        href: where it comes from: ``https:``, ``http:``, ``file:``, a path beside the card, or
            ``pypi:<name>==<version>#<path inside the wheel>``.
        sha256: digest, 64 hex digits; empty where the file is inside the classifier itself, and where
            the hub states it at the first download (``engine/weights/pins.py``).
        size: bytes, None if the card does not say.
        filename: name in a model folder, a single safe path component.
        bands: canonical names of the bands it takes, in its order; empty means the card's.
        mean, std: one a band, in the band's units (reflectance 0 to 1, dB); empty if not scaled.
        download_size: bytes to transfer to get it, None if the same as ``size``.
        digest_start: first digits of the digest, where the file's name carries no more of it.
    """

    name: str
    href: str
    sha256: str = ""
    size: int | None = None
    filename: str = ""
    bands: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    download_size: int | None = None
    digest_start: str = ""

    @property
    def beside(self) -> str:
        """The path of a file beside its card, from the card's folder; empty for any other address."""
        return path_beside(self.href)

    @property
    def scheme(self) -> str:
        """``https``, ``http``, ``pypi`` or ``file`` (a path beside the card too)."""
        return urlsplit(self.href).scheme or "file"

    def in_wheel(self) -> tuple[str, str] | None:
        """Pinned requirement and path inside its wheel, for a ``pypi:`` asset."""
        return wheel_member(self.href)


def read_assets(table: Fields, inside: bool) -> tuple[Asset, ...]:
    """The files with weights in the ``assets`` of a card.

    Args:
        inside: whether they lie in the classifier itself, which vouches for them.

    Raises:
        ModelCorrupt: naming the field that is wrong.
    """
    fields = [(name, table.inside(name)) for name in table.data]
    found = [_asset(name, item, inside) for name, item in fields if _WEIGHT_ROLES & set(item.texts("roles"))]
    # Some file systems do not tell upper from lower case.
    if len({asset.filename.lower() for asset in found}) != len(found):
        raise table.wrong("", "gives two files one name")
    return tuple(found)


def _asset(name: str, item: Fields, inside: bool) -> Asset:
    href = item.text("href")
    fault = fault_of(href)
    if inside and not fault and not path_beside(href):
        fault = "must be a file inside the classifier"
    if fault:
        raise item.wrong("href", fault)
    last = href.split("#")[-1] if href.startswith("pypi:") else urlsplit(href).path
    filename = item.text("geofm:filename", last.rsplit("/", 1)[-1])
    if not is_file_name(filename):
        raise item.wrong("geofm:filename", "must be a plain file name")
    digest, start = _digest(item), item.text("geofm:digest_start", "")
    if not _DIGEST_START.fullmatch(start) or (digest and not digest.startswith(start)):
        raise item.wrong("geofm:digest_start", "must be the first 8 or more hex digits of the SHA-256")
    if not digest and not inside and hub_address(href) is None:
        raise item.wrong("geofm:digest", "is missing: weights without a digest are not loaded")
    bands, mean, std = item.names("bands"), item.numbers("geofm:mean"), item.numbers("geofm:std")
    if len(mean) != len(std) or (mean and bands and len(mean) != len(bands)):
        raise item.wrong("geofm:mean", "and geofm:std must have one number a band")
    if any(value <= 0 for value in std):
        raise item.wrong("geofm:std", "must be above 0")
    sizes = item.count("file:size"), item.count("geofm:download_size")
    return Asset(name, href, digest, sizes[0], filename, bands, mean, std, sizes[1], start)


def _digest(item: Fields) -> str:
    """The SHA-256 of ``geofm:digest`` (``sha256:<hex>``) and ``file:checksum`` (a multihash)."""
    stated = []
    text = item.text("geofm:digest", "")
    if text:
        stated.append(text.partition("sha256:")[2] if text.startswith("sha256:") else "")
    text = item.text("file:checksum", "")
    if text:
        stated.append(text[len(_MULTIHASH_SHA256) :] if text.startswith(_MULTIHASH_SHA256) else "")
    if not all(_SHA256.fullmatch(digest) for digest in stated):
        raise item.wrong("geofm:digest", "must be 'sha256:' and 64 hex digits")
    if len(set(stated)) > 1:
        raise item.wrong("geofm:digest", "and file:checksum disagree")
    return stated[0] if stated else ""
