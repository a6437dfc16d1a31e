"""Forumotion (forumieren.com and others): boards that look like phpBB 2 and 3, PunBB, Invision or itself."""

from __future__ import annotations

import re
from dataclasses import replace
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
from listener.model import Post, Quote

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
    quotes=f"blockquote, table:has(td.quote), {_QUOTE_BOXES}",
    attributions=f"cite, span.genmed, {_QUOTED}",
    drop="dl.codebox > dt, .spoiler_title, .attachbox, .vote, .edited-message, .signature_div, .sig-content, "
    ".post-signature, .hidecode, .gensmall, .fa_like_div",
    signature_lines=True,
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


def topic(page: Page) -> Topic:
    """The posts of a topic's page, adverts between them left out."""
    at = _forumotion.board(page)
    found = _containers(at)
    if not found and at.tree.css_first("a.topictitle, a.forumtitle, a.forumlink") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this Forumotion page ({_message(at) or seen(page)})")
    parts = {number: parts_of(node) for number, node in found.items()}
    written = [text for one in parts.values() for text in dates_of(one)]
    at = replace(at, order=day_first(written, page.at, spoken(at)))
    thread = _thread(at, found)
    offset = _offset(at)
    posts = [_post(at, node, number, parts[number], thread, offset) for number, node in found.items()]
    current, pages, next_url = _forumotion.paging(at, "t", thread[0])
    return Topic(tuple(posts), *thread, current, pages, next_url, NAME)


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


def _post(
    at: Board, node: LexborNode, number: str, parts: Parts, thread: tuple[str, str, str], offset: int
) -> Post:
    read = (at.instant(text) for text in dates_of(parts))
    when, precision = next((one for one in read if one[0] is not None), (None, "unknown"))
    node_of_text = body_of(parts)
    if when is None or node_of_text is None:
        raise ParseError(f"post {number}: date or text not understood", url=at.page.url)
    text, quotes = _words(node_of_text)
    return Post(
        id=number,
        url=_address(at, node, number, thread, offset),
        text=text,
        author=author_of(parts) or None,
        published_at=when,
        date_precision=precision,
        edited_at=_edited(at, node),
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


_EDIT_NOTE = re.compile(
    r"(?:Zuletzt von [^\n]{1,100} bearbeitet|Last edited by [^\n]{1,120}); (?:insgesamt|edited) \d[^\n]*$"
)


def _words(body: LexborNode) -> tuple[str, tuple[Quote, ...]]:
    text, quotes = own_words(body, _MARKUP)
    return _EDIT_NOTE.sub("", text).rstrip(), quotes


def _edited(at: Board, node: LexborNode) -> datetime | None:
    """The instant in "Zuletzt von X am DATE bearbeitet; insgesamt 2-mal bearbeitet"."""
    if b"earbeitet" not in at.page.body and b"ast edited by" not in at.page.body:
        return None
    said = re.search(
        r"(?:Zuletzt von .{1,60}? am (.{6,40}?) bearbeitet|Last edited by .{1,60}? on (.{6,40}?));",
        words(node),
    )
    return at.instant(said[1] or said[2])[0] if said else None


def _address(at: Board, node: LexborNode, number: str, thread: tuple[str, str, str], offset: int) -> str:
    """Where the post opens: the page of its thread, by the post's own link or by this page's offset."""
    for link in node.css(f'a[href$="#{number}"]'):
        found = TOPIC.match(clean(href(link), at.page.url))
        if found and found[2] == thread[0] and (found[3] or not offset):
            return f"{clean(href(link), at.page.url).partition('?')[0]}#{number}"
    base = TOPIC.match(thread[1])
    if base and offset:
        return f"{base[1]}{base[2]}p{offset}{base[4] or ''}#{number}"
    return f"{thread[1]}#{number}"


def _offset(at: Board) -> int:
    found = next((one for address in own(at) if (one := TOPIC.match(address))), None)
    return int(found[3] or 0) if found else 0


_HEADINGS = (
    "h1.page-title",
    ".page-title h1",
    "a.maintitle",
    ".maintitle h1",
    "h1.cattitle",
    ".post .topic-title",
)


def _thread(at: Board, found: dict[str, LexborNode]) -> tuple[str, str, str]:
    """The thread's number, address and title."""
    links = [
        *own(at),
        *(clean(href(a), at.page.url) for node in found.values() for a in node.css('a[href*="#"]')),
    ]
    title = words(first(at.tree, *_HEADINGS)) or words(at.tree.css_first("title"))
    title = re.sub(r"^Re: ", "", title)
    known = next((one for link in links if (one := TOPIC.match(link))), None)
    if known is None:
        return clean(at.page.url), clean(at.page.url), title
    return known[2], f"{known[1]}{known[2]}{known[4] or ''}", title


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
