"""What WoltLab's pages have in common: addresses, instants, paging, listings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines._linked import attribute, digits, stamp
from collectors.engines._shown import classes
from collectors.links import base, clean, count, distinct, first, href, parameter, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.zones import zone_of
from listener.errors import ParseError

TIMES = "time, woltlab-core-date-time"


@dataclass(frozen=True)
class Board:
    """One page, what its links are relative to, and its zone (only where instants carry none)."""

    page: Page
    tree: LexborHTMLParser
    base: str
    zone: tzinfo

    def url(self, node: LexborNode | None) -> str:
        """Where a link leads, "" if nowhere."""
        return clean(href(node), self.base) if href(node) else ""

    def read(self, node: LexborNode | None) -> Instant:
        """The instant of a `time` element or of what took its place in 6.0."""
        return stamp(self.page, node, ("datetime", "date", "data-timestamp", "content"), self.zone)


def board(page: Page) -> Board:
    """The page with what its links and instants need."""
    tree = html(page)
    return Board(page, tree, base(page.url, tree), zone_of(page.timezone) or UTC)


# /thread/12-slug/, index.php?thread/12-slug/, index.php/Thread/12-slug/
_PLACE = r"(https?://[^?#]*?/(?:index\.php[/?])?(?:{0})/(\d{{1,15}})(?:-[^/?&#]*)?/?)(?=[?&#]|$)"
_THREAD = re.compile(_PLACE.format("thread|Thread"))
_BOARD = re.compile(_PLACE.format("board|Board"))


def thread_link(address: str) -> tuple[str, str] | None:
    """The number and the canonical address of the thread that an address leads to."""
    found = _THREAD.match(address)
    return (found[2], found[1]) if found else None


def with_query(address: str, query: str) -> str:
    """An address with more to its query; the address itself may be one."""
    return f"{address}{'&' if '?' in address else '?'}{query}"


def message(tree: LexborHTMLParser) -> str:
    """What an error page says."""
    return words(first(tree, "#errorMessage", ".content > .error", "woltlab-core-notice", "p.error"))[:120]


def paging(at: Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    following = at.url(at.tree.css_first("link[rel=next]"))
    block = at.tree.css_first("woltlab-core-pagination, nav.pagination, nav.pageNavigation")
    said = attribute(block, "page") or _shown(block) or parameter(at.page.url, "pageNo") or "1"
    current = int(digits(said, r"(\d{1,6})") or 1)
    pages = int(digits(attribute(block, "count", "data-pages"), r"(\d{1,6})") or 1)
    if not following and current < pages:
        following = _next(at, block, current)
    return current, max(current + bool(following), pages), following or None


def _shown(block: LexborNode | None) -> str:
    """The number of the page in a list of links: "3", and "Seite 3 von 8" for those who do not see it."""
    active = block.css_first(".active") if block is not None else None
    found = re.match(r"\d{1,6}", words(active))
    return found[0] if found else ""


def _next(at: Board, block: LexborNode | None, current: int) -> str:
    """The next page's address where only a script would ask for it."""
    link = block.css_first(".skip a[rel=next], a.next, .skip.next a") if block is not None else None
    pattern = clean(attribute(block, "url", "data-link"), at.base)
    here = re.sub(r"[?&]pageNo=(?:\d+|%d)", "", pattern or clean(at.page.url))
    return at.url(link) or with_query(here, f"pageNo={current + 1}")


def listing(page: Page, engine: str) -> Listing:
    """The threads of a board, of a list of threads, or of a search."""
    at = board(page)
    rows = [row for row in at.tree.css(".wbbThread[data-thread-id]") if row.tag != "header"]
    boards = _boards(at)
    results = at.tree.css(".messageSearchResultList h3 a, .messageSearchResultList .messageTitle a")
    if not rows and at.tree.css_first("article.wbbPost") is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and not results and not _is_list(at.tree):
        raise refusal(page, f"no threads on the board's page ({message(at.tree) or seen(page)})")
    found = [_row(at, row) for row in rows] or [_result(at, link) for link in results]
    unique = {row.id: row for row in reversed(found) if row is not None}
    in_order = not results and _by_last_post(page.url)
    return Listing(tuple(reversed(unique.values())), paging(at)[2], boards, engine, by_last_post=in_order)


def _is_list(tree: LexborHTMLParser) -> bool:
    """Whether a page without threads is a list of them all the same."""
    kind = attribute(tree.css_first("body"), "data-template")
    return bool(re.fullmatch(r"board|boardList|.*[tT]hreadList|search|searchResult", kind))


def _by_last_post(url: str) -> bool:
    sorted_by, order = parameter(url, "sortField"), parameter(url, "sortOrder")
    return sorted_by in (None, "lastPostTime") and order in (None, "DESC")


def _boards(at: Board) -> tuple[str, ...]:
    """The boards in the list of boards, without the headings over them."""
    links = at.tree.css(".wbbBoardList a[href]")
    found = (_board_url(at, link) for link in links if link.parent is None or link.parent.tag != "h2")
    here = _BOARD.match(clean(at.page.url))
    return tuple(address for address in distinct(found) if not here or address != here[1])


def _board_url(at: Board, link: LexborNode) -> str:
    found = _BOARD.match(at.url(link))
    return found[1] if found else ""


def _row(at: Board, row: LexborNode) -> ThreadRow | None:
    number = digits(attribute(row, "data-thread-id"))
    link = first(row, "a.messageGroupLink", "a.wbbTopicLink", ".columnSubject h3 a", "h3 a")
    thread = thread_link(at.url(link))
    if not number or link is None or attribute(row, "data-is-link") == "1":
        return None  # a row that only leads to where the thread was moved
    url = thread[1] if thread else at.url(link)
    last = row.css('.pageNavigation a[href*="pageNo="]')[-1:] or row.css('a[href*="action=lastPost"]')
    pinned = {attribute(row, "data-is-sticky"), attribute(row, "data-is-announcement")}
    return ThreadRow(
        id=number,
        url=url,
        title=words(link),
        last_post_at=_last_post(at, row),
        replies=_replies(row),
        sticky="1" in pinned or bool(classes(row) & {"sticky", "wbbThreadSticky", "wbbAnnouncement"}),
        last_page_url=at.url(last[0]) if last else url,
    )


def _last_post(at: Board, row: LexborNode) -> datetime | None:
    times = row.css(".columnLastPost time, .columnLastPost woltlab-core-date-time") or row.css(TIMES)
    return at.read(times[-1])[0] if times else None


def _replies(row: LexborNode) -> int | None:
    """How many answers: in the column of 4, in the first pair of later ones."""
    return count(words(first(row, ".columnReplies", ".columnStats dd", ".messageGroupCounterMobile")))


def _result(at: Board, link: LexborNode) -> ThreadRow | None:
    """A post that a search found stands for its thread."""
    thread = thread_link(at.url(link))
    if thread is None:
        return None
    item = link.parent
    while item is not None and item.tag != "li":
        item = item.parent
    when = at.read(item.css_first(TIMES))[0] if item is not None else None
    return ThreadRow(thread[0], thread[1], words(link), when, last_page_url=at.url(link))
