"""What a digest is told: figures and mentions of one period, as plain dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from listener.model import Label, Place, Precision, Span

Language = Literal["de", "en"]
Period = Literal["day", "week", "month"]
Trouble = Literal["transient", "access", "ended", "parse", "coverage"]


@dataclass(frozen=True, slots=True)
class UsualVolume:
    """Mentions to be expected in such a period: the middle, and the range that is usual."""

    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class DayTone:
    """One day of the picture; `mentions` is None on a day that was not listened to."""

    day: date
    mentions: int | None
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """The figures of one product.

    `volume` None: not listened to. `unusual`: the volume is far outside what is usual (judged elsewhere, with
    enough data). `change`: difference of the score from `change_since`, given only where it is a real one.
    """

    name: str
    brand: str = ""
    competitor: bool = False
    volume: int | None = None
    usual: UsualVolume | None = None
    unusual: Literal["high", "low"] | None = None
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    change: float | None = None
    threads: int | None = None
    authors: int | None = None
    days: tuple[DayTone, ...] = ()

    @property
    def scored(self) -> int:
        """Mentions with a judgement."""
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True)
class Said:
    """One mention worth reading. `text` is the author's own, `spans` mark the match in it.

    `url` opens at the post. `thread` tells threads apart; `copies` counts the same text posted elsewhere.
    `label`, `probability` and `score` are None while the mention is unscored.
    """

    product: str
    text: str
    url: str
    source: str
    spans: tuple[Span, ...] = ()
    place: Place = "text"
    thread: str = ""
    thread_title: str = ""
    author: str | None = None
    published_at: datetime | None = None
    date_precision: Precision = "second"
    label: Label | None = None
    probability: float | None = None
    score: float | None = None
    copies: int = 0
    corrected: bool = False
    competitor: bool = False


@dataclass(frozen=True, slots=True)
class Deaf:
    """A source that could not be heard (well): the kind of trouble, the share heard, what it said."""

    source: str
    trouble: Trouble
    detail: str = ""
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was found and not counted: copies of counted posts, quotes only, flagged as advert or spam."""

    copies: int = 0
    quotes: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a digest says. `mentions` are the candidates; at most `shown` of them are printed.

    `coverage` is the share of the period that all sources together were listened to, None if unknown.
    """

    language: Language
    period: Period
    first: date
    last: date
    zone: str
    products: tuple[ProductFacts, ...]
    mentions: tuple[Said, ...] = ()
    deaf: tuple[Deaf, ...] = ()
    left_out: LeftOut = LeftOut()
    coverage: float | None = None
    shown: int = 8
