"""What boards show beside their posts: the page's own clock, lines of a table's cell, links in an order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.clocks import clock_zone
from collectors.dates import Instant, day_first, instant
from collectors.reading import Page, decode, html
from collectors.zones import stated_zone, zone_of


@dataclass(frozen=True)
class Moment:
    """When a page was made, and how it writes dates: its zone, and whether the day stands first."""

    at: datetime
    zone: tzinfo
    day_first: bool | None

    def read(self, text: str) -> Instant:
        """The instant of a text of the page."""
        return instant(text, self.at, self.zone, day_first=self.day_first)


_FARTHEST = timedelta(hours=14, minutes=5)  # zones lie no farther from UTC
_LATE = timedelta(minutes=4)  # how long a page may have been under way
_STEP = timedelta(minutes=15)


def moment(
    page: Page, shown: Iterable[str], dates: Iterable[str], made: datetime | None = None, *, fixed: bool
) -> Moment:
    """What the page's clock (the first of `shown` that is one) and all its dates in rising order tell.

    A clock that differs from the answer's instant by a zone's offset tells the offset; one that is farther
    away stands on a saved page and tells when it was made; without one, instants written twice tell it
    ("Vor 6 Minuten" and the same as a date). `fixed`: the engine adds that offset to all
    its instants, whatever the season. `made` is the page's instant, where the page itself states it.
    """
    texts = [*dates]
    clocks = [text for text in shown if text]
    known = made or page.at
    order = day_first(texts + clocks[:1], known, _language(html(page)))
    stated = stated_zone(decode(page))
    named = zone_of(page.timezone)
    for clock in clocks if page.at_known or made else ():
        for way in (order, True, False) if order is None else (order, not order):
            offset = _offset(instant(clock, known, UTC, day_first=way), known)
            if offset is not None:
                return Moment(known, stated or _zone(offset, named, known, fixed), way)
    if stated is None and page.at_known and (seen := clock_zone(decode(page), known)) is not None:
        offset = seen.utcoffset(None) or timedelta(0)
        return Moment(known, _zone(offset, named, known, fixed), order)
    zone = stated or named or UTC
    past = (instant(clock, known, zone, day_first=order) for clock in clocks)
    at = next((when for when, how in past if when is not None and how in ("minute", "second")), known)
    return Moment(at, _frozen(zone, at) if fixed else zone, order)


def _frozen(zone: tzinfo, at: datetime) -> tzinfo:
    """A zone's offset at one moment."""
    return timezone(at.astimezone(zone).utcoffset() or timedelta(0))


def _language(tree: LexborHTMLParser) -> str:
    root = tree.css_first("html")
    names = ("lang", "xml:lang")
    found = next(filter(None, (root.attributes.get(name) for name in names)), "") if root is not None else ""
    return (found or "").lower()


def _offset(clock: Instant, known: datetime) -> timedelta | None:
    """How far a clock that was read as UTC is ahead, if it is by a zone's offset."""
    if clock[0] is None or clock[1] not in ("minute", "second"):
        return None
    ahead = clock[0] - known
    offset = round(ahead / _STEP) * _STEP
    return offset if abs(ahead - offset) <= _LATE and abs(offset) <= _FARTHEST else None


def _zone(offset: timedelta, named: tzinfo | None, known: datetime, fixed: bool) -> tzinfo:
    """The source's own zone where the clock agrees with it: it knows about summer, an offset does not."""
    agrees = named is not None and known.astimezone(named).utcoffset() == offset
    return named if named is not None and agrees and not fixed else timezone(offset)


_BREAKS = frozenset(("br", "p", "div", "li", "ul", "td", "th", "tr", "h3", "h4", "h5"))


def lines(node: LexborNode | None, *, titles: bool = False, until: LexborNode | None = None) -> list[str]:
    """The lines of a cell, as far as the node `until`.

    With `titles` a `span` that carries a date as its title counts as that title.
    """
    if node is None:
        return []
    text = "".join(_pieces(node, titles, until.mem_id if until is not None else None))
    return [line for part in text.split("\n") if (line := " ".join(part.split()))]


def _pieces(root: LexborNode, titles: bool, until: int | None) -> Iterator[str]:
    stack: list[LexborNode] = list(root.iter(include_text=True))[::-1]
    while stack and stack[-1].mem_id != until:
        node = stack.pop()
        if node.is_text_node:
            yield " ".join((node.text_content or "").split("\n"))
            continue
        if node.tag in _BREAKS:
            yield "\n"
        title = node.attributes.get("title") or "" if titles and node.tag == "span" else ""
        if any(char.isdigit() for char in title):
            yield title
        elif node.tag not in ("script", "style"):
            stack += list(node.iter(include_text=True))[::-1]


def same_host(address: str, other: str) -> bool:
    """Whether two addresses lead to one host."""
    try:
        return urlsplit(address).hostname == urlsplit(other).hostname
    except ValueError:
        return False


def classes(node: LexborNode) -> set[str]:
    """The classes of a node."""
    return set((node.attributes.get("class") or "").split())


def above(node: LexborNode, tags: tuple[str | None, ...]) -> LexborNode | None:
    """The nearest node around one with one of these tags."""
    found = node.parent
    while found is not None and found.tag not in tags:
        found = found.parent
    return found


def current(marks: Iterable[str]) -> int:
    """The page's own number, from what is marked among the links to pages; 1 if nothing is."""
    return next((int(mark) for mark in marks if re.fullmatch("[0-9]{1,6}", mark)), 1)


def page_links(links: Iterable[tuple[str, str]]) -> dict[int, str]:
    """The addresses of links whose labels are page numbers."""
    return {int(label): link for label, link in links if re.fullmatch("[0-9]{1,6}", label)}


def digits(text: str) -> int:
    """How many digits are in a text: a time has three at least."""
    return len(re.findall(r"[0-9]", text))
