"""vBulletin 3 and 4: every post has its number in ids, whatever the style; addresses are often rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines import _vbulletin, _vbulletin_board
from collectors.engines._shown import Moment, above, lines
from collectors.links import first, words
from collectors.reading import Listing, Page, Topic, html
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "vbulletin"


_SAID = re.compile(
    r"posted by|zitat von|beitrag von|geschrieben von|message de|escrito por|iniciado por|сообщение от"
    r"|scritta da|scritto da|geplaatst door|napisa",
    re.I,
)


def _quoted(quote: LexborNode) -> str | None:
    """The name is the only bold word of the line that says whose words they are."""
    name = quote.css_first(".bbcode_postedby strong")
    if name is None:
        names = (node for node in quote.css("div > strong") if node.parent is not None)
        name = next((node for node in names if _SAID.search(words(node.parent))), None)
    return words(name) or None


# Version 3: a box with a label above it ("Zitat:", "Code:"), the words in a table, a panel or bare.
_BOX = 'div[style*="margin"]:has(> div.smallfont[style*="margin-bottom"])'
_CODE = (
    ":has(> pre, > div > code, > div > pre, > div.smallfont > input, > div.smallfont > a, "
    "> div > div[style*=none])"
)
_SAYING = ':has(> strong):not([style*="italic"])'
_INSET = ('td.alt2[style*="inset"]', 'div.panel.alt2[style*="inset"]')
_MARKUP = Markup(
    quotes=f".bbcode_quote, {_BOX}:not({_CODE}), {', '.join(_INSET)}, .quotemain, .bbc-block > blockquote",
    attributions=".bbcode_postedby, .quotetop, .bbc-block > h4, "
    + ", ".join(f"{box} > div{_SAYING}" for box in (*_INSET, _BOX)),
    drop='.bbcode_description, div.smallfont[style*="margin-bottom"], label, .tapatalkSignatur, .lastedited, '
    ".signature, .hiddencontent, .attachments, fieldset, .editedby, ins.adsbygoogle, "
    '.bbcode_container .codehead, a[href*="attachmentid="]',
    author=_quoted,
    signature_lines=True,
)
# Version 3.0 has no node of its own for a message: its cell holds the title, the note and the buttons too.
_CELL = replace(
    _MARKUP,
    drop=f"{_MARKUP.drop}, div.smallfont:has(> strong), div.smallfont:has(em), div[align=right]",
)


def recognise(page: Page) -> bool:
    """Its ids of posts and of threads; where only its own scripts and style sheets stand, those."""
    body = page.body
    if any(mark in body for mark in _MARKS):
        return True
    if b"ulletin" not in body or b"data-node-id=" in body or b"vb-page-body" in body:
        return False
    return html(page).css_first(_TRACES) is not None


_MARKS = (
    b'id="post_message_',
    b"id='post_message_",
    b'id="thread_title_',
    b"id='thread_title_",
    b"threadbits_forum_",
    b'id="td_post_',
)
_TRACES = (
    'meta[name=generator][content^="vBulletin 3"], meta[name=generator][content^="vBulletin 4"], '
    '#vbulletin_html, script[src*="vbulletin_global.js"], script[src*="vbulletin-core.js"]'
)


@dataclass
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand, best first."""

    id: str
    node: LexborNode
    author: str = ""
    dates: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)  # beside the author, where the day of joining stands too
    body: LexborNode | None = None
    cell: LexborNode | None = None
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a showthread page."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first('a[id^="thread_title_"]') is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise _vbulletin.refused(page, tree, "no posts on this vBulletin page")
    thread = _vbulletin.thread(page, tree)
    when = _vbulletin.moment_of(page, [text for post in found for text in post.dates])
    posts = tuple(_post(page, post, when, thread) for post in found)
    current, pages, next_url = _vbulletin.paging(page, tree)
    return Topic(posts, thread.id, thread.url, thread.title, current, pages, next_url, NAME)


# Everything a post is made of, in the page's order.
_PARTS = (
    '[id^="post"], a[name^="post"], .thead, .postdate, .userinfo_extra dd, .posthead time, '
    '[itemprop^="date"], .username, .bigusername, .lastedited, '
    '[id^="td_post_"], [id^="td_post_"] > div.smallfont > em, .editedby'
)
_NUMBER = re.compile(r"post_?(?:menu_|message_)?([1-9]\d{0,14})$")
_CLOCK = re.compile(r"\d:\d\d|\bago\b|\bvor\b", re.I)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts in the page's order; without a message there is none (ignored, deleted)."""
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        key = node.attributes.get("id") or node.attributes.get("name") or ""
        number = _NUMBER.match(key) if key.startswith("post") else None
        if number is not None:
            post = found.setdefault(number[1], _Found(number[1], node))
        if post is not None:
            _take(post, node, key)
    posts = [post for post in found.values() if post.body is not None]
    if not posts:
        posts = [post for post in found.values() if post.cell is not None]
    for post in posts:
        _complete(post)
    return posts


