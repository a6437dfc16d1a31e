"""Hacker News: stories and comments that a search finds, by the HN Search API of Algolia."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from collectors import json_api
from collectors.engines._answers import answer_of, count, record, records, text, whole
from collectors.http import HttpClient
from collectors.links import clean
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, answer_topic, is_json, json_of
from collectors.streams import each, listed
from collectors.text import html_text
from listener.errors import AccessError, ParseError
from listener.model import Batch, Facts, Post, Quote, Source

__all__ = ["collect", "posts_of", "recognise", "topic"]

NAME = "hackernews"
API = "https://hn.algolia.com/api/v1"
ITEM = "https://news.ycombinator.com/item?id="
PER_PAGE = 100  # the API gives up to 1,000, each hit twice: once more with marks
LAG = timedelta(minutes=10)  # so late the index may show a post
NOWHERE_ELSE = "title,story_text,comment_text,url"  # a user who bears a product's name says nothing of it
_ITEM_KEYS = {"id", "type", "created_at_i", "children"}
_NO_POSTS = {"job", "pollopt"}
_QUOTE = re.compile(r"\s*(?:<i>)?\s*(?:&gt;|>)(?!\w+;)")
_QUOTE_MARK = re.compile(r"^(?:>\s?)+", re.MULTILINE)
_PARAGRAPH = re.compile(r"</?p>", re.IGNORECASE)
_GONE = re.compile(r"\s*\[(?:deleted|dead|flagged)\]\s*")
_Json = Mapping[str, Any]


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    search: Sequence[str] = (),
    comments: bool = True,
    exact: bool = True,
    limit: int = 1000,
    api_url: str = API,
) -> Iterator[Batch]:
    """What `search` finds on Hacker News, the newest first, back to where the last reading began.

    `search`: words; with `exact` those of one entry stand side by side as written, else anywhere in a post.
    `comments`: comments too, not stories and polls alone. `limit`: posts of one search read at most in one
    reading. Each reading goes ten minutes below where the last one began: the index lags.
    """
    words = listed(search)
    if not words:
        raise AccessError("nothing to read: write `search: [...]`", source=source.name)
    asked = _Asked(http, source, f"{api_url.rstrip('/')}/search_by_date", comments, exact)
    streams = {f"search {one!r}": partial(asked.page, one) for one in words}
    return each(Newest(state, list(streams), now=http.now(), limit=limit, lag=LAG), streams)


@dataclass(frozen=True, slots=True)
class _Asked:
    """How the API is asked."""

    http: HttpClient
    source: Source
    url: str
    comments: bool
    exact: bool

    def page(self, words: str, after: str | None, read: int) -> Shown:
        """One page of a search; `after` is the second of its first post.

        Page numbers end after 1,000 posts, so each page is the beginning of what is not newer than the last
        post of the one before.
        """
        before = whole(after)  # 0 is the beginning
        answer = json_api.answered(self.http, self.source, self.url, self._params(words, before))
        page = Page(answer.body, answer.url, answer.fetched_at)
        posts, hits = posts_of(page), _hits(page)
        if len(hits) < PER_PAGE:
            return Shown(posts)
        last = min(filter(None, (whole(hit.get("created_at_i")) for hit in hits)), default=0)
        is_stuck = 0 < before <= last  # a whole page of one second
        return Shown(posts, str(last - is_stuck) if last else None)

    def _params(self, words: str, before: int) -> dict[str, str | int | bool | None]:
        kinds = "(story,poll,comment)" if self.comments else "(story,poll)"
        phrase = f'"{words}"' if self.exact and '"' not in words else words
        return {
            "query": phrase,
            "tags": kinds,
            "hitsPerPage": PER_PAGE,
            "numericFilters": f"created_at_i<={before}" if before else None,
            "advancedSyntax": True,
            "typoTolerance": False,
            "queryType": "prefixNone" if self.exact else None,
            "restrictSearchableAttributes": NOWHERE_ELSE,
        }


def posts_of(page: Page) -> tuple[Post, ...]:
    """The posts of an answer in its order, or ParseError; a single thread with all that is below it, too."""
    answer = record(json_of(page))
    if isinstance(answer.get("hits"), list):
        rows = _hits(page)
    elif answer.keys() >= _ITEM_KEYS:
        rows = _tree(answer)
    else:
        raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8]) or 'empty'})", url=page.url)
    posts = (_post(page, row) for row in rows if _kind(row) not in _NO_POSTS)
    return tuple({post.id: post for post in posts}.values())


def _hits(page: Page) -> list[_Json]:
    return records(record(answer_of(page)).get("hits"))


def _tree(item: _Json) -> list[_Json]:
    """A thread's posts in reading order; comments get its title."""
    rows, stack = list[_Json](), [item]
    while stack:
        row = stack.pop()
        story = {"story_id": row.get("story_id") or item.get("id"), "story_title": item.get("title")}
        rows.append({**row, **story})
        stack += reversed([one for one in records(row.get("children")) if one.keys() >= _ITEM_KEYS])
    return rows


