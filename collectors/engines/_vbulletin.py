"""What vBulletin 2 to 4 have in common: threads, paging, listings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines._shown import Moment, above, classes, lines, moment, page_links, same_host
from collectors.links import clean, count, distinct, first, href, number, words
from collectors.reading import Listing, Page, ThreadRow, refusal, seen


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
    root = _root(page, tree)
    number_ = _thread_id(page, tree)
    url = f"{root}showthread.php?t={number_}" if root and number_ else clean(page.url)
    return Thread(number_ or url, _title(tree), url, root)


_SCRIPT = re.compile(
    r"(https?://[^?#]*/)(?:showthread|forumdisplay|newreply|printthread|showpost|search|index)\.php\b"
)


def _root(page: Page, tree: LexborHTMLParser) -> str:
    """Where the scripts lie, by the board's own word or by links to them on the same host."""
    told = tree.css_first('meta[name="vb_meta_bburl"][content]')
    if told is not None:
        return f"{(told.attributes['content'] or '').rstrip('/')}/"
    links = tree.css(
        'meta[property="og:url"], a[href*="newreply.php"], a[href*="showthread.php"], '
        'a[href*="showpost.php"], a[href*="forumdisplay.php"], form[action*=".php"]'
    )
    for link in (page.url, *map(_address, links)):
        found = _SCRIPT.match(clean(link, base(page, tree)))
        if found and same_host(found[1], page.url):
            return found[1]
    return _foreign_root(tree)


def _foreign_root(tree: LexborHTMLParser) -> str:
    """The root on another host, of a page that was saved: by its base element."""
    node = tree.css_first("base[href]")
    return (
        href(node) if node is not None and href(node).startswith("http") and href(node).endswith("/") else ""
    )


def base(page: Page, tree: LexborHTMLParser) -> str:
    """What links are relative to: these boards have a base element."""
    node = tree.css_first("base[href]")
    return clean(href(node), page.url) or page.url if node is not None else page.url


def _address(node: LexborNode) -> str:
    return next(filter(None, (node.attributes.get(name) for name in ("href", "action", "content"))), "") or ""


_NAMED = re.compile(
    r"/(?:threads/)?(?:t|thread-?)?(\d{1,12})-[^/?#]*(?:[?#]|$)|-(?:t)?(\d{3,12})(?:-\d+)?\.html|/t-?(\d{1,12})/?(?:[?#]|$)"
)


def _thread_id(page: Page, tree: LexborHTMLParser) -> str:
    for link in _thread_links(page, tree):
        for name in ("t", "threadid"):
            if (found := number(link, name)) is not None:
                return str(found)
    hidden = tree.css_first('input[name="t"][value], input[name="threadid"][value]')
    value = hidden.attributes.get("value") or "" if hidden is not None else ""
    if value.isdigit():
        return value
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


_PAGE_OF = re.compile(r"\W{0,3}(?:Seite|Page|Pg)\s+(\d{1,6})\s+(?:von|of)\s+(\d{1,6})\W*$", re.I)
_PAGES = "form.pagination, div.pagination, .pagenav, .pagination_top, .threadpagenav, .pages"


def paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    blocks = tree.css(_PAGES)
    cells = [cell for block in blocks for cell in block.css("td, span, a")]
    said = next((found for cell in cells if (found := _PAGE_OF.match(words(cell)))), None)
    links = page_links((words(cell), href(cell)) for cell in cells if href(cell))
    mark = first(tree, ".pagination .selected a", ".pagenav .alt2 strong", "span.curpage")
    current = int(said[1]) if said else int(text) if (text := words(mark)).isdigit() and len(text) < 7 else 1
    pages = max([current, int(said[2]) if said else 1, *links])
    following = href(first(tree, "link[rel=next]", "a[rel=next]")) or links.get(current + 1, "")
    return current, pages, (clean(following, base(page, tree)) or None) if following else None


def message(tree: LexborHTMLParser) -> str:
    """What an error page says."""
    node = first(
        tree, ".standard_error .blockrow", ".standard_error", "td.panelsurround .panel", ".panelsurround"
    )
    return words(node)[:200]


def listing(page: Page, tree: LexborHTMLParser, engine: str) -> Listing:
    """The threads and boards of a page; ParseError or AccessError where there are none."""
    links = tree.css('a[id^="thread_title_"]')
    rows = [(link, row) for link in links if (row := _row_of(link)) is not None and not _moved(row)]
    boards = _boards(page, tree)
    if (
        not links
        and not boards
        and tree.css_first('[id^="threadbits_forum_"], #threadlist, #threadslist') is None
    ):
        raise refusal(page, f"no threads on the board's page ({message(tree) or seen(page)})")
    lasts = [_last(row) for _, row in rows]
    when = moment(page, (), [text for last in reversed(lasts) for text in last], fixed=True)
    root, start = _root(page, tree), base(page, tree)
    threads = (_row(root, start, one, last, when) for one, last in zip(rows, lasts, strict=True))
    unique = {thread.id: thread for thread in threads}
    is_search = "search.php" in page.url and "getnew" not in page.url and "getdaily" not in page.url
    next_url = paging(page, tree)[2]
    return Listing(tuple(unique.values()), next_url, boards, engine, by_last_post=not is_search)


