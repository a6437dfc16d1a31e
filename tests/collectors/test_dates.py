"""Dates as boards write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.dates import UNKNOWN, day_first, instant
from collectors.zones import stated_zone, zone_of

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # a Tuesday, 03:30 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2026-10-01T08:15:00+00:00", "2026-10-01 08:15:00", "second"),
        ("2020-09-18T08:56:40-0700", "2020-09-18 15:56:40", "second"),
        ("2017-08-14T19:46:41.794Z", "2017-08-14 19:46:41.794", "second"),
        ("2026-10-01 08:15", "2026-10-01 06:15", "minute"),
        ("1270788444", "2010-04-09 04:47:24", "second"),
        ("1600444600000", "2020-09-18 15:56:40", "second"),
        ("01. Okt 2026, 10:15", "2026-10-01 08:15", "minute"),
        ("Do 1. Okt 2026, 10:15", "2026-10-01 08:15", "minute"),
        ("Do Okt 01, 2026 10:15 am", "2026-10-01 08:15", "minute"),
        ("Do Okt 01, 2026 12:15 am", "2026-09-30 22:15", "minute"),
        ("Do Okt 01, 2026 12:15 pm", "2026-10-01 10:15", "minute"),
        ("Mär 3, 2020", "2020-03-03 11:00", "day"),
        ("5. Jänner 2020 10.15 Uhr", "2020-01-05 09:15", "minute"),
        ("3. Mrz. 2020 um 10:15 Uhr", "2020-03-03 09:15", "minute"),
        ("Sonntag, 4. Mai 2025, 23:59:58", "2025-05-04 21:59:58", "second"),
        ("01.10.2026, 09:15", "2026-10-01 07:15", "minute"),
        ("26/10/13, 03:48 pm", "2013-10-26 13:48", "minute"),
        ("05/24/23 09:45 AM", "2023-05-24 07:45", "minute"),
        ("20th Feb 2021, 22:11", "2021-02-20 21:11", "minute"),
        ("Aug 11, 2014 21:31", "2014-08-11 19:31", "minute"),
        ("24. November 2026 um 14:05", "2026-11-24 13:05", "minute"),
        ("Posted: Mon Jun 13, 2016 8:39 pm", "2016-06-13 18:39", "minute"),
        ("Sep 18, 2020 at 8:56 AM", "2020-09-18 06:56", "minute"),
        ("Wed, 02 Oct 2002 13:00:00 GMT", "2002-10-02 13:00:00", "second"),
        ("01. Okt '26 10:15", "2026-10-01 08:15", "minute"),
        ("Heute,\xa003:24", "2026-11-24 02:24", "minute"),
        ("Heute 02:41", "2026-11-24 01:41", "minute"),
        ("Gestern, 22:07", "2026-11-23 21:07", "minute"),
        ("Today at 02:24", "2026-11-24 01:24", "minute"),
        ("Yesterday", "2026-11-23 11:00", "day"),
        ("Montag, 12:34", "2026-11-23 11:34", "minute"),
        ("Tuesday at 3:45 PM", "2026-11-17 14:45", "minute"),
        ("vor 12 Minuten", "2026-11-24 02:18", "minute"),
        ("5 minutes ago", "2026-11-24 02:25", "minute"),
        ("Vor einem Moment", "2026-11-24 02:30", "minute"),
        ("vor weniger als einer Minute", "2026-11-24 02:30", "minute"),
        ("vor 3 Tagen", "2026-11-21 02:30", "day"),
        ("25.10.2026, 02:30", "2026-10-25 00:30", "minute"),
        ("Oct. 16, 2026, 5:15 a.m.", "2026-10-16 03:15", "minute"),
        ("Oct. 3, 2026, 5 p.m.", "2026-10-03 15:00", "minute"),
        ("Sept. 3, 2026, noon", "2026-09-03 10:00", "minute"),
        ("Oct. 3, 2026, midnight", "2026-10-02 22:00", "minute"),
        ("20 November 2026, 10 am", "2026-11-20 09:00", "minute"),
        ("1st of October 2026, 08:15", "2026-10-01 06:15", "minute"),
        ("02-Okt-2026 08:15", "2026-10-02 06:15", "minute"),
        ("Beitrag 5 am 3. Oktober 2026", "2026-10-03 10:00", "day"),
        ("« Antwort #3 am: Heute um 02:24:11 »", "2026-11-24 01:24:11", "second"),
        ("« Reply #12 on: Today at 02:24:11 AM »", "2026-11-24 01:24:11", "second"),
        ("Verfasst: Gestern, 22:07", "2026-11-23 21:07", "minute"),
        ("Heute um 02.24 Uhr", "2026-11-24 01:24", "minute"),
        ("vor wenigen Sekunden", "2026-11-24 02:30", "minute"),
        ("Moments ago", "2026-11-24 02:30", "minute"),
    ],
)
def test_instants(text: str, at: str, precision: str) -> None:
    assert instant(text, AT, BERLIN) == (utc(at), precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 Okt",
        "13:43 Uhr",
        "Oct 10 am",
        "now or never",
        "irgendwann",
        "32.13.2020",
        "Feb 30, 2020 10:00",
        "Fr 2. Okt 2026, 13:75",
        "03/04/2021",
        "vor 2 Wochen",
        "vor ein paar Tagen",
        "Registriert: 2001",
        "99.99.9999",
        "31.12.2099, 10:00",
        "1" * 14,
    ],
)
def test_what_cannot_be_read_is_unknown_and_never_now(text: str) -> None:
    assert instant(text, AT, BERLIN) == UNKNOWN


def test_today_turns_over_at_the_pages_midnight() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already the 24th in Berlin
    assert instant("Heute, 00:10", late, BERLIN)[0] == utc("2026-11-23 23:10")
    assert instant("Heute, 00:10", late, UTC)[0] == utc("2026-11-23 00:10")
    just_after = datetime(2026, 11, 23, 23, 2, tzinfo=UTC)
    assert instant("Heute, 23:58", just_after, BERLIN)[0] == utc("2026-11-23 22:58")


def test_the_whole_page_says_whether_the_day_stands_first() -> None:
    assert day_first(["03/04/2021", "25/04/2021"], AT) is True
    assert day_first(["10-02-2026, 09:15 AM", "10-25-2026"], AT) is False
    assert day_first(["10-03-2026", "11-02-2026"], AT) is False  # the other way they would fall
    assert day_first(["03/04/2021"], AT, "de") is True
    assert day_first(["03/04/2021"], AT, "en-us") is False
    assert day_first(["03/04/2021"], AT) is None
    assert day_first(["13/04/2021", "04/13/2021"], AT) is None
    assert day_first(["Heute, 10:00"], AT, "de") is None
    assert instant("03/04/2021 10:00", AT, UTC, day_first=True)[0] == utc("2021-04-03 10:00")


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2026, 11, 20)),
    st.sampled_from(["%d.%m.%Y, %H:%M", "%d %b %Y %H:%M"]),
)
def test_a_written_date_is_read_back(when: datetime, form: str) -> None:
    text = when.strftime(form)
    assert instant(text, AT, UTC) == (when.replace(second=0, microsecond=0, tzinfo=UTC), "minute")


@given(st.text(max_size=60))
def test_any_text_is_an_aware_instant_or_unknown(text: str) -> None:
    at, precision = instant(text, AT, BERLIN)
    assert (at is None) == (precision == "unknown")
    assert at is None or at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("footer", "hours"),
    [
        ("All times are UTC + 10 hours </p>", 10),
        ('All times are <span title="UTC-6">UTC-06:00</span>', -6),
        ("All times are EST (Australia)</span>", 10),
        ("All times are EST (U.S./Canada)", -5),
        ("Alle Zeiten sind UTC + 1 Stunde [ Sommerzeit ]", 2),
        ("Alle Zeiten sind UTC + 1 Stunde", 1),
        ("All times are GMT - 5 Hours", -5),
        ("All times are GMT + 5.5 Hours", 5.5),
        ("Alle Zeitangaben in WEZ +1. Es ist jetzt 13:43 Uhr", 1),
        ("All times are UTC", 0),
        ("Alle Zeiten sind in UTC+01:00", 1),
        ('All times are <abbr title="UTC">UTC</abbr>', 0),
        ('Alle Zeiten sind <span title="Europa/Berlin">UTC+02:00</span>', 2),
        ("sagte: All times are UTC + 3 hours<br>\n<li>All times are UTC - 8 hours</li>", -8),
    ],
)
def test_the_footers_offset(footer: str, hours: float) -> None:
    zone = stated_zone(f"<body>Text\n{footer}</body>")
    assert zone is not None
    assert zone.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=hours)


def test_a_named_zone_keeps_its_summer_time() -> None:
    assert stated_zone('Alle Zeiten sind <span title="Europa/Wien">UTC+01:00</span>') == ZoneInfo(
        "Europe/Vienna"
    )
    assert stated_zone('All times are <span title="Europe/London">UTC+00:00</span>') == ZoneInfo(
        "Europe/London"
    )
    french = '<li>Heures au format <span title="Europe/Paris">UTC+01:00</span></li>'
    assert stated_zone(french) == ZoneInfo("Europe/Paris")
    assert stated_zone("no footer here") is None


@pytest.mark.parametrize("name", ["", None, "Nirgends/Ort", "../../etc/passwd", "UTC+99", "Europa/"])
def test_unknown_zones(name: str | None) -> None:
    assert zone_of(name) is None


def test_known_zones() -> None:
    assert zone_of("Europa/Berlin") == BERLIN
    assert zone_of("Amerika/New York") == ZoneInfo("America/New_York")
    assert zone_of("UTC+01:30") == timezone(timedelta(minutes=90))
    assert zone_of("UTC") == timezone(timedelta(0))
