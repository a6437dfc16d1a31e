"""Dates as feeds write them: RFC 822, ISO 8601 and what generators make of them; never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from listener.model import Precision

# by the first letters of a name, the longest that is listed: juin and juillet, lipca and lipnja differ late;
# names that mean two months in two languages (listopad) are left out
MONTHS = {
    "jan": 1, "jän": 1, "ene": 1, "gen": 1, "sty": 1, "янв": 1, "oca": 1,
    "feb": 2, "fév": 2, "fev": 2, "lut": 2, "фев": 2, "şub": 2,
    "mar": 3, "mär": 3, "mae": 3, "mrz": 3, "mrt": 3, "maa": 3, "мар": 3,
    "apr": 4, "avr": 4, "abr": 4, "kwi": 4, "апр": 4, "nis": 4,
    "may": 5, "mai": 5, "maj": 5, "mag": 5, "mei": 5, "мая": 5, "май": 5,
    "jun": 6, "juin": 6, "giu": 6, "cze": 6, "июн": 6, "haz": 6,
    "jul": 7, "juil": 7, "lug": 7, "lipc": 7, "lipi": 7, "июл": 7, "tem": 7,
    "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sie": 8, "авг": 8, "ağu": 8,
    "sep": 9, "set": 9, "wrz": 9, "сен": 9, "eyl": 9,
    "oct": 10, "okt": 10, "ott": 10, "out": 10, "paź": 10, "окт": 10, "eki": 10,
    "nov": 11, "ноя": 11, "kas": 11,
    "dec": 12, "dez": 12, "déc": 12, "dic": 12, "des": 12, "gru": 12, "дек": 12, "ara": 12,
}  # fmt: skip
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1,
    "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "oez": 2, "eest": 3, "oesz": 3, "msk": 3, "ast": -4, "adt": -3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "akdt": -8, "hst": -10, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "sast": 2,
    "trt": 3, "hkt": 8, "sgt": 8, "awst": 8, "brt": -3,
}  # fmt: skip
WIDEST_OFFSET = timedelta(hours=14)
EARLIEST, LATEST = 1970, 2200

_TIME = (
    r"(?:[T,]?\s*(?:(?:um|at|à|-|·|\|)\s+)?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?:\s*(?:uhr|h)\b)?)?"
)
_ZONE = (
    r"\s*(?P<zone>(?:[A-Za-z]{1,5}|[A-Za-z]+/[A-Za-z_]+)?\s?(?:[+-]\d{1,2}:?(?:\d{2})?)?)"
    r"\s*(?:\([^()]{1,30}\))?$"
)
_WEEKDAY = r"^(?:[^\W\d_]{2,10}\.?,?\s+)?"
_NAME = r"(?P<month>[^\W\d_]{3,10})"
_FORMS = [
    re.compile(form + _ZONE, re.IGNORECASE)
    for form in (
        r"^(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)" + _TIME,
        r"^(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})" + _TIME,
        _WEEKDAY
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?\.?[\s-]+(?:de\s+)?"
        + _NAME
        + r"\.?[\s,-]+(?:de\s+)?(?P<year>\d{4}|\d{2})\b"
        + _TIME,
        _WEEKDAY + _NAME + r"\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})\b" + _TIME,
        _WEEKDAY + r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})\b" + _TIME,
        _WEEKDAY + r"(?P<first>\d{1,2})/(?P<other>\d{1,2})/(?P<year>\d{4})\b" + _TIME,
    )
]
_CTIME = re.compile(
    r"^[^\W\d_]{2,10}\.?,?\s+(?P<month>[^\W\d_]{3,10})\.?\s+(?P<day>\d{1,2})\s+(?P<clock>\d{1,2}:\d{2}:\d{2})\s+"
    r"(?P<zone>(?:(?:[A-Za-z]{1,5}|[+-]\d{4})\s+)?)(?P<year>\d{4})$"
)
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)|(?<=\d{8})(\d\d)(\d\d)(\d\d)$)")
_EASTERN = re.compile(r"^(\d{4})[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일]\s?")
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)  # what an empty field of a database looks like
_EPOCH = re.compile(r"^(\d{9,10})(\d{3})?$")


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant in UTC with how exactly it is known; None is unknown."""

    at: datetime | None = None
    precision: Precision = "unknown"


