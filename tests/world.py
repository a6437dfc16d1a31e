"""A small programmable web server on loopback: routes are bytes or functions, requests are logged."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

QUIET = ("/robots.txt", "/.well-known/tdmrep.json")


@dataclass(frozen=True)
class Request:
    """One request as it came in: `path` with its query, header names in lower case."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(frozen=True)
class Reply:
    """What a route answers; `chunks` are written one by one without a length, after which the line is cut."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None


Route = bytes | str | Reply | Callable[[Request], "bytes | str | Reply"]


def html(body: str, status: int = 200, **headers: str) -> Reply:
    """A page of HTML; `last_modified="…"` is the header Last-Modified."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body.encode(), status, {"content-type": "text/html; charset=utf-8", **named})


class World:
    """`World(routes)` as a context manager; `routes` may be changed while it serves.

    A route is looked up by path with query, then by path alone, then under "*"; else 404.
    """

    def __init__(self, routes: Mapping[str, Route] | None = None) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.log: list[Request] = []
        self.faults: list[BaseException] = []

    def __enter__(self) -> World:
        self._server = _server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.faults and error is None:
            raise self.faults[0]

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for so far, without robots.txt and tdmrep.json."""
        return [request.path for request in self.log if request.path not in QUIET]

    def answer(self, request: Request) -> Reply:
        self.log.append(request)
        plain = urlsplit(request.path).path
        default: Route = Reply(b"not here", 404)
        catch_all = default if plain in QUIET else self.routes.get("*", default)
        route = self.routes.get(request.path, self.routes.get(plain, catch_all))
        found = route(request) if callable(route) else route
        if isinstance(found, Reply):
            return found
        return Reply(found.encode() if isinstance(found, str) else found)


def _server(world: World) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # headers and body in one packet: else each answer waits 40 ms for an ACK
        disable_nagle_algorithm = True
        timeout = 10

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            self._write(world.answer(Request(self.path, headers, self.command, body)))

        do_POST = do_GET

        def _write(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunks is None:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.chunks is not None:
                self._drip(reply.chunks)

        def _drip(self, chunks: Iterable[bytes]) -> None:
            self.close_connection = True
            try:
                for chunk in chunks:
                    self.wfile.write(chunk)
                    self.wfile.flush()
            except OSError:
                return  # the client has had enough

        def send_response(self, code: int, message: str | None = None) -> None:
            """Unlike the original, lets a route set Date itself and names no server."""
            self.send_response_only(code, message)

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            fault = sys.exception()
            if fault is not None and not isinstance(fault, OSError):
                world.faults.append(fault)

    return Server(("127.0.0.1", 0), Handler)
