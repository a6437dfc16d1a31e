"""The door to Reddit: PRAW read-only, with bounded answers, obeyed limits and our own errors."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import praw
import prawcore
import requests
from praw.exceptions import PRAWException

from collectors.addresses import is_public
from collectors.reddit_limits import NOTE, Lane, LimitError, lane_of, make_sane, number, wish
from listener import __version__
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Source

DEADLINE = 60.0  # seconds for one answer, whatever it trickles
TIMEOUT = 20
MOST_BYTES = 10_000_000
_MISREAD = (
    PRAWException,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Session(requests.Session):
    """What PRAW sends its requests through: in turn, no redirects, a deadline, a cap on the bytes."""

    def __init__(self, lane: Lane, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        super().__init__()
        self.trust_env = False  # neither proxies nor .netrc, as everywhere in this room
        self.requests = 0
        self.remaining: float | None = None
        self._lane, self._now, self._sleep = lane, now, sleep

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        with self._lane.turn:
            self._lane.enter(self._now(), self._sleep)
            self.requests += 1
            ends_at = time.monotonic() + DEADLINE
            response = super().request(*args, **{**kwargs, "allow_redirects": False, "stream": True})
            body = _body(response, ends_at)
            self._lane.learn(response.status_code, response.headers, self._now())
        response.raw = io.BytesIO(body)
        response.headers.pop("content-encoding", None)
        self.remaining = number(response.headers, "x-ratelimit-remaining")
        make_sane(response.status_code, response.headers)
        return response


def _body(response: requests.Response, ends_at: float) -> bytes:
    body = bytearray()
    with response:
        for part in response.raw.stream(65_536, decode_content=True):
            body += part
            if len(body) > MOST_BYTES:
                raise AccessError(f"the answer is larger than {MOST_BYTES} bytes when unpacked")
            if time.monotonic() > ends_at:
                raise requests.exceptions.ReadTimeout(f"no complete answer in {DEADLINE:.0f} seconds")
    return bytes(body)


class Reddit:
    """Reddit's API for one source, to be closed; `get` is one request and its JSON."""

    def __init__(
        self,
        source: Source,
        *,
        contact: str,
        client_id: str,
        client_secret: str,
        api_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source, self._now = source.name, now
        key, addresses = _key(source, client_id, client_secret), _addresses(source, api_url)
        self._lane = lane_of(key["client_id"], addresses["oauth_url"])
        self._session = _Session(self._lane, now, sleep)
        reach = contact if ":" in contact else f"mailto:{contact}"
        self._reddit = praw.Reddit(
            user_agent=f"brand-listener/{__version__} (+{reach})",
            requestor_kwargs={"session": self._session},
            **key,
            **addresses,
            check_for_updates=False,
            check_for_async=False,
            timeout=TIMEOUT,
            ratelimit_seconds=0,
            username=None,
            password=None,
            refresh_token=None,
        )
        self._reddit.read_only = True

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @property
    def requests(self) -> int:
        """How many requests were sent, tokens and repetitions included."""
        return self._session.requests

    @property
    def remaining(self) -> float | None:
        """How many requests Reddit grants before its window ends; None where it does not say."""
        return self._session.remaining

    def get(self, path: str, params: Mapping[str, str | int], what: str) -> Any:
        """One answer; `what` names the place in errors (`r/werkzeug`)."""
        try:
            self._lane.check(self._now())  # before PRAW sleeps
        except LimitError as error:
            error.source = self._source
            raise
        with _mapped(self._source, what):
            return self._reddit.request(method="GET", path=path, params=dict(params))


class KeyRefused(AccessError):
    """The key does not open Reddit, whichever place it is about."""


def _addresses(source: Source, api_url: str) -> dict[str, Any]:
    """Where PRAW asks: Reddit's own addresses, or one for both (a test, a proxy of one's own)."""
    if not api_url:
        return {"oauth_url": "https://oauth.reddit.com", "reddit_url": "https://www.reddit.com"}
    try:
        parts = urlsplit(api_url)
        host = parts.hostname or ""
        private = host == "localhost" or (_is_number(host) and not is_public(host))
    except ValueError as error:
        raise AccessError(f"api_url is not a web address: {error}", source=source.name) from error
    if parts.scheme not in ("http", "https") or not host:
        raise AccessError("api_url is not a web address; write https://host", source=source.name)
    if (private or parts.scheme == "http") and not source.allow_private:
        raise AccessError(
            "api_url is private or not encrypted; if it is meant, write `allow_private: true` at the source",
            source=source.name,
            url=api_url,
        )
    return {"oauth_url": api_url.rstrip("/"), "reddit_url": api_url.rstrip("/")}


def _is_number(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host


def _key(source: Source, client_id: str, client_secret: str) -> dict[str, Any]:
    found = {
        "client_id": client_id or os.environ.get("REDDIT_CLIENT_ID", ""),
        "client_secret": client_secret or os.environ.get("REDDIT_CLIENT_SECRET", ""),
    }
    if not all(found.values()):
        raise KeyRefused(
            "no key for Reddit: set REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET in the environment; " + NOTE,
            source=source.name,
        )
    return found


@contextmanager
def _mapped(source: str, what: str) -> Iterator[None]:
    try:
        yield
    except prawcore.PrawcoreException as error:
        raise _error(error, source, what) from error
    except _MISREAD as error:
        reason = f"{what}: PRAW did not understand the answer ({type(error).__name__}: {str(error)[:80]})"
        raise ParseError(reason, source=source) from error


def _error(error: prawcore.PrawcoreException, source: str, what: str) -> CollectError:
    if isinstance(error, prawcore.RequestException):
        return _network_error(error.original_exception, source)
    if isinstance(error, prawcore.OAuthException | prawcore.InvalidToken | prawcore.InsufficientScope):
        return KeyRefused(f"Reddit does not accept the key ({error})", source=source)
    if not isinstance(error, prawcore.ResponseException):
        return ParseError(f"{what}: {error}", source=source)
    return _status_error(error, source, what)


def _network_error(cause: Exception, source: str) -> CollectError:
    if isinstance(cause, CollectError):
        cause.source = source
        return cause
    return LimitError(f"the connection to Reddit failed ({type(cause).__name__})", source=source)


def _status_error(error: prawcore.ResponseException, source: str, what: str) -> CollectError:
    response = error.response
    status = response.status_code
    if status == 429:
        after = wish(response.headers)
        return LimitError("too many requests (HTTP 429)", source=source, retry_after=after)
    if status >= 500 or status == 408:
        return TransientError(f"{what}: HTTP {status}", source=source)
    if isinstance(error, prawcore.BadJSON):
        return ParseError(f"{what}: {_seen(response)} came instead of JSON", source=source)
    if response.request.path_url.startswith("/api/v1/access_token"):
        return KeyRefused(f"Reddit does not accept the key (HTTP {status})", source=source)
    return _place_error(response, source, what)


def _seen(response: requests.Response) -> str:
    start = " ".join(response.text[:60].split())
    return f"text ({start!r})" if start else "nothing"


def _place_error(response: requests.Response, source: str, what: str) -> CollectError:
    """A place that is closed: private, banned, quarantined, not there."""
    status = response.status_code
    reason = _reason(response)
    if status in (301, 302, 303, 307, 308) or (status == 404 and not reason):
        return AccessError(f"{what} does not exist", source=source)
    if status in (401, 403, 404, 451):
        return AccessError(f"{what} is closed: {reason or f'HTTP {status}'}", source=source)
    return ParseError(f"{what}: HTTP {status} {reason}".rstrip(), source=source)


def _reason(response: requests.Response) -> str:
    """Reddit's word for why (`private`, `banned`, `quarantined`); its mere "Forbidden" says nothing."""
    try:
        found = json.loads(response.text)
    except (ValueError, RecursionError):
        return ""
    reason = found.get("reason") if isinstance(found, dict) else None
    return str(reason)[:100] if reason else ""
