"""Vanilla 2 and later, as long as it writes its pages itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines._linked import attribute, digits, stamp
from collectors.engines._shown import classes, page_links
from collectors.links import base, clean, count, distinct, first, href, words
from collectors.phrases import quoted_by
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from collectors.zones import zone_of
from listener.errors import ParseError
from listener.model import Post

NAME = "vanilla"


def _quoted(quote: LexborNode) -> str | None:
    """Who is quoted: in the words before a quote, or in what the page's script makes one from."""
    said = first(quote, ".QuoteAuthor", "cite")
    if said is not None:
        return words(said.css_first("a")) or quoted_by(words(said))
    embed = first(quote, ".js-quoteEmbed", ".js-embed") or quote
    user = _json(attribute(embed, "data-json", "data-embedjson")).get("insertUser")
    return str(user.get("name") or "") or None if isinstance(user, dict) else None


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


_MARKUP = Markup(
    quotes='blockquote, .embedQuote, .js-embed[data-embedjson*="quote"]',
    attributions=".QuoteAuthor, blockquote > cite",
    drop=".js-quoteEmbed > a, .js-embed > a, .embedExternal:not(.embedQuote), .embedLink, .Signature, "
    ".UserSignature, .Attachments, .AttachFileContainer, .Reactions, .QuoteFolding, .SpoilerTitle, "
    ".VideoWrap, .js-embed:not([data-embedjson*='quote'])",
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """Its comments and discussions, or the sections of its pages."""
    body = page.body
    if b"ItemComment" not in body and b"ItemDiscussion" not in body and b"Section-" not in body:
        return False
    marks = (
        'li.ItemComment[id^="Comment_"], [id^="Discussion_"].ItemDiscussion, '
        'body.Vanilla[class*="Section-"], body[class*="Section-Discussion"], '
        'body[class*="Section-Category"], ul.DataList.Discussions'
    )
    return html(page).css_first(marks) is not None


@dataclass(frozen=True)
class _Board:
    """One page, what its links are relative to, and its zone (only where instants carry none)."""

    page: Page
    tree: LexborHTMLParser
    base: str
    zone: tzinfo

    def url(self, node: LexborNode | None) -> str:
        """Where a link leads, "" if nowhere."""
        return clean(href(node), self.base) if href(node) else ""

    def read(self, node: LexborNode | None) -> Instant:
        """The instant of a `time` element."""
        return stamp(self.page, node, ("datetime", "title"), self.zone)


def _board(page: Page) -> _Board:
    tree = html(page)
    return _Board(page, tree, base(page.url, tree), zone_of(page.timezone) or UTC)


@dataclass
class _Found:
    """A post as it stands in the page; the first one has the discussion's number."""

    id: str
    author: str = ""
    date: LexborNode | None = None
    note: LexborNode | None = None
    body: LexborNode | None = None
    # In themes that name neither: the first link to a member, the first time.
    link: str = ""
    time: LexborNode | None = None


# What a post is made of, in the page's order. Lists beside it have discussions too, but without their text.
_PARTS = (
    '[id^="Comment_"], [id^="Discussion_"], .Username, .DateCreated, .DateUpdated, .Message,'
    ' a[href*="/profile/"], time'
)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts once each: an accepted answer stands twice."""
    found: dict[str, _Found] = {}
    post = _Found("")
    for node in tree.css(_PARTS):
        name, kinds = attribute(node, "id"), classes(node)
        if number := digits(name, r"Comment_(\d{1,15})"):
            post = found.setdefault(number, _Found(number))
        elif digits(name, r"Discussion_(\d{1,15})"):
            post = found.setdefault(name, _Found(name))
        elif "Message" in kinds:
            post.body = post.body or node
        elif post.body is not None:
            continue  # names in the text
        elif "Username" in kinds:
            post.author = post.author or words(node)
        elif "DateUpdated" in kinds:
            post.note = post.note or node
        elif "DateCreated" in kinds:
            post.date = post.date or node.css_first("time") or node
        elif node.tag == "a":
            post.link = post.link or words(node)
        elif post.note is None:
            post.time = post.time or node
    return [post for post in found.values() if post.body is not None]


def topic(page: Page) -> Topic:
    """The posts of a discussion's page, the discussion itself on the first."""
    at = _board(page)
    found = _posts(at.tree)
    if not found and _rows(at.tree):
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this Vanilla page ({_message(at.tree) or seen(page)})")
    thread = _thread(at)
    posts = tuple(_post(at, post, thread) for post in found)
    current, pages, next_url = _paging(at)
    return Topic(posts, thread[0], thread[1], thread[2], current, pages, next_url, NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, "#Message", ".Messages", ".SplashInfo", ".Center h1"))[:120]


