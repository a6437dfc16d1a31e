"""XenForo 2.0 to 2.3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.links import clean, count, distinct, first, href, outermost, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from collectors.zones import zone_of
from listener.errors import ParseError
from listener.model import Post

NAME = "xenforo"


def _source(quote: LexborNode) -> str | None:
    return (quote.attributes.get("data-quote") or "").strip() or None


_MARKUP = Markup(
    quotes=".bbCodeBlock--quote, blockquote",
    attributions=".bbCodeBlock--quote > .bbCodeBlock-title, .bbCodeBlock-sourceJump",
    drop=".bbCodeBlock-expandLink, .bbCodeBlock-shrinkLink, .bbCodeBlock--unfurl, .bbCodeBlock-title, "
    ".bbMediaWrapper, .bbOembed, [data-s9e-mediaembed], .messageHide, .bbCodeBlock--hide, .hidelink, "
    ".js-selectToQuoteEnd, .message-signature, .message-lastEdit, .message-attachments, .adsbygoogle",
    author=_source,
)


def recognise(page: Page) -> bool:
    """The root element names the program; posts may come without it (a part of a page)."""
    if b"data-app" not in page.body and b"message--post" not in page.body:
        return False
    marks = "html#XF, html[data-xf], html[data-app=public][data-template]"
    tree = html(page)
    posts = "article.message--post[data-content^=post-][data-author]"
    return tree.css_first(marks) is not None or tree.css_first(posts) is not None


_POSTS = "article.message[data-content^=post-], div.message[data-content^=post-]"


def topic(page: Page) -> Topic:
    """The posts of a thread's page, first posts of articles and questions included."""
    tree = html(page)
    title, thread_id, thread_url = _thread(page, tree)
    found: dict[str, Post] = {}
    for node in outermost(tree.css(_POSTS)):
        number = re.fullmatch(r"post-([1-9]\d*)", node.attributes.get("data-content") or "")
        if number and number[1] not in found and node.css_first(_BODY) is not None:
            found[number[1]] = _post(page, tree, node, number[1], (title, thread_id, thread_url))
    if not found and tree.css_first(".structItem--thread") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this XenForo page ({_message(tree) or seen(page)})")
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(found.values()), thread_id, thread_url, title, current, pages, next_url, NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(tree.css_first(".p-body-pageContent .blockMessage"))[:120]


_BODY = (
    ".message-body .bbWrapper, .message-userContent .bbWrapper, .message-content .bbWrapper, .message-body"
)


def _post(
    page: Page, tree: LexborHTMLParser, node: LexborNode, number: str, thread: tuple[str, str, str]
) -> Post:
    title, thread_id, thread_url = thread
    when, precision = _published(page, tree, node, number)
    body = first(node, *_BODY.split(", "))
    if when is None or body is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    text, quotes = own_words(body, _MARKUP)
    author = node.attributes.get("data-author") or words(
        first(node, ".message-name .username", ".message-name")
    )
    edited = node.css_first(".message-lastEdit time")
    return Post(
        id=number,
        url=f"{thread_url}post-{number}" if thread_url.endswith("/") else f"{thread_url}#post-{number}",
        text=text,
        author=author.strip() or None,
        published_at=when,
        date_precision=precision,
        edited_at=_stamp(page, edited)[0] if edited is not None else None,
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
    )


def _published(page: Page, tree: LexborHTMLParser, node: LexborNode, number: str) -> Instant:
    """The post's own time: in its header; an article's first post has it beside the thread's title.

    Some styles have it in the column of the author, in the link to the post.
    """
    stamp = first(node, ".message-attribution time", ".message-attribution-main time", ".message-date time")
    if stamp is None:
        stamp = next(_own_times(node), None) or node.css_first(f'a[href*="post-{number}"] > time')
    if stamp is None and re.search(
        r"message--(article|question)|js-firstPost", node.attributes.get("class") or ""
    ):
        stamp = tree.css_first(".p-description time")
    return _stamp(page, stamp) if stamp is not None else (None, "unknown")


_FOREIGN = (
    ".bbWrapper, .message-body, .message-cell--user, .message-lastEdit, .message-signature, "
    ".message-attachments, .message-responses, .comment"
)


def _own_times(node: LexborNode) -> Iterator[LexborNode]:
    foreign = {stamp.mem_id for part in node.css(_FOREIGN) for stamp in part.css("time")}
    return (stamp for stamp in node.css("time") if stamp.mem_id not in foreign)


def _stamp(page: Page, stamp: LexborNode) -> Instant:
    """A `time` element: its attributes (2.3 writes the hour of day into data-time), then what it shows."""
    zone = zone_of(page.timezone) or UTC
    for name in ("datetime", "data-timestamp", "data-time", "title"):
        found = instant(stamp.attributes.get(name) or "", page.at, zone)
        if found[1] in ("second", "minute"):
            return found
    return instant(words(stamp), page.at, zone)


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str, str]:
    """The thread's title, number and address."""
    root = tree.css_first("html")
    key = (
        re.fullmatch(r"thread-(\d+)", root.attributes.get("data-content-key") or "")
        if root is not None
        else None
    )
    found = (_thread_link(link, key[1] if key else None, page.url) for link in _candidates(page, tree))
    number, url = next(filter(None, found), (key[1] if key else "", clean(page.url)))
    return _title(tree), number, url


