"""Deleted on Reddit: here words and author go from everywhere, the mention, its label and the count stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import exports, pipeline
from listener.config import Config
from listener.errors import SentimentError
from listener.model import Brand, Product, Query, Sentiment, Target
from listener.pipeline import Hall
from tests.reddit_world import CLIENT_ID, CLIENT_SECRET, RedditWorld, comment, submission
from tests.stores import fresh_url

NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORDS = ("Zaunkoenig", "Rotkehlchen", "Blaumeise", "Goldammer", "Wolpertinger", "Kleiber", "Stieglitz")
CONFIG = """
store: {store}
timezone: Europe/Berlin
contact: listening@example.com
brands: [{{name: Akkufix, products: [{{name: Akkufix 3000, query: '"akkufix 3000"'}}]}}]
sources:
  - name: reddit
    kind: reddit
    subreddits: [werkzeug]
    api_url: {url}
    client_id: {id}
    client_secret: {secret}
    every: 15m
    allow_private: true
retention: {{posts: 90d, mentions: 3y}}
privacy: {{authors: plain}}
"""


class Meter:
    """Judges without a model file; texts without words are none of its business."""

    def __init__(self, model: str) -> None:
        self.model = model

    def __call__(self, targets: list[Target]) -> list[Sentiment]:
        if not all(target.text.strip() for target in targets):
            raise SentimentError("nothing to judge")
        return [Sentiment(0.8, 0.1, 0.1, self.model) for _ in targets]


@dataclass
class Home:
    """A store, a Reddit, and runs at any instant."""

    world: RedditWorld
    config: Config

    def run(self, now: datetime, config: Config | None = None, model: str = "m1") -> Hall:
        """One run; its hall's store is closed, its rows are read by `rows`."""
        with pipeline.open_hall(config or self.config, clock=lambda: now, jitter=lambda: 0.5) as hall:
            hall.__dict__["scorer"] = Meter(model)
            report = pipeline.run(hall)
            assert report.code == 0, report.problems
        return hall

    def rows(self, view: str) -> list[dict[str, Any]]:
        with pipeline.open_hall(self.config, clock=lambda: NOON + DAY) as hall:
            return list(hall.storage.export(view))

    def total(self) -> dict[str, Any]:
        [row] = [
            row
            for row in self.rows("daily")
            if row["day"] == NOON.date() and row["channel"] == row["language"] == "all"
        ]
        return row

    def tables(self) -> str:
        """All that any table holds."""
        from storage.tables import metadata

        with pipeline.open_hall(self.config) as hall, hall.storage._door.read() as connection:
            return str([connection.execute(table.select()).all() for table in metadata.sorted_tables])


@pytest.fixture
def world() -> Iterator[RedditWorld]:
    with RedditWorld() as opened:
        thread = submission(
            1,
            NOON - HOUR,
            title="Akkufix 3000 Zaunkoenig",
            selftext="> Blaumeise sagt der Hersteller\n\nMein Akkufix 3000 ist Goldammer kaputt.",
            author="Wolpertinger",
            link_flair_text="Kleiber",
        )
        other = submission(2, NOON - HOUR, title="Anderes", selftext="Der Akkufix 3000 taugt.")
        opened.posts = [thread, other]
        opened.comments = [
            comment(1, NOON - HOUR / 2, thread, body="Der Akkufix 3000 Stieglitz auch.", author="heinz"),
            comment(2, NOON - HOUR / 2, thread, body="Meiner raucht.", author="ida"),
        ]
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def home(world: RedditWorld, tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    backend = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    return made(world, fresh_url(backend, tmp_path), tmp_path)


def made(world: RedditWorld, store: str, folder: Path) -> Home:
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(store=store, url=world.url, id=CLIENT_ID, secret=CLIENT_SECRET), "utf-8")
    return Home(world, pipeline.load_config(path, {}))


def heard(home: Home) -> None:
    """Two runs: what was first read is edited, so that there is a revision too."""
    home.run(NOON)
    home.world.edit(
        "t3_p000001",
        "> Blaumeise sagt der Hersteller\n\nMein Akkufix 3000 ist Rotkehlchen kaputt.",
        NOON + HOUR / 4,
    )
    home.run(NOON + HOUR / 2)
    held = home.tables()
    assert all(word in held for word in WORDS)


