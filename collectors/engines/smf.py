"""Simple Machines Forum 1.1 to 2.1; what the three write alike stands in one place, listings in `_smf`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

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
    drop=".quotefooter, .codeheader, .codeoperation, .sp-head, .more_head, .attachments, .modified, "
    'a[href*="action=dlattach"]',
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
    author: str = ""
    date: str = ""
    subject: LexborNode | None = None
    body: LexborNode | None = None
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a page of a thread."""
    at = _smf.board(page)
    found = _posts(at.tree)
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
# the number of a post only at its subject, which in themes of 2.1 says when instead of what about.
_PARTS = (
    '.poster h4, td[rowspan="2"] > b, td.poster_info > b, .keyinfo .smalltext, .postinfo, '
    '[id^="subject_"], [id^="subject_"] ~ .smalltext, [id^="msg"], .inner, td div.post, [id^="modified_"]'
)


@dataclass
class _Reader:
    """What was seen of a post before its text came; `number` is the last post named."""

    found: dict[str, _Found]
    number: str = ""
    author: str = ""
    date: str = ""

    def take(self, node: LexborNode) -> None:
        """One more part of the page."""
        name = node.attributes.get("id")
        key = _KEY.fullmatch(name) if name else None
        if key and key[1] == "modified_":
            self.post(key[2]).note = words(node).partition(": ")[2] if node.child is not None else ""
        elif key and key[1] != "msg_":
            self.number = key[2]
            if key[1] == "subject_":
                self.post(key[2]).subject = node
        elif _is_body(node, key):
            self.close(node, key[2] if key else self.number)
        elif node.tag in ("h4", "b"):
            self.author = _author(node) or self.author
        elif "smalltext" in (kinds := classes(node)) and "modified" not in kinds:
            self.dated(_without_label(words(node)))
        elif "postinfo" in kinds:
            self.dated(
                " ".join(
                    part.text_content or "" for part in node.iter(include_text=True) if part.is_text_node
                )
            )

    def post(self, number: str) -> _Found:
        """The post of a number."""
        return self.found.setdefault(number, _Found(number))

    def dated(self, text: str) -> None:
        """A header's words belong to the post that was named, else to the one to come."""
        if digits(text) < 3:
            return
        if not self.number:
            self.date = self.date or text
            return
        post = self.post(self.number)
        if not post.date:
            post.date, *edited = _EDITED.split(text, maxsplit=1)
            post.note = post.note or "".join(edited)

    def close(self, body: LexborNode, number: str) -> None:
        """A text makes its post whole; what stood before it and was nobody's is its own."""
        if not number:
            return
        post = self.post(number)
        if post.body is None:
            post.body, post.author, post.date = body, self.author, post.date or self.date
        self.number = self.author = self.date = ""


_EDITED = re.compile(r"\s*(?:Last [Ee]dit|Letzte (?:Änderung|Bearbeitung))\b:?\s*")
_KEY = re.compile(r"(subject_|msg_?|modified_)([1-9]\d{0,14})")


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts in the page's order, once each."""
    reader = _Reader({})
    last = 0
    for node in tree.css(_PARTS):
        if node.mem_id != last:  # it comes once for each selector that means it
            last = node.mem_id
            reader.take(node)
    return [post for post in reader.found.values() if post.body is not None]


def _is_body(node: LexborNode, key: re.Match[str] | None) -> bool:
    """A text's container: it has the post's number, or only a class and no numbered one inside."""
    if key:
        return node.tag == "div"
    kinds = classes(node) if node.tag == "div" and not node.attributes.get("id") else set()
    return "inner" in kinds or ("post" in kinds and node.css_first('div[id^="msg_"], div.inner') is None)


def _author(node: LexborNode) -> str:
    """The link to a profile; guests have none. What else stands there are icons and ranks."""
    links = (child for child in node.iter() if child.tag == "a")
    profiles = (words(link) for link in links if "profile" in (link.attributes.get("href") or ""))
    return next(filter(None, profiles), "") or words(node)


def _without_label(text: str) -> str:
    """A header's words without "Reply #3 on:"."""
    plain = text.strip("«» \xa0")
    label, _, rest = plain.partition(": ")
    return rest.strip() if re.fullmatch(r"[^\d:]*(?:#[\d.,]+[^\d:]*)?", label) and rest else plain


# What boards write for guests in place of links
_HIDDEN = re.compile(r"You are not allowed to view (?:links|attachments)\.\s*(?:Register or Login)?")


def _post(at: Board, found: _Found, moment: Moment, thread: tuple[str, str, str]) -> Post:
    number, thread_url, title = thread
    when, precision = moment.read(found.date)
    if when is None and found.subject is not None:
        when, precision = moment.read(words(found.subject))
    if when is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    edited = re.split(r"\s+(?:by|von|durch)\s", found.note)[0]
    return Post(
        id=found.id,
        url=((at.url(f"topic={number}.msg{found.id}") if number else "") or thread_url) + f"#msg{found.id}",
        text=_HIDDEN.sub("", text).strip() if "not allowed to view" in text else text,
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
