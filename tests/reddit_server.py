"""The loopback web server below the loopback Reddit: what is asked, what is answered, how it breaks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """What is answered instead of the usual; `cut` after so many bytes the connection breaks."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0
    cut: int | None = None

    @property
    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request: method, path, query (a form sent counts too) and headers (names in lower case)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def serving(answer: Callable[[Asked], Answer]) -> ThreadingHTTPServer:
    """A server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536
        disable_nagle_algorithm = True
        timeout = 10

        def do_GET(self) -> None:
            self._write(answer(self._asked("")))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._write(answer(self._asked(form.decode())))

        def _asked(self, form: str) -> Asked:
            parts = urlsplit(self.path)
            sent = {**parse_qs(parts.query), **parse_qs(form)}
            query = {name: values[0] for name, values in sent.items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            return Asked(self.command, parts.path.rstrip("/"), query, headers)

        def _write(self, told: Answer) -> None:
            time.sleep(told.wait)
            body = told.bytes
            self.send_response(told.status)
            for name, value in {"content-type": "application/json", **told.headers}.items():
                self.send_header(name, value)
            self.close_connection |= told.cut is not None
            if self.close_connection:  # PRAW asks for it with each token
                self.send_header("connection", "close")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: told.cut])

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    return Server(("127.0.0.1", 0), Handler)
