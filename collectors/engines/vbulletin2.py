"""vBulletin 2 and the boards that grew from it: tables with the post's number, `threadid` in addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines import _vbulletin
from collectors.engines._shown import Moment, above, classes, digits, lines, page_links
from collectors.links import clean, count, distinct, href, number, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "vbulletin2"


def _quoted(quote: LexborNode) -> str | None:
    said = re.match(r"Originally posted by (.{1,100})$", words(quote.css_first("i")), re.I)
    return said[1] if said else None


# Its own templates have paragraphs: a title, the text, a note, links; a quote lies between two lines.
_MARKUP = Markup(
    quotes=".bbc-block:not(.pre) > blockquote, blockquote:has(hr)",
    attributions=".bbc-block > h4, blockquote:has(hr) i:first-of-type",
    drop=".editedby, .bbc-block > h5, .signature, .bbc-spoiler-hint, blockquote:has(hr) font[size='1'], "
    "p[align=right], p:has(> font > i), p:first-child:has(> font[size='1'])",
    author=_quoted,
    signature_lines=True,
)
_POST = re.compile(r"post([1-9]\d{0,14})$")


def recognise(page: Page) -> bool:
    """Its foot says the version; else its addresses name threads in full, and its posts are tables."""
    body = page.body
    if b"vBulletin Version 2." in body and b"Jelsoft Enterprises" in body:
        return True
    if b"threadid=" not in body:
        return False
    posts = 'table[id^="post"] .postbody, table.post .postbody, table.threadlist tr.thread'
    return html(page).css_first(f'{posts}, tr[id^="thread"] a.thread_title') is not None


@dataclass(frozen=True)
class _Found:
    """A post as it stands in the page."""

    id: str
    author: str
    date: str
    body: LexborNode | None
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a showthread page."""
    tree = html(page)
    found = _tables(tree) or _stock(tree)
    if not found and tree.css_first("tr.thread") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise _vbulletin.refused(page, tree, "no posts on this vBulletin page")
    thread = _vbulletin.thread(page, tree)
    if thread.root:
        thread = replace(thread, url=f"{thread.root}showthread.php?threadid={thread.id}")
    when = _vbulletin.moment_of(page, [one.date for one in found])
    posts = {one.id: _post(page, one, when, thread) for one in found}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _tables(tree: LexborHTMLParser) -> list[_Found]:
    """The posts of boards that grew from it: a table each."""
    named = ((table, _POST.match(table.attributes["id"] or "")) for table in tree.css("table[id]"))
    return [_of_table(table, number[1]) for table, number in named if number is not None]


def _of_table(table: LexborNode, number: str) -> _Found:
    cell = table.css_first("td.postdate, .postdate")
    date = [line for line in lines(cell) if digits(line) >= 6]
    return _Found(
        number,
        words(table.css_first(".author, .username")),
        re.sub(r"^\W+", "", date[-1]) if date else "",
        table.css_first("td.postbody, .postbody"),
        words(table.css_first(".editedby")),
    )


def _stock(tree: LexborHTMLParser) -> list[_Found]:
    """The posts of its own templates: an anchor beside the author, the words beside, the date below."""
    anchors = ((node, _POST.match(node.attributes["name"] or "")) for node in tree.css('a[name^="post"]'))
    posts = (_of_row(anchor, number[1]) for anchor, number in anchors if number is not None)
    return [post for post in posts if post is not None]


def _of_row(anchor: LexborNode, number: str) -> _Found | None:
    cell = above(anchor, ("td",))
    body, row = _next(cell, "td"), above(anchor, ("tr",))
    if cell is None or body is None:
        return None
    shown = [line for line in lines(_next(row, "tr")) if digits(line) >= 6]
    notes = (words(node) for node in body.css("p > font > i"))
    note = next((text for text in notes if "dited" in text), "")
    return _Found(number, words(cell.css_first("b")), shown[0] if shown else "", body, note)


def _next(node: LexborNode | None, tag: str) -> LexborNode | None:
    found = node.next if node is not None else None
    while found is not None and found.tag != tag:
        found = found.next
    return found


_EDITED = re.compile(
    r"\bat (?P<time>\d\d?:\d\d(?:\s*[AP]M)?) on (?P<day>\w.*\d{4})"
    r"|\b(?:at|on) (?P<day2>\w.*\d{4}) (?:around|at) (?P<time2>\d\d?:\d\d(?:\s*[AP]M)?)"
)