def _candidates(page: Page, tree: LexborHTMLParser) -> Iterator[str]:
    """Where the thread's address may stand, best first."""
    yield href(tree.css_first("link[rel=canonical]"))
    meta = tree.css_first('meta[property="og:url"]')
    yield (meta.attributes.get("content") or "") if meta is not None else ""
    yield page.url
    for link in tree.css(".message-attribution a[href], a.pageNav-jump, .pageNav-page a"):
        yield href(link)


_THREAD = re.compile(
    r"(https?://[^#]*?/(?:[^/?#]*\?)?[^/?#]+/(?:[^/?#]*\.)?(\d+)/)(?:page-\d+|post-\d+|latest|unread)?/?$"
)


def _thread_link(link: str, number: str | None, base: str) -> tuple[str, str] | None:
    """The thread's number and address in a link to one of its pages or posts."""
    found = _THREAD.match(clean(link, base)) if link else None
    if not found or (number and found[2] != number):
        return None
    return (found[2], found[1]) if number or "/threads/" in found[1] or "?threads/" in found[1] else None


def _title(tree: LexborHTMLParser) -> str:
    heading = tree.css_first("h1.p-title-value")
    if heading is None:
        return re.split(r" \| ", words(tree.css_first("title")))[0]
    return _without_labels(heading)


def _without_labels(node: LexborNode) -> str:
    """A title without its prefixes, which are links or labels of the board."""
    labels = {
        part.mem_id for label in node.css(".label, .labelLink") for part in label.traverse(include_text=True)
    }
    kept = [
        part for part in node.traverse(include_text=True) if part.is_text_node and part.mem_id not in labels
    ]
    return " ".join("".join(part.text_content or "" for part in kept).split()) or words(node)


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    numbers = [int(text) for link in tree.css(".pageNav-page a") if (text := words(link)).isdecimal()]
    current = words(tree.css_first(".pageNav-page--current"))
    following = first(tree, "a.pageNav-jump--next", "link[rel=next]", "a.pageNavSimple-el--next")
    at = int(current) if current.isdecimal() else 1
    return (
        at,
        max([at, *numbers]),
        clean(href(following), page.url) or None if following is not None else None,
    )


def listing(page: Page) -> Listing:
    """The threads of a board's page; rows that only redirect to moved threads are left out."""
    tree = html(page)
    rows = tree.css(".structItem--thread")
    boards = distinct(
        clean(href(link), page.url) for link in tree.css(".node--forum .node-title a, .subNodeLink--forum")
    )
    if not rows and tree.css_first(_POSTS) is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and (results := tree.css(".contentRow-title a[href]")):
        return _results(page, tree, results)
    if not rows and not boards and tree.css_first('html[data-template="forum_view"]') is None:
        raise refusal(page, f"no threads on the board's page ({_message(tree) or seen(page)})")
    threads = (_row(page, row) for row in rows if row.css_first(".structItem-status--redirect") is None)
    unique = {thread.id: thread for thread in threads if thread is not None}
    return Listing(tuple(unique.values()), _paging(page, tree)[2], boards, NAME)


_RESULT = re.compile(r"(.*?threads/(?:[^/?#]*\.)?(\d{1,12})/)")


def _results(page: Page, tree: LexborHTMLParser, links: list[LexborNode]) -> Listing:
    """What a search found, as rows of its threads; other things that it finds are none."""
    threads: dict[str, ThreadRow] = {}
    for link in links:
        address = clean(href(link), page.url)
        found = _RESULT.match(address)
        row = link.parent.parent if link.parent is not None else None
        if found and row is not None:
            stamp = row.css_first(".contentRow-minor time")
            at = _stamp(page, stamp)[0] if stamp is not None else None
            thread = ThreadRow(found[2], found[1], _without_labels(link), at, last_page_url=address)
            threads.setdefault(thread.id, thread)
    return Listing(tuple(threads.values()), _paging(page, tree)[2], (), NAME, by_last_post=False)


def _row(page: Page, row: LexborNode) -> ThreadRow | None:
    number = re.search(r"js-threadListItem-(\d+)", row.attributes.get("class") or "")
    links = [
        link
        for link in row.css(".structItem-title a")
        if "labelLink" not in (link.attributes.get("class") or "")
    ]
    if not number or not links:
        return None
    url = re.sub(r"(?:unread|latest)$", "", clean(href(links[-1]), page.url))
    pages = row.css(".structItem-pageJump a")
    return ThreadRow(
        id=number[1],
        url=url,
        title=_without_labels(links[-1]),
        last_post_at=_last_post(page, row),
        replies=count(words(row.css_first(".structItem-cell--meta dd"))),
        sticky=_sticky(row),
        last_page_url=clean(href(pages[-1]), page.url) if pages else url,
    )


def _last_post(page: Page, row: LexborNode) -> datetime | None:
    stamp = first(row, "time.structItem-latestDate", ".structItem-cell--latest time")
    return _stamp(page, stamp)[0] if stamp is not None else None


def _sticky(row: LexborNode) -> bool:
    group = row.parent.attributes.get("class") or "" if row.parent is not None else ""
    return "--sticky" in group or row.css_first(".structItem-status--sticky") is not None


def version(page: Page) -> str:
    """2.3 and later write it into the root element."""
    root = html(page).css_first("html[data-xf]")
    return (root.attributes.get("data-xf") or "") if root is not None else "2"
