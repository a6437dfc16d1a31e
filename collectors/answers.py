"""What a server answered: the response and what its headers say about time."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx

from collectors.addresses import without_login
from listener.errors import AccessError

LONGEST_WAIT = timedelta(days=1)


class GoneError(AccessError):
    """The page does not exist (404), or not any more and never again (410: `forever`)."""

    def __init__(self, message: str, *, source: str = "", url: str = "", forever: bool = False) -> None:
        super().__init__(message, source=source, url=url)
        self.forever = forever


class ClosedError(AccessError):
    """The site is there and does not want us: robots.txt, TDM reservation or a wall."""


@dataclass(frozen=True)
class Response:
    """One answer: `url` after redirects, header names in lower case, `date` as the server says it.

    `moved`: every redirect on the way was permanent, so `url` is the address to use from now on.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    date: datetime
    moved: bool = False

    @property
    def not_modified(self) -> bool:
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


def answer_of(target: httpx.URL, response: httpx.Response, body: bytes, now: datetime) -> Response:
    """What httpx brought, with its instants."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    date = _instant(headers.get("date", "")) or now
    return Response(without_login(str(target)), response.status_code, headers, body, now, date)


def _instant(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def retry_after(answer: Response) -> timedelta | None:
    """The server's wish: seconds, or an instant seen from its own clock; between nothing and a day."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    until = _instant(text)
    return None if until is None else min(max(until - answer.date, timedelta(0)), LONGEST_WAIT)


def phrase(status: int) -> str:
    """`404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
