"""What the demo's people say: YAML read, times made from `now`, ids given in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from importlib.resources import files
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ZONE = ZoneInfo("Europe/Berlin")
FIRST_POST, FIRST_THREAD = 48211, 3120  # an old board: ids do not start at 1
FIRST_SUBMISSION, FIRST_COMMENT = 3_612_450_117, 46_812_093_411  # Reddit counts in base 36
COMMENT_STEP = 104_729
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass
class Said:
    """One text by one author; `names` and `quoted` are the products its own and its quoted words name."""

    author: str
    at: datetime
    text: str
    id: str = ""
    title: str = ""
    title_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    edited_at: datetime | None = None
    edits: int = 0
    reason: str = ""
    deleted: bool = False
    guest: bool = False


@dataclass
class Thread:
    """A forum thread; its first post is never missing."""

    board: int
    title: str
    posts: list[Said]
    names: tuple[str, ...] = ()
    sticky: bool = False
    id: int = 0
    views: int = 0


@dataclass(frozen=True)
class Board:
    """One board of the forum."""

    id: int
    name: str
    about: str


@dataclass(frozen=True)
class Member:
    """A registered name with its number, signature and, for the team, a colour."""

    id: int
    signature: str = ""
    colour: str = ""


@dataclass
class Forum:
    """The whole board."""

    name: str
    about: str
    category: Board
    boards: list[Board]
    members: dict[str, Member]
    threads: list[Thread]
    last_post: int = FIRST_POST

    def next_id(self) -> str:
        """The next post's id."""
        self.last_post += 1
        return str(self.last_post)

    def member(self, name: str) -> Member:
        """The member of that name, registered on first use."""
        return self.members.setdefault(name, Member(200 + len(self.members)))


@dataclass
class Blog:
    """The blog: entries newest first; an entry's `id` is its guid, `slugs` gives its address."""

    title: str
    about: str
    entries: list[Said]
    slugs: dict[str, str]


@dataclass
class Submission:
    """A Reddit submission with its comments, each answering the submission or the comment before."""

    sub: str
    post: Said
    comments: list[Said] = field(default_factory=list)


@dataclass
class Reddit:
    """The part of Reddit that exists here."""

    subreddits: tuple[str, ...]
    search: tuple[str, ...]
    submissions: list[Submission]


class Clock:
    """Turns "23d 18:42" (Europe/Berlin) and "35m" (before now) into instants; the seed moves the minutes."""

    def __init__(self, now: datetime, random: Random) -> None:
        self.now = now
        self.random = random

    def __call__(self, when: str) -> datetime:
        drift = timedelta(minutes=self.random.randrange(5), seconds=self.random.randrange(60))
        if when.endswith("m"):
            return self.now.replace(microsecond=0) - timedelta(minutes=int(when[:-1])) + drift
        days, clock = when.split("d ")
        day = self.now.astimezone(ZONE).date() - timedelta(days=int(days))
        local = datetime.combine(day, time.fromisoformat(clock), ZONE)
        return local.astimezone(self.now.tzinfo) + drift


def read(name: str) -> dict[str, Any]:
    """One of the content files."""
    loaded: dict[str, Any] = yaml.safe_load(files(__package__).joinpath(f"{name}.yaml").read_text("utf-8"))
    return loaded


def load_forum(clock: Clock) -> Forum:
    """The forum with ids that rise with time, as a real board's do."""
    content = read("forum")
    boards = [Board(b["id"], b["name"], b["about"]) for b in content["boards"]]
    threads = [_thread(t, b["id"], clock) for b in content["boards"] for t in b["threads"]]
    members = {name: Member(**entry) for name, entry in content["members"].items()}
    category = Board(content["category"]["id"], content["category"]["name"], "")
    forum = Forum(content["name"], content["about"], category, boards, members, threads)
    for post in in_order(post for thread in threads for post in thread.posts):
        post.id = forum.next_id()
        if not post.guest:
            forum.member(post.author)
    for number, thread in enumerate(sorted(threads, key=lambda t: t.posts[0].at), FIRST_THREAD):
        thread.id = number
        thread.views = len(thread.posts) * clock.random.randrange(12, 90)
    return forum


def _thread(entry: Mapping[str, Any], board: int, clock: Clock) -> Thread:
    posts = [_said(post, clock) for post in entry["posts"]]
    return Thread(board, entry["title"], posts, tuple(entry.get("names", ())), entry.get("sticky", False))


def load_blog(clock: Clock) -> Blog:
    """The blog, newest entry first."""
    content = read("blog")
    entries = [_said(entry, clock, author=content["author"]) for entry in content["entries"]]
    for number, entry in enumerate(in_order(entries), 1201):
        entry.id = f"https://werkstatt-blog.example/?p={number}"
    slugs = {said.id: entry["slug"] for said, entry in zip(entries, content["entries"], strict=True)}
    return Blog(content["title"], content["about"], in_order(entries)[::-1], slugs)


def load_reddit(clock: Clock) -> Reddit:
    """The submissions and comments with ids in base 36 that rise with time."""
    content = read("reddit")
    submissions = [_submission(entry, clock) for entry in content["submissions"]]
    for number, post in enumerate(in_order(s.post for s in submissions)):
        post.id = f"t3_{base36(FIRST_SUBMISSION + number * 7919)}"
    for number, comment in enumerate(in_order(c for s in submissions for c in s.comments)):
        comment.id = f"t1_{base36(FIRST_COMMENT + number * COMMENT_STEP)}"
    return Reddit(tuple(content["subreddits"]), tuple(content["search"]), submissions)


def _submission(entry: Mapping[str, Any], clock: Clock) -> Submission:
    comments = [_said(comment, clock) for comment in entry.get("comments", ())]
    return Submission(entry["sub"], _said(entry, clock), comments)


def _said(entry: Mapping[str, Any], clock: Clock, author: str = "") -> Said:
    edited = entry.get("edited")
    note: Mapping[str, Any] = edited if isinstance(edited, dict) else {"at": edited}
    return Said(
        author=str(entry.get("by", author)).removeprefix("guest-"),
        at=clock(entry["at"]),
        text=press_text() if entry.get("press") else entry["text"],
        title=entry.get("title", ""),
        title_names=tuple(entry.get("names_title", ())),
        names=tuple(entry.get("names", ())),
        quoted=tuple(entry.get("quoted", ())),
        edited_at=clock(note["at"]) if edited else None,
        edits=note.get("times", 1) if edited else 0,
        reason=note.get("reason", ""),
        deleted=entry.get("deleted", False),
        guest=entry.get("guest", False),
    )


def press_text() -> str:
    """The words that the blog prints and somebody copies into the forum."""
    return str(read("blog")["press"])


def in_order(posts: Iterable[Said]) -> list[Said]:
    """Oldest first."""
    return sorted(posts, key=lambda post: post.at)


def base36(number: int) -> str:
    """The number as Reddit writes ids."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"
