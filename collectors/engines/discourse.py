"""Discourse, by its JSON: topics, latest posts, single posts, lists of topics and categories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from collectors.dates import instant
from collectors.engines._answers import answer_of, whole
from collectors.links import clean, folder, number, with_parameters
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of, refusal, seen
from collectors.text import Markup, html_text, split_html
from listener.errors import ParseError
from listener.model import Post

NAME = "discourse"
_Json = Mapping[str, Any]
_PER_PAGE = 20


def _quoted_user(quote: LexborNode) -> str | None:
    return (quote.attributes.get("data-username") or "").strip() or None


_MARKUP = Markup(
    quotes="aside.quote, blockquote",
    attributions="aside.quote > .title",
    drop="aside.onebox, .onebox-result, .onebox-metadata, .poll, .lightbox-wrapper .meta, "
    ".image-wrapper .meta, .video-container, .youtube-onebox, .lazy-video-container, "
    ".footnotes-sep, details.elided",
    author=_quoted_user,
)


def recognise(page: Page) -> bool:
    """JSON with Discourse's keys, or its HTML page."""
    if is_json(page):
        return _known(answer_of(page))
    if b"iscourse" not in page.body:
        return False
    tree = html(page)
    generator = tree.css_first('meta[name=generator][content^="Discourse"]')
    return (
        generator is not None or tree.css_first("meta[name=discourse_theme_id], #data-preloaded") is not None
    )


def _known(answer: Any) -> bool:
    keys = {"post_stream", "latest_posts", "topic_list", "category_list", "grouped_search_result"}
    return isinstance(answer, dict) and (
        bool(keys & answer.keys()) or {"cooked", "post_number"} <= answer.keys()
    )


def topic(page: Page) -> Topic:
    """The posts of a topic's answer, of `posts.json` or of a single post; from HTML what is preloaded."""
    answer = _answer(page)
    if isinstance(answer.get("latest_posts"), list):
        return _latest(page, answer["latest_posts"])
    stream = answer.get("post_stream")
    rows = stream.get("posts") if isinstance(stream, dict) else [answer] if "cooked" in answer else None
    if not isinstance(rows, list) or not rows:
        raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    title, thread_id, thread_url = _thread(page, answer, rows)
    ids = stream.get("stream") if isinstance(stream, dict) else None
    current, pages, next_url = _paging(
        page, answer, _ids(rows), ids if isinstance(ids, list) else [], thread_id
    )
    return Topic(_posts(page, rows, answer), thread_id, thread_url, title, current, pages, next_url, NAME)


def _answer(page: Page) -> _Json:
    if is_json(page):
        answer = json_of(page)
        if isinstance(answer, dict):
            return answer
    return _preloaded(page)


def _preloaded(page: Page) -> _Json:
    """The JSON that Discourse's HTML carries for its own script; crawlers' HTML has none, and no post ids."""
    node = html(page).css_first("#data-preloaded[data-preloaded]")
    try:
        stores = json.loads(node.attributes.get("data-preloaded") or "{}") if node is not None else {}
        found = [stores[key] for key in stores if re.match(r"topic_\d+$|topic_list", key)]
        answer = json.loads(found[0]) if found and isinstance(found[0], str) else None
    except (ValueError, TypeError, RecursionError) as error:
        raise ParseError("the preloaded JSON is broken", url=page.url) from error
    if not isinstance(answer, dict):
        raise refusal(page, f"this Discourse page has no data, read its .json address ({seen(page)})")
    return answer


_SECTIONS = re.compile(r"/(?:t|c|posts|latest|top|tag|categories|new|search)(?=[/.]|$)")


def _base(page: Page) -> str:
    """The address of the forum: what stands before /t/, /c/, /posts and the like."""
    return folder(page.url, _SECTIONS)


