"""Simple Machines Forum 1.1 to 2.1; what the three write alike stands in one place, listings in `_smf`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from collectors.engines import _smf
from collectors.engines._shown import Moment, classes, digits
from collectors.engines._smf import Board
from collectors.links import words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "smf"
_MARKUP = Markup(
    quotes="blockquote, div.quote",
    attributions=".quoteheader, blockquote > cite",
    drop=".quotefooter, .codeheader, .codeoperation, .attachments, .signature, .modified",
)


def recognise(page: Page) -> bool:
    """Its scripts' variables on any page, or its posts where a page came without scripts."""
    if b"smf_scripturl" in page.body or b"smf_theme_url" in page.body or b"smf_images_url" in page.body:
        return True
    if b"topic=" not in page.body or (b"msg_" not in page.body and b'"smf"' not in page.body):
        return False
    return html(page).css_first('body#smf, div.inner[id^="msg_"], span[id^="msg_"] > a') is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    author: str
    date: str
    body: LexborNode
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a page of a thread."""
    at = _smf.board(page)
    found = list(_posts(at))
    if not found and _smf.rows(at):
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this SMF page ({_smf.message(at.tree) or seen(page)})")
    number, title = _thread(at)
    moment = _smf.moment_of(at, [text for post in found for text in (post.date, post.note) if text])
    url = (at.url(f"topic={number}.0") if number else "") or at.here
    posts = tuple(_post(at, post, moment, (number, url, title)) for post in found)
    current, pages, next_url = _smf.paging(at, f"topic={number}." if number else "")
    return Topic(posts, number or url, url, title, current, pages, next_url, NAME)


def listing(page: Page) -> Listing:
    """The topics of a board, of the newest posts, or of a search."""
    return _smf.listing(page, NAME)


# Everything a post is made of in all versions, in the page's order: who, when, where the text stands. 1.1 has
# the number of a post only at its subject.
_PARTS = (
    '.poster h4, td[rowspan="2"] > b, td.poster_info > b, '
    '.keyinfo .smalltext, .postinfo .smalltext, [id^="subject_"], [id^="subject_"] ~ .smalltext, '
    'div[id^="msg_"], td div.post, [id^="modified_"]'
)


def _posts(at: Board) -> Iterator[_Found]:
    """The posts in the page's order, once each."""
    found: dict[str, _Found] = {}
    notes: dict[str, str] = {}
    author = date = number = ""
    for node in at.tree.css(_PARTS):
        name = node.attributes.get("id") or ""
        key = re.fullmatch(r"(subject|msg|modified)_([1-9]\d{0,14})", name)
        if key and key[1] == "modified":
            notes[key[2]] = words(node).partition(": ")[2] if node.child is not None else ""
        elif key and key[1] == "subject":
            number = key[2]
        elif _is_body(node, key):
            number = key[2] if key else number
            if number and number not in found:
                found[number] = _Found(number, author, date, node)
            author = date = number = ""
        elif node.tag in ("h4", "b"):
            author = _author(node) or author
        elif not date and "smalltext" in (kinds := classes(node)) and "modified" not in kinds:
            date = _date(node)
    for post in found.values():
        post.note = notes.get(post.id, "")
        yield post


def _is_body(node: LexborNode, key: re.Match[str] | None) -> bool:
    """A text's container: it has the post's number, or (1.1) only its class and no numbered one inside."""
    if key:
        return key[1] == "msg" and node.tag == "div"
    return node.tag == "div" and "post" in classes(node) and node.css_first('div[id^="msg_"]') is None


def _author(node: LexborNode) -> str:
    """The link to a profile; guests have none. What else stands there are icons and ranks."""
    links = (child for child in node.iter() if child.tag == "a")
    profiles = (words(link) for link in links if "profile" in (link.attributes.get("href") or ""))
    return next(filter(None, profiles), "") or words(node)


def _date(node: LexborNode) -> str:
    """What a post's header says of its instant, without "Reply #3 on:"; "" if no time is in it."""
    text = _without_label(words(node))
    return text if digits(text) >= 3 else ""


def _without_label(text: str) -> str:
    return re.split(r":\s", text.strip("«» \xa0"))[-1].strip()


def _post(at: Board, found: _Found, moment: Moment, thread: tuple[str, str, str]) -> Post:
    number, thread_url, title = thread
    when, precision = moment.read(found.date)
    if when is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    edited = re.split(r"\s+(?:by|von|durch)\s", found.note)[0]
    return Post(
        id=found.id,
        url=((at.url(f"topic={number}.msg{found.id}") if number else "") or thread_url) + f"#msg{found.id}",
        text=text,
        author=found.author or None,
        published_at=when,
        date_precision=precision,
        edited_at=moment.read(edited)[0] if edited else None,
        title=title,
        thread_id=number or thread_url,
        thread_url=thread_url,
        quotes=quotes,
    )


def _thread(at: Board) -> tuple[str, str]:
    """The thread's number and title; 1.1 writes how often it was read beside it, but not into the page's."""
    title = words(at.tree.css_first("span#top_subject, .display_title"))
    return at.topic, title or words(at.tree.css_first("title"))


def version(page: Page) -> str:
    """As far as the page tells: its footer in 1.1 and 2.0, its marks in 2.1."""
    said = re.search(rb"SMF (\d\.\d+(?:\.\d+)?)", page.body)
    if said:
        return said[1].decode()
    tree = html(page)
    if tree.css_first("body#smf, #topic_container, .inner[data-msgid]") is not None:
        return "2.1"
    marks = ".inner[id^=msg_], #main_content_section, .table_grid, .table_list"
    return "2.0" if tree.css_first(marks) is not None else "1.1"
