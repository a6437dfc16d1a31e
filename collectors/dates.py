"""Instants as forums write them, German and English, absolute and relative; never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from listener.model import Precision

Instant = tuple[datetime | None, Precision]
UNKNOWN: Instant = (None, "unknown")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner jaenner jän",
            "feb february februar feber",
            "mar march mär märz mrz maerz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        1,
    )
    for name in names.split()
}
_DAYS = {
    name: number
    for number, names in enumerate(
        (
            "mo mon monday montag",
            "di tue tues tuesday dienstag",
            "mi wed wednesday mittwoch",
            "do thu thur thurs thursday donnerstag",
            "fr fri friday freitag",
            "sa sat saturday samstag sonnabend",
            "so sun sunday sonntag",
        )
    )
    for name in names.split()
}
_NEAR = {"heute": 0, "today": 0, "gestern": -1, "yesterday": -1, "vorgestern": -2, "morgen": 1, "tomorrow": 1}
_UNITS = {
    "sekunde": 1, "sekunden": 1, "second": 1, "seconds": 1, "sec": 1, "secs": 1, "sek": 1,
    "minute": 60, "minuten": 60, "minutes": 60, "min": 60, "mins": 60,
    "stunde": 3600, "stunden": 3600, "hour": 3600, "hours": 3600, "std": 3600,
    "tag": 86400, "tage": 86400, "tagen": 86400, "day": 86400, "days": 86400,
}  # fmt: skip

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?"
)
_TIME = re.compile(r"(?<![\d:.])(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?!\d)\s*(?:([ap])\.?m\b\.?)?", re.I)
_ODD_TIME = re.compile(  # 10.15 Uhr; 5 a.m.; 10 am (at the end: "Beitrag 5 am 3. Mai"); noon
    r"(?<![\d.])(\d{1,2})\.(\d\d)()()(?=\s*Uhr)|(?<![\d:.,/-])(\d{1,2})\s?([ap])(?:\.m\.|m$)|\b(noon|midnight)$",
    re.I,
)
_OFFSET = re.compile(r"\s*(?:(?:GMT|UTC)?\s*([+-])(\d\d):?(\d\d)|(GMT|UTC|Z))\b")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th)?(?:\s+(?:of\s+)?|-)([^\W\d_]{3,9})\.?(?:,?\s+|-)'?(\d{4}|\d\d)(?!\d)"
    r"|(?<![^\W\d_])([^\W\d_]{3,9})\.?\s+(\d{1,2})(?:\.|st|nd|rd|th)?,?\s+'?(\d{4}|\d\d)(?![\d:])",
    re.I,
)
_AGO = re.compile(
    r"\bvor\s+(?:weniger als\s+)?(\d+|einer|einem|ein paar)\s+(\w+)|(\d+|an?|a few)\s+(\w+)\s+ago\b", re.I
)
_NOW = re.compile(
    r"gerade eben|just now|moments? ago|vor (einem|wenigen) (moment|augenblick|sekunde)|less than a"
    r"|weniger als eine|^(jetzt|now)$",
    re.I,
)

# "« Antwort #3 am: Heute um 02:24 »"
_NEAR_CLOCK = re.compile(rf"\b({'|'.join(_NEAR)})\b(?:[\s,-]|um\b|at\b)*(?=\d?\d[:.]\d\d)", re.I)
_TELLING = {"vor", "ago", "eben", "just", "moment", "less", "weniger", "jetzt", "now", *_NEAR}
_MARKS = str.maketrans(dict.fromkeys(",.:()«»", " "))


def instant(text: str, at: datetime, zone: tzinfo = UTC, *, day_first: bool | None = None) -> Instant:
    """The instant that `text` writes, aware UTC, with how precisely it is known.

    `at` is when the page was made (for "Heute", "vor 5 Minuten"), `zone` the page's. `day_first` says
    how the page writes 03/04/2021; without it an ambiguous date is unknown.
    """
    words = " ".join(text[:400].split())
    if not words.isascii():
        words = words.replace("\u200e", "").replace("\u200f", "")
    try:
        return (
            _epoch(words)
            or _iso(words, zone)
            or _relative(words, at, zone)
            or _written(words, at, zone, day_first)
        )
    except (ValueError, OverflowError):
        return UNKNOWN


def _epoch(words: str) -> Instant | None:
    if not (9 <= len(words) <= 13 and words.isascii() and words.isdigit()):
        return None
    number = int(words)
    return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC), "second"


def _iso(words: str, zone: tzinfo) -> Instant | None:
    found = _ISO.match(words) if words[4:5] == "-" else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        return _day(date(int(year), int(month), int(day)), zone) if found.end() == len(words) else None
    micro = int((fraction or "0").ljust(6, "0")[:6])
    local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro)
    return _utc(local, _offset(offset) if offset else zone), "second" if second else "minute"


def _offset(text: str) -> tzinfo:
    if text in ("Z", "UTC"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _utc(local: datetime, zone: tzinfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _day(day: date, zone: tzinfo) -> Instant:
    """A day without a time: its noon, so that the calendar day stays right in most zones."""
    return _utc(datetime.combine(day, time(12)), zone), "day"


def _relative(words: str, at: datetime, zone: tzinfo) -> Instant | None:
    said = words.lower().translate(_MARKS).split()
    if not _TELLING.isdisjoint(said):
        if _NOW.search(words):
            return at.astimezone(UTC), "minute"
        ago = _AGO.search(words)
        if ago:
            return _ago(ago[1] or ago[3], ago[2] or ago[4], at)
        near = _NEAR_CLOCK.search(words)
        name = near[1].lower() if near else said[0]
        if name in _NEAR:
            return _near(words, _NEAR[name], at, zone)
    if said and said[0] in _DAYS and not re.search(r"\d", _without_time(words)):
        back = (at.astimezone(zone).weekday() - _DAYS[said[0]]) % 7
        return _near(words, -(back or 7), at, zone)
    return None


def _without_time(words: str) -> str:
    found = _time(words)
    return words[: found.start()] + " " + words[found.end() :] if found else words


def _ago(count: str, unit: str, at: datetime) -> Instant:
    seconds = _UNITS.get(unit.lower())
    if seconds is None or (not count.isdigit() and count.lower() in ("ein paar", "a few") and seconds > 1):
        return UNKNOWN
    number = int(count) if count.isdigit() else 1
    return (at - timedelta(seconds=number * seconds)).astimezone(UTC), "minute" if seconds <= 60 else "day"


def _near(words: str, days: int, at: datetime, zone: tzinfo) -> Instant:
    day = (at.astimezone(zone) + timedelta(days=days)).date()
    clock = _clock(words)
    if clock is None:
        return _day(day, zone)
    when = _utc(datetime.combine(day, clock[0]), zone)
    made_yesterday = days == 0 and when > at + timedelta(minutes=10) and at.astimezone(zone).hour == 0
    return when - timedelta(days=1) if made_yesterday else when, clock[1]


def time_of_day(text: str) -> time | None:
    """The time that a text without a day shows ("13:43 Uhr")."""
    try:
        found = _clock(text[:100])
    except ValueError:
        return None
    return found[0] if found else None


def _clock(words: str) -> tuple[time, Precision] | None:
    found = _time(words)
    return _shown(found) if found else None


def _time(words: str) -> re.Match[str] | None:
    return (_TIME.search(words) if ":" in words else None) or _ODD_TIME.search(words)


def _shown(found: re.Match[str]) -> tuple[time, Precision]:
    if found.re is _ODD_TIME and found[7]:
        return time(12 if found[7].lower() == "noon" else 0), "minute"
    hour, minute, second, half = found.groups()[:4] if found[1] else (found[5], "0", None, found[6])
    hours = int(hour)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    return time(hours, int(minute), int(second or 0)), "second" if second else "minute"


def _written(words: str, at: datetime, zone: tzinfo, day_first: bool | None) -> Instant:
    found = _time(words)
    rest = words[: found.start()] + " " + words[found.end() :] if found else words
    day = _named_day(rest) or _numbered_day(rest, day_first)
    if day is None or not 1990 <= day.year <= at.year + 1:
        return UNKNOWN
    if found is None:
        return _day(day, zone)
    clock, precision = _shown(found)
    said = _OFFSET.match(words, found.end())
    if said:
        zone = UTC if said[4] else _offset(f"{said[1]}{said[2]}{said[3]}")
    return _utc(datetime.combine(day, clock), zone), precision


def _named_day(words: str) -> date | None:
    for found in _NAMED.finditer(words):
        day, name, year = (found[1], found[2], found[3]) if found[2] else (found[5], found[4], found[6])
        month = _MONTHS.get(name.lower())
        if month:
            return date(_full(year), month, int(day))
    return None


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 1900 + int(year) + (100 if int(year) < 70 else 0)


def _numbered_day(words: str, day_first: bool | None) -> date | None:
    found = _NUMBERS.search(words)
    if not found:
        return None
    first, mark, second, last = int(found[1]), found[2], int(found[3]), found[4]
    if len(found[1]) == 4:
        return date(first, second, int(last))
    if len(found[1]) > 2 or len(last) == 3:
        return None
    order = _order(first, mark, second) if _order(first, mark, second) is not None else day_first
    if order is None:
        return None
    return date(_full(last), *((second, first) if order else (first, second)))


def _order(first: int, mark: str, second: int) -> bool | None:
    """Whether the day stands first: dots say so, else a field above 12."""
    if mark == "." or first > 12:
        return True
    return False if second > 12 else (True if first == second else None)


def day_first(texts: Iterable[str], at: datetime, language: str = "") -> bool | None:
    """How a page writes 03-04-2021, from all its dates in page order: a field above 12, dates to
    come, rising order; then the page's language; None if it stays open."""
    pairs = [
        (int(f[1]), int(f[3]), f[4], f[2]) for text in texts if (f := _NUMBERS.search(text)) and len(f[1]) < 3
    ]
    orders = {_order(first, mark, second) for first, second, _, mark in pairs if first != second} - {None}
    if len(orders) == 1:
        return orders.pop()
    if orders or not pairs:
        return None
    likely = [order for order in (True, False) if _rising(pairs, order, at)]
    if len(likely) == 1:
        return likely[0]
    return {"de": True, "en-us": False}.get(language.lower(), True if language[:2] in ("de", "fr") else None)


def _rising(pairs: list[tuple[int, int, str, str]], order: bool, at: datetime) -> bool:
    days = []
    for first, second, year, _ in pairs:
        try:
            days.append(date(_full(year), *((second, first) if order else (first, second))))
        except ValueError:
            return False
    return days == sorted(days) and days[-1] <= (at + timedelta(days=1)).date()
