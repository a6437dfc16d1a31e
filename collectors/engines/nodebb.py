"""NodeBB, by its JSON (`/api/` before the path of each page) or its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import record, records, text, whole
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, Topic, decode, html, json_of, refusal, seen
from collectors.text import Markup, html_text, own_words, split_html
from listener.errors import ParseError
from listener.model import Post

NAME = "nodebb"
_SAID = ", ".join(
    f'p:has(> a[class*="plugin-mentions"]):lexbor-contains("{word}:" i):has(+ blockquote)'
    for word in ("said", "schrieb", "sagte", "wrote", "geschrieben")
)
_MARKUP = Markup(
    quotes="blockquote",
    attributions=f'p:has(> a[href*="/post/"]):has(+ blockquote), {_SAID}',
    drop='[component="post/signature"], .nodebb-plugin-link-preview, .embed-wrapper, .embed-responsive, '
    ".spoiler-header, .js-lazyYT, .post-embed",
)


def recognise(page: Page) -> bool:
    """Its keys in JSON, its components in HTML."""
    start = page.body.lstrip()[:1]
    if start in (b"{", b"["):
        return (b'"tid"' in page.body or b'"cid"' in page.body) and _known(json_of(page))
    return b"component=" in page.body and html(page).css_first(_MARKS) is not None


_MARKS = (
    '[component="post"][data-pid], [component="category/topic"][data-tid], [component="topic"][data-tid], '
    '[component="categories/category"][data-cid], [component="category"][data-nextstart]'
)


def _known(answer: Any) -> bool:
    if isinstance(answer, list):
        return bool(answer) and {"pid", "tid", "content"} <= record(answer[0]).keys()
    keys = record(answer).keys()
    is_topic = {"tid", "posts", "mainPid"} <= keys
    return is_topic or {"cid", "topics"} <= keys or {"topics", "nextStart"} <= keys or _has_categories(answer)


def _has_categories(answer: Any) -> bool:
    found = records(record(answer).get("categories"))
    return bool(found) and {"cid", "slug"} <= found[0].keys()


@dataclass(frozen=True)
class _Thread:
    """A topic's number, address and title."""

    id: str
    url: str
    title: str


def _base(page: Page) -> str:
    """The address of the forum: what stands before /topic/, /category/, /api/ and the like."""
    parts = urlsplit(page.url)
    found = _SECTIONS.search(parts.path)
    return urlunsplit((parts.scheme, parts.netloc, parts.path[: found.start()] if found else "", "", ""))


_SECTIONS = re.compile(
    r"/(?:api|topic|category|post|recent|unread|popular|top|tags|user|categories|search)(?=/|$)"
)


def _is_json(page: Page) -> bool:
    return decode(page).lstrip()[:1] in ("{", "[")


