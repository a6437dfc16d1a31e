"""vBulletin 5 and 6: posts are nodes with a number, a date and a text of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant
from collectors.engines import _vbulletin
from collectors.engines._shown import Moment, classes, page_links
from collectors.links import clean, count, distinct, first, href, outermost, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "vbulletin5"


def _quoted(quote: LexborNode) -> str | None:
    return words(quote.css_first(".bbcode_postedby strong")) or None


_MARKUP = Markup(
    quotes=".bbcode_quote",
    attributions=".bbcode_postedby",
    drop=".bbcode_description, .b-post__edited, .post-signature, .b-post__attachments, .b-media, fieldset, "
    ".bbcode_expand_button, .js-comment-list, .link-preview",
    author=_quoted,
)
_POSTS = ".b-post[data-node-id]"
_STREAM = ".stream-view .b-post, .search-results .b-post, .search-results-widget .b-post"


def recognise(page: Page) -> bool:
    """Its blocks; topics are rows with a node's number."""
    if b"b-post" not in page.body and b"topic-item" not in page.body and b"vb-page" not in page.body:
        return False
    marks = f"{_POSTS}, tr.topic-item[data-node-id], body#vb-page-body, .forum-list-container"
    return html(page).css_first(marks) is not None


def topic(page: Page) -> Topic:
    """The posts of a topic's page, comments below posts included."""
    tree = html(page)
    nodes = outermost([node for node in tree.css(_POSTS) if _text(node) is not None])
    if nodes and tree.css_first(_STREAM) is not None:
        raise ParseError("these are posts of several threads, not a thread", url=page.url)
    if not nodes and tree.css_first("tr.topic-item") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not nodes:
        raise refusal(page, f"no posts on this vBulletin page ({_message(tree) or seen(page)})")
    thread = _thread(page, tree)
    when = _vbulletin.moment_of(page, [words(_stamp(node)) for node in nodes])
    posts = {post.id: post for node in nodes for post in _posts(page, node, when, thread)}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), thread[0], thread[1], thread[2], current, pages, next_url, NAME)


def _posts(page: Page, node: LexborNode, when: Moment, thread: tuple[str, str, str]) -> Iterator[Post]:
    yield _post(page, node, when, thread)
    for comment in node.css(f".b-comment[data-node-id], .js-comment-list {_POSTS}"):
        if comment.mem_id != node.mem_id and _text(comment) is not None:
            yield _post(page, comment, when, thread)


def _text(node: LexborNode) -> LexborNode | None:
    return first(node, ".js-post__content-text", ".b-post__content [itemprop=text]", ".b-comment__content")


def _stamp(node: LexborNode) -> LexborNode | None:
    return first(
        node, ".b-post__timestamp time", ".b-comment__timestamp time", "time[itemprop=dateCreated]", "time"
    )


def _published(node: LexborNode, when: Moment) -> Instant:
    """The node's own epoch, the attribute (in the board's zone), then what is shown."""
    stamp = _stamp(node)
    told = stamp.attributes.get("datetime") or "" if stamp is not None else ""
    for text in (node.attributes.get("data-node-publishdate") or "", told, words(stamp)):
        found = when.read(text)
        if found[0] is not None and found[1] != "day":
            return found
    return None, "unknown"


def _post(page: Page, node: LexborNode, when: Moment, thread: tuple[str, str, str]) -> Post:
    number, body = node.attributes.get("data-node-id") or "", _text(node)
    at, precision = _published(node, when)
    if at is None or body is None or not re.fullmatch(r"[1-9]\d{0,14}", number):
        raise ParseError(f"post {number}: date not understood", url=page.url)
    text, quotes = own_words(body, _MARKUP)
    edited = re.search(
        r";\s*(.*\d:\d\d(?:\s*[ap]m)?)|\((.*\d:\d\d.*?)\)", words(node.css_first(".b-post__edited")), re.I
    )
    names = (".b-userinfo .author a", ".b-userinfo .author", ".b-comment__author a", ".author a", ".author")
    return Post(
        id=number,
        url=f"{thread[1]}{'&' if '?' in thread[1] else '?'}p={number}#post{number}",
        text=text,
        author=words(first(node, *names)) or None,
        published_at=at,
        date_precision=precision,
        edited_at=when.read(edited[1] or edited[2])[0] if edited else None,
        title=thread[2],
        thread_id=thread[0],
        thread_url=thread[1],
        quotes=quotes,
    )