def _post(page: Page, found: _Found, when: Moment, thread: _vbulletin.Thread) -> Post:
    at, precision = when.read(found.date)
    if at is None or found.body is None:
        raise ParseError(f"post {found.id}: date or text not understood {found.date!r}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    note = _EDITED.search(found.note)
    edited = f"{note['day'] or note['day2']} {note['time'] or note['time2']}" if note else ""
    anchor = f"showthread.php?goto=post&postid={found.id}" if thread.root else ""
    return Post(
        id=found.id,
        url=f"{thread.root}{anchor}#post{found.id}" if anchor else f"{thread.url}#post{found.id}",
        text=text,
        author=found.author or None,
        published_at=at,
        date_precision=precision,
        edited_at=when.read(edited)[0] if edited else None,
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
    )


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    block = tree.css_first(".pages")
    if block is None:
        return _stock_paging(page, tree)
    said = [block.attributes.get(name) or "" for name in ("data-current-page", "data-total-pages")]
    told = [int(text) if re.fullmatch("[0-9]{1,6}", text) else 1 for text in said]
    options = [text for node in block.css("option") if (text := words(node)).isdecimal() and len(text) < 7]
    chosen = words(block.css_first("option[selected], .curpage"))
    current = int(chosen) if chosen.isdecimal() and len(chosen) < 7 else told[0]
    links = page_links((words(link), href(link)) for link in block.css("a[href]"))
    following = href(block.css_first('a[title="Next page"], a[rel=next]')) or links.get(current + 1, "")
    pages = max([current, told[1], *map(int, options), *links])
    return current, pages, clean(following, page.url) or None if following else None


def _stock_paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """Of its own templates: "Pages (3): [1] 2 3" in a cell."""
    shown = tree.css('font > a[href*="pagenumber="]')
    path = clean(page.url).partition("?")[0]  # a board's rows have links to pages of threads
    links = page_links(
        (words(link), href(link)) for link in shown if clean(href(link), page.url).startswith(f"{path}?")
    )
    current = number(page.url, "pagenumber") or 1
    following = links.get(current + 1, "")
    return current, max([current, *links]), clean(following, page.url) or None if following else None


_NO_DIGITS = re.compile(r"\D")


def listing(page: Page) -> Listing:
    """The threads of a forumdisplay page; announcements have no number and are none."""
    tree = html(page)
    rows = [row for row in tree.css("tr.thread") if row.css_first("a.thread_title") is not None]
    bare = [] if rows else _stock_rows(tree)
    boards = _boards(page, tree)
    if not rows and not bare and (_tables(tree) or _stock(tree)):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not bare and not boards and tree.css_first("table#forum") is None:
        raise _vbulletin.refused(page, tree, "no threads on the board's page")
    when = _vbulletin.moment_of(page, [words(row.css_first(".lastpost")) for row in reversed(rows)])
    found = [_row(page, row, when) for row in rows] + [_stock_row(page, *one, when) for one in bare]
    threads = {row.id: row for row in found}
    return Listing(tuple(threads.values()), _paging(page, tree)[2], boards, NAME)


def _boards(page: Page, tree: LexborHTMLParser) -> tuple[str, ...]:
    """The boards of an index or below a board."""
    stock = 'td > font > a[href*="forumdisplay.php?"] > b'
    nodes = tree.css(f"tr.subforum a[href], td.title a.forum[href], {stock}")
    return distinct(clean(href(node if node.tag == "a" else node.parent), page.url) for node in nodes)


def _row(page: Page, row: LexborNode, when: Moment) -> ThreadRow:
    link = row.css_first("a.thread_title")
    address = clean(href(link), page.url)
    thread_id = _NO_DIGITS.sub("", row.attributes.get("id") or "") or str(number(address, "threadid") or "")
    return ThreadRow(
        id=thread_id or address,
        url=address,
        title=words(link),
        last_post_at=when.read(_turned(words(row.css_first(".lastpost .date"))))[0],
        replies=count(words(row.css_first(".replies"))),
        sticky=any("sticky" in name for node in row.css("td") for name in classes(node)),
        last_page_url=_last_page(page, row.css(".title_pages a"), address),
    )


def _last_page(page: Page, links: list[LexborNode], address: str) -> str:
    """The link to the last page, or the one that leads on to it where not all pages have links."""
    if any("goto=lastpost" in href(link) for link in links):
        return f"{address}&goto=lastpost"
    pages = page_links((words(link), href(link)) for link in links)
    return clean(pages[max(pages)], page.url) if pages else address


def _stock_rows(tree: LexborHTMLParser) -> list[tuple[LexborNode, LexborNode]]:
    """The rows of its own templates: a link to a thread in a row with a date."""
    links = tree.css('td > font > a[href*="showthread.php?"], td > font > b > a[href*="showthread.php?"]')
    known: dict[int, tuple[LexborNode, LexborNode]] = {}
    for link in links:
        row = above(link, ("tr",))
        if row is not None and number(href(link), "threadid") and "goto=" not in href(link):
            known.setdefault(row.mem_id, (row, link))
    return list(known.values())


def _stock_row(page: Page, row: LexborNode, link: LexborNode, when: Moment) -> ThreadRow:
    address = clean(href(link), page.url)
    cells = [cell for cell in row.css("td") if digits(words(cell)) >= 6]
    replies = (count(words(cell)) for cell in row.css("td") if re.fullmatch(r"[\d,.]{1,9}", words(cell)))
    beside = [one for one in row.css("a[href]") if "showthread" in href(one)]
    return ThreadRow(
        id=str(number(address, "threadid") or address),
        url=address,
        title=words(link),
        last_post_at=when.read(_turned(words(cells[-1])))[0] if cells else None,
        replies=next((found for found in replies if found is not None), None),
        sticky=bool(re.match(r"(?:Sticky|Wichtig|Important)\b", words(above(link, ("td",))), re.I)),
        last_page_url=_last_page(page, beside, address),
    )


def _turned(text: str) -> str:
    """The time may stand before the day: "19:42 Feb 25, 2012"."""
    found = re.match(r"(\d\d?:\d\d(?:\s*[ap]m)?)\s+(\D.*)$", text, re.I)
    return f"{found[2]} {found[1]}" if found else text


def version(page: Page) -> str:
    """As the foot of the page says it."""
    said = re.search(rb"Version (2(?:\.\d+)+)", page.body)
    return said[1].decode() if said else "2"
