"""Foreign text made safe to show: no control or direction characters, only http(s) links, short excerpts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from listener.model import Span

LONGEST_EXCERPT = 280
LONGEST_LINK = 2000
LONGEST_MATCH = 80
_PILED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]{3})[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]+"
)


class Piece(NamedTuple):
    """A part of an excerpt; `marked` is what the query matched."""

    text: str
    marked: bool


def cleaned(text: str, longest: int) -> str:
    """One line of at most `longest` characters, without anything invisible that could mislead."""
    line = _visible(text[: longest * 8]).strip()
    return line if len(line) <= longest else _cut_end(line, longest - 2) + " …"


def _visible(text: str) -> str:
    kept = "".join(_shown(char) for char in unicodedata.normalize("NFC", text))
    return re.sub(r"\s+", " ", _PILED_MARKS.sub(r"\1", kept))


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cf", "Co", "Cn", "Cs"}:
        return ""
    return " " if category in {"Cc", "Zl", "Zp", "Zs"} else char


def _cut_end(text: str, longest: int) -> str:
    head = text[:longest].rstrip()
    space = head.rfind(" ")
    return head[:space].rstrip(" ,;:") if space > longest - 30 else head


def excerpt(text: str, spans: Sequence[Span], longest: int = LONGEST_EXCERPT) -> tuple[Piece, ...]:
    """The words around the first match, every match in them marked; the beginning where there is none."""
    valid = sorted((start, end) for start, end in spans if 0 <= start < end <= len(text))
    start, end = _window(text, valid[0] if valid else (0, 0), longest)
    pieces = [Piece(_visible(part), marked) for part, marked in _parts(text, valid, start, end)]
    opening = [Piece("… ", False)] if text[:start].strip() else []
    closing = [Piece(" …", False)] if text[end:].strip() else []
    return (*opening, *_trimmed(pieces), *closing)


def _window(text: str, match: Span, longest: int) -> Span:
    """Where to cut: a third of the room before the match, at white space where some is near."""
    before = max(0, min(match[0] - longest // 3, len(text) - longest))
    after = min(len(text), before + longest)
    if before and (space := text.find(" ", before, min(before + 30, match[0]))) >= 0:
        before = space + 1
    least = max(before, min(match[1], after))
    if after < len(text) and (space := text.rfind(" ", max(least, after - 30), after)) >= 0:
        after = space
    return before, after


def _parts(text: str, spans: Iterable[Span], start: int, end: int) -> Iterator[tuple[str, bool]]:
    here = start
    for first, last in spans:
        first, last = max(first, here), min(last, end, first + LONGEST_MATCH)
        if first < last:
            yield text[here:first], False
            yield text[first:last], True
            here = last
    yield text[here:end], False


def _trimmed(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    kept = [piece for piece in pieces if piece.text]
    if kept:
        kept[0] = kept[0]._replace(text=kept[0].text.lstrip())
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip())
    return tuple(piece for piece in kept if piece.text)


def safe_link(url: str) -> str | None:
    """The address in plain ASCII if a browser may open it: http(s) with a host, no log-in part; else None."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[A-Za-z0-9.\-_\[\]:]+", name):
        return None
    place = name if port is None else f"{name}:{port}"
    link = urlunsplit((parts.scheme, place, *map(_quoted, (parts.path, parts.query, parts.fragment))))
    return link if len(link) <= LONGEST_LINK else None


def _quoted(part: str) -> str:
    return quote(part.encode("utf-8", "replace"), safe="/%:@!$&()*+,;=~-._?")