_TOPIC = re.compile(r"(https?://[^?#]*/(\d{1,12})-[^/?#]*?)(?:/page\d+)?/?(?:[?#]|$)")


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str, str]:
    """The topic's number, address and title."""
    title = words(first(tree, "h1.main-title", ".main-title", "h1.b-module__title", "h1", "title"))
    for link in (href(tree.css_first("link[rel=canonical]")), page.url):
        found = _TOPIC.match(clean(link, page.url))
        if found:
            return found[2], found[1], title
    node = tree.css_first("[data-topic-id], [data-node-topicid]")
    names = ("data-topic-id", "data-node-topicid")
    told = next(filter(None, (node.attributes.get(name) for name in names)), "") if node is not None else ""
    return told or clean(page.url), clean(page.url), title


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number and how many there are, in the root element or the row of pages."""
    root = tree.css_first("html")
    told = [
        _number(root.attributes.get(name)) if root is not None else 0
        for name in ("data-pagenum", "data-maxpages")
    ]
    links = page_links(
        (words(link), href(link)) for link in tree.css(".pagenav a[href], .js-pagenav a[href]")
    )
    shown = words(tree.css_first(".pagenav .js-pagenav-current-button, .pagenav a.primary, .pagenav .active"))
    current = told[0] or _number(shown) or 1
    total = _number(words(tree.css_first(".pagenav .pagetotal")))
    buttons = tree.css("link[rel=next], a[rel=next], a.right-arrow, .js-pagenav-next-button")
    leading = (href(node) for node in buttons if href(node).strip("#"))  # "#" on the last page
    following = next(leading, "") or links.get(current + 1, "")
    pages = max([current, told[1], total, *links])
    return current, pages, clean(following, page.url) or None if following else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, ".b-error__message", ".error-message", ".message"))[:200]


_BOARDS = "a.forum-title[href], a.subforum-title[href], .subforum-info a[href], .subforum-list a[href]"
_LISTS = ".topic-list-container, .forum-list-container, .conversation-list"


def listing(page: Page) -> Listing:
    """The topics of a channel's page or of a search; redirects of moved topics are left out."""
    tree = html(page)
    rows = [
        row for row in tree.css("tr.topic-item[data-node-id]") if "redirect" not in " ".join(classes(row))
    ]
    hits = [] if rows else outermost(tree.css(_STREAM))
    boards = distinct(clean(href(link), page.url) for link in tree.css(_BOARDS))
    if not rows and not hits and tree.css_first(_POSTS) is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not hits and not boards and tree.css_first(_LISTS) is None:
        raise refusal(page, f"no threads on the board's page ({_message(tree) or seen(page)})")
    when = _vbulletin.moment_of(page, [words(_last(row)) for row in reversed(rows)])
    found = [_row(page, one, when) for one in rows] + [_hit(page, one) for one in hits]
    threads: dict[str, ThreadRow] = {}
    for row in found:
        if row is not None:
            threads.setdefault(row.id, row)
    return Listing(tuple(threads.values()), _paging(page, tree)[2], boards, NAME, by_last_post=not hits)


def _last(row: LexborNode) -> LexborNode | None:
    return first(row, ".cell-lastpost .post-date", ".cell-lastpost time", ".lastpost .post-date")


def _row(page: Page, row: LexborNode, when: Moment) -> ThreadRow | None:
    link = first(row, "a.topic-title", ".cell-topic a.js-topic-title")
    address = clean(href(link), page.url)
    if not address:
        return None
    replies = count(words(first(row, ".cell-count .posts-count", ".posts-count")))
    pages = page_links((words(one), href(one)) for one in row.css(".pagenav a, .topic-pages a"))
    last = pages[max(pages)] if pages else href(row.css_first("a.go-to-last-post"))
    return ThreadRow(
        id=row.attributes.get("data-node-id") or address,
        url=address,
        title=words(link),
        last_post_at=when.read(words(_last(row)))[0],
        replies=replies,
        sticky="sticky" in classes(row),
        last_page_url=clean(last, page.url) or address if last else address,
    )


def _hit(page: Page, node: LexborNode) -> ThreadRow | None:
    """A post that a search found: the row of its topic."""
    for link in node.css("h2 a[href], .b-post__title a[href], .list-item-header a[href], a[href*='#post']"):
        address = clean(href(link), page.url)
        found = _TOPIC.match(address)
        if found and words(link):
            return ThreadRow(found[2], found[1], words(link), last_page_url=address)
    return None


def version(page: Page) -> str:
    """As the foot of the page says it."""
    said = re.search(rb"vBulletin(?:&reg;|\xc2\xae)?\s*(?:</a>)?\s*Version\s*([56](?:\.\d+)+)", page.body)
    return said[1].decode() if said else "5"
