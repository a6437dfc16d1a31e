"""The demo's Reddit: the part of the API that PRAW asks for, in the shapes Reddit answers with."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from typing import Any

from listener.demo.answer import Answer, Asked, data, page
from listener.demo.posts import COMMENT_STEP, FIRST_COMMENT, Reddit, Said, Submission, base36

CLIENT_ID, CLIENT_SECRET = "demo-client", "demo-secret"
TOKEN = "demo-token"
DELETED = "[deleted]"
WINDOW = 600  # Reddit grants 600 requests in ten minutes
PATHS = re.compile(r"/(?:r/(?P<subs>[\w+]+)/)?(?P<what>new|comments|search|api/info|about)/?")
THREAD = re.compile(r"/(?:r/\w+/)?comments/(?P<id>[0-9a-z]+)(?:/.*)?")

Thing = dict[str, Any]


def token(asked: Asked) -> Answer:
    """The answer to POST /api/v1/access_token."""
    expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if asked.headers.get("authorization", "") != f"Basic {expected}":
        return data({"message": "Unauthorized", "error": 401}, 401)
    return data({"access_token": TOKEN, "token_type": "bearer", "expires_in": 86400, "scope": "*"})


def respond(reddit: Reddit, asked: Asked, used: int) -> Answer:
    """A listing, a search, a thread; `used` requests of the window are spent."""
    thread = THREAD.fullmatch(asked.path)
    if asked.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
        shown = _thread(reddit, thread["id"]) if thread else None
        return _read_by_people(shown) if shown else data({"message": "Unauthorized", "error": 401}, 401)
    found = PATHS.fullmatch(asked.path)
    answer: Thing | list[Thing] | None
    answer = _answer(reddit, asked, found["what"], found["subs"]) if found else None
    if thread and (shown := _thread(reddit, thread["id"])):
        answer = [_listing([_submission(shown)]), _listing([_comment(shown, c) for c in shown.comments])]
    spent = used % (WINDOW // 2)
    limits = {"x-ratelimit-used": str(spent), "x-ratelimit-remaining": f"{WINDOW - spent}.0"}
    headers = {**limits, "x-ratelimit-reset": str(WINDOW // 2), "cache-control": "private, max-age=0"}
    return (
        data(answer, headers=headers)
        if answer
        else data({"message": "Not Found", "error": 404}, 404, headers)
    )


def _answer(reddit: Reddit, asked: Asked, what: str, subs: str | None) -> Thing | None:
    inside = _inside(reddit, subs)
    if what == "api/info":
        names = asked.query.get("id", "").split(",")
        return _listing([thing for thing in _things(reddit.submissions) if thing["data"]["name"] in names])
    if what == "about":
        return {"kind": "t5", "data": {"display_name": subs, "id": _sub_id(subs or ""), "name": f"t5_{subs}"}}
    if not inside:
        return None
    if what == "search":
        inside = [s for s in inside if holds(s.post, asked.query.get("q", ""))]
    wanted = "t1" if what == "comments" else "t3"
    return _page([thing for thing in _things(inside) if thing["kind"] == wanted], asked)


def _inside(reddit: Reddit, subs: str | None) -> list[Submission]:
    """The submissions of the named subreddits (`a+b`); without a name, or with `all`, of every one."""
    names = (subs or "all").casefold().split("+")
    return [s for s in reddit.submissions if "all" in names or s.sub.casefold() in names]


def holds(post: Said, query: str) -> bool:
    """Reddit's search finds all words of the query, as whole words, in title or text."""
    words = re.findall(r"\w+", f"{post.title} {post.text}".casefold())
    return all(word in words for word in re.findall(r"\w+", query.casefold()))


def _page(things: Sequence[Thing], asked: Asked) -> Thing:
    """One page, newest first: `limit` things after, or right before, a named one."""
    newest = sorted(
        things, key=lambda thing: (thing["data"]["created_utc"], thing["data"]["name"]), reverse=True
    )
    names = [thing["data"]["name"] for thing in newest]
    limit = min(asked.number("limit", 25), 100)
    after, before = asked.query.get("after"), asked.query.get("before")
    if before:
        end = names.index(before) if before in names else 0
        start = max(0, end - limit)
    else:
        start = names.index(after) + 1 if after in names else (len(names) if after else 0)
        end = min(len(names), start + limit)
    shown = newest[start:end]
    more = names[end - 1] if end < len(names) and shown else None
    return _listing(shown, after=more, before=names[start] if start and shown else None)


