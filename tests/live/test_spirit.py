"""Spirit, started on loopback: read, changed through its own code, read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import story
from tests.live.software import HERE, Software, free_port, kept, script, started
from tests.live.story import Story

SETTINGS = {"DJANGO_SETTINGS_MODULE": "spirit_settings", "PYTHONPATH": str(HERE)}


@pytest.fixture(scope="module")
def software(shared: Path, pytestconfig: pytest.Config) -> Iterator[Software]:
    """A fresh board; the installation is kept from run to run in pytest's cache."""
    assert pytestconfig.cache is not None
    start, port = script(shared, "start_spirit.sh"), free_port()
    with (
        kept(pytestconfig.cache.mkdir("spirit"), "board") as folder,
        started(start, port, folder, installed="venv/bin/spirit", environ=SETTINGS) as log,
    ):
        python, url = folder / "venv/bin/python", f"http://127.0.0.1:{port}"
        yield Software(url, log, python, HERE / "in_spirit.py", folder / "board", SETTINGS)


@pytest.fixture(scope="module")
def played(software: Software, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story.play(
        software, tmp_path_factory.mktemp("spirit"), url=f"{software.url}/category/3/werkzeug-und-garten/"
    )


def spoken(raw: str) -> str:
    """The author's own words in Spirit's Markdown: without quotations and marks."""
    lines = [line for line in raw.split("\n") if not line.startswith((">", "```"))]
    return re.sub(r"\*+", "", "\n".join(lines))


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