def _post(at: _Board, found: _Found, thread: tuple[str, str, str]) -> Post:
    when, precision = at.read(found.date or found.time)
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {words(found.date)[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    root = thread[1].partition("/discussion/")[0]
    own = f"{root}/discussion/comment/{found.id}#Comment_{found.id}"
    edited = found.note and (found.note.css_first("time") or found.note)
    return Post(
        id=found.id,
        url=own if found.id.isdigit() else f"{thread[1]}#{found.id}",
        text=text,
        author=found.author or found.link or None,
        published_at=when,
        date_precision=precision,
        edited_at=at.read(edited)[0],
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


_THREAD = re.compile(r"(https?://[^?#]*?/discussion/(\d{1,15})(?:/[^/?#]+)??)(?:/p\d+)?/?(?:[?#]|$)")


def _thread_link(address: str) -> tuple[str, str] | None:
    """The number and the address of the discussion that an address leads to."""
    found = _THREAD.match(address)
    return (found[2], found[1]) if found else None


def _thread(at: _Board) -> tuple[str, str, str]:
    """The discussion's number, address and title."""
    found = next(filter(None, map(_thread_link, _candidates(at))), ("", clean(at.page.url)))
    heading = first(at.tree, ".PageTitle h1", "#Item_0 h1", ".Discussion h1", "h1")
    return found[0] or found[1], found[1], words(heading) or words(at.tree.css_first("title"))


def _candidates(at: _Board) -> Iterator[str]:
    yield at.url(at.tree.css_first("link[rel=canonical]"))
    yield clean(attribute(at.tree.css_first('meta[property="og:url"]'), "content"), at.base)
    yield clean(at.page.url)
    yield from map(at.url, at.tree.css(".Pager a, .DateCreated a"))


def _paging(at: _Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    following = at.url(at.tree.css_first("link[rel=next], .Pager a.Next, a.Next"))
    block = at.tree.css_first(".Pager")
    if block is None:
        return 1, 2 if following else 1, following or None
    links = page_links((words(link), at.url(link)) for link in block.css("a[href]"))
    current = int(digits(words(block.css_first("a.Highlight, .Highlight")), r"(\d{1,6})") or 1)
    return current, max([current + bool(following), *links]), following or links.get(current + 1) or None


def _rows(tree: LexborHTMLParser) -> list[LexborNode]:
    return [
        row for row in tree.css('[id^="Discussion_"]') if row.tag in ("li", "tr") and row.css_first(_TITLE)
    ]


_TITLE = ".Title a, .DiscussionName a, a.Title"


def listing(page: Page) -> Listing:
    """The discussions of a category, of all of them, or of a search."""
    at = _board(page)
    rows = _rows(at.tree)
    boards = _boards(at)
    results = at.tree.css(".DataList-Search .Item-Search h3 a, .SearchResults .Title a") if not rows else []
    if _posts(at.tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and not results and not _is_list(at.tree):
        raise refusal(page, f"no discussions on this page ({_message(at.tree) or seen(page)})")
    found = [_row(at, row) for row in rows] + [_result(at, link) for link in results]
    unique = {row.id: row for row in reversed(found) if row is not None}
    in_order = not results and "sort=" not in page.url
    return Listing(tuple(reversed(unique.values())), _paging(at)[2], boards, NAME, by_last_post=in_order)


def _is_list(tree: LexborHTMLParser) -> bool:
    """Whether a page without discussions is a list of them all the same."""
    return (
        tree.css_first('body[class*="Section-DiscussionList"], body[class*="Section-CategoryList"]')
        is not None
    )


def _boards(at: _Board) -> tuple[str, ...]:
    links = at.tree.css(
        ".CategoryList .TitleWrap a, .CategoryList .Title a, .CategoryTable .CategoryName a, "
        ".CategoryTable h2 a, .CategoryTable h3 a, .ChildCategories a"
    )
    found = (at.url(link) for link in links if "/categories/" in href(link) and words(link))
    return tuple(address for address in distinct(found) if address != clean(at.page.url))


def _row(at: _Board, row: LexborNode) -> ThreadRow | None:
    number = digits(attribute(row, "id"), r"Discussion_(\d{1,15})")
    link = row.css_first(_TITLE)
    thread = _thread_link(at.url(link))
    if not number or link is None or row.css_first(".Tag-Redirect, .Tag-redirect") is not None:
        return None
    pages = page_links((words(page), at.url(page)) for page in row.css(".MiniPager a[href]"))
    last = first(
        row, ".LastCommentDate time", ".LastUser time", ".LastCommentDate", ".BlockColumn.LastUser time"
    )
    shown = row.css_first(".CommentCount .Number, .CountComments .Number")
    url = thread[1] if thread else at.url(link)
    return ThreadRow(
        id=number,
        url=url,
        title=words(link),
        last_post_at=at.read(last)[0],
        replies=count(attribute(shown, "title")) if attribute(shown, "title") else count(words(shown)),
        sticky="Announcement" in classes(row) or row.css_first(".Tag-Announcement") is not None,
        last_page_url=pages[max(pages)] if pages else url,
    )


def _result(at: _Board, link: LexborNode) -> ThreadRow | None:
    """A post that a search found stands for its discussion, whose number the page does not tell."""
    address = at.url(link)
    thread = _thread_link(address)
    comment = re.search(r"/discussion/comment/(\d{1,15})", address)
    if thread is None and comment is None:
        return None
    number, url = thread or (f"Comment_{comment[1]}" if comment else "", address)
    item = link.parent.parent if link.parent is not None else None
    when = at.read(item.css_first("time"))[0] if item is not None else None
    return ThreadRow(number, url, words(link), when, last_page_url=address)


def version(page: Page) -> str:
    """Its pages do not tell more."""
    return "2" if b"ItemComment" in page.body or b"ItemDiscussion" in page.body else ""
