"""Flarum, by its API's answers and by the same answers inside its pages (`flarum-json-payload`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from collectors.engines._answers import answer_of, record, records, text, whole
from collectors.engines._flarum import NAME, Document, post_of, stamp, thread_of
from collectors.links import clean, distinct, number, parameter
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of, refusal, seen
from listener.errors import ParseError
from listener.model import Post

_Json = Mapping[str, Any]
_PER_PAGE = 50  # the most that the API gives
_SHOWN = 20  # posts on a page


def recognise(page: Page) -> bool:
    """JSON:API with its types, or a page with its payload."""
    if is_json(page):
        return b'"data"' in page.body and _known(page)
    if b"flarum" not in page.body:
        return False
    return html(page).css_first("#flarum-json-payload, #flarum-loading, #flarum-content") is not None


def _known(page: Page) -> bool:
    answer = record(answer_of(page))
    data = answer.get("data")
    if data == []:
        return _EMPTY.search(page.url) is not None
    row = next(iter(records(data)), {}) if isinstance(data, list) else record(data)
    return bool(record(row.get("attributes")).keys() & _MARKS.get(text(row.get("type")), set()))


_EMPTY = re.compile(r"/api/(?:discussions|posts|tags)(?:\?|$)")
_MARKS = {
    "discussions": {"lastPostedAt", "commentCount", "lastTime", "commentsCount"},
    "posts": {"contentType", "contentHtml"},
    "tags": {"discussionCount", "slug"},
    "forums": {"baseUrl", "allowSignUp"},
}


def _document(page: Page) -> Document:
    """The API's answer, also where a page carries it for its own script."""
    if is_json(page):
        return Document(page, record(json_of(page)), _base(page))
    try:
        payload = record(_payload(html(page)))
    except (ValueError, RecursionError) as error:
        raise ParseError("the page's JSON is broken", url=page.url) from error
    answer = payload.get("apiDocument")
    if not isinstance(answer, dict):
        raise refusal(page, f"no posts on this Flarum page, ask its API ({seen(page)})")
    return Document(page, answer, _base(page))


def _payload(tree: LexborHTMLParser) -> Any:
    """What a page's script is given: an element of its own, or the argument of a call (older)."""
    node = tree.css_first("script#flarum-json-payload")
    if node is not None:
        return json.loads(node.text())
    for script in tree.css("script:not([src])"):
        before, call, given = script.text().partition("app.load(")
        if call and len(before) < _NEAR and given.lstrip()[:1] == "{":
            return json.JSONDecoder().raw_decode(given.lstrip())[0]
    return {}


_NEAR = 2000  # characters of a script before the call

_SECTIONS = re.compile(r"/(?:api|d|t|u|tags|all|following)(?=/|$)")


def _base(page: Page) -> str:
    """The address of the forum: what stands before /d/, /t/, /api/ and the like."""
    return _split(page.url)[0]


def _split(url: str) -> tuple[str, str]:
    """A forum's address and the path of a page of it."""
    parts = urlsplit(url)
    found = _SECTIONS.search(parts.path)
    folder, path = (
        (parts.path[: found.start()], parts.path[found.start() :]) if found else (parts.path.rstrip("/"), "")
    )
    return urlunsplit((parts.scheme, parts.netloc, folder, "", "")), path


def topic(page: Page) -> Topic:
    """The posts of a discussion (API or page), or the newest posts of the forum."""
    document = _document(page)
    data = document.answer.get("data")
    if isinstance(data, list):
        return _listed(page, document, records(data))
    if record(data).get("type") == "posts":
        return _one(page, document, [record(data)])
    if record(data).get("type") != "discussions":
        raise ParseError("this is not a discussion of Flarum's", url=page.url)
    return _shown(page, document, record(data))


def _listed(page: Page, document: Document, rows: list[_Json]) -> Topic:
    if rows and rows[0].get("type") != "posts":
        raise ParseError("this is a board, not a thread", url=page.url)
    if parameter(page.url, "filter[discussion]") is None:
        posts = _posts(document, rows)
        return Topic(posts, "", clean(page.url), "", 1, 1, _following(page, document), NAME)
    return _one(page, document, rows)


def _one(page: Page, document: Document, rows: list[_Json]) -> Topic:
    posts = _posts(document, rows)
    if not posts:
        raise ParseError("no posts in this answer", url=page.url)
    first, next_url = posts[0], _following(page, document)
    offset, limit = number(page.url, "page[offset]") or 0, number(page.url, "page[limit]") or _SHOWN
    current = offset // limit + 1 if limit else 1
    pages = current + (next_url is not None)
    return Topic(posts, first.thread_id, first.thread_url, first.title, current, pages, next_url, NAME)


def _posts(document: Document, rows: Iterable[_Json]) -> tuple[Post, ...]:
    """What people wrote: events (a new title, a new tag) are left out."""
    written = [row for row in rows if record(row.get("attributes")).get("contentType") == "comment"]
    return tuple({post.id: post for post in (post_of(document, row) for row in written)}.values())


def _following(page: Page, document: Document) -> str | None:
    """The next part of a list, if the answer says that there is one."""
    if not record(document.answer.get("links")).get("next"):
        return None
    offset, limit = number(page.url, "page[offset]") or 0, number(page.url, "page[limit]") or _SHOWN
    kept = [(key, value) for key, value in parse_qsl(urlsplit(page.url).query) if key != "page[offset]"]
    query = urlencode([*kept, ("page[offset]", offset + limit)])
    return urlsplit(page.url)._replace(query=query, fragment="").geturl()


