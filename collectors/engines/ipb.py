"""Invision Power Board 1.3 to 2, IP.Board 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors import paging as pages
from collectors.engines import _ipb
from collectors.engines._ipb import Board
from collectors.links import clean, first, href, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "ipb"


def _source(quote: LexborNode) -> str | None:
    """Who wrote a quote: its attribute, or the line above it ("QUOTE(Eva @ May 3 2007)")."""
    named = (quote.attributes.get("data-author") or "").strip()
    if named:
        return named
    row = quote.parent if quote.tag == "td" else quote
    above = row.prev if row is not None else None
    while above is not None and not above.is_element_node:
        above = above.prev
    inner = quote.css_first(".citation")
    found = _BY.match(words(inner) if inner is not None else words(above))
    return next(filter(None, found.groups()), "").strip() or None if found else None


_BY = re.compile(
    r"(?:QUOTE|ZITAT)\s*\((.{1,80}?)\s+@\s.*\)|(.{1,80}?),?\s(?:on|am)\s.{4,40}\s(?:said|sagte|schrieb)"
    r"|(.{1,80}?)\s(?:said|sagte|schrieb)\b",
    re.I,
)
_MARKUP = Markup(
    quotes="blockquote, div.blockquote, .quotemain, td#QUOTE",
    attributions=".citation, .quotetop, tr:has(+ tr > td#QUOTE)",
    drop=".edit, .codetop, .spoiler_title, .spoilertop, [id^=attach_wrap], .attach_wrap, .signature, "
    ".rating, .bbc_spoiler_show, tr:has(+ tr > td#CODE), .ipsLikeBar, .hidden_bbcode, "
    'a[href*="act=Attach"], a[href*="act=attach"]',
    author=_source,
)
_CELL = replace(_MARKUP, signature_lines=True)  # a cell with text, quotes and the signature side by side


@dataclass(frozen=True)
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand, best first."""

    id: str
    author: str
    dates: tuple[str, ...]
    body: LexborNode
    note: str


_MARKS = (
    '.post_block[id^="post_id_"], body#ipboard_body, .postcolor[id^="post-"], a[id^="tid-link-"], '
    'td.post1 .postcolor, td.post2 .postcolor, .postcolor[data-postid], a[title^="This topic was started"], '
    '#ipbwrapper a[href*="showforum="], #ipbwrapper a[href*="showtopic="], td.col_c_forum'
)


_BYTES = (b"ipboard_body", b"post_id_", b"showtopic=", b"tid-link-", b"showforum=", b"postcolor")


def recognise(page: Page) -> bool:
    """Its own ids; Forumotion borrows the wrapper, and version 4 is another program."""
    body = page.body
    if not any(mark in body for mark in _BYTES):
        return False
    if b"illiweb.com" in body or b"_userdata" in body or b"ipsApp" in body:
        return False
    return html(page).css_first(_MARKS) is not None


def topic(page: Page) -> Topic:
    """The posts of a topic's page."""
    at = _ipb.board(page)
    found = {post.id: post for post in (*_blocks(at.tree), *_tables(at.tree))}
    if not found and at.tree.css_first('a[id^="tid-link-"], a.topic_title, td.col_c_forum') is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this IP.Board page ({_message(at.tree) or seen(page)})")
    at = at.ordered([text for post in found.values() for text in post.dates])
    thread = _thread(at)
    script = _ipb.script(at)
    posts = tuple(_post(at, post, thread, script) for post in found.values())
    return Topic(posts, *thread, *_ipb.paging(at), NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, ".message.error", "p.message", ".errorwrap p", "#error p", ".error"))[:160]


def _blocks(tree: LexborHTMLParser) -> Iterator[_Found]:
    """Version 3: one block per post; hidden ones have no text."""
    for node in tree.css(".post_block"):
        anchor = node.css_first('a[id^="entry"]') if not node.attributes.get("id") else node
        told = anchor.attributes.get("id") or "" if anchor is not None else ""
        number = re.fullmatch(r"(?:post_id_|entry)([1-9]\d{0,14})", told, re.A)
        body = node.css_first(".entry-content, .post_body .post")
        if number is None or body is None:
            continue
        stamp = first(node, "abbr.published", ".posted_info", ".post_date")
        told = stamp.attributes.get("title") or "" if stamp is not None else ""
        edit = body.css_first(".edit")
        yield _Found(number[1], _author(node), (told, _posted(words(stamp))), body, words(edit))


def _posted(text: str) -> str:
    return re.sub(r"^(?:Posted|Geschrieben|Verfasst)\b:?\s*", "", text)


def _author(node: LexborNode) -> str:
    named = first(node, ".author [itemprop=name]", ".author a", ".author", "h3 [itemprop=name]", "h3 .fn")
    if named is not None and words(named):
        return words(named)
    heading = node.css_first("h3")
    aside = [words(part) for part in heading.css(".post_id, .ip, label")] if heading is not None else []
    text = words(heading)
    for part in filter(None, aside):
        text = text.replace(part, "", 1)
    return text.strip()


