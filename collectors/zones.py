"""Time zones as configurations and page footers name them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from collectors.clocks import Pairs, clock_zone
from collectors.reading import Page, decode

_GERMAN_AREAS = {
    "Europa": "Europe",
    "Amerika": "America",
    "Afrika": "Africa",
    "Asien": "Asia",
    "Australien": "Australia",
    "Atlantik": "Atlantic",
    "Pazifik": "Pacific",
    "Antarktis": "Antarctica",
}
_GERMAN_CITIES = {
    "Wien": "Vienna",
    "Zürich": "Zurich",
    "Rom": "Rome",
    "Brüssel": "Brussels",
    "Kopenhagen": "Copenhagen",
    "Luxemburg": "Luxembourg",
    "Moskau": "Moscow",
    "Warschau": "Warsaw",
    "Prag": "Prague",
    "Athen": "Athens",
    "Lissabon": "Lisbon",
    "Bukarest": "Bucharest",
    "Belgrad": "Belgrade",
    "Kairo": "Cairo",
    "Tokio": "Tokyo",
}


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> tzinfo | None:
    """A zone by its IANA name, also in German words (Europa/Wien), or by an offset (UTC+01:00)."""
    words = (name or "").strip()
    offset = _offset(words)
    if offset is not None:
        return timezone(offset)
    area, _, city = words.partition("/")
    english = f"{_GERMAN_AREAS.get(area, area)}/{_GERMAN_CITIES.get(city, city)}".strip("/").replace(" ", "_")
    try:
        return ZoneInfo(english) if re.fullmatch(r"[A-Za-z][\w+/-]{1,60}", english) else None
    except (ValueError, OSError, KeyError):
        return None


def page_zone(page: Page, pairs: Pairs = ()) -> tzinfo:
    """The zone in which a page writes its times: as its footer states, else as the source is configured,
    else as its clock shows (`pairs`: see `clock_zone`), else UTC."""
    markup = decode(page)
    found = stated_zone(markup) or zone_of(page.timezone)
    if found is None and page.at_known:
        found = clock_zone(markup, page.at, pairs)
    return found or UTC


_STEMS = ("ll times are", "lle Zeit", "lle zeit", "LL TIMES ARE")  # found without folding a whole page's case
_PHRASES = re.compile(r"all times are|alle zeit(?:en|angaben) (?:sind|in)", re.I)


def _stated_at(markup: str) -> int:
    """Where the footer's words on its zone end, -1 without any."""
    found = -1
    for stem in _STEMS:
        at = markup.rfind(stem)
        while at > found and (phrase := _PHRASES.match(markup, at - 1)) is None:
            at = markup.rfind(stem, 0, at)
        found = max(found, phrase.end() if at > found and phrase else -1)
    if found < 0:  # phpBB in other languages
        found = markup.rfind("<span title=", 0, max(markup.rfind(">UTC"), 0))
    return found


def stated_zone(markup: str) -> tzinfo | None:
    """The zone a page's footer states ("Alle Zeiten sind UTC+01:00"), from its HTML; the last one counts.

    A zone name counts before the offset, which is only the one of the page's own moment. Where that
    moment is in summer time, though, the offset is taken by its word, as the page says.
    """
    start = _stated_at(markup)
    if start < 0:
        return None
    footer = markup[start : start + 300].split("\n")[0]
    title = re.search(r"""title=["']([^"']*)""", footer)
    words = " ".join(re.sub(r"<[^>]*>|&nbsp;|^\s*in\b", " ", footer).split())
    return _of_both(zone_of(title[1] if title else None), _offset(words), words)


def _of_both(named: tzinfo | None, offset: timedelta | None, words: str) -> tzinfo | None:
    if isinstance(named, ZoneInfo):
        year = [named.utcoffset(datetime(2024, month, 1)) or timedelta(0) for month in (1, 7)]
        if offset is None or offset == min(year):
            return named
    if offset is not None:
        return timezone(offset)
    return named or zone_of(words.strip(" ."))


_NAMED_OFFSETS = {
    "hst (hawaii)": -10,
    "pst (u.s./canada)": -8,
    "mst (u.s./canada)": -7,
    "cst (u.s./canada)": -6,
    "est (u.s./canada)": -5,
    "cet (europe)": 1,
    "mez (europa)": 1,
    "eet (europe)": 2,
    "oez (europa)": 2,
    "cst (australia)": 9.5,
    "est (australia)": 10,
    "gmt": 0,
    "utc": 0,
    "wez": 0,
    "mez": 1,
    "mesz": 2,
    "jst": 9,
}
_OFFSET = re.compile(r"(?:UTC|GMT|WEZ)\s*([+-])\s*(\d{1,2})(?:(?::(\d\d))|[.,](5))?", re.I)


def _offset(words: str) -> timedelta | None:
    """The offset that "UTC+01:00", "GMT - 5 Hours [ DST ]" or "EST (Australia)" means."""
    summer = timedelta(hours=1 if re.search(r"\[\s*(DST|Sommerzeit)\b", words, re.I) else 0)
    found = _OFFSET.match(words)
    if found:
        size = timedelta(hours=int(found[2]), minutes=30 if found[4] else int(found[3] or 0))
        return (-size if found[1] == "-" else size) + summer if size < timedelta(hours=16) else None
    lower = words.lower()
    hours = next(
        (hours for name, hours in _NAMED_OFFSETS.items() if re.match(rf"{re.escape(name)}(?![\w/])", lower)),
        None,
    )
    return timedelta(hours=hours) + summer if hours is not None else None
