"""What parses, how it prints, and what an analyst reads when it does not parse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import ConfigError, QueryError
from listener.query import parse

CANONICAL = [
    ("a b", "a AND b"),
    ("a AND b NOT c", "a AND b AND NOT c"),
    ("a OR b AND c", "a OR b AND c"),
    ("(a OR b) c", "(a OR b) AND c"),
    ("((a)) ((b c))", "a AND b AND c"),
    ("a OR (b OR c)", "a OR b OR c"),
    ("a NOT b NEAR/2 c", "a AND NOT b NEAR/2 c"),
    ("a\nNOT   NEAR/2 ((b OR c) OR „d e“)", 'a NOT NEAR/2 (b OR c OR "d e")'),
    ("title:»a b« c", 'title:"a b" AND c'),
    ("Title:(a OR b)", "title:(a OR b)"),
    ("x author:Max_01", 'x AND author:"Max_01"'),
    ("e–bike* {DIE  ZEIT} l’or~1", "e-bike* AND {DIE ZEIT} AND l'or~1"),
    ("and or not und oder near", "and AND or AND not AND und AND oder AND near"),
    ("\ufeffmü\u00adsli\u200b", "müsli"),
    ("mu\u0308sli", "müsli"),
    ('"dr. sprudel!"', '"dr. sprudel"'),
    ('"ein NOT wort"', '"ein NOT wort"'),
]
WRONG = [
    ("", 1, "expected a word"),
    ("   ", 1, "expected a word"),
    ("NOT a", 1, "nothing to look for"),
    ("a OR NOT b", 1, "nothing to look for"),
    ("lang:de", 1, "nothing to look for"),
    ("a OR author:x", 1, "nothing to look for"),
    ("title:(NOT a)", 1, "nothing to look for"),
    ("a AND", 6, "at the end"),
    ("OR a", 1, "before OR"),
    ("a AND OR b", 7, "before OR"),
    ("a NOT NOT b", 7, "before NOT"),
    ("()", 2, "before )"),
    ("a (b", 3, "never closed"),
    ("a b)", 4, "closes nothing"),
    ('a "b c', 3, "quotation mark"),
    ('a ""', 4, "at least one word"),
    ("a {b", 3, "braces"),
    ("a }", 3, "braces"),
    ("a {+}", 3, "at least one letter"),
    ("ab*c", 3, "end of a word"),
    ("a *", 3, "expected a word before"),
    ("abc~3", 4, "abc~1 or abc~2"),
    ("abc~", 4, "abc~1 or abc~2"),
    ("abc*~1", 4, "end of a word"),
    ("-a", 1, "write NOT"),
    ("a-", 2, "hyphen"),
    ("'a b'", 1, "apostrophe"),
    ("a #b", 3, "leave the #"),
    ("a @b", 3, "leave the @"),
    ("c++", 2, "quotation marks"),
    ("a NEAR b", 3, "NEAR/n"),
    ("a NEAR/x b", 3, "NEAR/n"),
    ("a NEAR/-1 b", 3, "NEAR/n"),
    ("a NEAR/1000000000000 b", 3, "NEAR/n"),
    ("a NEAR/2", 9, "at the end"),
    ("NEAR/2 a", 1, "before NEAR/2"),
    ("a NEAR/1 b NEAR/2 c", 12, "two sides"),
    ("a NEAR/1 (b c)", 10, "beside NEAR"),
    ("(a NEAR/1 b) NEAR/1 c", 1, "beside NEAR"),
    ("a NEAR/1 (b OR NOT c)", 10, "beside NEAR"),
    ("a NEAR/1 title:b", 10, "beside NEAR"),
    ("a NEAR/1 NOT b", 10, "before NOT"),
    ("a NOT ONEAR/1 b", 7, "before ONEAR/1"),
    ("a colour:red", 3, "no field colour"),
    ("title: a", 6, "without blanks"),
    ("title:title:a", 7, "before title:"),
    ("title:(a author:b)", 7, "not another field"),
    ('a author:""', 10, "one value"),
    ("a site:https://x.example", 8, "takes a host"),
    ("a" * 41 + "~1", 1, "40 letters"),
    ("a" * 20_001, 20_001, "longer than"),
    ("(" * 51 + "a" + ")" * 51, 51, "parentheses"),
]


@pytest.mark.parametrize(("query", "canonical"), CANONICAL)
def test_prints_canonically(query: str, canonical: str) -> None:
    assert str(parse(query)) == canonical
    assert parse(canonical) == parse(query)


@pytest.mark.parametrize(("query", "column", "part"), WRONG, ids=lambda value: ascii(value)[:30])
def test_faults_are_named_with_their_column(query: str, column: int, part: str) -> None:
    with pytest.raises(QueryError, match=r"column \d+") as caught:
        parse(query)
    assert caught.value.column == column
    assert part in str(caught.value)
    assert isinstance(caught.value, ConfigError)


@pytest.mark.parametrize("sign", ["(", ")", "((a OR ", "NOT ", "title:(", '"', "a NEAR/1 ", "{"])
def test_deep_nesting_is_refused(sign: str) -> None:
    with pytest.raises(QueryError):
        parse(sign * 100_000)


def test_long_flat_queries_are_accepted() -> None:
    query = " OR ".join(f"wort{number}" for number in range(1_500))
    assert str(parse(query)) == query


@given(st.text(alphabet="ab ä-'*~12(){}\"„“/:.NOTARED\u00ad\u0308#@", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        expression = parse(text)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert parse(str(expression)) == expression