def _latest(page: Page, rows: list[Any]) -> Topic:
    ids = _ids(rows)
    if not ids:
        raise ParseError("an answer without posts", url=page.url)
    next_url = with_parameters(page.url, before=min(ids)) if min(ids) > 1 else None
    return Topic(_posts(page, rows, {}), "", clean(page.url), "", 1, 1, next_url, NAME)


def _ids(rows: list[Any]) -> list[int]:
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)]


def _posts(page: Page, rows: Iterable[Any], answer: _Json) -> tuple[Post, ...]:
    """The rows that people wrote: no small actions, no whispers."""
    kept = (row for row in rows if isinstance(row, dict) and row.get("post_type", 1) == 1)
    unique = {post.id: post for post in (_post(page, row, answer) for row in kept)}
    return tuple(unique.values())


def _post(page: Page, row: _Json, answer: _Json) -> Post:
    number_, cooked = row.get("id"), row.get("cooked")
    if not isinstance(number_, int) or not isinstance(cooked, str):
        raise ParseError("a post without id or text", url=page.url)
    when, precision = _instant(page, row.get("created_at"))
    if when is None:
        raise ParseError(f"post {number_}: date not understood", url=page.url)
    title, thread_id, thread_url = _thread(page, answer, [row])
    deleted = bool(row.get("user_deleted") or row.get("deleted_at"))
    hidden = bool(row.get("cooked_hidden")) or deleted
    text, quotes = ("", ()) if hidden else split_html(cooked, _MARKUP)
    edited = _instant(page, row.get("updated_at"))[0] if whole(row.get("version")) > 1 else None
    return Post(
        id=str(number_),
        url=f"{thread_url}/{whole(row.get('post_number'))}",
        text=text,
        author=str(row.get("username") or "") or None,
        published_at=when,
        date_precision=precision,
        edited_at=edited,
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
        deleted=deleted,
    )


def _instant(page: Page, value: Any) -> Any:
    return instant(value, page.at) if isinstance(value, str) else (None, "unknown")


def _thread(page: Page, answer: _Json, rows: list[Any]) -> tuple[str, str, str]:
    """Title, number and address of the topic, from the answer or from a post's own fields."""
    row = next((row for row in rows if isinstance(row, dict)), {})
    of_topic = "post_stream" in answer
    number_ = whole(answer.get("id")) if of_topic else whole(row.get("topic_id"))
    number_ = number_ or whole(row.get("topic_id"))
    if not number_:
        raise ParseError("a post without its topic's id", url=page.url)
    slug = str((answer.get("slug") if of_topic else None) or row.get("topic_slug") or "-")
    title = (answer.get("title") if of_topic else None) or row.get("topic_title") or ""
    return _plain(title), str(number_), f"{_base(page)}/t/{slug}/{number_}"


def _plain(title: Any) -> str:
    return html_text(title) if isinstance(title, str) and "&" in title else " ".join(str(title).split())


def _paging(
    page: Page, answer: _Json, here: list[int], stream: list[Any], thread_id: str
) -> tuple[int, int, str | None]:
    """Pages by the topic's own list of ids (it counts actions too); an answer without it is one page."""
    places = {number_: place for place, number_ in enumerate(stream) if isinstance(number_, int)}
    last = max((places[number_] for number_ in here if number_ in places), default=-1)
    if last < 0:
        return 1, 1, None
    size = whole(answer.get("chunk_size")) or _PER_PAGE
    pages = -(-len(stream) // size)
    current = number(page.url, "page") or last // size + 1
    done = last >= len(stream) - 1 or current >= pages
    return current, pages, None if done else f"{_base(page)}/t/{thread_id}.json?page={current + 1}"


def listing(page: Page) -> Listing:
    """The topics of `latest.json`, `top.json` or a category; `categories.json` gives boards."""
    answer = _answer(page)
    boards = answer.get("category_list")
    if isinstance(boards, dict):
        found = (_board(page, row) for row in boards.get("categories") or [] if isinstance(row, dict))
        return Listing((), None, tuple(filter(None, found)), NAME)
    if "grouped_search_result" in answer:
        return _found(page, answer)
    topics = answer.get("topic_list")
    rows = topics.get("topics") if isinstance(topics, dict) else None
    if not isinstance(topics, dict) or not isinstance(rows, list):
        raise ParseError(f"no list of topics in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    threads = [_row(page, row) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)]
    return Listing(tuple(threads), _more(page, topics.get("more_topics_url")), (), NAME)


def _found(page: Page, answer: _Json) -> Listing:
    """The topics that a search found, in its own order; nothing found is no key at all."""
    rows = answer.get("topics") or []
    kept = (
        (row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int))
        if isinstance(rows, list)
        else ()
    )
    grouped = answer["grouped_search_result"]
    more = isinstance(grouped, dict) and bool(grouped.get("more_full_page_results"))
    at = number(page.url, "page") or 1
    next_url = _paged(page.url, at + 1) if more else None
    return Listing(tuple(_row(page, row) for row in kept), next_url, (), NAME, by_last_post=False)


def _paged(url: str, page: int) -> str:
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and not part.startswith("page=")]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join([*kept, f"page={page}"]), ""))