def _take(post: _Found, node: LexborNode, key: str) -> None:
    """One more part of a post."""
    kinds = node.attributes.get("class") or ""
    if key.startswith("post_message_"):
        post.body = post.body or node
    elif key.startswith("td_post_"):
        post.cell = post.cell or node
    elif key.startswith("postmenu_"):
        post.author = post.author or _member(node)
    elif "username" in kinds:
        post.author = post.author or words(node)
    elif node.tag == "em" or "edited" in kinds:
        post.note = post.note or words(node)
    elif post.body is None and (node.tag == "dd" or "userinfo" in kinds):
        post.other.append(words(node)[:60])
    elif post.body is None:
        post.dates += filter(None, _shown(node, kinds))


def _shown(node: LexborNode, kinds: str) -> Iterator[str]:
    """What may be the date: the text after the post's anchor, else all of its cell."""
    if node.tag == "a":
        yield _after(node)
        yield words(above(node, ("td", "div", "span", "li")))[:200]
    elif node.tag == "time" or "thead" in kinds or "postdate" in kinds or node.attributes.get("itemprop"):
        yield words(node)[:200]


def _after(anchor: LexborNode) -> str:
    """The text beside an anchor, as far as the next link or block."""
    texts: list[str] = []
    node = anchor.next
    while node is not None and node.tag not in ("a", "div", "td", "table", "br"):
        texts.append(
            words(node) if node.is_element_node else (node.text_content or "") if node.is_text_node else ""
        )
        node = node.next
    return " ".join(" ".join(texts).split())


def _complete(post: _Found) -> None:
    """What stands beside the author, and a name where none has the usual mark."""
    post.dates += [text for text in post.other if _CLOCK.search(text)]
    if not post.author:
        post.author = words(first(_block(post), '[itemprop="author"]', 'a[href*="member"]', ".postauthor"))


_NEAR = 3  # levels; farther up stands what belongs to the page


def _block(post: _Found) -> LexborNode:
    """The node with the post's number around its message, else the largest near one with no other message."""
    block = outer = post.body or post.cell or post.node
    for level in range(12):
        if (around := outer.parent) is None:
            break
        outer = around
        if outer.mem_id == post.node.mem_id:
            return outer
        if level < _NEAR and len(outer.css('[id^="post_message_"]')) < 2:
            block = outer
    return block


def _member(node: LexborNode) -> str:
    """A member's name is a link; a guest's is the text itself."""
    link = first(node, "a.bigusername", ".bigusername", ".username")
    if link is not None and words(link):
        return words(link)
    texts = (child.text_content or "" for child in node.iter(include_text=True) if child.is_text_node)
    own = next((" ".join(text.split()) for text in texts if text.strip()), "")
    return own or next((name for link in node.css("a[href]") if (name := words(link))), "")


def _read(when: Moment, text: str) -> Instant:
    return when.read(re.sub(r"\bUhr\b", "", text))


_EDITED = re.compile(r"\(([^()]*\d:\d\d[^()]*)\)|;\s*([^;]*?\d:\d\d(?:\s*[ap]m\b)?)", re.I)


def _published(found: _Found, when: Moment) -> Instant:
    """The first of the places that names an instant; a board may show days only."""
    read = (_read(when, text) for text in _places(found))
    return next((one for one in read if one[0] is not None), (None, "unknown"))


def _places(found: _Found) -> Iterator[str]:
    """Where the instant may stand, at last in any line before the message."""
    yield from found.dates
    yield from (line for line in lines(_block(found), until=found.body or found.cell) if _CLOCK.search(line))


def _post(page: Page, found: _Found, when: Moment, thread: _vbulletin.Thread) -> Post:
    at, precision = _published(found, when)
    body = found.body or found.cell
    if at is None or body is None:
        raise ParseError(f"post {found.id}: date not understood {found.dates[:2]}", url=page.url)
    inner = first(body, "blockquote.postcontent")
    text, quotes = own_words(inner or body, _MARKUP if found.body is not None else _CELL)
    note = _EDITED.search(found.note)
    return Post(
        id=found.id,
        url=thread.permalink(found.id),
        text=text,
        author=found.author or None,
        published_at=at,
        date_precision=precision,
        edited_at=_read(when, note[1] or note[2])[0] if note else None,
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
    )


def listing(page: Page) -> Listing:
    """The threads of a forumdisplay page or of a search; rows of threads that moved away are left out."""
    tree = html(page)
    if tree.css_first('a[id^="thread_title_"]') is None and _posts(tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    return _vbulletin_board.listing(page, tree, NAME)


_FILES = re.compile(rb"\.js\?v=([34])(\d)(\d\d?)[\"'&]")


def version(page: Page) -> str:
    """As the generator says it, or its scripts' addresses; else by the markup of the one or the other."""
    said = re.search(rb"vBulletin(?:&reg;|\xc2\xae|\xae)?(?:,)?\s*(?:Version\s*)?(\d(?:\.\d+)+)", page.body)
    if said:
        return said[1].decode()
    named = _FILES.search(page.body)
    if named:
        return b".".join(named.groups()).decode()
    return "4" if html(page).css_first("#vbulletin_html, li.postcontainer, li.threadbit") is not None else "3"
