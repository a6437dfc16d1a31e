"""WoltLab Suite Forum 3 to 6, and Burning Board 4 of the same making; listings in `_woltlab`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from collectors.engines import _woltlab
from collectors.engines._linked import attribute, digits
from collectors.engines._shown import classes
from collectors.engines._woltlab import TIMES, Board
from collectors.links import clean, first, words
from collectors.phrases import quoted_by
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "woltlab"


def _quoted(quote: LexborNode) -> str | None:
    """The name in "Zitat von »X«" or "Quote from X"."""
    name = quoted_by(words(first(quote, ".quoteBoxTitle", "header")))
    return (name or "").strip("»«„“”\"'‚‘’ ") or None


_MARKUP = Markup(
    quotes="blockquote",
    attributions=".quoteBoxTitle, .quoteBox > header",
    drop=".quoteBoxIcon, .toggleButton, .codeBoxHeader, .codeBox h3, .spoilerBox > header, .jsSpoilerToggle, "
    ".embeddedContent, .unfurlUrlCardContainer, .messageVideoContainer, .mediaEmbed, .messageEmbedContainer, "
    ".attachmentThumbnailList, .attachmentFileList, .wcfAdLocation, .messageSignature, .messageFooterNotes",
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """The body says which of WoltLab's programs made the page; a part of a page is known by its posts."""
    body = page.body
    if b"wbb" not in body and b"WCF_PATH" not in body and b"data-application" not in body:
        return False
    marks = 'body[id^="tpl"][data-template][data-application], article.wbbPost, .wbbThread[data-thread-id]'
    return html(page).css_first(marks) is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    author: str = ""
    date: LexborNode | None = None
    body: LexborNode | None = None
    note: LexborNode | None = None


# What a post is made of, in the page's order.
_PARTS = (
    f"article, .username, {TIMES}, meta[itemprop=datePublished], meta[itemprop=dateCreated], "
    ".messageText, .messageFooterNote, .wbbPostEditNote"
)


def _posts(at: Board) -> list[_Found]:
    """The posts once each: an answer marked as the best one stands twice. Deleted ones have no text."""
    found: dict[str, _Found] = {}
    post = _Found("")
    for node in at.tree.css(_PARTS):
        kinds = classes(node)
        if node.tag == "article" and kinds & {"wbbPost", "message"}:
            post = _Found(_number(at, node) if "wbbPost" in kinds else "")
            if post.id:  # another message is an advert or the form for answers
                found.setdefault(post.id, post)
        elif "messageText" in kinds:
            post.body = post.body or node
        elif kinds & {"messageFooterNote", "wbbPostEditNote"}:
            post.note = post.note or (node if _tells_edit(node) else None)
        elif post.body is not None:
            continue  # names and instants in the text and below it
        elif "username" in kinds:
            post.author = post.author or words(node)
        elif post.date is None or post.date.tag == "meta":
            post.date = node
    return [post for post in found.values() if post.body is not None]


def _number(at: Board, node: LexborNode) -> str:
    said = attribute(node, "data-post-id", "data-object-id")
    number = digits(said) or digits(attribute(node.parent, "id"), r"post(\d{1,15})")
    if not number:
        raise ParseError("a post without a number", url=at.page.url)
    return number


def _tells_edit(note: LexborNode) -> bool:
    """Notes also say who deleted a post or where it came from."""
    kinds = classes(note)
    return "wbbPostEditNote" in kinds or bool(re.search(r"editiert|bearbeitet|edited|modified", words(note)))


def topic(page: Page) -> Topic:
    """The posts of a thread's page."""
    at = _woltlab.board(page)
    found = _posts(at)
    if not found and at.tree.css_first(".wbbThreadList, .wbbBoardList") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this WoltLab page ({_woltlab.message(at.tree) or seen(page)})")
    thread = _thread(at)
    posts = tuple(_post(at, post, thread) for post in found)
    current, pages, next_url = _woltlab.paging(at)
    return Topic(posts, thread[0], thread[1], thread[2], current, pages, next_url, NAME)


def _post(at: Board, found: _Found, thread: tuple[str, str, str]) -> Post:
    when, precision = at.read(found.date)
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {words(found.date)[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    edited = found.note.css_first(TIMES) if found.note is not None else None
    return Post(
        id=found.id,
        url=_woltlab.with_query(thread[1], f"postID={found.id}#post{found.id}"),
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


def _thread(at: Board) -> tuple[str, str, str]:
    """The thread's number, address and title."""
    header = first(
        at.tree, "header.wbbThread[data-thread-id]", "header[data-thread-id]", "body[data-thread-id]"
    )
    number = digits(attribute(header, "data-thread-id"))
    links = at.tree.css(
        "link[rel=canonical], .contentTitle a, .boxHeadline h1 a, .messageHeader a, .permalink"
    )
    addresses = [*map(at.url, links[:1]), clean(at.page.url), *map(at.url, links[1:])]
    found = next(filter(None, (_own(address, number) for address in addresses)), None)
    url = found[1] if found else clean(at.page.url)
    heading = first(at.tree, "h1.contentTitle", ".boxHeadline h1", "h1")
    return number or (found[0] if found else url), url, words(heading)


def _own(address: str, number: str) -> tuple[str, str] | None:
    found = _woltlab.thread_link(address)
    return found if found and number in ("", found[0]) else None


def listing(page: Page) -> Listing:
    """The threads of a board, of a list of threads, or of a search."""
    return _woltlab.listing(page, NAME)


def version(page: Page) -> str:
    """As far as the mark-up tells it."""
    if b"woltlab-core-" in page.body:
        return "6"
    return "3-5" if b"WoltLabSuite" in page.body or b"tpl_wbb_" in page.body else "4"
