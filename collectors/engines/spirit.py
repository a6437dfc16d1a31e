"""Spirit (django-spirit), new and old markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import instant
from collectors.links import clean, count, distinct, first, folder, href, number, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from collectors.zones import page_zone
from listener.errors import ParseError
from listener.model import Post, Quote

NAME = "spirit"
_PER_PAGE = 20


_MARKUP = Markup(attributions="", drop=".comment__text__poll, .comment-poll, poll, .video")
_MARKS = (
    ".comments_list__comment[data-pk], .comments_list__item[data-pk], .layout__topics, "
    'script[src*="spirit/scripts/"], link[href*="spirit/stylesheets/"]'
)


def recognise(page: Page) -> bool:
    """The names of its parts, or of its scripts and styles."""
    if b"spirit/" not in page.body and b"comments_list__" not in page.body:
        return False
    return html(page).css_first(_MARKS) is not None


_POSTS = ".comments_list__comment[data-pk], .comments > .comment[data-pk]"
_REMOVED = ".comments_list__item[data-pk]"
_DATES = ".comment__info__date li[title], .comment-date li[title]"
_NAMES = ".comment__info__username__link span, .comment-username a.username"
_BODIES = ".js-comment-text, .comment-text"
Parts = Mapping[int, LexborNode]


def topic(page: Page) -> Topic:
    """The comments of a topic; what moderators did (moved, closed) and removed comments are left out."""
    tree = html(page)
    nodes = [node for node in tree.css(_POSTS) if "is-highlighted" not in _classes(node)]
    removed = [node for node in tree.css(_REMOVED) if node.css_first(".fa-trash-o") is not None]
    title, thread_id, thread_url = _thread(page, tree)
    thread = (title, thread_id, thread_url)
    found = {post.id: post for post in _comments(page, tree, nodes, thread)}
    if not found:  # a page of nothing but removed comments is a page all the same
        found = {post.id: post for post in _removed(page, removed, thread)}
    if not found and tree.css_first(_ROWS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this Spirit page ({_message(tree) or seen(page)})")
    current, pages = _paging(page, tree)
    next_url = f"{thread_url}?page={current + 1}" if current < pages else None
    return Topic(tuple(found.values()), thread_id, thread_url, title, current, pages, next_url, NAME)


def _classes(node: LexborNode) -> str:
    return node.attributes.get("class") or ""


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, ".layout h1", "h1"))[:120]


def _parts(tree: LexborHTMLParser, selector: str, posts: Iterable[LexborNode]) -> Parts:
    """The first node that the selector finds in each post."""
    known = {post.mem_id for post in posts}
    found: dict[int, LexborNode] = {}
    for node in tree.css(selector):
        above = node.parent
        while above is not None and above.mem_id not in known:
            above = above.parent
        if above is not None:
            found.setdefault(above.mem_id, node)
    return found


def _comments(
    page: Page, tree: LexborHTMLParser, nodes: list[LexborNode], thread: tuple[str, str, str]
) -> Iterator[Post]:
    stamps, names, bodies = (_parts(tree, selector, nodes) for selector in (_DATES, _NAMES, _BODIES))
    zone = page_zone(page, [(stamp.attributes.get("title") or "", words(stamp)) for stamp in stamps.values()])
    title, thread_id, thread_url = thread
    for node in nodes:
        name, body, stamp = (parts.get(node.mem_id) for parts in (names, bodies, stamps))
        if name is None and stamp is None:
            continue  # the place of a removed comment, in old versions
        id_ = _id(page, node)
        when, precision = instant(
            stamp.attributes.get("title") or "" if stamp is not None else "", page.at, zone
        )
        if when is None or body is None:
            raise ParseError(f"post {id_}: date not understood or no text", url=page.url)
        text, quotes = own_words(body, _MARKUP)
        yield Post(
            id=id_,
            url=_permalink(thread_url, id_),
            text=text,
            author=words(name) or None,
            published_at=when,
            date_precision=precision,
            title=title,
            thread_id=thread_id,
            thread_url=thread_url,
            quotes=tuple(_attributed(quote) for quote in quotes),
        )


def _attributed(quote: Quote) -> Quote:
    """A quotation made with the button begins with a line "@name", a link or not."""
    first_line, _, rest = quote.text.partition("\n")
    named = re.fullmatch(r"@(\S{1,100})", first_line)
    return Quote(rest.strip(), named[1]) if named and quote.author is None else quote


def _id(page: Page, node: LexborNode) -> str:
    id_ = node.attributes.get("data-pk") or ""
    if not (id_.isascii() and id_.isdigit()):
        raise ParseError(f"a post without its id ({id_[:20]!r})", url=page.url)
    return id_


def _permalink(thread_url: str, id_: str) -> str:
    return f"{_base(thread_url)}/comment/{id_}/find/"


def _base(url: str) -> str:
    """The address of the forum, without the slash at its end."""
    return folder(url, _SECTIONS)


_SECTIONS = re.compile(r"/(?:topic|category|comment|search|user)/")


def _removed(page: Page, nodes: list[LexborNode], thread: tuple[str, str, str]) -> Iterator[Post]:
    """What the places of removed comments still tell: id, author and instant."""
    spans = [(node, node.css_first("span[title]")) for node in nodes]
    shown = [(span.attributes.get("title") or "", words(span)) for _, span in spans if span is not None]
    zone = page_zone(page, shown)
    title, thread_id, thread_url = thread
    for node, span in spans:
        id_ = _id(page, node)
        when, precision = instant(
            (span.attributes.get("title") or "") if span is not None else "", page.at, zone
        )
        if when is None:
            raise ParseError(f"post {id_}: date not understood", url=page.url)
        yield Post(
            id=id_,
            url=_permalink(thread_url, id_),
            text="",
            author=words(node.css_first('a[href*="/user/"]')) or None,
            published_at=when,
            date_precision=precision,
            title=title,
            thread_id=thread_id,
            thread_url=thread_url,
            deleted=True,
        )


_TOPIC = re.compile(r"(.*?)/topic/(\d{1,12})/(?:[^/]+/)?")


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str, str]:
    """The topic's title, number and address: the page's own, or that of the links to log in and to answer."""
    title = words(tree.css_first("h1.headline")) or words(tree.css_first("title")).rpartition(" - ")[0]
    for link in _candidates(page, tree):
        found = _TOPIC.fullmatch(urlsplit(link).path)
        if found:
            return title, found[2], clean(link.partition("?")[0])
    reply = href(tree.css_first('a[href*="/comment/"][href$="/publish/"]'))
    number_ = re.search(r"/comment/(\d{1,12})/publish/", reply)
    return title, number_[1] if number_ else "", clean(page.url)


def _candidates(page: Page, tree: LexborHTMLParser) -> Iterator[str]:
    yield clean(page.url)
    log_in = href(tree.css_first('a[href*="/user/login/?next="]'))
    for path in parse_qs(urlsplit(log_in).query).get("next", []):
        yield clean(path, page.url)


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int]:
    """The page's number and how many there are: "Seite 2 von 3" in any language."""
    numbers = re.findall(r"\d{1,7}", words(first(tree, ".paginator__pages", ".paginator-pages")))
    if len(numbers) == 2:
        return int(numbers[0]), int(numbers[1])
    shown = words(tree.css_first(".paginator__button > span"))
    here = (
        int(shown)
        if shown.isascii() and shown.isdigit() and len(shown) < 8
        else number(page.url, "page") or 1
    )
    return here, max([here, *_linked(page, tree)])


