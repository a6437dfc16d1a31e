"""The boards of vBulletin 3 and 4: rows of threads, results of a search, boards below a board."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines import _vbulletin
from collectors.engines._shown import Moment, above, classes, lines, page_links
from collectors.links import base, clean, count, distinct, first, href, number, words
from collectors.reading import Listing, Page, ThreadRow


@dataclass(frozen=True)
class _Row:
    """A row of the table, or an item of version 4's list."""

    link: LexborNode
    node: LexborNode
    title: LexborNode
    before: str
    last: tuple[str, ...]


@dataclass(frozen=True)
class _Board:
    """What addresses of a page are relative to, and how it writes dates."""

    root: str
    start: str
    when: Moment


def listing(page: Page, tree: LexborHTMLParser, engine: str) -> Listing:
    """The threads and boards of a page; ParseError or AccessError where there are none."""
    links = tree.css('a[id^="thread_title_"]')
    rows = [row for link in links if (row := _row_of(link)) is not None and not _is_moved(row)]
    results = [] if links else _results(tree)
    boards = _boards(page, tree)
    empty = '[id^="threadbits_forum_"], #threadlist, #threadslist, #searchbits'
    if not links and not results and not boards and tree.css_first(empty) is None:
        raise _vbulletin.refused(page, tree, "no threads on the board's page")
    when = _vbulletin.moment_of(page, [text for row in reversed(rows) for text in row.last])
    board = _Board(_vbulletin.root(page, tree), base(page.url, tree), when)
    threads = [_thread(row, board) for row in rows] + [_hit(result, board) for result in results]
    unique: dict[str, ThreadRow] = {}
    for thread in threads:
        unique.setdefault(thread.id, thread)
    searched = "/search.php" in page.url and not re.search(r"do=get(?:new|daily)", page.url)
    sorted_ = re.search(r"[?&;](?:sort=(?!lastpost)|order=asc)", page.url)
    following = _vbulletin.paging(page, tree)[2]
    in_order = not searched and not results and sorted_ is None
    return Listing(tuple(unique.values()), following, boards, engine, by_last_post=in_order)


def _row_of(link: LexborNode) -> _Row | None:
    node = _item(link)
    title = _cell(link) if node is None else None
    if title is not None:
        node = title.parent
    if node is None:
        return None
    around = link.parent
    before = lines(around, until=link) if around is not None else []
    return _Row(link, node, title or node, " ".join(before), tuple(_last(node, title)))


def _item(link: LexborNode) -> LexborNode | None:
    """An item of version 4's list."""
    nearest = node = above(link, ("li", "tr"))
    while node is not None and "threadbit" not in (node.attributes.get("class") or ""):
        node = above(node, ("li",))
    return node or (nearest if nearest is not None and nearest.tag == "li" else None)


def _cell(link: LexborNode) -> LexborNode | None:
    """The cell of a title by its name, whatever it is made of; else the table's."""
    name = (link.attributes.get("id") or "").replace("thread_title_", "td_threadtitle_")
    node = link.parent
    while node is not None and node.attributes.get("id") != name:
        node = node.parent
    return node or above(link, ("td",))


def _last(node: LexborNode, title: LexborNode | None) -> Iterator[str]:
    """The lines that may be the last post's instant."""
    cell = first(node, "dl.threadlastpost", ".threadlastpost")
    if cell is not None:
        yield from (words(part) for part in cell.css("dd"))
        yield from lines(cell)
    child = node.child if cell is None else None
    while child is not None:
        if child.is_element_node and (title is None or child.mem_id != title.mem_id) and ":" in child.text():
            yield from (line for line in lines(child) if re.search(r"\d\d?:\d\d", line))
        child = child.next


def _is_moved(row: _Row) -> bool:
    marks = '[src*="moved"], .thread_moved, .moved'
    return (
        bool(re.search(r"\b(?:moved|verschoben)\s*:", row.before, re.I))
        or "moved" in classes(row.node)
        or row.node.css_first(marks) is not None
    )


_STICKY = re.compile(r"\b(?:sticky|wichtig|important|angepinnt|announcement|ankündigung)\s*:", re.I)


def _is_sticky(row: _Row) -> bool:
    marks = 'img[src*="sticky"], img[alt*="Sticky"], img[alt*="Wichtig"], span[class*="sticky"]'
    outer = above(row.node, ("ol", "ul"))
    names = classes(row.node) | (classes(outer) if outer is not None else set())
    return (
        bool(_STICKY.search(row.before))
        or any("stick" in name for name in names)
        or row.node.css_first(marks) is not None
    )


