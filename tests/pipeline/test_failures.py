"""Bad input and broken surroundings: a clear line that names the source, the others go on, nothing is lost."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from listener import pipeline
from listener.config import Config
from listener.demo import World
from listener.errors import LockedError, StorageError
from listener.model import Source
from listener.pipeline import Hall
from storage import Storage
from tests.stores import fresh_url

NOW = datetime.fromisoformat("2026-03-31T06:30+00:00")
Opened = Callable[..., AbstractContextManager[Hall]]
FORUM, BLOG, REDDIT = "werkbank-forum", "werkstatt-blog", "reddit"


def posts(hall: Hall) -> dict[str, int]:
    return {source.source: source.posts for source in hall.storage.sources_status(NOW)}


@pytest.mark.parametrize(
    ("prefix", "source", "status", "part"),
    [
        ("/blog", BLOG, 500, "500"),
        ("/forum", FORUM, 503, "503"),
        ("/blog", BLOG, 404, "404"),
        ("/forum", FORUM, 403, "403"),
        ("/api", REDDIT, 401, "401"),
    ],
)
def test_a_source_that_fails_leaves_the_others_alone_and_comes_back(
    world: World, opened: Opened, prefix: str, source: str, status: int, part: str
) -> None:
    world.fail(prefix, status)
    with opened() as hall:
        report = pipeline.run(hall)
        assert report.code == 3
        assert [line for line in report.problems if line.startswith(f"{source}: ") and part in line], report
        heard = posts(hall)
        assert all(count > 0 for name, count in heard.items() if name != source)
        shown = [row["error"] for row in pipeline.status(hall)["sources"] if row["name"] == source]
        assert [part in error and not error.startswith(source) for error in shown] == [True]
    world.fail(prefix, None)
    world.now = NOW + timedelta(days=1)
    with opened(world.now) as hall:
        assert pipeline.run(hall).code == 0
        assert posts(hall)[source] == sum(post.source == source for post in world.truth)


def with_source(config: Config, source: Source) -> Config:
    return replace(config, sources=(*config.sources, source))


@pytest.mark.parametrize(
    ("path", "part"),
    [("/forum/index.php", "feed"), ("/nothing", "404")],
)
def test_a_page_where_a_feed_was_expected(world: World, config: Config, path: str, part: str) -> None:
    wrong = Source("wrong", "feed", {"url": world.url + path}, delay=timedelta(0), allow_private=True)
    with pipeline.open_hall(with_source(config, wrong), clock=lambda: NOW) as hall:
        report = pipeline.run(hall)
        assert report.code == 3
        assert len(report.problems) == 1
        assert report.problems[0].startswith("wrong: ")
        assert part in report.problems[0]
        assert sum(posts(hall).values()) == len(world.truth)


def test_an_unreachable_host(config: Config) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/feed"
        nobody = Source("nobody", "feed", {"url": url}, delay=timedelta(0), allow_private=True)
        with pipeline.open_hall(with_source(config, nobody), clock=lambda: NOW) as hall:
            report = pipeline.run(hall)
    assert report.code == 3
    assert [line for line in report.problems if line.startswith("nobody: ")]


def test_a_private_address_is_not_asked(world: World, config: Config) -> None:
    inside = Source("inside", "feed", {"url": f"{world.url}/blog/feed"}, delay=timedelta(0))
    with pipeline.open_hall(with_source(config, inside), clock=lambda: NOW) as hall:
        report = pipeline.run(hall)
    assert report.code == 3
    assert "allow_private" in report.problems[0]


@pytest.mark.parametrize("answer", ["451 try again later", "550 not today"])
def test_a_mail_server_that_refuses_gets_it_at_the_next_run(
    opened: Opened, mailbox: Any, answer: str
) -> None:
    mailbox.answer = answer
    with opened() as hall:
        report = pipeline.run(hall)
        assert report.code == 1
        assert answer in report.problems[0]
        assert "team@example.com" in report.problems[0]
    mailbox.answer = None
    with opened(NOW + timedelta(minutes=30)) as hall:
        assert pipeline.run(hall).code == 0
    with opened(NOW + timedelta(minutes=60)) as hall:
        assert pipeline.run(hall).code == 0
    assert len(mailbox.mails) == 1


def test_a_mail_server_that_refuses_for_good_is_not_asked_at_every_run(opened: Opened, mailbox: Any) -> None:
    mailbox.answer = "550 no such user"
    for minutes, code in [(0, 1), (30, 1), (60, 0)]:
        with opened(NOW + timedelta(minutes=minutes)) as hall:
            assert pipeline.run(hall).code == code
    mailbox.answer = None
    with opened(NOW + timedelta(hours=8)) as hall:
        assert pipeline.run(hall).code == 0
    assert len(mailbox.mails) == 1


def test_a_digest_that_may_have_been_sent_is_not_sent_again(opened: Opened, mailbox: Any) -> None:
    """As after a kill between the server's 250 and our note of it."""
    with opened() as hall:
        pipeline.collect(hall)
        assert hall.storage.claim("day", NOW.date() - timedelta(days=1), "team@example.com", "<x@y>", NOW)
    with opened(NOW + timedelta(minutes=5)) as hall:
        pipeline.run(hall)
        assert "in doubt" in str(pipeline.status(hall)["digests"])
    assert mailbox.mails == []


