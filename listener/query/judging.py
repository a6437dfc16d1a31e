"""An expression made ready to be judged, and its judgement of one passage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from listener.model import Passage, Place, Span
from listener.query.reading import Reading
from listener.query.syntax import (
    And,
    Exact,
    Expression,
    Field,
    Near,
    NearKind,
    Not,
    Or,
    Phrase,
    Term,
    Title,
    Word,
)
from listener.query.terms import Finder

PLACES: tuple[Place, ...] = ("text", "title", "quote")
Judged = list[Span] | None  # None: does not hold; else the occurrences that took part


class Case:
    """One passage while it is judged; each of its places is read at most once."""

    def __init__(
        self,
        passage: Passage,
        detect: Callable[[str], str],
        alias: Callable[[str], str],
        letters: Mapping[Place, str] | None = None,
    ) -> None:
        """`letters` are those of the places, where they are folded already."""
        self.passage = passage
        self._letters = letters or {}
        self._detect = detect
        self._alias = alias
        self._readings: dict[Place, Reading] = {}

    def reading(self, place: Place) -> Reading:
        """One of the three places."""
        if place not in self._readings:
            self._readings[place] = Reading(getattr(self.passage, place), self._letters.get(place))
        return self._readings[place]

    def is_by(self, name: str) -> bool:
        """Whether the author has this name, or is called by its alias."""
        author = (self.passage.author or "").strip()
        return author.casefold() == name.casefold() or author == self._alias(name)

    @cached_property
    def language(self) -> str:
        """The language as given, or else detected."""
        return (self.passage.language or self._detect(self.passage.text)).casefold().replace("_", "-")

    @cached_property
    def host(self) -> str:
        """The host of the address; empty where there is none."""
        try:
            return (urlsplit(self.passage.url).hostname or "").rstrip(".")
        except ValueError:
            return ""


class Plan(Protocol):
    """A part of an expression made ready: judged in one place, for a match `at` a place."""

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        """The occurrences that took part, or None where the part does not hold."""


@dataclass(frozen=True, slots=True)
class Seek:
    """A term; `number` is its own among all terms of a matcher."""

    number: int
    finder: Finder

    def spans(self, reading: Reading) -> list[Span]:
        """All its occurrences."""
        return reading.found(self.number, self.finder.find)

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        return self.spans(case.reading(place)) or None


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Plan, ...]

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        spans: list[Span] = []
        for part in self.parts:
            judged = part.judge(case, place, at)
            if judged is None:
                return None
            spans += judged
        return spans


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Plan, ...]

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        judged = [part.judge(case, place, at) for part in self.parts]
        true = [spans for spans in judged if spans is not None]
        return [span for spans in true for span in spans] if true else None


@dataclass(frozen=True, slots=True)
class Never:
    """NOT: holds where the inner part holds neither in text nor title, nor in the quote of a match there.

    Behind `title:` only the title counts.
    """

    inner: Plan
    in_title: bool

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        places: tuple[Place, ...] = PLACES if at == "quote" else PLACES[:2]
        held = (self.inner.judge(case, other, at) for other in (("title",) if self.in_title else places))
        return [] if all(spans is None for spans in held) else None


@dataclass(frozen=True, slots=True)
class Titled:
    inner: Plan

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        return None if self.inner.judge(case, "title", at) is None else []


@dataclass(frozen=True, slots=True)
class Known:
    """A filter on what is known about a post."""

    name: str
    value: str

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        return [] if self._holds(case) else None

    def _holds(self, case: Case) -> bool:
        match self.name:
            case "author":
                return case.is_by(self.value)
            case "site":
                return f".{case.host}".endswith(f".{self.value.casefold()}")
            case "lang":
                return f"{case.language}-".startswith(f"{self.value.casefold()}-")
            case _:
                return self.value in case.passage.thread


@dataclass(frozen=True, slots=True)
class Beside:
    """NEAR, ONEAR and NOT NEAR."""

    left: tuple[Seek, ...]
    right: tuple[Seek, ...]
    distance: int
    kind: NearKind

    def judge(self, case: Case, place: Place, at: Place) -> Judged:
        reading = case.reading(place)
        left = [span for seek in self.left for span in seek.spans(reading)]
        if not left:
            return None
        right = [span for seek in self.right for span in seek.spans(reading)]
        before, after = self._pairs(reading, left, right)
        if self.kind == "NOT NEAR":
            return [span for span in left if span not in before and span not in after] or None
        mirrored_before, mirrored_after = self._pairs(reading, right, left)
        if self.kind == "ONEAR":
            return [*before, *mirrored_after] or None
        return [*before, *after, *mirrored_before, *mirrored_after] or None

    def _pairs(self, reading: Reading, spans: list[Span], others: list[Span]) -> tuple[set[Span], set[Span]]:
        """The spans with one of the others near behind them, and those with one near before them."""
        starts, ends = sorted(start for start, _ in others), sorted(end for _, end in others)
        before, after = set(), set()
        for span in spans:
            following = bisect_left(starts, span[1])
            if following < len(starts) and self._is_near(reading, span[1], starts[following]):
                before.add(span)
            preceding = bisect_right(ends, span[0])
            if preceding and self._is_near(reading, ends[preceding - 1], span[0]):
                after.add(span)
        return before, after

    def _is_near(self, reading: Reading, start: int, end: int) -> bool:
        return reading.words_between(start, end) <= self.distance


def plan(expression: Expression, seek: Callable[[Term], Seek], in_title: bool = False) -> Plan:
    """The expression made ready; `seek` makes its terms ready."""
    match expression:
        case Word() | Phrase() | Exact():
            return seek(expression)
        case And(parts):
            return All(tuple(plan(part, seek, in_title) for part in parts))
        case Or(parts):
            return Some(tuple(plan(part, seek, in_title) for part in parts))
        case Not(inner):
            return Never(plan(inner, seek, in_title), in_title)
        case Near(left, right, distance, kind):
            return Beside(tuple(map(seek, left)), tuple(map(seek, right)), distance, kind)
        case Title(inner):
            return Titled(plan(inner, seek, in_title=True))
        case Field(name, value):
            return Known(name, value)


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Sorted; overlapping spans become one, touching ones do not."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
