"""What may happen to a forum between two runs, for property tests."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from tests.board import Forum

Step = tuple[str, int]
STEP = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 12)),
    st.tuples(st.just("thread"), st.integers(1, 35)),
    st.tuples(st.just("reply"), st.integers(0, 200)),
    st.tuples(st.just("replies"), st.integers(0, 200)),
    st.tuples(st.just("delete"), st.integers(0, 200)),
    st.tuples(st.just("cut"), st.integers(0, 200)),
    st.tuples(st.just("sink"), st.integers(0, 200)),
)


def histories() -> st.SearchStrategy[list[Step]]:
    """Runs, each perhaps killed after some batches, and what happens between them."""
    return st.lists(STEP, max_size=25)


def change(forum: Forum, what: str, number: int) -> None:
    """Let one thing happen."""
    threads = list(forum.threads.values())
    if what == "thread":
        forum.thread(posts=number, at=forum.now)
        return
    if not threads:
        return
    thread = threads[number % len(threads)]
    if what in ("reply", "replies"):
        for back in range(1 if what == "reply" else 13):
            forum.reply(thread, forum.now - timedelta(minutes=13 - back))
    elif what == "delete":
        del forum.threads[thread.id]
    elif len(thread.posts) > 1:
        del thread.posts[(0 if what == "cut" else -1)]
