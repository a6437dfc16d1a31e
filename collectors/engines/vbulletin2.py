"""vBulletin 2 and the boards that grew from it: tables with the post's number, `threadid` in addresses."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines import _vbulletin
from collectors.engines._shown import Moment, classes, moment, page_links
from collectors.links import clean, count, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "vbulletin2"
_MARKUP = Markup(
    quotes=".bbc-block:not(.pre) > blockquote, blockquote:has(> hr)",
    attributions=".bbc-block > h4",
    drop=".editedby, .bbc-block.pre > h5, .signature, .bbc-spoiler-hint",
    signature_lines=True,
)
_POST = re.compile(r"post([1-9]\d{0,14})$")


def recognise(page: Page) -> bool:
    """Its addresses name threads in full, and its posts are tables."""
    body = page.body
    if b"threadid=" not in body and b"Version 2." not in body:
        return False
    tree = html(page)
    posts = tree.css_first('table[id^="post"] .postbody, table.post .postbody')
    return (
        posts is not None
        or tree.css_first('table.threadlist tr.thread, tr[id^="thread"] a.thread_title') is not None
    )


def topic(page: Page) -> Topic:
    """The posts of a showthread page."""
    tree = html(page)
    tables = [
        (node, found[1])
        for node in tree.css("table[id]")
        if (found := _POST.match(node.attributes["id"] or ""))
    ]
    if not tables and tree.css_first("tr.thread") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not tables:
        raise _vbulletin.refused(page, tree, "no posts on this vBulletin page")
    thread = _vbulletin.thread(page, tree)
    when = moment(page, (), [_date(node) for node, _ in tables], fixed=True)
    posts = {number: _post(page, node, number, when, thread) for node, number in tables}
    current, pages, next_url = _paging(page, tree)
    url = f"{thread.root}showthread.php?threadid={thread.id}" if thread.root else thread.url
    return Topic(tuple(posts.values()), thread.id, url, thread.title, current, pages, next_url, NAME)


def _date(table: LexborNode) -> str:
    """The last text of the cell; links to the post and its author stand before it."""
    cell = table.css_first("td.postdate, .postdate")
    texts = (
        [child.text_content or "" for child in cell.iter(include_text=True) if child.is_text_node]
        if cell is not None
        else []
    )
    return " ".join(" ".join(texts).split())


def _post(page: Page, table: LexborNode, number: str, when: Moment, thread: _vbulletin.Thread) -> Post:
    at, precision = when.read(_date(table))
    body = table.css_first("td.postbody, .postbody")
    if at is None or body is None:
        raise ParseError(f"post {number}: date or text not understood {_date(table)!r}", url=page.url)
    text, quotes = own_words(body, _MARKUP)
    url = f"{thread.root}showthread.php?threadid={thread.id}" if thread.root else thread.url
    note = re.search(r"\bat (\d\d?:\d\d(?:\s*[AP]M)?) on (\w.*\d{4})", words(table.css_first(".editedby")))
    return Post(
        id=number,
        url=f"{thread.root}showthread.php?goto=post&postid={number}#post{number}"
        if thread.root
        else f"{url}#post{number}",
        text=text,
        author=words(table.css_first(".author, .username")) or None,
        published_at=at,
        date_precision=precision,
        edited_at=when.read(f"{note[2]} {note[1]}")[0] if note else None,
        title=thread.title,
        thread_id=thread.id,
        thread_url=url,
        quotes=quotes,
    )


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    block = tree.css_first(".pages")
    if block is None:
        return _vbulletin.paging(page, tree)
    options = [text for node in block.css("option") if (text := words(node)).isdecimal() and len(text) < 7]
    chosen = words(block.css_first("option[selected], .curpage"))
    current = int(chosen) if chosen.isdecimal() and len(chosen) < 7 else 1
    links = page_links((words(link), href(link)) for link in block.css("a[href]"))
    following = href(block.css_first('a[title="Next page"], a[rel=next]')) or links.get(current + 1, "")
    pages = max([current, *map(int, options), *links])
    return current, pages, clean(following, page.url) or None if following else None


def listing(page: Page) -> Listing:
    """The threads of a forumdisplay page; announcements have no number and are none."""
    tree = html(page)
    rows = [row for row in tree.css("tr.thread") if row.css_first("a.thread_title") is not None]
    boards = tuple(
        clean(href(link), page.url) for link in tree.css("tr.subforum a[href], td.title a.forum[href]")
    )
    if not rows and tree.css_first(".postbody") is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first("table#forum") is None:
        raise _vbulletin.refused(page, tree, "no threads on the board's page")
    when = moment(page, (), [words(row.css_first(".lastpost .date")) for row in reversed(rows)], fixed=True)
    threads = {row.id: row for row in (_row(page, row, when) for row in rows)}
    return Listing(tuple(threads.values()), _paging(page, tree)[2], boards, NAME)


def _row(page: Page, row: LexborNode, when: Moment) -> ThreadRow:
    link = row.css_first("a.thread_title")
    address = clean(href(link), page.url)
    thread_id = re.sub(r"\D", "", row.attributes.get("id") or "") or re.sub(
        r"\D", "", address.partition("threadid=")[2]
    )
    pages = page_links((words(one), href(one)) for one in row.css(".title_pages a"))
    return ThreadRow(
        id=thread_id or address,
        url=address,
        title=words(link),
        last_post_at=when.read(_turned(words(row.css_first(".lastpost .date"))))[0],
        replies=count(words(row.css_first(".replies"))),
        sticky=any("sticky" in name for node in row.css("td") for name in classes(node)),
        last_page_url=clean(pages[max(pages)], page.url) if pages else address,
    )


def _turned(text: str) -> str:
    """The time may stand before the day: "19:42 Feb 25, 2012"."""
    found = re.match(r"(\d\d?:\d\d(?:\s*[ap]m)?)\s+(\D.*)$", text, re.I)
    return f"{found[2]} {found[1]}" if found else text


def version(page: Page) -> str:
    """As the foot of the page says it."""
    said = re.search(rb"Version (2(?:\.\d+)+)", page.body)
    return said[1].decode() if said else "2"
