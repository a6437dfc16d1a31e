"""What a perfect listener finds in the demo's world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from listener.demo import bbcode
from listener.demo.posts import Blog, Forum, Reddit, Said, Submission
from listener.demo.reddit import holds
from listener.model import Place

FORUM, BLOG, REDDIT = "werkbank-forum", "werkstatt-blog", "reddit"


@dataclass(frozen=True)
class Expected:
    """One post as it must be found, and in which place it mentions each product.

    `text` is the author's own words, to be compared with white space folded; `quotes` are author
    and words; `copy_of` is source and id of the post whose words it repeats.
    """

    source: str
    id: str
    author: str | None
    published_at: datetime
    text: str
    title: str
    quotes: tuple[tuple[str | None, str], ...] = ()
    edited_at: datetime | None = None
    deleted: bool = False
    places: Mapping[str, Place] = field(default_factory=dict)
    copy_of: tuple[str, str] | None = None


def truth(forum: Forum, blog: Blog, reddit: Reddit) -> list[Expected]:
    """All posts, oldest first."""
    found = [*_forum(forum, blog), *_blog(blog), *_reddit(reddit)]
    return sorted(found, key=lambda post: (post.published_at, post.source, post.id))


def _forum(forum: Forum, blog: Blog) -> Iterator[Expected]:
    originals = {entry.text: (BLOG, entry.id) for entry in blog.entries}
    for thread in forum.threads:
        for post in thread.posts:
            yield Expected(
                source=FORUM,
                id=post.id,
                author=post.author,
                published_at=post.at,
                text=bbcode.own_words(post.text),
                title=thread.title,
                quotes=bbcode.quotes(post.text),
                edited_at=post.edited_at.replace(second=0) if post.edited_at else None,
                places=places(post, thread.names),
                copy_of=originals.get(post.text),
            )


def _blog(blog: Blog) -> Iterator[Expected]:
    for entry in blog.entries:
        names = places(entry, entry.title_names)
        yield Expected(BLOG, entry.id, entry.author, entry.at, entry.text, entry.title, places=names)


def _reddit(reddit: Reddit) -> Iterator[Expected]:
    for submission in reddit.submissions:
        if submission.sub in reddit.subreddits:
            yield from (_said(submission, post) for post in (submission.post, *submission.comments))
        elif any(holds(submission.post, word) for word in reddit.search):
            yield _said(submission, submission.post)


def _said(submission: Submission, said: Said) -> Expected:
    gone = said.deleted
    own, quotes = split_quotes(said.text)
    return Expected(
        source=REDDIT,
        id=said.id,
        author=None if gone else said.author,
        published_at=said.at,
        text="" if gone else own,
        title="" if gone else submission.post.title,
        quotes=() if gone else quotes,
        edited_at=said.edited_at,
        deleted=gone,
        places={} if gone else places(said, submission.post.title_names),
    )


def split_quotes(text: str) -> tuple[str, tuple[tuple[str | None, str], ...]]:
    """Own words, and the quoted ones: Reddit's quotes are lines that begin with ">" and name nobody."""
    lines = text.splitlines()
    quoted = " ".join(line.lstrip("> ") for line in lines if line.startswith(">"))
    own = "\n".join(line for line in lines if not line.startswith(">")).strip()
    return own, ((None, quoted),) if quoted else ()


def places(said: Said, title_names: tuple[str, ...]) -> dict[str, Place]:
    """The first place that names each product: own words, title, quote."""
    found: dict[str, Place] = dict.fromkeys(said.quoted, "quote")
    found.update(dict.fromkeys(title_names, "title"))
    found.update(dict.fromkeys(said.names, "text"))
    return found
