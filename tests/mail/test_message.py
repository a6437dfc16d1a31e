"""The mail as bytes: parts, headers, nothing injected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import DeliveryError
from listener.mail import message, message_id
from listener.model import Digest

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def make(
    subject: str = "Akkufix 3000: 14 Erwähnungen", text: str = "Grüße\n", html: str = "<p>Grüße</p>"
) -> EmailMessage:
    digest = Digest(subject, text, html + '<img src="cid:picture">', {"picture": PNG})
    return message(
        digest,
        sender="Hörer <listener@example.com>",
        recipient="team@example.com",
        message_id=message_id("digest", DAY, "team@example.com", "listener@example.com"),
        date=AT,
        name="Tägliche Übersicht",
    )


def read(mail: EmailMessage) -> EmailMessage:
    parsed = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_parts_arrive_as_they_were() -> None:
    mail = read(make())
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    html, picture = related.iter_parts()  # type: ignore[attr-defined]
    assert text.get_content_type() == "text/plain" and text.get_content().strip() == "Grüße"
    assert html.get_content_type() == "text/html" and "Grüße" in html.get_content()
    assert picture["Content-ID"] == "<picture>" and picture.get_content() == PNG
    assert picture.get_content_disposition() == "inline"


def test_headers() -> None:
    mail = read(make())
    assert mail["Subject"] == "Akkufix 3000: 14 Erwähnungen"
    assert str(mail["From"]) == "Hörer <listener@example.com>"
    assert mail["To"] == "team@example.com"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<t-gliche--bersicht.example.com>"


def test_equal_arguments_give_equal_bytes() -> None:
    assert make().as_bytes() == make().as_bytes()


def test_every_line_is_short_and_pure_ascii() -> None:
    raw = make(text="Öl " * 3000 + "x" * 5000, html="<p>" + "ü" * 5000 + "</p>").as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_message_id_is_that_of_digest_day_and_recipient() -> None:
    same = message_id("digest", DAY, "Team <TEAM@example.com>", "listener@example.com")
    assert same == message_id("digest", DAY, "team@example.com", "Hörer <listener@example.com>")
    others = {
        message_id("weekly", DAY, "team@example.com", "listener@example.com"),
        message_id("digest", date(2026, 11, 25), "team@example.com", "listener@example.com"),
        message_id("digest", DAY, "other@example.com", "listener@example.com"),
    }
    assert len(others | {same}) == 4
    assert read(make())["Message-ID"] == same


@pytest.mark.parametrize(
    "subject",
    [
        "Akkufix\r\nBcc: all@example.com",
        "Akkufix\nBcc: all@example.com",
        "Akkufix\rBcc: all@example.com",
        "Akkufix\u2028Bcc: all@example.com",
        "Akkufix\x85\x0b\x0c\x00Bcc: all@example.com",
        "Akkufix\u202e\u200b\ud800 x " + "y" * 2000,
        "=?utf-8?q?Akkufix=0D=0ABcc:_all@example.com?=",
        "",
    ],
)
def test_no_subject_can_add_a_header(subject: str) -> None:
    mail = read(make(subject))
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 181
    assert not set(mail["Subject"]) & set("\r\n\u2028\x85\x00\u202e\u200b")


@given(st.text(max_size=300))
def test_any_subject_makes_a_readable_mail(subject: str) -> None:
    mail = read(make(subject))
    assert sorted(mail.keys()) == sorted(make().keys())
    assert not mail.defects


@given(st.text(max_size=300))
def test_any_text_arrives(text: str) -> None:
    plain, _ = read(make(text=text)).iter_parts()
    assert plain.get_content().split() == text.split() or not text.isprintable()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.example\nBcc: c@d.example",
        "a\u2028b@b.example",
        "@b.example",
        "a@",
        "a b@c.example",
        "a@@b",
    ],
)
def test_a_broken_address_is_named(address: str) -> None:
    with pytest.raises(DeliveryError, match="not a mail") as caught:
        message(Digest("", "", ""), sender="l@example.com", recipient=address, message_id="<1@x>", date=AT)
    assert caught.value.permanent
