"""What vBulletin 2 to 4 have in common: threads, paging, the order of dates, error pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines._shown import Moment, moment, page_links, same_host
from collectors.links import base, clean, first, href, number, words
from collectors.reading import Page, decode, refusal, seen
from listener.errors import AccessError, ParseError


@dataclass(frozen=True)
class Thread:
    """A thread's number, title and canonical address; `root` is where the board's scripts lie."""

    id: str
    title: str
    url: str
    root: str

    def permalink(self, post: str) -> str:
        """The address that opens at a post; boards with rewritten addresses lead on from it."""
        return f"{self.root}showthread.php?p={post}#post{post}" if self.root else f"{self.url}#post{post}"


def thread(page: Page, tree: LexborHTMLParser) -> Thread:
    """The thread of a page."""
    place = root(page, tree)
    number_ = _thread_id(page, tree)
    url = f"{place}showthread.php?t={number_}" if place and number_ else clean(page.url)
    return Thread(number_ or url, _title(tree), url, place)


_SCRIPT = re.compile(
    r"(https?://[^?#]*/)(?:showthread|forumdisplay|newreply|printthread|showpost|search|index)\.php\b"
)


_LINKS = (
    *('meta[property="og:url"]', 'a[href*="newreply.php"]', 'a[href*="showthread.php"]'),
    *('a[href*="forumdisplay.php"]', 'a[href*="printthread.php"]', 'form[action*=".php"]'),
)


def root(page: Page, tree: LexborHTMLParser) -> str:
    """Where the scripts lie, by the board's own word or by links to them on the same host."""
    told = tree.css_first('meta[name="vb_meta_bburl"][content]')
    if told is not None:
        return clean(f"{(told.attributes['content'] or '').rstrip('/')}/", page.url)
    start = base(page.url, tree)
    nodes = (tree.css_first(selector) for selector in _LINKS)
    for link in chain([page.url], (_address(node) for node in nodes if node is not None)):
        found = _SCRIPT.match(clean(link, start))
        if found and same_host(found[1], page.url):
            return found[1]
    return _foreign_root(tree)


def _foreign_root(tree: LexborHTMLParser) -> str:
    """The root on another host, of a page that was saved: by its base element."""
    node = tree.css_first("base[href]")
    return (
        href(node) if node is not None and href(node).startswith("http") and href(node).endswith("/") else ""
    )


def _address(node: LexborNode) -> str:
    return next(filter(None, (node.attributes.get(name) for name in ("href", "action", "content"))), "") or ""


_NAMED = re.compile(
    r"showthread\.php[/?](\d{1,12})\b|/threads?/(\d{1,12})\b"
    r"|/(?:t|thread-?)?(\d{1,12})-[^/?#]*(?:/page\d+)?/?(?:[?#]|$)"
    r"|-t?(\d{3,12})(?:-\d+)?\.html|/t-?(\d{1,12})/?(?:[?#]|$)"
)


def _thread_id(page: Page, tree: LexborHTMLParser) -> str:
    for link in _thread_links(page, tree):
        for name in ("t", "threadid"):
            if (found := number(link, name)) is not None:
                return str(found)
    hidden = tree.css_first('input[name="t"][value], input[name="threadid"][value]')
    value = hidden.attributes.get("value") or "" if hidden is not None else ""
    if value.isdecimal():
        return value
    marked = tree.css_first('body[data-thread], #thread[class^="thread:"]')
    told = (
        [marked.attributes.get("data-thread"), marked.attributes.get("class")] if marked is not None else []
    )
    if digits := "".join(re.findall(r"^(?:thread:)?(\d{1,12})$", next(filter(None, told), "") or "")):
        return digits
    named = (_NAMED.search(link) for link in (page.url, href(tree.css_first("link[rel=canonical]"))))
    return next((next(filter(None, one.groups())) for one in named if one), "")


