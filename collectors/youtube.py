"""YouTube: comments of videos and channels, and of videos that a search finds, by the Data API v3."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from collectors import json_api
from collectors.engines._answers import answer_of, record, records, text, whole
from collectors.http import HttpClient
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, is_json
from collectors.streams import each, listed
from collectors.youtube_api import Api, KeyRefused, posts_of, reasons_of
from listener.errors import AccessError, ConfigError, TransientError
from listener.model import Batch, Post, Source

__all__ = ["NOTE", "collect", "posts_of", "recognise", "topic"]

NAME = "youtube"
NOTE = (
    "YouTube's terms let nobody keep data of its API longer than 30 days without asking for it again: "
    "set `retention:` to 30 days for a store with YouTube comments."
)
API = "https://www.googleapis.com/youtube/v3"
AT_ONCE, AT_ONCE_VIDEOS = 100, 50  # the most that the API gives
SEARCH_EVERY, READ_EVERY = 6 * 3600, 24 * 3600  # a search takes 100 of the 10,000 units of a day
MOST_VIDEOS, MOST_REPLY_PAGES, MOST_KNOWN = 200, 5, 1000
_VIDEO = re.compile(r"(?:(?:[?&]v=|/(?:shorts|live|embed|v)/|youtu\.be/)|^)([\w-]{11})(?![\w-])", re.ASCII)
_CHANNEL = re.compile(r"(?:/channel/|^)(UC[\w-]{22})(?![\w-])", re.ASCII)
_NOTHING = {"commentsDisabled", "videoNotFound", "channelNotFound"}
_Json = Mapping[str, Any]


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    videos: Sequence[str] = (),
    channels: Sequence[str] = (),
    search: Sequence[str] = (),
    key: str = "",
    follow: timedelta = timedelta(days=14),
    limit: int = 1000,
    api_url: str = API,
) -> Iterator[Batch]:
    """New comments of `videos`, of all videos of `channels`, and of videos that `search` finds.

    `videos`: ids or addresses. `channels`: ids (UC...). `search`: words, asked for every six hours; a found
    video is a post too, and its comments are read for `follow`. `key`: else YOUTUBE_API_KEY of the
    environment. `limit`: comments of one video or channel read at most in one reading.
    """
    named = [_id(_VIDEO, one, "video") for one in listed(videos)]
    places = [_id(_CHANNEL, one, "channel") for one in listed(channels)]
    words = listed(search)
    if not (named or places or words):
        raise AccessError("nothing to read: write `videos:`, `channels:` or `search:`", source=source.name)
    api = Api(http, source, api_url, key or os.environ.get("YOUTUBE_API_KEY", ""))
    return _Run(api, state, http.now(), follow=follow).batches(named, places, words, limit)


def _id(pattern: re.Pattern[str], value: str, what: str) -> str:
    found = pattern.search(value)
    if found is None:
        raise ConfigError(f"`{value[:80]}` is no {what}; write its id or address")
    return found[1]


def recognise(page: Page) -> bool:
    """An answer of the API: each says its kind."""
    return b'"youtube#' in page.body and is_json(page) and "items" in record(answer_of(page))


def topic(page: Page) -> Topic:
    """The comments of a recorded answer."""
    posts = posts_of(answer_of(page))
    first = posts[0] if posts and len({post.thread_id for post in posts}) == 1 else Post("", "", "")
    return Topic(posts, first.thread_id, first.thread_url, first.title, engine=NAME)


class _Run:
    """One run: which videos are followed, what is known of their comments, what to tell a person."""

    def __init__(self, api: Api, state: Mapping[str, Any], now: datetime, *, follow: timedelta) -> None:
        self._api, self._now, self._at = api, now, int(now.timestamp())
        self._before = state
        self._searched = _numbers(state.get("searched"), self._at)
        found = _numbers(state.get("found"), self._at)
        self._found = {one: at for one, at in found.items() if self._at - at < follow.total_seconds()}
        self._counts = _numbers(state.get("counts"))  # comments a video had when it was read
        self._read_at = _numbers(state.get("read_at"), self._at)
        self._replies = _numbers(state.get("replies"))
        self._titles: dict[str, str] = {}
        self._shown: dict[str, int] = {}
        self._notices: list[str] = []

    def batches(
        self, videos: Sequence[str], channels: Sequence[str], words: Sequence[str], limit: int
    ) -> Iterator[Batch]:
        """Searches that are due, then the comments of all videos and channels."""
        due = [one for one in words if self._at - self._searched.get(one, 0) >= SEARCH_EVERY]
        for one in due:
            self._search(one)
        followed = list(dict.fromkeys([*videos, *self._found]))
        names = {f"video {one}": one for one in followed} | {f"channel {one}": one for one in channels}
        newest = Newest(self._before, list(names), now=self._now, limit=limit)
        if due:  # dear: what they found is kept whatever comes next
            yield Batch((), self._state(newest.state()))
        posts = self._videos(followed)
        if found := tuple(post for post in posts if post.id in self._found):
            yield Batch(found, self._state(newest.state()))
        streams = {
            name: partial(self._page, name, one)
            for name, one in names.items()
            if name.startswith("channel ") or self._is_due(one)
        }
        for batch in each(newest, streams, ends=(TransientError, KeyRefused)):
            state = self._state(batch.state)
            is_last = not batch.posts
            notice = "; ".join(filter(None, [*self._notices, batch.notice])) if is_last else ""
            yield replace(batch, state=state, notice=notice)

    def _search(self, words: str) -> None:
        """The newest videos that a search finds since shortly before the last one."""
        last = self._searched.get(words, 0)
        since = max(datetime.fromtimestamp(last, UTC) - timedelta(days=1), self._now - timedelta(days=30))
        found = self._api.ask(
            "search", part="snippet", type="video", order="date", q=words, maxResults=AT_ONCE_VIDEOS,
            publishedAfter=f"{since:%Y-%m-%dT%H:%M:%SZ}",
        )  # fmt: skip
        ids = [text(record(item.get("id")).get("videoId")) for item in records(found.get("items"))]
        self._found |= {one: self._at for one in ids if _VIDEO.fullmatch(one) and one not in self._found}
        kept = sorted(self._found, key=lambda one: -self._found[one])[:MOST_VIDEOS]
        self._found = {one: self._found[one] for one in kept}
        self._searched[words] = self._at
        if len(ids) >= AT_ONCE_VIDEOS:
            self._notices.append(f"search {words!r} found more new videos than one answer shows")

    def _videos(self, ids: Sequence[str]) -> list[Post]:
        """The videos themselves; their titles are those of threads, their counts tell of new comments."""
        posts: list[Post] = []
        for start in range(0, len(ids), AT_ONCE_VIDEOS):
            part = ",".join(ids[start : start + AT_ONCE_VIDEOS])
            posts += posts_of(self._api.ask("videos", part="snippet,statistics", id=part))
        self._titles |= {post.id: post.title for post in posts}
        self._shown |= {post.id: post.replies for post in posts if post.replies is not None}
        return posts

    def _is_due(self, video: str) -> bool:
        """Whether a video has other comments than when read, was not read to the end, or long ago."""
        listing = record(record(self._before.get("streams")).get(f"video {video}"))
        is_same = self._counts.get(video) == self._shown.get(video, -1) and not listing.get("descent")
        return not is_same or self._at - self._read_at.get(video, 0) >= READ_EVERY

    def _page(self, name: str, place: str, after: str | None, read: int) -> Shown:
        """One page of a video's or a channel's threads, with the replies that it leaves out."""
        which = "videoId" if name.startswith("video ") else "allThreadsRelatedToChannelId"
        try:
            found = self._api.ask(
                "commentThreads", part="snippet,replies", order="time", textFormat="plainText",
                maxResults=AT_ONCE, pageToken=after, **{which: place},
            )  # fmt: skip
        except json_api.ApiError as error:
            if after and "invalidPageToken" in reasons_of(error):
                return Shown(())  # too old: read from the top again
            if not reasons_of(error) & _NOTHING:
                raise
            self._notices.append(f"{name}: {error.message}")
            found = {"items": []}
        items = records(found.get("items"))
        self._name_threads(items)
        replies = [post for item in items for post in self._more_replies(item)]
        if which == "videoId":
            self._counts[place], self._read_at[place] = self._shown.get(place, -1), self._at
        return Shown((*replies, *posts_of(found, self._titles)), text(found.get("nextPageToken")) or None)

    def _name_threads(self, items: Sequence[_Json]) -> None:
        ids = dict.fromkeys(text(record(item.get("snippet")).get("videoId")) for item in items)
        if unknown := [one for one in ids if one and one not in self._titles]:
            self._titles |= dict.fromkeys(unknown, "")
            self._videos(unknown)

    def _more_replies(self, item: _Json) -> Iterator[Post]:
        """All replies to a comment, where an answer shows some and there are others than last time."""
        thread, snippet = text(item.get("id")), record(item.get("snippet"))
        total, shown = (
            whole(snippet.get("totalReplyCount")),
            records(record(item.get("replies")).get("comments")),
        )
        if not thread or total <= len(shown) or self._replies.get(thread) == total:
            return
        after: str | None = None
        for _ in range(MOST_REPLY_PAGES):
            found = self._api.ask(
                "comments", part="snippet", parentId=thread, textFormat="plainText", maxResults=AT_ONCE,
                pageToken=after,
            )  # fmt: skip
            yield from posts_of(found, self._titles, text(snippet.get("videoId")))
            after = text(found.get("nextPageToken")) or None
            if after is None:
                break
        self._replies[thread] = total

    def _state(self, listings: Mapping[str, Any]) -> dict[str, Any]:
        followed = {name.partition(" ")[2] for name in listings["streams"]}
        return {
            **listings,
            "searched": dict(self._searched),
            "found": dict(self._found),
            "counts": {one: number for one, number in self._counts.items() if one in followed},
            "read_at": {one: at for one, at in self._read_at.items() if one in followed},
            "replies": dict(list(self._replies.items())[-MOST_KNOWN:]),
        }


def _numbers(value: Any, most: int = 10**12) -> dict[str, int]:
    """Numbers by name as they were stored, none above `most`; what is damaged is left out."""
    stored = record(value)
    return {one: at for one, at in stored.items() if type(at) is int and -1 <= at <= most}
