"""Values of JSON answers as what they should be; anything else counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from collectors.reading import Page, json_of
from listener.errors import ParseError


@lru_cache(maxsize=4)
def answer_of(page: Page) -> Any:
    """The page's JSON, None where it is none or broken: every reader asks, one of them parses."""
    try:
        return json_of(page)
    except ParseError:
        return None


def record(value: Any) -> Mapping[str, Any]:
    """An object, else an empty one."""
    return value if isinstance(value, dict) else {}


def records(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string, else ""."""
    return value if isinstance(value, str) else ""


def whole(value: Any) -> int:
    """A whole number, also one written as a string; else 0."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else 0


def count(row: Mapping[str, Any], *keys: str) -> int | None:
    """The whole number under the first of these names that has one; it may be negative."""
    return next((whole(row[key]) for key in keys if whole(row.get(key)) or row.get(key) in (0, "0")), None)


def utc(value: Any) -> datetime | None:
    """An instant written by ISO 8601 with its zone; else None."""
    try:
        found = datetime.fromisoformat(text(value))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
