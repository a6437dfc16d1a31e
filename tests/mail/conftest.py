"""A real SMTP server on loopback whose answers a test chooses."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

CERTIFICATE = Path(__file__).parent / "localhost.pem"  # self-signed, for these tests only


class Inbox:
    """Handler that keeps what it accepts; `answers` replaces an answer by command."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.received: list[Envelope] = []
        self.commands: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, to: str, options: Any) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.received.append(envelope)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Envelope) -> str:
        return self.answers.get("QUIT", "221 Bye")


class Server(Controller):
    """A controller on a free port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(CERTIFICATE)
    return made


def allow(server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
    assert isinstance(auth, LoginPassword)
    return AuthResult(success=auth.password == b"geheim", handled=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[Inbox, int]]]:
    """`serve(answers, **server options)` gives the inbox and the port."""
    running: list[Server] = []

    def start(answers: dict[str, str] | None = None, **options: Any) -> tuple[Inbox, int]:
        inbox = Inbox(answers or {})
        server = Server(inbox, hostname="127.0.0.1", port=0, **options)
        server.start()
        running.append(server)
        return inbox, server.port

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A client that knows the test server's certificate."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


@pytest.fixture
def server_tls() -> ssl.SSLContext:
    """The server's side."""
    return context()


@pytest.fixture
def authenticator() -> Callable[..., AuthResult]:
    """Accepts the password "geheim"."""
    return allow
