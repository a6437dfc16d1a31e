"""Reddit's API on loopback as PRAW speaks to it: listings, threads, search, looks, limits, outages."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from tests.reddit_server import Answer, Asked, serving
from tests.reddit_tree import Thing, comment, listing, more_children, submission, thread_page

__all__ = ["Answer", "Asked", "RedditWorld", "Thing", "Window", "comment", "listing", "submission"]

CLIENT_ID, CLIENT_SECRET, TOKEN = "an-id", "a-secret", "a-token"
MOST = 1000  # so far back Reddit shows a listing
TOKENS = "/api/v1/access_token"
CLOSED = {"private": 403, "quarantined": 403, "gold_only": 403, "banned": 404}


Rule = Answer | Callable[[Asked], Answer | None]


class Window:
    """Reddit's rate limit: `most` requests in each `seconds` of the world's clock."""

    def __init__(self, most: int = 1000, seconds: int = 600) -> None:
        self.most, self.seconds = most, seconds
        self.number, self.used = -1, 0

    def take(self, now: datetime) -> Mapping[str, str]:
        """The headers after one more request."""
        passed = int(now.timestamp())
        if passed // self.seconds != self.number:
            self.number, self.used = passed // self.seconds, 0
        self.used += 1
        return _limits(max(self.most - self.used, 0), self.used, self.seconds - passed % self.seconds)

    @property
    def is_spent(self) -> bool:
        return self.used > self.most


class RedditWorld:
    """`posts` and `comments` may be changed while it serves; `rules` (by path) answer instead of it.

    `closed` are boards with Reddit's word for why (private, banned, quarantined); `hidden` are the full
    names that no listing shows; `unfound` those that its search never finds, and nothing younger than
    `search_lag`. `trouble` may answer any request instead of the world. Without a `window`, all
    answers carry `limits`.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.posts: list[Thing] = []
        self.comments: list[Thing] = []
        self.rules: dict[str, Rule] = {}
        self.log: list[Asked] = []
        self.limits: Mapping[str, str] = _limits(900, 100, 300)
        self.clock = clock
        self.closed: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.unfound: set[str] = set()
        self.search_lag = timedelta(0)
        self.trouble: Callable[[Asked], Answer | None] = lambda asked: None
        self.window: Window | None = None
        self._server = serving(self._answered)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> RedditWorld:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """What was asked for so far, tokens aside."""
        return [asked.path for asked in self.log if asked.path != TOKENS]

    def limit(self, remaining: float, used: int, reset: int) -> None:
        """The rate-limit headers of all answers from now on."""
        self.limits = _limits(remaining, used, reset)

    def find(self, name: str) -> Thing | None:
        """The post or comment with this full name."""
        things = self.posts if name.startswith("t3_") else self.comments
        return next((one for one in things if one["data"]["name"] == name), None)

    def delete(self, name: str) -> None:
        """As its author does: gone from listings, named [deleted] elsewhere; a title stays."""
        self._withdraw(name, "[deleted]", "deleted", author="[deleted]")

    def remove(self, name: str, by: str = "moderator") -> None:
        """As a moderator (`reddit`: the company) does: gone from listings, its words are [removed]."""
        self._withdraw(name, "[ Removed by Reddit ]" if by == "reddit" else "[removed]", by)

    def purge(self, name: str) -> None:
        """Gone without a trace: no request tells of it."""
        self.posts = [one for one in self.posts if one["data"]["name"] != name]
        self.comments = [one for one in self.comments if one["data"]["name"] != name]

    def edit(self, name: str, words: str, at: datetime) -> None:
        """Other words, and when."""
        data = self._told(name)
        data[_words(data)] = words
        data["edited"] = at.timestamp()

    def suspend(self, author: str) -> None:
        """Reddit removes all that an author wrote."""
        for data in self._of(author):
            self.remove(data["name"], by="reddit")

    def leave(self, author: str) -> None:
        """An account is deleted: its words stay without a name."""
        for data in self._of(author):
            data["author"] = "[deleted]"
            data.pop("author_fullname", None)

    def _of(self, author: str) -> list[dict[str, Any]]:
        return [one["data"] for one in (*self.posts, *self.comments) if one["data"]["author"] == author]

    def _told(self, name: str) -> dict[str, Any]:
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        data: dict[str, Any] = found["data"]
        return data

    def _withdraw(self, name: str, words: str, by: str, **more: str) -> None:
        data = self._told(name)
        data.update({_words(data): words, **more})
        if "title" in data:
            data["removed_by_category"] = by
        self.hidden.add(name)

    def _answered(self, asked: Asked) -> Answer:
        found = self.answer(asked)
        return replace(found, headers={**self.limits, **found.headers})

    def answer(self, asked: Asked) -> Answer:
        self.log.append(asked)
        rule = self.rules.get(asked.path)
        ruled = self.trouble(asked) or (rule(asked) if callable(rule) else rule)
        if ruled is not None:
            return ruled
        if asked.path == TOKENS:
            return _token(asked)
        if asked.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
            return Answer(401, {"message": "Unauthorized", "error": 401})
        headers = self.window.take(self.clock()) if self.window else self.limits
        if self.window and self.window.is_spent:
            return Answer(429, {"message": "Too Many Requests", "error": 429}, headers)
        found = self._listed(asked)
        return replace(found, headers={**headers, **found.headers})

    def _listed(self, asked: Asked) -> Answer:
        parts = asked.path.strip("/").split("/")
        if parts[0] == "r" and len(parts) >= 3 and (reason := self._closed(parts[1])):
            message = "Forbidden" if CLOSED[reason] == 403 else "Not Found"
            return Answer(CLOSED[reason], {"reason": reason, "message": message, "error": CLOSED[reason]})
        if parts[0] == "r" and parts[2:] in (["new"], ["comments"]):
            return self._page(self.newest(parts[2], parts[1]), asked)
        if parts[0] == "r" and parts[2:] == ["about"]:
            return Answer(body={"kind": "t5", "data": {"display_name": parts[1], "subreddit_type": "public"}})
        if parts[-1] == "search":
            return self._page(self.search(asked), asked)
        if parts == ["api", "info"]:
            return Answer(body=listing(self.told(asked.query.get("id", "").split(",")[:100])))
        if parts == ["api", "morechildren"]:
            return Answer(body=more_children(self.comments, asked.query))
        if parts[0] == "comments" or parts[2:3] == ["comments"]:
            return self._thread_of(parts[parts.index("comments") + 1], asked)
        return Answer(404, {"message": "Not Found", "error": 404})

    def _page(self, things: list[Thing], asked: Asked) -> Answer:
        return Answer(body=_paged(things, asked))

    def _closed(self, boards: str) -> str:
        """Reddit's word for why, where none of `a+b` is open."""
        reasons = [self.closed.get(board, "") for board in boards.split("+")]
        return reasons[0] if all(reasons) else ""

    def _is_shown(self, thing: Thing) -> bool:
        return thing["data"]["name"] not in self.hidden and thing["data"]["subreddit"] not in self.closed

    def newest(self, kind: str, boards: str) -> list[Thing]:
        """What a board's listing (`new` or `comments`) shows, newest first."""
        names = set(boards.split("+"))
        things = self.posts if kind == "new" else self.comments
        return _sorted(one for one in things if one["data"]["subreddit"] in names and self._is_shown(one))

    def search(self, asked: Asked) -> list[Thing]:
        """What the search finds, newest first."""
        words, until = asked.query.get("q", "").casefold(), (self.clock() - self.search_lag).timestamp()
        found = (one for one in self.posts if words in json.dumps(one).casefold() and self._is_shown(one))
        known = (one for one in found if one["data"]["name"] not in self.unfound)
        return _sorted(one for one in known if not self.search_lag or one["data"]["created_utc"] <= until)

    def told(self, names: Iterable[str]) -> list[Thing]:
        """What `/api/info` knows of these full names: unknown ones and closed boards are left out."""
        wanted = set(names)
        known = (one for one in (*self.posts, *self.comments) if one["data"]["name"] in wanted)
        return [one for one in known if one["data"]["subreddit"] not in self.closed]

    def _thread_of(self, short: str, asked: Asked) -> Answer:
        found = self.find(f"t3_{short}")
        if found is None:
            return Answer(404, {"message": "Not Found", "error": 404})
        if reason := self._closed(found["data"]["subreddit"]):
            return Answer(CLOSED[reason], {"reason": reason, "error": CLOSED[reason]})
        return Answer(body=thread_page(found, self.comments, asked.query))


