"""Warnings for queries that parse but will drown in posts, can never match, or say something twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from listener.query.common_words import COMMON_WORDS
from listener.query.covering import covers, entails, excludes
from listener.query.expanding import units
from listener.query.folding import fold
from listener.query.parser import parse
from listener.query.scanner import scan
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
    anchored,
)

SHORT = 2
LETTERS_FOR_WILDCARD = 3
LETTERS_FOR_TYPO = 5
MOST_COMPARED = 60
OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR/5", "und": "AND", "oder": "OR"}
NARROW_FIELDS = ("author", "site", "thread")
_COMMON = frozenset(map(fold, COMMON_WORDS))
_PARTNER = 'add a second word with AND or NEAR/5, or write {exact letters} or a "phrase"'


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful in a query, at which column, and what to write instead."""

    column: int
    what: str
    write: str

    def __str__(self) -> str:
        return f"column {self.column}: {self.what}; {self.write}"


Found = tuple[Expression, str, str]
"""The part that is in doubt, what is wrong with it, what to write."""


def doubts(query: str) -> list[Doubt]:
    """The warnings of a query, by column; QueryError if it does not parse."""
    expression = parse(query)
    columns = _columns(expression, query)
    found = [*_drowning(expression), *_inner(expression)]
    told = [Doubt(columns[_first_leaf(part)], what, write) for part, what, write in found]
    return sorted({*told, *_lower_case(query)}, key=lambda doubt: (doubt.column, doubt.what))


def _columns(expression: Expression, query: str) -> dict[int, int]:
    """Each leaf's column, by the leaf's id: leaves that are equal stand at different columns."""
    leaves = [part for part in units(expression) if not isinstance(part, Near)]
    columns = [token.column or 1 for token in scan(query) if isinstance(token.value, Term | Field)]
    return {id(leaf): column for leaf, column in zip(leaves, columns, strict=True)}


def _first_leaf(part: Expression) -> int:
    return id(next(iter(units(part))))


def _lower_case(query: str) -> Iterator[Doubt]:
    for token in [*scan(query)][1:-1]:
        word = token.value
        if isinstance(word, Word) and str(word).lower() in OPERATORS:
            meant = OPERATORS[word.text.lower()]
            yield Doubt(
                token.column or 1,
                f"'{word}' is looked for as a word; did you mean {meant}?",
                f'write {meant}, or "{word}" if the word is meant',
            )


def _drowning(expression: Expression) -> Iterator[Found]:
    for term in _loose(expression):
        what, write = _broad(term) or ("", "")
        yield term, what, write


def _loose(part: Expression) -> list[Term]:
    """The terms of which one alone is enough for a match, and finds too much."""
    match part:
        case And(parts):
            return _loose_together(parts)
        case Or(parts):
            return [term for inner in parts for term in _loose(inner)]
        case Title(inner):
            return _loose(inner)
        case Near(left, _, _, "NOT NEAR"):
            return [term for term in left if _broad(term)]
        case Near() | Not() | Field():
            return []
        case _:
            return [part] if _broad(part) else []


def _loose_together(parts: Sequence[Expression]) -> list[Term]:
    """Parts of an AND narrow each other, unless all are words that every post has."""
    if any(isinstance(part, Field) and part.name in NARROW_FIELDS for part in parts):
        return []
    loose = [_loose(part) for part in parts if anchored(part)]
    if not all(loose):
        return []
    terms = [term for terms in loose for term in terms]
    return terms if len(loose) == 1 or all(map(_is_common, terms)) else []


def _word(term: Term) -> Word | None:
    if isinstance(term, Phrase):
        return term.words[0] if len(term.words) == 1 else None
    return term if isinstance(term, Word) else None


def _is_common(term: Term) -> bool:
    if isinstance(term, Exact):
        return term.text in COMMON_WORDS
    word = _word(term)
    return word is not None and fold(word.text) in _COMMON


def _broad(term: Term) -> tuple[str, str] | None:
    """Why a term alone finds too much, and what to write."""
    word = _word(term)
    letters = sum(map(str.isalnum, word.text)) if word else 0
    if word and word.wildcard and letters < LETTERS_FOR_WILDCARD:
        return (
            f"{word} finds every word that begins with '{word.text}'",
            "write three letters or more before *",
        )
    if _is_common(term):
        return f"matches every post with '{word.text if word else term}'", _PARTNER
    if word and word.edits and letters < LETTERS_FOR_TYPO:
        said = f"{word} finds many other words, '{word.text}' is too short for typos"
        return said, "write the wrong spellings out: (abc OR acb)"
    return (f"'{word}' is so short that it means many things", _PARTNER) if 0 < letters <= SHORT else None


def _inner(part: Expression) -> Iterator[Found]:
    """What is contradictory or said twice, in a part and inside it."""
    match part:
        case And(parts):
            yield from _contradictions(parts)
            yield from _twice(parts, "AND")
        case Or(parts):
            yield from _superfluous(parts)
        case Near(left, right, _, kind):
            yield from _superfluous(left)
            yield from _superfluous(right)
            yield from _near_itself(left, right, kind)
    for inner in getattr(part, "parts", ()):
        yield from _inner(inner)
    if isinstance(part, Not | Title):
        yield from _inner(part.inner)


def _contradictions(parts: Sequence[Expression]) -> Iterator[Found]:
    compared = parts[:MOST_COMPARED]
    for part in compared:
        if isinstance(part, Not):
            for other in compared:
                if _forbids(part.inner, other):
                    yield part.inner, f"can never match: {part} forbids what {other} finds", _narrower(part)
                    break
    for part, other in combinations(compared, 2):
        if excludes(part, other):
            said = f"can never match: {part} and {other} exclude each other"
            yield other, said, f"write ({part} OR {other})"


def _narrower(part: Not) -> str:
    return f"take {part} out, or forbid something narrower"


def _forbids(inner: Expression, other: Expression) -> bool:
    """Whether NOT `inner` fails wherever `other` holds; NOT looks at the title as well as at the text."""
    if isinstance(other, Not):
        return False
    if isinstance(inner, Title):
        return isinstance(other, Title) and entails(other.inner, inner.inner)
    return entails(other.inner if isinstance(other, Title) else other, inner)


def _twice(parts: Sequence[Expression], operator: str) -> Iterator[Found]:
    seen: set[Expression] = set()
    for part in parts:
        if part in seen:
            yield part, f"{part} stands twice", f"take the second {operator} {part} out"
        seen.add(part)


def _superfluous(parts: Sequence[Expression]) -> Iterator[Found]:
    """Branches of an OR that find nothing beyond another one."""
    yield from _twice(parts, "OR")
    different = list(dict.fromkeys(parts))[:MOST_COMPARED]
    for part in different:
        wider = next((other for other in different if other != part and entails(part, other)), None)
        if wider is not None and not (
            entails(wider, part) and different.index(wider) > different.index(part)
        ):
            yield (
                part,
                f"OR {part} adds nothing: {wider} matches there already",
                f"take {part} or {wider} out",
            )


def _near_itself(left: Sequence[Term], right: Sequence[Term], kind: str) -> Iterator[Found]:
    for one in left:
        for other in right:
            if covers(one, other) or covers(other, one):
                rule = "no other is near" if kind == "NOT NEAR" else "two of them are near each other"
                said = f"{one} and {other} beside {kind} are the same: matches only where {rule}"
                yield one, said, "write different words left and right"
                return
