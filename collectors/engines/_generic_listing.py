"""Threads in a list whose engine nobody knows: links of one kind, with dates and numbers of replies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from collectors.engines._generic_addresses import kind_of
from collectors.engines._generic_authors import is_profile
from collectors.engines._generic_blocks import Block, blocks_of
from collectors.engines._generic_dates import Calendar, stamps_in
from collectors.engines._generic_outline import Element, Outline, outline
from collectors.engines._generic_posts import paging
from collectors.links import clean, count
from collectors.reading import Listing, Page, ThreadRow, is_json

LEAST = 0.72
MOST_KINDS = 12
MOST_ROWS = 1000
LONGEST_TEXT = 160  # characters beside the links of a row: a list of articles has more

_THREADS = re.compile(
    r"thread|topic|thema|discussion|diskussion|question|frage|viewtopic|showthread|/t/|/d/|[?&;]"
    r"t(?:id)?=|/t#|-t#|read\.php|message",
    re.I,
)
_BOARDS = re.compile(
    r"forum|board|categor|kategorie|section|bereich|viewforum|forumdisplay|list\.php|/c/|[?&;]f(?:id)?=|/f#",
    re.I,
)
_NOT = re.compile(
    r"login|register|search|suche|user|member|profil|author|action=|mode=|[?&;]do=|comment=|antwort=|reply|quote|tag|rss|feed|attachment|"
    r"image|\.(?:jpe?g|png|gif|zip)|"
    r"privat|calendar|help|faq|#post|[?&;](?:p|pid|post)=|/posts?/",
    re.I,
)
_PAGED = re.compile(r"[?&;/](?:page|start|st|offset|pg)[=/-]?(\d+)|/p(\d+)(?!\d)|[?&;]p=(\d+)", re.I)
_STICKY = re.compile(r"sticky|pinned|announce|wichtig|angepinnt|angeheftet|ankündigung|featured", re.I)
_REPLIES = re.compile(
    r"(?:repl(?:y|ies)|antwort(?:en)?|comments?|kommentare?|responses|posts?|beiträge)", re.I
)
_PRICE = re.compile(r"\d[.,]\d\d\s?(?:€|EUR\b|\$|USD\b)|[€$£]\s?\d")


@dataclass(frozen=True)
class _Link:
    id: str
    url: str
    element: Element


@dataclass(frozen=True)
class _Rows:
    """The rows of one kind of links, and how sure they are threads."""

    kind: str
    threads: tuple[ThreadRow, ...]
    confidence: float


def listed(page: Page) -> tuple[Listing | None, str]:
    """The threads and boards of a page, or why there are none.

    Confidence is 0.35 by the share of rows with a date, 0.25 by that with a number of replies, 0.2 by that
    whose title is the row's first link, and 0.2 if the addresses are called those of threads.
    """
    if is_json(page):
        return None, "this is data, not a page"
    found = outline(page)
    calendar = Calendar(page, found)
    kinds = _kinds(page, found)
    ranked = sorted(kinds, key=lambda kind: -len(kinds[kind]))[:MOST_KINDS]
    readings = [_rows(page, found, calendar, kind, kinds[kind]) for kind in ranked]
    sure = [one for one in readings if one is not None and one.confidence >= LEAST]
    threads = max(
        (one for one in sure if not _is_boards(one.kind)), key=lambda one: len(one.threads), default=None
    )
    boards = tuple(row.url for one in sure if _is_boards(one.kind) for row in one.threads)
    if threads is None and not boards:
        best = max((one.confidence for one in readings if one is not None), default=0)
        return None, f"no list of threads (the likeliest by {best:.2f})"
    rows = threads.threads if threads is not None else ()
    confidence = round(threads.confidence if threads is not None else LEAST, 2)
    return Listing(rows, paging(page)[2], boards, "", confidence, _by_last_post(rows)), ""


def _is_boards(kind: str) -> bool:
    return _BOARDS.search(kind) is not None and _THREADS.search(kind) is None


def _by_last_post(rows: Sequence[ThreadRow]) -> bool:
    instants = [row.last_post_at for row in rows if row.last_post_at is not None and not row.sticky]
    return all(a >= b for a, b in pairwise(instants))


def _kinds(page: Page, found: Outline) -> dict[str, list[_Link]]:
    """The page's links to its own host by how their addresses are made, numbers and words aside."""
    kinds: dict[str, list[_Link]] = defaultdict(list)
    host = urlsplit(page.url).netloc
    for element in found.elements:
        address = element.get("href") if element.tag == "a" else ""
        if not address or address.startswith(("#", "javascript:", "mailto:")) or is_profile(address):
            continue
        url = clean(address, page.url)
        if url and urlsplit(url).netloc == host and not _NOT.search(urljoin(page.url, address)):
            kind, number = kind_of(url)
            if number:
                kinds[kind].append(_Link(number, url, element))
    return {kind: links for kind, links in kinds.items() if len({link.id for link in links}) > 1}


