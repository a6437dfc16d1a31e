"""Pairs of query and text with the expected match; brackets mark the spans."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from listener.language import detect_language
from listener.model import Passage, Product, Query
from listener.query import Matcher

DATA = Path(__file__).resolve().parents[1] / "data" / "queries"
GOLD = [json.loads(line) for line in (DATA / "gold.jsonl").read_text(encoding="utf-8").splitlines()]


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its brackets, and the spans that they marked."""
    places: list[int] = []
    for taken, match in enumerate(re.finditer("[⟦⟧]", marked)):
        places.append(match.start() - taken)
    return re.sub("[⟦⟧]", "", marked), list(zip(places[::2], places[1::2], strict=True))


def passage(row: dict[str, Any]) -> Passage:
    text, _ = unmarked(row["marked"])
    return Passage(
        text,
        title=row.get("title", ""),
        quote=row.get("quote", ""),
        author=row.get("author"),
        url=row.get("url", ""),
        language=row.get("lang"),
        thread=tuple(row.get("thread", ())),
    )


@pytest.mark.parametrize("row", GOLD, ids=lambda row: ascii(row["query"]))
def test_gold(row: dict[str, Any]) -> None:
    product = Product("it", Query(row["query"]))
    (matches,) = Matcher([product], detect_language).match([passage(row)])
    found = [(match.product, match.place, list(match.spans)) for match in matches]
    expected = row.get("in", "text")
    assert found == ([("it", expected, unmarked(row["marked"])[1])] if expected else [])


def test_all_products_in_one_pass_find_what_each_finds_alone() -> None:
    products = [Product(str(number), Query(row["query"])) for number, row in enumerate(GOLD)]
    passages = [passage(row) for row in GOLD]
    alone = [Matcher([product], detect_language).match(passages) for product in products]
    together = Matcher(products, detect_language).match(passages)
    for number, matches in enumerate(together):
        assert matches == [match for single in alone for match in single[number]]


def test_the_gold_set_is_large_and_has_misses() -> None:
    assert len(GOLD) >= 150
    assert sum(row.get("in", "text") is None for row in GOLD) >= 40
