"""German and English of the digest; numbers and dates by babel."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from listener.digest.facts import Facts, Language
from listener.digest.phrases import PHRASES

DATES = {
    "de": {
        "short": "EEE, d. MMM",
        "full": "EEEE, d. MMMM y",
        "time": "EEE, d. MMM, HH:mm",
        "plain": "d. MMM",
    },
    "en": {"short": "EEE d MMM", "full": "EEEE, d MMMM y", "time": "EEE d MMM, HH:mm", "plain": "d MMM"},
}


class Words:
    """The phrases of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.locale = Locale.parse("de" if language == "de" else "en_GB")
        self._column = 0 if language == "de" else 1

    def __call__(self, key: str, /, **values: Any) -> str:
        """A phrase with its values; `n` chooses "one | several", whole numbers are grouped."""
        forms = PHRASES[key][self._column].split(" | ")
        form = forms[-1] if values.get("n", 1) != 1 else forms[0]
        return form.format(**{name: self._written(value) for name, value in values.items()})

    def _written(self, value: object) -> object:
        return self.number(value) if isinstance(value, int) else value

    def number(self, value: int) -> str:
        """A whole number with the language's grouping."""
        text: str = format_decimal(value, locale=self.locale)
        return text

    def signed(self, value: float) -> str:
        """A score or a difference with its sign: −0,35 or +0.20."""
        number: str = format_decimal(abs(value), format="0.00", locale=self.locale)
        return ("−" if value < 0 else "+") + number if abs(value) >= 0.005 else number

    def percent(self, share: float) -> str:
        """A share without decimals; never 100 % (or 0 %) for what is not wholly so."""
        shown = min(0.99, max(0.01, share)) if 0 < share < 1 else share
        text: str = format_percent(
            shown, format="#,##0\xa0%" if self.language == "de" else "#,##0%", locale=self.locale
        )
        return text

    def day(self, day: date, form: str = "short") -> str:
        """A day as "Di., 24. Nov." (short), with year (full), or without weekday (plain)."""
        text: str = format_date(day, DATES[self.language][form], locale=self.locale)
        return text

    def instant(self, at: datetime, zone: str, *, only_day: bool = False) -> str:
        """An instant in the reader's zone."""
        local = at.replace(tzinfo=at.tzinfo or UTC).astimezone(ZoneInfo(zone))
        if only_day:
            return self.day(local.date())
        text: str = format_datetime(local, DATES[self.language]["time"], locale=self.locale)
        return text

    def weekday(self, day: date) -> str:
        """The name of the day of the week."""
        text: str = format_date(day, "EEEE", locale=self.locale)
        return text

    def period(self, facts: Facts, *, short: bool = False) -> str:
        """The period of a digest in words."""
        if facts.period == "day":
            return self.day(facts.first, "short" if short else "full")
        if facts.period == "month":
            month: str = format_date(facts.first, "LLLL y", locale=self.locale)
            return month
        last = self.day(facts.last, "plain") if short else format_date(facts.last, "long", locale=self.locale)
        return self("week_of", first=self.day(facts.first, "plain"), last=last)
