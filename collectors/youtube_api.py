"""YouTube's Data API: asking it, and threads of comments, comments and videos of its answers as posts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collectors import json_api
from collectors.engines._answers import count, record, records, text
from collectors.http import HttpClient
from collectors.text import html_text
from listener.errors import AccessError, ParseError, TransientError
from listener.model import Post, Source

SITE = "https://www.youtube.com/"
WATCH = f"{SITE}watch?v="
_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "processingFailure", "backendError"}
_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "accessNotConfigured", "SERVICE_DISABLED"}
_HTML = re.compile(r"<br ?/?>|<a href=|&(?:amp|lt|gt|quot|#39);")
_Json = Mapping[str, Any]


def posts_of(found: Any, titles: Mapping[str, str] | None = None, video: str = "") -> tuple[Post, ...]:
    """Replies, then comments (or videos) of an answer in its order, or ParseError.

    `titles` are those of videos; `video` is the one that replies by themselves belong to.
    """
    items = record(found).get("items")
    if not isinstance(items, list):
        raise ParseError(f"no comments in this answer ({', '.join(list(record(found))[:8]) or 'empty'})")
    posts = [post for item in records(items) for post in _posts(item, titles or {}, video)]
    posts.sort(key=lambda post: "." not in post.id)  # a reply's id is its comment's, a dot, its own
    return tuple({post.id: post for post in posts}.values())


def _posts(item: _Json, titles: Mapping[str, str], video: str) -> Iterator[Post]:
    kind, snippet = text(item.get("kind")), record(item.get("snippet"))
    if "topLevelComment" in snippet:
        video = text(snippet.get("videoId")) or video
        yield _comment(record(snippet["topLevelComment"]), titles, video, count(snippet, "totalReplyCount"))
        for reply in records(record(item.get("replies")).get("comments")):
            yield _comment(reply, titles, video)
    elif kind == "youtube#video":
        yield _video(item, snippet)
    elif kind == "youtube#comment":
        yield _comment(item, titles, video)
    else:
        raise ParseError(f"no comment, but {kind[:40] or 'something without a kind'}")


def _comment(item: _Json, titles: Mapping[str, str], video: str, replies: int | None = None) -> Post:
    comment, snippet = text(item.get("id")), record(item.get("snippet"))
    video = text(snippet.get("videoId")) or video
    shown, original = text(snippet.get("textDisplay")), text(snippet.get("textOriginal"))
    if not comment:
        raise ParseError("a comment without its id")
    channel = text(snippet.get("channelId"))
    place = f"{WATCH}{video}" if video else f"{SITE}channel/{channel}" if channel else SITE
    post = Post(
        id=comment,
        url=f"{place}{'&' if video else '?'}lc={comment}",
        text=(original or (html_text(shown) if _HTML.search(shown) else shown)).strip(),
        author=text(snippet.get("authorDisplayName")).strip() or None,
        title=titles.get(video, ""),
        thread_id=video,
        thread_url=place,
        votes=count(snippet, "likeCount"),
        replies=replies,
    )
    return _dated(post, snippet)


def _video(item: _Json, snippet: _Json) -> Post:
    video, statistics = text(item.get("id")), record(item.get("statistics"))
    if not video:
        raise ParseError("a video without its id")
    url, title = f"{WATCH}{video}", " ".join(text(snippet.get("title")).split())
    post = Post(
        id=video,
        url=url,
        text=text(snippet.get("description")).strip(),
        author=text(snippet.get("channelTitle")).strip() or None,
        title=title,
        thread_id=video,
        thread_url=url,
        votes=count(statistics, "likeCount"),
        replies=count(statistics, "commentCount"),
    )
    return _dated(post, snippet)


def _dated(post: Post, snippet: _Json) -> Post:
    published, edited = _instant(snippet.get("publishedAt")), _instant(snippet.get("updatedAt"))
    if published is None:
        return replace(post, date_precision="unknown")
    return replace(post, published_at=published, edited_at=edited if edited != published else None)


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(value))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


class KeyRefused(AccessError):
    """No key, or one that the API does not take: nothing else needs to be asked."""


class Api:
    """Asks the API and says what its refusals mean."""

    def __init__(self, http: HttpClient, source: Source, url: str, key: str) -> None:
        if not key:
            raise KeyRefused("no key for YouTube: set YOUTUBE_API_KEY in the environment", source=source.name)
        self._http, self._source, self._url, self._key = http, source, url.rstrip("/"), key

    def ask(self, method: str, **params: str | int | None) -> _Json:
        """The answer of one method; None is left out."""
        url, secrets = f"{self._url}/{method}", {"X-Goog-Api-Key": self._key}
        try:
            return record(json_api.get(self._http, self._source, url, params, secrets=secrets))
        except json_api.ApiError as error:
            reasons = reasons_of(error)
            if reasons & _SPENT:
                wait = _to_midnight(self._http.now())
                self._http.rest(url, wait.total_seconds())
                raise TransientError(error.message, url=error.url, retry_after=wait) from error
            if reasons & _TOO_FAST:
                raise TransientError(error.message, url=error.url) from error
            if reasons & _KEY:
                raise KeyRefused(error.message, url=error.url) from error
            raise


def reasons_of(error: json_api.ApiError) -> set[str]:
    """The words by which an error of Google's APIs tells programs why."""
    found = record(record(error.found).get("error"))
    told = [*records(found.get("errors")), *records(found.get("details"))]
    return {text(one.get("reason")) for one in told}


def _to_midnight(now: datetime) -> timedelta:
    """How long the day of the quota lasts, which is one of the Pacific coast."""
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow.astimezone(UTC) - now
