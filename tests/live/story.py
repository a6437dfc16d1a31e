"""A forum is read, changed through its own software and read again; what the store holds after each reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from listener import pipeline
from listener.config import Config
from listener.pipeline import Outcome
from tests.live.software import Software

CONFIG = """store: sqlite:///{folder}/listener.db
timezone: Europe/Berlin
contact: tests@example.com
privacy: {{authors: plain}}
brands:
  - name: Bosch
    products: [{{name: Bosch, query: bosch}}]
sources:
  - {{name: board, kind: forum, url: "{url}", allow_private: true, delay: 0s, every: 1h}}
"""
OLD, NEW = "Beitrag Nummer 45 im langen Thread.", "Neu gefasst: der Bosch läuft wieder."
Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Reading:
    """The store after one reading, with what the forum was asked for meanwhile."""

    posts: dict[str, Row]
    revisions: list[Row]
    mentions: list[str]
    outcome: Outcome
    asked: list[str]


@dataclass(repr=False)
class Story:
    """All readings, what the software held at the first and the third, and the ids of what was changed."""

    readings: list[Reading] = field(default_factory=list)
    truths: dict[int, dict[str, Row]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    edited: str = ""
    removed: str = ""

    @property
    def said(self) -> str:
        """How much was asked for, for the messages of assertions."""
        return "\n".join(
            f"reading {n}: {len(one.asked)} requests: {one.asked}" for n, one in enumerate(self.readings, 1)
        )


def play(software: Software, folder: Path, *, url: str) -> Story:
    """The whole story: read twice, change, read three times, an hour by our clock between two readings."""
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(folder=folder, url=url), encoding="utf-8")
    config, story = pipeline.load_config(path, {}), Story()
    software.tell("prepare")
    story.truths[0] = _truth(software)
    for hour in range(2):
        story.readings.append(_read(software, config, folder, hour))
    _change(story, software)
    story.truths[2] = _truth(software)
    for hour in range(2, 5):
        story.readings.append(_read(software, config, folder, hour))
    return story


def _truth(software: Software) -> dict[str, Row]:
    return {row["id"]: row for row in software.tell("truth")}


def _change(story: Story, software: Software) -> None:
    long = {name: row for name, row in story.truths[0].items() if "langen Thread" in row["raw"]}
    *_, story.removed, story.edited = sorted(long, key=int)
    assert long[story.edited]["raw"].startswith(OLD)
    story.written = [
        software.tell("reply", topic=1, author="heidi", raw="Größe **passt**, auch bei Bosch. Grüße!"),
        software.tell("reply", topic=1, author="admin", raw="Dann mache ich hier zu. :)"),
        software.tell(
            "start", title="Noch ein Thema über Akkus", author="heidi", raw="Wie lange hält euer Akku?"
        ),
        software.tell("reply", topic=3, author="heidi", raw="Und noch ein Beitrag."),
    ]
    software.tell("edit", post=story.edited, raw=NEW)
    software.tell("remove", post=story.removed)
    software.tell("remove_thread", topic=2)


def _read(software: Software, config: Config, folder: Path, hour: int) -> Reading:
    before = len(software.asked())
    with pipeline.open_hall(config, clock=lambda: datetime.now(UTC) + timedelta(hours=hour)) as hall:
        (outcome,) = pipeline.collect(hall, only=["board"])
    with closing(sqlite3.connect(folder / "listener.db")) as store:
        store.row_factory = sqlite3.Row
        posts = _rows(store, "SELECT * FROM post")
        revisions = _rows(
            store, "SELECT post.external_id, revision.* FROM revision JOIN post ON post.id = post_id"
        )
        mentions = _rows(
            store, "SELECT external_id FROM mention JOIN post ON post.id = post_id WHERE withdrawn_at IS NULL"
        )
    assert len({row["external_id"] for row in posts}) == len(posts)
    return Reading(
        {row["external_id"]: row for row in posts},
        revisions,
        [row["external_id"] for row in mentions],
        outcome,
        software.asked()[before:],
    )


def _rows(store: sqlite3.Connection, query: str) -> list[Row]:
    return [dict(row) for row in store.execute(query)]


# What must be true of a story, whatever the software


def first_reading_is_exact(story: Story, url: str, spoken: Callable[[str], str]) -> None:
    """Each post has the author, instant, thread, own words and address of the software's own database."""
    first, truth = story.readings[0], story.truths[0]
    assert first.outcome.error is None, first.outcome.error
    assert set(first.posts) == set(truth)
    assert len(truth) == 52
    for name, true in truth.items():
        _agrees(first.posts[name], true, url, spoken)


