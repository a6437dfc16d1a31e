"""From a query's text to its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from listener.errors import QueryError
from listener.query.scanner import Scanner
from listener.query.syntax import (
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
    conjunction,
    disjunction,
)


def parse(text: str) -> Expression:
    """The parts of a query; QueryError says at which column what was expected."""
    try:
        part = cast(_Part, _grammar().parse(text))
    except UnexpectedInput as error:
        raise _explained(error, text) from error
    if not anchored(part.expression):
        raise QueryError(
            "nothing to look for: expected a word or phrase that is not behind NOT, in every branch of an OR",
            part.column,
        )
    return part.expression


@dataclass(frozen=True, slots=True)
class _Part:
    """An expression with the column where it begins."""

    expression: Expression
    column: int


@v_args(inline=True)
class _Builder(Transformer[Token, _Part]):
    """Builds the parts while lark parses, so no depth of nesting needs a deep stack here."""

    def start(self, part: _Part) -> _Part:
        return part

    def either(self, *parts: _Part | Token) -> _Part:
        found = _parts(parts)
        return _Part(disjunction(part.expression for part in found), found[0].column)

    def both(self, *parts: _Part | Token) -> _Part:
        found = _parts(parts)
        return _Part(conjunction(part.expression for part in found), found[0].column)

    def negated(self, sign: Token, part: _Part) -> _Part:
        return _Part(Not(part.expression), _column(sign))

    def negation(self, part: _Part) -> _Part:
        return part

    def near(self, left: _Part, *rest: _Part | Token) -> _Part:
        if not rest:
            return left
        if len(rest) > 2:
            raise QueryError("NEAR joins two sides; join a third with AND", _column(cast(Token, rest[2])))
        kind, distance, _ = cast(Token, rest[0]).value
        return _Part(Near(_terms(left), _terms(cast(_Part, rest[1])), distance, kind), left.column)

    def operand(self, token: Token) -> _Part:
        return _Part(cast(Expression, token.value), _column(token))

    titled = operand

    def group(self, bracket: Token, part: _Part, _: Token) -> _Part:
        return _Part(part.expression, _column(bracket))

    def title(self, sign: Token, part: _Part) -> _Part:
        if _has_field(part.expression):
            raise QueryError("expected words behind title:, not another field", part.column)
        return _Part(Title(part.expression), _column(sign))


def _parts(found: tuple[_Part | Token, ...]) -> list[_Part]:
    return [part for part in found if isinstance(part, _Part)]


def _column(token: Token) -> int:
    return token.column or 1


def _terms(part: _Part) -> tuple[Term, ...]:
    terms = part.expression.parts if isinstance(part.expression, Or) else (part.expression,)
    if not all(isinstance(term, Term) for term in terms):
        raise QueryError(
            'beside NEAR stands a word, a "phrase", {exact} or a group (a OR b) of them', part.column
        )
    return cast(tuple[Term, ...], terms)


def _has_field(part: Any) -> bool:
    match part:
        case Word() | Phrase() | Exact() | Near():
            return False
        case Title() | Field():
            return True
        case Not(inner):
            return _has_field(inner)
        case _:
            return any(map(_has_field, part.parts))


@cache
def _grammar() -> Lark:
    grammar = resources.files("listener.query").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=Scanner, transformer=_Builder())


OPERANDS = 'a word, a "phrase", {exact letters}, a field or ('


def _explained(error: UnexpectedInput, text: str) -> QueryError:
    token = error.token if isinstance(error, UnexpectedToken) else None
    if token is None or token.type == "$END":
        return QueryError(f"expected {OPERANDS} at the end of the query", len(text.rstrip()) + 1)
    return QueryError(f"expected {OPERANDS} before {_named(token)}", _column(token))


def _named(token: Token) -> str:
    if token.type == "NEAR":
        return f"{token.value[0]}/{token.value[1]}"
    return "title:" if token.type == "TITLE" else str(token.value)
