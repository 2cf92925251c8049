"""Words for people: translation, help pages, times, and the addresses in metadata.txt."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from configparser import ConfigParser
from functools import lru_cache
from pathlib import Path

from .language import languages, texts

ROOT = Path(__file__).resolve().parent.parent
ICONS = ROOT / "resources" / "icons"
HELP = ROOT / "resources" / "help"
_LISTS = {"ul": re.compile("- "), "ol": re.compile(r"\d+\. ")}


def tr(text: str) -> str:
    """The text in the user's language."""
    return texts().get(text, text)


@lru_cache(maxsize=1)
def repository() -> str:
    """Address of the project, as metadata.txt gives it to plugins.qgis.org."""
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return parser.get("general", "repository")


def help_url(page: str) -> str:
    """Address of a help page, where it can be read without QGIS, in the user's language where there is one.

    Raises:
        FileNotFoundError: if resources/help has no page of that name.
    """
    return f"{repository()}/blob/main/{help_file(page).relative_to(ROOT).as_posix()}"


def help_file(page: str) -> Path:
    """The file of a help page, in the user's language where there is one.

    Raises:
        FileNotFoundError: if resources/help has no page of that name.
    """
    for folder in (*(HELP / name for name in languages()), HELP):
        path = folder / f"{page}.md"
        if path.is_file():
            return path
    raise FileNotFoundError(HELP / f"{page}.md")


@lru_cache(maxsize=64)
def help_page(page: str) -> str:
    """A help page as the simple HTML that Processing shows; its links lead to the project.

    Raises:
        FileNotFoundError: if resources/help has no page of that name.
    """
    return to_html(help_file(page).read_text(encoding="utf-8"), help_url(page).rpartition("/")[0] + "/")


def to_html(markdown: str, base: str = "") -> str:
    """Turn headings, paragraphs, lists, code, **bold** and [links](url) into HTML.

    Written here because Qt's own converter needs a GUI application, and qgis_process has none.

    Args:
        markdown: blocks with empty lines between them; code is indented by four spaces.
        base: put before links that are relative.
    """
    blocks = re.split(r"\n\s*\n", markdown.strip("\n"))
    return "\n".join(part for block in blocks for part in _block(block, base))


def _block(block: str, base: str) -> Iterator[str]:
    if block.startswith("    "):
        code = "\n".join(line[4:] for line in block.splitlines())
        yield f'<pre style="white-space: pre-wrap">{html.escape(code, quote=False)}</pre>'
        return
    lines = [line.strip() for line in block.splitlines()]
    if lines[0].startswith("#"):
        title = lines[0].lstrip("#")
        level = "h2" if len(lines[0]) - len(title) == 1 else "h3"
        yield f"<{level}>{_inline(title.strip(), base)}</{level}>"
        lines = lines[1:]
    kind = next((tag for tag, mark in _LISTS.items() if lines and mark.match(lines[0])), "")
    if kind:
        items = "".join(f"<li>{_inline(item, base)}</li>" for item in _items(lines, _LISTS[kind]))
        yield f"<{kind}>{items}</{kind}>"
    elif lines:
        yield f"<p>{_inline(' '.join(lines), base)}</p>"


def _items(lines: list[str], mark: re.Pattern[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        found = mark.match(line)
        if found:
            items.append(line[found.end() :])
        else:
            items[-1] += f" {line}"
    return items


def _inline(text: str, base: str) -> str:
    """Marks within a line; between backticks nothing is a mark."""
    pieces = re.split(r"`([^`]+)`", html.escape(text, quote=False))
    return "".join(
        f"<code>{piece}</code>" if at % 2 else _marked(piece, base) for at, piece in enumerate(pieces)
    )


def _marked(text: str, base: str) -> str:
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*([^*\s][^*]*)\*", r"<i>\1</i>", text)
    text = re.sub(r"\[([^\]]+)\]\((?![a-z]+:)([^)]+)\)", rf"[\1]({base}\2)", text)
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
