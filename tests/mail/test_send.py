"""Sending over a real SMTP server: accepted, refused, secured, unreachable."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from listener.errors import DeliveryError
from listener.mail import MailServer, greets, message, send
from listener.model import Digest

Serve = Callable[..., Any]


def mail() -> EmailMessage:
    return message(
        Digest("Akkufix", ".\n.Zeile mit Punkt\nGrüße\n", "<p>Grüße</p>", {"bild": b"\x89PNG"}),
        sender="listener@example.com",
        recipient="Team <team@example.com>",
        message_id="<1@example.com>",
        date=datetime(2026, 11, 24, tzinfo=UTC),
    )


def plain(port: int, **changed: Any) -> MailServer:
    return MailServer("127.0.0.1", port, **({"security": "none"} | changed))


def test_a_mail_arrives(serve: Serve) -> None:
    inbox, port = serve()
    send(mail(), plain(port))
    (envelope,) = inbox.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("listener@example.com", ["team@example.com"])
    got = message_from_bytes(envelope.content, policy=SMTP)
    assert isinstance(got, EmailMessage)
    body = got.get_body(("plain",))
    assert body is not None and body.get_content().splitlines() == [".", ".Zeile mit Punkt", "Grüße"]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "permanent"), [("451 später bitte", False), ("550 kein Postfach", True)])
def test_a_refusal_says_whether_it_will_pass(
    serve: Serve, command: str, answer: str, permanent: bool
) -> None:
    inbox, port = serve({command: answer})
    with pytest.raises(DeliveryError, match=rf"127\.0\.0\.1:{port} answered {answer[:3]}") as caught:
        send(mail(), plain(port))
    assert caught.value.permanent is permanent
    assert not inbox.received


def test_what_comes_after_acceptance_does_not_matter(serve: Serve) -> None:
    inbox, port = serve({"QUIT": "451 not now"})
    send(mail(), plain(port))
    assert len(inbox.received) == 1


def test_starttls_with_login(
    serve: Serve, server_tls: ssl.SSLContext, trusting: ssl.SSLContext, authenticator: Any
) -> None:
    inbox, port = serve(
        tls_context=server_tls, require_starttls=True, authenticator=authenticator, auth_required=True
    )
    server = plain(port, security="starttls", user="listener", password="geheim")
    send(mail(), server, tls=trusting)
    assert len(inbox.received) == 1
    greets(server, tls=trusting)


def test_tls_from_the_first_byte(serve: Serve, server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    inbox, port = serve(ssl_context=server_tls)
    send(mail(), plain(port, security="tls"), tls=trusting)
    assert len(inbox.received) == 1


@pytest.mark.parametrize(("security", "option"), [("tls", "ssl_context"), ("starttls", "tls_context")])
def test_an_unknown_certificate_is_refused(
    serve: Serve, server_tls: ssl.SSLContext, security: str, option: str
) -> None:
    inbox, port = serve(**{option: server_tls})
    with pytest.raises(DeliveryError, match="certificate refused") as caught:
        send(mail(), plain(port, security=security))
    assert not caught.value.permanent
    assert not inbox.received


def test_a_wrong_password_is_named_and_not_shown(
    serve: Serve, server_tls: ssl.SSLContext, trusting: ssl.SSLContext, authenticator: Any
) -> None:
    inbox, port = serve(tls_context=server_tls, authenticator=authenticator)
    server = plain(port, security="starttls", user="listener", password="falsch-und-geheim")
    with pytest.raises(DeliveryError, match="answered 535") as caught:
        greets(server, tls=trusting)
    assert "falsch-und-geheim" not in f"{caught.value!r} {server!r}"
    assert not inbox.received


def test_a_server_without_starttls_gets_nothing_in_clear(serve: Serve, trusting: ssl.SSLContext) -> None:
    inbox, port = serve()
    with pytest.raises(DeliveryError, match="STARTTLS"):
        send(mail(), plain(port, security="starttls"), tls=trusting)
    assert not inbox.received


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(DeliveryError, match=f"127.0.0.1:{port}: ") as caught:
            greets(plain(port))
    assert not caught.value.permanent


def test_something_else_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DeliveryError):
            greets(plain(port))
        thread.join()
