"""Reddit's markdown as plain words, with what the author quotes (`> ...`) taken out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from listener.model import Quote

_QUOTE = re.compile(r"^ {0,3}>(?!!) ?")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_RULE = re.compile(r"^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$")
_NEW_BLOCK = re.compile(r"^ {0,3}(?:#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|```|~~~)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"^\s*[-*+]\s+")

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE = re.compile(r"(`{1,3})(?!`)([^`\n]{1,2000}?(?:`(?!\1)[^`\n]{1,500}?)?)\1(?!`)")
_IMAGE = re.compile(
    r"!\[([^\[\]]{0,500})\]\(([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)(?:\s+\"[^\"]{0,500}\")?\)"
)
_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]{0,200}\]){0,500})\]"
    r"\(\s*<?([^()\s<>]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)>?(?:\s+[\"'][^\n]{0,500}?[\"'])?\s*\)"
)
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]{1,2000})>")
_STARS = [
    re.compile(rf"(\*{{{count}}})(?=[^\s*])([^*\n]{{1,3000}}?)(?<=[^\s*])\1(?!\*)") for count in (3, 2, 1)
]
_LINES = [
    re.compile(rf"(?<!\w)(_{{{count}}})(?=[^\s_])([^\n]{{1,3000}}?)(?<=[^\s_])\1(?!\w)")
    for count in (3, 2, 1)
]
_STRUCK = re.compile(r"~~(?=\S)([^~\n]{1,3000}?)(?<=\S)~~")
_RAISED = re.compile(r"\^\(([^()\n]{1,500})\)|(?<!\w)\^(?=\w)")
_ADDRESS = re.compile(r"https?://\S+")
_SPOILER = re.compile(r">!(.{1,2000}?)!<", re.DOTALL)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\ue000-\ue0ff]")
_INVISIBLE_ENTITIES = re.compile(r"&(?:#x200b|#8203|zwsp);", re.IGNORECASE)
LONGEST = 100_000  # signs; Reddit itself allows 40,000
_KEPT = 0xE000  # private-use signs stand for escaped ones until the mark-up is gone


@dataclass
class _Walk:
    """Where the reading stands: own lines, finished quotes, the quote being read."""

    own: list[str] = field(default_factory=list)
    quotes: list[list[str]] = field(default_factory=list)
    quoting: bool = False


def read_markdown(markdown: str) -> tuple[str, tuple[Quote, ...]]:
    """The author's own words as text, and the quoted passages in their order."""
    walk = _Walk()
    fence = ""
    for line in (
        _INVISIBLE.sub("", markdown[:LONGEST]).replace("\r\n", "\n").replace("\t", "    ").split("\n")
    ):
        opened = _FENCE.match(line)
        if fence or opened:
            fence = "" if fence and opened and opened[1] == fence else fence or (opened[1] if opened else "")
            walk.quoting = False
            walk.own += [] if opened else [_keep(line)]
        else:
            _take(walk, line)
    quotes = (_words(_unquoted(lines)) for lines in walk.quotes)
    return _words(walk.own), tuple(Quote(text) for text in quotes if text)


def _take(walk: _Walk, line: str) -> None:
    quoted = _QUOTE.match(line)
    lazy = walk.quoting and bool(line.strip()) and not _NEW_BLOCK.match(line)
    if quoted and not walk.quoting:
        walk.quotes.append([])
        walk.own.append("")
    if quoted or lazy:  # a line right below a quote is part of it, as Reddit shows it
        walk.quotes[-1].append(line[quoted.end() :] if quoted else line)
        walk.quoting = bool(walk.quotes[-1][-1].strip()) or bool(quoted)
        return
    walk.quoting = False
    after_blank = not walk.own or not walk.own[-1].strip() or walk.own[-1].startswith("    ")
    walk.own.append(
        _keep(line) if line.startswith("    ") and after_blank and not _BULLET.match(line) else line
    )


def _unquoted(lines: list[str]) -> list[str]:
    """The lines of a quote without the marks of quotes in it."""
    return [re.sub(r"^(?: {0,3}>(?!!) ?)+", "", line) for line in lines]


def _keep(line: str) -> str:
    """A line of code: every sign that could be mark-up is put out of its reach."""
    return re.sub(r"[!-/:-@\[-`{-~]", lambda sign: chr(_KEPT + ord(sign[0])), line)


def _words(lines: list[str]) -> str:
    text = "\n".join(_blocks(lines))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \xa0]+\n", "\n", _inline(text))).strip()


def _blocks(lines: list[str]) -> Iterator[str]:
    """Headings, bullets, rules and tables without their marks."""
    for line in lines:
        if _RULE.match(line) or _TABLE_RULE.match(line):
            yield ""
            continue
        heading = _HEADING.match(line)
        line = heading[1] if heading else _BULLET.sub("", line)
        yield (
            " ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
            if line.count("|") > 1
            else line
        )


def _inline(text: str) -> str:
    text = _ESCAPED.sub(lambda sign: chr(_KEPT + ord(sign[1])), text)
    text = _CODE.sub(lambda code: _keep(code[2]), text)
    text = _IMAGE.sub(lambda image: "" if image[1] in ("img", "gif") else image[1], text)
    text = _LINK.sub(lambda link: link[1] or link[2], text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _SPOILER.sub(r"\1", text)
    text = _ADDRESS.sub(
        lambda found: _keep(found[0]), text
    )  # an underscore in an address is none of emphasis
    for form in (*_STARS, *_LINES):
        text = form.sub(r"\2", text)
    text = _STRUCK.sub(r"\1", text)
    text = _RAISED.sub(lambda raised: f" {raised[1]}" if raised[1] else "", text)
    return _restored(html.unescape(_INVISIBLE_ENTITIES.sub("", text)))


def _restored(text: str) -> str:
    return re.sub("[\ue000-\ue0ff]", lambda sign: chr(ord(sign[0]) - _KEPT), text)
