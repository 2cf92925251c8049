"""The user's language: which it is, and the texts in it, read from resources/i18n.

The files are Qt's own .ts, which every translator's tool opens. They are read as they are: a compiled file
has no place in the package, and a QTranslator of our own would be asked for each word of all of QGIS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QXmlStreamReader

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "i18n"
_GONE = ("vanished", "obsolete")
# What Qt says of Chinese that is written in simplified characters; QGIS's own files are named zh-Hans.
_SIMPLIFIED = ("zh", "zh_CN", "zh_SG", "zh_Hans")


def candidates(locale: str) -> tuple[str, ...]:
    """Names of languages to look for, best first: ``de_AT`` is also ``de``, ``zh_CN`` is ``zh-Hans``.

    Args:
        locale: as QGIS and Qt write it, with ``_`` or ``-`` and perhaps an encoding after a dot.
    """
    whole = locale.split(".")[0].replace("-", "_")
    language = whole.split("_")[0]
    if language == "zh":
        # Who reads traditional characters gets English, not simplified ones.
        return ("zh-Hans",) if whole in _SIMPLIFIED or whole.startswith("zh_Hans_") else ()
    return tuple(dict.fromkeys(name for name in (whole, language) if name))


def texts_in(path: Path) -> dict[str, str]:
    """The translated texts of a .ts file by their source, without what is not translated or gone.

    Raises:
        OSError: if there is no such file.
        ValueError: if it is no well-formed XML.
    """
    reader = QXmlStreamReader(path.read_bytes())
    found = {}
    # From one element to the next of its kind: every step between costs as much as a text.
    reader.readNextStartElement()
    for _ in _children(reader):
        for name in _children(reader):
            if name == "message":
                source, text = _message(reader)
                if text:
                    found[source] = text
            else:
                reader.skipCurrentElement()
    if reader.hasError():
        raise ValueError(f"{path.name}: {reader.errorString()}")
    return found


def _children(reader: QXmlStreamReader) -> Iterator[str]:
    """Names of the elements within the present one; each must be read or skipped."""
    while reader.readNextStartElement():
        yield reader.name()


def _message(reader: QXmlStreamReader) -> tuple[str, str]:
    """A text and its translation; that is empty where there is none, or it is gone."""
    source = text = ""
    for name in _children(reader):
        if name == "source":
            source = reader.readElementText()
        elif name == "translation" and reader.attributes().value("type") not in _GONE:
            text = reader.readElementText()
        else:
            reader.skipCurrentElement()
    return source, text


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Names of the user's language in resources, best first."""
    return candidates(QgsApplication.locale())


@lru_cache(maxsize=1)
def texts() -> Mapping[str, str]:
    """The texts in the user's language by the English ones; empty where there is no translation.

    Read once: QGIS takes another language only when it starts.
    """
    for name in languages():
        path = FOLDER / f"geofm_{name}.ts"
        if path.is_file():
            return texts_in(path)
    return {}
