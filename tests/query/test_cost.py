"""No query and no text makes matching exponential or square: twice as much costs less than three times."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from listener.model import Passage, Product, Query
from listener.query import Matcher, parse
from listener.query.scanner import DEEPEST

SLACK = 0.02  # seconds: below it a clock measures nothing
TEXTS: dict[str, Callable[[int], str]] = {
    "one letter": lambda size: "a" * size,
    "one umlaut": lambda size: "ä" * size,
    "letters and digits": lambda size: "a1" * (size // 2),
    "hyphens": lambda size: "a-" * (size // 2),
    "words": lambda size: "a " * (size // 2),
    "apostrophes": lambda size: "a'" * (size // 2),
    "points": lambda size: "a." * (size // 2),
    "at signs": lambda size: "@a" * (size // 2),
    "addresses": lambda size: "a@b.c " * (size // 6),
    "domain without end": lambda size: "a@" + "b." * (size // 2),
    "slashes": lambda size: "u/" * (size // 2),
    "accents": lambda size: "a" + "\u0301" * size,
    "invisible": lambda size: "a\u200b" * (size // 2),
}
QUERIES = [
    "a",
    "a*",
    "aaaaa~2",
    "{a}",
    '"a a a"',
    '"a* a* b"',
    "a-a-a-a-a-a",
    "a1a1a1",
    "1*",
    '"1* a*"',
    "a NEAR/3 a",
    "a NOT NEAR/1 (b OR a1)",
    "(a OR a* OR {a}) ONEAR/9 (a1 OR b)",
]


def _cost(work: Callable[[], object]) -> float:
    """The least processor time of two goes."""
    spent = []
    for _ in range(2):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


def _grows_evenly(work: Callable[[int], Callable[[], object]], size: int) -> None:
    one, two = _cost(work(size)), _cost(work(2 * size))
    if two >= 3 * one + SLACK:  # another program may have been at work
        one, two = _cost(work(size)), _cost(work(2 * size))
    assert two < 3 * one + SLACK


@pytest.mark.parametrize("kind", TEXTS)
def test_the_length_of_a_text_costs_no_square(kind: str) -> None:
    matcher = Matcher([Product(query, Query(query)) for query in QUERIES])

    def work(size: int) -> Callable[[], object]:
        passage = Passage(TEXTS[kind](size))
        return lambda: matcher.match([passage])

    _grows_evenly(work, 5_000)


@pytest.mark.parametrize("kind", ["one letter", "letters and digits", "hyphens"])
def test_a_megabyte_is_read_in_seconds(kind: str) -> None:
    matcher = Matcher([Product("it", Query('b OR aaaaa~2 OR "a1 c" OR 1*'))])
    started = time.process_time()
    matcher.match([Passage(TEXTS[kind](1_000_000))])
    assert time.process_time() - started < 20


@pytest.mark.parametrize("branch", ["wort{}*", "wortende{}~2", '"wort{} b*"', "(wort{} NEAR/3 (a OR b))"])
def test_branches_cost_no_square(branch: str) -> None:
    def work(number: int) -> Callable[[], object]:
        query = " OR ".join(branch.format(chr(97 + n % 26) + chr(97 + n // 26)) for n in range(number))
        return lambda: Matcher([Product("it", Query(query))]).match([Passage("wort a b " * 50)])

    _grows_evenly(work, 150)


def test_depth_costs_no_square() -> None:
    def work(depth: int) -> Callable[[], object]:
        query = "(" * depth + "a" + "".join(f" {'OR' if n % 2 else 'AND'} b{n})" for n in range(depth))
        return lambda: [parse(query) for _ in range(20)]

    _grows_evenly(work, DEEPEST // 2)
