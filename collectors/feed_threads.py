"""What a feed whose threads are read remembers: what its entries said, and the threads that wait."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.feed_kept import mapping, short, unpacked
from collectors.feed_links import thread_of
from collectors.progress import Progress, load
from listener.model import Post


@dataclass
class Waiting:
    """A thread to be read: its address, the entries that led there, and one that was edited in place."""

    url: str
    entries: dict[str, Post] = field(default_factory=dict)
    edited: str = ""


def place_of(post: Post) -> str:
    """The address that leads to an entry's thread."""
    return thread_of(post.thread_url or post.url) if post.url else ""


def told_by(post: Post) -> tuple[str, ...]:
    """What an entry says: its instants, its words, the number of replies; a change of any is news."""
    words = short(post.title, post.content_hash)
    return short(post.published_at, post.edited_at), words, str(post.replies)


def is_edit(before: tuple[str, ...] | None, told: tuple[str, ...]) -> bool:
    """Whether an entry has other words while its thread has no more replies than before."""
    return before is not None and before[1] != told[1] and before[2] == told[2]


def folded(text: str) -> str:
    """The words of a text, to find a beginning again in a whole."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def left_out(one: Waiting, read: Sequence[str]) -> list[Post]:
    """Entries whose words stand in no post read: an article above its comments is not among them."""
    starts = {name: folded(post.text[:200])[:80].strip() for name, post in one.entries.items()}
    return [
        post
        for name, post in one.entries.items()
        if starts[name] and not any(starts[name] in text for text in read)
    ]


def progress_in(state: Mapping[str, Any], url: str) -> Progress:
    """The forum reader's progress; a damaged one is as if nothing had been read."""
    try:
        found = load(mapping(state.get("progress")), url)
        if all(isinstance(one, list) and len(one) == 8 for one in found.threads.values()):
            return found
    except (AttributeError, KeyError, LookupError, TypeError, ValueError):
        pass
    return Progress(url)


def texts(value: Any) -> dict[str, str]:
    """A stored mapping of texts."""
    return {name: one for name, one in mapping(value).items() if isinstance(one, str)}


def seen_in(state: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What the entries said last, by a hash of their ids."""
    pairs = mapping(state.get("seen")).items()
    return {name: tuple(map(str, one)) for name, one in pairs if isinstance(one, list) and len(one) == 3}


def waiting_in(state: Mapping[str, Any]) -> dict[str, Waiting]:
    """The threads that were waiting when the last run ended, in their order."""
    found = {}
    for place, one in mapping(state.get("waiting")).items():
        kept = mapping(one)
        entries: Sequence[Any] = kept["entries"] if isinstance(kept.get("entries"), list) else ()
        posts = [post for post in map(unpacked, entries) if post is not None]
        edited = kept.get("edited")
        by_id = {post.id: post for post in posts}
        found[place] = Waiting(place, by_id, edited if isinstance(edited, str) else "")
    return found
