"""Warnings: what drowns, what can never match, what is said twice, what was meant as an operator."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.model import Passage, Product, Query
from listener.query import Expression, Matcher, parse
from listener.query.common_words import COMMON_WORDS
from listener.query.covering import covers, entails
from listener.query.doubts import doubts
from listener.query.syntax import Near, anchored
from tests.query.test_laws import plain, terms, texts

DOUBTFUL = [
    # what drowns
    ("die", 1, "matches every post with 'die'"),
    ("akkufix OR the", 12, "matches every post with 'the'"),
    ("FÜR lang:de", 1, "matches every post with 'FÜR'"),
    ("fuer", 1, "matches every post with 'fuer'"),
    ('"die"', 1, "matches every post with 'die'"),
    ("die*", 1, "matches every post with 'die'"),
    ("{die}", 1, "matches every post with '{die}'"),
    ("title:die", 7, "matches every post with 'die'"),
    ("die und", 5, "matches every post with 'und'"),
    ("die NOT akkufix", 1, "matches every post with 'die'"),
    ("die NOT NEAR/3 akkufix", 1, "matches every post with 'die'"),
    ("b2", 1, "so short that it means many things"),
    ("x OR akkufix", 1, "so short that it means many things"),
    ("a*", 1, "every word that begins with 'a'"),
    ("ab*", 1, "every word that begins with 'ab'"),
    ("akku~1", 1, "too short for typos"),
    # what can never match
    ("akkufix NOT akkufix", 13, "can never match: NOT akkufix forbids"),
    ("akkufix NOT akkufix*", 13, "can never match: NOT akkufix* forbids what akkufix finds"),
    ("größe NOT groesse", 11, "can never match"),
    ("{BMW} NOT bmw", 11, "can never match"),
    ('"akkufix 3000" NOT akkufix', 20, "can never match"),
    ('"der akkufix 3000" leer NOT "akkufix 3000"', 29, "can never match"),
    ("(akkufix OR akkubohrer) NOT akku*", 29, "can never match"),
    ("akkufix NOT (leer OR akkufix)", 14, "can never match"),
    ("akkufix NEAR/3 leer NOT leer", 25, "can never match"),
    ("akkufix NEAR/3 leer NOT (akkufix NEAR/5 leer)", 26, "can never match"),
    ("title:akkufix NOT akkufix", 19, "can never match"),
    ("lampe OR akkufix NOT akkufix", 22, "can never match"),
    ("akkufix lang:de lang:en", 17, 'lang:"de" and lang:"en" exclude each other'),
    ("akkufix (lang:de OR lang:fr) lang:en", 30, "exclude each other"),
    ("akkufix site:a.example site:b.example", 24, "exclude each other"),
    ("akkufix author:max author:moritz", 20, "exclude each other"),
    ("akkufix lang:de-at NOT lang:de", 24, "can never match"),
    ("akkufix site:a.example NOT site:example", 28, "can never match"),
    ("akkufix NEAR/3 akkufix", 1, "matches only where two of them are near each other"),
    ("(akkufix OR bohrer) NEAR/3 akku*", 2, "matches only where two"),
    ("akkufix NOT NEAR/3 akkufix", 1, "matches only where no other is near"),
    # what is said twice
    ("akkufix OR akkufix", 12, "stands twice"),
    ("akkufix leer akkufix", 14, "stands twice"),
    ('akkufix OR "akkufix 3000"', 12, 'OR "akkufix 3000" adds nothing: akkufix matches there already'),
    ('"akkufix 3000" OR akkufix', 1, "adds nothing"),
    ("akku* OR akkufix OR lampe", 10, "adds nothing"),
    ("kettler OR kettler~1", 1, "adds nothing"),
    ("karcher OR kärcher", 1, "adds nothing"),
    ("kärcher OR karcher", 12, "adds nothing"),
    ("akkufix OR akkufix AND leer", 12, "adds nothing"),
    ("bohrer NEAR/5 (leer OR leer)", 24, "stands twice"),
    ("akkufix (site:a.example OR site:example)", 10, "adds nothing"),
    # lower case
    ("melone or birne", 8, "did you mean OR?"),
    ("melone and birne", 8, "did you mean AND?"),
    ("melone not birne", 8, "did you mean NOT?"),
    ("melone near birne", 8, "did you mean NEAR/5?"),
    ("melone Oder birne", 8, "did you mean OR?"),
]
CLEAR = [
    "akkufix",
    '"akkufix 3000" OR (akkufix NEAR/5 3000) NOT gutschein',
    "die akkufix",
    "die NEAR/3 zeit",
    '"die zeit"',
    "{DIE}",
    "b2 NEAR/3 bohrwerk",
    "bohrwerk b2",
    "b2 author:max",
    "akku*",
    "kettler~1",
    "akku~1 leer",
    "akkufix NOT akkufixer",
    "akkufix* NOT akkufix",
    "bmw NOT {BMW}",
    "akkufix NOT title:akkufix",
    "akkufix NOT (akkufix leer)",
    'akkufix NOT "akkufix 3000"',
    "akkufix site:a.example site:www.a.example",
    "akkufix site:example NOT site:a.example",
    "akkufix (lang:de OR lang:en)",
    "akkufix thread:1 thread:2",
    "{BMW} OR bmws",
    "akkufix OR title:akkufix",
    'melone "or" birne',
    "or",
    "melone AND birne",
]  # fmt: skip


@pytest.mark.parametrize(("query", "column", "said"), DOUBTFUL)
def test_doubts_name_column_and_remedy(query: str, column: int, said: str) -> None:
    told = [doubt for doubt in doubts(query) if doubt.column == column and said in doubt.what]
    assert told, doubts(query)
    assert all(doubt.write and str(doubt).startswith(f"column {column}: ") for doubt in told)


@pytest.mark.parametrize("query", CLEAR)
def test_sound_queries_are_left_alone(query: str) -> None:
    assert [doubt for doubt in doubts(query) if query != "or" or "did you mean" in doubt.what] == []


def test_the_list_of_common_words_is_small_and_folded_alike() -> None:
    assert 350 <= len(COMMON_WORDS) <= 450
    assert all(word == word.lower() for word in COMMON_WORDS)


def _matches(expression: Expression, text: str) -> bool:
    return bool(Matcher([Product("it", Query(str(expression)))]).match([Passage(text)])[0])


@settings(max_examples=300, deadline=None)
@given(terms, terms, st.lists(texts, min_size=1, max_size=3))
def test_a_term_that_covers_another_is_found_wherever_that_is(
    wide: Expression, narrow: Expression, some: list[str]
) -> None:
    wide, narrow = parse(str(wide)), parse(str(narrow))
    assert covers(wide, wide)  # type: ignore[arg-type]
    if covers(wide, narrow):  # type: ignore[arg-type]
        for text in (*some, str(narrow).strip('"{}*'), f"x {str(narrow).strip('*')}s."):
            assert not _matches(narrow, text) or _matches(wide, text), (str(wide), str(narrow), text)


@settings(max_examples=300, deadline=None)
@given(plain, plain, texts)
def test_a_part_that_entails_another_holds_only_with_it(
    part: Expression, other: Expression, text: str
) -> None:
    if anchored(part) and anchored(other):
        part, other = parse(str(part)), parse(str(other))
        if entails(part, other):
            assert not _matches(part, text) or _matches(other, text), (str(part), str(other), text)


@settings(max_examples=200, deadline=None)
@given(plain, st.lists(texts, min_size=1, max_size=3))
def test_what_can_never_match_does_not(expression: Expression, some: list[str]) -> None:
    if anchored(expression):
        told = [doubt.what for doubt in doubts(str(expression))]
        parsed = parse(str(expression))
        if any(what.startswith("can never match") for what in told) and "OR" not in str(parsed):
            assert not any(_matches(parsed, text) for text in some)
        assert isinstance(parsed, Near) or doubts(str(parsed)) is not None


CONFIG = """
store: sqlite:///store.db
contact: listening@example.com
timezone: Europe/Berlin
brands: [{name: Akkufix, products: [{name: Akkufix 3000, query: 'melone or birne'}, {name: Alles, query: die}]}]
sources: [{name: blog, kind: feed, url: 'https://blog.example/feed'}]
"""
SAID = "Akkufix 3000: the query, column 8: 'or' is looked for as a word; did you mean OR?; write OR"


def test_check_prints_the_doubts_and_run_logs_them_once(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "listener"]
    checked = subprocess.run(
        [*command, "check", "--offline"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert f"note  {SAID}" in checked.stdout
    assert "note  Alles: the query, column 1: matches every post with 'die'" in checked.stdout
    logged = subprocess.run(
        [*command, "score", "-v"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert logged.stderr.count(f"INFO listener.config {SAID}") == 1
    quiet = subprocess.run(
        [*command, "score"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert "did you mean" not in quiet.stderr


def test_many_branches_cost_no_square() -> None:
    def cost(number: int) -> float:
        query = " OR ".join(f"wort{place}a~1" for place in range(number))
        doubts(query)
        started = time.process_time()
        doubts(query)
        return time.process_time() - started

    assert cost(1_200) < 3 * cost(600)
