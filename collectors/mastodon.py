"""Mastodon: posts with a hashtag and posts that a search finds, as one server sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from collectors import json_api
from collectors.engines._answers import answer_of, count, record, records, text, utc, whole
from collectors.http import HttpClient
from collectors.links import clean
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, answer_topic, is_json, json_of
from collectors.streams import each, hidden, listed, readable, without_hidden
from collectors.text import Markup, html_text, split_html
from listener.errors import AccessError, ConfigError, ParseError
from listener.model import Batch, Facts, Post, Quote, Source

__all__ = ["NOTE", "collect", "posts_of", "recognise", "topic"]

NAME = "mastodon"
NOTE = (
    "A server shows what it knows of other servers, and its search only posts whose authors allow that; "
    "many servers have no search in posts and find nothing."
)
TOKEN = "write `token: ${MASTODON_TOKEN}` and set it in the environment"
PER_PAGE = 40  # the most that the API gives
OVERLAP = 4  # found posts that are asked for twice: others may be deleted between two pages
LAG = timedelta(hours=1)  # so late posts of other servers may come
_TAG = re.compile(r"#?([^\W·]{1,200})")
_NEXT = re.compile(r"<[^<>]{0,2000}[?&]max_id=([^&<>]{1,100})[^<>]{0,2000}>\s*;\s*rel=\"?next\b")
_OPEN = ("public", "unlisted")
_NO_INDEX = re.compile(r"#\s*(?:no_?bots?|no_?index|no_?search|no_?archive)\b", re.IGNORECASE)
_MARKS = re.compile(r"<[^<>]*>")
_MARKUP = Markup(drop=".quote-inline")  # "RE: address", for readers that know no quotes
_LISTS = ("statuses", "ancestors", "descendants")
_KEYS = {"uri", "content", "account", "visibility"}
_Json = Mapping[str, Any]


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    server: str,
    hashtags: Sequence[str] = (),
    search: Sequence[str] = (),
    token: str = "",
    limit: int = 1000,
) -> Iterator[Batch]:
    """Public posts with `hashtags` and what `search` finds, as `server` sees them, the newest first.

    `hashtags`: with or without #. `search`: words, needs a token. `token`: an access token of this server
    with the rights read:statuses and read:search. `limit`: posts of one listing read at most in one reading.
    Each reading goes an hour below where the last one began: other servers' posts may come late.
    """
    base = json_api.base(server, "https://mastodon.example", unencrypted=source.allow_private or not token)
    asked = _Asked(http, source, base, token)
    streams = {f"#{tag}": partial(asked.tagged, tag) for tag in map(_tag, listed(hashtags))}
    streams |= {f"search {words!r}": partial(asked.found, words) for words in listed(search)}
    if not streams:
        raise AccessError("nothing to read: write `hashtags: [...]` or `search: [...]`", source=source.name)
    if listed(search) and not asked.token:
        raise AccessError(f"Mastodon's search needs a token; {TOKEN}", source=source.name)
    newest = Newest(state, list(streams), now=http.now(), limit=limit, lag=LAG)
    return readable(each(newest, streams))


def _tag(name: str) -> str:
    found = _TAG.fullmatch(name)
    if found is None:
        raise ConfigError(f"`{name[:80]}` is no hashtag; write one word")
    return found[1]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Asks a server."""

    http: HttpClient
    source: Source
    base: str
    token: str

    def tagged(self, tag: str, after: str | None, read: int) -> Shown:
        """One page of a hashtag's posts; `after` is the id of the last one above."""
        path = f"v1/timelines/tag/{quote(tag, safe='')}"
        page, links = self._answer(path, {"max_id": after, "limit": PER_PAGE})
        posts, rows, link = _shown(page), _rows(page), _NEXT.search(links)
        last = text(rows[-1].get("id")) if rows else ""
        return Shown(posts, link[1] if link and rows else last if len(rows) >= PER_PAGE else None)

    def found(self, words: str, after: str | None, read: int) -> Shown:
        """One page of what a search finds; `after` is how many are above."""
        above = whole(after)
        params: json_api.Params = {"q": words, "type": "statuses", "limit": PER_PAGE, "offset": above or None}
        page, _ = self._answer("v2/search", params)
        is_full = len(_rows(page)) > PER_PAGE // 2  # a server leaves out what is blocked or deleted
        return Shown(_shown(page), str(above + PER_PAGE - OVERLAP) if is_full else None)

    def _answer(self, path: str, params: json_api.Params) -> tuple[Page, str]:
        """An answer, and its header Link."""
        url = f"{self.base}/api/{path}"
        secrets = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            answer = json_api.answered(self.http, self.source, url, params, secrets=secrets)
        except json_api.ApiError as error:
            if error.status in (401, 403, 422) and not self.token:
                error.message += f"; this server may want a token; {TOKEN}"
            raise
        return Page(answer.body, answer.url, answer.fetched_at), answer.headers.get("link", "")


def posts_of(page: Page) -> tuple[Post, ...]:
    """The public posts of an answer in its order, or ParseError.

    A post is known by its ActivityPub id: all servers use it, while addresses change with names. Left out:
    boosts, which are nobody's words, posts for few, and those of people who do not want to be indexed.
    """
    return without_hidden(_shown(page))


