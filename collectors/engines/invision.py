"""Invision Community 4 and 5."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import record, text, whole
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "invision"


def _quoted(quote: LexborNode) -> str | None:
    return (quote.attributes.get("data-ipsquote-username") or "").strip() or None


_MARKUP = Markup(
    quotes="blockquote",
    attributions=".ipsQuote_citation, blockquote > cite, blockquote > .ipsRichTextBox__title",
    drop="[data-excludequote], .ipsSpoiler_header, .ipsEmbedded, .ipsEmbeddedOther, .ipsEmbeddedVideo, "
    "iframe, .ipsAttachLink_title + *, .ipsComment_edited, .ipsEdited, [data-role=memberSignature], .ipsHide",
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """The body names the program's part; posts may come without it."""
    body = page.body
    if b"ipsApp" not in body and b"elComment_" not in body and b"data-ips-" not in body:
        return False
    marks = 'body.ipsApp, body[data-pageapp], article[id^="elComment_"], [data-rowid] .ipsData__title'
    return html(page).css_first(marks) is not None


_POSTS = 'article[id^="elComment_"], div[id^="elComment_"], li[id^="elComment_"]'
Thread = tuple[str, str, str]


def topic(page: Page) -> Topic:
    """The posts of a topic's page."""
    tree = html(page)
    nodes = {node.attributes["id"]: node for node in tree.css(_POSTS)}
    if not nodes and tree.css_first("[data-rowid]") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not nodes:
        raise refusal(page, f"no posts on this Invision page ({_message(tree) or seen(page)})")
    thread = _thread(page, tree)
    posts = {post.id: post for node in nodes.values() if (post := _post(page, node, thread)) is not None}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), *thread, current, pages, next_url, NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, "#elError #elErrorMessage", ".ipsMessage_error", "#elError", ".i-error"))[:200]