def _shown(page: Page, document: Document, discussion: _Json) -> Topic:
    """A discussion with some of its posts included, as the pages have it."""
    thread = thread_of(document, discussion)
    listed = record(record(discussion.get("relationships")).get("posts")).get("data")
    ids = [text(one.get("id")) for one in records(listed)]
    rows = [row for key in ids if (row := document.included.get(("posts", key))) is not None]
    posts = _posts(document, rows)
    if not posts:
        raise ParseError("no posts in this discussion's answer, ask for its posts", url=page.url)
    pages = max(1, -(-len(ids) // _SHOWN))
    places = {key: place for place, key in enumerate(ids)}
    last = max(places[text(row.get("id"))] for row in rows)
    current = min(pages, number(page.url, "page") or last // _SHOWN + 1)
    is_whole = last >= len(ids) - 1
    next_url = None if is_whole else _next_shown(page, document, thread, current)
    return Topic(posts, thread[1], thread[2], thread[0], current, pages, next_url, NAME)


def _next_shown(page: Page, document: Document, thread: tuple[str, str, str], current: int) -> str:
    if is_json(page):
        return _posts_address(document.base, thread[1], current + 1, _SHOWN)
    return f"{thread[2]}?page={current + 1}"


def _posts_address(base: str, discussion: str, wanted: int, size: int = _PER_PAGE) -> str:
    asked = {"filter[discussion]": discussion, "filter[type]": "comment", "sort": "number"}
    return f"{base}/api/posts?{urlencode({**asked, **_part(wanted, size)})}"


def _part(wanted: int, size: int) -> dict[str, int]:
    return {"page[limit]": size, "page[offset]": (wanted - 1) * size}


def listing(page: Page) -> Listing:
    """The discussions of the forum or of a tag, by their last posts; a list of tags gives boards."""
    document = _document(page)
    data = document.answer.get("data")
    rows = records(data)
    kinds = {text(row.get("type")) for row in rows}
    if kinds == {"tags"}:
        return Listing((), None, distinct(_board(document, row) for row in rows), NAME)
    if not isinstance(data, list) or kinds - {"discussions"}:
        raise ParseError("this is a thread, not a board", url=page.url)
    unique = {row.id: row for one in rows if (row := _row(document, one)) is not None}
    by_last = (parameter(page.url, "sort") or "-lastPostedAt") == "-lastPostedAt"
    return Listing(tuple(unique.values()), _more(page, document), (), NAME, by_last_post=by_last)


def _more(page: Page, document: Document) -> str | None:
    if is_json(page):
        return _following(page, document)
    if not record(document.answer.get("links")).get("next"):
        return None
    kept = [(key, value) for key, value in parse_qsl(urlsplit(page.url).query) if key != "page"]
    query = urlencode([*kept, ("page", (number(page.url, "page") or 1) + 1)])
    return urlsplit(page.url)._replace(query=query, fragment="").geturl()


def _board(document: Document, row: _Json) -> str:
    slug = text(record(row.get("attributes")).get("slug"))
    return f"{document.base}/t/{slug}" if re.fullmatch(r"[\w.-]+", slug) else ""


def _row(document: Document, row: _Json) -> ThreadRow | None:
    has = record(row.get("attributes"))
    if whole(row.get("id")) <= 0 or has.get("isHidden") is True:
        return None
    title, thread_id, url = thread_of(document, row)
    comments = whole(has.get("commentCount") or has.get("commentsCount"))
    last: datetime | None = stamp(document.page, has.get("lastPostedAt") or has.get("lastTime"))[0]
    return ThreadRow(
        id=thread_id,
        url=url,
        title=title,
        last_post_at=last,
        replies=comments - 1 if comments else None,
        sticky=has.get("isSticky") is True or has.get("isStickiest") is True,
        last_page_url=_posts_address(document.base, thread_id, -(-comments // _PER_PAGE))
        if comments > _PER_PAGE
        else url,
    )


def data_address(url: str) -> str:
    """What to ask the API for a page: a discussion's posts, a tag's discussions, or those of the forum."""
    base, path = _split(url)
    if path.startswith("/api"):
        return url
    if found := re.match(r"/d/(\d{1,12})(?:-|/|$)", path):
        place = number(url, "page") or 1
        return _posts_address(base, found[1], place, _PER_PAGE if place == 1 else _SHOWN)
    asked = {"sort": "-lastPostedAt", "page[limit]": str(_PER_PAGE)}
    if found := re.match(r"/t/([^/]+)", path):
        asked["filter[tag]"] = found[1]
    if words := parameter(url, "q"):
        asked["filter[q]"] = words
    if (place := number(url, "page") or 1) > 1:
        asked |= {"page[limit]": str(_SHOWN), "page[offset]": str((place - 1) * _SHOWN)}
    return f"{base}/api/discussions?{urlencode(asked)}"


def latest_address(url: str) -> str | None:
    """The newest posts of the whole forum, where guests may see them; of a tag there is no such list."""
    base, _, query = data_address(url).partition("/api/discussions?")
    if not query or {"filter[tag]", "filter[q]"} & dict(parse_qsl(query)).keys():
        return None
    asked = {"filter[type]": "comment", "sort": "-createdAt", "page[limit]": _PER_PAGE}
    return f"{base}/api/posts?{urlencode(asked)}"


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """A part of a discussion's posts; the first one has no offset to count with."""
    discussion, base = number(url, "filter[discussion]"), _split(url)[0]
    if discussion is None:
        return None
    size = number(url, "page[limit]") or _SHOWN
    return _posts_address(base, str(discussion), max(1, wanted), size)
