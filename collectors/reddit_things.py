"""What Reddit's API answers (Listings, things, comment trees) as posts: pure functions of JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from collectors.markdown import read_markdown
from collectors.newest import Shown
from listener.errors import ParseError
from listener.model import Post

SITE = "https://www.reddit.com/"
KINDS = {"t2": "a user", "t4": "messages", "t5": "subreddits", "t6": "awards", "wikipage": "a wiki page"}
_WITHDRAWN = re.compile(r"^\s*\[\s*(?:deleted|removed)\b[^\[\]]{0,60}\]\s*$", re.IGNORECASE)
_ESCAPES = re.compile(r"&(?:amp|lt|gt);")
_BARE = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")

Thing = Mapping[str, Any]


def read_answer(found: Any, *, adverts: bool = True) -> Shown:
    """Submissions and comments, nested replies too (`more` is left out); ParseError says what else it is."""
    things = list(_things(found))
    told = [
        (kind, data)
        for kind, data in things
        if kind in ("t1", "t3") and (adverts or not data.get("promoted"))
    ]
    if not told and not _is_empty_listing(found):
        raise ParseError(f"no posts or comments: {_what(found, [kind for kind, _ in things])}")
    escaped = _is_escaped([data for _, data in told])
    titles = {str(data.get("name")): str(data.get("title") or "") for kind, data in told if kind == "t3"}
    posts = (
        _submission(data, escaped) if kind == "t3" else _comment(data, escaped, titles) for kind, data in told
    )
    return Shown(tuple(post for post in posts if post.id), _after(found))


def _things(found: Any) -> Iterator[tuple[str, Thing]]:
    """All things in reading order: a thing, then its replies."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            waiting += reversed(_inside(part))
            kind, data = part.get("kind"), part.get("data")
            if isinstance(kind, str) and isinstance(data, dict) and kind not in ("Listing", "more"):
                yield kind, data


def _inside(part: Mapping[str, Any]) -> list[Any]:
    """What a listing, a thing or an answer of `morechildren` holds."""
    data = part.get("data")
    if isinstance(data, dict):
        return [
            data.get(name)
            for name in ("children", "things", "replies")
            if isinstance(data.get(name), list | dict)
        ]
    return [part["json"]] if isinstance(part.get("json"), dict) else []


def _is_empty_listing(found: Any) -> bool:
    parts = found if isinstance(found, list) else [found]
    lists = [part.get("data") for part in parts if isinstance(part, dict) and part.get("kind") == "Listing"]
    bare = [
        data for data in lists if isinstance(data, dict) and all(map(_is_more, data.get("children") or []))
    ]
    return bool(parts) and len(bare) == len(parts)


def _is_more(child: Any) -> bool:
    return isinstance(child, dict) and child.get("kind") == "more"


def _what(found: Any, kinds: list[str]) -> str:
    if kinds:
        return ", ".join(KINDS.get(kind, f"things of kind {kind[:20]}") for kind in dict.fromkeys(kinds))
    if not isinstance(found, dict):
        return f"a list of {len(found)}" if isinstance(found, list) else f"{str(found)[:40]!r}"
    if "access_token" in found:
        return "an access token"
    if "error" in found or "message" in found or "reason" in found:
        words = [str(found[name])[:100] for name in ("error", "reason", "message") if found.get(name)]
        return f"an error ({', '.join(words)})"
    if isinstance(found.get("kind"), str):
        return KINDS.get(found["kind"], f"a thing of kind {found['kind'][:20]}")
    return f"an object with {', '.join(map(str, list(found)[:6])) or 'nothing in it'}"


def _after(found: Any) -> str | None:
    data = found.get("data") if isinstance(found, dict) else None
    after = data.get("after") if isinstance(data, dict) else None
    return after if isinstance(after, str) and after else None