def topic(page: Page) -> Topic:
    """The posts of a topic's page, or the newest posts of the forum (`/api/recent/posts`)."""
    if not _is_json(page):
        return _shown(page)
    answer = json_of(page)
    if isinstance(answer, list):
        posts = [_of_answer(page, row, _thread(page, record(row.get("topic")))) for row in records(answer)]
        return Topic(tuple(posts), "", clean(page.url), "", 1, 1, None, NAME)
    if not isinstance(record(answer).get("posts"), list):
        raise ParseError(f"no posts in this answer ({', '.join(list(record(answer))[:8])})", url=page.url)
    thread = _thread(page, answer)
    found = (row for row in records(answer["posts"]) if text(row.get("type")) in ("", "post"))
    posts = [_of_answer(page, row, thread) for row in found]
    paging = record(answer.get("pagination"))
    current, pages = max(1, whole(paging.get("currentPage"))), max(1, whole(paging.get("pageCount")))
    next_url = f"{_base(page)}/api/topic/{thread.id}?page={current + 1}" if current < pages else None
    return Topic(tuple(posts), thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _thread(page: Page, row: Mapping[str, Any]) -> _Thread:
    number = whole(row.get("tid"))
    if not number:
        raise ParseError("a post without its topic's number", url=page.url)
    slug = text(row.get("slug")) or str(number)
    title = text(row.get("titleRaw")) or html_text(text(row.get("title")))
    return _Thread(str(number), f"{_base(page)}/topic/{slug}", " ".join(title.split()))


def _of_answer(page: Page, row: Mapping[str, Any], thread: _Thread) -> Post:
    number, content = whole(row.get("pid")), row.get("content")
    if not number or not isinstance(content, str):
        raise ParseError("a post without number or text", url=page.url)
    at, precision = _stamp(row.get("timestampISO") or row.get("timestamp"), page.at)
    if at is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    user, deleted = record(row.get("user")), bool(row.get("deleted"))
    own, quotes = ("", ()) if deleted else split_html(content, _MARKUP)
    return Post(
        id=str(number),
        url=f"{_base(page)}/post/{number}",
        text=own,
        author=text(user.get("username")) or text(row.get("handle")) or None,
        published_at=at,
        date_precision=precision,
        edited_at=_stamp(row.get("editedISO") or row.get("edited"), page.at)[0],
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
        deleted=deleted,
    )


def _stamp(value: Any, at: datetime) -> Instant:
    """An ISO instant or milliseconds; 0 and "" say that there is none."""
    known = str(value) if value and isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return instant(known, at, UTC) if known else (None, "unknown")


def _shown(page: Page) -> Topic:
    tree = html(page)
    nodes = tree.css('[component="post"][data-pid]')
    if not nodes and tree.css_first('[component="category/topic"]') is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not nodes:
        raise refusal(page, f"no posts on this NodeBB page ({seen(page)})")
    thread = _shown_thread(page, tree)
    posts = {post.id: post for node in nodes if (post := _of_node(page, node, thread)) is not None}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _shown_thread(page: Page, tree: LexborHTMLParser) -> _Thread:
    node = tree.css_first('[component="topic"][data-tid]')
    number = (node.attributes.get("data-tid") or "") if node is not None else ""
    links = (href(tree.css_first("link[rel=canonical]")), page.url)
    named = (re.search(r"^(.*?/topic/(\d{1,15})(?:/[^/?#]+)?)", clean(link, page.url)) for link in links)
    found = next((one for one in named if one and number in ("", one[2])), None)
    number = number or (found[2] if found else "")
    url = found[1] if found else f"{_base(page)}/topic/{number}"
    title = words(first(tree, '[component="topic/title"]', "h1", "title"))
    return _Thread(number or url, url, title)


def _of_node(page: Page, node: LexborNode, thread: _Thread) -> Post | None:
    """A post as its element has it; rows of deleted posts show no text."""
    has = node.attributes
    number, body = has.get("data-pid") or "", node.css_first('[component="post/content"]')
    if not re.fullmatch(r"[1-9]\d{0,14}", number) or body is None:
        return None
    at, precision = _stamp(has.get("data-timestamp"), page.at)
    if at is None:
        told = node.css_first("meta[itemprop=datePublished], .timeago[title]")
        at, precision = _stamp(_told(told), page.at)
    if at is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    own, quotes = own_words(body, _MARKUP)
    deleted = "deleted" in (has.get("class") or "").split()
    edited = node.css_first('[component="post/editor"] .timeago, meta[itemprop=dateModified]')
    return Post(
        id=number,
        url=f"{_base(page)}/post/{number}",
        text="" if deleted else own,
        author=has.get("data-username") or words(node.css_first("a[data-username]")) or None,
        published_at=at,
        date_precision=precision,
        edited_at=_stamp(_told(edited), page.at)[0],
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=() if deleted else quotes,
        deleted=deleted,
    )


def _told(node: LexborNode | None) -> str:
    has = node.attributes if node is not None else {}
    return has.get("content") or has.get("title") or ""


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    links = tree.css('[component="pagination"] [data-page]')
    numbers = [whole(link.attributes.get("data-page")) for link in links]
    active = first(tree, '[component="pagination"] li.active [data-page]', '[component="pagination"] .active')
    current = whole(active.attributes.get("data-page")) if active is not None else 0
    following = href(tree.css_first('link[rel=next], [component="pagination"] li.next:not(.disabled) a'))
    current = max(1, current)
    return current, max([current, *numbers]), clean(following, page.url) or None if following else None


def listing(page: Page) -> Listing:
    """The topics of a category, of the whole forum or of a search; categories are boards."""
    return _listed(page) if _is_json(page) else _shown_listing(page)


def _listed(page: Page) -> Listing:
    answer = record(json_of(page))
    rows = records(answer.get("topics"))
    below = [*records(answer.get("children")), *records(answer.get("categories"))]
    boards = distinct(_board(page, row) for row in below)
    if not boards and not isinstance(answer.get("topics"), list):
        raise ParseError(f"no list of topics in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    threads = [_row(page, row) for row in rows if whole(row.get("tid")) and not row.get("deleted")]
    paging = record(answer.get("pagination"))
    current, pages = whole(paging.get("currentPage")), whole(paging.get("pageCount"))
    path = urlsplit(data_address(page.url))._replace(query=f"page={current + 1}", fragment="")
    return Listing(tuple(threads), path.geturl() if current < pages else None, boards, NAME)


def _board(page: Page, row: Mapping[str, Any]) -> str:
    slug = text(row.get("slug"))
    return f"{_base(page)}/category/{slug}" if slug and not row.get("link") else ""


def _row(page: Page, row: Mapping[str, Any]) -> ThreadRow:
    thread, posts = _thread(page, row), whole(row.get("postcount"))
    return ThreadRow(
        id=thread.id,
        url=thread.url,
        title=thread.title,
        last_post_at=_stamp(row.get("lastposttimeISO") or row.get("lastposttime"), page.at)[0],
        replies=posts - 1 if posts else None,
        sticky=bool(row.get("pinned")),
        last_page_url=f"{thread.url}?page={-(-posts // _PER_PAGE)}" if posts > _PER_PAGE else thread.url,
    )


_PER_PAGE = 20


def _shown_listing(page: Page) -> Listing:
    tree = html(page)
    rows = tree.css('[component="category/topic"][data-tid]')
    links = tree.css('[component="categories/category"] .title a, [component="categories/category"] h2 a')
    boards = distinct(clean(href(link), page.url) for link in links if "/category/" in href(link))
    if not rows and tree.css_first('[component="post"][data-pid]') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and not boards and tree.css_first('[component="category"]') is None:
        raise refusal(page, f"no topics on this NodeBB page ({seen(page)})")
    threads = [found for row in rows if (found := _shown_row(page, row)) is not None]
    return Listing(tuple(threads), _paging(page, tree)[2], boards, NAME)


def _shown_row(page: Page, row: LexborNode) -> ThreadRow | None:
    link = first(row, '[component="topic/header"] a[href*="/topic/"]', 'a[href*="/topic/"]')
    found = re.match(r"(.*?/topic/\d+(?:/[^/?#]+)?)", clean(href(link), page.url))
    if link is None or not found:
        return None
    stamps = [at for node in row.css(".timeago[title]") if (at := _stamp(_told(node), page.at)[0])]
    posts = row.css_first('.stats-postcount [title], [component="topic/post-count"], .stats-postcount')
    known = count(_told(posts) or words(posts)) if posts is not None else None
    return ThreadRow(
        id=row.attributes.get("data-tid") or "",
        url=found[1],
        title=words(link),
        last_post_at=max(stamps, default=None),
        replies=known - 1 if known else None,
        sticky="pinned" in (row.attributes.get("class") or "").split(),
        last_page_url=f"{found[1]}?page={-(-known // _PER_PAGE)}"
        if known and known > _PER_PAGE
        else found[1],
    )


def data_address(url: str) -> str:
    """The JSON of a page: its path after `/api`; of the start page the topics with the newest posts."""
    parts = urlsplit(url)
    if re.search(r"/api(?:/|$)", parts.path):
        return url
    found = _SECTIONS.search(parts.path)
    folder = parts.path[: found.start()] if found else parts.path.rstrip("/")
    path = f"{folder}/api{parts.path[found.start() :]}" if found else f"{folder}/api/recent"
    shorter = re.sub(r"(/topic/\d+/[^/]+)/\d+$", r"\1", path.rstrip("/"))  # the place of a post on its page
    return urlunsplit((parts.scheme, parts.netloc, shorter, parts.query, ""))


def latest_address(url: str) -> str | None:
    """The newest posts of the whole forum, for its start page; of a single category there is no such list."""
    asked = data_address(url)
    return asked.replace("/api/recent", "/api/recent/posts") if re.search(r"/api/recent/?$", asked) else None


def version(page: Page) -> str:
    """NodeBB does not say it to guests; its footer's link may."""
    said = re.search(rb"NodeBB(?:</a>)?\s+v?(\d+\.\d+(?:\.\d+)?)", page.body)
    return said[1].decode() if said else ""