def _linked(page: Page, tree: LexborHTMLParser) -> dict[int, str]:
    """The other pages that the page links to, by number."""
    links = (clean(href(link), page.url) for link in tree.css(".paginator a[href]"))
    return {found: link for link in links if (found := number(link, "page"))}


_ROWS = ".layout__topics, .rows > .row"
_LISTED = ".layout__topics__topic, .rows > .row"
_LINK = "a.topic__link, a.row-link"


def listing(page: Page) -> Listing:
    """The topics of a category, which holds those of the categories below, or of all; or of a search."""
    tree = html(page)
    rows = tree.css(_LISTED)
    if tree.css_first(_POSTS) is not None or tree.css_first(_REMOVED) is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and tree.css_first(".layout__topics, .rows") is None:
        raise refusal(page, f"no topics on this Spirit page ({_message(tree) or seen(page)})")
    parts = [(row, row.css_first(".topic__date[title], .row-info div[title]")) for row in rows]
    shown = [(stamp.attributes.get("title") or "", words(stamp)) for _, stamp in parts if stamp is not None]
    zone = page_zone(page, shown)
    threads = (_row(page, row, stamp, zone) for row, stamp in parts)
    unique = {thread.id: thread for thread in threads if thread is not None}
    following = _linked(page, tree).get(_paging(page, tree)[0] + 1)
    is_search = urlsplit(clean(page.url)).path.endswith("/search/")
    return Listing(tuple(unique.values()), following, _boards(page, tree), NAME, by_last_post=not is_search)


def _row(page: Page, row: LexborNode, stamp: LexborNode | None, zone: tzinfo) -> ThreadRow | None:
    """A topic; the address of its last page is reckoned with the usual number of comments per page."""
    link = row.css_first(_LINK)
    url = clean(href(link), page.url).partition("?")[0]
    found = _TOPIC.fullmatch(urlsplit(url).path)
    if not found:
        return None
    comments = count(words(first(row, ".topic__comments", ".row-info div:has(.fa-comment)")))
    pages = -(-(comments or 1) // _PER_PAGE)
    at = instant(stamp.attributes.get("title") or "", page.at, zone)[0] if stamp is not None else None
    return ThreadRow(
        id=found[2],
        url=url,
        title=words(link),
        last_post_at=at,
        replies=comments - 1 if comments else None,
        sticky=row.css_first(".fa-thumb-tack") is not None,
        last_page_url=f"{url}?page={pages}" if pages > 1 else url,
    )


def _boards(page: Page, tree: LexborHTMLParser) -> tuple[str, ...]:
    """The categories on the page of all topics, where a category may keep its own out of the list."""
    new = urlsplit(href(first(tree, ".menu__new_topic a[href]", ".new-topic a[href]"))).path
    if not new.endswith("/topic/publish/"):
        return ()
    links = tree.css("a.menu_list__link[href], a.menu-link[href]")
    return distinct(clean(href(link), page.url) for link in links if "/category/" in href(link))