def _thread(row: _Row, board: _Board) -> ThreadRow:
    thread = re.sub(r"\D", "", row.link.attributes.get("id") or "")
    url = _address(board, thread) or clean(href(row.link), board.start)
    stamps = (at for at, how in map(board.when.read, row.last) if at is not None and how != "day")
    return ThreadRow(
        id=thread,
        url=url,
        title=words(row.link),
        last_post_at=next(stamps, None),
        replies=_replies(row),
        sticky=_is_sticky(row),
        last_page_url=_last_page(row, board) or url,
    )


def _address(board: _Board, thread: str) -> str:
    return f"{board.root}showthread.php?t={thread}" if board.root else ""


_COUNTED = re.compile(r"(?:Replies|Antworten)\s*:\s*([\d.,]{1,9})\b", re.I)


def _replies(row: _Row) -> int | None:
    """The link to who posted, the words of a cell's title, or the cell that is a number."""
    node = first(
        row.node, 'a[href*="whoposted"]', 'a[onclick*="who("]', ".threadstats li a", ".threadstats li"
    )
    if node is not None:
        return count(re.sub(r"^\D*:", "", words(node)))
    titles = (node.attributes.get("title") or "" for node in row.node.css("[title]"))
    told = next((found for title in titles if (found := _COUNTED.match(title))), None)
    if told:
        return count(told[1])
    texts = (words(cell) for cell in row.node.css("td"))
    numbers = (count(text) for text in texts if re.fullmatch(r"[\d.,']{1,9}", text))
    return next((found for found in numbers if found is not None), None)


def _last_page(row: _Row, board: _Board) -> str:
    """The link to the last page among those beside the title."""
    links = [
        (words(link), href(link))
        for link in row.title.css("a[href]")
        if not re.search(r"whoposted|attachments|^#|javascript:", href(link))
    ]
    pages = page_links(links)
    named = (address for label, address in links if re.match(r"(?:Letzte|Last)\b", label, re.I))
    address = next(named, "") or (pages[max(pages)] if pages else "")
    return clean(address, board.start) if address else ""


_Hit = tuple[str, LexborNode, LexborNode]
_THREAD = re.compile(r"showthread\.php[?/](\d{1,12})(?:-|$)")


def _results(tree: LexborHTMLParser) -> list[_Hit]:
    """The posts that a search found: blocks with a link to the thread and one to the post."""
    blocks = tree.css('table[id^="post"], li[id^="post_"], #searchbits > li')
    return [hit for node in blocks if (hit := _result(node)) is not None]


def _result(node: LexborNode) -> _Hit | None:
    """A thread's number, the link to it and the one to the post."""
    post = node.css_first('a[href*="#post"]')
    for link in node.css('a[href*="showthread.php"]') if post is not None else ():
        friendly = _THREAD.search(href(link))
        thread = str(number(href(link), "t") or "") or (friendly[1] if friendly else "")
        if post is not None and thread and "#post" not in href(link) and words(link):
            return thread, link, post
    return None


def _hit(result: _Hit, board: _Board) -> ThreadRow:
    thread, link, post = result
    url = _address(board, thread) or clean(href(link), board.start)
    return ThreadRow(thread, url, words(link), last_page_url=clean(href(post), board.start) or url)


_NO_BOARD = re.compile(
    r"(?:^|/)(?:activity|external|search|member|register|showthread|showpost|misc|usercp|login|faq|payments|subscription"
    r"|announcement|private|profile|calendar|memberlist|online|blog|newthread|newreply|sendmessage)\.php|#"
)


def _boards(page: Page, tree: LexborHTMLParser) -> tuple[str, ...]:
    """The boards of an index or below a board."""
    nodes = tree.css(
        'td[id^="f"] div:first-child > a[href] > strong, td[id^="f"] img[id^="forum_statusicon_"] + a, '
        ".forumtitle a[href], .forumTitle a[href], li.subforum a[href]"
    )
    addresses = (href(node if node.tag == "a" else node.parent) for node in nodes)
    start = base(page.url, tree)
    found = distinct(clean(address, start) for address in addresses if not _NO_BOARD.search(address))
    hosts = Counter(urlsplit(address).netloc for address in found)
    usual = max(hosts, key=lambda host: hosts[host], default="")  # rows of the table may lead to shops
    return tuple(one for one in found if urlsplit(one).netloc == usual and one != clean(page.url))
