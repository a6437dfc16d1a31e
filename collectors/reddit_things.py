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
LONGEST_FACT = 2000
WORDS = ("flair", "link", "crosspost_parent")  # facts that are the author's own
KINDS = {"t2": "a user", "t4": "messages", "t5": "subreddits", "t6": "awards", "wikipage": "a wiki page"}
_WITHDRAWN = re.compile(r"^\s*\[\s*(?:deleted|removed)\b[^\[\]]{0,60}\]\s*$", re.IGNORECASE)
_ESCAPES = re.compile(r"&(?:amp|lt|gt);")
_BARE = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")

Thing = Mapping[str, Any]


def read_answer(found: Any, *, adverts: bool = True) -> Shown:
    """Submissions and comments, nested replies too (`more` is left out); ParseError says what else it is."""
    things = [(kind, data) for kind, data in things_of(found) if kind != "more"]
    posts = [(kind, data) for kind, data in things if kind in ("t1", "t3")]
    told = [(kind, data) for kind, data in posts if adverts or not data.get("promoted")]
    if not posts and not _is_empty_listing(found):
        raise ParseError(f"no posts or comments: {_what(found, [kind for kind, _ in things])}")
    escaped = _is_escaped([data for _, data in told])
    titles = {
        _name(kind, data): _string(data, "title")
        for kind, data in told
        if kind == "t3" and not _is_withdrawn(data)
    }
    read = (
        _submission(data, escaped) if kind == "t3" else _comment(data, escaped, titles) for kind, data in told
    )
    return Shown(tuple(post for post in read if post.id), _after(found))


def things_of(found: Any) -> Iterator[tuple[str, Thing]]:
    """All things of an answer in reading order: a thing, then its replies; `more` stands for hidden ones."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            waiting += reversed(_inside(part))
            kind, data = part.get("kind"), part.get("data")
            if isinstance(kind, str) and isinstance(data, dict) and kind != "Listing":
                yield kind, data


def _inside(part: Mapping[str, Any]) -> list[Any]:
    """What a listing, a thing, an answer of `morechildren` or an object with listings in it holds."""
    data = part.get("data")
    if isinstance(data, dict):
        held = (data.get(name) for name in ("children", "things", "replies"))
        return [one for one in held if isinstance(one, list | dict)]
    named = [] if "kind" in part else part.items()
    return [one for name, one in named if _is_holder(name, one)]


def _is_holder(name: str, value: Any) -> bool:
    return isinstance(value, dict) and (name == "json" or value.get("kind") == "Listing")


def _is_empty_listing(found: Any) -> bool:
    parts = found if isinstance(found, list) else [found]
    lists = [part.get("data") for part in parts if isinstance(part, dict) and part.get("kind") == "Listing"]
    held = [data.get("children") or [] for data in lists if isinstance(data, dict)]
    bare = [children for children in held if isinstance(children, list) and all(map(_is_more, children))]
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
    if isinstance(opened := found.get("json"), dict) and opened.get("errors"):
        return f"an error ({str(opened['errors'])[:100]})"
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
    short = _id36(data)
    link = urljoin(SITE, _string(data, "permalink") or (f"/comments/{short}/" if short else ""))
    post = Post(
        id=_name("t3", data),
        url=link,
        text="",
        title=" ".join(_string(data, "title", escaped).split()),
        thread_id=_name("t3", data),
        thread_url=link,
        replies=_number(data.get("num_comments")),
        facts=_facts(data, escaped),
    )
    if _is_withdrawn(data):
        bare = urljoin(SITE, _bare_path(data))
        return _erased(replace(_dated(post, data), url=bare, thread_url=bare))
    text, quotes = read_markdown(_selftext(data, escaped))
    told = "\n\n".join(filter(None, [text, "\n".join(_other_words(data, escaped))]))
    return replace(_dated(post, data), text=told, quotes=quotes, **_who(data))


def _is_withdrawn(data: Thing) -> bool:
    """Whether a submission was deleted or removed: in its state, its text or its title."""
    words = (_string(data, "selftext"), _string(data, "title"))
    return bool(data.get("removed_by_category")) or any(map(_WITHDRAWN.match, words))


def _bare_path(data: Thing) -> str:
    """Where a submission is, without the words of its title and its author's name."""
    board = _string(data, "subreddit")
    place = f"/r/{board}" if board and not board.startswith("u_") else ""
    return f"{place}/comments/{_id36(data)}/"


