"""Misago's pages without the JSON that they usually carry, as other programs save or show them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import tzinfo
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import instant
from collectors.links import clean, count, distinct, href, number, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from collectors.zones import page_zone
from listener.errors import ParseError
from listener.model import Post

NAME = "misago"


def _quoted(quote: LexborNode) -> str | None:
    body = quote.css_first("[data-author]")
    return (body.attributes.get("data-author") or "").strip() or None if body is not None else None


MARKUP = Markup(
    quotes="aside.quote-block, blockquote:not(.quote-body):not(.spoiler-body)",
    attributions=".quote-heading",
    drop=".spoiler-overlay",
    author=_quoted,
)
_THREAD = re.compile(r"(.*?)/t/([^/]+)/(\d{1,12})/(?:(\d{1,6})/)?(?:[a-z-]+/(?:\d+/)?)?")


def standing(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Posts without the hidden ones, unless the page holds no others."""
    found = tuple(posts)
    return tuple(post for post in found if not post.deleted) or found


def shown_bodies(tree: LexborHTMLParser) -> dict[str, LexborNode]:
    """The texts on a page of a thread by their posts' ids."""
    found: dict[str, LexborNode] = {}
    for body in tree.css("article.misago-markup"):
        above = body.parent
        while above is not None and not (above.attributes.get("id") or "").startswith("post-"):
            above = above.parent
        if above is not None:
            found.setdefault((above.attributes.get("id") or "").removeprefix("post-"), body)
    return found


def shown_topic(page: Page) -> Topic:
    """The posts of a page of a thread, by its HTML."""
    tree = html(page)
    link = href(tree.css_first("link[rel=canonical]"))
    place = _THREAD.fullmatch(urlsplit(clean(link or page.url, page.url)).path)
    thread_url = clean(f"{place[1]}/t/{place[2]}/{place[3]}/", page.url) if place else clean(page.url)
    title = words(tree.css_first("h1")) or words(tree.css_first("title")).partition(" | ")[0]
    thread = (title, place[3] if place else "", thread_url)
    posts = (_post(page, node, thread) for node in tree.css('li[id^="post-"]'))
    found = {post.id: post for post in posts if post is not None}
    if not found and tree.css_first(_ROWS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this Misago page ({_message(tree) or seen(page)})")
    here = max(1, int(place[4] or 1)) if place else 1
    pages = max([here, *_linked(page, tree, thread[1])])
    next_url = f"{thread_url}{here + 1}/" if place and pages > here else None
    return Topic(standing(found.values()), thread[1], thread_url, title, here, pages, next_url, NAME)


def _linked(page: Page, tree: LexborHTMLParser, thread_id: str) -> Iterable[int]:
    """The numbers of the thread's pages that the page links to."""
    for link in tree.css('a[href*="/t/"]'):
        found = _THREAD.fullmatch(urlsplit(clean(href(link), page.url)).path)
        if found and found[3] == thread_id and found[4]:
            yield int(found[4])


def _message(tree: LexborHTMLParser) -> str:
    return words(tree.css_first(".page-error .lead, .message-body .lead, .error-message"))[:120]


def _post(page: Page, node: LexborNode, thread: tuple[str, str, str]) -> Post | None:
    id_ = (node.attributes.get("id") or "").removeprefix("post-")
    author, body = node.css_first("[itemprop=author]"), node.css_first("article.misago-markup")
    hidden = body is None and node.css_first(".post-body-hidden, .post-body-invalid") is not None
    if not (id_.isascii() and id_.isdigit()) or "event" in (node.attributes.get("class") or "").split():
        return None
    if body is None and not hidden:
        raise ParseError(f"post {id_}: no text", url=page.url)
    stamp = node.css_first("time[datetime]")
    when, precision = instant((stamp.attributes.get("datetime") or "") if stamp is not None else "", page.at)
    if when is None:
        raise ParseError(f"post {id_}: date not understood", url=page.url)
    text, quotes = own_words(body, MARKUP) if body is not None else ("", ())
    title, thread_id, thread_url = thread
    return Post(
        id=id_,
        url=f"{thread_url}post/{id_}/",
        text=text,
        author=words(author) or None,
        published_at=when,
        date_precision=precision,
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
        deleted=hidden,
    )


_ROWS = '.threads-list-item[id^="threads-item-"]'


def shown_listing(page: Page) -> Listing:
    """The threads of a list, by its HTML; the page of categories gives boards."""
    tree = html(page)
    rows = tree.css(_ROWS)
    links = tree.css('.list-group-category a[href*="/c/"]')
    boards = distinct(clean(href(link), page.url) for link in links)
    if not rows and tree.css_first('li[id^="post-"]') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first(".threads-list, .page-threads") is None:
        raise refusal(page, f"no threads on this Misago page ({_message(tree) or seen(page)})")
    parts = [(row, row.css_first("a.threads-list-item-last-activity")) for row in rows]
    zone = page_zone(page)
    threads = (_row(page, row, stamp, zone) for row, stamp in parts)
    following = (clean(href(link), page.url) for link in tree.css('a[href*="start="]'))
    next_url = next((link for link in following if number(link, "start")), None)
    return Listing(tuple(thread for thread in threads if thread), next_url, boards, NAME)


def _row(page: Page, row: LexborNode, stamp: LexborNode | None, zone: tzinfo) -> ThreadRow | None:
    link = row.css_first("a.threads-list-item-title")
    url = clean(href(link), page.url)
    place = _THREAD.fullmatch(urlsplit(url).path)
    if place is None:
        return None
    written = (stamp.attributes.get("title") or "").partition(" – ")[0] if stamp is not None else ""
    return ThreadRow(
        id=place[3],
        url=url,
        title=words(link),
        last_post_at=instant(written, page.at, zone)[0],
        replies=count((row.css_first(".threads-replies[title]") or row).attributes.get("title") or ""),
        sticky=row.css_first(".thread-flag-pinned-globally, .thread-flag-pinned-locally") is not None,
    )
