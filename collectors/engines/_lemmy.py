"""Posts and comments as Lemmy's API gives them: markdown, and names that may belong to other servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collectors.dates import Instant, instant
from collectors.engines._answers import count, record, text, whole
from collectors.links import clean
from collectors.markdown import read_markdown
from collectors.reading import Page
from listener.errors import ParseError
from listener.model import Facts, Post

NAME = "lemmy"
_Json = Mapping[str, Any]


@dataclass(frozen=True)
class Thread:
    """A post as the thread of its comments."""

    id: str
    url: str
    title: str


def thread_of(page: Page, view: _Json) -> Thread:
    """The thread that a view of a post or of a comment belongs to."""
    post = record(view.get("post"))
    number = whole(post.get("id"))
    if number <= 0:
        raise ParseError("a post without its id", url=page.url)
    title = " ".join(text(post.get("name")).split())
    return Thread(str(number), f"{base(page)}/post/{number}", title)


def base(page: Page) -> str:
    """The server: Lemmy lies in no folder."""
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def post_of(page: Page, view: _Json, thread: Thread) -> Post:
    """The post itself; one that is only a link has no words of its own."""
    row = record(view.get("post"))
    return _written(page, view, row, f"p{thread.id}", thread.url, text(row.get("body")), thread)


def comment_of(page: Page, view: _Json, thread: Thread) -> Post:
    """A comment; posts and comments are counted apart, so their ids carry a letter."""
    row = record(view.get("comment"))
    number, content = whole(row.get("id")), row.get("content")
    if number <= 0 or not isinstance(content, str):
        raise ParseError("a comment without id or text", url=page.url)
    return _written(page, view, row, f"c{number}", f"{base(page)}/comment/{number}", content, thread)


def _written(
    page: Page, view: _Json, row: _Json, post_id: str, url: str, markdown: str, thread: Thread
) -> Post:
    when, precision = stamp(page, row.get("published") or row.get("published_at"))
    if when is None:
        raise ParseError(f"post {post_id}: date not understood", url=page.url)
    deleted = row.get("deleted") is True or row.get("removed") is True
    counts = record(view.get("counts")) or row  # version 1.0 counts in the post itself
    own, quotes = ("", ()) if deleted else read_markdown(_PICTURE.sub("", _SPOILER.sub("", markdown)))
    return Post(
        id=post_id,
        url=url,
        text=own,
        author=name_of(record(view.get("creator"))) or None,
        published_at=when,
        date_precision=precision,
        edited_at=stamp(page, row.get("updated") or row.get("updated_at"))[0],
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
        deleted=deleted,
        votes=count(counts, "score"),
        replies=count(counts, "comments", "child_count"),
        facts=_facts(view, row),
    )


def _facts(view: _Json, row: _Json) -> Facts:
    """The community, what a post leads to, whether it is for adults."""
    community, link, nsfw = handle(record(view.get("community"))), text(row.get("url")), row.get("nsfw")
    told: Facts = {"community": community, "link": link if clean(link) else "", "nsfw": nsfw is True}
    return {name: value for name, value in told.items() if value}


_SPOILER = re.compile(r"^ {0,3}:::.*$", re.MULTILINE)  # the lines around a spoiler, not what it hides
_PICTURE = re.compile(r"!\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\)")


def stamp(page: Page, value: Any) -> Instant:
    """An instant; older versions write UTC without saying so."""
    return instant(value, page.at) if isinstance(value, str) else (None, "unknown")


def name_of(row: _Json) -> str:
    """A person's or a community's name, with the server if it is another one."""
    return handle(row) if row.get("local") is False else text(row.get("name")).strip()


def handle(row: _Json) -> str:
    """A person's or a community's name with its server, as all servers call it."""
    name, address = text(row.get("name")).strip(), text(row.get("actor_id")) or text(row.get("ap_id"))
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return f"{name}@{host}" if host and name else name
