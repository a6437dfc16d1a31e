"""A small forum that answers with pages as phpBB's prosilver writes them; texts are invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

from collectors.forum import collect
from collectors.http import HttpClient
from listener.model import Batch, Post, Source
from tests.world import Reply, Request, World, html

SOURCE = Source("werkstatt", "forum", allow_private=True, delay=timedelta(0))
PER_PAGE = 10
PER_LISTING = 25

PAGE = """<!DOCTYPE html><html dir="ltr" lang="de"><head><meta charset="utf-8"><title>{title}</title></head>
<body id="phpbb" class="nojs notouch section-{section} ltr"><div id="wrap" class="wrap">
<div id="page-body" class="page-body" role="main">{body}</div>
<div class="copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a>&reg; Forum Software</div>
</div></body></html>"""

POST = """<div id="p{id}" class="post has-profile bg2"><div class="inner">
<dl class="postprofile"><dt><a href="./memberlist.php?u=7" class="username">{author}</a></dt></dl>
<div class="postbody"><div id="post_content{id}"><h3><a href="#p{id}">Re: {title}</a></h3>
<p class="author"><a class="unread" href="./viewtopic.php?p={id}#p{id}" title="Beitrag"><span>Beitrag</span></a>
<span class="responsive-hide">von <strong><a href="./memberlist.php?u=7" class="username">{author}</a></strong>
&raquo; </span><time datetime="{at}">{at}</time></p>
<div class="content">{text}</div></div></div></div></div>"""

ROW = """<li class="row bg1{sticky}"><dl class="row-item topic_read{kind}"><dt><div class="list-inner">
<a href="./viewtopic.php?t={id}&amp;sid={sid}" class="topictitle">{title}</a>{pages}</div></dt>
<dd class="posts">{replies} <dfn>Antworten</dfn></dd><dd class="views">9 <dfn>Zugriffe</dfn></dd>
<dd class="lastpost"><span><dfn>Letzter Beitrag </dfn>von <a href="./memberlist.php?u=7" class="username">heidi</a>
<br /><time datetime="{at}">{at}</time></span></dd></dl></li>"""


@dataclass
class Thread:
    """One thread: `posts` are (id, instant) in the order of writing."""

    id: int
    title: str
    forum: int = 3
    sticky: bool = False
    shadow: int | None = None  # the board it was moved from shows a row that leads here
    also: tuple[int, ...] = ()  # boards that show it too
    posts: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def last_at(self) -> datetime:
        return max(at for _, at in self.posts)


class Forum:
    """A forum whose clock the test sets; use `with forum.world:`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.threads: dict[int, Thread] = {}
        self.forums = {3: "Werkstatt"}
        self.texts: dict[int, str] = {}
        self.merged: dict[int, int] = {}
        self.world = World(
            {
                "/viewforum.php": self._listing,
                "/viewtopic.php": self._topic,
                "/search.php": self._found,
                "/": self._index,
            }
        )
        self._last_thread = self._last_post = 0

    @property
    def url(self) -> str:
        return f"{self.world.url}/viewforum.php?f=3"

    def thread(self, posts: int = 1, at: datetime | None = None, **options: object) -> Thread:
        """Start a thread with some posts, the last one at `at`, a day between two."""
        self._last_thread += 1
        thread = Thread(self._last_thread, f"Bohrer {self._last_thread}", **options)  # type: ignore[arg-type]
        self.threads[thread.id] = thread
        for back in reversed(range(posts)):
            self.reply(thread, (at or self.now) - timedelta(days=back))
        return thread

    def reply(self, thread: Thread, at: datetime | None = None) -> int:
        self._last_post += 1
        thread.posts.append((self._last_post, at or self.now))
        return self._last_post

    def ids(self, since: datetime | None = None) -> set[str]:
        """The ids of all posts that stand in the forum."""
        posts = [post for thread in self.threads.values() for post in thread.posts]
        return {str(name) for name, at in posts if since is None or at >= since}

    def _index(self, request: Request) -> Reply:
        links = "".join(
            f'<li class="row"><a href="./viewforum.php?f={name}" class="forumtitle">{title}</a></li>'
            for name, title in self.forums.items()
        )
        body = f'<ul class="topiclist forums">{links}</ul>'
        return html(PAGE.format(title="Forum", section="index", body=body))

    def there(self, number: int) -> list[Thread]:
        """The threads of a board in its order."""
        threads = self.threads.values()
        shown = [one for one in threads if number in (one.forum, one.shadow, *one.also) and one.posts]
        return sorted(shown, key=lambda thread: (thread.sticky, thread.last_at, thread.id), reverse=True)

    def _listing(self, request: Request) -> Reply:
        number = int(request.query["f"])
        return self._rows(request, f"./viewforum.php?f={number}", self.there(number), number)

    def _found(self, request: Request) -> Reply:
        """What a search found, by the threads' titles."""
        there = sorted((one for one in self.threads.values() if one.posts), key=lambda one: one.title[::-1])
        return self._rows(request, "./search.php?keywords=bohrer", there)

    def _rows(self, request: Request, address: str, there: list[Thread], number: int = 0) -> Reply:
        start = _clipped(int(request.query.get("start", 0)), len(there), PER_LISTING)
        rows = "".join(self._row(thread, number) for thread in there[start : start + PER_LISTING])
        pages = _pagination(address, start, len(there), PER_LISTING, "Themen")
        body = f'{pages}<ul class="topiclist topics">{rows}</ul>'
        return html(PAGE.format(title="Board", section="viewforum", body=body))

    def _row(self, thread: Thread, number: int) -> str:
        offsets = range(0, len(thread.posts), PER_PAGE)
        links = "".join(
            f'<li><a class="button" href="./viewtopic.php?t={thread.id}&amp;start={offset}">{offset // 10 + 1}</a></li>'
            for offset in (*offsets[:1], *offsets[1:][-3:])
        )
        return ROW.format(
            id=thread.id,
            sid="a" * 32,
            title=escape(thread.title),
            replies=len(thread.posts) - 1,
            at=thread.last_at.isoformat(),
            sticky=" sticky" if thread.sticky else "",
            kind=" topic_moved" if number and number == thread.shadow else "",
            pages=f'<div class="pagination"><ul>{links}</ul></div>' if len(offsets) > 1 else "",
        )

    def _topic(self, request: Request) -> Reply:
        number = int(request.query["t"])
        if number in self.merged:
            return Reply(status=301, headers={"location": f"/viewtopic.php?t={self.merged[number]}"})
        thread = self.threads.get(number)
        if thread is None or not thread.posts:
            body = '<div class="panel" id="message"><p>Das gewählte Thema existiert nicht.</p></div>'
            return html(PAGE.format(title="Information", section="message", body=body), 404)
        start = _clipped(int(request.query.get("start", 0)), len(thread.posts), PER_PAGE)
        posts = "".join(self._post(thread, *post) for post in thread.posts[start : start + PER_PAGE])
        address = f"./viewtopic.php?t={thread.id}"
        pages = _pagination(address, start, len(thread.posts), PER_PAGE, "Beiträge")
        heading = f'<h2 class="topic-title"><a href="{address}">{escape(thread.title)}</a></h2>'
        return html(PAGE.format(title=thread.title, section="viewtopic", body=heading + pages + posts))

    def _post(self, thread: Thread, name: int, at: datetime) -> str:
        text = self.texts.get(name) or f"Beitrag {name}: der Akku hält den ganzen Tag."
        return POST.format(id=name, author="heidi", title=thread.title, at=at.isoformat(), text=text)