def test_a_locked_database_ends_the_run_with_a_line(opened: Opened, config: Config) -> None:
    with opened() as hall:
        pipeline.run(hall)
    holder = sqlite3.connect(config.store.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StorageError, match="locked"), Storage(config.store, lock_wait=0.5) as storage:
            pipeline.run(Hall(config, storage, clock=lambda: NOW))
    finally:
        holder.close()


def test_a_crash_is_resumed_at_once_but_not_for_ever(opened: Opened, world: World) -> None:
    """An open run stands for one that died; a source that it did not finish is due again."""
    with opened() as hall:
        pipeline.run(hall)
        assert hall.storage.due_sources(NOW) == []
        later = NOW + timedelta(minutes=1)
        for _ in range(10):
            hall.storage.start_run(later, 1, "host")
        assert hall.storage.resume(later) == 3
        hall.storage.set_due(FORUM, NOW + timedelta(hours=1))
        hall.storage.start_run(later, 1, "host")
        assert hall.storage.resume(later) == 0
    assert world.requests


def test_a_second_run_is_locked_out(opened: Opened, config: Config) -> None:
    with opened() as hall, pipeline.lock(config.lock_path), pytest.raises(LockedError):
        pipeline.run(hall)


def test_text_that_no_database_takes_is_stored_without_it(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: str
) -> None:
    (tmp_path / "odd_plugin.py").write_text(
        "from listener.model import Batch, Post, Quote\n"
        "def collect(source, state, http):\n"
        "    bad = '\\0\\ud800'\n"
        "    post = Post(f'1{bad}', f'http://x/{bad}', f'{bad} \\ud83d\\ude00 akkufix', bad, title=bad,\n"
        "                thread_id=bad, thread_url=bad, quotes=(Quote(bad, bad),), language='de')\n"
        "    yield Batch((post,), {'seen': bad})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    source = Source("odd", "odd_plugin:collect", {})
    for url in (config.store, fresh_url(postgres_server, tmp_path)):
        odd = replace(config, sources=(source,), store=url, pseudonyms=False)
        for minutes, new in [(0, 1), (60, 0)]:
            now = NOW + timedelta(minutes=minutes)
            with pipeline.open_hall(odd, clock=partial(datetime.fromtimestamp, now.timestamp(), UTC)) as hall:
                (outcome,) = pipeline.collect(hall, only=["odd"])
                assert (outcome.error, outcome.new, outcome.changed) == (None, new, 0)
                (stored,) = hall.storage.posts_for_rematch(0, 10)
                assert stored.passage.text == "\ufffd\ufffd \U0001f600 akkufix"


def test_a_collector_that_breaks_is_an_error_of_its_source(
    world: World, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_plugin.py").write_text(
        "def collect(source, state, http):\n    yield from ()\n    raise KeyError('surprise')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    plugin = Source("plugin", "broken_plugin:collect")
    with pipeline.open_hall(with_source(config, plugin), clock=lambda: NOW) as hall:
        report = pipeline.run(hall)
        assert report.code == 3
        assert "surprise" in report.problems[0]
        assert sum(posts(hall).values()) == len(world.truth)
