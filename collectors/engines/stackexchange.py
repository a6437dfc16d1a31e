"""Stack Exchange, by its API 2.3: questions with their answers and comments; its pages are never asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from collectors.dates import instant
from collectors.engines._answers import answer_of, count, record, records, text, whole
from collectors.links import clean, number, parameter
from collectors.reading import Listing, Page, ThreadRow, Topic, is_json, json_of
from collectors.text import Markup, html_text, split_html
from listener.errors import AccessError, ParseError
from listener.model import Facts, Post

NAME = "stackexchange"
_Json = Mapping[str, Any]
API = "https://api.stackexchange.com/2.3"
# Filters never change and never expire. This one: the default's fields, and bodies, answers and comments.
WHOLE = "!X9DEEiFwy0OeSWoJzb.QMqab2wPSk.X2opZDa2L"
_LAST_PAGE = 25  # without a key the API refuses those that follow
_DOMAINS = {
    "stackoverflow.com": "stackoverflow",
    "serverfault.com": "serverfault",
    "superuser.com": "superuser",
    "askubuntu.com": "askubuntu",
    "mathoverflow.net": "mathoverflow",
    "stackapps.com": "stackapps",
    "stackexchange.com": "",
}
_MARKUP = Markup(
    quotes="blockquote", drop=".snippet-code > .snippet-result, .question-status, .js-post-notice"
)


def owns(url: str) -> bool:
    """The API, or a page of one of its sites."""
    return bool(_is_api(url) or site_of(url))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_api(url: str) -> bool:
    return _host(url) == "api.stackexchange.com"


def site_of(url: str) -> str:
    """The name that the API gives a site: `superuser`, `meta.superuser`, `pt.stackoverflow`, `diy`."""
    host = _host(url)
    domain = next((one for one in _DOMAINS if host == one or host.endswith(f".{one}")), "")
    below = host.removesuffix(domain).rstrip(".") if domain else ""
    return ".".join(filter(None, (below, _DOMAINS.get(domain, ""))))


def recognise(page: Page) -> bool:
    """The wrapper that the API puts around all its answers."""
    if not (b'"quota_' in page.body or b'"error_id"' in page.body) or not is_json(page):
        return False
    return _known(record(answer_of(page)))


def _known(answer: _Json) -> bool:
    items = answer.get("items")
    told = isinstance(items, list) and (not items or "question_id" in record(items[0]))
    return ("quota_remaining" in answer and told) or {"error_id", "error_name"} <= answer.keys()


def items_of(page: Page) -> list[_Json]:
    """What an answer holds; AccessError or ParseError if it is a refusal or no answer."""
    answer = record(json_of(page))
    if "error_id" in answer:
        said = f"the API refuses: {text(answer.get('error_name'))} {text(answer.get('error_message'))}"
        kind = AccessError if whole(answer.get("error_id")) in _REFUSALS else ParseError
        raise kind(said.strip()[:200], url=page.url)
    if not isinstance(answer.get("items"), list):
        raise ParseError(f"no items in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    return records(answer["items"])


_REFUSALS = (401, 402, 403, 405, 406, 407, 502, 503)  # keys, tokens and too many requests


def topic(page: Page) -> Topic:
    """A question with its answers and comments; of several questions what is known to be newest."""
    items = items_of(page)
    if not items:
        raise ParseError("no posts: this question does not exist", url=page.url)
    if not all(isinstance(one.get("body"), str) for one in items):
        raise ParseError("a list of questions without their texts: a board, not a thread", url=page.url)
    if len(items) > 1 or "/questions?" in page.url:
        return _latest(page, items)
    posts = question_posts(page, items[0])
    first = posts[0]
    return Topic(posts, first.thread_id, first.thread_url, first.title, 1, 1, None, NAME)


def _latest(page: Page, items: list[_Json]) -> Topic:
    """Questions come by their last activity: what is older than the last one's may be missing others."""
    changes = [at for one in items if (at := _instant(page, one.get("last_activity_date"))) is not None]
    since = min(changes, default=None)
    posts = (post for one in items for post in question_posts(page, one))
    found = [post for post in posts if since is None or _at(post) >= since]
    found.sort(key=_at, reverse=True)
    return Topic(tuple(found), "", clean(page.url), "", 1, 1, _following(page), NAME)


def _at(post: Post) -> datetime:
    assert post.published_at is not None
    return post.published_at


def question_posts(page: Page, question: _Json) -> tuple[Post, ...]:
    """A question's posts in the order in which they were written."""
    number_ = _number(page, question, "question_id")
    title = html_text(text(question.get("title")))
    site, _, slug = clean(text(question.get("link"))).partition(f"/questions/{number_}")
    if not site:
        raise ParseError(f"question {number_}: without its address", url=page.url)
    thread = (title, str(number_), f"{site}/questions/{number_}{slug}")
    found = {post.id: post for post in _parts(page, question, thread, site)}
    return tuple(sorted(found.values(), key=_at))


def _parts(page: Page, question: _Json, thread: tuple[str, str, str], site: str) -> Iterator[Post]:
    number_ = thread[1]
    yield _post(page, question, number_, thread[2], thread)
    yield from _comments(page, question, number_, thread)
    for answer in records(question.get("answers")):
        answer_id = str(_number(page, answer, "answer_id"))
        yield _post(page, answer, answer_id, f"{site}/a/{answer_id}", thread)
        yield from _comments(page, answer, answer_id, thread)


