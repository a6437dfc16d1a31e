"""Lengths of time as people write them: 30s, 15m, 6h, 90d, 2w, 3y."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = timedelta(days=100 * 365)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_FORM = re.compile(r"^\s*(\d{1,6}(?:\.\d{1,3})?)\s*([smhdwy])\s*$")


def duration(value: object) -> timedelta:
    """`30m` as a timedelta; ValueError says what to write instead."""
    if isinstance(value, timedelta):
        return value
    found = _FORM.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"`{value}` is no length of time")
    length = timedelta(seconds=float(found.group(1)) * _UNITS[found.group(2)])
    if length > LONGEST:
        raise ValueError(f"`{value}` is longer than anything here lasts")
    return length
