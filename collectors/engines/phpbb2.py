"""phpBB 2: tables, dates without an attribute, signatures inside the text."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborNode

from collectors.dates import instant
from collectors.engines import _phpbb
from collectors.engines._phpbb import Board
from collectors.links import clean, first, href, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "phpbb2"
_MARKUP = Markup(
    quotes="table:has(td.quote)",
    attributions="span.genmed",
    drop="span.gensmall, hr",
    signature_lines=True,
)


def recognise(page: Page) -> bool:
    """The style's name, or its classes on pages that lead to viewtopic.php."""
    if b"viewtopic.php" not in page.body or b"phpbb" not in page.body.lower():
        return False
    tree = html(page)
    if tree.css_first("body#phpbb, #pagecontent, #punviewtopic") is not None:
        return False
    marks = "span.postbody", "td span.postdetails", "span.topictitle a.topictitle", "a.forumlink"
    return sum(tree.css_first(mark) is not None for mark in marks) >= 2 or (
        b"templates/subSilver/" in page.body and tree.css_first(", ".join(marks)) is not None
    )


def topic(page: Page) -> Topic:
    """The posts of a viewtopic page."""
    at = _phpbb.board(page)
    found = [post for anchor in at.tree.css("span.name a[name]") if (post := _post(at, anchor)) is not None]
    if not found:
        raise refusal(page, f"no posts on this phpBB 2 page ({seen(page)})")
    heading = at.tree.css_first("a.maintitle")
    links = [
        href(heading),
        page.url,
        *(href(link) for link in at.tree.css('a[href*="mode=reply"], link[rel=prev]')),
    ]
    number = next((topic for link in links if (topic := _phpbb.topic_id(link))), "")
    url = at.url(f"viewtopic.php?t={number}", links[0]) if number else clean(page.url)
    title = words(heading)
    posts = {post.id: replace(post, title=title, thread_id=number or url, thread_url=url) for post in found}
    current, pages, next_url = _phpbb.paging(at, "t", number)
    return Topic(tuple(posts.values()), number or url, url, title, current, pages, next_url, NAME)


def listing(page: Page) -> Listing:
    """The topics of a viewforum page."""
    return _phpbb.listing(page, NAME)


def _post(at: Board, anchor: LexborNode) -> Post | None:
    number = re.fullmatch(r"[1-9]\d*", anchor.attributes.get("name") or "")
    row = anchor.parent
    while row is not None and row.tag != "tr":
        row = row.parent
    if not number or row is None:
        return None
    dates = [words(cell) for cell in row.css("td span.postdetails") if re.search(_POSTED, words(cell))]
    found = [instant(re.split(_POSTED, text)[-1][:60], at.page.at, at.zone) for text in dates]
    body = _body(row)
    if not found or found[0][0] is None or body is None:
        raise ParseError(f"post {number[0]}: date or text not understood {dates[:1]}", url=at.page.url)
    text, quotes = own_words(body, _MARKUP)
    link = href(row.css_first(f'a[href*="#{number[0]}"]'))
    return Post(
        id=number[0],
        url=f"{at.url(f'viewtopic.php?p={number[0]}', link)}#{number[0]}",
        text=text,
        author=words(first(row, "span.name b", "span.name")) or None,
        published_at=found[0][0],
        date_precision=found[0][1],
        edited_at=next(
            filter(None, (_phpbb.edited(at, words(note), None) for note in row.css("span.gensmall"))), None
        ),
        quotes=quotes,
    )


_POSTED = r"(?:Posted|Verfasst(?: am)?|Geschrieben(?: am)?):"


def _body(row: LexborNode) -> LexborNode | None:
    """The cell that holds the text: a quote splits it into several spans."""
    span = row.css_first("span.postbody")
    return span.parent if span is not None else None
