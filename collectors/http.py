"""The polite HTTP client: robots.txt, TDM reservation, a lane and a delay per host, limits."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from types import TracebackType

import httpcore
import httpx

from collectors import bodies, robots
from collectors.addresses import address, lane_key, next_address, shown
from collectors.answers import ClosedError, GoneError, Response, answer_of, phrase, retry_after
from collectors.headers import agent, is_conditional, sendable
from collectors.lanes import Lane
from collectors.transport import CheckedTransport, Fuse
from collectors.walls import wall
from listener.errors import AccessError, CollectError, TransientError
from listener.model import Source

log = logging.getLogger(__name__)

__all__ = ["ClosedError", "GoneError", "HttpClient", "Response"]

REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
MOST_REDIRECTS = 5
TEMPORARY = (408, 425, 429)
WALLED = (200, 202, 401, 403, 429, 503)
TIMEOUTS = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 30.0}


@dataclass(frozen=True)
class _Site:
    """What one origin allows, or the failure that kept us from finding out."""

    rules: robots.Robots = field(default_factory=robots.Robots)
    reservations: robots.Reservations = ()
    failure: CollectError | None = None


@dataclass
class _Fetch:
    """One call of `get` on its way through redirects; `left` are the seconds before its deadline.

    `cut`: a body above `limit` is cut there instead of being an error. `secrets` are headers for the host
    first asked alone. `api`: a documented API, for which files that speak to crawlers do not count.
    """

    source: Source
    headers: Mapping[str, str]
    left: float
    limit: int
    delay: float = 0.0
    cut: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    post: bytes | None = None
    api: bool = False


class HttpClient:
    """One per run, thread safe; every way out to the web goes through `get` or `ask`."""

    def __init__(
        self,
        *,
        contact: str,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] | None = None,
        deadline: float = 60.0,
        max_bytes: int = 10_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.now, self.contact = now, contact
        self.asked = Counter[str]()
        self._agent = agent(contact)
        self._sleep, self._clock = sleep or time.sleep, clock
        self._deadline, self._max_bytes = deadline, max_bytes
        self._fuse = Fuse()
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._sites: dict[str, _Site] = {}
        self._cookies = httpx.Cookies()
        self._transports = {
            private: CheckedTransport(self._fuse, allow_private=private) for private in (False, True)
        }

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            transport.close()

    def get(
        self, url: str, *, source: Source, headers: Mapping[str, str] | None = None, accept: str = ""
    ) -> Response:
        """Fetch a page politely.

        Raises only TransientError (network, deadline, 429, 5xx) or AccessError (refused, robots.txt, TDM
        reservation, challenge page, private address, too large; GoneError for 404 and 410).
        Send If-None-Match or If-Modified-Since in `headers` to get an answer that is `not_modified`.
        """
        wanted = {"accept": accept or "*/*", **sendable(headers or {})}
        return self._followed(url, _Fetch(source, wanted, self._deadline, self._max_bytes))

    def ask(
        self,
        url: str,
        *,
        source: Source,
        secrets: Mapping[str, str] | None = None,
        post: bytes | None = None,
    ) -> Response:
        """Ask a documented API, by POST if there is a JSON body to send; raises as `get` does.

        An answer of status 4xx comes back for its words (429 and 408 do not). `secrets` are headers that
        only the host first asked gets to see.
        """
        wanted = {"accept": "application/json"} | (
            {} if post is None else {"content-type": "application/json"}
        )
        fetch = _Fetch(source, wanted, self._deadline, self._max_bytes)
        fetch.secrets, fetch.post, fetch.api = sendable(secrets or {}), post, True
        return self._followed(url, fetch)

    @property
    def requests(self) -> int:
        """All requests sent; `asked` has them by source."""
        return self.asked.total()

    def delay(self, url: str, *, source: Source) -> float:
        """Seconds between two requests to a page's host: the source's wish, or the site's if longer."""
        return self._permitted(address(url), source)

    def rest(self, url: str, seconds: float) -> None:
        """Leave a page's host alone for so long, as its answer asks."""
        self._lane(address(url)).rest(seconds)

    def _followed(self, url: str, fetch: _Fetch) -> Response:
        try:
            return self._answered(url, fetch)
        except CollectError as error:
            error.source = error.source or fetch.source.name
            error.url = error.url or shown(url)
            raise

    def _answered(self, url: str, fetch: _Fetch) -> Response:
        target, moved = address(url), True
        origin = lane_key(target)
        for hop in range(MOST_REDIRECTS + 1):
            fetch.delay = (
                fetch.source.delay.total_seconds() if fetch.api else self._permitted(target, fetch.source)
            )
            answer = self._exchange(target, fetch)
            if answer.status not in REDIRECTS:
                return self._judged(answer, target, fetch, moved=moved and hop > 0)
            moved = moved and answer.status in PERMANENT
            target = next_address(target, answer.headers.get("location", ""))
            if fetch.post is not None or (fetch.secrets and lane_key(target) != origin):
                raise AccessError(f"the API wants to be asked elsewhere, at {target.host}")
        raise AccessError(f"more than {MOST_REDIRECTS} redirects")

    def _permitted(self, target: httpx.URL, source: Source) -> float:
        """The delay to keep in seconds, once the site has said that it allows the page."""
        site = self._site(target, source)
        url = str(target)
        if site.failure is not None:
            raise _again(site.failure)
        if not site.rules.allows(url):
            raise ClosedError(f"robots.txt of {target.host} does not allow this address for {robots.AGENT}")
        if robots.reserved_by(site.reservations, url):
            raise _reserved()
        return max(source.delay, site.rules.delay).total_seconds()

    def _site(self, target: httpx.URL, source: Source) -> _Site:
        origin = f"{target.scheme}://{lane_key(target)} {source.allow_private}"
        with self._lane(target).rules:
            if origin not in self._sites:
                self._sites[origin] = self._ask_site(target, source)
            return self._sites[origin]

    def _ask_site(self, target: httpx.URL, source: Source) -> _Site:
        try:
            found = self._document(target.copy_with(raw_path=b"/robots.txt"), source, robots.ROBOTS_BYTES)
            tdm = target.copy_with(raw_path=b"/.well-known/tdmrep.json")
            reservations = robots.read_reservations(self._optional(tdm, source))
            return _Site(robots.read_robots(found), reservations)
        except CollectError as error:
            return _Site(failure=error)

    def _document(self, url: httpx.URL, source: Source, limit: int) -> bytes:
        """A file that says what is allowed: empty if there is none, TransientError if nobody can tell."""
        fetch = _Fetch(
            source, {"accept": "*/*"}, self._deadline, limit, source.delay.total_seconds(), cut=True
        )
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._exchange(url, fetch)
            if answer.status not in REDIRECTS:
                break
            url = next_address(url, answer.headers.get("location", ""))
        else:
            return b""
        if answer.status >= 500 or answer.status in TEMPORARY:
            _raise_for_wall(answer)
            raise self._refusal(answer, url, " for robots.txt")
        return answer.body if answer.status == HTTPStatus.OK else b""

    def _optional(self, url: httpx.URL, source: Source) -> bytes:
        try:
            return self._document(url, source, robots.TDM_BYTES)
        except TransientError:
            return b""

    def _judged(self, answer: Response, target: httpx.URL, fetch: _Fetch, *, moved: bool) -> Response:
        if not fetch.api:
            _raise_for_wall(answer)
        if answer.not_modified and not is_conditional(fetch.headers):
            raise TransientError("304 Not Modified without having been asked")
        told = fetch.api and 400 <= answer.status < 500 and answer.status not in TEMPORARY
        if not (answer.not_modified or told or 200 <= answer.status < 300):
            raise self._refusal(answer, target)
        if not fetch.api and robots.reserved_in(answer.headers, answer.body):
            raise _reserved()
        return replace(answer, moved=moved)

    def _refusal(self, answer: Response, target: httpx.URL, what: str = "") -> CollectError:
        """The error for a status; a host that asks to be left alone is left alone for the rest of the run."""
        words = f"HTTP {phrase(answer.status)}{what}"
        if answer.status in (404, 410):
            return GoneError(words, forever=answer.status == 410)
        if answer.status < 500 and answer.status not in TEMPORARY:
            return AccessError(words)
        wait = retry_after(answer)
        if answer.status == 429 or wait is not None:
            self._lane(target).close(wait)
        return TransientError(words, retry_after=wait)

    def _lane(self, target: httpx.URL) -> Lane:
        with self._lock:
            return self._lanes.setdefault(lane_key(target), Lane(self._clock, self._sleep))

    def _exchange(self, target: httpx.URL, fetch: _Fetch) -> Response:
        """One request and its answer; the deadline counts time on the wire, not time in the queue."""
        with self._lane(target).turn(fetch.delay):
            with self._lock:
                self.asked[fetch.source.name] += 1
            started = self._clock()
            self._fuse.ends_at = time.monotonic() + fetch.left
            try:
                return self._sent(target, fetch)
            except httpcore.TimeoutException as error:
                raise TransientError(f"no complete answer in time: {error or 'timed out'}") from error
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise TransientError(f"the connection failed: {error}") from error
            finally:
                self._fuse.ends_at = None
                fetch.left = max(0.0, fetch.left - (self._clock() - started))

    def _sent(self, target: httpx.URL, fetch: _Fetch) -> Response:
        request = self._request(target, fetch)
        response = self._transports[fetch.source.allow_private].handle_request(request)
        try:
            self._cookies.extract_cookies(response)
            body = self._body(response, fetch)
        finally:
            response.close()
        log.debug("GET %s: %s, %s bytes", shown(str(target)), response.status_code, len(body))
        return answer_of(target, response, body, self.now())

    def _request(self, target: httpx.URL, fetch: _Fetch) -> httpx.Request:
        known = {"user-agent": self._agent, "accept-encoding": "gzip, deflate, br"}
        request = httpx.Request(
            "GET" if fetch.post is None else "POST",
            target,
            headers={**fetch.headers, **fetch.secrets, **known},
            content=fetch.post,
            extensions={"timeout": TIMEOUTS},
        )
        self._cookies.set_cookie_header(request)
        if target.username:
            next(httpx.BasicAuth(target.username, target.password).auth_flow(request))
        return request

    def _body(self, response: httpx.Response, fetch: _Fetch) -> bytes:
        if response.status_code in REDIRECTS or response.status_code == 304:
            return b""
        encoding = response.headers.get("content-encoding", "")
        try:
            return bodies.read(response.iter_raw(), encoding, fetch.limit)
        except bodies.BodyTooLarge as error:
            if not fetch.cut:
                raise
            return error.body  # robots.txt: what stands after the limit does not count (RFC 9309, 2.5)


def _reserved() -> ClosedError:
    return ClosedError(
        "the site reserves text and data mining (tdm-reservation: 1, section 44b UrhG); "
        "ask its owner for permission"
    )


def _again(failure: CollectError) -> CollectError:
    """The same failure for another caller, without the first one's source and address."""
    if isinstance(failure, TransientError):
        return TransientError(failure.message, retry_after=failure.retry_after)
    return ClosedError(failure.message) if isinstance(failure, ClosedError) else AccessError(failure.message)


def _raise_for_wall(answer: Response) -> None:
    if answer.status in WALLED and (name := wall(answer.body, answer.headers, answer.status)):
        raise ClosedError(f"{name} (HTTP {answer.status}); it is not got around")
