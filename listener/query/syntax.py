"""The parts of a query; `str()` of any of them is a query that parses to the same part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

NearKind = Literal["NEAR", "ONEAR", "NOT NEAR"]
FieldName = Literal["author", "site", "lang", "thread"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written (NFC); `wildcard` is a `*`, `edits` a `~1` or `~2` after it."""

    text: str
    wildcard: bool = False
    edits: int = 0

    def __str__(self) -> str:
        return self.text + "*" * self.wildcard + (f"~{self.edits}" if self.edits else "")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order; `signs[i]` are punctuation marks that word i and the next have between them."""

    words: tuple[Word, ...]
    signs: tuple[str, ...]

    def __str__(self) -> str:
        gaps = [*(f"{signs} " for signs in self.signs), ""]
        return '"' + "".join(f"{word}{gap}" for word, gap in zip(self.words, gaps, strict=True)) + '"'


@dataclass(frozen=True, slots=True)
class Exact:
    """These letters in this case."""

    text: str

    def __str__(self) -> str:
        return "{" + self.text + "}"


@dataclass(frozen=True, slots=True)
class Near:
    """Two groups of terms at most `distance` counted words apart."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    distance: int
    kind: NearKind

    def __str__(self) -> str:
        return f"{_group(self.left)} {self.kind}/{self.distance} {_group(self.right)}"


@dataclass(frozen=True, slots=True)
class Title:
    """An expression judged in the title, wherever the rest is."""

    inner: Expression

    def __str__(self) -> str:
        return f"title:{_inside(self.inner, Word, Phrase, Exact)}"


@dataclass(frozen=True, slots=True)
class Field:
    """A filter on what is known about a post."""

    name: FieldName
    value: str

    def __str__(self) -> str:
        return f'{self.name}:"{self.value}"'


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where the inner expression does not."""

    inner: Expression

    def __str__(self) -> str:
        return f"NOT {_inside(self.inner, Word, Phrase, Exact, Near, Title, Field)}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " AND ".join(
            _inside(part, Word, Phrase, Exact, Near, Title, Field, Not) for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Term = Word | Phrase | Exact
Expression = Word | Phrase | Exact | Near | Title | Field | Not | And | Or


def _inside(part: Expression, *bare: type) -> str:
    return str(part) if isinstance(part, bare) else f"({part})"


def _group(terms: tuple[Term, ...]) -> str:
    return str(terms[0]) if len(terms) == 1 else f"({Or(terms)})"


def conjunction(parts: Iterable[Expression]) -> Expression:
    """The parts joined by AND; an AND inside an AND is one AND."""
    flat = tuple(_flat(parts, And))
    return flat[0] if len(flat) == 1 else And(flat)


def disjunction(parts: Iterable[Expression]) -> Expression:
    """The parts joined by OR; an OR inside an OR is one OR."""
    flat = tuple(_flat(parts, Or))
    return flat[0] if len(flat) == 1 else Or(flat)


def _flat(parts: Iterable[Expression], kind: type[And] | type[Or]) -> Iterator[Expression]:
    for part in parts:
        yield from part.parts if isinstance(part, kind) else (part,)


def anchored(part: Expression) -> bool:
    """Whether the part can only hold where a positive term occurs (a field is none, `title:` is)."""
    match part:
        case And(parts):
            return any(map(anchored, parts))
        case Or(parts):
            return all(map(anchored, parts))
        case Title(inner):
            return anchored(inner)
        case Field() | Not():
            return False
        case _:
            return True


def only_in_title(part: Expression) -> bool:
    """Whether all positive terms of the part stand behind `title:`."""
    match part:
        case And(parts) | Or(parts):
            return all(map(only_in_title, parts))
        case Title() | Field() | Not():
            return True
        case _:
            return False
