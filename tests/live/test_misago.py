"""Misago with PostgreSQL, started on loopback: read through its JSON, changed through its own code, read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.live import story
from tests.live.software import HERE, Software, free_port, kept, script, skip, started
from tests.live.story import Story


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[int]:
    """The port of a PostgreSQL server with an empty database of the name that the start script wants."""
    address = make_url(postgres_server)
    if not address.port:
        skip("this PostgreSQL listens at no port: Misago was not read")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with closing(engine.connect()) as server:
        server.execute(text("CREATE DATABASE misago"))
        yield int(address.port or 0)
        server.execute(text("DROP DATABASE misago WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="module")
def software(shared: Path, pytestconfig: pytest.Config, database: int) -> Iterator[Software]:
    """A fresh forum; the installation is kept from run to run in pytest's cache."""
    assert pytestconfig.cache is not None
    start, port = script(shared, "start_misago.sh"), free_port()
    with kept(pytestconfig.cache.mkdir("misago"), ".done", "media") as folder:
        settings = {
            "DJANGO_SETTINGS_MODULE": "msettings",
            "PYTHONPATH": str(folder),
            "MPORT": str(port),
            "PGPORT": str(database),
        }
        with started(
            start, port, folder, str(database), installed="venv/bin/django-admin", environ=settings
        ) as log:
            python, url = folder / "venv/bin/python", f"http://127.0.0.1:{port}"
            yield Software(url, log, python, HERE / "in_misago.py", folder, settings)


@pytest.fixture(scope="module")
def played(software: Software, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story.play(software, tmp_path_factory.mktemp("misago"), url=f"{software.url}/c/first-category/3/")


def spoken(raw: str) -> str:
    """The author's own words in Misago's mark-up: without quotations and marks, links without their scheme."""
    while (inner := re.sub(r"\[quote=[^\]]*\](?:(?!\[quote).)*?\[/quote\]", "", raw, flags=re.S)) != raw:
        raw = inner
    return re.sub(r"\[/?(?:b|i|code)\]|\*\*|https?://", "", raw)


def test_every_post_is_stored_as_the_software_has_it(played: Story, software: Software) -> None:
    story.first_reading_is_exact(played, software.url, spoken)


def test_nothing_new_changes_nothing(played: Story) -> None:
    story.nothing_new_changes_nothing(played)


def test_news_arrive_once(played: Story, software: Software) -> None:
    story.news_arrive_once(played, software.url, spoken)


def test_edits_keep_the_earlier_text(played: Story) -> None:
    story.edits_keep_the_earlier_text(played)


def test_deletions_are_believed_the_second_time(played: Story) -> None:
    story.deletions_are_believed_the_second_time(played)


def test_the_forum_is_asked_for_little(played: Story) -> None:
    """Each time robots.txt, tdmrep.json and the list; then 5 pages of 3 threads; then the last page of each
    thread, which in so small a board is looked at every time for edits and deletions."""
    story.asked_at_most(played, 8, 6, 7, 7, 6)
