"""Bluesky: posts that a search finds, by app.bsky.feed.searchPosts of the AT protocol."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from collectors import json_api
from collectors.engines._answers import answer_of, count, record, records, text, utc, whole
from collectors.http import HttpClient
from collectors.links import clean
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, answer_topic, is_json, json_of
from collectors.streams import each, hidden, listed, readable, without_hidden
from listener.errors import AccessError, ParseError
from listener.model import Batch, Facts, Post, Precision, Quote, Source

__all__ = ["NOTE", "collect", "posts_of", "recognise", "topic"]

NAME = "bluesky"
NOTE = (
    "Bluesky asks for its search to be used for people's questions and not as a data feed, and may refuse it "
    "to who is not signed in: ask rarely (every: 1h), set BLUESKY_HANDLE and BLUESKY_APP_PASSWORD."
)
OPEN, SIGNED_IN = "https://api.bsky.app", "https://bsky.social"
PROFILE = "https://bsky.app/profile/"
PER_PAGE = 100  # the most that the API gives
LAG = timedelta(minutes=10)  # so late the search may show a post
SKEW = timedelta(minutes=1)  # by which honest clocks differ
FIRST_YEAR = 2006  # nobody wrote such posts before, though old ones of other networks are brought along
HIDDEN = {"!no-unauthenticated", "!hide", "!takedown", "!suspend"}
_Json = Mapping[str, Any]


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    search: Sequence[str] = (),
    lang: str = "",
    handle: str = "",
    app_password: str = "",
    server: str = "",
    limit: int = 1000,
) -> Iterator[Batch]:
    """What `search` finds on Bluesky, the newest first, back to where the last reading began.

    `search`: words, `"..."` for a phrase. `lang`: posts in this language alone, as their authors say.
    `handle`, `app_password`: sign in, else BLUESKY_HANDLE and BLUESKY_APP_PASSWORD of the environment.
    `server`: asked instead of Bluesky's own. `limit`: posts of one search read at most in one reading. Each
    reading goes ten minutes below where the last one began: the search lags.
    """
    known = {} if server else os.environ  # what is meant for Bluesky is not told to others
    handle = handle or known.get("BLUESKY_HANDLE", "")
    password = app_password or known.get("BLUESKY_APP_PASSWORD", "")
    words = listed(search)
    if not words:
        raise AccessError("nothing to read: write `search: [...]`", source=source.name)
    if bool(handle) != bool(password):
        raise AccessError("to sign in, set both BLUESKY_HANDLE and BLUESKY_APP_PASSWORD", source=source.name)
    place, is_open = server or (SIGNED_IN if handle else OPEN), source.allow_private or not handle
    base = json_api.base(place, SIGNED_IN, unencrypted=is_open)
    asked = _Asked(http, source, base, lang, {"identifier": handle, "password": password} if handle else {})
    streams = {f"search {one!r}": partial(asked.page, one) for one in words}
    newest = Newest(state, list(streams), now=http.now(), limit=limit, lag=LAG)
    return readable(each(newest, streams))


@dataclass(slots=True)
class _Asked:
    """Asks the API, signed in if there is a `login`; a session lasts for a run and is not stored."""

    http: HttpClient
    source: Source
    base: str
    lang: str
    login: Mapping[str, str]
    _secrets: dict[str, str] = field(default_factory=dict)

    def page(self, words: str, after: str | None, read: int) -> Shown:
        """One page of a search; `after` is the instant before which its posts were written.

        Cursors are for people who are signed in, and end early; instants do not.
        """
        params = {"q": words, "sort": "latest", "limit": str(PER_PAGE)}
        page = self._answer({**params, "until": after if utc(after) else None, "lang": self.lang or None})
        posts, rows = _shown(page), _rows(page)
        is_last = len(rows) < PER_PAGE and "cursor" not in record(answer_of(page))
        return Shown(posts, None if is_last or not rows else _below(page, rows, after))

    def _answer(self, params: json_api.Params) -> Page:
        url = f"{self.base}/xrpc/app.bsky.feed.searchPosts"
        if self.login and not self._secrets:
            self._secrets["Authorization"] = f"Bearer {self._session()}"
        try:
            answer = json_api.answered(self.http, self.source, url, params, secrets=self._secrets)
        except json_api.ApiError as error:
            if error.status in (401, 403) and not self.login:
                error.message += "; sign in: set BLUESKY_HANDLE and BLUESKY_APP_PASSWORD"
            raise
        return Page(answer.body, answer.url, answer.fetched_at)

    def _session(self) -> str:
        url = f"{self.base}/xrpc/com.atproto.server.createSession"
        found = record(json_api.get(self.http, self.source, url, post=self.login))
        if token := text(found.get("accessJwt")):
            return token
        raise ParseError("a session without its token", source=self.source.name, url=url)


def _below(page: Page, rows: Sequence[_Json], after: str | None) -> str | None:
    """The instant at which the next page begins; one post with a strange clock does not move it."""
    dated = [at for row in rows[-3:] if (at := _dated(page, row)[0])]
    before = utc(after)
    if not dated:
        return None
    below = max(dated) + timedelta(milliseconds=1)
    if before and below >= before:  # a whole page of one instant
        below = before - timedelta(seconds=1)
    return f"{below:%Y-%m-%dT%H:%M:%S}.{below.microsecond // 1000:03}Z"


def posts_of(page: Page) -> tuple[Post, ...]:
    """The posts of an answer in its order, or ParseError.

    Left out are posts of people who want to be shown to signed-in people only, and those that are hidden.
    """
    return without_hidden(_shown(page))


def _shown(page: Page) -> tuple[Post, ...]:
    """All posts of an answer, those that are left out without anything in them."""
    answer = record(json_of(page))
    held = answer.get("posts", answer.get("feed"))
    if not (isinstance(held, list) or isinstance(answer.get("thread"), dict)):
        keys = ", ".join(list(answer)[:8])
        raise ParseError(f"no posts in this answer ({keys or 'empty'})", url=page.url)
    return tuple(
        hidden(text(row.get("uri")), _dated(page, row)[0]) if HIDDEN & set(_labels(row)) else _post(page, row)
        for row in _rows(page)
    )


def _rows(page: Page) -> list[_Json]:
    answer = record(answer_of(page))
    rows = records(answer.get("posts")) + [record(one.get("post")) for one in records(answer.get("feed"))]
    stack = [record(answer.get("thread"))]
    while stack:
        node = stack.pop()
        if above := record(node.get("parent")):
            stack += [{**node, "parent": None}, above]
        elif node:
            rows.append(record(node.get("post")))
            stack += reversed(records(node.get("replies")))
    return [row for row in rows if row]


def _labels(row: _Json) -> list[str]:
    """What a post and its author are labelled as, by themselves or by moderators."""
    author, own = record(row.get("author")), record(record(row.get("record")).get("labels"))
    labels = [*records(row.get("labels")), *records(own.get("values")), *records(author.get("labels"))]
    return [text(one.get("val")) for one in labels if text(one.get("val")) and one.get("neg") is not True]


def _post(page: Page, row: _Json) -> Post:
    uri, author, written = text(row.get("uri")), record(row.get("author")), record(row.get("record"))
    if not uri.startswith("at://") or not isinstance(written.get("text"), str):
        raise ParseError("a post without its id or text", url=page.url)
    at, precision = _dated(page, row)
    root = text(record(record(written.get("reply")).get("root")).get("uri")) or uri
    said = written.get("langs")
    return Post(
        id=uri,
        url=_address(uri, _name(author)),
        text=_words(written),
        author=_name(author),
        published_at=at,
        date_precision=precision,
        thread_id=root,
        thread_url=_address(root),
        quotes=tuple(_quotes(record(row.get("embed")))),
        language=text(said[0]) or None if isinstance(said, list) and len(said) == 1 else None,
        votes=count(row, "likeCount"),
        replies=count(row, "replyCount"),
        facts=_facts(row),
    )


def _name(author: _Json) -> str | None:
    """A handle, as long as it is one; else the account's number."""
    handle = text(author.get("handle")).strip()
    return handle if handle and handle != "handle.invalid" else text(author.get("did")) or None


