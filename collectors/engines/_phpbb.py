"""What phpBB 2 to 4 have in common: addresses, paging, listings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import day_first, instant
from collectors.links import clean, count, distinct, first, href, number, parameter, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.text import html_text
from collectors.zones import page_zone
from listener.errors import ParseError


@dataclass(frozen=True)
class Board:
    """One page of a board with what its addresses and dates need."""

    page: Page
    tree: LexborHTMLParser
    root: str | None
    zone: tzinfo

    def url(self, script: str, link: str = "") -> str:
        """The canonical address of a script; where the board hides its scripts, the link itself."""
        return f"{self.root}{script}" if self.root else clean(link, self.page.url) or clean(self.page.url)


def board(page: Page) -> Board:
    """The page with its root and its zone."""
    tree = html(page)
    zone = page_zone(page)
    return Board(page, tree, _root(page, tree), zone)


def _root(page: Page, tree: LexborHTMLParser) -> str | None:
    """Where the board's scripts lie, from the page's own address or links to the same host."""
    for address in (page.url, href(tree.css_first("link[rel=canonical]"))):
        if script := _SCRIPT.match(clean(address, page.url)):
            return script[1]
    for link in tree.css('a[href*="viewtopic.php"], a[href*="viewforum.php"], form[action*="viewtopic.php"]'):
        script = _SCRIPT.match(clean(href(link) or link.attributes.get("action") or "", page.url))
        if script and urlsplit(script[1]).hostname == urlsplit(page.url).hostname:
            return script[1]
    return None


_SCRIPT = re.compile(r"(https?://[^?#]*/)(?:viewtopic|viewforum)\.php\b")


def topic_id(link: str) -> str | None:
    """The topic's number in an address, rewritten ones included."""
    found = number(link, "t")
    if found is not None:
        return str(found)
    named = re.search(r"(?:/topic|-t|/t)-?(\d+)(?:-\d+)?(?:\.html?)?/?(?:[?#]|$)", link)
    return named[1] if named else None


EDITED = re.compile(r"(?:Zuletzt geändert|Last edited|Zuletzt bearbeitet)\b.*?\s(?:am|on)\s+(.*)", re.I)


def edited(at: Board, note: str, order: bool | None) -> datetime | None:
    """The instant in "Zuletzt geändert von X am DATE, insgesamt 2-mal geändert"."""
    said = EDITED.search(note)
    text = re.split(r"[,;]\s*(?:insgesamt|edited)\b", said[1])[0] if said else ""
    return instant(text, at.page.at, at.zone, day_first=order)[0] if text else None


def paging(at: Board, key: str, number_: str | None) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address; `key` is t or f with its number."""
    blocks = at.tree.css('.pagination, [class*="pagination"], td.nav, span.nav')
    said = next((found for block in blocks if (found := _PAGE_OF.search(words(block)))), None)
    links = {int(words(link)): link for link in _page_links(at.tree, key, number_)}
    block = first(at.tree, ".action-bar .pagination", ".topic-actions .pagination", ".pagination")
    current, pages = (int(said[1]), int(said[2])) if said else (_current(block, links), 1)
    following = block.css_first("a[rel=next], li.next a") if block is not None else None
    link = following if following is not None else links.get(current + 1)
    next_url = clean(href(link), at.page.url) or None if link is not None else None
    return current, max([current, pages, *links]), next_url


_PAGE_OF = re.compile(r"(?:Seite|Page|Gehe zu Seite|Goto page)\W{0,3}(\d{1,6})\s+(?:von|of)\s+(\d{1,6})")


def _page_links(tree: LexborHTMLParser, key: str, number_: str | None) -> Iterator[LexborNode]:
    """Links with a number to other pages of this topic or board, not those inside a listing's rows."""
    for link in tree.css('a[href*="start="], .pagination a[href]'):
        text = words(link)
        if not text.isdecimal() or len(text) > 6:
            continue
        if parameter(href(link), key) in (number_, None) and "p" not in _keys(href(link)):
            row = _ancestor(link, ("li", "tr"), "row")
            if row is None or row.css_first("a.topictitle") is None:
                yield link


def _keys(link: str) -> set[str]:
    return {part.partition("=")[0] for part in re.split(r"[?&]", link)[1:]}


def _current(block: LexborNode | None, links: dict[int, LexborNode]) -> int:
    marked = first(block, "li.active", "strong", "b") if block is not None else None
    text = words(marked)
    if text.isdecimal() and len(text) < 7:
        return int(text)
    return min(set(range(1, len(links) + 2)) - set(links))


def _ancestor(node: LexborNode, tags: Iterable[str], list_class: str) -> LexborNode | None:
    above = node.parent
    while above is not None:
        if (above.tag or "") in tags and (
            above.tag == "tr" or list_class in (above.attributes.get("class") or "")
        ):
            return above
        above = above.parent
    return None