def _comments(page: Page, row: _Json, post_id: str, thread: tuple[str, str, str]) -> Iterator[Post]:
    """Comments are counted apart from questions and answers: their ids carry a mark."""
    for comment in records(row.get("comments")):
        number_ = _number(page, comment, "comment_id")
        yield _post(page, comment, f"c{number_}", f"{thread[2]}#comment{number_}_{post_id}", thread)


def _number(page: Page, row: _Json, key: str) -> int:
    number_ = whole(row.get(key))
    if number_ <= 0:
        raise ParseError(f"a post without its {key}", url=page.url)
    return number_


def _post(page: Page, row: _Json, post_id: str, url: str, thread: tuple[str, str, str]) -> Post:
    body, when = row.get("body"), _instant(page, row.get("creation_date"))
    if not isinstance(body, str):
        raise ParseError(f"post {post_id}: without its text", url=page.url)
    if when is None:
        raise ParseError(f"post {post_id}: date not understood", url=page.url)
    own, quotes = split_html(body, _MARKUP)
    title, thread_id, thread_url = thread
    return Post(
        id=post_id,
        url=url,
        text=own,
        author=html_text(text(record(row.get("owner")).get("display_name"))) or None,
        published_at=when,
        edited_at=_instant(page, row.get("last_edit_date")),
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
        votes=count(row, "score"),
        replies=count(row, "answer_count"),
        facts=_facts(row),
    )


def _facts(row: _Json) -> Facts:
    """Tags, why a question is closed, whether an answer is the accepted one, the license of the words."""
    tags = [tag for tag in row["tags"] if isinstance(tag, str)] if isinstance(row.get("tags"), list) else []
    closed = html_text(text(row.get("closed_reason"))) or whole(row.get("closed_date")) > 0
    accepted, license_ = row.get("is_accepted") is True, text(row.get("content_license"))
    told: Facts = {"tags": " ".join(tags), "closed": closed, "accepted": accepted, "license": license_}
    return {name: value for name, value in told.items() if value}


def _instant(page: Page, value: Any) -> datetime | None:
    return instant(str(value), page.at)[0] if whole(value) > 0 else None


def listing(page: Page) -> Listing:
    """Questions by their last activity, or the results of a search."""
    items = items_of(page)
    if items and isinstance(items[0].get("answers"), list) and "/questions/" in page.url:
        raise ParseError("this is a thread, not a board", url=page.url)
    unique = {row.id: row for one in items if (row := _row(page, one)) is not None}
    by_activity = parameter(page.url, "sort") in (None, "activity")
    return Listing(tuple(unique.values()), _following(page), (), NAME, by_last_post=by_activity)


def _row(page: Page, item: _Json) -> ThreadRow | None:
    number_, url = whole(item.get("question_id")), clean(text(item.get("link")))
    if number_ <= 0 or not site_of(url):
        return None
    return ThreadRow(
        id=str(number_),
        url=url,
        title=html_text(text(item.get("title"))),
        last_post_at=_instant(page, item.get("last_activity_date")),
        replies=whole(item.get("answer_count")) if "answer_count" in item else None,
        last_page_url=url,
    )


def _following(page: Page) -> str | None:
    current = max(1, number(page.url, "page") or 1)
    if record(json_of(page)).get("has_more") is not True or current >= _LAST_PAGE:
        return None
    parts = urlsplit(page.url)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key != "page"]
    return parts._replace(query=urlencode([*kept, ("page", current + 1)], safe="!*();"), fragment="").geturl()


_QUESTION = re.compile(r"/(?:questions|q)/(\d{1,12})(?:/|$)")
_ANSWER = re.compile(r"/a/(\d{1,12})(?:/|$)")
_TAGGED = re.compile(r"/(?:questions/tagged|tags)/([^/]+)")


def data_address(url: str) -> str:
    """What to ask the API for a page: a question, a tag's questions, a search, or all of a site's."""
    site = site_of(url)
    if _is_api(url) or not site:
        return url
    path = urlsplit(url).path
    if found := _QUESTION.match(path):
        return _asked(f"/questions/{found[1]}", site, filter=WHOLE)
    if found := _ANSWER.match(path):
        return _asked(f"/answers/{found[1]}/questions", site, filter=WHOLE)
    by_activity = {"order": "desc", "sort": "activity", "pagesize": "100"}
    if found := _TAGGED.match(path):
        tags = (unquote(tag) for tag in re.split(r"[ +]|%20", found[1]))
        return _asked("/questions", site, tagged=";".join(filter(None, tags)), **by_activity)
    if path.startswith("/search") and (words := parameter(url, "q")):
        return _asked("/search/advanced", site, q=words, **by_activity)
    return _asked("/questions", site, **by_activity)


def _asked(method: str, site: str, **values: str) -> str:
    return f"{API}{method}?{urlencode({**values, 'site': site}, safe='!*();', quote_via=quote)}"


def latest_address(url: str) -> str | None:
    """The questions last changed, with all that was written to them; of a search there is no such list."""
    asked = data_address(url)
    if not asked.startswith(f"{API}/questions?") or parameter(asked, "sort") != "activity":
        return None
    kept = {key: value for key, value in parse_qsl(urlsplit(asked).query) if key != "page"}
    return _asked("/questions", kept.pop("site"), **{**kept, "pagesize": "50", "filter": WHOLE})


def pause(page: Page) -> int:
    """The seconds for which the API wants to be left alone: its `backoff` field is binding."""
    return whole(record(json_of(page)).get("backoff"))
