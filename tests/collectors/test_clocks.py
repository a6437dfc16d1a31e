"""The zone of a page: stated, configured, or seen on the page's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from collectors.clocks import clock_zone
from collectors.reading import Page
from collectors.zones import page_zone

AT = datetime(2026, 11, 24, 12, 43, 20, tzinfo=UTC)


def hours(markup: str, at: datetime = AT, pairs: tuple[tuple[str, str], ...] = ()) -> float | None:
    zone = clock_zone(markup, at, pairs)
    offset = None if zone is None else zone.utcoffset(None)
    return None if offset is None else offset / timedelta(hours=1)


@pytest.mark.parametrize(
    ("markup", "ahead"),
    [
        ("<div>The time now is <span class='time'>01:43 PM</span>.</div>", 1),
        ("<p>Es ist jetzt <b>13:43</b> Uhr.</p>", 1),
        ("Es ist jetzt&nbsp;07:44 Uhr", -5),
        ("The time now is 06:14 PM.", 5.5),
        ("The time now is 06:28 PM.", 5.75),
        ("<p>It is currently Tue Nov 24, 2026 6:43 am</p>", -6),
        ("<li>Aktuelle Zeit: Di 24. Nov 2026, 13:43</li>", 1),
        ("Aktuelles Datum und Uhrzeit: Mi Nov 25, 2026 1:42 am", 13),
        ("<strong>Current time:</strong> <span>24 Nov 2026, 11:43 PM</span>", 11),
        ("The time now is 01:43 AM.", 13),
        ("<span title='24.11.2026, 13:38'>Vor 5 Minuten</span>", 1),
        ('<span title="24 Nov 2026, 07:41 AM">2 minutes ago</span>', -5),
        ('<a title="24.11.2026, 13:38">Vor 5 Minuten</a> Es ist jetzt 13:43 Uhr', 1),
    ],
)
def test_what_the_page_s_clock_shows(markup: str, ahead: float) -> None:
    assert hours(markup) == ahead


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Hallo, es war 13:43 Uhr.</p>",
        "Es ist jetzt 13:43 Uhr. <i>Es ist jetzt 09:43 Uhr</i>",  # they disagree
        "Es ist jetzt 13:58 Uhr",  # no zone is 75 minutes ahead
        "Es ist jetzt 13:50 Uhr",  # no zone is 67 minutes ahead
        "It is currently Tue Nov 21, 2026 6:43 am",  # days away: a saved page
        "The time now is unknown. 13:43",
        '<span title="24.11.2026, 13:38">Vor 2 Stunden</span>',
        '<span title="24.11.2026">Vor 5 Minuten</span>',
        "It is currently 13:99",
        "<p>Es ist jetzt 9:43 Uhr und ich gehe.</p>" + "<p>Noch ein Beitrag.</p>" * 400,
        "es ist jetzt 9:43 Uhr",
        "",
    ],
)
def test_nothing_is_concluded_from_less(markup: str) -> None:
    assert hours(markup) is None


def test_instants_that_a_reader_found_written_twice() -> None:
    assert hours("", pairs=(("Nov. 24, 2026, 1:38 p.m.", "5m"), ("24. November 2026 13:43", "40s"))) == 1
    assert hours("", pairs=(("Nov. 24, 2026, 1:38 p.m.", "5m"), ("Nov. 24, 2026, 9:38 a.m.", "5m"))) is None
    assert (
        hours("", pairs=(("Nov. 24, 2026, 1:38 p.m.", "3h"), ("Nov. 24, 2026, 1:38 p.m.", "24 Nov"))) is None
    )


def test_stated_before_configured_before_seen() -> None:
    clock = b"<p>Es ist jetzt 15:43 Uhr</p>"
    stated = b"<p>Alle Zeiten sind UTC-06:00</p>"
    address = "https://f.example/t/1"
    assert page_zone(Page(clock + stated, address, AT, "Europe/Berlin")) == timezone(timedelta(hours=-6))
    assert page_zone(Page(clock, address, AT, "Europe/Berlin")) == ZoneInfo("Europe/Berlin")
    assert page_zone(Page(clock, address, AT)) == timezone(timedelta(hours=3))
    assert page_zone(Page(clock, address, AT, at_known=False)) is UTC
    assert page_zone(Page(b"", address, AT)) is UTC
