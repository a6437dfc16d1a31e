"""What Reddit allows: keys, and its rate limit, which all sources with one key keep together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime, timedelta

from listener.errors import TransientError

NOTE = (
    "since November 2025 Reddit grants keys by request only and wants commercial listeners to ask for its "
    "permission; the ways without a key are its RSS with your own `feed=` token through `kind: feed`, and "
    "`listener import`"
)
LONGEST_SLEEP = timedelta(seconds=60)  # a longer rest is a LimitError instead
UNTOLD_REST = timedelta(seconds=60)  # after a 429 that does not say how long
LONGEST_REST = 86_400  # seconds that a header may ask for
OAUTH_ERRORS = ("insufficient_scope", "invalid_token")


class LimitError(TransientError):
    """No further request would succeed now, whichever place it is about."""


class Lane:
    """One key: Reddit counts its requests together, so what one source learns holds for all."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self._rest, self._learned_at, self._refused = timedelta(0), datetime.min, False

    def check(self, now: datetime) -> timedelta:
        """How long to rest before the next request; LimitError where that is not worth waiting for."""
        rest = self._left(now)
        if rest > LONGEST_SLEEP or (rest and self._refused):
            raise LimitError("no request is left in this window", retry_after=rest)
        return rest

    def enter(self, now: datetime, sleep: Callable[[float], None]) -> None:
        """Rest, if Reddit asked for it; to be called in turn."""
        rest = self.check(now)
        if rest:
            sleep(rest.total_seconds())
            self._rest = timedelta(0)

    def learn(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Take in what an answer says of the limit."""
        remaining = number(headers, "x-ratelimit-remaining")
        if status == 429:
            self._rest, self._refused = wish(headers) or UNTOLD_REST, True
        elif remaining is not None:
            reset = number(headers, "x-ratelimit-reset") or 0
            spent = remaining < 1
            self._rest, self._refused = timedelta(seconds=min(reset, LONGEST_REST) if spent else 0), False
        self._learned_at = now.replace(tzinfo=None)

    def _left(self, now: datetime) -> timedelta:
        """What remains of the rest; a clock that was set back does not prolong it."""
        passed = now.replace(tzinfo=None) - self._learned_at
        return max(self._rest - max(passed, timedelta(0)), timedelta(0))


_LANES: dict[tuple[str, str], Lane] = {}
_GUARD = threading.Lock()


def lane_of(client_id: str, address: str) -> Lane:
    """The lane of a key at an address, the same for all who ask."""
    with _GUARD:
        return _LANES.setdefault((client_id, address), Lane())


def wish(headers: Mapping[str, str]) -> timedelta | None:
    """How long Reddit asks to wait after a refusal."""
    wait = number(headers, "retry-after") or number(headers, "x-ratelimit-reset")
    return timedelta(seconds=min(wait, LONGEST_REST)) if wait else None


def number(headers: Mapping[str, str], name: str) -> float | None:
    """A header's number, None for what is no sane one."""
    try:
        value = float(headers[name])
    except (KeyError, ValueError):
        return None
    return value if 0 <= value < 1e9 else None


def make_sane(status: int, headers: MutableMapping[str, str]) -> None:
    """Headers that PRAW trusts blindly, made such that it may: whole numbers, short sleeps, known words."""
    limits = {name: number(headers, f"x-ratelimit-{name}") or 0 for name in ("remaining", "used", "reset")}
    complete = all(number(headers, f"x-ratelimit-{name}") is not None for name in limits)
    if limits["remaining"] < 1:
        limits["reset"] = min(limits["reset"], LONGEST_SLEEP.total_seconds())
    for name, value in limits.items():
        headers.pop(f"x-ratelimit-{name}", None)
        if complete:
            headers[f"x-ratelimit-{name}"] = str(int(value))
    named = next((word for word in OAUTH_ERRORS if word in headers.pop("www-authenticate", "")), "")
    if named or status == 401:
        headers["www-authenticate"] = f'Bearer error="{named or OAUTH_ERRORS[1]}"'
    if number(headers, "retry-after") is None:
        headers.pop("retry-after", None)
    headers.setdefault("location", "")
