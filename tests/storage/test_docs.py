"""docs/store.md says what the store does."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import text

from listener.errors import TransientError
from listener.model import Sentiment
from storage import Storage
from storage.tables import metadata
from storage.views import VIEWS
from tests.storage.made import LONG, NOW, aggregate, at, fetched, mention, post, ready, save

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "store.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def spoken(store: Storage) -> Storage:
    """A few days with everything the questions ask about."""
    ready(store)
    text = f"Die Akkufix 3000 taugt nichts. {LONG}"
    save(store, [post(1, text, published_at=at(days=3)), post(2), post(3)], state={})
    save(store, [post(4)], [mention(4, "Bohrwerk B2")])
    save(store, [post(1, text, url="https://b.example/1", published_at=at(days=1))], name="blog")
    bad = Sentiment(0.7, 0.2, 0.1, "m1")
    store.save_sentiments("m1", [(row.mention_id, bad) for row in store.unscored("m1", 9)], NOW)
    store.correct(next(store.export("mentions"))["mention_id"], "positive", NOW)
    fetched(store, NOW, at(days=4))
    fetched(store, NOW, name="blog", error=TransientError("503", source="blog"))
    store.save_coverage(store.coverage_days(at(days=4).date(), NOW.date(), zone=UTC, now=NOW))
    aggregate(store)
    with store._door.write() as connection:
        connection.exec_driver_sql("UPDATE series SET coverage = 1")
    return store


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_the_questions_run_on_both_databases(spoken: Storage, query: str) -> None:
    with spoken._connection() as connection:
        rows = connection.execute(text(query)).all()
    assert rows, query


def test_the_page_describes_every_column_of_every_view() -> None:
    for name, view in VIEWS.items():
        section = PAGE.split(f"## View `{name}`")[1].split("\n## ")[0]
        described = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", section, re.MULTILINE)))
        assert described == list(view.c.keys())


def test_the_page_names_every_table() -> None:
    section = PAGE.split("## Tables, in short")[1].split("\n## ")[0]
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)))
    assert sorted(named) == sorted(metadata.tables)
