"""Lengths of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listener.config.duration import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)), ("15m", timedelta(minutes=15)), ("6h", timedelta(hours=6)),
        ("90d", timedelta(days=90)), ("2w", timedelta(days=14)), ("3y", timedelta(days=1095)),
        (" 1.5h ", timedelta(minutes=90)), ("0s", timedelta(0)),
    ],
)  # fmt: skip
def test_lengths(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "5 minutes", "1e9d", "9999999d", 30, None, "999999y"])
def test_what_is_no_length(text: object) -> None:
    with pytest.raises(ValueError, match=r"no length of time|longer than anything"):
        duration(text)
