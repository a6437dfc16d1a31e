"""XenForo 1.0 to 1.5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines._linked import attribute, digits, stamp, zone_by
from collectors.engines._shown import classes, page_links
from collectors.links import base, clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "xenforo1"


def _source(quote: LexborNode) -> str | None:
    return attribute(quote, "data-author") or None


_MARKUP = Markup(
    quotes=".bbCodeQuote:not(.bbmSpoilerBlock)",
    attributions=".bbCodeQuote > .attribution, .bbCodeQuote > aside > .attribution",
    drop=".messageTextEndMarker, .quoteExpand, .bbCodeSpoilerButton, .bbCodeBlock > .type, .bbCodeHide, "
    ".messageHide, .bbmHiddenContent, .bbCodeBlock > .attribution, .adsbygoogle, .messageAd, "
    "[data-s9e-mediaembed], .attachedFiles",
    author=_source,
)


@dataclass(frozen=True)
class _Board:
    """One page, and what its links are relative to."""

    page: Page
    tree: LexborHTMLParser
    base: str

    def url(self, node: LexborNode | None) -> str:
        """Where a link leads, "" if nowhere."""
        return clean(href(node), self.base) if href(node) else ""

    @cached_property
    def zone(self) -> tzinfo:
        """Instants of the last days stand there as numbers too, which tells the zone of the others."""
        both = self.tree.css("abbr.DateTime[data-time][data-datestring]")[:5]
        return zone_by(
            self.page,
            self.tree,
            [
                (
                    attribute(node, "data-time"),
                    f"{attribute(node, 'data-datestring')} {attribute(node, 'data-timestring')}",
                )
                for node in both
            ],
        )

    def read(self, node: LexborNode | None) -> Instant:
        """The instant of a `.DateTime`: a number, else written out as its title."""
        found = stamp(self.page, node, ("data-time",), self.zone)
        return found if found[1] == "second" else stamp(self.page, node, ("title",), self.zone)

    @property
    def kind(self) -> str:
        """The template that made the page."""
        return attribute(self.tree.css_first("#content"), "class")


def _board(page: Page) -> _Board:
    tree = html(page)
    return _Board(page, tree, base(page.url, tree))


def recognise(page: Page) -> bool:
    """The root element names the program; a part of a page is known by its posts."""
    if b'"XenForo"' not in page.body and b"messageText" not in page.body:
        return False
    marks = 'html#XenForo, li.message[id^="post-"][data-author] blockquote.messageText'
    return html(page).css_first(marks) is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    author: str
    body: LexborNode | None = None
    date: LexborNode | None = None
    note: LexborNode | None = None


# What a post is made of, in the page's order; an element `li.message` without a number is an advert.
_PARTS = "li.message, blockquote.messageText, .datePermalink, .editDate, .messageMeta .DateTime"


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    found: dict[str, _Found] = {}
    post = _Found("", "")
    for node in tree.css(_PARTS):
        kinds = classes(node)
        if "message" in kinds and node.tag == "li":
            number = digits(node.attributes.get("id") or "", r"(?:[a-z]+-)?post-(\d{1,15})")
            post = _Found(number, attribute(node, "data-author"))
            if number:
                post = found.setdefault(number, post)
        elif "messageText" in kinds:
            post.body = post.body or (node if "signature" not in kinds else None)
        elif "editDate" in kinds:
            post.note = post.note or node
        elif "editDate" not in classes(node.parent) if node.parent is not None else True:
            post.date = post.date or (node if "DateTime" in kinds else node.css_first(".DateTime"))
    return [post for post in found.values() if post.body is not None]  # others stand for deleted posts


def topic(page: Page) -> Topic:
    """The posts of a thread's page."""
    at = _board(page)
    found = _posts(at.tree)
    if not found and at.tree.css_first("li.discussionListItem") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this XenForo page ({_message(at.tree) or seen(page)})")
    thread = _thread(at)
    posts = tuple(_post(at, post, thread) for post in found)
    current, pages, next_url = _paging(at)
    return Topic(posts, thread[0], thread[1], thread[2], current, pages, next_url, NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, ".errorOverlay .OverlayCloser ~ label", ".errorOverlay", ".pageWidth .error"))[
        :120
    ]


