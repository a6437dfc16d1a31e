"""bbPress 2 (WordPress): threads in its own markup, whatever theme stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines import _bbpress
from collectors.engines._bbpress import Clock
from collectors.engines._shown import classes
from collectors.links import clean, first, href, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "bbpress"
_MARKUP = Markup(
    attributions="cite, .d4p-bbt-quote-title, .gdbbx-quote-title, .bbp-the-quote-cite",
    drop=".bbp-meta, .bbp-reply-header, .bbp-topic-header, .bbp-topic-revision-log, .bbp-reply-revision-log, "
    ".bbp-signature, .bbp-attachments, .bbp-reply-to, .bbp-admin-links, .bbp-topic-tags, .bbp-reply-footer, "
    ".bbp-reply-admin-links, .bbp-reply-post-date, .bbp-topic-post-date, .bbp-author-role, .sharedaddy",
)


def recognise(page: Page) -> bool:
    """Its blocks; its style sheets stand on all pages of a WordPress site."""
    if b"bbp-" not in page.body and b"bbpress-forums" not in page.body:
        return False
    return html(page).css_first(f"#bbpress-forums, {_bbpress.LISTS}, .bbp-replies, {_CONTENTS}") is not None


# Themes have their own names for blocks, most often with bbPress's in them.
_CONTENTS = '[class*="bbp-reply-content"], [class*="bbp-topic-content"], .disputo-reply-wrapper'
_DATES = '[class*="bbp-reply-post-date"], [class*="bbp-topic-post-date"], .bs-timestamp'
_BODIES = ("bbp-reply-content", "bbp-topic-content", "disputo-reply-wrapper")
_TIMES = ("bbp-reply-post-date", "bbp-topic-post-date", "bs-timestamp")
_INSIDE = (
    f"{_DATES}, .bbp-reply-permalink, .bbp-topic-permalink, "
    ".bbp-author-name, .bbp-author-link, .bbp-reply-author-name"
)
# Everything a post is made of, in the page's order.
_PARTS = f".bbp-reply-header, .bbp-topic-header, {_CONTENTS}, {_INSIDE}"
_OF_MANY = "span.bbp-header a.bbp-topic-permalink"  # a member's posts name their threads


@dataclass
class _Found:
    """A post as it stands in the page; what stands before its text may belong to it."""

    id: str = ""
    body: LexborNode | None = None
    block: LexborNode | None = None
    authors: list[LexborNode] = field(default_factory=list)
    dates: list[LexborNode] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


def topic(page: Page) -> Topic:
    """The posts of a thread's page; replies to replies stand in their order."""
    tree = html(page)
    if tree.css_first(f"{_bbpress.RESULTS}, {_OF_MANY}") is not None:
        raise ParseError("these are posts of many threads, not a thread", url=page.url)
    found = list(_posts(tree))
    if not found and tree.css_first(_bbpress.LISTS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this bbPress page ({_bbpress.notice(tree) or seen(page)})")
    clock = _bbpress.clock(page, [words(post.dates[0]) for post in found if post.dates])
    thread = _thread(page, tree, found)
    posts = tuple(_post(page, post, clock, thread) for post in found)
    current, pages, next_url = _bbpress.paging(page, tree)
    return Topic(posts, *thread, current, pages, next_url, NAME)


def _posts(tree: LexborHTMLParser) -> Iterator[_Found]:
    """The posts in the page's order; headings of columns look like posts and have no number."""
    known: set[str] = set()
    before = _Found()
    for node in tree.css(_PARTS):
        kinds = classes(node)
        if any(kind.endswith(_BODIES) for kind in kinds):
            post = _complete(node, before)
            if post.id and post.id not in known and (post.block is not None or post.dates):
                known.add(post.id)
                yield post
            before = _Found()
        else:
            _take(before, node, kinds)


def _take(post: _Found, node: LexborNode, kinds: set[str]) -> None:
    """One more part of a post."""
    if any(kind.endswith(_TIMES) for kind in kinds):
        post.dates.append(node)
    elif kinds & {"bbp-author-name", "bbp-author-link", "bbp-reply-author-name"}:
        post.authors.append(node)
    elif kinds & {"bbp-reply-permalink", "bbp-topic-permalink"}:
        post.links.append(href(node))
    elif kinds & {"bbp-reply-header", "bbp-topic-header"}:
        post.id = _bbpress.post_number(node.attributes.get("id") or "") or post.id


def _complete(body: LexborNode, before: _Found) -> _Found:
    """A post by its text: what stands in its own block counts before what stands above it."""
    block, number = _bbpress.block(body)
    post = _Found(number or before.id, body, block)
    if block is None:
        post.authors, post.dates, post.links = before.authors, before.dates, before.links
        return post
    inside = _Found()
    for node in block.css(
        f"{_DATES}, .bbp-reply-permalink, .bbp-topic-permalink, .bbp-author-name, .bbp-author-link"
    ):
        _take(inside, node, classes(node))
    post.dates = inside.dates or before.dates[-1:]
    post.authors = inside.authors or before.authors[-1:]
    post.links = [*inside.links, *before.links[::-1]]
    return post


def _post(page: Page, found: _Found, clock: Clock, thread: tuple[str, str, str]) -> Post:
    at, precision = _published(found, clock)
    if at is None or found.body is None:
        shown = [words(node)[:40] for node in found.dates[:2]]
        raise ParseError(f"post {found.id}: date not understood {shown}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    return Post(
        id=found.id,
        url=_address(page, found, thread[1]),
        text=text,
        author=_author(found),
        published_at=at,
        date_precision=precision,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


def _published(found: _Found, clock: Clock) -> Instant:
    """The first date that is one."""
    read = (clock.best(words(node), _bbpress.titles(node)) for node in found.dates)
    return next((one for one in read if one[0] is not None), (None, "unknown"))


def _author(found: _Found) -> str | None:
    named = (node for node in found.authors if "bbp-author-name" in classes(node))
    return next(filter(None, map(words, (*named, *found.authors))), None)


def _address(page: Page, found: _Found, thread_url: str) -> str:
    """The post's own link, which knows its page of the thread."""
    for link in found.links:
        address, mark, post = link.partition("#")
        if mark and post == f"post-{found.id}":
            return f"{clean(address, page.url) or thread_url}#{post}"
    return f"{thread_url}#post-{found.id}"


def _thread(page: Page, tree: LexborHTMLParser, found: list[_Found]) -> tuple[str, str, str]:
    """The thread's number, address and title."""
    blocks = (post.block for post in found if post.block is not None)
    number = next(filter(None, map(_bbpress.thread_number, blocks)), "") or _listed(tree)
    own = (clean(link, page.url) for post in found for link in post.links if "#post-" in link)
    address = _bbpress.first_page(next(filter(None, own), "") or clean(page.url))
    heading = first(tree, *_HEADINGS)
    return number or address, address, words(heading)


_HEADINGS = (
    *(".bbp-breadcrumb-current", ".bb-reply-topic-title", "h1.bbp-topic-title", "h1.entry-title"),
    *("h1", "title"),
)


def _listed(tree: LexborHTMLParser) -> str:
    node = tree.css_first('[id^="topic-"][id$="-replies"], [id^="bbp-topic-"][id$="-lead"]')
    found = (
        re.search(r"-([1-9]\d{0,14})-", node.attributes.get("id") or "", re.A) if node is not None else None
    )
    return found[1] if found else ""


def listing(page: Page) -> Listing:
    """The threads of a forum, of a view or of a search."""
    tree = html(page)
    if (
        tree.css_first(f"{_bbpress.LISTS}, {_bbpress.RESULTS}") is None
        and next(_posts(tree), None) is not None
    ):
        raise ParseError("this is a thread, not a board", url=page.url)
    return _bbpress.listing(page, tree, NAME)


def version(page: Page) -> str:
    """As its style sheet's address says it."""
    said = re.search(rb"/bbpress/[^\"'<>]{0,80}\?ver=(2\.\d+(?:\.\d+)?)", page.body)
    return said[1].decode() if said else "2"
