"""The demo's world: one HTTP server on loopback that is a forum, a blog and Reddit's API at once."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from listener.demo import blog, forum, reddit
from listener.demo.answer import Answer, Asked, page
from listener.demo.layout import View
from listener.demo.posts import Clock, Said, Thread, load_blog, load_forum, load_reddit
from listener.demo.truth import BLOG, FORUM, REDDIT, Expected, truth

CLOSED = ("search", "memberlist", "posting", "ucp")
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: /forum/{script}.php\n" for script in CLOSED)
BODY_LIMIT = 100_000


@dataclass(frozen=True)
class Hit:
    """One answered request: `target` is the path with its parameters."""

    method: str
    target: str
    status: int


class World:
    """A context manager: while it is open, the world answers at `url`.

    The same `now` and `seed` make the same world. `now` may be set later: it moves the server's
    clock (`Date`, "vor 6 Minuten"), not the posts.
    """

    def __init__(self, now: datetime, *, seed: int = 0) -> None:
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        self.now = now.astimezone(UTC)
        self.requests: list[Hit] = []
        self._random = Random(seed)
        clock = Clock(self.now, self._random)
        self._forum, self._blog, self._reddit = load_forum(clock), load_blog(clock), load_reddit(clock)
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str:
        """Where the world answers, without a slash at the end."""
        if not self._server:
            raise RuntimeError("the world is closed: use it in a `with`")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def truth(self) -> list[Expected]:
        """What a perfect listener finds at this moment, oldest first."""
        with self._lock:
            return truth(self._forum, self._blog, self._reddit)

    def config(self, directory: Path, *, mail_port: int = 25) -> str:
        """A configuration for this world; the store lies in `directory`."""
        template = files(__package__).joinpath("config.yaml").read_text("utf-8")
        return template.format(
            store=json.dumps(f"sqlite:///{directory.absolute()}/listener.db", ensure_ascii=False),
            url=self.url,
            forum=FORUM,
            blog=BLOG,
            reddit=REDDIT,
            subreddits=json.dumps(self._reddit.subreddits),
            search=json.dumps(self._reddit.search),
            client_id=reddit.CLIENT_ID,
            client_secret=reddit.CLIENT_SECRET,
            mail_port=mail_port,
        )

    def start(
        self, board: int, title: str, text: str, author: str, at: datetime, *, names: Iterable[str] = ()
    ) -> str:
        """Start a thread on a board of the forum; its id. `names`: products that the title names."""
        with self._lock:
            post = Said(author, at.astimezone(UTC), text, self._forum.next_id())
            number = max(thread.id for thread in self._forum.threads) + 1
            self._forum.threads.append(Thread(board, title, [post], tuple(names), id=number))
            return str(number)

    def reply(
        self, thread: str | int, text: str, author: str, at: datetime, *, names: Iterable[str] = ()
    ) -> str:
        """Answer in a forum thread (its number) or under a submission (t3_…); the new post's id."""
        with self._lock:
            said = Said(author, at.astimezone(UTC), text, names=tuple(names))
            place = self._thread(str(thread))
            said.id = (
                reddit.next_comment(self._reddit) if str(thread).startswith("t3_") else self._forum.next_id()
            )
            place.append(said)
            return said.id

    def edit(self, post_id: str, text: str, at: datetime, *, names: Iterable[str] | None = None) -> None:
        """Change a post's text; `names`: products that the new text names, if they changed."""
        with self._lock:
            said = self._said(post_id)
            said.text, said.edited_at, said.edits = text, at.astimezone(UTC), said.edits + 1
            said.names = said.names if names is None else tuple(names)

    def delete(self, post_id: str) -> None:
        """Delete a post: forum and blog drop it, on Reddit "[deleted]" stays."""
        with self._lock:
            said = self._said(post_id)
            said.deleted = True
            if not post_id.startswith(("t1_", "t3_")):
                for posts in (self._blog.entries, *(thread.posts for thread in self._forum.threads)):
                    posts[:] = [post for post in posts if post is not said]
                self._forum.threads = [thread for thread in self._forum.threads if thread.posts]

    def fail(self, path_prefix: str, status: int | None) -> None:
        """Answer everything below a path with this status; None lifts it."""
        with self._lock:
            self._failures.pop(path_prefix, None)
            if status is not None:
                self._failures[path_prefix] = status

    def _thread(self, thread: str) -> list[Said]:
        if thread.startswith("t3_"):
            return next(s.comments for s in self._reddit.submissions if s.post.id == thread)
        return next(t.posts for t in self._forum.threads if str(t.id) == thread)

    def _said(self, post_id: str) -> Said:
        for said in self._everything():
            if said.id == post_id:
                return said
        raise KeyError(post_id)

    def _everything(self) -> Iterator[Said]:
        threads = (thread.posts for thread in self._forum.threads)
        submissions = ([s.post, *s.comments] for s in self._reddit.submissions)
        return chain(self._blog.entries, *threads, *submissions)

    def answer(self, asked: Asked, target: str) -> Answer:
        """The answer to one request, which is noted in `requests`."""
        with self._lock:
            given = self._failure(asked.path) or self._answer(asked)
            self.requests.append(Hit(asked.method, target, given.status))
            return given

    def _failure(self, path: str) -> Answer | None:
        for prefix, status in self._failures.items():
            if path.startswith(prefix):
                return page(f"<!DOCTYPE html><title>{status}</title><h1>{status}</h1>", status)
        return None

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(ROBOTS.encode(), "text/plain; charset=UTF-8")
        if asked.method == "POST":
            return reddit.token(asked) if asked.path == "/api/v1/access_token" else page("", 405)
        if asked.path.startswith("/forum/"):
            return forum.respond(self._view(asked), asked)
        if asked.path.startswith("/blog/"):
            return blog.respond(self._blog, self.url, asked)
        if asked.path.startswith(("/r/", "/api/", "/search", "/comments/")):
            used = sum(hit.target.startswith(("/r/", "/api/", "/search")) for hit in self.requests)
            return reddit.respond(self._reddit, asked, used)
        return page("<!DOCTYPE html><title>404</title><h1>Not Found</h1>", 404)

    def _view(self, asked: Asked) -> View:
        known = f"{forum.COOKIE}=" in asked.headers.get("cookie", "")
        sid = "" if known else f"{self._random.getrandbits(128):032x}"
        return View(self._forum, self.now, f"{self.url}/forum/", sid)


class _Server(ThreadingHTTPServer):
    """Serves from construction to `stop`, on a free port of 127.0.0.1; connections are kept alive."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, world: World) -> None:
        self.world = world
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Visitor)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End all connections and free the port."""
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up is no news; anything else is our fault and shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Visitor(BaseHTTPRequestHandler):
    """Reads a request, asks the world, writes the answer in one piece."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Apache", ""
    wbufsize = 1 << 16
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers)
        self._read_body()
        self._write(self.server.world.answer(asked, self.path))

    do_HEAD = do_POST = do_GET

    def _read_body(self) -> None:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isascii() and length.isdigit() else 0
        self.close_connection = self.close_connection or size > BODY_LIMIT
        self.rfile.read(min(size, BODY_LIMIT))

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:  # unsaid, a client would send its next request into a closing connection
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The world's clock, not the machine's."""
        return format_datetime(self.server.world.now, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `World.requests` is the log."""