def _post(at: _Board, found: _Found, thread: tuple[str, str, str]) -> Post:
    when, precision = at.read(found.date)
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {words(found.date)[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    edited = found.note.css_first(".DateTime") if found.note is not None else None
    root = re.sub(r"[^/?]+/[^/?]+/$", "", thread[1])
    return Post(
        id=found.id,
        url=f"{root}posts/{found.id}/" if root != thread[1] else f"{thread[1]}#post-{found.id}",
        text=text,
        author=found.author or None,
        published_at=when,
        date_precision=precision,
        edited_at=at.read(edited)[0],
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


_THREAD = re.compile(
    r"(https?://[^#]*?/(?:[^/?#]*\?)?[^/?#]+/(?:[^/?#]*\.)?(\d{1,15})/)(?:page-\d+|[a-z]+)?/?$"
)


def _thread_link(address: str) -> tuple[str, str] | None:
    """The number and the address of the thread that an address leads to."""
    found = _THREAD.match(address)
    if not found or not re.search(r"[/?](?:threads|themen|thema)/", found[1]):
        return None
    return found[2], found[1]


def _thread(at: _Board) -> tuple[str, str, str]:
    """The thread's number, address and title."""
    found = next(filter(None, map(_thread_link, _candidates(at))), ("", clean(at.page.url)))
    heading = at.tree.css_first(".titleBar h1")
    title = re.split(r" \| ", words(at.tree.css_first("title")))[0]
    return found[0] or found[1], found[1], _without_prefix(heading) if heading is not None else title


def _candidates(at: _Board) -> Iterator[str]:
    yield at.url(at.tree.css_first("link[rel=canonical]"))
    yield clean(attribute(at.tree.css_first('meta[property="og:url"]'), "content"), at.base)
    yield clean(at.page.url)
    yield from map(at.url, at.tree.css("a.datePermalink, a.postNumber, a.PageNav a"))


def _without_prefix(node: LexborNode) -> str:
    prefixes = {
        part.mem_id
        for label in node.css(".prefix, .prefixText")
        for part in label.traverse(include_text=True)
    }
    parts = (part for part in node.traverse(include_text=True) if part.is_text_node)
    text = "".join(part.text_content or "" for part in parts if part.mem_id not in prefixes)
    return " ".join(text.split()) or words(node)


def _paging(at: _Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    block = at.tree.css_first(".PageNav")
    if block is None:
        return 1, 1, at.url(at.tree.css_first("link[rel=next]")) or None
    links = page_links((words(link), at.url(link)) for link in block.css("a[href]"))
    current = int(digits(attribute(block, "data-page"), r"(\d{1,6})") or 1)
    pages = max(current, int(digits(attribute(block, "data-last"), r"(\d{1,6})") or 1), *links, 1)
    following = (
        at.url(at.tree.css_first("link[rel=next]")) or links.get(current + 1) or _built(at, block, current)
    )
    return current, pages, following if current < pages else None


def _built(at: _Board, block: LexborNode, current: int) -> str | None:
    """The next page's address, from the pattern that the page's script uses."""
    pattern, mark = unquote(attribute(block, "data-baseurl")), attribute(block, "data-sentinel")
    return clean(pattern.replace(mark, str(current + 1)), at.base) if mark and mark in pattern else None


def listing(page: Page) -> Listing:
    """The threads of a board, of a list of new posts, or of a search."""
    at = _board(page)
    rows = at.tree.css('li.discussionListItem[id^="thread-"]')
    boards = _boards(at)
    results = at.tree.css('li.searchResult[id^="post-"], li.searchResult[id^="thread-"]') if not rows else []
    if not rows and not results and _posts(at.tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not results and not boards and not re.search("forum_view|forum_list", at.kind):
        raise refusal(page, f"no threads on the board's page ({_message(at.tree) or seen(page)})")
    found = [_row(at, row) for row in rows] + [_result(at, row) for row in results]
    unique = {row.id: row for row in reversed(found) if row is not None}
    in_order = bool(rows) and not re.search("forum_list|search", at.kind) and "order=" not in page.url
    return Listing(tuple(reversed(unique.values())), _paging(at)[2], boards, NAME, by_last_post=in_order)


def _boards(at: _Board) -> tuple[str, ...]:
    links = at.tree.css(".forumNodeInfo .nodeTitle a, .subForumsMenu .forum a, .subForumsPopup .forum a")
    found = (at.url(link) for link in links if "/category" not in href(link))
    return tuple(address for address in distinct(found) if address != clean(at.page.url))


def _row(at: _Board, row: LexborNode) -> ThreadRow | None:
    number = digits(row.attributes.get("id") or "", r"thread-(\d{1,15})")
    link = first(row, ".title a.PreviewTooltip", ".title a:not(.prefixLink):not(.unreadLink)")
    if (
        not number
        or link is None
        or "redirect" in classes(row)
        or row.css_first(".iconKey .redirect") is not None
    ):
        return None
    url = re.sub(r"(?<=/)(?:unread|latest)$", "", at.url(link))
    pages = row.css(".itemPageNav a")
    return ThreadRow(
        id=number,
        url=url,
        title=words(link),
        last_post_at=at.read(row.css_first(".lastPost .DateTime"))[0],
        replies=count(words(row.css_first(".stats .major dd"))),
        sticky="sticky" in classes(row) or row.css_first(".iconKey .sticky") is not None,
        last_page_url=at.url(pages[-1]) if pages else url,
    )


def _result(at: _Board, row: LexborNode) -> ThreadRow | None:
    """A post that a search found stands for its thread, whose number the page does not tell."""
    link = row.css_first(".title a")
    url = at.url(link)
    thread = _thread_link(re.sub(r"(?<=/)(?:post-\d+|page-\d+|unread|latest)$", "", url))
    if not url:
        return None
    when = at.read(row.css_first(".meta .DateTime"))[0]
    number, address = thread or (attribute(row, "id"), url)
    return ThreadRow(number, address, _without_prefix(link) if link else "", when, last_page_url=url)


def version(page: Page) -> str:
    """Its pages do not tell more."""
    return "1"
