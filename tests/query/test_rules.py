"""The examples of docs/query.md, held against the matcher."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from listener.model import Passage, Product, Query
from listener.query import Matcher

PAGE = Path(__file__).resolve().parents[2] / "docs" / "query.md"
ROW = re.compile(r"\| `(?P<query>.+?)` \| `(?P<text>.+?)`")


def examples(page: str) -> list[tuple[str, str]]:
    """Query and marked text of each example row: brackets are spans, `-` a miss, `t:` a title."""
    rows = map(ROW.match, page.splitlines())
    return [(row["query"], row["text"]) for row in rows if row]


def found(query: str, passage: Passage) -> list[tuple[str, str]]:
    """Where the query matches, and the text with the spans in brackets."""
    (matches,) = Matcher([Product("it", Query(query))]).match([passage])
    return [(match.place, bracketed(passage.text, match.spans)) for match in matches]


def bracketed(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def holds(query: str, marked: str) -> None:
    if marked.startswith("t: "):
        assert found(query, Passage("", title=marked[3:])) == [("title", "")]
    elif marked.startswith("- "):
        assert found(query, Passage(marked[2:])) == []
    else:
        assert found(query, Passage(re.sub(r"[\[\]]", "", marked))) == [("text", marked)]


@pytest.mark.parametrize(("query", "marked"), examples(PAGE.read_text(encoding="utf-8")))
def test_examples_of_our_page(query: str, marked: str) -> None:
    holds(query, marked)


def test_examples_of_the_rules(shared: Path) -> None:
    rows = examples((shared / "QUERY.md").read_text(encoding="utf-8"))
    assert len(rows) >= 24
    for query, marked in rows:
        holds(query, marked)