def _post(page: Page, node: LexborNode, thread: Thread) -> Post | None:
    """A comment; rows of hidden and of ignored ones have no text."""
    number = re.fullmatch(r"elComment_([1-9]\d{0,14})", node.attributes["id"] or "")
    body = node.css_first("[data-role=commentContent]")
    if number is None or body is None:
        return None
    said = _said(node)
    at, precision = _published(page, node, said)
    if at is None:
        raise ParseError(f"post {number[1]}: date not understood", url=page.url)
    own, quotes = own_words(body, _MARKUP)
    author = text(said.get("username")) or words(
        first(
            node,
            ".cAuthorPane_author",
            ".ipsEntry__username",
            ".ipsUsername",
            ".cAuthorPane a[href*=profile]",
        )
    )
    edited = first(
        node,
        ".ipsComment_edited time",
        "[data-excludequote] time",
        ".ipsEdited time",
        ".ipsEntry__edited time",
    )
    return Post(
        id=number[1],
        url=f"{thread[1]}{'&' if '?' in thread[1] else '?'}do=findComment&comment={number[1]}",
        text=own,
        author=author.strip() or None,
        published_at=at,
        date_precision=precision,
        edited_at=_stamp(page, edited)[0] if edited is not None else None,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


def _said(node: LexborNode) -> Mapping[str, Any]:
    """What a comment says of itself for quoting."""
    holder = node.css_first("[data-quotedata]")
    try:
        return (
            record(json.loads(holder.attributes.get("data-quotedata") or "{}")) if holder is not None else {}
        )
    except (ValueError, RecursionError):
        return {}


def _published(page: Page, node: LexborNode, said: Mapping[str, Any]) -> Instant:
    stamp = whole(said.get("timestamp"))
    if stamp:
        return instant(str(stamp), page.at)
    shown = first(
        node,
        ".ipsComment_meta time",
        ".ipsEntry__meta time",
        ".ipsEntry__header time",
        ".cAuthorPane_content time",
        "time",
    )
    return _stamp(page, shown) if shown is not None else (None, "unknown")


def _stamp(page: Page, node: LexborNode) -> Instant:
    return instant(node.attributes.get("datetime") or "", page.at)


# Boards without friendly addresses write `index.php?/topic/12-slug/` or `controller=topic&id=12`.
_TOPIC = re.compile(
    r"(https?://[^#]*?/topic/(\d{1,12})(?:-[^/?#&]*)?(?:/|(?=[?#&]|$)))"
    r"|(https?://[^?#]*\?app=forums&module=forums&controller=topic&id=(\d{1,12}))(?![\d])"
)


def _topic_at(address: str) -> tuple[str, str] | None:
    """The number and the address of the topic that an address shows."""
    found = _TOPIC.match(address)
    if found is None:
        return None
    if found[3]:
        return found[4], found[3]
    return found[2], found[1] if found[1].endswith("/") else f"{found[1]}/"


def _thread(page: Page, tree: LexborHTMLParser) -> Thread:
    """The topic's number, address and title."""
    body = tree.css_first("body[data-pageid]")
    number = (body.attributes.get("data-pageid") or "") if body is not None else ""
    title = words(
        first(
            tree,
            "h1.ipsType_pageTitle .ipsContained",
            "h1.ipsType_pageTitle",
            "h1.ipsPageHeader__title",
            "h1",
        )
    )
    meta = tree.css_first('meta[property="og:url"]')
    told = (meta.attributes.get("content") or "") if meta is not None else ""
    for link in (href(tree.css_first("link[rel=canonical]")), told, page.url, *_shared(tree)):
        found = _topic_at(clean(link, page.url))
        if found and number in ("", found[0]):
            return *found, title
    return number or clean(page.url), clean(page.url), title


def _shared(tree: LexborHTMLParser) -> list[str]:
    return [href(link) for link in tree.css('a[href*="do=findComment"]')][:1]


_COUNTS = ("data-pages", "data-ipspagination-pages", "data-ips-pagination-pages")


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """Pages of the first block that counts them; an inactive link leads nowhere."""
    block = tree.css_first(".ipsPagination[data-pages], .ipsPagination:not(.ipsPagination_mini)")
    pages = max(whole(block.attributes.get(name)) for name in _COUNTS) if block is not None else 0
    active = (
        first(block, ".ipsPagination_active a", ".ipsPagination__active a", "[aria-current=page]")
        if block is not None
        else None
    )
    current = whole(active.attributes.get("data-page")) or whole(words(active)) if active is not None else 0
    current = current or 1
    link = first(
        tree,
        "link[rel=next]",
        ".ipsPagination_next:not(.ipsPagination_inactive) a",
        ".ipsPagination__next:not(.ipsPagination__inactive) a",
    )
    return current, max(current, pages), clean(href(link), page.url) or None if link is not None else None


_FORUM = re.compile(r"/forum/\d|controller=forums&id=\d")


def listing(page: Page) -> Listing:
    """The topics of a forum's page or of a search; moved ones are links elsewhere and left out."""
    tree = html(page)
    rows = tree.css("[data-rowid]")
    links = tree.css(
        ".cForumRow .ipsDataItem_title a[href], .cForumRow h4 a[href], .ipsDataItem_subList a[href], "
        "[data-forumid] .ipsData__title a[href], .cForumGrid__title a[href], .ipsSubList a[href], "
        ".ipsData__item:not([data-rowid]) .ipsData__title a[href]"
    )
    boards = distinct(clean(href(link), page.url) for link in links if _FORUM.search(href(link)))
    thread = 'body[data-pagecontroller="topic"]'
    if tree.css_first(thread if rows else f"{thread}, {_POSTS}") is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    results = tree.css("li[data-role=activityItem]")
    if not rows and results:
        return _results(page, tree, results)
    if (
        not rows
        and not boards
        and tree.css_first("body[data-pagecontroller=forums], [data-role=tableRows]") is None
    ):
        raise refusal(page, f"no topics on the board's page ({_message(tree) or seen(page)})")
    threads = {found.id: found for row in rows if (found := _row(page, row)) is not None}
    return Listing(tuple(threads.values()), _paging(page, tree)[2], boards, NAME)


def _row(page: Page, row: LexborNode) -> ThreadRow | None:
    links = [
        link
        for link in row.css(".ipsDataItem_title a[href], .ipsData__title a[href]")
        if _topic_at(clean(href(link), page.url)) and words(link)
    ]
    found = _topic_at(clean(href(links[0]), page.url)) if links else None
    if not found or row.css_first(".fa-arrow-left") is not None:
        return None
    number, url = found
    last = first(row, ".ipsDataItem_lastPoster time", ".ipsData__last time")
    replies = first(
        row,
        '[data-stattype="forums_comments"] .ipsDataItem_stats_number',
        ".ipsDataItem_stats_number",
        '[data-stattype="forums_comments"] .ipsData__stats-number',
        '[data-stattype="forums_comments"]',
    )
    pages = [
        whole(link.attributes.get("data-page") or words(link)) or _page_at(href(link))
        for link in row.css(".ipsPagination_mini a, .ipsMiniPagination a, [class*=iniPagination] a")
    ]
    return ThreadRow(
        id=number,
        url=url,
        title=words(links[0]),
        last_post_at=_stamp(page, last)[0] if last is not None else None,
        replies=count(words(replies)) if replies is not None else None,
        sticky=row.css_first(".fa-thumb-tack, .fa-thumbtack, .ipsBadge--pinned") is not None,
        last_page_url=_numbered(url, max(pages, default=1)),
    )


def _page_at(address: str) -> int:
    found = re.search(r"/page/(\d{1,6})|[?&]page=(\d{1,6})", address)
    return int(found[1] or found[2]) if found else 0


def _numbered(url: str, page: int) -> str:
    """The address of a topic's page."""
    if page < 2:
        return url
    return f"{url}&page={page}" if "controller=topic" in url else f"{url}page/{page}/"


def _results(page: Page, tree: LexborHTMLParser, results: list[LexborNode]) -> Listing:
    """What a search or the stream of activity shows, as rows of their topics."""
    threads: dict[str, ThreadRow] = {}
    for node in results:
        link = first(node, ".ipsStreamItem_title a[href]", "h2 a[href]", "h3 a[href]")
        found = _topic_at(clean(href(link), page.url)) if link is not None else None
        if link is not None and found:
            at = node.css_first("time")
            row = ThreadRow(
                *found,
                words(link),
                _stamp(page, at)[0] if at is not None else None,
                last_page_url=clean(href(link), page.url),
            )
            threads.setdefault(row.id, row)
    return Listing(tuple(threads.values()), _paging(page, tree)[2], (), NAME, by_last_post=False)


def version(page: Page) -> str:
    """4 and 5 differ in the names of their parts."""
    tree = html(page)
    return "5" if tree.css_first(".ipsEntry, .ipsData__item, [data-ips-hook]") is not None else "4"