def _tables(tree: LexborHTMLParser) -> Iterator[_Found]:
    """Versions 1 and 2: the name and the date in one row, the text in the row after it."""
    known: set[str] = set()
    for text in tree.css(".postcolor"):
        table = _table(text)
        number = _number(text, table) if table is not None else ""
        if table is None or not number or number in known:
            continue
        known.add(number)
        named = table.css_first(".normalname, .unreg")
        yield _Found(number, words(named), tuple(_dates(named)), _cell(text), words(table.css_first(".edit")))


def _table(body: LexborNode) -> LexborNode | None:
    above = body.parent
    while above is not None and (above.tag != "table" or above.css_first(".normalname, .unreg") is None):
        above = above.parent
    return above


def _number(text: LexborNode, table: LexborNode) -> str:
    """A post's number, on its text or on the anchor before its name."""
    anchor = table.css_first('a[name^="entry"]')
    told = [text.attributes.get("id"), text.attributes.get("data-postid")]
    told += [anchor.attributes.get("name")] if anchor is not None else []
    found = (re.fullmatch(r"(?:post-|entry)?([1-9]\d{0,14})", name, re.A) for name in told if name)
    return next((one[1] for one in found if one), "")


def _cell(text: LexborNode) -> LexborNode:
    """Quotes cut a text of version 1 into parts: then the cell around all of them."""
    parts, part = 0, text.parent.child if text.parent is not None else None
    while part is not None:
        parts += part.tag == "div" and part.attributes.get("class") == "postcolor"
        part = part.next
    return text.parent if parts > 1 and text.parent is not None else text


def _dates(named: LexborNode | None) -> Iterator[str]:
    """The details beside the name; those below it are the author's own."""
    row = named.parent if named is not None else None
    while row is not None and row.tag != "tr":
        row = row.parent
    for details in row.css(".postdetails") if row is not None else ():
        yield re.sub(r"^#\d+\s", "", words(details))


def _post(at: Board, found: _Found, thread: tuple[str, str, str], script: str) -> Post:
    read = (at.instant(text) for text in found.dates)
    when, precision = next((one for one in read if one[0] is not None), (None, "unknown"))
    if when is None:
        raise ParseError(f"post {found.id}: date not understood {found.dates[:2]}", url=at.page.url)
    text, quotes = own_words(found.body, _CELL if found.body.tag == "td" else _MARKUP)
    edited = _EDITED.search(found.note)
    return Post(
        id=found.id,
        url=f"{script}?showtopic={thread[0]}&view=findpost&p={found.id}",
        text=text,
        author=found.author or None,
        published_at=when,
        date_precision=precision,
        edited_at=at.instant(edited[1])[0] if edited else None,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


# "Edited by Eva, 03 May 2013 - 10:15 AM."; "This post has been edited by Eva: May 3 2007, 10:15 AM"
_EDITED = re.compile(
    r"(?:[Ee]dited by .{1,80}?(?:[,:]| -| on)|[Bb]earbeitet von .{1,80}?(?:[,:]| -)|bearbeitet:)"
    r" ?(.{6,60}?)\.?$"
)
_TITLES = (
    *("h1.ipsType_pagetitle", "h1[itemprop=name]", ".ipsType_pagetitle", "h2.maintitle .main_topic_title"),
    *(".maintitle .topic-title", ".maintitle b", "h2.maintitle", ".maintitle"),
)
_OWN_LINKS = (
    'a[href*="findpost"], a[rel=bookmark], .pagination a[href], .pagelink a[href], a[href*="act=Track"], '
    'a[href*="act=Print"], a[href*="act=Forward"]'
)


def _thread(at: Board) -> tuple[str, str, str]:
    """The topic's number, address and title."""
    title = (
        words(first(at.tree, *_TITLES))
        or re.split(r" [-–] | \(Powered", words(at.tree.css_first("title")))[0]
    )
    links = [href(at.tree.css_first("link[rel=canonical]")), at.page.url]
    links += [href(link) for link in at.tree.css(_OWN_LINKS)]
    link = next((link for link in links if _ipb.topic_id(link)), "")
    hidden = at.tree.css_first('input[name="t"][value]')
    number = _ipb.topic_id(link) or (hidden.attributes.get("value") or "" if hidden is not None else "")
    if not number:
        return clean(at.page.url), clean(at.page.url), title
    return number, _ipb.topic_url(at, link, number), title


def listing(page: Page) -> Listing:
    """The topics of a forum's page, or of a search's results."""
    return _ipb.listing(page, NAME)


_OFFSET = re.compile(r"([?&;]st=|page__st__)(\d{1,9})")


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """The address of another page: pages count posts (`st=20`), in late versions themselves (`page-2`)."""
    found = _OFFSET.search(url)
    if found is None:
        return pages.nth_page(url, known, wanted)
    if known < 2 or int(found[2]) % (known - 1):
        return None
    offset = int(found[2]) // (known - 1) * (wanted - 1)
    return f"{url[: found.start()]}{found[1]}{offset}{url[found.end() :]}".partition("#")[0]


def version(page: Page) -> str:
    """2 and 3 are built differently; 2 also says it in its footer."""
    tree = html(page)
    said = re.search(r"\bv?(\d\.\d(?:\.\d+)?)\b", words(first(tree, ".copyright", "#copyright", "#gfooter")))
    if said:
        return said[1]
    return "3" if tree.css_first('body#ipboard_body, .post_block[id^="post_id_"]') is not None else "2"
