"""Matching: beside one findall of words, the bare automaton and what others would do (see tests/bench.py)."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from math import log
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from listener.model import Passage, Product, Query
from listener.query import Matcher
from listener.query.folding import fold
from listener.query.matcher import Sieve, anchors
from listener.query.parser import parse
from listener.query.terms import Finder, finder

Part = tuple[str, Callable[[], object], Callable[[], object], float | None]
Figure = tuple[str, float, float | None]
Found = set[tuple[int, str]]  # number of the post, name of the product
Search = Callable[[Sequence[Passage]], Found]
SYLLABLES = (
    *("ka", "lu", "mi", "to", "re", "sän", "bor", "wi", "fel", "gra", "pü", "nor", "schi", "tel"),
    *("max", "dro", "vin", "ös", "ber", "lau", "kon", "fix", "rit", "ham", "zel"),
)
SHAPES = (
    "{name}",
    '"{name} 3000" OR {name}',
    "{name} NOT gutschein",
    "{name}*",
    "{name} NEAR/5 test OR {name}-x2",
    "{name}",
    "{name} OR {{{name}}}",
    "{name} NOT NEAR/2 ({other} OR zoo)",
    "{name}",
    "{name} AND (kaputt OR {name})",
)
COUNTS = (10, 100, 1_000, 10_000)
POSTS, NAMED = 2_000, 1_000  # posts that name products name one of the first 1,000
BATCH, ROUNDS = 100, 3
GOALS = {10: 2.0, 1_000: 2.0}
GOAL_OF_GROWTH, GOAL_OF_SLOPE = 3.0, 0.25
LENGTHS = (200, 400, 800, 1_600, 3_200)


def parts() -> Iterator[Part]:
    """Name, floor, product and the highest ratio of their times that is good."""
    names, posts = made()
    products = [_product(number, names) for number in range(COUNTS[-1])]
    matching = {count: partial(Matcher(products[:count]).match, posts) for count in COUNTS}
    letters = [fold(post.text) for post in posts]
    for count in COUNTS:
        words = partial(_words, posts)
        yield f"match, {count:,} products / \\w+ findall", words, matching[count], GOALS.get(count)
    for count in COUNTS:
        scan = partial(_scan, _automaton(products[:count]), letters)
        yield f"match, {count:,} products / bare automaton", scan, matching[count], None
    yield "match, 1,000 products / 10 products", matching[10], matching[1_000], GOAL_OF_GROWTH


def figures() -> Iterator[Figure]:
    """Growth with products and with matches; what the automaton of 10,000 products costs."""
    rates = [side_by_side()["ours"][count] for count in COUNTS]
    slope = _slope(COUNTS, [1 / rate for rate in rates])
    yield "match: slope of time over products", slope, GOAL_OF_SLOPE
    yield "match: slope of evaluation over matches", _slope(LENGTHS, _evaluations()), None
    (_, base), (built, peak) = _cost(COUNTS[0]), _cost(COUNTS[-1])
    yield "match: seconds to build the automaton of 10,000", built, None
    yield "match: MB of 10,000 products over 10", peak - base, None


def lines() -> Iterator[str]:
    """A table of posts/s, and how many posts each saw."""
    yield f"{'posts/s, a word for each product':<48}" + "".join(f"{count:>10,}" for count in COUNTS)
    for name, rates in side_by_side().items():
        yield f"{'  ' + name:<48}" + "".join(f"{rates[count]:>10,.0f}" for count in COUNTS)
    few = "; ".join(f"{name} {', '.join(map(str, seen))}" for name, (_, seen) in OTHERS.items())
    yield f"Ours saw {POSTS} posts, the others the first of these: {few}."


def made() -> tuple[list[str], list[Passage]]:
    """10,000 names and the posts; one post in six names a product."""
    chance = random.Random(20)
    names = _names(chance)
    return names, [_post(chance, names[:NAMED]) for _ in range(POSTS)]


@cache
def side_by_side() -> dict[str, dict[int, float]]:
    """Posts/s of each candidate at each number of products; all must find the same."""
    names, posts = made()
    rates: dict[str, dict[int, float]] = {name: {} for name in ("ours", *OTHERS)}
    for number, count in enumerate(COUNTS):
        works = {"ours": partial(_ours(names[:count]), posts)}
        for name, (search, seen) in OTHERS.items():
            works[name] = partial(search(names[:count]), posts[: seen[number]])
        found = {name: work() for name, work in works.items()}
        for name, (_, seen) in OTHERS.items():
            if found[name] != {pair for pair in found["ours"] if pair[0] < seen[number]}:
                raise SystemExit(f"match, {count} products: {name} finds other posts than ours")
        seconds = [{name: _seconds(work) for name, work in works.items()} for _ in range(ROUNDS)]
        for name, work in works.items():
            rates[name][count] = len(work.args[0]) / statistics.median(one[name] for one in seconds)
    return rates


def _ours(names: list[str]) -> Search:
    matcher = Matcher([Product(name, Query(name)) for name in names])

    def search(posts: Sequence[Passage]) -> Found:
        found = enumerate(matcher.match(posts))
        return {(number, match.product) for number, matches in found for match in matches}

    return search


def _alternation(names: list[str]) -> Search:
    pattern = re.compile(rf"\b({'|'.join(names)})(?:'?s|es)?\b", re.IGNORECASE)
    return lambda posts: {
        (number, name.capitalize())
        for number, post in enumerate(posts)
        for name in pattern.findall(post.text)
    }


def _re_each(names: list[str]) -> Search:
    patterns = {name: re.compile(rf"\b{name}(?:'?s|es)?\b", re.IGNORECASE) for name in names}
    return lambda posts: {
        (number, name)
        for number, post in enumerate(posts)
        for name, pattern in patterns.items()
        if pattern.search(post.text)
    }


def _fts5(names: list[str]) -> Search:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE posts USING fts5(text)")

    def search(posts: Sequence[Passage]) -> Found:
        found: Found = set()
        for first in range(0, len(posts), BATCH):
            rows = [(n, posts[n].text) for n in range(first, min(first + BATCH, len(posts)))]
            database.execute("DELETE FROM posts")
            database.executemany("INSERT INTO posts(rowid, text) VALUES (?, ?)", rows)
            for name in names:
                hits = database.execute("SELECT rowid FROM posts WHERE posts MATCH ?", (f'"{name}"',))
                found.update((number, name) for (number,) in hits)
        return found

    return search


OTHERS: dict[str, tuple[Callable[[list[str]], Search], tuple[int, ...]]] = {
    "one alternation": (_alternation, (2_000, 500, 100, 15)),
    "a re for each product": (_re_each, (2_000, 200, 25, 5)),
    "SQLite FTS5, a MATCH for each product": (_fts5, (2_000, 1_000, 500, 100)),
}


def _evaluations() -> list[float]:
    """Seconds for one post with ever more matches."""
    matcher = Matcher([Product("it", Query("akkufix NEAR/3 kaputt"))])
    posts = [[Passage("Der Akkufix ist wieder kaputt. " * (length // 5))] for length in LENGTHS]
    rounds = [[_seconds(partial(matcher.match, post)) for post in posts] for _ in range(9)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def _cost(count: int) -> tuple[float, float]:
    """See `main`."""
    code = [sys.executable, "-m", "tests.bench_match", str(count)]
    built, peak = json.loads(subprocess.run(code, check=True, capture_output=True, text=True).stdout)
    return built, peak


def _slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Of log time over log size, by least squares."""
    return statistics.linear_regression([*map(log, sizes)], [*map(log, times)]).slope


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _words(posts: Sequence[Passage]) -> list[list[str]]:
    return [re.findall(r"\w+", post.text) for post in posts]