def _is_escaped(things: list[Thing]) -> bool:
    """Whether an answer was asked for without `raw_json=1`: then & < > stand as entities everywhere."""
    texts = [
        data.get(name)
        for data in things
        for name in ("body_html", "selftext_html", "body", "selftext", "title")
    ]
    told = [text for text in texts if isinstance(text, str)]
    return any(map(_ESCAPES.search, told)) and not any(map(_BARE.search, told))


def _string(data: Thing, key: str, escaped: bool = False) -> str:
    value = data.get(key)
    text = value if isinstance(value, str) else ""
    return html.unescape(text) if escaped else text


def _submission(data: Thing, escaped: bool) -> Post:
    title = " ".join(_string(data, "title", escaped).split())
    short = _id36(data)
    link = urljoin(SITE, _string(data, "permalink") or (f"/comments/{short}/" if short else ""))
    post = Post(
        id=_name("t3", data), url=link, text="", title=title, thread_id=_name("t3", data), thread_url=link
    )
    words = _string(data, "selftext", escaped)
    withdrawn = _WITHDRAWN.match(title) or data.get("removed_by_category")
    return _told(replace(post, title="" if _WITHDRAWN.match(title) else title), data, words, bool(withdrawn))


def _comment(data: Thing, escaped: bool, titles: Mapping[str, str]) -> Post:
    link, thread = _places(data)
    parent = _string(data, "link_id")
    title = _string(data, "link_title", escaped) or html.unescape(titles.get(parent, ""))
    post = Post(
        id=_name("t1", data),
        url=link,
        text="",
        title=" ".join(title.split()),
        thread_id=parent or _thread_id(thread),
        thread_url=thread,
    )
    return _told(post, data, _string(data, "body", escaped), False)


def _told(post: Post, data: Thing, words: str, withdrawn: bool) -> Post:
    """The post with what submissions and comments have in common; withdrawn ones lose text and author."""
    published, edited = _instant(data.get("created_utc")), _instant(data.get("edited"))
    precise = replace(
        post,
        published_at=published,
        date_precision="second" if published else "unknown",
        edited_at=edited if edited != published else None,
    )
    if withdrawn or _WITHDRAWN.match(words):
        title = "" if post.id == post.thread_id else post.title  # a comment's title is somebody else's words
        return replace(precise, title=title, deleted=True, erased=True)
    text, quotes = read_markdown(words)
    return replace(precise, text=text, quotes=quotes, author=_author(data), erased=_is_gone(data))


def _is_gone(data: Thing) -> bool:
    """Whether the account was deleted: then its name must go here too."""
    return bool(_WITHDRAWN.match(_string(data, "author")))


def _author(data: Thing) -> str | None:
    name = _string(data, "author")
    return None if not name or _WITHDRAWN.match(name) else name


def _instant(value: Any) -> datetime | None:
    """A POSIX time; `edited` is False for what was never edited and True for edits of long ago."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4e9:
        return None
    return datetime.fromtimestamp(int(value), UTC)


def _id36(data: Thing) -> str:
    return _string(data, "id") or _string(data, "name").partition("_")[2]


def _name(kind: str, data: Thing) -> str:
    short = _id36(data)
    return _string(data, "name") or (f"{kind}_{short}" if short else "")


def _places(data: Thing) -> tuple[str, str]:
    """A comment's own address and its thread's: from its permalink, its context, or what it is a reply to."""
    short, parent = _id36(data), _string(data, "link_id").partition("_")[2]
    path = _string(data, "permalink") or _string(data, "context").partition("?")[0]
    if not path:
        board = _string(data, "subreddit")
        path = (
            f"/r/{board}/comments/{parent}/_/{short}/"
            if parent and board
            else f"/comments/{parent}/_/{short}/"
        )
    link = urljoin(SITE, path)
    thread = re.sub(r"(/comments/[^/]+/[^/]*/)[^/]+/?$", r"\1", link)
    return link, thread.removesuffix("_/") if thread.endswith("/_/") else thread


def _thread_id(thread: str) -> str:
    found = re.search(r"/comments/(\w+)", thread)
    return f"t3_{found[1]}" if found else ""
