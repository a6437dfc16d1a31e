"""Several listings as one source: what failed is one error."""

from __future__ import annotations

from datetime import timedelta

from collectors.streams import joined, listed
from listener.errors import AccessError, TransientError


def test_a_persons_work_comes_first_and_the_longest_wait_is_kept() -> None:
    short, long = timedelta(minutes=1), timedelta(minutes=9)
    failures = [
        TransientError("a: 503", retry_after=short),
        AccessError("b: private"),
        TransientError("c: 429", retry_after=long),
    ]
    error = joined(failures)
    assert isinstance(error, AccessError) and error.retry_after == long
    assert error.message == "b: private; a: 503; c: 429"


def test_one_failure_is_itself() -> None:
    error = TransientError("a: 503")
    assert joined([error]) is error and error.retry_after is None and error.message == "a: 503"


def test_one_name_needs_no_brackets() -> None:
    assert listed("akkufix  3000") == listed(["akkufix 3000", "", "akkufix 3000"]) == ("akkufix 3000",)
