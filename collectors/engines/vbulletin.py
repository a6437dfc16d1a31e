"""vBulletin 3 and 4: every post has its number in ids, whatever the style; addresses are often rewritten."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines import _vbulletin
from collectors.engines._shown import Moment, above, moment
from collectors.links import first, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "vbulletin"


def _quoted(quote: LexborNode) -> str | None:
    return words(quote.css_first(".bbcode_postedby strong")) or None


_MARKUP = Markup(
    quotes='.bbcode_quote, td.alt2[style*="inset"], div.panel.alt2[style*="inset"], .quotemain, '
    ".bbc-block > blockquote",
    attributions=".bbcode_postedby, .quotetop, .bbc-block > h4, "
    'td.alt2[style*="inset"] > div:has(> strong):not([style*="italic"]), '
    'div.panel.alt2[style*="inset"] > div:has(> strong):not([style*="italic"])',
    drop='.bbcode_description, div.smallfont[style*="margin-bottom"], label, .tapatalkSignatur, .lastedited, '
    ".signature, .attachments, fieldset, .editedby, ins.adsbygoogle, .bbcode_container .codehead",
    author=_quoted,
    signature_lines=True,
)
_BODIES = '[id^="post_message_"]'


def recognise(page: Page) -> bool:
    """Its ids of posts and of threads; two kinds of marks where only names of the program stand."""
    body = page.body
    if b"post_message_" in body or b"thread_title_" in body or b"threadbits_forum_" in body:
        return True
    if b"ulletin" not in body or b"b-post" in body or b"data-maxpages" in body:
        return False
    tree = html(page)
    made = tree.css_first(
        'meta[name=generator][content^="vBulletin 3"], meta[name=generator][content^="vBulletin 4"]'
    )
    return made is not None or tree.css_first("#vbulletin_html, #vbulletin_menu") is not None


@dataclass
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand, best first."""

    id: str
    author: str = ""
    dates: list[str] = field(default_factory=list)
    body: LexborNode | None = None
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a showthread page."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first('a[id^="thread_title_"]') is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this vBulletin page ({_vbulletin.message(tree) or seen(page)})")
    thread = _vbulletin.thread(page, tree)
    when = moment(page, (), [text for post in found for text in post.dates], fixed=True)
    posts = tuple(_post(page, post, when, thread) for post in found)
    current, pages, next_url = _vbulletin.paging(page, tree)
    return Topic(posts, thread.id, thread.url, thread.title, current, pages, next_url, NAME)


# Everything a post is made of, in the page's order.
_PARTS = (
    'li[id^="post_"], table[id^="post"], div[id^="post"], a[name^="post"], .postdate, .userinfo_extra dd, '
    ".username_container .username, .userinfo .username, a.bigusername, .bigusername, .lastedited, "
    'td[id^="td_post_"] > div.smallfont > em, .editedby'
)
_NUMBER = re.compile(r"post_?(?:menu_|message_)?([1-9]\d{0,14})$")


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts in the page's order; without a message there is none (ignored, deleted)."""
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        key = node.attributes.get("id") or node.attributes.get("name") or ""
        number = _NUMBER.match(key) if key.startswith("post") else None
        if number is not None:
            post = found.setdefault(number[1], _Found(number[1]))
        if post is not None:
            _take(post, node, key)
    return [post for post in found.values() if post.body is not None]


def _take(post: _Found, node: LexborNode, key: str) -> None:
    """One more part of a post."""
    kinds = node.attributes.get("class") or ""
    if key.startswith("post_message_"):
        post.body = post.body or node
    elif key.startswith("postmenu_"):
        post.author = post.author or _guest(node)
    elif "username" in kinds:
        post.author = words(node) or post.author
    elif node.tag == "em" or "edited" in kinds:
        post.note = post.note or words(node)
    elif post.body is None and (node.tag == "dd" or "postdate" in kinds):
        post.dates.append(words(node))
    elif post.body is None and node.tag == "a" and (cell := above(node, ("td", "div", "span"))) is not None:
        post.dates.append(words(cell))


def _guest(node: LexborNode) -> str:
    """A guest's name is the text itself; a member's is a link."""
    link = node.css_first("a.bigusername")
    if link is not None:
        return words(link)
    texts = (child.text_content or "" for child in node.iter(include_text=True) if child.is_text_node)
    return next((" ".join(text.split()) for text in texts if text.strip()), "")


def _read(when: Moment, text: str) -> Instant:
    return when.read(re.sub(r"\bUhr\b", "", text))


_EDITED = re.compile(r"\(([^()]*\d:\d\d[^()]*)\)|;\s*([^;]*?\d{4}[^;]*?\d:\d\d(?:\s*[ap]m)?)", re.I)


def _post(page: Page, found: _Found, when: Moment, thread: _vbulletin.Thread) -> Post:
    read = (_read(when, text) for text in found.dates)
    at, precision = next((one for one in read if one[0] is not None and one[1] != "day"), (None, "unknown"))
    if at is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.dates[:2]}", url=page.url)
    body = first(found.body, "blockquote.postcontent") or found.body
    text, quotes = own_words(body, _MARKUP)
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
    return _vbulletin.listing(page, tree, NAME)


def version(page: Page) -> str:
    """As the generator says it; else by the markup of the one or the other."""
    said = re.search(rb"vBulletin(?:&reg;|\xc2\xae|\xae)?(?:,)?\s*(?:Version\s*)?(\d(?:\.\d+)+)", page.body)
    if said:
        return said[1].decode()
    return "4" if html(page).css_first("#vbulletin_html, li.postcontainer, li.threadbit") is not None else "3"