def _listing(children: Sequence[Thing], after: str | None = None, before: str | None = None) -> Thing:
    frame = {"after": after, "before": before, "dist": len(children), "modhash": None, "geo_filter": ""}
    return {"kind": "Listing", "data": {**frame, "children": list(children)}}


def _things(submissions: Sequence[Submission]) -> list[Thing]:
    comments = [_comment(s, comment) for s in submissions for comment in s.comments]
    return [*(_submission(s) for s in submissions), *comments]


def _thread(reddit: Reddit, short: str) -> Submission | None:
    return next((s for s in reddit.submissions if s.post.id == f"t3_{short}"), None)


def _submission(submission: Submission) -> Thing:
    post = submission.post
    path = address(submission)
    fields = {
        "title": post.title,
        "selftext": DELETED if post.deleted else post.text,
        "selftext_html": _html(post),
        "is_self": True,
        "domain": f"self.{submission.sub}",
        "url": f"https://www.reddit.com{path}",
        "permalink": path,
        "num_comments": len(submission.comments),
        "upvote_ratio": 0.9,
        "link_flair_text": None,
        "removed_by_category": "deleted" if post.deleted else None,
    }
    return {"kind": "t3", "data": {**_common(submission, post), **fields}}


def _comment(submission: Submission, comment: Said) -> Thing:
    link = submission.post
    fields = {
        "body": DELETED if comment.deleted else comment.text,
        "body_html": _html(comment),
        "link_id": link.id,
        "parent_id": link.id,
        "link_title": link.title,
        "link_author": DELETED if link.deleted else link.author,
        "link_permalink": f"https://www.reddit.com{address(submission)}",
        "link_url": f"https://www.reddit.com{address(submission)}",
        "permalink": f"{address(submission)}{comment.id[3:]}/",
        "is_submitter": comment.author == link.author,
        "replies": "",
        "collapsed": comment.deleted,
        "controversiality": 0,
        "num_comments": len(submission.comments),
    }
    return {"kind": "t1", "data": {**_common(submission, comment), **fields}}


def _common(submission: Submission, said: Said) -> Thing:
    created = float(int(said.at.timestamp()))
    gone = said.deleted
    return {
        "id": said.id[3:],
        "name": said.id,
        "author": DELETED if gone else said.author,
        "author_fullname": None if gone else f"t2_{_sub_id(said.author)}",
        "subreddit": submission.sub,
        "subreddit_id": f"t5_{_sub_id(submission.sub)}",
        "subreddit_name_prefixed": f"r/{submission.sub}",
        "subreddit_type": "public",
        "created": created,
        "created_utc": created,
        "edited": float(int(said.edited_at.timestamp())) if said.edited_at else False,
        "score": 1 + len(said.text) % 17,
        "ups": 1 + len(said.text) % 17,
        "downs": 0,
        "over_18": False,
        "stickied": False,
        "locked": False,
        "archived": False,
        "saved": False,
        "likes": None,
        "distinguished": None,
        "gilded": 0,
    }


def address(submission: Submission) -> str:
    """The path of a submission."""
    slug = "_".join(re.findall(r"\w+", submission.post.title.lower()))[:50]
    return f"/r/{submission.sub}/comments/{submission.post.id[3:]}/{slug}/"


def next_comment(reddit: Reddit) -> str:
    """The next comment's id."""
    number = sum(len(submission.comments) for submission in reddit.submissions)
    return f"t1_{base36(FIRST_COMMENT + number * COMMENT_STEP)}"


def _html(said: Said) -> str:
    body = "".join(f"<p>{escape(part)}</p>\n\n" for part in said.text.split("\n\n"))
    return f'<!-- SC_OFF --><div class="md">{DELETED if said.deleted else body}</div><!-- SC_ON -->'


def _sub_id(name: str) -> str:
    return "".join(f"{ord(letter) % 36:x}" for letter in name[:6])


def _read_by_people(submission: Submission) -> Answer:
    said = [submission.post, *submission.comments]
    texts = "".join(f"<li>{_html(post)}</li>" for post in said)
    return page(f"<!DOCTYPE html><title>{escape(submission.post.title)}</title><ul>{texts}</ul>")
