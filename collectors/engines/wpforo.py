"""wpForo (WordPress): its four layouts, extended, simplified, questions with answers, and threaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines import _wpforo
from collectors.engines._bbpress import Clock, post_number
from collectors.engines._shown import classes
from collectors.links import clean, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "wpforo"


def _quoted(node: LexborNode) -> str | None:
    """The name in "Posted by: @X"."""
    said = words(node.css_first(".wpforo-post-quote-author"))
    return said.rpartition(":")[2].strip().lstrip("@") or None


_MARKUP = Markup(
    attributions="cite, .wpforo-post-quote-author",
    drop=".wpforo-post-signature, .wpf-post-button-actions, .wpf-mod-message, .wpf-post-edited, "
    ".wpf-post-edit-details, .wpforo-comment-footer, .wpforo-comment-action-links, .wpforo-attached-file, "
    ".wpforo-post-meta, .wpf-post-starter",
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """The block around all it shows."""
    return b"wpforo-wrap" in page.body and html(page).css_first("#wpforo-wrap") is not None


# Everything a post is made of, in the page's order.
_BODIES = frozenset(("wpforo-post-content", "wpforo-comment-content"))
_AUTHORS = frozenset(("author-name", "wpf-author-name", "wpforo-post-author-name"))
_DATES = ("wpf-post-date", "wpforo-post-date", "cbleft", "wpforo-post-content-top", "wpforo-comment-footer")
_NAMES = sorted((*_BODIES, *_AUTHORS, *_DATES))
_PARTS = ", ".join(['#wpforo-wrap [id^="post-"]', *(f"#wpforo-wrap .{name}" for name in _NAMES)])


@dataclass
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand."""

    id: str
    block: LexborNode
    body: LexborNode | None = None
    author: LexborNode | None = None
    dates: dict[str, LexborNode] = field(default_factory=dict)


def topic(page: Page) -> Topic:
    """The posts of a topic's page; comments on answers stand after them."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first(_wpforo.LISTS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this wpForo page ({_wpforo.notice(tree) or seen(page)})")
    clock = _wpforo.clock(page, [words(node) for post in found for node in post.dates.values()])
    url = _wpforo.first_page(clean(page.url))
    title = words(tree.css_first("#wpforo-title")) or words(tree.css_first("title"))
    posts = tuple(_post(page, post, clock, url, title) for post in found)
    current, pages, next_url = _wpforo.paging(page, tree)
    return Topic(posts, url, url, title, current, pages, next_url, NAME)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        number = post_number(node.attributes.get("id") or "")
        if number:
            post = found.setdefault(number, _Found(number, node))
        elif post is not None:
            _take(post, node)
    return [post for post in found.values() if post.body is not None]


def _take(post: _Found, node: LexborNode) -> None:
    """One more part of a post; of each the first counts."""
    kinds = classes(node)
    if kinds & _BODIES:
        post.body = post.body or node
    elif kinds & _AUTHORS:
        post.author = post.author or node
    for name in kinds.intersection(_DATES):
        post.dates.setdefault(name, node)


def _post(page: Page, found: _Found, clock: Clock, url: str, title: str) -> Post:
    at, precision = _published(found, clock)
    if at is None or found.body is None:
        shown = [words(node)[:40] for node in found.dates.values()]
        raise ParseError(f"post {found.id}: date not understood {shown}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    return Post(
        id=found.id,
        url=_address(page, found, url),
        text=text,
        author=_author(found),
        published_at=at,
        date_precision=precision,
        title=title,
        thread_id=url,
        thread_url=url,
        quotes=quotes,
    )


def _published(found: _Found, clock: Clock) -> Instant:
    """The first of the places that holds an instant."""
    read = (_wpforo.read(clock, text) for text in _shown(found))
    return next((one for one in read if one[0] is not None), (None, "unknown"))


def _shown(found: _Found) -> Iterator[str]:
    for name in _DATES:
        node = found.dates.get(name)
        if node is not None and name == "wpforo-post-content-top":
            yield from (words(part) for part in node.css("span") if not part.attributes.get("class"))
        elif node is not None:
            yield words(node)


def _author(found: _Found) -> str | None:
    """A member's name is a link whose title is the whole name; a guest's is text."""
    node = found.author
    if node is None:
        footer = found.dates.get("wpforo-comment-footer")
        link = footer.css_first("a[href]") if footer is not None else None
        shown = re.sub(r"^(?:by|von)\s+", "", words(link))
        return (link.attributes.get("title") if link is not None else "") or shown or None
    link = node.css_first("a[href]")
    return (link.attributes.get("title") if link is not None else "") or words(link) or words(node) or None


def _address(page: Page, found: _Found, url: str) -> str:
    """The post's own link knows its page of the thread, and so does this page's address."""
    mark = f"#post-{found.id}"
    for link in found.block.css("a[href], [data-url], [data-copy-wpf-furl]"):
        names = ("href", "data-url", "data-copy-wpf-furl")
        own = next((told for name in names if mark in (told := link.attributes.get(name) or "")), "")
        if own:
            return f"{clean(own, page.url) or url}{mark}"
    return f"{clean(page.url) or url}{mark}"


def listing(page: Page) -> Listing:
    """The topics of a forum, of the newest ones or of a search."""
    tree = html(page)
    if tree.css_first(_wpforo.LISTS) is None and _posts(tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    return _wpforo.listing(page, tree, NAME)


def version(page: Page) -> str:
    """As its style sheets' addresses say it."""
    said = re.search(rb"/wpforo/[^\"'<>]{0,120}\?ver=(\d+\.\d+(?:\.\d+)?)", page.body)
    return said[1].decode() if said else ""
