"""What `export mentions` and `read --json` write comes back: the same mentions in a fresh store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listener import exports, pipeline
from listener.model import Post, Quote, Source
from listener.pipeline import Hall
from listener.pipeline.collecting import match
from tests.imports.made import NOW, brought, house, posts, written

FORUM, REDDIT = Source("heimwerker", "forum"), Source("reddit", "reddit")
KEPT = (
    "product", "brand", "competitor", "kind", "url", "thread_url", "thread_title", "author", "published_at", "day",
    "language", "text", "matched_in", "matched_text", "votes", "replies", "facts", "edited_at",
)  # fmt: skip
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t"), max_size=40
)
starts = st.sampled_from(["", "=", "+1 ", "-", "@", "'", "'=", "''-", '"', ";", "“", "[deleted] "])


@st.composite
def made_posts(draw: st.DrawFn, name: str) -> list[Post]:
    """Posts as a collector gives them: trimmed, without control characters, one title to a thread."""
    found, titles = [], st.sampled_from(["", "Welche?", "Der Bohrwerk B2"])
    of_thread = draw(titles)
    for number in range(draw(st.integers(0, 6))):
        product = draw(
            st.sampled_from(["Akkufix 3000", "Bohrwerk B2", "Akkufix 3000 und Bohrwerk B2", "Säge"])
        )
        at = NOW - timedelta(seconds=draw(st.integers(0, 10_000_000)))
        thread, dated = draw(st.booleans()), draw(st.booleans())
        places = [f"https://{name}.example/p/{number}", *([f"https://{name}.example/t"] if thread else [])]
        url = draw(st.sampled_from(places))
        found.append(
            Post(
                id=str(number),
                url=url,
                text=f"{draw(starts)}{draw(words)} {product} {draw(words)}".strip(),
                title=of_thread if thread else draw(titles),
                author=draw(st.sampled_from([None, "Kim", "Jörg", "=cmd"])),
                published_at=at if dated else None,
                thread_id="t" if thread else "",
                thread_url=f"https://{name}.example/t" if thread else "",
                date_precision="second" if dated else "unknown",
                votes=draw(st.sampled_from([None, 0, -3])),
                replies=draw(st.sampled_from([None, 5])),
                facts=draw(st.sampled_from([{}, {"flair": 'Frage; ,"', "over_18": True}])),
            )
        )
    return found


def filled(hall: Hall, forum: list[Post], reddit: list[Post]) -> None:
    from listener.language import detect_language
    from listener.privacy import private
    from listener.query import Matcher

    hall.storage.sync([*hall.config.sources, FORUM, REDDIT], hall.config.brands, NOW)
    matcher = Matcher(hall.config.products, detect_language, hall.pseudonym)
    for source, told in ((FORUM, forum), (REDDIT, reddit)):
        kept = [private(post, hall.pseudonym) for post in told]
        kept = [replace(post, language=detect_language(post.text, post.language)) for post in kept]
        days = {post.id: hall.day(post.published_at) for post in kept}
        hall.storage.save_batch(source.name, kept, [], match(matcher, kept), {}, now=NOW, days=days)


def mentions(hall: Hall) -> list[tuple[Any, ...]]:
    """What the mentions say, in no order; which post is a copy is told by its original's address and text."""
    rows = list(hall.storage.export("mentions"))
    first = {row["post_id"]: (row["url"], row["text"]) for row in rows}
    told = [
        (
            *(row[name] for name in KEPT),
            row["source"].removeprefix("mentions/"),
            first.get(row["duplicate_of"]),
        )
        for row in rows
    ]
    return sorted(told, key=repr)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@settings(phases=[Phase.generate], max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mentions_come_back(tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("round")
    file = folder / f"mentions.{form}"
    with house(folder, "first") as hall:
        filled(hall, data.draw(made_posts("forum")), data.draw(made_posts("reddit")))
        wanted = mentions(hall)
        exports.write(hall.storage.export("mentions"), form, file)
    if not wanted:
        return
    with house(folder, "second") as hall:
        brought(hall, file)
        assert mentions(hall) == wanted
        report = brought(hall, file)
        assert report.saved is not None
        assert (report.saved.new, report.saved.changed) == (0, 0)


def test_read_json_comes_back_with_quotes(tmp_path: Path) -> None:
    told = {
        "id": "p7", "url": "https://forum.example/p7", "author": "Kim", "published_at": datetime(2026, 7, 1, 10, tzinfo=UTC),
        "date_precision": "minute", "edited_at": None, "title": "Welche Säge?", "text": "Der Akkufix 3000",
        "quotes": [{"author": "Jo", "text": "der Bohrwerk B2"}], "engine": "phpbb",
    }  # fmt: skip
    line = json.dumps(told, default=lambda at: at.isoformat())
    with house(tmp_path) as hall:
        brought(hall, written(tmp_path, line, "page.jsonl"), kind="forum")
        (post,) = posts(hall)
        assert (post.external_id, post.kind, post.title) == ("p7", "forum", "Welche Säge?")
        assert post.quotes == (Quote("der Bohrwerk B2", hall.pseudonym("Jo")),)
        assert {row["product"]: row["matched_in"] for row in hall.storage.export("mentions")} == {
            "Akkufix 3000": "text", "Bohrwerk B2": "quote",
        }  # fmt: skip


def test_an_export_brought_back_into_its_own_store_counts_nothing_twice(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        one = Post("1", "https://forum.example/p/1", "Der Akkufix 3000", "Kim", NOW - timedelta(days=1))
        filled(hall, [one], [])
        file = tmp_path / "mentions.csv"
        exports.write(hall.storage.export("mentions"), "csv", file)
        brought(hall, file)
        first, second = hall.storage.export("mentions")
        assert (first["author"], first["kind"]) == (second["author"], second["kind"])
        assert [row["duplicate_of"] is None for row in (first, second)].count(True) == 1
        pipeline.aggregate(hall)
        rows = [row for row in hall.storage.export("daily") if row["channel"] == row["language"] == "all"]
        assert {row["mentions"] for row in rows if row["product"] == "Akkufix 3000" and row["mentions"]} == {
            1
        }
