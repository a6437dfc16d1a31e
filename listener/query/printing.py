"""Queries printed back with every pair of parentheses written out; `str()` of a part is the short form."""

from __future__ import annotations

from listener.query.syntax import And, Expression, Near, Not, Or, Term, Title


def bracketed(part: Expression) -> str:
    """A query that parses to the same part and shows what binds to what."""
    text = _inner(part)
    return text[1:-1] if isinstance(part, And | Or | Not | Near) else text


def _inner(part: Expression) -> str:
    match part:
        case And(parts):
            return f"({' AND '.join(map(_inner, parts))})"
        case Or(parts):
            return f"({' OR '.join(map(_inner, parts))})"
        case Not(inner):
            return f"(NOT {_inner(inner)})"
        case Near(left, right, distance, kind):
            return f"({_group(left)} {kind}/{distance} {_group(right)})"
        case Title(inner):
            return f"title:{_inner(inner)}"
        case _:
            return str(part)


def _group(terms: tuple[Term, ...]) -> str:
    return str(terms[0]) if len(terms) == 1 else f"({' OR '.join(map(str, terms))})"
