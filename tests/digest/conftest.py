"""Made facts: invented products, sources and posts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from listener.digest import DayTone, Deaf, Facts, LeftOut, ProductFacts, Said, UsualVolume

TUESDAY = date(2026, 11, 24)

GERMAN = (
    "Hatte den alten drei Jahre ohne Probleme, aber beim Akkufix 3000 war der Akku nach zwei Wochen kaputt. "
    "Der Händler schickt mich zum Hersteller und der Hersteller zum Händler. Nie wieder, ehrlich.",
    "Kurzes Update: Den Akkufix 3000 habe ich jetzt ein halbes Jahr auf der Baustelle, der läuft und läuft. "
    "Selbst bei Minusgraden. Klare Empfehlung.",
    "Nimmt der Akkufix 3000 eigentlich auch die alten 18-V-Akkus oder braucht man dafür einen Adapter?",
)
ENGLISH = (
    "I wanted to like it, but the Akkufix 3000 died on me after two weeks and support keeps sending me in "
    "circles. Not buying again.",
    "Half a year of daily site work with the Akkufix 3000 and it just keeps going, even below freezing.",
    "Does the Akkufix 3000 take the old 18 V packs or do I need an adapter for that?",
)


def days(
    until: date = TUESDAY, length: int = 60, today: tuple[int, int, int] = (9, 3, 2)
) -> tuple[DayTone, ...]:
    """A quiet series with a gap, a half heard day and the given last day."""
    made = []
    for number in range(length):
        day = until - timedelta(days=length - 1 - number)
        wave = round(2.5 + 2 * math.sin(number / 3.1) + math.sin(number * 1.7))
        negative, positive = max(0, wave // 3), max(0, wave // 2)
        neutral = max(0, wave - negative - positive)
        tones = today if number == length - 1 else (negative, neutral, positive)
        if 20 <= number <= 22:
            made.append(DayTone(day, None, coverage=0.0))
        else:
            made.append(DayTone(day, sum(tones), *tones, coverage=0.4 if number == 41 else 1.0))
    return tuple(made)


def akkufix() -> ProductFacts:
    """Our product on a bad day."""
    return ProductFacts(
        name="Akkufix 3000", brand="Akkufix", volume=14, usual=UsualVolume(3, 2, 5), unusual="high",
        negative=9, neutral=3, positive=2, score=-0.46, score_low=-0.71, score_high=-0.2, change=-0.42,
        threads=5, authors=11, days=days(),
    )  # fmt: skip


def bohrwerk() -> ProductFacts:
    """A competitor's product."""
    return ProductFacts(
        name="Bohrwerk B2", brand="Bohrwerk", competitor=True, volume=6, usual=UsualVolume(5, 3, 8),
        negative=1, neutral=2, positive=3, score=0.3, score_low=-0.05, score_high=0.6, threads=4, authors=6,
        days=days(today=(1, 2, 3)),
    )  # fmt: skip


def said(text: str, number: int, product: str = "Akkufix 3000", **values: object) -> Said:
    """A mention of a thread of its own, matched at the product's name."""
    start = text.find(product)
    made = Said(
        product=product,
        text=text,
        spans=((start, start + len(product)),) if start >= 0 else (),
        url=f"https://forum.example/viewtopic.php?t={number}&p={number * 10}#p{number * 10}",
        source="heimwerker",
        thread=str(number),
        thread_title=f"Akkufix 3000: Erfahrungen, Teil {number}",
        author=f"Stimme {number:03d}",
        published_at=datetime(2026, 11, 24, 9, 32, tzinfo=UTC) + timedelta(minutes=number),
        label="negative",
        probability=0.93,
        score=-0.9,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def mentions(texts: tuple[str, ...] = GERMAN) -> tuple[Said, ...]:
    """Criticism, praise, a question and a post that only the title ties to the product."""
    bad, good, question = texts
    return (
        said(bad, 1, copies=2),
        said(good, 2, label="positive", probability=0.97, score=0.95, source="reddit"),
        said(question, 3, label="neutral", probability=0.81, score=0.05),
        said("Meiner ist gestern angekommen, ich berichte am Wochenende.", 4, place="title", label="neutral",
             probability=0.66, score=0.1, source="werkstatt-blog"),
        said("Der Bohrwerk B2 liegt besser in der Hand.", 5, product="Bohrwerk B2", label="positive",
             probability=0.88, score=0.8, competitor=True),
    )  # fmt: skip


def spike(language: str = "de") -> Facts:
    """The bad day, with everything a digest can say."""
    return Facts(
        language=language,  # type: ignore[arg-type]
        period="day",
        first=TUESDAY,
        last=TUESDAY,
        zone="Europe/Berlin",
        products=(akkufix(), bohrwerk(), ProductFacts("Akkufix Mini", "Akkufix", volume=0)),
        mentions=mentions(GERMAN if language == "de" else ENGLISH),
        deaf=(
            Deaf("holzforum", "access", "403 for https://holz.example/viewforum.php?f=3", 0.0),
            Deaf("reddit", "coverage", "", 0.62),
        ),
        left_out=LeftOut(copies=3, quotes=2, flags=1),
        coverage=0.9,
    )


@pytest.fixture
def facts() -> Callable[..., Facts]:
    """`facts(language, **changed)`: the bad day with fields changed."""

    def make(language: str = "de", **changed: object) -> Facts:
        return replace(spike(language), **changed)  # type: ignore[arg-type]

    return make


@pytest.fixture
def quiet() -> ProductFacts:
    """Our product on a day like any other."""
    return ProductFacts(
        "Akkufix 3000", "Akkufix", volume=3, usual=UsualVolume(3, 2, 5), negative=1, neutral=1, positive=1,
        score=0.02, score_low=-0.5, score_high=0.5, threads=2, authors=3, days=days(today=(1, 1, 1)),
    )  # fmt: skip


@pytest.fixture
def mention() -> Callable[..., Said]:
    """`mention(text, number, **values)`"""
    return said
