"""A digest as a mail, and its way to the SMTP server."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal

from listener.errors import DeliveryError
from listener.model import Digest

Security = Literal["none", "starttls", "tls"]
TIMEOUT = 30.0
LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over; `security` "none" sends in clear, for a server on a trusted way."""

    host: str
    port: int = 25
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def message_id(digest: str, day: date, recipient: str, sender: str) -> str:
    """The same for the same digest, day and recipient, so that a mail sent twice is shown once."""
    key = "\x1f".join([digest, day.isoformat(), _address(recipient).addr_spec.casefold()])
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_host(_address(sender))}>"


def message(
    digest: Digest,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    date: datetime,
    name: str = "digest",
    language: str = "de",
) -> EmailMessage:
    """The digest for one recipient; equal arguments give equal bytes. `name` says which digest (List-Id)."""
    origin = _address(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = origin
    mail["To"] = _address(recipient)
    mail["Subject"] = one_line(digest.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    mail["List-Id"] = f"<{_label(name)}.{_host(origin)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "bulk"
    mail["Content-Language"] = language
    mail.set_content(digest.text, cte="quoted-printable")
    mail.add_alternative(digest.html, subtype="html", cte="quoted-printable")
    _attach(mail, digest)
    _fix_boundaries(mail, message_id)
    return mail


def _attach(mail: EmailMessage, digest: Digest) -> None:
    html = mail.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, EmailMessage)
    for cid, png in digest.images.items():
        html.add_related(
            png, "image", "png", cid=f"<{cid}>", disposition="inline", filename=f"{_label(cid)}.png"
        )


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"={hashlib.sha256(f'{number} {message_id}'.encode()).hexdigest()[:40]}=")


def one_line(text: str) -> str:
    """The text without line ends, control and direction characters: safe in a header."""
    kept = ("" if unicodedata.category(char) == "Cf" else char for char in text)
    spaced = (
        " " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in kept if char
    )
    line = " ".join("".join(spaced).split())
    # The mail library would decode an encoded word in a header, line ends and all.
    return line.replace("=?", "= ?")


def _address(text: str) -> Address:
    name, spec = parseaddr(one_line(text))
    try:
        if one_line(text) != text.strip() or "@" not in spec:
            raise ValueError(text)
        return Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError, MessageError) as error:
        raise DeliveryError(f"not a mail address: {one_line(text)!r}", permanent=True) from error


def _host(address: Address) -> str:
    try:
        return address.domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise DeliveryError(f"not a mail domain: {address.domain!r}", permanent=True) from error


def _label(text: str) -> str:
    words = "".join(char if char.isascii() and char.isalnum() else "-" for char in text.casefold())
    return words.strip("-")[:60] or "digest"


def send(mail: EmailMessage, server: MailServer, *, tls: ssl.SSLContext | None = None) -> None:
    """Hand one mail over; DeliveryError if the server did not take it, `permanent` if it answered with 5xx.

    Returns as soon as the server has accepted: what it says to QUIT does not make a sent mail unsent.
    """
    with _wrapped(server), _session(server, tls) as session:
        session.send_message(mail)


def greets(server: MailServer, *, tls: ssl.SSLContext | None = None) -> None:
    """Connect, secure and log in as for a mail, then leave; DeliveryError says what is wrong."""
    with _wrapped(server), _session(server, tls) as session:
        session.noop()


@contextmanager
def _session(server: MailServer, tls: ssl.SSLContext | None) -> Iterator[smtplib.SMTP]:
    session = _connect(server, tls or ssl.create_default_context())
    try:
        if server.user is not None:
            session.login(server.user, server.password or "")
        yield session
        with suppress(smtplib.SMTPException, OSError):
            session.quit()
    finally:
        session.close()


def _connect(server: MailServer, tls: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=tls)
    session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if server.security == "starttls":
        try:
            session.starttls(context=tls)
        except BaseException:
            session.close()
            raise
    return session


@contextmanager
def _wrapped(server: MailServer) -> Iterator[None]:
    place = f"{server.host}:{server.port}"
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refused(place, code, answer) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(place, error.smtp_code, error.smtp_error) from error
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(f"{place}: certificate refused: {error.verify_message}") from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise DeliveryError(f"{place}: {one_line(str(error)) or type(error).__name__}") from error


def _refused(place: str, code: int, answer: bytes | str) -> DeliveryError:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return DeliveryError(f"{place} answered {code} {one_line(said)[:300]}", permanent=500 <= code < 600)
