"""Things as Reddit's API writes them: submissions, comments, listings, threads with `more` stubs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

Thing = dict[str, Any]
SHOWN, DEPTH, MOST_SHOWN = 200, 10, 500  # comments of a thread at once; Reddit's defaults and its most


def submission(number: int, at: datetime, board: str = "werkzeug", **more: Any) -> Thing:
    """A self post; `number` makes its id, any field of Reddit's may be given."""
    short = f"p{number:06}"
    data = {
        "id": short,
        "name": f"t3_{short}",
        "subreddit": board,
        "author": "saegefix",
        "title": f"Titel {number}",
        "selftext": f"Text {number}",
        "permalink": f"/r/{board}/comments/{short}/titel_{number}/",
        "created_utc": at.timestamp(),
        "edited": False,
        "is_self": True,
    }
    return {"kind": "t3", "data": {**data, **more}}


def comment(number: int, at: datetime, on: Thing, **more: Any) -> Thing:
    """A comment on a submission, or a reply to a comment."""
    short, above = f"c{number:06}", on["data"]
    thread = above.get("link_id", above["name"])
    path = above["permalink"] if "title" in above else above["permalink"].removesuffix(f"{above['id']}/")
    data = {
        "id": short,
        "name": f"t1_{short}",
        "subreddit": above["subreddit"],
        "author": "hobelhilde",
        "body": f"Kommentar {number}",
        "link_id": thread,
        "link_title": above.get("title", above.get("link_title")),
        "parent_id": above["name"],
        "permalink": f"{path}{short}/",
        "created_utc": at.timestamp(),
        "edited": False,
        "replies": "",
    }
    return {"kind": "t1", "data": {**data, **more}}


def listing(children: list[Thing], after: str | None = None, before: str | None = None) -> Thing:
    return {"kind": "Listing", "data": {"children": children, "after": after, "before": before}}


def thread_page(post: Thing, comments: Iterable[Thing], query: Mapping[str, str]) -> list[Thing]:
    """`/comments/ID`: the post, and its comments until `limit` and `depth` are reached, then stubs."""
    top = post["data"]["name"]
    below = _by_parent(one for one in comments if one["data"]["link_id"] == top)
    left = [min(int(query.get("limit", SHOWN)), MOST_SHOWN)]
    depth = min(int(query.get("depth", DEPTH)), DEPTH)
    if "comment" in query:  # one comment with what is below it
        only = [one for ones in below.values() for one in ones if one["data"]["id"] == query["comment"]]
        below["focus"], top = only, "focus"
    return [listing([post]), listing(_tree(top, below, left, depth, 0))]


def _by_parent(comments: Iterable[Thing]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for one in comments:
        found.setdefault(one["data"]["parent_id"], []).append(one)
    return found


def _tree(
    parent: str, below: Mapping[str, list[Thing]], left: list[int], depth: int, level: int
) -> list[Thing]:
    children = below.get(parent, [])
    if children and level == depth:
        return [_stub(parent, level, below, [])]
    shown: list[Thing] = []
    for number, one in enumerate(children):
        if left[0] <= 0:
            return [*shown, _stub(parent, level, below, children[number:])]
        left[0] -= 1
        replies = _tree(one["data"]["name"], below, left, depth, level + 1)
        data = {**one["data"], "depth": level, "replies": listing(replies) if replies else ""}
        shown.append({"kind": "t1", "data": data})
    return shown


def _stub(parent: str, level: int, below: Mapping[str, list[Thing]], hidden: list[Thing]) -> Thing:
    """What stands for comments not shown; without children it says that the thread goes on elsewhere."""
    shorts = [one["data"]["id"] for one in hidden]
    count = sum(1 for one in hidden for _ in _family(one, below))
    first = shorts[0] if shorts else "_"
    data = {"id": first, "name": f"t1_{first}", "parent_id": parent, "depth": level}
    return {"kind": "more", "data": data | {"count": count, "children": shorts}}


def _family(one: Thing, below: Mapping[str, list[Thing]]) -> Iterator[Thing]:
    yield one
    for child in below.get(one["data"]["name"], []):
        yield from _family(child, below)


def more_children(comments: Iterable[Thing], query: Mapping[str, str]) -> Thing:
    """`/api/morechildren`: the children asked for (100 at most) with what is below them, flat, then stubs."""
    below = _by_parent(one for one in comments if one["data"]["link_id"] == query.get("link_id"))
    wanted = query.get("children", "").split(",")[:100]
    asked = [one for ones in below.values() for one in ones if one["data"]["id"] in wanted]
    family = [member for one in asked for member in _family(one, below)]
    flat = list({one["data"]["name"]: one for one in family}.values())
    stubs = [_stub(one["data"]["parent_id"], 0, below, [one]) for one in flat[SHOWN:] if one in asked]
    shown = [{"kind": "t1", "data": {**one["data"], "replies": ""}} for one in flat[:SHOWN]]
    return {"json": {"errors": [], "data": {"things": [*shown, *stubs]}}}
