"""Documented JSON APIs: one question, the answer decoded, every refusal in the server's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.addresses import shown
from collectors.answers import phrase
from collectors.engines._answers import utc, whole
from collectors.http import HttpClient, Response
from listener.errors import AccessError, ConfigError, ParseError
from listener.model import Source

LONGEST_WORDS = 200
LONGEST_REST = 3600.0
A_YEAR = 31_536_000  # a larger number is an instant, a smaller one seconds from now
Params = Mapping[str, str | int | bool | None]


class ApiError(AccessError):
    """The API said no (HTTP 4xx): `status`, and the decoded answer as `found`, None if it was no JSON."""

    def __init__(self, message: str, *, source: str, url: str, status: int, found: Any) -> None:
        super().__init__(message, source=source, url=url)
        self.status = status
        self.found = found


def get(
    http: HttpClient,
    source: Source,
    url: str,
    params: Params | None = None,
    *,
    secrets: Mapping[str, str] | None = None,
    post: Any = None,
) -> Any:
    """The decoded answer of `url` with the query `params` (None is left out); `post` is sent as JSON.

    ApiError for a refusal, ParseError for what is no JSON; TransientError and AccessError as HttpClient.
    """
    return decoded(answered(http, source, url, params, secrets=secrets, post=post), source)


def answered(
    http: HttpClient,
    source: Source,
    url: str,
    params: Params | None = None,
    *,
    secrets: Mapping[str, str] | None = None,
    post: Any = None,
) -> Response:
    """The answer as it came, for what its headers say; ApiError for a refusal."""
    body = None if post is None else json.dumps(post).encode()
    answer = http.ask(_address(url, params or {}), source=source, secrets=secrets, post=body)
    if (rest := _rest(answer)) > 0:
        http.rest(url, rest)
    if answer.status >= 400:
        found = _found(answer)
        words = f"HTTP {phrase(answer.status)}"
        said = _words(found)
        raise ApiError(
            f"{words}: {said}" if said else words,
            source=source.name,
            url=shown(url),
            status=answer.status,
            found=found,
        )
    return answer


def _rest(answer: Response) -> float:
    """Seconds until more may be asked, where an answer's headers say that it was as good as the last one."""
    told = answer.headers
    for mark in ("x-ratelimit-", "ratelimit-"):
        if told.get(f"{mark}remaining", "") in ("0", "1"):
            reset = told.get(f"{mark}reset", "")
            at = utc(reset)
            until = at.timestamp() if at else whole(reset)
            wait = until - answer.date.timestamp() if until > A_YEAR else until
            return min(max(wait, 0.0), LONGEST_REST)
    return 0.0


def base(server: str, example: str, *, unencrypted: bool = True) -> str:
    """A server's address, also from its name alone; ConfigError for what is none, or may not be http://."""
    try:
        parts = urlsplit(server if "://" in server else f"https://{server}")
        if parts.scheme in ("http", "https")[0 if unencrypted else 1 :] and parts.hostname:
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        pass
    raise ConfigError(f"`{server[:80]}` is no server; write one like {example}")


def _address(url: str, params: Params) -> str:
    told = {name: _text(value) for name, value in params.items() if value is not None}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(told)}" if told else url


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def decoded(answer: Response, source: Source) -> Any:
    """What an answer says, or ParseError."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        start = " ".join(answer.body[:60].decode("utf-8", "replace").split())
        reason = f"{start!r} came instead of JSON" if start else "an empty answer came instead of JSON"
        raise ParseError(reason, source=source.name, url=answer.url) from error


def _found(answer: Response) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _words(found: Any) -> str:
    """What an error says: the first text under the names that APIs give it."""
    if isinstance(found, str):
        return " ".join(found.split())[:LONGEST_WORDS]
    if not isinstance(found, dict):
        return ""
    names = ("error_message", "error_description", "message", "error", "reason", "detail")
    return next((said for name in names if (said := _words(found.get(name)))), "")