def _scan(automaton: AhoCorasick, texts: Sequence[str]) -> list[object]:
    return [automaton.find_matches_as_indexes(letters, overlapping=True) for letters in texts]


def _automaton(products: Sequence[Product]) -> AhoCorasick:
    """The keys of these products as ahocorasick_rs holds them when nothing is asked of it."""
    parts = (found.rarest() for product in products for found in _finders(product))
    return AhoCorasick(list({key for part in parts for key in part.keys()}))  # noqa: SIM118 - no mapping


def _finders(product: Product) -> list[Finder]:
    return [finder(term) for term in anchors(parse(product.query.text))]


def _product(number: int, names: list[str]) -> Product:
    shape = SHAPES[number % len(SHAPES)]
    return Product(names[number], Query(shape.format(name=names[number], other=names[number - 1])))


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(SYLLABLES, k=syllables))


def _names(chance: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < COUNTS[-1]:
        names[(_word(chance, 2) + chance.choice(["ox", "yx", "eq"]) + _word(chance, 1)).capitalize()] = None
    return list(names)


def _post(chance: random.Random, names: list[str]) -> Passage:
    words = [_word(chance, chance.randint(1, 4)) for _ in range(60)]
    if chance.random() < 0.17:
        words[chance.randrange(60)] = chance.choice(names)
    text = " ".join(words).capitalize()
    extra = chance.random()
    if extra < 0.1:
        text += " 😀"
    elif extra < 0.3:
        text = f"„{text}“ … – und"
    elif extra < 0.35:
        text += " https://shop.example/x"
    return Passage(text + ".")


def main(count: int) -> None:
    """What the matcher of so many products costs a fresh process: seconds for its automaton, peak in MB."""
    names, _ = made()
    products = [_product(number, names) for number in range(count)]
    finders = [_finders(product) for product in products]
    began = time.process_time()
    Sieve(finders)
    built = time.process_time() - began
    del finders
    Matcher(products)
    status = Path("/proc/self/status").read_text("ascii")  # ru_maxrss would begin at what the parent held
    json.dump([built, int(status.split("VmHWM:")[1].split()[0]) / 1024], sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
