"""Reddit's API on loopback as PRAW speaks to it: tokens, listings with paging, search, threads, rate limits."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID, CLIENT_SECRET, TOKEN = "an-id", "a-secret", "a-token"
MOST = 1000  # so far back Reddit shows a listing

Thing = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is answered instead of the usual."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Rule = Answer | Callable[["Asked"], "Answer | None"]


@dataclass(frozen=True)
class Asked:
    """One request: method, path, query and headers (names in lower case)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def submission(number: int, at: datetime, board: str = "werkzeug", **more: Any) -> Thing:
    """A self post; `number` makes its id, any field of Reddit's may be given."""
    short = f"p{number:06}"
    data = {
        "id": short,
        "name": f"t3_{short}",
        "subreddit": board,
        "author": "saegefix",
        "title": f"Titel {number}",
        "selftext": f"Text {number}",
        "permalink": f"/r/{board}/comments/{short}/titel_{number}/",
        "created_utc": at.timestamp(),
        "edited": False,
        "is_self": True,
    }
    return {"kind": "t3", "data": {**data, **more}}


def comment(number: int, at: datetime, on: Thing, **more: Any) -> Thing:
    """A comment on a submission."""
    short, thread = f"c{number:06}", on["data"]
    data = {
        "id": short,
        "name": f"t1_{short}",
        "subreddit": thread["subreddit"],
        "author": "hobelhilde",
        "body": f"Kommentar {number}",
        "link_id": thread["name"],
        "link_title": thread["title"],
        "parent_id": thread["name"],
        "permalink": f"{thread['permalink']}{short}/",
        "created_utc": at.timestamp(),
        "edited": False,
        "replies": "",
    }
    return {"kind": "t1", "data": {**data, **more}}


def listing(children: list[Thing], after: str | None = None, before: str | None = None) -> Thing:
    return {"kind": "Listing", "data": {"children": children, "after": after, "before": before}}


class RedditWorld:
    """`posts` and `comments` may be changed while it serves; `rules` (by path) answer instead of it."""

    def __init__(self) -> None:
        self.posts: list[Thing] = []
        self.comments: list[Thing] = []
        self.rules: dict[str, Rule] = {}
        self.log: list[Asked] = []
        self.limits: Mapping[str, str] = _limits(900, 100, 300)
        self._server = _server(self)
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
        return [asked.path for asked in self.log if asked.path != "/api/v1/access_token"]

    def limit(self, remaining: float, used: int, reset: int) -> None:
        """The rate-limit headers of all answers from now on."""
        self.limits = _limits(remaining, used, reset)

    def answer(self, asked: Asked) -> Answer:
        self.log.append(asked)
        rule = self.rules.get(asked.path)
        ruled = rule(asked) if callable(rule) else rule
        if ruled is not None:
            return ruled
        if asked.path == "/api/v1/access_token":
            return _token(asked)
        if asked.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
            return Answer(401, {"message": "Unauthorized", "error": 401})
        return self._listed(asked)

    def _listed(self, asked: Asked) -> Answer:
        parts = asked.path.strip("/").split("/")
        if parts[0] == "r" and len(parts) == 3 and parts[2] in ("new", "comments"):
            things = self.posts if parts[2] == "new" else self.comments
            return Answer(body=_paged([one for one in things if one["data"]["subreddit"] == parts[1]], asked))
        if parts[-1] == "search":
            words = asked.query.get("q", "").casefold()
            return Answer(
                body=_paged([one for one in self.posts if words in json.dumps(one).casefold()], asked)
            )
        if parts[0] == "comments":
            return self._thread_of(parts[1])
        return Answer(404, {"message": "Not Found", "error": 404})

    def _thread_of(self, short: str) -> Answer:
        on = [one for one in self.posts if one["data"]["id"] == short]
        below = [one for one in self.comments if one["data"]["link_id"] == f"t3_{short}"]
        return Answer(body=[listing(on), listing(below)])


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


def _paged(things: list[Thing], asked: Asked) -> Thing:
    """One page, newest first; below (or above) an anchor that is gone there is nothing, as on Reddit."""
    newest = sorted(things, key=lambda one: (one["data"]["created_utc"], one["data"]["name"]), reverse=True)[
        :MOST
    ]
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


def _server(world: RedditWorld) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536
        disable_nagle_algorithm = True
        timeout = 10

        def do_GET(self) -> None:
            self._write(world.answer(self._asked()))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self._write(world.answer(self._asked()))

        def _asked(self) -> Asked:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            return Asked(self.command, parts.path.rstrip("/"), query, headers)

        def _write(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {**world.limits, "content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            if self.close_connection:  # PRAW asks for it with each token
                self.send_header("connection", "close")
            self.send_header("content-length", str(len(answer.bytes)))
            self.end_headers()
            self.wfile.write(answer.bytes)

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    return Server(("127.0.0.1", 0), Handler)
