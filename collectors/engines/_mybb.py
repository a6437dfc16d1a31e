"""What MyBB's pages have in common: addresses, the page's clock, paging, listings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines._shown import (
    Moment,
    above,
    classes,
    current,
    digits,
    lines,
    moment,
    page_links,
    same_host,
)
from collectors.links import clean, count, distinct, href, parameter, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from listener.errors import ParseError


@dataclass(frozen=True)
class Board:
    """One page of a board: where its scripts lie ("" if unknown), its own address, its thread's number."""

    page: Page
    tree: LexborHTMLParser
    root: str
    here: str
    thread: str

    def url(self, script: str) -> str:
        """The address of a script, which works whatever addresses the board shows; "" without a root."""
        return f"{self.root}{script}" if self.root else ""

    def moment(self, dates: Sequence[str]) -> Moment:
        """When the page was made. MyBB adds one offset to all instants; m-d-Y is its own order."""
        footer = self.tree.css("#current_time, .bottommenu, #footer .smalltext, #copyright")
        texts = (line.partition(":")[2].strip() for node in footer for line in lines(node))
        clocks = [text for text in texts if ":" in text and digits(text) >= 8]
        found = moment(self.page, clocks, dates, fixed=True)
        dashes = found.day_first is None and any(re.match(r"\d\d-\d\d-\d{2,4}", text) for text in dates)
        return replace(found, day_first=False) if dashes else found


_THREAD = re.compile(r"[?&;]tid=(\d{1,12})|(?:^|/)thread-(\d{1,12})(?=[-.])|--(\d{1,12})(?=[?#]|$)", re.I)


def thread_id(link: str) -> str:
    """The thread's number in an address, also in the rewritten forms thread-12.html and Thread-Title--12."""
    found = _THREAD.search(link.replace("&amp;", "&"))
    return next(filter(None, found.groups()), "") if found else ""


def board(page: Page) -> Board:
    """The page with the board's root and the thread it belongs to; its own address mostly tells both."""
    tree = html(page)
    root, number = _root([page.url], page.url), thread_id(page.url)
    if not root or not number:
        scripts = tree.css('a[href*=".php"], link[href*="syndication.php"], input[name="tid"]')
        links = [href(node) for node in scripts if node.tag != "input"]
        root = root or _root(links, page.url)
        number = number or _own_thread(scripts, links)
    return Board(page, tree, root, clean(page.url), number)


def _own_thread(scripts: Iterable[LexborNode], links: Iterable[str]) -> str:
    """The number in a form's field, or behind the buttons that belong to the thread."""
    fields = (node.attributes.get("value") or "" for node in scripts if node.tag == "input")
    buttons = (
        link for link in links if re.search(r"(?:printthread|newreply|ratethread|sendthread)\.php", link)
    )
    number = next((text for text in fields if re.fullmatch(r"[1-9]\d{0,11}", text)), "")
    return number or next(filter(None, map(thread_id, buttons)), "")


def _root(links: Iterable[str], url: str) -> str:
    scripts = r"(?:showthread|forumdisplay|index|member|misc|syndication|printthread|search|portal)\.php"
    for link in links:
        found = re.match(rf"(https?://[^?#]*/){scripts}(?:[?#]|$)", clean(link, url))
        if found and same_host(found[1], url):
            return found[1].removesuffix("archive/")
    return ""


def message(tree: LexborHTMLParser) -> str:
    """What an error page says: a table with nothing but one cell of words."""
    cells = tree.css("table.tborder td.trow1, .error")
    return words(cells[0])[:120] if len(cells) == 1 else ""


