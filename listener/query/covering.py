"""Whether one part of a query must hold wherever another holds, told from the parts alone.

"No" only means that it is not certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from listener.query.syntax import And, Exact, Expression, Field, Near, Not, Or, Term, Title
from listener.query.terms import Finder, Letters, Spelling
from listener.query.terms import finder as _made

finder = lru_cache(4096)(_made)


def covers(wide: Term, narrow: Term) -> bool:
    """Whether each occurrence of `narrow` holds an occurrence of `wide`."""
    if isinstance(wide, Exact) or isinstance(narrow, Exact):
        return wide == narrow or (isinstance(narrow, Exact) and _covers_exact(wide, narrow))
    parts, others = finder(wide), finder(narrow)
    last = len(others.parts) - len(parts.parts)
    return any(_covers_at(parts, others, start) for start in range(last + 1))


def _covers_exact(wide: Term, narrow: Exact) -> bool:
    parts, pieces = finder(wide).parts, finder(narrow).parts
    return len(parts) == len(pieces) and all(
        isinstance(part, Spelling) and isinstance(piece, Letters) and _spells(part, piece.folded)
        for part, piece in zip(parts, pieces, strict=True)
    )


def _spells(part: Spelling, letters: str) -> bool:
    wholes = ["".join(pieces) for pieces in part.variants]
    return letters in wholes or (part.wildcard and any(letters.startswith(whole) for whole in wholes))


def _covers_at(wide: Finder, narrow: Finder, start: int) -> bool:
    stretch = narrow.parts[start : start + len(wide.parts)]
    signs = narrow.signs[start : start + len(wide.signs)]
    allowed = all(set(mine) <= set(theirs) for mine, theirs in zip(signs, wide.signs, strict=True))
    return allowed and all(
        isinstance(left, Spelling) and isinstance(right, Spelling) and _covers_word(left, right)
        for left, right in zip(wide.parts, stretch, strict=True)
    )


def _covers_word(wide: Spelling, narrow: Spelling) -> bool:
    if wide.variants == narrow.variants and wide.wildcard == narrow.wildcard:
        return wide.edits >= narrow.edits
    if narrow.edits:
        return False
    if narrow.wildcard and not wide.wildcard:
        return False
    fits = _begins if wide.wildcard else _equals
    return all(any(fits(mine, theirs) for mine in wide.variants) for theirs in narrow.variants)


def _begins(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    head = len(wide) - 1
    return (
        len(wide) <= len(narrow)
        and tuple(wide[:head]) == tuple(narrow[:head])
        and narrow[head].startswith(wide[head])
    )


def _equals(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    return tuple(wide) == tuple(narrow)


def entails(part: Expression, other: Expression) -> bool:
    """Whether `other` holds in a place wherever `part` holds there."""
    if part == other:
        return True
    match other:
        case And(others):
            return all(entails(part, inner) for inner in others)
        case Or(others) if any(entails(part, inner) for inner in others):
            return True
    match part:
        case And(parts):
            return any(entails(inner, other) for inner in parts)
        case Or(parts):
            return all(entails(inner, other) for inner in parts)
        case Near():
            return _near_entails(part, other)
        case Field():
            return isinstance(other, Field) and _narrower(part, other)
        case Title() | Not():
            return False
        case _:
            return isinstance(other, Term) and covers(other, part)


def _near_entails(part: Near, other: Expression) -> bool:
    if isinstance(other, Near):
        if part.kind == "NOT NEAR" or other.kind == "NOT NEAR":
            return False
        wider = other.distance >= part.distance and other.kind in ("NEAR", part.kind)
        return wider and _within(part.left, other.left) and _within(part.right, other.right)
    if not isinstance(other, Term):
        return False
    sides = [part.left] if part.kind == "NOT NEAR" else [part.left, part.right]
    return any(all(covers(other, term) for term in side) for side in sides)


def _within(narrow: Sequence[Term], wide: Sequence[Term]) -> bool:
    return set(narrow) <= set(wide)


def _narrower(part: Field, other: Field) -> bool:
    if part.name != other.name:
        return False
    mine, theirs = part.value.casefold(), other.value.casefold()
    match part.name:
        case "site":
            return f".{mine}".endswith(f".{theirs}")
        case "lang":
            return f"{mine}-".startswith(f"{theirs}-")
        case "author":
            return mine == theirs
        case _:
            return part.value == other.value


def excludes(part: Expression, other: Expression) -> bool:
    """Whether two parts can never hold of the same post; only fields are compared."""
    match part, other:
        case Or(parts), _:
            return all(excludes(inner, other) for inner in parts)
        case _, Or(parts):
            return all(excludes(part, inner) for inner in parts)
        case Field(name), Field():
            one_value = name != "thread" and name == other.name
            return one_value and not _narrower(part, other) and not _narrower(other, part)
        case _:
            return False
