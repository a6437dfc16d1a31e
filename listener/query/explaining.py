"""Why a query matches a post, or why not: what `listener try --explain` shows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listener.model import Passage, Place, Span
from listener.query.expanding import expansions, units
from listener.query.judging import PLACES, Case, Judged, Seek, plan
from listener.query.parser import parse
from listener.query.printing import bracketed
from listener.query.reading import Reading
from listener.query.syntax import (
    And,
    Exact,
    Expression,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Term,
    Title,
    Word,
    only_in_title,
)
from listener.query.terms import finder


class Explainer:
    """One query, as it was understood, and its way with single posts."""

    def __init__(
        self,
        query: str,
        detect: Callable[[str], str] = lambda _: "und",
        alias: Callable[[str], str] = str.casefold,
    ) -> None:
        self._expression = parse(query)
        self._detect, self._alias = detect, alias
        self._seeks: dict[Term, Seek] = {}
        self._units = list(dict.fromkeys(units(self._expression)))

    def query(self) -> dict[str, Any]:
        """The query printed back with all brackets, and what each of its parts finds."""
        return {
            "query": bracketed(self._expression),
            "terms": [{"term": str(part), "finds": expansions(part)} for part in self._units],
        }

    def passage(self, passage: Passage) -> dict[str, Any]:
        """Which branch decided, which term stands where, and what failed in which place."""
        case = Case(passage, self._detect, self._alias)
        failed: dict[str, list[str]] = {}
        for place in ("title",) if only_in_title(self._expression) else PLACES:
            if place != "text" and not getattr(passage, place):
                continue
            trial = Trial(case, self._seek, place, place)
            if trial.judged(self._expression) is not None:
                return {
                    "decided": trial.decided(self._expression),
                    "found": list(self._found(case)),
                    "failed": failed,
                }
            failed[place] = list(dict.fromkeys(trial.failures(self._expression)))
        return {"decided": None, "found": list(self._found(case)), "failed": failed}

    def _seek(self, term: Term) -> Seek:
        if term not in self._seeks:
            self._seeks[term] = Seek(len(self._seeks), finder(term))
        return self._seeks[term]

    def _found(self, case: Case) -> Iterator[dict[str, Any]]:
        """All occurrences of all terms, whether they took part or not."""
        terms = [part for part in self._units if not isinstance(part, Near | Field)]
        for place in PLACES:
            reading = case.reading(place)
            for term in terms:
                for span in self._seek(term).spans(reading):
                    words = _written(reading, span)
                    yield {"term": str(term), "in": place, "span": list(reading.span(*span)), "words": words}


@dataclass(frozen=True, slots=True)
class Trial:
    """An expression held against one place of a post, for a match `at` a place."""

    case: Case
    seek: Callable[[Term], Seek]
    place: Place
    at: Place
    in_title: bool = False

    def judged(self, part: Expression) -> Judged:
        """See `judging.Plan.judge`."""
        return plan(part, self.seek, self.in_title).judge(self.case, self.place, self.at)

    def decided(self, part: Expression) -> str:
        """The branches that hold, for a part that holds."""
        match part:
            case And(parts):
                return " AND ".join(self._decided_inside(inner) for inner in parts)
            case Or(parts):
                held = [inner for inner in parts if self.judged(inner) is not None]
                return " OR ".join(map(self.decided, held))
            case _:
                return str(part)

    def _decided_inside(self, part: Expression) -> str:
        said = self.decided(part)
        return f"({said})" if isinstance(part, Or) and " OR " in said else said

    def failures(self, part: Expression) -> Iterator[str]:
        """Why a part that does not hold does not."""
        match part:
            case And(parts):
                for inner in parts:
                    if self.judged(inner) is None:
                        yield from self.failures(inner)
            case Or(parts):
                for inner in parts:
                    yield from self.failures(inner)
            case Not(inner):
                yield self._excluded(inner)
            case Title(inner):
                yield from (f"title: {said}" for said in self._titled().failures(inner))
            case Field():
                yield f"{part}: {_known(part, self.case)}"
            case Near():
                yield self._apart(part)
            case _:
                yield self._missing(part)

    def _titled(self) -> Trial:
        return replace(self, place="title", in_title=True)

    @property
    def _reading(self) -> Reading:
        return self.case.reading(self.place)

    def _excluded(self, inner: Expression) -> str:
        """The occurrences that a NOT forbids, and where they stand."""
        places = PLACES if self.at == "quote" else PLACES[:2]
        for place in PLACES[1:2] if self.in_title else places:
            trial = replace(self, place=place)
            spans = trial.judged(inner)
            if spans is not None:
                words = trial.words(min(spans)) if spans else str(inner)
                where = f"'{words}' stands in the {place}" if spans else "it holds"
                return f"{Not(inner)}: {where}"
        return f"{Not(inner)}: it does not hold"

    def words(self, span: Span) -> str:
        """A stretch of the place as it is written."""
        return _written(self._reading, span)

    def _missing(self, term: Term) -> str:
        hint = _hint(term, self._reading)
        named = f"'{term}'" if isinstance(term, Word) else str(term)
        return f"{named} does not stand in the {self.place}" + (f": {hint}" if hint else "")

    def _apart(self, part: Near) -> str:
        left, right = self._spans(part.left), self._spans(part.right)
        name = f"{part.kind}/{part.distance}"
        for spans, terms in ((left, part.left), (right, part.right)):
            if not spans and (terms is part.left or part.kind != "NOT NEAR"):
                return f"{name}: " + "; ".join(map(self._missing, terms))
        if part.kind == "NOT NEAR":
            return f"{name}: each '{self.words(left[0])}' has '{self.words(right[0])}' or its like that near"
        nearest = _nearest(self._reading, left, right, ordered=part.kind == "ONEAR")
        first, second = (left[0], right[0]) if nearest is None else nearest[1:]
        named = f"{name}: '{self.words(first)}' and '{self.words(second)}'"
        if nearest is None:
            return f"{named} stand only in the other order or in the same words"
        return f"{named} are {nearest[0]} word{'s' * (nearest[0] != 1)} apart"

    def _spans(self, terms: Sequence[Term]) -> list[Span]:
        return sorted(span for term in terms for span in self.seek(term).spans(self._reading))


def _nearest(
    reading: Reading, left: list[Span], right: list[Span], *, ordered: bool
) -> tuple[int, Span, Span] | None:
    """The pair with the fewest words between its sides, the side that stands first named first."""
    pairs = [*_followers(reading, left, right), *([] if ordered else _followers(reading, right, left))]
    return min(pairs, default=None)


def _followers(reading: Reading, spans: list[Span], others: list[Span]) -> Iterator[tuple[int, Span, Span]]:
    starts = [start for start, _ in others]
    for span in spans:
        following = bisect_left(starts, span[1])
        if following < len(starts):
            other = others[following]
            yield reading.words_between(span[1], other[0]), span, other


def _known(field: Field, case: Case) -> str:
    match field.name:
        case "author":
            known = case.passage.author
        case "site":
            known = case.host
        case "lang":
            known = case.language
        case _:
            known = ", ".join(case.passage.thread)
    return f"it is {known}" if known else "the post does not say it"


def _hint(term: Term, reading: Reading) -> str:
    """Where the letters of a term that was not found do stand after all."""
    match term:
        case Phrase(words, _) if len(words) > 1:
            absent = [word for word in words if not finder(word).find(reading)]
            if absent:
                return "; ".join(f"'{word}' is missing" for word in absent)
            return "its words do, but not side by side in this order (or with . , ; : ! ? between them)"
        case Phrase(words, _):
            return _hint(words[0], reading)
        case _:
            return _hint_of_letters(term, reading)


def _hint_of_letters(term: Word | Exact, reading: Reading) -> str:
    found = finder(term).parts[0]
    for key in found.keys():  # noqa: SIM118 - not a mapping
        start = reading.letters.find(key)
        if start >= 0:
            return _stands(term, reading, (start, start + len(key)))
    return ""


def _stands(term: Word | Exact, reading: Reading, letters: Span) -> str:
    for region in reading.regions:
        if region.start < letters[1] and letters[0] < region.end:
            return f"only inside the address or name '{_written(reading, region[:2])}'"
    around = _run_around(reading.letters, *letters)
    words = _written(reading, around)
    if isinstance(term, Exact):
        return f"only as '{words}'"
    wanted = f"; {term.text}* would find it" if around[0] == letters[0] and not term.edits else ""
    return f"only inside '{words}'{wanted}"


def _written(reading: Reading, letters: Span) -> str:
    """The words as they stand in the text; half a surrogate pair cannot be printed."""
    return reading.text[slice(*reading.span(*letters))].encode(errors="replace").decode()


def _run_around(letters: str, start: int, end: int) -> Span:
    while start and letters[start - 1].isalnum():
        start -= 1
    while end < len(letters) and letters[end].isalnum():
        end += 1
    return start, end


def query_lines(explained: Mapping[str, Any]) -> list[str]:
    """The query as it was understood, for people."""
    lines = [f"understood as: {explained['query']}"]
    for part in explained["terms"]:
        lines.append(f"  {part['term']}")
        lines += [f"      {said}" for said in part["finds"]]
    return lines


def passage_lines(answer: Mapping[str, Any], explained: Mapping[str, Any]) -> list[str]:
    """Why one post matches or does not, for people; foreign words may stand in these lines."""
    lines = [f"match in the {answer['in']}" if answer["matched"] else "no match"]
    if explained["decided"] is not None:
        lines.append(f"  decided by: {explained['decided']}")
    for place, reasons in explained["failed"].items():
        lines += [f"  not in the {place}: {said}" for said in reasons]
    for hit in explained["found"]:
        start, end = hit["span"]
        lines.append(f"  {hit['term']}: '{hit['words']}' in the {hit['in']}, {start}-{end}")
    return lines