def test_the_next_look_erases_words_and_author_and_keeps_the_count(home: Home) -> None:
    heard(home)
    before, counted = {row["post_id"]: row for row in home.rows("mentions")}, home.total()
    home.world.delete("t3_p000001")
    home.world.remove("t1_c000001")
    home.run(NOON + 2 * HOUR)

    held = home.tables()
    assert [word for word in WORDS if word in held] == []
    after = {row["post_id"]: row for row in home.rows("mentions")}
    assert after.keys() == before.keys() and len(after) == 4
    gone = [row for row in after.values() if row["erased"]]
    assert len(gone) == 2
    for row in gone:
        old = before[row["post_id"]]
        assert (row["text"], row["author"], row["matched_text"], row["thread_title"]) == ("", None, None, "")
        assert row["deleted_at"] == NOON + 2 * HOUR
        for name in ("day", "published_at", "product", "label", "score", "model", "matched_in"):
            assert row[name] == old[name], name
    kept = [row for row in after.values() if not row["erased"]]
    assert sorted(row["text"] for row in kept) == ["Der Akkufix 3000 taugt.", "Meiner raucht."]
    figures = ("mentions", "stories", "threads", "negative", "neutral", "positive", "score")
    now = home.total()
    assert {name: now[name] for name in figures} == {name: counted[name] for name in figures}


def test_nothing_that_people_see_shows_its_words(home: Home, tmp_path: Path) -> None:
    heard(home)
    urls = [row["url"] for row in home.rows("mentions") if row["author"] in ("Wolpertinger", "heinz")]
    home.world.delete("t3_p000001")
    home.world.remove("t1_c000001")
    home.run(NOON + 2 * HOUR)
    shown: list[str] = []
    with pipeline.open_hall(home.config, clock=lambda: NOON + DAY, jitter=lambda: 0.5) as hall:
        for url in urls:
            told = pipeline.why(hall, url)
            assert "erased" in told["products"][0]["reason"]
            shown.append(str(told))
        for kind in ("csv", "jsonl", "parquet"):
            out = tmp_path / f"mentions.{kind}"
            assert exports.write(iter(hall.storage.export("mentions")), kind, out) == 4
            shown.append(out.read_bytes().decode("utf-8", "replace"))
        for path in pipeline.write_digest(hall, tmp_path / "digest", day=NOON.date()):
            shown.append(path.read_bytes().decode("utf-8", "replace"))
        shown.append(str(pipeline.status(hall)))
    assert len(urls) == 2
    assert [word for word in WORDS for one in shown if word in one] == []


def test_a_changed_query_leaves_it_a_new_model_skips_it_retention_ends_it(home: Home) -> None:
    heard(home)
    home.world.delete("t3_p000001")
    home.run(NOON + 2 * HOUR)
    changed = Product("Akkufix 3000", Query('"akkufix 3000" OR akkufix'), "Akkufix")
    config = replace(home.config, brands=(Brand("Akkufix", (changed,)),))
    home.run(NOON + 3 * HOUR, config, model="m2")
    found = {row["url"]: row for row in home.rows("mentions")}
    [gone] = [row for row in found.values() if row["erased"]]
    assert (gone["label"], gone["model"]) == ("negative", "m1")
    assert {row["model"] for row in found.values() if not row["erased"]} == {"m2"}
    home.world.posts, home.world.comments = [], []
    home.run(NOON + 3 * 366 * DAY, config, model="m2")
    assert home.rows("mentions") == []


def test_a_title_does_not_come_back_with_a_later_comment(home: Home) -> None:
    heard(home)
    home.world.delete("t3_p000001")
    home.run(NOON + 2 * HOUR)
    thread = home.world.find("t3_p000001")
    assert thread is not None and "Zaunkoenig" in thread["data"]["title"]  # Reddit still shows it
    home.world.comments.append(comment(3, NOON + 2 * HOUR, thread, body="Schade."))
    home.run(NOON + 4 * HOUR)
    held = home.tables()
    assert "Schade." in held and "Zaunkoenig" not in held


def test_of_a_deleted_account_only_the_name_goes(home: Home) -> None:
    heard(home)
    home.world.leave("Wolpertinger")
    home.run(NOON + 2 * HOUR)
    held = home.tables()
    assert "Wolpertinger" not in held and "Rotkehlchen" in held
    home.run(NOON + 4 * HOUR)
    [row] = [row for row in home.rows("mentions") if "Rotkehlchen" in row["text"]]
    assert (row["author"], row["erased"], row["deleted_at"]) == (None, True, None)
    assert (row["label"], row["matched_text"]) == ("negative", "Akkufix 3000")
    home.world.delete("t3_p000001")
    home.run(NOON + 6 * HOUR)
    assert "Rotkehlchen" not in home.tables()


def test_no_page_of_the_file_keeps_its_words(world: RedditWorld, tmp_path: Path) -> None:
    home = made(world, fresh_url("sqlite", tmp_path), tmp_path)
    heard(home)
    world.delete("t3_p000001")
    world.remove("t1_c000001")
    home.run(NOON + 2 * HOUR)
    home.run(NOON + 4 * HOUR)
    name = home.config.store.removeprefix("sqlite:///")
    with sqlite3.connect(name) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    pages = b"".join(path.read_bytes() for path in tmp_path.glob(f"{Path(name).name}*"))
    assert b"Meiner raucht." in pages
    assert [word for word in WORDS if word.encode() in pages] == []