def _clipped(start: int, count: int, size: int) -> int:
    """phpBB shows the last page for anything beyond the end."""
    return min(start, max(count - 1, 0)) // size * size


def _pagination(address: str, start: int, count: int, size: int, what: str) -> str:
    pages, page = max(1, -(-count // size)), start // size + 1
    if pages == 1:
        return f'<div class="pagination">{count} {what} &bull; Seite <strong>1</strong> von <strong>1</strong></div>'
    shown = [number for number in range(1, pages + 1) if number in (1, pages) or abs(number - page) < 4]
    items = "".join(_item(address, number, page, size) for number in shown)
    after = f'<li class="arrow next"><a class="button" href="{address}&amp;start={page * size}" rel="next">Nächste</a></li>'
    return f'<div class="pagination">{count} {what}<ul>{items}{after if page < pages else ""}</ul></div>'


def _item(address: str, number: int, page: int, size: int) -> str:
    if number == page:
        return f'<li class="active"><span>{number}</span></li>'
    return f'<li><a class="button" href="{address}&amp;start={(number - 1) * size}">{number}</a></li>'


class Reader:
    """Reads a forum run by run and keeps what a store would keep: the posts and the last state."""

    def __init__(self, forum: Forum, url: str = "", **options: Any) -> None:
        self.forum, self.url, self.options = forum, url or forum.url, options
        self.state: Mapping[str, Any] = {}
        self.posts: set[str] = set()
        self.last: dict[str, Post] = {}
        self.complete_since: datetime | None = None
        self.batches: list[Batch] = []

    def run(self, kill_after: int | None = None) -> list[str]:
        """One run, perhaps ended after some batches; returns the pages it asked for."""
        before = len(self.forum.world.paths)
        self.batches = []
        with HttpClient(contact="ears@example.com", now=lambda: self.forum.now) as http:
            for batch in collect(SOURCE, self.state, http, url=self.url, **self.options):
                if kill_after is not None and len(self.batches) >= kill_after:
                    break
                self._keep(batch)
        return self.forum.world.paths[before:]

    def _keep(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.state = json.loads(json.dumps(batch.state))
        self.posts |= {post.id for post in batch.posts}
        self.last |= {post.id: post for post in batch.posts}
        self.complete_since = batch.complete_since

    def until_quiet(self, most: int = 60) -> int:
        """Run until a run finds nothing; returns the number of runs."""
        for count in range(1, most):
            before = self.state
            self.run()
            if self.state == before and not any(batch.posts for batch in self.batches):
                return count
        raise AssertionError("never quiet")
