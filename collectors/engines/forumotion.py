"""Forumotion (forumieren.com and others): boards that look like phpBB 2 and 3, PunBB, Invision or itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from collectors.dates import day_first
from collectors.engines import _forumotion
from collectors.engines._forumotion import TOPIC, Board, own, spoken
from collectors.engines._forumotion_parts import Parts, author_of, body_of, dates_of, parts_of
from collectors.links import clean, first, href, outermost, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "forumotion"
_HOSTS = (
    *("forumieren.com", "forumieren.de", "forumieren.net", "forumieren.eu", "forumotion.com"),
    *("forumotion.net", "forumotion.eu", "forumotion.me", "forumactif.com", "forumactif.org"),
    *("foroactivo.com", "forumeiros.com", "forumattivo.com", "nforum.biz", "board-directory.net"),
)
_QUOTED = ", ".join(
    f'dl.codebox:not(:has(> dd code)) > dt:lexbor-contains("{word}" i)'
    for word in ("schrieb", "wrote", "Zitat", "Quote")
)
_QUOTE_BOXES = ", ".join(
    f'dl.codebox:not(:has(> dd code)):has(> dt:lexbor-contains("{word}" i))'
    for word in ("schrieb", "wrote", "Zitat", "Quote")
)
_MARKUP = Markup(
    quotes="blockquote, table:has(td.quote)",
    attributions="cite, span.genmed",
    drop="dl.codebox > dt, .spoiler_title, .attachbox, .vote, .edited-message, .signature_div, .sig-content, "
    ".post-signature, .hidecode, .gensmall, .fa_like_div",
    signature_lines=True,
)


# Boxes for quotes are made like those for code; looked for where a page has one.
_BOXED = replace(
    _MARKUP,
    quotes=f"{_MARKUP.quotes}, {_QUOTE_BOXES}",
    attributions=f"{_MARKUP.attributions}, {_QUOTED}",
)


def owns(url: str) -> bool:
    """Forumotion's own domains."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host.endswith(tuple(f".{domain}" for domain in _HOSTS))


def recognise(page: Page) -> bool:
    """Files from its servers in the page's head, or the table of the visitor that its scripts need."""
    body = page.body
    if b"_userdata" in body and (b"session_logged_in" in body or b"illiweb.com" in body):
        return True
    if b"illiweb.com" not in body and b"2img.net" not in body:
        return False
    served = ", ".join(f'link[href*="{host}"], script[src*="{host}"]' for host in ("illiweb.com", "2img.net"))
    tree = html(page)
    if tree.css_first(served) is not None or owns(page.url):
        return True
    pictures = 'img[src*="illiweb.com/fa/"], img[src*="2img.net/i/fa/"], img[src*="2img.net/fa/"]'
    return tree.css_first(pictures) is not None and any(
        TOPIC.match(clean(href(link), page.url)) for link in tree.css('.post a[href*="#"]')
    )


_POSTS = '.post, [class*="post--"], .posthead[id^="p"], span.name > a[name]'


@dataclass(frozen=True)
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand, best first."""

    id: str
    node: LexborNode
    parts: Parts
    dates: tuple[str, ...]


@dataclass(frozen=True)
class _Thread:
    """A thread, and the address of its page that was read ("" if the page does not tell it)."""

    id: str
    url: str
    title: str
    page_url: str = ""


def topic(page: Page) -> Topic:
    """The posts of a topic's page, adverts between them left out."""
    at = _forumotion.board(page)
    found = _containers(at)
    if not found and at.tree.css_first("a.topictitle, a.forumtitle, a.forumlink") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this Forumotion page ({_message(at) or seen(page)})")
    thread = _thread(at, found)
    posts = []
    for number, node in found.items():
        parts = parts_of(node)
        posts.append(_Found(number, node, parts, tuple(dates_of(parts))))
    dates = [text for post in posts for text in post.dates]
    at = replace(at, order=day_first(dates, page.at, spoken(at, dates)))
    markup = _BOXED if b"codebox" in page.body else _MARKUP
    made = tuple(_post(at, post, thread, markup) for post in posts)
    current, pages, next_url = _forumotion.paging(at, "t", thread.id)
    return Topic(made, thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _message(at: Board) -> str:
    return words(
        first(at.tree, ".message-content", "#page-body .msg", ".row1 .gen", ".main-content .message")
    )


def _containers(at: Board) -> dict[str, LexborNode]:
    """Posts by their number; what has none, or 0, is an advert or a notice."""
    found: dict[str, LexborNode] = {}
    for node in outermost(at.tree.css(_POSTS)):
        holder = _row(node) if node.tag == "a" else node
        number = _number(node)
        if holder is not None and number and number not in found:
            found[number] = holder
    return found


def _row(anchor: LexborNode) -> LexborNode | None:
    above = anchor.parent
    while above is not None and above.tag != "tr":
        above = above.parent
    return above


def _number(node: LexborNode) -> str:
    told = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}"
    if (found := _TOLD.search(told)) or (found := _DIGITS.fullmatch(node.attributes.get("name") or "")):
        return found[1]
    inner = node.css_first('a[name], .posthead[id^="p"]') if node.tag != "a" else None
    if inner is None:
        return ""
    name = inner.attributes.get("name") or (inner.attributes.get("id") or "")[1:]
    found = _DIGITS.fullmatch(name)
    return found[1] if found else ""


