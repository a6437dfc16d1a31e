"""Simple:Press (WordPress), versions 5 and 6."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines import _bbpress
from collectors.engines._bbpress import Clock
from collectors.engines._shown import classes, current, lines, page_links
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "simplepress"


def _quoted(node: LexborNode) -> str | None:
    """The name in "X said", which stands in bold letters before the words."""
    said = words(node.css_first("strong")) if "spPostEmbedQuote" in classes(node) else ""
    return re.sub(r"\s+(?:said|wrote|sagte|schrieb|hat gesagt|hat geschrieben)\W*$", "", said) or None


_MARKUP = Markup(
    attributions="blockquote.spPostEmbedQuote > strong:first-child, cite",
    drop=".spPostUserSignature, .spMessage, .spPostIndexAttachments, .spEditPostHistory, .spReveal, "
    ".spPluginSection",
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """The block around all it shows."""
    return b"spMainContainer" in page.body and html(page).css_first("#spMainContainer") is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    block: LexborNode
    body: LexborNode | None = None
    author: str = ""
    date: str = ""


def topic(page: Page) -> Topic:
    """The posts of a topic's page."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first(_LISTS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        said = words(tree.css_first("#spMainContainer .spMessage"))[:120]
        raise refusal(page, f"no posts on this Simple:Press page ({said or seen(page)})")
    clock = _bbpress.clock(page, [post.date for post in found])
    thread = _thread(page, tree)
    posts = tuple(_post(page, post, clock, thread) for post in found)
    here, pages, next_url = _paging(page, tree)
    return Topic(posts, *thread, here, pages, next_url, NAME)


_LISTS = ".spForumTopicSection, .spGroupForumSection, .spForumViewSection"
_SECTION = "#spMainContainer .spTopicPostSection"
_PARTS = (
    f"{_SECTION}, {_SECTION} .spPostUserDate, {_SECTION} .spPostUserName, {_SECTION} .spPostContent, "
    '#spMainContainer [id^="eachPost"]'
)
_NUMBER = re.compile(r"(?:eachPost|post)([1-9]\d{0,14})", re.A)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts in the page's order; private messages look the same and have other numbers."""
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        kinds = classes(node)
        numbered = _NUMBER.fullmatch(node.attributes.get("id") or "")
        if numbered:
            post = found.setdefault(numbered[1], _Found(numbered[1], node))
        elif "spTopicPostSection" in kinds:
            post = None
        elif post is not None and "spPostContent" in kinds:
            post.body = post.body or node
        elif post is not None and "spPostUserDate" in kinds:
            post.date = post.date or " ".join(lines(node))
        elif post is not None:
            post.author = post.author or words(node)
    return [post for post in found.values() if post.body is not None]


def _post(page: Page, found: _Found, clock: Clock, thread: tuple[str, str, str]) -> Post:
    at, precision = clock.read(found.date)
    if at is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    link = found.block.css_first(f'a[href$="#p{found.id}"]')
    own = clean(href(link), page.url) if link is not None else ""
    return Post(
        id=found.id,
        url=f"{own or clean(page.url) or thread[1]}#p{found.id}",
        text=text,
        author=found.author or None,
        published_at=at,
        date_precision=precision,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str, str]:
    """The topic's number, address and title."""
    node = tree.css_first('.spTopicViewSection[id^="eachTopic"], .spTopicViewSection[id^="topic"]')
    numbered = (
        re.search(r"[1-9]\d{0,14}$", node.attributes.get("id") or "", re.A) if node is not None else None
    )
    url = _first_page(clean(page.url))
    title = words(first(tree, "#spTopicHeaderName", ".spHeaderName", "h1", "title"))
    return numbered[0] if numbered else url, url, title


def _first_page(address: str) -> str:
    """A topic's address without the number of one of its pages."""
    return re.sub(r"/page-\d+/?$", "/", address)


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address."""
    box = tree.css_first(".spPageLinks:has(.spCurrent)")
    if box is None:
        return 1, 1, None
    here = current(map(words, box.css(".spCurrent")))
    numbers = page_links((words(link), href(link)) for link in box.css("a[href]"))
    jump = box.css_first("[data-site]")
    said = re.search(r"max=(\d{1,6})", jump.attributes.get("data-site") or "") if jump is not None else None
    following = numbers.get(here + 1)
    next_url = clean(following, page.url) or None if following else None
    return here, max([here, int(said[1]) if said else 1, *numbers]), next_url


def listing(page: Page) -> Listing:
    """The topics of a forum, and the forums of the index."""
    tree = html(page)
    links = tree.css("#spMainContainer a.spRowName[href]")
    rows = [(link, row) for link in links if (row := _row(link)) is not None]
    known = {link.mem_id for link, _ in rows}
    boards = distinct(clean(href(link), page.url) for link in links if link.mem_id not in known)
    if not rows and _posts(tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first("#spNoTopicsInForumMessage, .spForumViewSection") is None:
        raise refusal(page, f"no topics on this Simple:Press page ({seen(page)})")
    clock = _bbpress.clock(page, (line for _, row in rows for line in lines(_last(row))))
    threads = {made.id: made for link, row in rows for made in [_thread_row(page, link, row, clock)]}
    usual = not re.search(r"[?&](?:search|list)=", page.url)
    next_url = _paging(page, tree)[2]
    return Listing(tuple(threads.values()), next_url, boards, NAME, by_last_post=usual)


def _row(link: LexborNode) -> LexborNode | None:
    node = link.parent
    while node is not None and node.tag != "body":
        if "spForumTopicSection" in classes(node):
            return node
        node = node.parent
    return None


def _last(row: LexborNode) -> LexborNode | None:
    """The cell of the last post; that of the first one looks the same and stands before it."""
    cells = row.css(".spInRowPostLink")
    return row.css_first('[id^="spTopicIndexLastPost"]') or (cells[-1] if cells else None)


def _thread_row(page: Page, link: LexborNode, row: LexborNode, clock: Clock) -> ThreadRow:
    url = _first_page(clean(href(link), page.url))
    numbered = re.search(r"[1-9]\d{0,14}$", link.attributes.get("id") or row.attributes.get("id") or "", re.A)
    cell = _last(row)
    post = cell.css_first('a[href*="#p"]') if cell is not None else None
    dates = (clock.read(line)[0] for line in reversed(lines(cell)))
    return ThreadRow(
        id=numbered[0] if numbered else url,
        url=url,
        title=words(link),
        last_post_at=next((date for date in dates if date is not None), None),
        replies=_replies(row),
        sticky=row.css_first('[src*="Pin"], [class*="Pinned"], [class*="StatusPin"]') is not None,
        last_page_url=clean(href(post), page.url) if post is not None else url,
    )


def _replies(row: LexborNode) -> int | None:
    """Lists count posts or, newer ones, replies."""
    replies = count(words(row.css_first('[id^="spTopicIndexReplyCount"] .spInRowNumber')))
    posts = count(words(row.css_first('[id^="spTopicIndexPostCount"] .spInRowNumber')))
    return replies if posts is None else max(posts - 1, 0)


def version(page: Page) -> str:
    """As the page says it: version 6 numbers its posts in another way."""
    said = re.search(rb"Simple:Press[^<>]{0,40}?(\d\.\d+(?:\.\d+)?)", page.body)
    if said:
        return said[1].decode()
    return "6" if html(page).css_first('[id^="eachPost"], [id^="eachTopic"]') is not None else ""
