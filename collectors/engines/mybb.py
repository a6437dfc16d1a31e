"""MyBB 1.4 to 1.8: posts as blocks (1.8) or tables, classic or not; listings in `_mybb`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import UNKNOWN
from collectors.engines import _mybb
from collectors.engines._mybb import Board
from collectors.engines._shown import Moment, classes, lines
from collectors.links import clean, href, words
from collectors.phrases import quoted_by
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "mybb"


def _quoted(quote: LexborNode) -> str | None:
    """The name in "(DATE)X Wrote:": the date stands in an element of its own before the name."""
    cite = next((child for child in quote.iter() if child.tag == "cite"), None)
    if cite is None:
        return None
    own = (part.text_content or "" for part in cite.iter(include_text=True) if part.is_text_node)
    name = " ".join("".join(own).split())
    return quoted_by(name) if name else None


_MARKUP = Markup(
    quotes="blockquote, .quote_body",
    attributions="cite, .quote_header",
    drop=".codeblock > .title, .code_header, .signature, .edited_post, .post_edit, .post_meta, .attachment, "
    'a[href*="attachment.php?aid="], .spoiler_header',
    author=_quoted,
)


def recognise(page: Page) -> bool:
    """Its posts and rows by their ids, or its own scripts."""
    body = page.body
    if b"mybb" not in body and b"MyBB" not in body and b"pid_" not in body and b"tid_" not in body:
        return False
    if b"var my_post_key" in body or b"lang.expcol_collapse" in body:
        return True
    marks = '[id^="post_"] [id^="pid_"], tr.inline_row [id^="tid_"], .post_content .post_body[id^="pid_"]'
    tree = html(page)
    return tree.css_first(marks) is not None or _is_archive(tree)


def _is_archive(tree: LexborHTMLParser) -> bool:
    return tree.css_first('#fullversion a[href*="showthread"], #fullversion a[href*="hread-"]') is not None


@dataclass
class _Found:
    """A post as it stands in the page; `node` is its container, where it has one."""

    id: str = ""
    node: LexborNode | None = None
    author: str = ""
    date: str = ""
    note: str = ""
    body: LexborNode | None = None

    def dates(self) -> list[str]:
        """Where its instant may stand; where a theme renamed the header, lines with a time above the text."""
        if self.date or self.node is None:
            return [self.date]
        above = lines(self.node, titles=True, until=self.body)
        return [line for line in above if len(line) < 80 and re.search(r"\d:\d\d", line)]


def topic(page: Page) -> Topic:
    """The posts of a page of a thread."""
    at = _mybb.board(page)
    found = _posts(at.tree)
    if not found:
        raise _no_posts(at)
    number, title = at.thread, _title(at.tree)
    said = [text for post in found.values() for text in (*post.dates(), post.note)]
    moment = at.moment([text for text in said if text])
    url = (at.url(f"showthread.php?tid={number}") if number else "") or at.here
    posts = tuple(_post(at, post, moment, (number, url, title)) for post in found.values())
    current, pages, next_url = _mybb.paging(at)
    return Topic(posts, number or url, url, title, current, pages, next_url, NAME)


def _no_posts(at: Board) -> Exception:
    if _mybb.rows(at.tree):
        return ParseError("this is a board, not a thread", url=at.page.url)
    full = at.tree.css_first("#fullversion a[href]")
    if full is not None:
        where = clean(href(full), at.page.url)
        return ParseError(f"the archive's pages have no post numbers; read {where}", url=at.page.url)
    return refusal(at.page, f"no posts on this MyBB page ({_mybb.message(at.tree) or seen(at.page)})")


def listing(page: Page) -> Listing:
    """The threads of a board, or of a search."""
    return _mybb.listing(page, NAME)


# Everything a post is made of, in the page's order; the container comes first.
_PARTS = (
    '[id^="post_"], .largetext, .post_date, td.tcat .smalltext, .post_body, [id^="pid_"], '
    ".edited_post, .post_edit"
)


def _posts(tree: LexborHTMLParser) -> dict[str, _Found]:
    """The posts in the page's order, once each: a post is whole when its text comes."""
    found: dict[str, _Found] = {}
    post, last = _Found(), _Found()
    for node in tree.css(_PARTS):
        key = re.fullmatch(r"(post|pid)_([1-9]\d{0,14})", node.attributes.get("id") or "")
        kinds = classes(node)
        if key and key[1] == "post":
            post = _Found(key[2], node)
        elif key or "post_body" in kinds:
            post.id, post.body = key[2] if key else post.id, node
            last = found.setdefault(post.id, post) if post.id else last
            post = _Found()
        elif kinds & {"edited_post", "post_edit"}:
            noted = post if post.id else last
            noted.note = noted.note or " ".join(lines(node, titles=True))
        elif "largetext" in kinds:
            post.author = post.author or words(node)
        else:
            post.date = post.date or _date(lines(node, titles=True))
    return found


_EDITED = re.compile(r"\s\(|\b(?:This post|Dieser Beitrag|Last modified|Zuletzt bearbeitet|Edited)\b")


def _date(said: list[str]) -> str:
    """The header's own words without the edit note; "" if no time is in them."""
    own = _EDITED.split(" ".join(said))[0].strip()
    return own if re.search(r"\d[:.]\d\d|\d{4}", own) else ""


def _post(at: Board, found: _Found, moment: Moment, thread: tuple[str, str, str]) -> Post:
    number, thread_url, title = thread
    read = map(moment.read, found.dates())
    when, precision = next((date for date in read if date[0] is not None), UNKNOWN)
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    own = at.url(f"showthread.php?tid={number}&pid={found.id}") if number else ""
    note = found.note.partition(": ")[2]
    return Post(
        id=found.id,
        url=f"{own or thread_url}#pid{found.id}",
        text=text,
        author=found.author or _author(found) or None,
        published_at=when,
        date_precision=precision,
        edited_at=moment.read(note)[0] if note else None,
        title=title,
        thread_id=number or thread_url,
        thread_url=thread_url,
        quotes=quotes,
    )


def _author(found: _Found) -> str:
    """Themes that renamed the name's place: the first link to a profile, else a name without one."""
    if found.node is None:
        return ""
    links = found.node.css('a[href*="action=profile"], a[href*="ser-"]')
    named = next(filter(None, map(words, links)), "")
    return named or words(found.node.css_first(".author_information strong, .post_author strong"))


def _title(tree: LexborHTMLParser) -> str:
    """The thread's title: the page's own, where the breadcrumbs end, without a prefix's mark-up."""
    return words(tree.css_first(".navigation .active")) or words(tree.css_first("title"))


def version(page: Page) -> str:
    """As far as the page tells: the footer if the owner shows it, else the mark-up's generation."""
    said = re.search(rb"MyBB (\d\.\d+(?:\.\d+)?)", page.body)
    if said:
        return said[1].decode()
    marks = ".post_content, .thread_status, .forum_status"
    return "1.8" if b"jquery.js" in page.body or html(page).css_first(marks) is not None else "1.6"
