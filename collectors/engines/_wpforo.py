"""wpForo: its dates, paging and lists of topics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines import _bbpress
from collectors.engines._bbpress import Clock
from collectors.engines._shown import lines
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, refusal, seen

LISTS = ".wpforo-topic, .wpf-thread, .wpforo-forum, .wpforo-category, .wpforo-topic-head, tr.wpf-ttr"


def clock(page: Page, dates: Iterable[str]) -> Clock:
    """The page's clock; where nothing tells the order, the day stands first, as wpForo has it."""
    found = _bbpress.clock(page, dates)
    return replace(found, day_first=True) if found.day_first is None else found


_THIS_YEAR = re.compile(r"([^\W\d_]{3,9})\.?\s+(\d{1,2})$")


def read(clock_: Clock, text: str) -> Instant:
    """The instant of a text; a day without a year is the last one of that name."""
    said = _THIS_YEAR.fullmatch(text)
    for year in (clock_.at.year, clock_.at.year - 1) if said else ():
        found = instant(f"{said[2]} {said[1]} {year}" if said else "", clock_.at, clock_.zone)
        if found[0] is not None and found[0] <= clock_.at + timedelta(days=1):
            return found
    return clock_.read(text)


def notice(tree: LexborHTMLParser) -> str:
    """What wpForo has to say instead of showing something."""
    return words(first(tree, "#wpforo-wrap .wpf-not-found", "#wpforo-wrap .wpf-p-error"))[:200]


def first_page(address: str) -> str:
    """A topic's address without the number of one of its pages."""
    return re.sub(r"/paged/\d+/?$", "/", re.sub(r"[?&]wpfpaged=\d+$", "", address))


_OF = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})\s*$")


def paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address."""
    said = _OF.search(words(tree.css_first(".wpf-page-info")))
    if not said:
        return 1, 1, None
    here, pages = int(said[1]), int(said[2])
    link = first(tree, "a.wpf-next-button", ".wpf-navi a[rel=next]") if here < pages else None
    following = href(link) or _chosen(tree, here + 1)
    return here, max(here, pages), clean(following, page.url) or None if following else None


def _chosen(tree: LexborHTMLParser, wanted: int) -> str:
    """The address of a page in the list to choose from: older versions name no link "next"."""
    options = tree.css("select.wpf-navi-dropdown option[value]")
    values = (each.attributes.get("value") or "" for each in options if words(each) == str(wanted))
    return next(values, "")


def listing(page: Page, tree: LexborHTMLParser, engine: str) -> Listing:
    """The topics of a forum, of the newest ones or of a search."""
    boards = distinct(clean(href(link), page.url) for link in tree.css(_BOARDS))
    rows = [(row, link) for row in tree.css(_ROWS) if (link := _title(row)) is not None]
    if not rows and not boards and first(tree, LISTS, "#wpforo-wrap .wpf-p-error") is None:
        raise refusal(page, f"no topics on this wpForo page ({notice(tree) or seen(page)})")
    clock_ = clock(page, (line for row, _ in rows for line in _last_lines(row)))
    threads: dict[str, ThreadRow] = {}
    for row, link in rows:
        found = _thread(page, row, link, clock_)
        threads.setdefault(found.id, found)
    usual = tree.css_first("tr.wpf-ttr") is None and not re.search(r"[?&]wpf(?:s|in|o)=", page.url)
    next_url = paging(page, tree)[2]
    return Listing(tuple(threads.values()), next_url, boards, engine, by_last_post=usual)


_BOARDS = ".wpforo-forum-title a[href], .wpforo-subforum a[href], .wpf-forum-title a[href]"
_ROWS = ".wpforo-topic, .wpf-thread, tr.wpf-ttr"


def _title(row: LexborNode) -> LexborNode | None:
    links = row.css(".wpforo-topic-title a[href], .wpf-thread-title a[href], .wpf-spost-title a[href]")
    return next((link for link in links if words(link) and not href(link).startswith("#")), None)


def _last_lines(row: LexborNode) -> list[str]:
    cell = first(row, ".wpf-thread-date", ".wpforo-topic-stat-lastpost", ".wpf-spost-posted")
    return lines(cell)


def _thread(page: Page, row: LexborNode, link: LexborNode, clock_: Clock) -> ThreadRow:
    address = clean(href(link), page.url)
    url = first_page(address)
    last = first(row, '.wpforo-topic-stat-lastpost a[href*="#post-"]', '.wpf-thread-users a[href*="#post-"]')
    dates = (read(clock_, line)[0] for line in reversed(_last_lines(row)))
    return ThreadRow(
        id=url,
        url=url,
        title=_whole(link),
        last_post_at=next((date for date in dates if date is not None), None),
        replies=_replies(row),
        sticky=row.css_first('[class*="thumbtack"], [class*="thumb-tack"], [class*="sticky"]') is not None,
        last_page_url=clean(href(last), page.url) if last is not None else address,
    )


def _whole(link: LexborNode) -> str:
    """A title; a long one is shown shortened."""
    shown = words(link)
    whole = " ".join((link.attributes.get("title") or "").split())
    return whole if whole and shown.endswith(("...", "…")) else shown


def _replies(row: LexborNode) -> int | None:
    """Threaded lists count replies, the others count posts."""
    replies = count(words(row.css_first(".wpf-thread-posts")))
    posts = count(words(row.css_first(".wpforo-topic-stat-posts")))
    return replies if posts is None else max(posts - 1, 0)