def _selftext(data: Thing, escaped: bool) -> str:
    """The text; a crosspost may repeat that of the post it shows, which is somebody else's."""
    parents = data.get("crosspost_parent_list")
    first = parents[0] if isinstance(parents, list) and parents else None
    own = _string(data, "selftext", escaped)
    return "" if isinstance(first, dict) and own == _string(first, "selftext", escaped) else own


def _other_words(data: Thing, escaped: bool) -> Iterator[str]:
    """What an author writes beside the text: the options of a poll, the captions of a gallery."""
    if data.get("crosspost_parent"):
        return
    for field, parts, words in (("poll_data", "options", "text"), ("gallery_data", "items", "caption")):
        holder = data.get(field)
        told = holder.get(parts) if isinstance(holder, dict) else None
        for one in told if isinstance(told, list) else ():
            if isinstance(one, dict) and (said := " ".join(_string(one, words, escaped).split())):
                yield said


def _comment(data: Thing, escaped: bool, titles: Mapping[str, str]) -> Post:
    link, thread = _places(data)
    parent = _string(data, "link_id")
    title = titles.get(parent) or _string(data, "link_title")
    title = "" if _WITHDRAWN.match(title) else title
    post = Post(
        id=_name("t1", data),
        url=link,
        text="",
        title=" ".join((html.unescape(title) if escaped else title).split()),
        thread_id=parent or _thread_id(thread),
        thread_url=thread,
        facts=_facts(data, escaped),
    )
    words = _string(data, "body", escaped)
    if _WITHDRAWN.match(words):
        return _erased(_dated(post, data))
    text, quotes = read_markdown(words)
    return replace(_dated(post, data), text=text, quotes=quotes, **_who(data))


def _dated(post: Post, data: Thing) -> Post:
    """The post with its instants and votes; a hidden score is told as 1 and is none."""
    published, edited = _instant(data.get("created_utc")), _instant(data.get("edited"))
    return replace(
        post,
        published_at=published,
        date_precision="second" if published else "unknown",
        edited_at=edited if edited != published else None,
        votes=None if data.get("score_hidden") is True else _number(data.get("score")),
    )


def _erased(post: Post) -> Post:
    """What is left of a deleted or removed post: that it was there, and who removed it."""
    facts = {name: value for name, value in post.facts.items() if name not in WORDS}
    return replace(post, title="", facts=facts, deleted=True, erased=True)


def _facts(data: Thing, escaped: bool) -> dict[str, str | int | bool]:
    """What else is told; what is empty or False is left out."""
    board = _string(data, "subreddit")
    told: dict[str, str | int | bool] = {
        "subreddit": "" if board.startswith("u_") else board,  # a user's own place is the user's name
        "flair": _string(data, "link_flair_text", escaped),
        "link": _link(data, escaped),
        "crosspost_parent": _string(data, "crosspost_parent"),
        "removed_by": _string(data, "removed_by_category"),
        "over_18": data.get("over_18") is True,
        "locked": True in (data.get("locked"), data.get("archived")),
    }
    cut = {name: _safe(value) if isinstance(value, str) else value for name, value in told.items()}
    return {name: value for name, value in cut.items() if value}


def _safe(words: str) -> str:
    """One line that any store takes."""
    return " ".join(words.encode("utf-8", "replace").decode().replace("\0", "").split())[:LONGEST_FACT]


def _link(data: Thing, escaped: bool) -> str:
    """Where a link post leads, unless that is the post itself or what it shows of another."""
    target = _string(data, "url_overridden_by_dest", escaped) or _string(data, "url", escaped)
    own = data.get("is_self") is True or data.get("crosspost_parent") or _id36(data) in target.split("/")
    return target if target.startswith(("http://", "https://")) and not own else ""


def _number(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 2**31 else None


def _who(data: Thing) -> dict[str, Any]:
    """The author; of a deleted account nothing may be kept either."""
    return {"author": _author(data), "erased": bool(_WITHDRAWN.match(_string(data, "author")))}


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