def _address(uri: str, name: str | None = None) -> str:
    who, _, place = uri.removeprefix("at://").partition("/")
    return f"{PROFILE}{name or who}/post/{place.rpartition('/')[2]}"


def _dated(page: Page, row: _Json) -> tuple[datetime | None, Precision]:
    """When a post was written: its author's clock says so, but not later than the network saw it."""
    said, seen = utc(record(row.get("record")).get("createdAt")), utc(row.get("indexedAt"))
    latest = seen or page.at
    if said and said.year >= FIRST_YEAR and said <= latest + SKEW:
        return min(said, latest), "second"
    return (seen, "day") if seen else (None, "unknown")


def _words(written: _Json) -> str:
    """The text, with links in full where the app shows them shortened."""
    said = text(written.get("text")).encode("utf-8", "replace")
    end = len(said)
    for first, last, uri in sorted(_links(written), reverse=True):
        shown = said[first:last].decode("utf-8", "replace").rstrip("….")
        if (
            0 <= first < last <= end
            and len(shown) >= 4
            and uri.split("://")[-1].startswith(shown.split("://")[-1])
        ):
            said, end = said[:first] + uri.encode("utf-8", "replace") + said[last:], first
    return said.decode("utf-8", "replace").strip()


def _links(written: _Json) -> Iterator[tuple[int, int, str]]:
    """Where links stand, in bytes, and where they lead."""
    for facet in records(written.get("facets")):
        place = record(facet.get("index"))
        for feature in records(facet.get("features")):
            if clean(uri := text(feature.get("uri"))):
                yield whole(place.get("byteStart")), whole(place.get("byteEnd")), uri


def _quotes(embed: _Json) -> Iterator[Quote]:
    """The post that is shown below the words, also beside pictures."""
    shown = record(embed.get("record"))
    quoted = record(shown.get("record")) or shown
    words = _words(record(quoted.get("value")))
    if words and not HIDDEN & set(_labels(quoted)):
        yield Quote(words, _name(record(quoted.get("author"))))


def _facts(row: _Json) -> Facts:
    embed = record(row.get("embed"))
    beside = record(embed.get("media"))
    link = text(record(embed.get("external") or beside.get("external")).get("uri"))
    told: Facts = {
        "reposts": count(row, "repostCount") or 0,
        "shared_with_words": count(row, "quoteCount") or 0,
        "link": link if clean(link) else "",
        "labels": ", ".join(dict.fromkeys(_labels(row))),
    }
    return {name: value for name, value in told.items() if value}


def recognise(page: Page) -> bool:
    """A list of posts, a feed or a thread of the network's own API."""
    if b'"at://' not in page.body or not is_json(page):
        return False
    rows = _rows(page)
    return bool(rows) and {"uri", "author", "record"} <= rows[0].keys()


def topic(page: Page) -> Topic:
    """The posts of a recorded answer."""
    return answer_topic(posts_of(page), NAME)
