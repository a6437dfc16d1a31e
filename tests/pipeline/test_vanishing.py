"""Posts that vanished from their threads: marked when they were missing twice, never erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from listener.model import Post, ThreadPage
from listener.pipeline.vanishing import absence
from storage.rows import Absence, ThreadPost

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUN = NOON + timedelta(hours=5)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def shown(*numbers: int) -> list[Post]:
    return [Post(str(n), f"https://f.example/{n}", "Text", published_at=at(n)) for n in numbers]


def stored(*numbers: int, missing: datetime | None = None) -> list[ThreadPost]:
    return [ThreadPost(str(n), at(n), missing, False) for n in numbers]


WHOLE, MIDDLE = ThreadPage("7", True, True), ThreadPage("7")


def test_a_post_missing_once_is_remembered_and_missing_twice_is_gone() -> None:
    assert absence(WHOLE, shown(1, 3), stored(1, 2, 3), RUN) == Absence(missing=("2",))
    known = [*stored(1, 3), *stored(2, missing=at(60))]
    assert absence(WHOLE, shown(1, 3), known, RUN) == Absence(gone=("2",))
    assert absence(WHOLE, shown(1, 2, 3), known, RUN) == Absence(back=("2",))


def test_the_same_run_does_not_count_twice() -> None:
    known = [*stored(1, 3), *stored(2, missing=RUN + timedelta(minutes=1))]
    assert absence(WHOLE, shown(1, 3), known, RUN) == Absence()


def test_a_page_speaks_only_of_its_part_of_the_thread() -> None:
    known = stored(1, 2, 5, 6, 7, 8, 10, 11)
    assert absence(MIDDLE, shown(5, 7, 8), known, RUN) == Absence(missing=("6",))
    assert absence(ThreadPage("7", is_first=True), shown(2, 5), known, RUN) == Absence(missing=("1",))
    assert absence(ThreadPage("7", is_last=True), shown(8, 10), known, RUN) == Absence(missing=("11",))


def test_a_first_post_repeated_on_each_page_does_not_widen_it() -> None:
    assert absence(MIDDLE, shown(1, 5, 7), stored(1, 2, 3, 5, 6, 7), RUN) == Absence(missing=("6",))


def test_pages_sorted_by_votes_and_pages_without_posts_say_nothing() -> None:
    assert absence(MIDDLE, shown(5, 9, 7), stored(5, 6, 7, 9), RUN) == Absence()
    assert absence(MIDDLE, [], stored(1, 2), RUN) == Absence()


def test_a_thread_that_is_gone_takes_its_posts_along() -> None:
    assert absence(WHOLE, [], stored(1, 2), RUN) == Absence(missing=("1", "2"))


def test_a_page_that_lacks_most_of_its_posts_is_not_believed() -> None:
    assert absence(WHOLE, shown(1), stored(*range(1, 6)), RUN) == Absence()
    assert absence(WHOLE, shown(1), stored(*range(1, 4)), RUN) == Absence(missing=("2", "3"))


def test_deleted_posts_are_not_missed_again() -> None:
    known = [*stored(1, 3), ThreadPost("2", at(2), at(60), True)]
    assert absence(WHOLE, shown(1, 3), known, RUN) == Absence()