def _thread_links(page: Page, tree: LexborHTMLParser) -> Iterator[str]:
    yield page.url
    yield href(tree.css_first("link[rel=canonical]"))
    for node in tree.css(
        'meta[property="og:url"], a[href*="printthread.php?"], a[href*="subscription.php?"]'
    ):
        yield _address(node)
    for node in tree.css(
        '.pagenav a[href*="showthread.php?t="], form.pagination[action*="t="], .threadtitle a, a.bclast'
    ):
        yield _address(node)


_TITLES = (
    *("span.threadtitle", "h1.threadtitle", ".navbar h1", ".rel_thread_head h1"),
    *("td.navbar strong", "h1 a", "h1", "a.bclast"),
)


def _title(tree: LexborHTMLParser) -> str:
    heading = first(tree, *_TITLES)
    whole = words(tree.css_first("title"))
    return words(heading) or re.split(r" - (?:Seite|Page) \d+| - [^-]+$", whole)[0]


_PAGE_OF = re.compile(  # in any language: "Seite 2 von 3"
    r"\W{0,3}[^\W\d_]{2,10}\s+(\d{1,6})\s+[^\W\d_]{1,4}\s+(\d{1,6})\W*$"
)
_PAGES = "form.pagination, div.pagination, .pagenav, .pagination_top, .threadpagenav, .pages"


def paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    blocks = tree.css(_PAGES)
    cells = [cell for block in blocks for cell in block.css("td, span, a")]
    said = next((found for cell in cells if (found := _PAGE_OF.match(words(cell)))), None)
    links = page_links((words(cell), href(cell)) for cell in cells if href(cell))
    mark = first(tree, ".pagination .selected a", ".pagenav .alt2 strong", "span.curpage")
    current = (
        int(said[1]) if said else int(text) if (text := words(mark)).isdecimal() and len(text) < 7 else 1
    )
    pages = max([current, int(said[2]) if said else 1, *links])
    following = href(first(tree, "link[rel=next]", "a[rel=next]")) or links.get(current + 1, "")
    return current, pages, (clean(following, base(page.url, tree)) or None) if following else None


_MESSAGES = (
    *(".standard_error .blockrow", ".standard_error", "td.panelsurround .panel", ".panelsurround"),
    *("body.standarderror .inner", "td.alt1 center", "normalfont"),
)
_CLOSED = re.compile(
    r"not logged in|nicht angemeldet|not have permission|keine (?:ausreichenden )?(?:zugriffs)?rechte"
    r"|must be logged in|keine berechtigung|nicht die (?:erforderlichen|notwendigen)|nicht berechtigt"
    r"|register(?:ed)? (?:to|before)|must be a registered|requires the .{1,40}upgrade",
    re.I,
)


def refused(page: Page, tree: LexborHTMLParser, what: str) -> AccessError | ParseError:
    """Why a page gave nothing, by the board's own word: guests have to log in, or what is wrong."""
    said = words(first(tree, *_MESSAGES))[:200]
    if _CLOSED.search(said):
        return AccessError("the site answers with a log-in page", url=page.url)
    return refusal(page, f"{what} ({said or seen(page)})")


_WRITTEN = re.compile(r"(?<![\d./-])(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d\d)(?![\d/-])")


def moment_of(page: Page, dates: Sequence[str]) -> Moment:
    """When the page was made. These boards add one offset to all instants; m-d-Y is their own order.

    Where the dates of posts leave the order open, all others of the page (similar threads) are asked.
    """
    found = moment(page, (), dates, fixed=True)
    if found.day_first is not None or not any(re.search(r"\d[-/]\d", text) for text in dates):
        return found
    fields = [(int(one[1]), int(one[3])) for one in _WRITTEN.finditer(decode(page))]
    orders = {day > 12 for day, month in fields if (day > 12) != (month > 12)}
    dashes = any(re.search(r"\d-\d\d?-\d\d", text) for text in dates)
    order = orders.pop() if len(orders) == 1 else None
    return replace(found, day_first=order if order is not None or not dashes else False)