def _kind(row: _Json) -> str:
    """What a post is: a search's answer tells it in its tags."""
    tags = row.get("_tags")
    known = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return text(row.get("type")) or (known[0] if known else "")


def _post(page: Page, row: _Json) -> Post:
    number = whole(row.get("objectID")) or whole(row.get("id"))
    if number <= 0:
        raise ParseError("a post without its id", url=page.url)
    is_comment = _kind(row) == "comment" or isinstance(row.get("comment_text"), str)
    markup = row.get("comment_text" if is_comment else "story_text", row.get("text"))
    title = " ".join(text(row.get("story_title" if is_comment else "title")).split())
    gone = text(markup if is_comment else title)
    own, quotes = _words(text(markup))
    thread = str((whole(row.get("story_id")) if is_comment else 0) or number)
    at = _instant(row.get("created_at_i"))
    post = Post(
        id=str(number),
        url=f"{ITEM}{number}",
        text=own,
        author=text(row.get("author")).strip() or None,
        published_at=at,
        date_precision="second" if at else "unknown",
        title=title,
        thread_id=thread,
        thread_url=f"{ITEM}{thread}",
        quotes=quotes,
        votes=count(row, "points"),
        replies=count(row, "num_comments"),
        facts=_facts(row, is_comment),
    )
    return _deleted(post, is_comment) if not gone or _GONE.fullmatch(gone) else post


def _deleted(post: Post, is_comment: bool) -> Post:
    """What its author deleted, or moderators, stands there without words."""
    title = post.title if is_comment else ""
    return replace(post, text="", quotes=(), author=None, title=title, facts={}, deleted=True)


def _facts(row: _Json, is_comment: bool) -> Facts:
    """What a story leads to."""
    link = "" if is_comment else text(row.get("url"))
    return {"link": link} if clean(link) else {}


def _words(markup: str) -> tuple[str, tuple[Quote, ...]]:
    """The author's own words, and quotes: paragraphs that begin with `>`, as people write them there."""
    own, quotes = list[str](), list[Quote]()
    parts = [part for part in _PARAGRAPH.split(markup) if part.strip()]
    for is_quote, group in groupby(parts, lambda part: bool(_QUOTE.match(part))):
        words = html_text("<p>".join(group))
        if is_quote and (told := _QUOTE_MARK.sub("", words).strip()):
            quotes.append(Quote(told))
        elif words and not is_quote:
            own.append(words)
    return "\n\n".join(own), tuple(quotes)


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(whole(value), UTC) if whole(value) > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def recognise(page: Page) -> bool:
    """An answer of the search, or a thread by its id."""
    if b'"created_at_i"' not in page.body or not is_json(page):
        return False
    answer = record(answer_of(page))
    first = next(iter(_hits(page)), {})
    return answer.keys() >= _ITEM_KEYS or {"objectID", "created_at_i", "author"} <= first.keys()


def topic(page: Page) -> Topic:
    """The posts of a recorded answer."""
    return answer_topic(posts_of(page), NAME)