UNKNOWN = Instant()


def read_instant(raw: str, zone: tzinfo = UTC) -> Instant:
    """What a date says; `zone` is the clock of a date that names none, and unreadable is UNKNOWN."""
    text = " ".join(raw.replace("]]>", "").split())[:80]
    epoch = _EPOCH.match(text)
    if epoch:
        return Instant(datetime.fromtimestamp(int(epoch[1]), UTC), "second")
    text = _rearranged(text)
    found = next(filter(None, (form.match(text) for form in _FORMS)), None)
    instant = _composed(found.groupdict(), zone) if found else UNKNOWN
    return UNKNOWN if instant.at == _NO_DATE else instant


def _rearranged(text: str) -> str:
    """Dates without separators, with signs of year, month and day, with the year at the end."""
    if text[:8].isdigit():
        text = _COMPACT.sub(r"\1-\2-\3 \4\7:\5\8:\6\9", text)
    if not text.isascii():
        text = _EASTERN.sub(r"\1-\2-\3 ", text)
    if text[-4:].isdigit():
        text = _CTIME.sub(r"\g<day> \g<month> \g<year> \g<clock> \g<zone>", text)
    return text.strip()


def _composed(parts: dict[str, str | None], zone: tzinfo) -> Instant:
    try:
        day = _day(parts)
        moment = None if day is None else day + _clock(parts)
        if day is None or moment is None:
            return UNKNOWN
        offset = _offset((parts["zone"] or "").replace(" ", ""), zone)
        if offset is None:  # an impossible offset: the hour is not known, the day nearly
            return Instant(day.replace(tzinfo=UTC), "day")
        return Instant(moment.replace(tzinfo=offset).astimezone(UTC), _precision(parts))
    except (ValueError, OverflowError):
        return UNKNOWN


def _precision(parts: dict[str, str | None]) -> Precision:
    if parts["hour"] is None:
        return "day"
    return "minute" if parts["second"] is None else "second"


def _day(parts: dict[str, str | None]) -> datetime | None:
    year = _year(parts["year"] or "")
    pair = (_month(parts["month"]), int(parts["day"] or 0)) if "day" in parts else _slashed(parts)
    if pair is None or not EARLIEST <= year <= LATEST:
        return None
    return datetime(year, *pair)


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _month(text: str | None) -> int:
    """A month's number; ValueError (from the caller's datetime) for none."""
    text = (text or "").lower()
    return int(text) if text.isdigit() else MONTHS.get(text[:4]) or MONTHS.get(text[:3], 0)


def _slashed(parts: dict[str, str | None]) -> tuple[int, int] | None:
    """10/31/2020 and 31/10/2020 are clear, 10/11/2020 is not and stays unknown."""
    first, other = int(parts["first"] or 0), int(parts["other"] or 0)
    if first == other or other > 12:
        return first, other
    return (other, first) if first > 12 else None


def _clock(parts: dict[str, str | None]) -> timedelta:
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    second = min(int(parts["second"] or 0), 59)  # a leap second is written 60
    half = (parts["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise ValueError("not a time of day")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _offset(text: str, fallback: tzinfo) -> tzinfo | None:
    """The clock a zone stands for: the fallback for none or an unknown name, None for an impossible one."""
    name, sign, digits = re.fullmatch(r"([^+-]*)([+-]?)(.*)", text).groups()  # type: ignore[union-attr]
    if not sign:
        hours = ZONES.get(name.lower())
        return fallback if hours is None else timezone(timedelta(hours=hours))
    digits = digits.replace(":", "")
    digits = digits.zfill(2) + "00" if len(digits) <= 2 else digits.zfill(4)
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if delta > WIDEST_OFFSET or int(digits[2:]) > 59:
        return None
    return timezone(-delta if sign == "-" else delta)
