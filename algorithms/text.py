"""Words for people: translation, help pages, times, and the addresses in metadata.txt."""

from __future__ import annotations

import html
import re
from configparser import ConfigParser
from functools import lru_cache
from pathlib import Path

from qgis.PyQt.QtCore import QCoreApplication

ROOT = Path(__file__).resolve().parent.parent
ICONS = ROOT / "resources" / "icons"
HELP = ROOT / "resources" / "help"


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("GeoFM", text)


@lru_cache(maxsize=1)
def repository() -> str:
    """Address of the project, as metadata.txt gives it to plugins.qgis.org."""
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return parser.get("general", "repository")


def help_url(algorithm: str) -> str:
    """Address of the algorithm's help page."""
    return f"{repository()}/blob/main/resources/help/{algorithm}.md"


@lru_cache(maxsize=32)
def help_page(algorithm: str) -> str:
    """The help page of an algorithm as the simple HTML that Processing shows.

    Raises:
        FileNotFoundError: if resources/help has no page of that name.
    """
    return to_html((HELP / f"{algorithm}.md").read_text(encoding="utf-8"))


def to_html(markdown: str) -> str:
    """Turn headings, paragraphs, lists, **bold**, `code` and [links](url) into HTML.

    Written here because Qt's own converter needs a GUI application, and qgis_process has none.
    """
    parts = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        lines = [line.strip() for line in block.splitlines()]
        if lines[0].startswith("#"):
            title = lines[0].lstrip("#").strip()
            parts.append(f"<h3>{_inline(title)}</h3>")
            lines = lines[1:]
        if lines and lines[0].startswith("- "):
            parts.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in _items(lines)) + "</ul>")
        elif lines:
            parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "\n".join(parts)


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += f" {line}"
    return items


def _inline(text: str) -> str:
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', text)


def duration(seconds: float) -> str:
    """A time span as people say it: ``less than 1 s``, ``8 s``, ``2 min 10 s``, ``3 h 5 min``."""
    whole = round(seconds)
    if whole < 1:
        return tr("less than 1 s")
    if whole < 60:
        return tr("{} s").format(whole)
    if whole < 3600:
        return tr("{} min {} s").format(whole // 60, whole % 60)
    return tr("{} h {} min").format(whole // 3600, whole % 3600 // 60)
