"""Asgaros Forum (WordPress), versions 1 to 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines import _bbpress
from collectors.engines._bbpress import Clock
from collectors.engines._shown import classes, current, lines, page_links
from collectors.links import clean, count, distinct, first, href, number, parameter, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "asgaros"
_MARKUP = Markup(
    attributions=".quotetitle, cite",
    # Each post holds a copy of itself for those who want to quote it.
    drop='[id^="post-quote-container"], .post-footer, .signature, .uploaded-files, .post-reactions, '
    ".spoiler-head",
)


def recognise(page: Page) -> bool:
    """The block around all it shows."""
    return b"af-wrapper" in page.body and html(page).css_first("#af-wrapper") is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    block: LexborNode
    body: LexborNode | None = None
    author: str = ""
    date: str = ""
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a topic's page."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first(_ROWS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        said = words(tree.css_first("#af-wrapper .notice, #af-wrapper .error"))[:120]
        raise refusal(page, f"no posts on this Asgaros page ({said or seen(page)})")
    clock = _bbpress.clock(page, [post.date for post in found])
    url = _first_page(_address(page.url, page.url))
    title = words(first(tree, "h1.main-title", "#af-wrapper h1", "h1", "title"))
    posts = tuple(_post(page, post, clock, url, title) for post in found)
    here, pages, next_url = _paging(page, tree)
    return Topic(posts, url, url, title, here, pages, next_url, NAME)


_PARTS = ", ".join(
    f"#af-wrapper {part}"
    for part in (
        '[id^="postid-"]',
        ".forum-post-date",
        ".post-date",
        ".post-username",
        ".post-author strong",
        ".post-message",
        ".post-edit-date",
        ".post-footer",
    )
)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        numbered = re.fullmatch(r"postid-([1-9]\d{0,14})", node.attributes.get("id") or "", re.A)
        if numbered:
            post = found.setdefault(numbered[1], _Found(numbered[1], node))
        elif post is not None:
            _take(post, node, classes(node))
    return [post for post in found.values() if post.body is not None]


def _take(post: _Found, node: LexborNode, kinds: set[str]) -> None:
    """One more part of a post; of each the first counts."""
    if "post-message" in kinds:
        post.body = post.body or node
    elif kinds & {"forum-post-date", "post-date"}:
        post.date = post.date or re.sub(r"^#\d+\W*\s", "", words(node))
    elif kinds & {"post-edit-date", "post-footer"}:
        post.note = post.note or words(node)
    elif "post-username" in kinds or post.body is None:
        post.author = post.author or words(node)


def _post(page: Page, found: _Found, clock: Clock, url: str, title: str) -> Post:
    at, precision = clock.read(found.date)
    if at is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    link = found.block.css_first(f'a[href$="#postid-{found.id}"]')
    own = _address(href(link).partition("#")[0], page.url) if link is not None else ""
    return Post(
        id=found.id,
        url=f"{own or _address(page.url, page.url) or url}#postid-{found.id}",
        text=text,
        author=found.author or None,
        published_at=at,
        date_precision=precision,
        edited_at=_edited(found.note, clock),
        title=title,
        thread_id=url,
        thread_url=url,
        quotes=quotes,
    )


_EDITED = re.compile(r"(?:edited on|bearbeitet am)\s+(.{6,40}?)(?:\s+(?:by|von)\s.*)?(?:\s·.*)?$", re.I)


def _edited(note: str, clock: Clock) -> datetime | None:
    said = _EDITED.search(note)
    read = clock.read(said[1]) if said else (None, "unknown")
    return read[0] if read[1] in ("minute", "second") else None


def _address(link: str, base: str) -> str:
    """An address without passengers; where permalinks are off, `view` says what is shown."""
    address = clean(link, base)
    try:
        view = parameter(urljoin(base, link), "view")
    except ValueError:
        view = None
    return f"{address}{'&' if '?' in address else '?'}view={view}" if address and view else address


def _first_page(address: str) -> str:
    """A topic's address without the number of one of its pages."""
    path, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("part=")]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address."""
    box = tree.css_first(".pages-and-menu .pages")
    if box is None:
        return 1, 1, None
    here = current(map(words, box.css("strong")))
    links = box.css("a[href]")
    numbers = page_links((words(link), href(link)) for link in links)
    parts = (number(href(link), "part") or 1 for link in links)
    following = numbers.get(here + 1)
    next_url = _address(following, page.url) or None if following else None
    return here, max([here, *numbers, *parts]), next_url


_ROWS = "#af-wrapper .topic .topic-name"


def listing(page: Page) -> Listing:
    """The topics of a forum or of a search, and the forums of the index."""
    tree = html(page)
    rows = [(row, link) for row in tree.css("#af-wrapper .topic") if (link := _title(row)) is not None]
    boards = distinct(_address(href(link), page.url) for link in tree.css(_BOARDS))
    if not rows and _posts(tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first("#af-wrapper .notice, #af-wrapper .title-element") is None:
        raise refusal(page, f"no topics on this Asgaros page ({seen(page)})")
    clock = _bbpress.clock(page, (text for row, _ in rows for text in _last_texts(row)))
    threads = {made.id: made for row, link in rows for made in [_thread(page, row, link, clock)]}
    usual = not re.search(r"/search/|/unread/|[?&]keywords=|[?&]view=search", page.url)
    next_url = _paging(page, tree)[2]
    return Listing(tuple(threads.values()), next_url, boards, NAME, by_last_post=usual)


_BOARDS = ", ".join(
    f"#af-wrapper {part}"
    for part in (".forum .forum-name > a", ".forum .forum-name strong > a", ".forum-subforums a")
)


_STICKY = '[class*="sticky"], .fa-thumbtack'


def _title(row: LexborNode) -> LexborNode | None:
    return next((link for link in row.css(".topic-name a[href]") if words(link)), None)


def _last(row: LexborNode) -> LexborNode | None:
    return first(row, '.topic-poster a[href*="#postid-"]', '.topic-lastpost-small a[href*="#postid-"]')


def _last_texts(row: LexborNode) -> Iterator[str]:
    """Where the last post's instant may stand: its link, or a line beside it."""
    link = _last(row)
    if link is not None:
        yield words(link)
    yield from reversed(lines(first(row, ".topic-poster", ".topic-lastpost-small")))


def _thread(page: Page, row: LexborNode, link: LexborNode, clock: Clock) -> ThreadRow:
    url = _first_page(_address(href(link), page.url))
    last = _last(row)
    dates = (clock.read(text)[0] for text in _last_texts(row))
    stats = [part for line in lines(row.css_first(".topic-stats")) for part in line.split("·")]
    return ThreadRow(
        id=url,
        url=url,
        title=words(link),
        last_post_at=next((date for date in dates if date is not None), None),
        replies=count(stats[0]) if stats else None,
        sticky="topic-sticky" in classes(row)
        or row.css_first('[class*="sticky"], .fa-thumbtack') is not None,
        last_page_url=_address(href(last).partition("#")[0], page.url) if last is not None else url,
    )


def version(page: Page) -> str:
    """As its style sheets' addresses say it."""
    said = re.search(rb"/asgaros-forum/[^\"'<>]{0,120}\?ver=(\d+\.\d+(?:\.\d+)?)", page.body)
    return said[1].decode() if said else ""
