"""Printing loses nothing: both printed forms of a query parse to the same parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.query import Expression, parse
from listener.query.printing import bracketed
from listener.query.scanner import DEEPEST
from listener.query.syntax import (
    And,
    Exact,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Title,
    Word,
    anchored,
    conjunction,
    disjunction,
)
from tests.query.test_gold import GOLD

BRACKETED = [
    ("a b NOT c", "a AND b AND (NOT c)"),
    ("a OR b c", "a OR (b AND c)"),
    ("a NOT b NEAR/2 (c OR d)", "a AND (NOT (b NEAR/2 (c OR d)))"),
    ("a NOT NEAR/1 b", "a NOT NEAR/1 b"),
    ("title:(a NOT b) c", "title:(a AND (NOT b)) AND c"),
    ("title:(a OR b)", "title:(a OR b)"),
]

words = st.builds(
    Word,
    st.sampled_from(["a", "äöü", "straße", "b-2", "l'or", "and", "near", "3000", "é"]),
    st.booleans(),
) | st.builds(Word, st.sampled_from(["abc", "xß"]), edits=st.sampled_from([1, 2]))
phrases = st.lists(st.tuples(words, st.sampled_from(["", ".", ",.", "…—"])), min_size=1, max_size=4).map(
    lambda pairs: Phrase(
        tuple(word for word, _ in pairs), tuple("".join(sorted(signs)) for _, signs in pairs[1:])
    )
)
exacts = st.sampled_from(["BMW", "C++", "Bang & Olufsen", "(a)", "a OR b", '"x"', "ẞ"]).map(Exact)
terms = st.one_of(words, phrases, exacts)
groups = st.lists(terms, min_size=1, max_size=3).map(tuple)
nears = st.builds(Near, groups, groups, st.integers(0, 999), st.sampled_from(["NEAR", "ONEAR", "NOT NEAR"]))
fields = st.builds(
    Field,
    st.sampled_from(["author", "lang", "thread"]),
    st.sampled_from(["Max M.", "a(b)", "https://f.example/t/1", "OR", "{x}"]),
)


def _joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    parts = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(parts.map(conjunction), parts.map(disjunction), inner.map(Not))


plain = st.recursive(terms | nears, _joined, max_leaves=6)
trees = st.recursive(st.one_of(terms, nears, fields, plain.map(Title)), _joined, max_leaves=12)


@given(trees)
def test_parse_print_parse_is_the_identity(tree: Expression) -> None:
    tree = tree if anchored(tree) else conjunction([Word("anchor"), tree])
    assert parse(str(tree)) == tree
    assert parse(bracketed(tree)) == tree


@pytest.mark.parametrize("row", GOLD, ids=lambda row: ascii(row["query"]))
def test_the_gold_queries_survive_printing(row: dict[str, str]) -> None:
    tree = parse(row["query"])
    assert parse(str(tree)) == tree
    assert parse(bracketed(tree)) == tree


@pytest.mark.parametrize(("query", "printed"), BRACKETED)
def test_brackets_show_what_binds(query: str, printed: str) -> None:
    assert bracketed(parse(query)) == printed


def test_the_deepest_query_survives_printing() -> None:
    query = "a"
    for number in range(DEEPEST):
        query = f"({query} {'OR' if number % 2 else 'AND'} b{number})"
    tree = parse(query)
    assert isinstance(tree, Or | And)
    assert parse(str(tree)) == tree