def _board(page: Page, row: _Json) -> str:
    slug, number_ = row.get("slug"), row.get("id")
    return f"{_base(page)}/c/{slug}/{number_}.json" if slug and isinstance(number_, int) else ""


def _more(page: Page, link: Any) -> str | None:
    """`more_topics_url` names the HTML page; its JSON twin has .json before the query."""
    if not isinstance(link, str) or not link:
        return None
    parts = urlsplit(clean(link, page.url))
    path = parts.path if parts.path.endswith(".json") else f"{parts.path.rstrip('/')}.json"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


_LATEST = ("bumped_at", "last_posted_at", "created_at")  # lists are in the order of the first


def _row(page: Page, row: _Json) -> ThreadRow:
    url = f"{_base(page)}/t/{row.get('slug') or '-'}/{row['id']}"
    posts = whole(row.get("posts_count"))
    last = next(filter(None, (_instant(page, row.get(key))[0] for key in _LATEST)), None)
    page_number = max(1, -(-posts // _PER_PAGE))
    return ThreadRow(
        id=str(row["id"]),
        url=url,
        title=_plain(row.get("title") or row.get("fancy_title") or ""),
        last_post_at=last,
        replies=posts - 1 if posts else None,
        sticky=bool(row.get("pinned") or row.get("pinned_globally")),
        last_page_url=f"{_base(page)}/t/{row['id']}.json"
        + (f"?page={page_number}" if page_number > 1 else ""),
    )


_TOPIC_PATH = re.compile(r"(.*?)/t/(?:[^/]+/)?(\d+)(?:/\d+)?/?$")
_CATEGORY_PATH = re.compile(r"(.*?)/c/(.+?)(?:/l/latest|/none|/all)?/?$")
_TAIL_PATH = re.compile(r"/(?:latest|top|new|categories|posts)?/?$")


def data_address(url: str) -> str:
    """The JSON twin of a Discourse page: topic, category, or the latest topics of the whole site."""
    parts = urlsplit(url)
    if parts.path.endswith(".json"):
        return url
    if topic := _TOPIC_PATH.match(parts.path):
        path = f"{topic[1]}/t/{topic[2]}.json"
    elif category := _CATEGORY_PATH.match(parts.path):
        path = f"{category[1]}/c/{category[2]}.json"
    elif re.search(r"/search/?$", parts.path):
        path = f"{parts.path.rstrip('/')}.json"
    else:
        path = _TAIL_PATH.sub("", parts.path) + "/latest.json"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def latest_address(url: str) -> str | None:
    """The newest posts of the whole site, for its start page; of a category there is no such list."""
    parts = urlsplit(data_address(url))
    place = parts.path.removesuffix("/latest.json")
    if not parts.path.endswith("/latest.json") or _SECTIONS.search(f"{place}/"):
        return None
    return urlunsplit((parts.scheme, parts.netloc, f"{place}/posts.json", "", ""))
