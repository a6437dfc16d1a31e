"""NodeBB's pages, and what they share with its JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import whole
from collectors.links import clean, count, distinct, first, folder, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "nodebb"
_SAID = ", ".join(
    f'p:has(> a[class*="plugin-mentions"]):lexbor-contains("{word}:" i):has(+ blockquote)'
    for word in ("said", "schrieb", "sagte", "wrote", "geschrieben")
)
MARKUP = Markup(
    quotes="blockquote",
    attributions=f'p:has(> a[href*="/post/"]):has(+ blockquote), {_SAID}',
    drop='[component="post/signature"], .nodebb-plugin-link-preview, .embed-wrapper, .embed-responsive, '
    ".spoiler-header, .js-lazyYT, .post-embed",
)


@dataclass(frozen=True)
class Thread:
    """A topic's number, address and title."""

    id: str
    url: str
    title: str


def base(page: Page) -> str:
    """The address of the forum: what stands before /topic/, /category/, /api/ and the like."""
    return folder(page.url, SECTIONS)


SECTIONS = re.compile(
    r"/(?:api|topic|category|post|recent|unread|popular|top|tags|user|categories|search)(?=/|$)"
)


def id_of(value: Any) -> str:
    """A number, or what other servers call a post or a topic (an address or a UUID); else ""."""
    if isinstance(value, str) and _FOREIGN.fullmatch(value):
        return value
    return str(whole(value)) if whole(value) > 0 else ""


_FOREIGN = re.compile(r"https?://[^\s<>\"]{3,500}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def permalink(page: Page, number: str) -> str:
    return f"{base(page)}/post/{quote(number, safe='')}"


def stamp(value: Any, at: datetime) -> Instant:
    """An ISO instant or milliseconds; 0 and "" say that there is none."""
    known = str(value) if value and isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return instant(known, at, UTC) if known else (None, "unknown")


def shown_topic(page: Page) -> Topic:
    tree = html(page)
    nodes = tree.css('[component="post"][data-pid]')
    if not nodes and tree.css_first('[component="category/topic"]') is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not nodes:
        raise refusal(page, f"no posts on this NodeBB page ({seen(page)})")
    thread = _shown_thread(page, tree)
    posts = {post.id: post for node in nodes if (post := _of_node(page, node, thread)) is not None}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _shown_thread(page: Page, tree: LexborHTMLParser) -> Thread:
    node = tree.css_first('[component="topic"][data-tid]')
    number = (node.attributes.get("data-tid") or "") if node is not None else ""
    links = (href(tree.css_first("link[rel=canonical]")), page.url)
    named = (
        re.search(r"^(.*?/topic/(\d{1,15}|[0-9a-f-]{36})(?:/[^/?#]+)?)", clean(link, page.url))
        for link in links
    )
    found = next((one for one in named if one and number in ("", one[2])), None)
    number = number or (found[2] if found else "")
    url = found[1] if found else f"{base(page)}/topic/{number}"
    title = words(first(tree, '[component="topic/title"]', "h1", "title"))
    return Thread(number or url, url, title)


def _of_node(page: Page, node: LexborNode, thread: Thread) -> Post | None:
    """A post as its element has it; rows of deleted posts show no text."""
    has = node.attributes
    number, body = has.get("data-pid") or "", node.css_first('[component="post/content"]')
    if not id_of(number) or body is None:
        return None
    at, precision = stamp(has.get("data-timestamp"), page.at)
    if at is None:
        told = node.css_first("meta[itemprop=datePublished], .timeago[title]")
        at, precision = stamp(_told(told), page.at)
    if at is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    own, quotes = own_words(body, MARKUP)
    deleted = "deleted" in (has.get("class") or "").split()
    edited = node.css_first('[component="post/editor"] .timeago, meta[itemprop=dateModified]')
    return Post(
        id=number,
        url=permalink(page, number),
        text="" if deleted else own,
        author=has.get("data-username") or words(node.css_first("a[data-username]")) or None,
        published_at=at,
        date_precision=precision,
        edited_at=stamp(_told(edited), page.at)[0],
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=() if deleted else quotes,
        deleted=deleted,
    )


def _told(node: LexborNode | None) -> str:
    has = node.attributes if node is not None else {}
    return has.get("content") or has.get("title") or ""


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    links = tree.css('[component="pagination"] [data-page]')
    numbers = [whole(link.attributes.get("data-page")) for link in links]
    active = first(tree, '[component="pagination"] li.active [data-page]', '[component="pagination"] .active')
    current = whole(active.attributes.get("data-page")) if active is not None else 0
    following = href(tree.css_first('link[rel=next], [component="pagination"] li.next:not(.disabled) a'))
    current = max(1, current)
    return current, max([current, *numbers]), clean(following, page.url) or None if following else None


PER_PAGE = 20


def shown_listing(page: Page) -> Listing:
    tree = html(page)
    rows = tree.css('[component="category/topic"][data-tid]')
    links = tree.css('[component="categories/category"] .title a, [component="categories/category"] h2 a')
    boards = distinct(clean(href(link), page.url) for link in links if "/category/" in href(link))
    if not rows and tree.css_first('[component="post"][data-pid]') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first('[component="category"]') is None:
        raise refusal(page, f"no topics on this NodeBB page ({seen(page)})")
    threads = [found for row in rows if (found := _shown_row(page, row)) is not None]
    return Listing(tuple(threads), _paging(page, tree)[2], boards, NAME)


def _shown_row(page: Page, row: LexborNode) -> ThreadRow | None:
    link = first(row, '[component="topic/header"] a[href*="/topic/"]', 'a[href*="/topic/"]')
    found = re.match(r"(.*?/topic/(?:\d+|[0-9a-f-]{36})(?:/[^/?#]+)?)", clean(href(link), page.url))
    if link is None or not found:
        return None
    stamps = [at for node in row.css(".timeago[title]") if (at := stamp(_told(node), page.at)[0])]
    posts = row.css_first('.stats-postcount [title], [component="topic/post-count"], .stats-postcount')
    posts = posts if posts is not None else row.css_first(".stats [title]")  # older themes: the first column
    known = count(_told(posts) or words(posts)) if posts is not None else None
    return ThreadRow(
        id=row.attributes.get("data-tid") or "",
        url=found[1],
        title=words(link),
        last_post_at=max(stamps, default=None),
        replies=known - 1 if known else None,
        sticky="pinned" in (row.attributes.get("class") or "").split(),
        last_page_url=f"{found[1]}?page={-(-known // PER_PAGE)}" if known and known > PER_PAGE else found[1],
    )
