"""What of a feed's address is secret, and how to speak and remember without it."""

from __future__ import annotations

from dataclasses import fields, replace
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from collectors.addresses import SECRET, same_place, shown, without_secrets
from listener.model import Post

SHORTEST = 8  # signs of a secret that is looked for in texts; a shorter one may be a word


def secrets_of(url: str) -> frozenset[str]:
    """The secret values of an address, as written and decoded."""
    login = urlsplit(url).netloc.rpartition("@")[0]
    found = set(_values(url).values())
    found |= {part for part in (login, *login.split(":", 1)) if part}
    return frozenset(found | {unquote(value) for value in found})


def hidden(text: str, secrets: frozenset[str], shortest: int = SHORTEST) -> str:
    """A text without the secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= shortest and secret in text:
            text = text.replace(secret, "…")
    return text


def told_openly(post: Post, secrets: frozenset[str]) -> Post:
    """A post of a feed that repeats the asker's secrets, without them."""
    changed: dict[str, str] = {}
    for name in (one.name for one in fields(post)):
        value = getattr(post, name)
        if isinstance(value, str) and (clean := _clean(name, value, secrets)) != value:
            changed[name] = clean
    return replace(post, **changed) if changed else post  # type: ignore[arg-type]


def _clean(name: str, value: str, secrets: frozenset[str]) -> str:
    if name in ("url", "thread_url") or (name in ("id", "thread_id") and "://" in value):
        value = hidden(shown(value) if "@" in value or secrets else value, secrets)
    return hidden(value, secrets) if secrets else value


def to_remember(address: str, asked: str) -> str:
    """Where the feed is now, to be stored: "" if it holds a secret that the asked address does not.

    Secrets that both hold are left out; `whole` puts them in again.
    """
    known = _values(asked)
    if any(known.get(name) != value for name, value in _pairs(address)):
        return ""
    return shown(address)


def _values(url: str) -> dict[str, str]:
    return dict(_pairs(url))


def _pairs(url: str) -> list[tuple[str, str]]:
    hides = without_secrets(url)
    return [(one["name"][1:].lower(), one["value"]) for one in SECRET.finditer(url) if one[0] not in hides]


def whole(kept: str, asked: str) -> str:
    """The remembered address with the secrets of the configured one; "" if one is missing there."""
    known = _values(asked)
    if any(one["value"] == "…" and one["name"][1:].lower() not in known for one in SECRET.finditer(kept)):
        return ""
    found = SECRET.sub(
        lambda one: one["name"] + known[one["name"][1:].lower()] if one["value"] == "…" else one[0], kept
    )
    return _with_login(found, asked)


def _with_login(address: str, asked: str) -> str:
    """User name and password belong to one host; an address that cannot be read stays as it is."""
    login = urlsplit(asked).netloc.rpartition("@")[0]
    try:
        if not login or not same_place(httpx.URL(asked), httpx.URL(address)):
            return address
    except (httpx.InvalidURL, ValueError):
        return address
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))
