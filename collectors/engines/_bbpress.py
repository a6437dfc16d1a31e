"""bbPress: its dates, paging and lists of threads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, day_first, instant
from collectors.engines._linked import language
from collectors.engines._shown import classes, current, page_links
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.zones import page_zone
from listener.errors import AccessError

LISTS = "ul.bbp-topics, table.bbp-topics, ul.bbp-forums, table.bbp-forums, ul.bbp-forums-list"
RESULTS = ".bbp-search-results, .bbp-search-author"


@dataclass(frozen=True)
class Clock:
    """When a page was made and how it writes dates."""

    at: datetime
    zone: tzinfo
    day_first: bool | None

    def read(self, text: str) -> Instant:
        """The instant of a text; "2 days, 3 hours ago" is a sum."""
        back = _back(text)
        if back is not None:
            return self.at - back, "minute" if back <= timedelta(hours=1) else "day"
        if _LONG_AGO.search(text):  # years and months ago are no day that is known
            return None, "unknown"
        return instant(text, self.at, self.zone, day_first=self.day_first)

    def best(self, shown: str, titles: Iterable[str]) -> Instant:
        """The instant that is shown; titles tell it where "3 hours ago" is shown, but may be other words."""
        read = self.read(shown)
        if read[1] in _EXACT:
            return read
        told = (one for one in map(self.read, titles) if one[1] in _EXACT)
        return next(told, read)


_EXACT = ("minute", "second")
_AGO = re.compile(r"\b(?:ago|vor)\b", re.I)
_LONG_AGO = re.compile(r"\b(?:months?|years?|Monat(?:en?)?|Jahr(?:en?)?)\b.{0,30}(?:\bago\b|$)", re.I)
_STEP = re.compile(
    r"(\d{1,4}|einer|einem)\s+(?:(sec|sek)|(min)|(hour|stunde)|(day|tag)|(week|woche)|([^\W\d_]+))", re.I
)
_LONG = (1, 60, 3600, 86400, 7 * 86400)


def _back(text: str) -> timedelta | None:
    """How long ago a text says it was, if it says so in weeks or less."""
    if not _AGO.search(text) or not (steps := _STEP.findall(text)):
        return None
    seconds = 0
    for number, *units in steps:
        if units[5]:
            return None
        long = next(each for each, unit in zip(_LONG, units, strict=False) if unit)
        seconds += (int(number) if number.isdecimal() else 1) * long
    return timedelta(seconds=seconds)


def clock(page: Page, dates: Iterable[str]) -> Clock:
    """The page's clock; WordPress writes what its owner set, most often names of months."""
    return Clock(page.at, page_zone(page), day_first(dates, page.at, language(html(page))))


def post_number(name: str) -> str:
    """The number in `post-12`, of a post's id or class; posts have no number 0."""
    found = re.fullmatch(r"post-([1-9]\d{0,14})", name, re.A)
    return found[1] if found else ""


def block(body: LexborNode) -> tuple[LexborNode | None, str]:
    """The block around a post's text and the number it bears."""
    node, steps = body.parent, 0
    while node is not None and node.tag not in ("body", "li", "article") and steps < 6:
        names = [node.attributes.get("id") or "", *classes(node)]
        if number := next(filter(None, map(post_number, names)), ""):
            return node, number
        node, steps = node.parent, steps + 1
    names = [node.attributes.get("id") or "", *classes(node)] if node is not None else []
    number = next(filter(None, map(post_number, names)), "")
    return (node, number) if number else (None, "")


def notice(tree: LexborHTMLParser) -> str:
    """What bbPress has to say instead of showing something."""
    found = (words(node) for node in tree.css(".bbp-template-notice"))
    return next((text for text in found if text), "")[:200]


def first_page(address: str) -> str:
    """A thread's address without the number of one of its pages."""
    return re.sub(r"/page/\d+/?$", "/", re.sub(r"[?&]paged=\d+$", "", address))


def paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address."""
    box = tree.css_first(".bbp-pagination-links")
    if box is None:
        return 1, 1, None
    here = current(map(words, box.css(".current")))
    pages = page_links((words(link), href(link)) for link in box.css("a[href]"))
    following = href(box.css_first("a.next")) or pages.get(here + 1, "")
    return here, max([here, *pages]), clean(following, page.url) or None if following else None


_CLOSED = re.compile(r"permission|berechtigung|log(?:ged)? in\b|angemeldet|private?\b|privat", re.I)


def listing(page: Page, tree: LexborHTMLParser, engine: str) -> Listing:
    """The threads of a forum, of a view or of a search's results."""
    boards = distinct(clean(href(link), page.url) for link in tree.css(_BOARDS))
    searched = tree.css_first(RESULTS) is not None
    links = tree.css(_RESULT_TITLES if searched else _TITLES)
    if not links and not boards:
        _say_why(page, tree)
    rows = [(title, row) for title in links if (row := _row(title)) is not None]
    clock_ = clock(page, (words(_freshness(row)) for _, row in rows))
    posts = _counts_posts(tree)
    threads: dict[str, ThreadRow] = {}
    for title, row in rows:
        found = _result(page, title, row, clock_) if searched else _thread(page, title, row, clock_, posts)
        threads.setdefault(found.id, found)
    usual = not searched and not re.search(r"/(?:view|users|search)/|[?&]bbp_(?:view|user|search)=", page.url)
    return Listing(tuple(threads.values()), paging(page, tree)[2], boards, engine, by_last_post=usual)