def _row_of(link: LexborNode) -> LexborNode | None:
    """A row of the table, or the item of vBulletin 4's list."""
    row = above(link, ("tr", "li"))
    while row is not None and row.tag == "li" and "threadbit" not in (row.attributes.get("class") or ""):
        outer = above(row, ("tr", "li"))
        if outer is None:
            return row
        row = outer
    return row


def _moved(row: LexborNode) -> bool:
    if row.css_first('img[src*="moved"], img[src*="thread_moved"], .moved') is not None:
        return True
    return bool(re.search(r"\bmoved\b", row.attributes.get("class") or "")) or _label(
        row, r"moved|verschoben"
    )


def _label(row: LexborNode, names: str) -> bool:
    """Whether the words before the title are one of these labels."""
    for node in row.css(".prefix, td[id^=td_threadtitle_] div, h3.threadtitle, strong"):
        if re.match(rf"(?:{names})\s*:", words(node), re.I):
            return True
    return False


def _sticky(row: LexborNode) -> bool:
    if row.css_first('img[src*="sticky"], img[alt*="Sticky"], img[alt*="Wichtig"]') is not None:
        return True
    outer = above(row, ("ol", "ul"))
    names = classes(row) | (classes(outer) if outer is not None else set())
    return any("stick" in name for name in names) or _label(row, r"sticky|wichtig|important|angepinnt")


def _last(row: LexborNode) -> list[str]:
    """The texts that may be the last post's instant."""
    cell = first(row, ".threadlastpost", ".lastpost", "td.lastpost")
    if cell is None:
        stamps = [node for node in row.css("td .time") if node.parent is not None]
        cell = above(stamps[-1], ("td",)) if stamps else None
    if cell is None:
        cells = [one for one in row.css("td") if re.search(r"\d\d?:\d\d", words(one))]
        cell = cells[-1] if cells else None
    texts = [words(part) for part in cell.css("dd")] if cell is not None else []
    return [line for line in texts or lines(cell) if re.search(r"\d\d?:\d\d", line)]


def _row(
    root: str, start: str, one: tuple[LexborNode, LexborNode], last: list[str], when: Moment
) -> ThreadRow:
    link, row = one
    thread_id = re.sub(r"\D", "", link.attributes.get("id") or "")
    url = f"{root}showthread.php?t={thread_id}" if root else clean(href(link), start)
    stamps = (when.read(text)[0] for text in last)
    return ThreadRow(
        id=thread_id,
        url=url,
        title=words(link),
        last_post_at=next((at for at in stamps if at is not None), None),
        replies=_replies(row),
        sticky=_sticky(row),
        last_page_url=_last_page(row, start) or url,
    )


def _replies(row: LexborNode) -> int | None:
    """The link to who posted, or the cell that is a number."""
    node = first(row, 'a[href*="whoposted"]', 'a[onclick*="who("]', ".threadstats li a", ".threadstats li")
    if node is not None:
        return count(re.sub(r"^\D*:", "", words(node)))
    texts = (words(cell) for cell in row.css("td"))
    return next(
        (
            number_
            for text in texts
            if re.fullmatch(r"[\d.,']{1,9}", text) and (number_ := count(text)) is not None
        ),
        None,
    )


def _last_page(row: LexborNode, start: str) -> str:
    links = row.css('a[href*="page="], a[href*="pagenumber="], .pagination a[href], .threadpagenav a[href]')
    pages = page_links((words(link), href(link)) for link in links)
    last = next((href(link) for link in links if re.match(r"Letzte|Last", words(link), re.I)), "")
    return clean(last or (pages[max(pages)] if pages else ""), start) if last or pages else ""


def _boards(page: Page, tree: LexborHTMLParser) -> tuple[str, ...]:
    """The boards of an index or below a board."""
    links = tree.css(
        'td[id^="f"] > div > a[href] > strong, td.alt1Active a > strong, .forumtitle a[href], '
        "li.subforum a[href], .subforums a[href], td.title a.forum"
    )
    addresses = (href(node if node.tag == "a" else node.parent) for node in links)
    found = distinct(clean(address, base(page, tree)) for address in addresses if "#" not in address)
    return tuple(address for address in found if address != clean(page.url))
