"""Entries of feeds that wait in a source's state until what they lead to was read: posts as plain JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from listener.model import Post, Quote

_TEXTS = ("author", "language")
_NUMBERS = ("votes", "replies")


def packed(post: Post) -> dict[str, Any]:
    """A post as plain JSON, without what is empty."""
    found = {name: value for name, value in asdict(post).items() if not _is_empty(value)}
    for name in ("published_at", "edited_at"):
        if name in found:
            found[name] = found[name].isoformat()
    if post.quotes:
        found["quotes"] = [[quote.text, quote.author] for quote in post.quotes]
    return {**found, "facts": dict(post.facts)}


def _is_empty(value: object) -> bool:
    """Whether a field says nothing; no reply at all (0) says something."""
    return value is None or value is False or value in ("", (), {})


def unpacked(found: Any) -> Post | None:
    """The other way round; None if it is damaged."""
    try:
        names = ("id", "url", "text", "title", "thread_id", "thread_url", "date_precision")
        plain = {name: found[name] for name in names if name in found}
        if not all(isinstance(value, str) for value in plain.values()):
            return None
        post = Post(**{"url": "", "text": "", **plain})
        kept = {name: found[name] for name in _TEXTS if isinstance(found.get(name), str)}
        kept |= {name: found[name] for name in _NUMBERS if type(found.get(name)) is int}
        quoted = [(str(text), name) for text, name in found.get("quotes", ())]
        quotes = tuple(Quote(text, name if isinstance(name, str) else None) for text, name in quoted)
        return replace(
            post,
            **kept,
            published_at=_instant(found.get("published_at")),
            edited_at=_instant(found.get("edited_at")),
            quotes=quotes,
            facts=dict(found.get("facts", {})),
        )
    except (AttributeError, KeyError, LookupError, TypeError, ValueError):
        return None


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def short(*parts: object) -> str:
    """A hash to compare by: 64 bits."""
    told = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def mapping(value: Any) -> Mapping[str, Any]:
    """A stored mapping; what is damaged is as if it was never stored."""
    return value if isinstance(value, dict) else {}
