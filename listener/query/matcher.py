"""All products' queries held against posts in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from listener.model import Match, Passage, Place, Product
from listener.query.folding import fold
from listener.query.judging import PLACES, Case, Plan, Seek, merged, plan
from listener.query.parser import parse
from listener.query.reading import is_boundary
from listener.query.syntax import And, Expression, Near, Or, Term, Title, anchored, only_in_title
from listener.query.terms import Finder, Spelling, finder
from listener.query.typos import Neighbours

Detect = Callable[[str], str]


class Matcher:
    """The queries of all products, made ready once; QueryError where one does not parse.

    `detect` names the language of a text whose passage does not say it (only `lang:` asks). `alias` is how
    the passages call an author where they do not hold the name itself (only `author:` asks).
    """

    def __init__(
        self,
        products: Sequence[Product],
        detect: Detect = lambda _: "und",
        alias: Callable[[str], str] = str.casefold,
    ) -> None:
        self._detect, self._alias = detect, alias
        self._products = tuple(products)
        self._seeks: dict[Term, Seek] = {}
        expressions = [parse(product.query.text) for product in self._products]
        self._plans = [plan(expression, self._seek) for expression in expressions]
        self._places = [PLACES[1:2] if only_in_title(expression) else PLACES for expression in expressions]
        self._sieve = Sieve([self._finders(expression) for expression in expressions])

    def _seek(self, term: Term) -> Seek:
        if term not in self._seeks:
            self._seeks[term] = Seek(len(self._seeks), finder(term))
        return self._seeks[term]

    def _finders(self, expression: Expression) -> list[Finder]:
        return [self._seek(term).finder for term in anchors(expression)]

    def match(self, passages: Sequence[Passage]) -> list[list[Match]]:
        """For each passage the products that it mentions, in the products' order."""
        return [self._matches(passage) for passage in passages]

    def _matches(self, passage: Passage) -> list[Match]:
        letters = {place: fold(words) for place in PLACES if (words := getattr(passage, place))}
        candidates = self._sieve.candidates(letters.values())
        if not candidates:
            return []
        case = Case(passage, self._detect, self._alias, letters)
        found = (self._match(number, case) for number in sorted(candidates))
        return [match for match in found if match]

    def _match(self, number: int, case: Case) -> Match | None:
        name, ready = self._products[number].name, self._plans[number]
        for place in self._places[number]:
            if _may_hold(case, place) and (match := _judged(name, ready, case, place)):
                return match
        return None


def _may_hold(case: Case, place: Place) -> bool:
    return place == "text" or bool(getattr(case.passage, place))


def _judged(name: str, ready: Plan, case: Case, place: Place) -> Match | None:
    spans = ready.judge(case, place, place)
    if spans is None:
        return None
    if place != "text":
        return Match(name, place)
    reading = case.reading(place)
    return Match(name, place, merged([reading.span(*span) for span in spans]))


class Sieve:
    """Says for a passage which expressions may hold: one automaton over the folded letters."""

    def __init__(self, finders: Sequence[Sequence[Finder]]) -> None:
        numbers: dict[str, set[int]] = defaultdict(set)
        self._near: dict[tuple[str, int], set[int]] = defaultdict(set)
        for number, of_one in enumerate(finders):
            for part in (found.rarest() for found in of_one):
                for key in part.keys():  # noqa: SIM118 - not a mapping
                    numbers[key].add(number)
                if isinstance(part, Spelling) and part.edits:
                    self._near[part.whole, part.edits].add(number)
        self._numbers = list(numbers.values())
        fast = sum(map(len, numbers)) <= MOST_FAST_LETTERS
        chosen = Implementation.DFA if fast else Implementation.ContiguousNFA
        self._automaton = AhoCorasick(list(numbers), implementation=chosen)
        self._neighbours = Neighbours(self._near)

    def candidates(self, places: Iterable[str]) -> set[int]:
        """The numbers of the expressions that may hold in a passage, whose places are given folded."""
        found: set[int] = set()
        for letters in places:
            for key, start, _ in self._automaton.find_matches_as_indexes(letters, overlapping=True):
                if is_boundary(letters, start):
                    found |= self._numbers[key]
            for term in self._neighbours.within(letters):
                found |= self._near[term]
        return found


MOST_FAST_LETTERS = 500_000  # of all keys: the faster automaton takes about 120 bytes for each, the other 20


def anchors(part: Expression) -> list[Term]:
    """Terms of which at least one occurs wherever the part holds: few and long ones."""
    match part:
        case And(parts):
            return max((anchors(inner) for inner in parts if anchored(inner)), key=_rarity)
        case Or(parts):
            return [term for inner in parts for term in anchors(inner)]
        case Near(left, right, _, kind):
            return list(left) if kind == "NOT NEAR" else max(list(left), list(right), key=_rarity)
        case Title(inner):
            return anchors(inner)
        case _:
            return [part] if isinstance(part, Term) else []


def _rarity(terms: Sequence[Term]) -> tuple[int, int]:
    return min(len(str(term)) for term in terms), -len(terms)
