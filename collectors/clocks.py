"""The zone of a page that does not state it: its own clock against the instant of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from collectors.dates import UNKNOWN, instant, time_of_day

STEP = timedelta(minutes=15)
ODD = {timedelta(hours=hours, minutes=45) for hours in (5, 8, 12, 13)}  # all other zones count half hours
SLACK = timedelta(minutes=4)  # "vor 5 Minuten" has lost its seconds, and clocks differ
FARTHEST = timedelta(hours=14)
Pairs = Iterable[tuple[str, str]]

# Looked for first: `rfind` leaps over a text faster than `in` or a regular expression does.
_PHRASES = ("ime now is", "s ist jetzt", "is currently", "ktuelle ", "ktuelles ", "urrent time", "ime is now")
_NOW = re.compile(
    r"(?:The time now is|Es ist jetzt|It is currently|Aktuelle Zeit|Aktuelles Datum und Uhrzeit|Current time"
    r"|Time is now)\b\s*:?"
)
FOOTER = 8000  # where a clock without a day is looked for: "Es ist jetzt 9:15 Uhr" is also said in posts
_AGO_MARKS = (">vor ", ">Vor ", " ago<")
_AGO = re.compile(
    r"""\btitle=["'](?P<title>[^"'<>]{0,40}\d[^"'<>]{0,40}\d:\d\d[^"'<>]{0,12})["'][^<>]{0,200}>\s*"""
    r"(?P<ago>vor[^<>]{3,30}|[^<>]{1,20} ago)\s*<",
    re.I,
)


def clock_zone(markup: str, at: datetime, pairs: Pairs = ()) -> tzinfo | None:
    """The offset at which the page's clock runs, if it shows one and all it shows agrees.

    `at`: when the page was made. `pairs` are instants that an engine's reader found written twice,
    as (written out, "vor 5 Minuten").
    """
    found = set()
    for shown in [*_clock_offsets(markup, at), *_twice_written(markup, at, pairs)]:
        offset = STEP * round(shown / STEP)
        if abs(shown - offset) > SLACK or abs(offset) > FARTHEST or not _is_used(offset):
            return None
        found.add(offset)
    return timezone(found.pop()) if len(found) == 1 else None


def _is_used(offset: timedelta) -> bool:
    return offset % (2 * STEP) == timedelta(0) or offset in ODD


def _clock_offsets(markup: str, at: datetime) -> Iterator[timedelta]:
    """How far "It is currently ..." is ahead of UTC."""
    if all(markup.rfind(phrase) < 0 for phrase in _PHRASES):
        return
    for found in _NOW.finditer(markup):
        words = re.sub(r"<[^<>]*>|&nbsp;", " ", markup[found.end() : found.end() + 200])[:60]
        written = instant(words, at, UTC)
        if written[0] is not None and written[1] in ("second", "minute"):
            yield written[0] - at
        elif found.end() > len(markup) - FOOTER and re.match(r"\s*\d", words):
            clock = time_of_day(words)
            if clock is not None:
                yield _within_a_day(datetime.combine(at.astimezone(UTC).date(), clock, UTC) - at)


def _within_a_day(ahead: timedelta) -> timedelta:
    """A clock without a day is ahead by -11 to 13 hours: more people live at +13 than at -11."""
    day = timedelta(days=1)
    return (ahead + timedelta(hours=11)) % day - timedelta(hours=11)


def _twice_written(markup: str, at: datetime, pairs: Pairs) -> Iterator[timedelta]:
    """How far instants written out are ahead of the same as "vor 5 Minuten"; hours ago are too coarse."""
    if any(markup.rfind(mark) >= 0 for mark in _AGO_MARKS):
        pairs = [*pairs, *((found["title"], found["ago"]) for found in _AGO.finditer(markup))]
    for title, ago in pairs:
        before = _minutes_ago(ago, at)
        written = instant(title, at, UTC) if before is not None else UNKNOWN
        if before is not None and written[0] is not None and written[1] in ("second", "minute"):
            yield written[0] - before


_SHORT = re.compile(r"(\d{1,2})\s?(s|m|min)\.?")


def _minutes_ago(text: str, at: datetime) -> datetime | None:
    short = _SHORT.fullmatch(text.strip())
    if short:
        size = timedelta(seconds=int(short[1])) if short[2] == "s" else timedelta(minutes=int(short[1]))
        return at - size
    if not re.search(r"\b(?:vor|ago)\b|gerade eben|just now|^(?:jetzt|now)$", text, re.I):
        return None
    before, precision = (at, "minute") if text.strip().lower() in ("jetzt", "now") else instant(text, at, UTC)
    return before if precision == "minute" else None
