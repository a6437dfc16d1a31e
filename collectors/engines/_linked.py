"""What pages need that show instants both ways and links from a base element."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.reading import Page
from collectors.zones import zone_of


def attribute(node: LexborNode | None, *names: str) -> str:
    """The first of these attributes that says something."""
    found = (node.attributes.get(name) for name in names) if node is not None else ()
    return next(filter(None, found), "").strip()


def digits(text: str, pattern: str = r"(\d{1,15})") -> str:
    """The number in a text that fits a pattern as a whole; numbers of posts have no leading zero."""
    found = re.fullmatch(pattern, text)
    return found[1] if found and found[1].isascii() and found[1][0] != "0" else ""


_STEP = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
# Where summer time is kept, an offset of one moment is wrong in the other half of the year.
_HOME = {"de": "Europe/Berlin", "de-de": "Europe/Berlin", "de-at": "Europe/Vienna", "de-ch": "Europe/Zurich"}


def zone_by(page: Page, tree: LexborHTMLParser, pairs: Iterable[tuple[str, str]]) -> tzinfo:
    """The zone in which a page writes instants, from some that stand there both ways: (epoch, written).

    The offset they show is that of one moment: the source's own zone counts if it has the same then, else
    that of the page's language if it is spoken in one, else the bare offset. Without pairs the source's.
    """
    named = zone_of(page.timezone)
    shown = next(filter(None, (_shown(epoch, written, page) for epoch, written in pairs)), None)
    if shown is None:
        return named or UTC
    at, offset = shown
    if named and at.astimezone(named).utcoffset() == offset:
        return named
    return home_zone(tree, at, offset) or timezone(offset)


def home_zone(tree: LexborHTMLParser, at: datetime, offset: timedelta | None) -> tzinfo | None:
    """The zone in which the page's language is spoken, if it has this offset at that moment."""
    home = zone_of(_HOME.get(language(tree)))
    return home if home is not None and at.astimezone(home).utcoffset() == offset else None


def _shown(epoch: str, written: str, page: Page) -> tuple[datetime, timedelta] | None:
    at, local = instant(epoch, page.at)[0], instant(written, page.at, UTC)
    if at is None or local[0] is None or local[1] not in ("minute", "second"):
        return None
    offset = round((local[0] - at) / _STEP) * _STEP
    return (at, offset) if abs(offset) <= _FARTHEST else None


def language(tree: LexborHTMLParser) -> str:
    """The page's language as its root element names it, in small letters."""
    root = tree.css_first("html")
    return attribute(root, "lang", "xml:lang").lower()


def stamp(page: Page, node: LexborNode | None, names: Iterable[str], zone: tzinfo) -> Instant:
    """The instant of an element: the first of its attributes that tells one, else what it shows."""
    if node is None:
        return None, "unknown"
    for name in names:
        found = instant(node.attributes.get(name) or "", page.at, zone)
        if found[1] in ("second", "minute"):
            return found
    return instant(" ".join(node.text().split()), page.at, zone)