def _words(data: Mapping[str, Any]) -> str:
    return "selftext" if "title" in data else "body"


def _limits(remaining: float, used: int, reset: int) -> Mapping[str, str]:
    return {
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-used": str(used),
        "x-ratelimit-reset": str(reset),
    }


def _token(asked: Asked) -> Answer:
    key = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if asked.method != "POST" or asked.headers.get("authorization") != f"Basic {key}":
        return Answer(401, {"message": "Unauthorized", "error": 401})
    return Answer(body={"access_token": TOKEN, "token_type": "bearer", "expires_in": 86400, "scope": "*"})


def _sorted(things: Iterable[Thing]) -> list[Thing]:
    return sorted(things, key=lambda one: (one["data"]["created_utc"], one["data"]["name"]), reverse=True)


def _paged(things: list[Thing], asked: Asked) -> Thing:
    """One page of the newest; below (or above) an anchor that is gone there is nothing, as on Reddit."""
    newest = things[:MOST]
    size = min(int(asked.query.get("limit", "25")), 100)
    names = [one["data"]["name"] for one in newest]
    anchor = asked.query.get("after") or asked.query.get("before")
    if anchor and anchor not in names:
        return listing([])
    if "before" in asked.query:
        newest = newest[: names.index(asked.query["before"])][-size:]
        return listing(newest, before=newest[0]["data"]["name"] if newest else None)
    start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
    shown = newest[start : start + size]
    return listing(shown, after=shown[-1]["data"]["name"] if start + size < len(newest) else None)
