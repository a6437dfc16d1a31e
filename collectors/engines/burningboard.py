"""Burning Board 1 to 3; each generation in a module of its own."""

from __future__ import annotations

import re

from collectors.engines import _burningboard as three
from collectors.engines import _burningboard2 as two
from collectors.engines._burningboard import Board, Found
from collectors.engines._shown import Moment
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import own_words, split_html
from listener.errors import ParseError
from listener.model import Post

NAME = "burningboard"


def recognise(page: Page) -> bool:
    """3 by a variable of its scripts or its posts; 2 by its own kind of links and who made it."""
    return _is_three(page) or _is_two(page)


def _is_three(page: Page) -> bool:
    if b"RELATIVE_WBB_DIR" in page.body:
        return True
    if b"postRow" not in page.body and b"threadRow" not in page.body:
        return False
    marks = (
        'div.message[id^="postRow"] .messageBody, tr[id^="threadRow"] .topic, #boardlist [id^="boardLink"]'
    )
    return html(page).css_first(marks) is not None


_MAKERS = (b"oltLab", b"oltlab", b"urning Board", b"WBB")


def _is_two(page: Page) -> bool:
    body = page.body
    if b'"thread.php?' not in body and b'"board.php?' not in body and b"/thread.php?" not in body:
        return False
    marks = 'a[href*="addreply.php?"], a[href^="javascript:who("], a[href*="board.php?boardid="]'
    return any(maker in body for maker in _MAKERS) and html(page).css_first(marks) is not None


def topic(page: Page) -> Topic:
    """The posts of a thread's page."""
    third = _is_three(page)
    kind = three if third else two
    at = three.board(page, kind.SCRIPTS)
    found = kind.posts(at.tree)
    if not found:
        raise _no_posts(at)
    number, title = kind.thread(at)
    moment = kind.moment_of(at, [text for post in found for text in (post.date, _edited(post)) if text])
    url = f"{at.root}{kind.THREAD.format(number)}" if number else page.url
    permalink = f"{at.root}{kind.POST}"
    posts = tuple(_post(at, post, moment, permalink, (number or url, url, title)) for post in found)
    current, pages, next_url = three.paging(at) if third else two.paging(at, "threadid", number)
    return Topic(posts, number or url, url, title, current, pages, next_url, NAME)


def _no_posts(at: Board) -> Exception:
    marks = (
        'div.topic[id^="thread"], #boardlist, a[href^="javascript:who("], a[href*="board.php?boardid="] > b'
    )
    if at.tree.css_first(marks) is not None:
        return ParseError("this is a board, not a thread", url=at.page.url)
    said = three.message(at.tree) or two.message(at.tree) or seen(at.page)
    return refusal(at.page, f"no posts on this page of a Burning Board ({said})")


def _edited(found: Found) -> str:
    """The instant in an edit note: in brackets in 3, after the last colon and space in 2."""
    brackets = re.search(r"\(([^()]*\d[^()]*)\)[^()]*$", found.note)
    return brackets[1] if brackets else found.note.rpartition(": ")[2]


def _post(at: Board, found: Found, moment: Moment, permalink: str, thread: tuple[str, str, str]) -> Post:
    when, precision = moment.read(found.date)
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=at.page.url)
    body = found.body
    text, quotes = split_html(body, two.MARKUP) if isinstance(body, str) else own_words(body, three.MARKUP)
    return Post(
        id=found.id,
        url=permalink.format(found.id),
        text=text,
        author=found.author or None,
        published_at=when,
        date_precision=precision,
        edited_at=moment.read(_edited(found))[0] if found.note else None,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


def listing(page: Page) -> Listing:
    """The threads of a board, or of a search."""
    return three.listing(page, NAME) if _is_three(page) else two.listing(page, NAME)


def version(page: Page) -> str:
    """What the footer says, if its owner left it there; else the generation."""
    said = re.search(rb"Burning Board(?:&reg;|\xc2\xae)?(?: Lite)? (\d\.\d+(?:\.\d+)?)", page.body[-20_000:])
    return said[1].decode() if said else "3" if _is_three(page) else "2"