def _say_why(page: Page, tree: LexborHTMLParser) -> None:
    """Raises what is wrong with a page without threads, unless it is an empty forum's."""
    if tree.css_first("#bbpress-forums .bbp-template-notice, ul.bbp-topics") is None:
        raise refusal(page, f"no topics on this bbPress page ({seen(page)})")
    if _CLOSED.search(notice(tree)):
        raise AccessError("the site answers with a log-in page", url=page.url)


# Lists of threads in a page's margin have links like those of boards.
_BOARDS = ".bbp-forums a.bbp-forum-title, .bbp-forums a.bbp-forum-link, .bbp-forums-list a.bbp-forum-link"
_TITLES = ".bbp-topics a.bbp-topic-permalink"
_RESULT_TITLES = ".bbp-reply-title a.bbp-topic-permalink, .bbp-topic-title h3 > a[href]"


def _row(title: LexborNode) -> LexborNode | None:
    """The row of a title: the nearest block with a number, else that of a search's result or of a list."""
    node, item = title.parent, None
    while node is not None and node.tag != "body":
        kinds = classes(node)
        if any(map(post_number, kinds)) or kinds & {"topic", "bbp-reply-header", "bbp-topic-header"}:
            return node
        item = node if item is None and node.tag in ("li", "tr") else item
        node = node.parent
    return item


def _freshness(row: LexborNode) -> LexborNode | None:
    return row.css_first(".bbp-topic-freshness a[href], .bbp-topic-freshness-link a[href]")


def _counts_posts(tree: LexborHTMLParser) -> bool | None:
    """Whether a list counts the first post too; its heading tells."""
    heading = words(
        tree.css_first(".bbp-header .bbp-topic-reply-count, thead .bbp-topic-reply-count")
    ).lower()
    if re.search(r"repl|antwort", heading):
        return False
    return True if re.search(r"post|beitr", heading) else None


def _thread(page: Page, title: LexborNode, row: LexborNode, clock_: Clock, posts: bool | None) -> ThreadRow:
    url = first_page(clean(href(title), page.url))
    shown = _freshness(row)
    told = count(words(row.css_first(".bbp-topic-reply-count")))
    return ThreadRow(
        id=_number(row) or url,
        url=url,
        title=words(title),
        last_post_at=clock_.best(words(shown), titles(shown))[0],
        replies=None if told is None or posts is None else max(told - posts, 0),
        sticky=bool(classes(row) & {"sticky", "super-sticky"}),
        last_page_url=_last_page(page, row, shown) or url,
    )


def titles(node: LexborNode | None) -> Iterator[str]:
    """What the attributes of a date and of its parts tell."""
    for part in node.css("[title], time[datetime]") if node is not None else ():
        yield from filter(None, (part.attributes.get("datetime"), part.attributes.get("title")))


def _number(row: LexborNode) -> str:
    return next(filter(None, map(post_number, classes(row))), "")


def _last_page(page: Page, row: LexborNode, shown: LexborNode | None) -> str:
    """The last post's own address tells the page; else the last of the row's links to pages."""
    if "#post-" in href(shown):
        return clean(href(shown), page.url)
    pages = page_links((words(link), href(link)) for link in row.css(".bbp-topic-pagination a[href]"))
    return clean(pages[max(pages)], page.url) if pages else ""


def _result(page: Page, title: LexborNode, row: LexborNode, clock_: Clock) -> ThreadRow:
    """A post that was found, as the row of its thread."""
    url = first_page(clean(href(title), page.url))
    date = first(row, ".bbp-reply-post-date", ".bbp-topic-post-date")
    link = href(first(row, "a.bbp-reply-permalink", ".bbp-meta a.bbp-topic-permalink"))
    return ThreadRow(
        id=_thread_number(row) or url,
        url=url,
        title=words(title),
        last_post_at=clock_.read(words(date))[0],
        last_page_url=clean(link or url, page.url),
    )


def _thread_number(head: LexborNode) -> str:
    """The number of the thread of a result: the block with its text, after its head, names it."""
    node = head.next
    while node is not None and not node.is_element_node:
        node = node.next
    return thread_number(node) if node is not None else ""


def thread_number(block_: LexborNode) -> str:
    """The thread that a post's block names as the one it belongs to."""
    kinds = classes(block_)
    numbers = (re.fullmatch(r"bbp-parent-topic-([1-9]\d{0,14})", kind, re.A) for kind in kinds)
    own = next(filter(None, map(post_number, kinds)), "") if "type-topic" in kinds else ""
    return own or next((found[1] for found in numbers if found), "")