def _shown(page: Page) -> tuple[Post, ...]:
    """All posts of an answer, those that are left out without anything in them."""
    answer, rows = json_of(page), _rows(page)
    if not (isinstance(answer, list) or record(answer).keys() & {*_LISTS, "uri"}):
        keys = ", ".join(list(record(answer))[:8])
        raise ParseError(f"no posts in this answer ({keys or 'empty'})", url=page.url)
    if any(not row.keys() >= _KEYS for row in rows):
        raise ParseError("something that is no post", url=page.url)
    parents = {text(row.get("id")): text(row.get("in_reply_to_id")) for row in rows}
    return tuple(
        _post(page, row, parents)
        if _is_open(row)
        else hidden(text(row.get("id")), utc(row.get("created_at")))
        for row in rows
    )


def _rows(page: Page) -> list[_Json]:
    answer = answer_of(page)
    if isinstance(answer, list):
        return records(answer)
    lists = [row for name in _LISTS for row in records(record(answer).get(name))]
    return lists or ([record(answer)] if "uri" in record(answer) else [])


def _root(number: str, parents: Mapping[str, str]) -> str:
    """The post that a conversation began with, as far as this answer tells."""
    seen = set[str]()
    while (above := parents.get(number)) and number not in seen:
        seen.add(number)
        number = above
    return number


def _is_open(row: _Json) -> bool:
    """Whether a post is for everybody and its author has not asked to be left out of indexes.

    `indexable: false` is no such wish but what nobody has chosen yet; servers heed it in their own search.
    """
    account = record(row.get("account"))
    note = _MARKS.sub("", text(account.get("note")))
    closed = account.get("noindex") is True or _NO_INDEX.search(note)
    return row.get("visibility") in _OPEN and not record(row.get("reblog")) and not closed


def _post(page: Page, row: _Json, parents: Mapping[str, str]) -> Post:
    uri, number, account = text(row.get("uri")).strip(), text(row.get("id")), record(row.get("account"))
    if not uri:
        raise ParseError("a post without its id", url=page.url)
    url = clean(text(row.get("url"))) or clean(uri) or f"{_site(page)}/@{text(account.get('acct'))}/{number}"
    own, quotes = split_html(text(row.get("content")), _MARKUP)
    warning = html_text(text(row.get("spoiler_text")))
    choices = [text(one.get("title")) for one in records(record(row.get("poll")).get("options"))]
    published, edited = utc(row.get("created_at")), utc(row.get("edited_at"))
    quoted = record(record(row.get("quote")).get("quoted_status"))
    thread = _root(number, parents) or uri
    return Post(
        id=uri,
        url=url,
        text="\n\n".join(filter(None, [warning, own, "\n".join(filter(None, choices))])),
        author=_handle(page, account),
        published_at=published,
        date_precision="second" if published else "unknown",
        edited_at=edited,
        thread_id=thread,
        thread_url=url if thread in (number, uri) else _thread_url(page, row, thread),
        quotes=(*quotes, *_quoted(page, quoted)),
        language=text(row.get("language")) or None,
        votes=count(row, "favourites_count"),
        replies=count(row, "replies_count"),
        facts=_facts(row, account),
    )


def _quoted(page: Page, row: _Json) -> Iterator[Quote]:
    """The post that another one shows below its own words."""
    words = html_text(text(row.get("content")))
    if words and _is_open(row):
        yield Quote(words, _handle(page, record(row.get("account"))))


def _facts(row: _Json, account: _Json) -> Facts:
    told: Facts = {
        "boosts": count(row, "reblogs_count") or 0,
        "sensitive": row.get("sensitive") is True,
        "unlisted": row.get("visibility") == "unlisted",
        "bot": account.get("bot") is True,
    }
    return {name: value for name, value in told.items() if value}


def _handle(page: Page, account: _Json) -> str | None:
    """`name@server`; people of the asked server itself come without it."""
    name = text(account.get("acct")).strip().lstrip("@")
    if not name or "@" in name:
        return name or None
    try:
        home = urlsplit(text(account.get("url"))).hostname
    except ValueError:
        home = None
    return f"{name}@{home or urlsplit(page.url).hostname or ''}".rstrip("@")


def _thread_url(page: Page, row: _Json, thread: str) -> str:
    """Where this server shows the post that is answered, if the answer says whose it is."""
    asked, account = text(row.get("in_reply_to_account_id")), record(row.get("account"))
    people = [account, *records(row.get("mentions"))]
    name = next((text(one.get("acct")) for one in people if asked and one.get("id") == asked), "")
    return f"{_site(page)}/@{name}/{thread}" if name and thread == text(row.get("in_reply_to_id")) else ""


def _site(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def recognise(page: Page) -> bool:
    """A list of posts, what a search found, a post or what is around it."""
    if b'"in_reply_to_id"' not in page.body or not is_json(page):
        return False
    rows = _rows(page)
    return bool(rows) and rows[0].keys() >= _KEYS


def topic(page: Page) -> Topic:
    """The posts of a recorded answer."""
    return answer_topic(posts_of(page), NAME)