def listing(page: Page, engine: str) -> Listing:
    """The topics of a viewforum page, without rows that only point to moved topics."""
    at = board(page)
    rows = [
        (row, link) for link in at.tree.css("a.topictitle") if (row := _ancestor(link, ("li", "tr"), "row"))
    ]
    boards = _boards(at)
    if not rows and (results := at.tree.css(".search.post")):
        return _results(at, results, engine)
    if not rows and at.tree.css_first('.post[id^="p"] .content, .postbody') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and at.tree.css_first("body.section-viewforum, body.section-index") is None:
        raise refusal(page, f"no topics on the board's page ({seen(page)})")
    order = day_first((text for row, _ in rows for text in _last_lines(row)), page.at, language(at.tree))
    threads = [_row(at, row, link, order) for row, link in rows if not _moved(row)]
    unique = {thread.id: thread for thread in reversed(list(filter(None, threads)))}
    next_url = paging(at, "f", parameter(page.url, "f"))[2]
    by_last_post = "search.php" not in page.url or "active_topics" in page.url
    return Listing(tuple(reversed(unique.values())), next_url, boards, engine, by_last_post=by_last_post)


def _results(at: Board, results: list[LexborNode], engine: str) -> Listing:
    """What a search for posts found, as rows of their topics; the newest found post counts."""
    dates = [first(node, ".search-result-date time", ".search-result-date", ".author") for node in results]
    order = day_first(map(words, dates), at.page.at, language(at.tree))
    rows = [_result(at, node, date, order) for node, date in zip(results, dates, strict=True)]
    threads: dict[str, ThreadRow] = {}
    for row in filter(None, rows):
        threads.setdefault(row.id, row)
    next_url = paging(at, "f", parameter(at.page.url, "f"))[2]
    return Listing(tuple(threads.values()), next_url, (), engine, by_last_post=False)


def _result(at: Board, node: LexborNode, date: LexborNode | None, order: bool | None) -> ThreadRow | None:
    links = [link for link in node.css('dl a[href*="viewtopic"], h3 a[href*="viewtopic"]')]
    topic = next((link for link in links if number(href(link), "p") is None and topic_id(href(link))), None)
    post = next((link for link in links if number(href(link), "p") is not None), None)
    if topic is None or (key := topic_id(href(topic))) is None:
        return None
    shown = words(date).rpartition("»")[2]
    told = (date.attributes.get("datetime") or shown) if date is not None else ""
    url = at.url(f"viewtopic.php?t={key}", href(topic))
    found = at.url(f"viewtopic.php?p={number(href(post), 'p')}", href(post)) if post is not None else url
    when = instant(told, at.page.at, at.zone, day_first=order)[0]
    return ThreadRow(id=key, url=url, title=words(topic), last_post_at=when, last_page_url=found)


def language(tree: LexborHTMLParser) -> str:
    root = tree.css_first("html")
    return (root.attributes.get("lang") or "" if root is not None else "").lower()


def _boards(at: Board) -> tuple[str, ...]:
    links = at.tree.css("a.forumtitle, a.forumlink, a.subforum")
    found = (clean(href(link), at.page.url) for link in links if "viewforum" in href(link))
    return tuple(address for address in distinct(found) if address != clean(at.page.url))


def _row(at: Board, row: LexborNode, link: LexborNode, order: bool | None) -> ThreadRow | None:
    number_ = topic_id(href(link))
    if number_ is None:
        return None
    url = at.url(f"viewtopic.php?t={number_}", href(link))
    return ThreadRow(
        id=number_,
        url=url,
        title=words(link),
        last_post_at=_last_post(at, row, order),
        replies=_replies(row),
        sticky=_marked(
            row, r"sticky|announce|global", r"sticky|announcement|wichtig|ankündigung|bekanntmachung"
        ),
        last_page_url=_last_page(at, row, number_) or url,
    )


def _last_post(at: Board, row: LexborNode, order: bool | None) -> datetime | None:
    stamp = first(row, "dd.lastpost time[datetime]", ".lastpost time[datetime]")
    if stamp is not None:
        return instant(stamp.attributes.get("datetime") or "", at.page.at, at.zone)[0]
    lines = (instant(line, at.page.at, at.zone, day_first=order)[0] for line in _last_lines(row))
    return next((when for when in lines if when is not None), None)


def _last_lines(row: LexborNode) -> list[str]:
    cells = row.css("dd.lastpost") or row.css("td")[-1:]
    return html_text(cells[-1].html or "").split("\n")[::-1] if cells else []


def _replies(row: LexborNode) -> int | None:
    cell = row.css_first("dd.posts")
    if cell is not None:
        return count(words(cell))
    texts = [words(cell) for cell in row.css("td")]
    return next((int(text) for text in texts if text.isdecimal() and len(text) < 9), None)


def _last_page(at: Board, row: LexborNode, topic: str) -> str | None:
    offsets = [(number(href(link), "start") or 0, href(link)) for link in row.css("a[href]")]
    offset, link = max(offsets, default=(0, ""))
    return at.url(f"viewtopic.php?t={topic}&start={offset}", link) if offset else None


def _marked(row: LexborNode, classes: str, labels: str) -> bool:
    """Whether a class, an icon or a label before the title says so."""
    names = [row.attributes.get("class") or ""]
    names += [node.attributes.get("class") or "" for node in row.css("dl, span.imageset, i")]
    names += [node.attributes.get("src") or "" for node in row.css("img")]
    label = " ".join(words(node) for node in row.css("b, strong.topic-label, .topictitle > b"))
    return bool(re.search(classes, " ".join(names), re.I) or re.match(rf"({labels})\b", label, re.I))


def _moved(row: LexborNode) -> bool:
    return _marked(row, r"topic_moved|folder_moved|moved", r"moved|verschoben")