def paging(at: Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    block = at.tree.css_first(".pagination:not(.pagination_breadcrumb)")  # those are the board's own pages
    if block is None:
        return 1, 1, None
    page = current([words(block.css_first(".pagination_current"))])
    links = [(words(link), href(link)) for link in block.css("a[href]")]
    pages = page_links(links)
    following = href(block.css_first("a.pagination_next")) or pages.get(page + 1, "")
    return page, max([page, *pages]), clean(following, at.page.url) or None if following else None


def rows(tree: LexborHTMLParser) -> list[LexborNode]:
    """The titles of a board's page: links, or what stands around them."""
    return [
        node
        for node in tree.css('[id^="tid_"]')
        if re.fullmatch(r"tid_\d{1,12}", node.attributes["id"] or "")
    ]


def listing(page: Page, engine: str) -> Listing:
    """The threads of a board's page or of a search; threads that moved on are left out."""
    at = board(page)
    titles = rows(at.tree)
    boards = _boards(at)
    if not titles and (posts := at.tree.css('tr.inline_row a[href*="#pid"]')):
        return _of_posts(at, posts, engine)
    if not titles and at.tree.css_first('.post_body, [id^="pid_"]') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not titles and not boards and (message(at.tree) or at.tree.css_first(_EMPTY) is None):
        raise refusal(page, f"no threads on the board's page ({message(at.tree) or seen(page)})")
    found = [
        (row, title) for title in titles if (row := above(title, ("tr",))) is not None and not _moved(row)
    ]
    dates = [_last(row) for row, _ in found]
    when = at.moment([line for cell in reversed(dates) for line in cell[:1]])
    threads = (_thread(at, row, title, last, when) for (row, title), last in zip(found, dates, strict=True))
    unique = {thread.id: thread for thread in threads}
    return Listing(tuple(unique.values()), paging(at)[2], boards, engine, by_last_post=_by_last_post(at))


_EMPTY = '[id^="tid_"], td.forumdisplay_regular, select[name="datecut"], .thread_legend'


def _by_last_post(at: Board) -> bool:
    sorted_by = parameter(at.page.url, "sortby") or "lastpost"
    descending = (parameter(at.page.url, "order") or "desc") == "desc"
    return "search.php" not in at.page.url and sorted_by == "lastpost" and descending


def _moved(row: LexborNode) -> bool:
    marks = row.css(".thread_status, .movefolder, img")
    return any(
        "movefolder" in f"{node.attributes.get('class')} {node.attributes.get('src')}" for node in marks
    )


def _last(row: LexborNode) -> list[str]:
    """The lines of the cell that tells of the last post, the date first."""
    cell = row.css_first(".lastpost")
    if cell is None:
        cells = [child for child in row.iter() if child.tag == "td"]
        cell = cells[-1] if cells else None
    return [line for line in lines(cell, titles=True) if any(char.isdigit() for char in line)]


def _thread(at: Board, row: LexborNode, title: LexborNode, last: Sequence[str], when: Moment) -> ThreadRow:
    number = (title.attributes.get("id") or "")[len("tid_") :]
    link = title if title.tag == "a" else title.css_first("a")
    url = at.url(f"showthread.php?tid={number}") or clean(href(link), at.page.url)
    return ThreadRow(
        id=number,
        url=url,
        title=words(title),
        last_post_at=next(filter(None, (when.read(line)[0] for line in last)), None),
        replies=next(map(count, filter(str.isdigit, map(_plain, row.css("td")))), None),
        sticky=any("sticky" in name for cell in row.css("td") for name in classes(cell)),
        last_page_url=_last_page(at, row, number) or url,
    )


def _plain(cell: LexborNode) -> str:
    """A cell's words, a number without the marks between its thousands."""
    return re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", words(cell))


def _last_page(at: Board, row: LexborNode, number: str) -> str:
    """The address behind the highest page number in the row."""
    links = [(words(link), href(link)) for link in row.css('a[href]:not([href*="misc.php"])')]
    pages = page_links((label, link) for label, link in links if thread_id(link) == number)
    return clean(pages[max(pages)], at.page.url) if pages else ""


_BOARD = re.compile(r"forumdisplay\.php\?fid=\d{1,9}$|/?forum-\d{1,9}\.html$|/?Forum-[^/?#]+$", re.I)


def _boards(at: Board) -> tuple[str, ...]:
    """Boards in the tables of the index and of boards, not those of menus and breadcrumbs."""
    links = at.tree.css(
        'td[class^="trow"] strong > a[href], td[class^="trow"] .smalltext a[href], .sub_forums a[href]'
    )
    found = (clean(href(link), at.page.url) for link in links if _BOARD.search(href(link)))
    return tuple(address for address in distinct(found) if address != at.here)


def _of_posts(at: Board, links: Sequence[LexborNode], engine: str) -> Listing:
    """What a search for posts found, as rows of their threads."""
    found = [(link, number) for link in links if (number := thread_id(href(link)))]
    dates = {number: _last(row) for link, number in found if (row := above(link, ("tr",))) is not None}
    when = at.moment([line for cell in reversed(list(dates.values())) for line in cell[:1]])
    threads: dict[str, ThreadRow] = {}
    for link, number in found:
        url = at.url(f"showthread.php?tid={number}") or clean(href(link), at.page.url)
        last = next(filter(None, (when.read(line)[0] for line in dates.get(number, ()))), None)
        post = clean(href(link), at.page.url)
        threads.setdefault(number, ThreadRow(number, url, words(link), last, last_page_url=post))
    return Listing(tuple(threads.values()), paging(at)[2], (), engine, by_last_post=False)