_TOLD = re.compile(r"(?:^|\s)(?:p|post-|post--)([1-9]\d{0,14})(?=\s|$)", re.A)
_DIGITS = re.compile(r"([1-9]\d{0,14})", re.A)


def _post(at: Board, post: _Found, thread: _Thread, markup: Markup) -> Post:
    read = (at.instant(text) for text in post.dates)
    when, precision = next((one for one in read if one[0] is not None), (None, "unknown"))
    body = body_of(post.parts)
    if when is None or body is None:
        raise ParseError(f"post {post.id}: date or text not understood", url=at.page.url)
    text, quotes = own_words(body, markup)
    return Post(
        id=post.id,
        url=_address(at, post, thread),
        text=_EDIT_NOTE.sub("", text).rstrip(),
        author=author_of(post.parts) or None,
        published_at=when,
        date_precision=precision,
        edited_at=_edited(at, post.node),
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
    )


_EDIT_NOTE = re.compile(
    r"(?:Zuletzt von [^\n]{1,100} bearbeitet|Last edited by [^\n]{1,120}); (?:insgesamt|edited) \d[^\n]*$"
)


def _edited(at: Board, node: LexborNode) -> datetime | None:
    """The instant in "Zuletzt von X am DATE bearbeitet; insgesamt 2-mal bearbeitet"."""
    if b"earbeitet" not in at.page.body and b"ast edited by" not in at.page.body:
        return None
    said = re.search(
        r"(?:Zuletzt von .{1,60}? am (.{6,40}?) bearbeitet|Last edited by .{1,60}? on (.{6,40}?));",
        words(node),
    )
    return at.instant(said[1] or said[2])[0] if said else None


def _address(at: Board, post: _Found, thread: _Thread) -> str:
    """Where the post opens: at this page of its thread, else by the post's own link."""
    if thread.page_url:
        return f"{thread.page_url}#{post.id}"
    for link in post.node.css(f'a[href$="#{post.id}"]'):
        address = clean(href(link), at.page.url).partition("?")[0]
        if (found := TOPIC.match(address)) and found[2] == thread.id:
            return f"{address}#{post.id}"
    return f"{thread.url}#{post.id}"


_HEADINGS = (
    "h1.page-title",
    ".page-title h1",
    "a.maintitle",
    ".maintitle h1",
    "h1.cattitle",
    ".post .topic-title",
)


def _thread(at: Board, found: dict[str, LexborNode]) -> _Thread:
    """The thread as the page's own address names it, else as links to its posts do."""
    title = words(first(at.tree, *_HEADINGS)) or words(at.tree.css_first("title"))
    title = re.sub(r"^Re: ", "", title)
    shown = next((one for address in own(at) if (one := TOPIC.match(address))), None)
    known = shown or next((one for node in found.values() if (one := _linked(at, node))), None)
    if known is None:
        return _Thread(clean(at.page.url), clean(at.page.url), title)
    slug = known[4] or ""
    page_url = f"{shown[1]}{shown[2]}{f'p{shown[3]}' if shown[3] else ''}{slug}" if shown else ""
    return _Thread(known[2], f"{known[1]}{known[2]}{slug}", title, page_url)


def _linked(at: Board, node: LexborNode) -> re.Match[str] | None:
    links = (clean(href(link), at.page.url) for link in node.css('a[href*="#"]'))
    return next((found for link in links if (found := TOPIC.match(link))), None)


def listing(page: Page) -> Listing:
    """The topics of a forum's page or of a search's results."""
    return _forumotion.listing(page, NAME)


def version(page: Page) -> str:
    """The skin, as far as the markup tells: there is one program for all boards."""
    tree = html(page)
    marks = (
        ("AwesomeBB", ".post-wrap, .posts-section"),
        ("ModernBB", ".postprofile-name, .forum-section"),
        ("Invision", "#ipbwrapper, .postbody-head, .borderwrap"),
        ("PunBB", ".posthead, #pun-intro, .main-content.topic, td.tcl"),
        ("phpBB 3", "body#phpbb, ul.topiclist"),
        ("phpBB 2", "span.postdetails, table.forumline"),
    )
    return next((name for name, mark in marks if tree.css_first(mark) is not None), "")
