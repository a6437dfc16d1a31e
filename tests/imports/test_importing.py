"""From file to series: identities, dates, Reddit, idempotence, all or nothing, honest coverage."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.reddit_things import read_answer
from listener import pipeline
from listener.errors import ConfigError, ListenerError
from listener.model import Brand, Post, Source
from listener.pipeline import Hall
from listener.pipeline.import_report import Wish
from listener.pipeline.importing import import_file
from tests.imports.made import NOW, brought, house, posts, stored, written

FILE = """\
id;url;text;author;published_at
1;https://forum.example/p/1;Der Akkufix 3000 ist gut, schreib an kim@mail.example;Kim;27.07.2026 14:05
2;https://forum.example/p/2;Bohrwerk B2 taugt nichts;Jo;2026-07-29
3;;Nichts davon;;
"""


def test_a_file_becomes_posts_with_mentions(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        report = brought(hall, written(tmp_path, FILE, "archiv.csv"))
        one, two, three = posts(hall)
        assert (report.posts, report.undated, dict(report.mentions)) == (
            3,
            1,
            {"Akkufix 3000": 1, "Bohrwerk B2": 1},
        )
        assert report.saved is not None
        assert (report.saved.new, report.saved.changed) == (3, 0)
        assert (one.source, one.kind, one.external_id) == ("archiv", "import", "1")
        assert one.text == "Der Akkufix 3000 ist gut, schreib an [E-Mail]"
        assert one.author == hall.pseudonym("Kim")
        assert one.published_at == datetime(2026, 7, 27, 12, 5, tzinfo=UTC)
        assert (two.day, three.day, three.published_at) == (date(2026, 7, 29), None, None)
        precise = dict(
            hall.storage._connection().exec_driver_sql("SELECT external_id, date_precision FROM post").all()
        )
        assert precise == {"1": "minute", "2": "day", "3": "unknown"}


def test_twice_changes_nothing_and_a_corrected_row_is_an_edit(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        path = written(tmp_path, FILE)
        brought(hall, path)
        pipeline.aggregate(hall)
        before = stored(hall)
        report = brought(hall, path)
        assert report.saved is not None
        assert (report.saved.new, report.saved.changed, report.saved.mentions) == (0, 0, 0)
        assert hall.storage.touched_days() == []
        assert stored(hall) == before
        text = FILE.replace("taugt nichts", "taugt doch").replace("27.07.2026", "28.07.2026")
        report = brought(hall, written(tmp_path, text))
        assert report.saved is not None
        assert (report.saved.new, report.saved.changed) == (0, 2)
        assert {day for _, day, _ in hall.storage.touched_days()} == {
            date(2026, 7, day) for day in (27, 28, 29)
        }
        assert posts(hall)[1].text == "Bohrwerk B2 taugt doch"


def test_identity_by_id_else_address_else_words(tmp_path: Path) -> None:
    lines = [
        {"text": "eins", "url": "https://a.example/1", "author": "Kim", "date": "2026-07-01"},
        {"text": "zwei", "author": "Kim", "date": "2026-07-01T10:00:00Z"},
        {"text": "zwei", "author": "Kim", "date": "2026-07-01T11:00:00Z"},
        {"text": "zwei", "author": "Jo", "date": "2026-07-01"},
        {"text": "eins, verbessert", "url": "https://a.example/1", "author": "Kim", "date": "2026-07-01"},
    ]
    with house(tmp_path) as hall:
        report = brought(hall, written(tmp_path, "\n".join(map(json.dumps, lines)), "a.jsonl"))
        assert (report.posts, report.repeated) == (3, 2)
        assert sorted(post.text for post in posts(hall)) == ["eins, verbessert", "zwei", "zwei"]
        assert not any("Kim" in post.external_id for post in posts(hall))


def test_an_address_that_is_a_threads_is_told(tmp_path: Path) -> None:
    text = "url,text,author\nhttps://a.example/t,eins,Kim\nhttps://a.example/t,zwei,Jo\nhttps://a.example/t,drei,Kim\n"
    with house(tmp_path) as hall:
        with pytest.raises(ConfigError, match=r"posts.csv:3: the address of line 2, but another author"):
            brought(hall, written(tmp_path, text))
        assert posts(hall) == []
        brought(hall, written(tmp_path, text.replace("url,", "thread_url,")))
        assert len(posts(hall)) == 3


def test_a_bad_row_stores_nothing_unless_skipped(tmp_path: Path) -> None:
    text = (
        "id,text,date\n" + "".join(f"{n},Akkufix 3000,03/04/2026\n" for n in range(30)) + "x,gut,2026-01-01\n"
    )
    with house(tmp_path) as hall:
        path = written(tmp_path, text)
        with pytest.raises(ConfigError) as told:
            brought(hall, path)
        lines = str(told.value).splitlines()
        assert lines[0].endswith("posts.csv:2: `03/04/2026` is no date; say --day-first or --month-first")
        assert len(lines) == 22
        assert "and 10 more rows" in lines[-2]
        assert posts(hall) == []
        assert not any(one.imported for one in hall.storage.sources_status(NOW))
        report = brought(hall, path, skip_bad=True)
        assert (report.bad, len(report.problems), len(posts(hall))) == (30, 20, 1)
        brought(hall, path, day_first=True)
        assert {post.day for post in posts(hall)} == {date(2026, 4, 3), date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("said", "at", "precision"),
    [
        ("1785153900", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("1785153900.0", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("1785153900000", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("2026-07-27T14:05:00+02:00", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("2026-07-27 14:05", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "minute"),
        ("27.07.2026 14:05", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "minute"),
        ("27.07.26 14:05:09", datetime(2026, 7, 27, 12, 5, 9, tzinfo=UTC), "second"),
        ("27. Juli 2026, 14:05 Uhr", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "minute"),
        ("July 27, 2026 2:05 PM", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "minute"),
        ("Mon, 27 Jul 2026 14:05:00 +0200", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("7/27/2026 2:05 PM", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "minute"),
        ("Mon Jul 27 12:05:00 +0000 2026", datetime(2026, 7, 27, 12, 5, tzinfo=UTC), "second"),
        ("2026-07-27", datetime(2026, 7, 27, 10, tzinfo=UTC), "day"),
        ("20260727", datetime(2026, 7, 27, 10, tzinfo=UTC), "day"),
        ("", None, "unknown"),
        ("0", None, "unknown"),
        ("NULL", None, "unknown"),
    ],
)
def test_dates(tmp_path: Path, said: str, at: datetime | None, precision: str) -> None:
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, json.dumps({"text": "a", "created_at": said}), "a.jsonl"))
        assert posts(hall)[0].published_at == at
        (row,) = hall.storage._connection().exec_driver_sql("SELECT date_precision FROM post").all()
        assert row[0] == precision


@pytest.mark.parametrize(
    "said",
    [
        "heute",
        "vor 3 Tagen",
        "yesterday 10:00",
        "2026-13-01",
        "12/11/2026",
        "2027-01-01",
        "1905-01-01",
        "soon",
    ],
)
def test_dates_are_never_guessed(tmp_path: Path, said: str) -> None:
    with house(tmp_path) as hall, pytest.raises(ConfigError, match=r"`.*`"):
        brought(hall, written(tmp_path, json.dumps({"text": "a", "date": said}), "a.jsonl"))


def test_times_without_zone_are_in_the_zone_one_says(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        path = written(tmp_path, "text,date\na,27.07.2026 14:05\n")
        brought(hall, path, zone="America/New_York")
        assert posts(hall)[0].published_at == datetime(2026, 7, 27, 18, 5, tzinfo=UTC)
        with pytest.raises(ConfigError, match="no time zone"):
            brought(hall, path, zone="Mars/Olympus")


SUBMISSION = {
    "id": "q1w2e3", "name": "t3_q1w2e3", "subreddit": "heimwerker", "author": "Schrauber77", "created_utc": 1785153900,
    "title": "Akkufix 3000 &amp; Bohrwerk B2", "selftext": "&gt; war er gut?\n\nDer **Akkufix 3000** schon", "score": 12, "num_comments": 3,
    "permalink": "/r/heimwerker/comments/q1w2e3/akkufix/", "url": "https://bilder.example/1.jpg", "over_18": False,
}  # fmt: skip
COMMENT = {
    "id": "k9l8m7", "link_id": "t3_q1w2e3", "parent_id": "t3_q1w2e3", "subreddit": "heimwerker", "author": "Kim",
    "created_utc": "1785157500", "body": "Mein Akkufix 3000 ist kaputt", "score": -2,
    "permalink": "/r/heimwerker/comments/q1w2e3/akkufix/k9l8m7/",
}  # fmt: skip
GONE = {
    **COMMENT,
    "id": "z1",
    "body": "[deleted]",
    "author": "[deleted]",
    "permalink": "/r/heimwerker/comments/q1w2e3/akkufix/z1/",
}


def test_reddit_dumps_are_read_as_its_collector_reads(tmp_path: Path) -> None:
    text = "\n".join(map(json.dumps, (SUBMISSION, COMMENT, GONE)))
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, gzip.compress(text.encode()), "RC_2026-07.jsonl.gz"))
        found_posts = {one.external_id: one for one in posts(hall)}
        post, comment, gone = (found_posts[name] for name in ("t3_q1w2e3", "t1_k9l8m7", "t1_z1"))
        things = [
            {"kind": "t3", "data": SUBMISSION},
            {"kind": "t1", "data": {**COMMENT, "created_utc": 1785157500}},
        ]
        wanted = [one for thing in things for one in read_answer(thing).posts]
        for found, same in zip((post, comment), wanted, strict=True):
            assert (found.external_id, found.url, found.text, found.title) == (
                same.id,
                same.url,
                same.text,
                same.title,
            )
            assert (found.thread_id, found.published_at, found.quotes) == (
                same.thread_id,
                same.published_at,
                same.quotes,
            )
        assert post.source == "RC_2026-07"
        assert (gone.external_id, gone.text, gone.author, gone.deleted_at is None) == (
            "t1_z1",
            "",
            None,
            False,
        )


def test_the_same_post_from_reddit_and_from_a_dump_is_counted_once(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        (collected,) = read_answer({"kind": "t3", "data": SUBMISSION}).posts
        hall.storage.sync([*hall.config.sources, Source("reddit", "reddit")], hall.config.brands, NOW)
        hall.storage.save_batch(
            "reddit", [collected], [], [], {}, now=NOW, days={collected.id: date(2026, 7, 27)}
        )
        pipeline.rematch(hall, [one.name for one in hall.config.products])
        brought(hall, written(tmp_path, json.dumps(SUBMISSION), "dump.jsonl"))
        rows = "id,permalink,date,ip,subreddit,title,url,body\nq1w2e3,https://old.reddit.com/r/heimwerker/comments/q1w2e3/akkufix/,2026-07-27 12:05:00 UTC,10.0.0.1,heimwerker,Akkufix 3000 & Bohrwerk B2,https://bilder.example/1.jpg,Der Akkufix 3000 schon\n"
        brought(hall, written(tmp_path, rows, "account.csv"))
        assert [post.external_id for post in posts(hall)] == ["t3_q1w2e3"] * 3
        originals = [post for post in posts(hall) if post.duplicate_of is None]
        assert len(originals) == 1
        pipeline.aggregate(hall)
        daily = [row for row in hall.storage.export("daily") if row["channel"] == row["language"] == "all"]
        assert {row["product"]: row["mentions"] for row in daily if row["day"] == date(2026, 7, 27)} == {
            "Akkufix 3000": 1,
            "Bohrwerk B2": 1,
        }
        assert "10.0.0.1" not in str(stored(hall))


def test_markup_becomes_words(tmp_path: Path) -> None:
    lines = [
        {"text": "<p>Der <b>Akkufix</b> 3000</p><blockquote>alt</blockquote>", "format": "html", "id": 1},
        {"text": "Der **Akkufix 3000**\n\n> alt", "format": "markdown", "id": 2},
        {"text": "1 < 2 **x**", "id": 3},
    ]
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, "\n".join(map(json.dumps, lines)), "a.jsonl"))
        assert [post.text for post in posts(hall)] == ["Der Akkufix 3000", "Der Akkufix 3000", "1 < 2 **x**"]
        assert [post.quotes[0].text for post in posts(hall)[:2]] == ["alt", "alt"]
        with pytest.raises(ConfigError, match="nested"):
            brought(hall, written(tmp_path, json.dumps({"text": "<div>" * 9000}), "b.jsonl"), words="html")


def test_the_name_of_a_collected_source_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    with house(tmp_path) as hall:
        with pytest.raises(ConfigError, match="`blog` is configured and collected"):
            brought(hall, path, source="blog")
        hall.storage.sync([Source("early", "forum"), *hall.config.sources], hall.config.brands, NOW)
        hall.storage.sync(hall.config.sources, hall.config.brands, NOW)
        with pytest.raises(ConfigError, match="`early` is or was collected"):
            brought(hall, path, source="early")
        with pytest.raises(ConfigError, match="--kind"):
            brought(hall, path, kind="all")
        brought(hall, path, source="archiv", kind="forum")
        with pytest.raises(ConfigError, match="imported as kind `forum`"):
            brought(hall, path, source="archiv", kind="feed")
        brought(hall, path, source="archiv")
        with pytest.raises(ConfigError, match="name of an import"):
            hall.storage.sync([Source("archiv", "forum")], hall.config.brands, NOW)


def _sync(hall: Hall) -> None:
    brands: tuple[Brand, ...] = hall.config.brands
    hall.storage.sync(hall.config.sources, brands, hall.clock())


def test_an_import_is_never_due_and_never_removed(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, FILE, "archiv.csv"))
        _sync(hall)
        assert hall.storage.due_sources(NOW + timedelta(days=9)) == ["blog"]
        (one,) = [one for one in hall.storage.sources_status(NOW) if one.source == "archiv"]
        assert (one.imported, one.posts, one.last_success_at, one.failures, one.coverage) == (
            True,
            3,
            NOW,
            0,
            None,
        )
        pipeline.aggregate(hall)
        assert [row["source"] for row in hall.storage.export("coverage") if row["source"] == "archiv"] == []


def daily(hall: Hall) -> dict[tuple[str, str], Any]:
    pipeline.aggregate(hall)
    rows = [row for row in hall.storage.export("daily") if row["channel"] == row["language"] == "all"]
    return {(row["product"][:1], str(row["day"])): (row["mentions"], row["coverage"]) for row in rows}


def test_without_a_promise_mentions_count_and_silence_is_unknown(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, FILE))
        found = daily(hall)
        assert found["A", "2026-07-27"] == (1, None)
        assert found["B", "2026-07-29"] == (1, None)
        assert found.get(("A", "2026-07-28"), (None, None)) == (None, None)


def test_a_complete_file_makes_zeros(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        path = written(tmp_path, FILE, "archiv.csv")
        brought(hall, path, complete=True)
        found = daily(hall)
        assert found["A", "2026-07-28"] == found["B", "2026-07-28"] == (0, 1.0)
        assert 0.4 < found["A", "2026-07-27"][1] < 0.42
        assert found["A", "2026-07-29"] == (0, 1.0)
        before = stored(hall)
        brought(hall, path, complete=True)
        assert hall.storage.touched_days() == []
        assert stored(hall) == before
        brought(hall, path, first=date(2026, 7, 27), last=date(2026, 7, 30))
        found = daily(hall)
        assert found["A", "2026-07-27"] == (1, 1.0)
        assert found["A", "2026-07-30"] == (0, 1.0)
        rows = [row for row in hall.storage.export("coverage") if row["source"] == "archiv"]
        assert [str(row["day"]) for row in rows] == [f"2026-07-{day}" for day in (27, 28, 29, 30)]


def test_an_import_lowers_no_coverage_of_days_it_does_not_speak_of(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        hall.storage.set_outcome(
            "blog", started_at=NOW, finished_at=NOW, error=None, covered_from=NOW - timedelta(days=3),
            requests=1, new=0, changed=0, zone=hall.zone,
        )  # fmt: skip
        brought(hall, written(tmp_path, FILE), complete=True)
        assert daily(hall)["A", "2026-08-31"] == (0, 1.0)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"first": date(2026, 8, 1), "last": date(2026, 7, 1)}, "behind the end"),
        ({"first": date(1901, 1, 1)}, "more than 50 years"),
        ({"complete": True, "source": "x", "path": "undated"}, "no post has a date"),
    ],
)
def test_promises_that_cannot_be_kept(tmp_path: Path, wishes: dict[str, Any], says: str) -> None:
    text = "text\na\n" if wishes.pop("path", "") else FILE
    with house(tmp_path) as hall:
        with pytest.raises(ConfigError, match=says):
            brought(hall, written(tmp_path, text), **wishes)
        assert posts(hall) == []


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        path = written(tmp_path, FILE)
        report = brought(hall, path, dry_run=True)
        assert (report.posts, report.present, report.saved, posts(hall)) == (3, 0, None, [])
        assert dict(report.mentions) == {"Akkufix 3000": 1, "Bohrwerk B2": 1}
        brought(hall, path)
        assert brought(hall, path, dry_run=True).present == 3


def test_days_that_retention_has_closed_are_told(tmp_path: Path) -> None:
    old = written(tmp_path, "id,text,date\n1,Akkufix 3000,2020-05-01\n", "old.csv")
    with house(tmp_path, now=datetime(2020, 6, 1, tzinfo=UTC)) as hall:
        brought(hall, old)
    with house(tmp_path) as hall:
        hall.storage.prune(NOW, timedelta(days=90), timedelta(days=365))
        assert posts(hall) == []
        report = brought(
            hall, written(tmp_path, "id,text,date\n1,Akkufix 3000,2020-04-01\n2,Akkufix 3000,2026-05-01\n")
        )
        assert report.closed == 1


def test_a_file_without_known_columns(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        with pytest.raises(
            ConfigError,
            match=r"posts.csv:1: the first line names no column for the text; it reads `1`, `gut`",
        ):
            brought(hall, written(tmp_path, "1,gut\n2,schlecht\n"))
        with pytest.raises(ConfigError, match="view `daily`"):
            brought(hall, written(tmp_path, "product,day,channel\n"))


def test_a_wish_to_stop_stores_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "id,text\n" + "".join(f"{n},Akkufix 3000 Nummer {n}\n" for n in range(3000)))
    with house(tmp_path) as hall:

        def stop(what: str, count: int) -> None:
            if what == "stored" and count >= 1000:
                hall.stop.set()

        with pytest.raises(ListenerError, match="nothing was stored"):
            import_file(hall, Wish(path), stop)
        assert posts(hall) == []
        assert replace(Wish(path)).path == path


def test_copies_in_a_file_are_those_of_batches(tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = [" ".join(f"Wort{number}{letter}" for number in range(30)) for letter in "abcd"]
    told = [
        Post(
            id=str(number),
            url=f"https://a.example/{chance.choice([number, number, chance.randrange(40)])}",
            text=chance.choice([*texts, f"kurz {number}"]),
            published_at=NOW - timedelta(days=chance.randrange(90)),
            language="und",
        )
        for number in range(1300)
    ]
    rows = [{"id": one.id, "url": one.url, "text": one.text, "date": str(one.published_at)} for one in told]
    with house(tmp_path, "batches") as hall:
        hall.storage.sync(
            [*hall.config.sources, *(Source(name, "forum") for name in "ab")], hall.config.brands, NOW
        )
        for name in "ab":
            for start in range(0, len(told), 100):
                part = told[start : start + 100]
                hall.storage.save_batch(name, part, [], [], {}, now=NOW, days={one.id: None for one in part})
        wanted = _originals(hall)
    with house(tmp_path, "files") as hall:
        path = written(tmp_path, "\n".join(map(json.dumps, rows)), "a.jsonl")
        brought(hall, path)
        brought(hall, path, source="b")
        assert _originals(hall) == wanted
        assert len(set(wanted.values())) > 100


def _originals(hall: Hall) -> dict[tuple[str, str], tuple[str, str] | None]:
    kept = {post.id: (post.source, post.external_id) for post in posts(hall)}
    return {
        (post.source, post.external_id): kept[post.duplicate_of] if post.duplicate_of else None
        for post in posts(hall)
    }


def test_what_was_erased_or_forgotten_does_not_come_back(tmp_path: Path) -> None:
    dump = written(
        tmp_path,
        "\n".join(
            map(
                json.dumps,
                (
                    SUBMISSION,
                    COMMENT,
                    {**SUBMISSION, "id": "n1", "name": "t3_n1", "permalink": "/r/x/comments/n1/a/"},
                ),
            )
        ),
        "dump.jsonl",
    )
    with house(tmp_path) as hall:
        hall.storage.sync([*hall.config.sources, Source("reddit", "reddit")], hall.config.brands, NOW)
        erased = replace(
            read_answer({"kind": "t3", "data": {**SUBMISSION, "selftext": "[deleted]"}}).posts[0], erased=True
        )
        said = read_answer({"kind": "t1", "data": {**COMMENT, "created_utc": 1785157500}}).posts[0]
        hall.storage.save_batch(
            "reddit", [erased, said], [], [], {}, now=NOW, days={erased.id: None, said.id: None}
        )
        hall.storage.forget(url=said.url)
        report = brought(hall, dump)
        assert report.saved is not None
        assert (report.saved.withheld, report.saved.new) == (2, 1)
        assert [post.external_id for post in posts(hall) if post.source == "dump"] == ["t3_n1"]


def test_dumps_that_write_everything_as_text(tmp_path: Path) -> None:
    wordy = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in SUBMISSION.items()
    }
    wordy |= {"removed_by_category": "null", "edited": "false", "link_flair_text": "null"}
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, json.dumps(SUBMISSION), "a.jsonl"))
        brought(hall, written(tmp_path, json.dumps(wordy), "b.jsonl"))
        first, second = posts(hall)
        assert (first.text, first.published_at, first.author) == (
            second.text,
            second.published_at,
            second.author,
        )
        assert second.deleted_at is None
        rows = (
            hall.storage._connection()
            .exec_driver_sql("SELECT DISTINCT votes, replies, facts FROM post")
            .all()
        )
        assert len(rows) == 1