def nothing_new_changes_nothing(story: Story) -> None:
    """A second reading of the same board, and the last one."""
    for before, after in ((0, 1), (3, 4)):
        assert story.readings[after].posts == story.readings[before].posts
        assert story.readings[after].outcome.new == story.readings[after].outcome.changed == 0
        assert story.readings[after].revisions == story.readings[before].revisions


def news_arrive_once(story: Story, url: str, spoken: Callable[[str], str]) -> None:
    """Four posts were written, one of them a new thread; nothing else became of the others."""
    before, after, truth = story.readings[1], story.readings[2], story.truths[2]
    assert after.outcome.error is None, after.outcome.error
    assert sorted(set(after.posts) - set(before.posts), key=int) == story.written
    assert after.outcome.new == 4
    for name in story.written:
        _agrees(after.posts[name], truth[name], url, spoken)
    _unchanged(before, after, but=[story.edited])


def edits_keep_the_earlier_text(story: Story) -> None:
    """The edited post says the new words in its old place; the old ones are its only revision."""
    before, after = story.readings[1], story.readings[2]
    old, new = before.posts[story.edited], after.posts[story.edited]
    assert (old["text"].startswith(OLD), new["text"]) == (True, NEW)
    assert new["published_at"] == old["published_at"]
    assert [(row["external_id"], row["text"]) for row in after.revisions] == [(story.edited, old["text"])]
    assert story.edited in set(after.mentions) - set(before.mentions)


def deletions_are_believed_the_second_time(story: Story) -> None:
    """Posts that are gone, one alone and two with their thread, are marked after they were missing twice;
    their texts stay, and all other posts as they are. No reading fails because of them."""
    gone = sorted({*story.truths[0]} - {*story.truths[2]}, key=int)
    assert gone == ["6", "7", story.removed]
    for name in gone:
        present, once, twice = (reading.posts[name] for reading in story.readings[1:4])
        assert (present["missing_since"], present["deleted_at"]) == (None, None)
        assert once["missing_since"] is not None
        assert once["deleted_at"] is None
        assert twice["deleted_at"] is not None
        assert twice["text"] == present["text"]
    _unchanged(story.readings[2], story.readings[3], but=gone)
    marked = [name for name, row in story.readings[4].posts.items() if row["deleted_at"]]
    assert sorted(marked, key=int) == gone
    assert [reading.outcome.error for reading in story.readings] == [None] * 5


def asked_at_most(story: Story, *limits: int) -> None:
    """How many requests each reading costs by the software's own log, robots.txt and tdmrep.json counted."""
    asked = [len(reading.asked) for reading in story.readings]
    assert all(count <= limit for count, limit in zip(asked, limits, strict=True)), story.said
    assert asked == [reading.outcome.requests for reading in story.readings], story.said


def _agrees(stored: Row, true: Row, url: str, spoken: Callable[[str], str]) -> None:
    assert (stored["author"], stored["title"]) == (true["author"], true["title"])
    assert _minute(stored["published_at"]) == _minute(true["at"]), true
    assert _folded(stored["text"]) == _folded(spoken(true["raw"]))
    assert stored["url"] == f"{url}{true['path']}"


def _unchanged(before: Reading, after: Reading, but: Sequence[str]) -> None:
    """The posts of an earlier reading are as they were; `missing_since` is a note, not the post."""
    for name, row in before.posts.items():
        if name not in but:
            assert after.posts[name] | {"missing_since": None} == row | {"missing_since": None}


def _minute(at: str) -> datetime:
    found = datetime.fromisoformat(at)
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).replace(second=0, microsecond=0)


def _folded(text: str) -> str:
    return " ".join(text.split())