def _rows(page: Page, found: Outline, calendar: Calendar, kind: str, links: Sequence[_Link]) -> _Rows | None:
    titles = _titles(found, links)
    if not 2 <= len(titles) <= MOST_ROWS:
        return None
    blocks = blocks_of(found, [(link.id, link.element.number) for link in links if link.id in titles])
    blocks = tuple(block for block in blocks if block.id in titles)
    texts = [found.elements[block.start].plain for block in blocks]
    if len(blocks) < 2 or sum(texts) > LONGEST_TEXT * len(blocks):
        return None
    if (
        sum(_PRICE.search(found.words(found.elements[block.start])) is not None for block in blocks)
        > len(blocks) / 3
    ):
        return None
    rows = [_row(page, found, calendar, block, titles[block.id], links) for block in blocks]
    first = sum(_is_first(found, block, titles[block.id].element) for block in blocks) / len(rows)
    dated = sum(row.last_post_at is not None for row in rows) / len(rows)
    counted = sum(row.replies is not None for row in rows) / len(rows)
    named = 1.0 if _THREADS.search(kind) or _BOARDS.search(kind) else 0.0
    return _Rows(kind, tuple(rows), 0.35 * dated + 0.25 * counted + 0.2 * first + 0.2 * named)


def _titles(found: Outline, links: Sequence[_Link]) -> dict[str, _Link]:
    """The link with the longest text to each thread: others are icons, pages and last posts."""
    best: dict[str, _Link] = {}
    for link in links:
        text = found.words(link.element)
        if re.search(r"[^\W\d_]{2}", text) and len(text) > len(
            found.words(best[link.id].element) if link.id in best else ""
        ):
            best[link.id] = link
    return best


def _is_first(found: Outline, block: Block, title: Element) -> bool:
    """Whether a row's title is its first link, those with no text to speak of and names aside."""
    for element in found.elements[block.start : block.end]:
        if element.number == title.number:
            return True
        if element.tag == "a" and len(found.words(element)) > 3 and not is_profile(element.get("href")):
            return False
    return False


def _row(
    page: Page, found: Outline, calendar: Calendar, block: Block, title: _Link, links: Sequence[_Link]
) -> ThreadRow:
    elements = found.elements[block.start : block.end]
    instants = [when for element in elements for when in stamps_in(found, calendar, element)]
    own = [link for link in links if link.id == block.id and block.start <= link.element.number < block.end]
    tokens = " ".join(token for element in elements[:12] for token in element.tokens)
    return ThreadRow(
        id=block.id,
        url=title.url,
        title=found.words(title.element),
        last_post_at=max(instants, default=None),
        replies=_replies(found, elements, title.element),
        sticky=_STICKY.search(tokens) is not None,
        last_page_url=_last_page(own),
    )


def _last_page(own: Sequence[_Link]) -> str | None:
    pages = [
        (int(next(filter(None, number.groups()))), link.url)
        for link in own
        if (number := _PAGED.search(link.url))
    ]
    return max(pages, default=(0, None))[1]


def _replies(found: Outline, elements: Sequence[Element], title: Element) -> int | None:
    """The number that is called that of replies, else the first cell that is nothing but a number."""
    bare: int | None = None
    for element in elements:
        if element.tag in ("a", "time", "li", "tr", "ul") or not 0 < element.length <= 60:
            continue
        text = found.words(element)
        number = count(text)
        if number is None or re.search(r"\d[:./]\d|[+#]\d", text):
            continue
        if _REPLIES.search(text) or any(_REPLIES.search(token) for token in element.tokens):
            return number
        if bare is None and element.number > title.number and re.fullmatch(r"[\d.,]+", text):
            bare = number
    return bare
