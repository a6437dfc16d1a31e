"""Lemmy, Flarum and Askbot read run by run from small servers that answer as they do; texts are invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.board import Forum, Reader, Thread
from tests.discourse import answer
from tests.world import Reply, Request, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Lemmy(Forum):
    """The first of a thread's posts is the post, the others are its comments."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        start = "<html><body><div id='root'></div><script>window.isoData={}</script>Lemmy</body></html>"
        api = {"post": self._post_view, "post/list": self._list, "comment/list": self._comments}
        routes = {f"/api/v3/{name}": route for name, route in api.items()}
        self.world = World({"/": html(start), **routes, "/api/v3/search": self._search})

    @property
    def url(self) -> str:
        return f"{self.world.url}/"

    def ids(self, since: datetime | None = None) -> set[str]:
        firsts = {f"p{thread.id}" for thread in self.threads.values()}
        return firsts | {f"c{name}" for one in self.threads.values() for name, _ in one.posts[1:]}

    def _view(self, thread: Thread) -> dict[str, Any]:
        at = thread.posts[0][1].isoformat()
        counts = {"comments": len(thread.posts) - 1, "newest_comment_time": thread.last_at.isoformat()}
        post = {"id": thread.id, "name": thread.title, "body": "Wer weiß Rat?", "published": at}
        return {"post": post, "counts": counts, "community": {"name": "werkzeug"}, "creator": self._who()}

    def _who(self) -> dict[str, Any]:
        return {"name": "ida", "local": True, "actor_id": "https://l.example/u/ida"}

    def _comment(self, thread: Thread, name: int, at: datetime) -> dict[str, Any]:
        comment = {"id": name, "content": f"Beitrag {name}", "published": at.isoformat(), "path": f"0.{name}"}
        return {"comment": comment, **self._view(thread)}

    def _post_view(self, request: Request) -> Reply:
        return answer({"post_view": self._view(self.threads[int(request.query["id"])])})

    def _list(self, request: Request) -> Reply:
        there = self.there(3)
        page, limit = int(request.query.get("page", 1)), int(request.query["limit"])
        return answer({"posts": [self._view(one) for one in there[(page - 1) * limit : page * limit]]})

    def _comments(self, request: Request) -> Reply:
        thread, page = self.threads[int(request.query["post_id"])], int(request.query["page"])
        limit = int(request.query["limit"])
        shown = thread.posts[1:][(page - 1) * limit : page * limit]
        return answer({"comments": [self._comment(thread, *post) for post in shown]})

    def _search(self, request: Request) -> Reply:
        threads = sorted(self.threads.values(), key=lambda one: one.posts[0][1], reverse=True)
        rows = [(thread, *post) for thread in threads for post in thread.posts[1:]]
        rows.sort(key=lambda row: row[2], reverse=True)
        posts = [self._view(one) for one in threads[:50]]
        return answer(
            {"posts": posts, "comments": [self._comment(*row) for row in rows[:50]], "type_": "All"}
        )


class Flarum(Forum):
    """Discussions and posts; its pages carry what the API would answer."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.closed = False
        self.world = World({"/api/discussions": self._list, "/api/posts": self._posts, "*": self._page})

    @property
    def url(self) -> str:
        return f"{self.world.url}/"

    def _one(self, thread: Thread, name: int, at: datetime) -> dict[str, Any]:
        has = {"number": name, "createdAt": at.isoformat(), "contentType": "comment"}
        has["contentHtml"] = f"<p>Beitrag {name}</p>"
        link = {"discussion": {"data": {"type": "discussions", "id": str(thread.id)}}}
        return {"type": "posts", "id": str(name), "attributes": has, "relationships": link}

    def _discussion(self, thread: Thread) -> dict[str, Any]:
        has = {"title": thread.title, "slug": f"{thread.id}-bohrer", "commentCount": len(thread.posts)}
        has["lastPostedAt"] = thread.last_at.isoformat()
        ids = [{"type": "posts", "id": str(name)} for name, _ in thread.posts]
        links = {"posts": {"data": ids}}
        return {"type": "discussions", "id": str(thread.id), "attributes": has, "relationships": links}

    def _part(self, request: Request, rows: list[dict[str, Any]]) -> Reply:
        start, size = int(request.query.get("page[offset]", 0)), int(request.query["page[limit]"])
        more = {"next": "x"} if len(rows) > start + size else {}
        included = [self._discussion(thread) for thread in self.threads.values()]
        return answer({"data": rows[start : start + size], "links": more, "included": included})

    def _list(self, request: Request) -> Reply:
        if self.closed:
            return Reply(b'{"errors": [{"code": "permission_denied"}]}', 403)
        return self._part(request, [self._discussion(thread) for thread in self.there(3)])

    def _posts(self, request: Request) -> Reply:
        if self.closed:
            return Reply(b'{"errors": [{"code": "permission_denied"}]}', 403)
        name = request.query.get("filter[discussion]")
        threads = [self.threads[int(name)]] if name else list(self.threads.values())
        rows = [(thread, *post) for thread in threads for post in thread.posts]
        rows.sort(key=lambda row: row[1], reverse=not name)
        return self._part(request, [self._one(*row) for row in rows])

    def _page(self, request: Request) -> Reply:
        named = re.match(r"/d/(\d+)", request.path)
        thread = self.threads.get(int(named[1])) if named else None
        if thread is None:
            document = answer({"data": [self._discussion(one) for one in self.there(3)], "links": {}})
        else:
            page = int(request.query.get("page", 1))
            shown = [self._one(thread, *post) for post in thread.posts[(page - 1) * 20 : page * 20]]
            document = answer({"data": self._discussion(thread), "included": shown})
        payload = f'{{"apiDocument": {document.body.decode()}}}'.replace("<", "\\u003c")
        script = f'<script id="flarum-json-payload" type="application/json">{payload}</script>'
        return html(f"<html><body><div id='flarum-loading'></div>{script}</body></html>")


INFO = '<div class="post-update-info"><abbr class="timeago" title="{at}">{at}</abbr></div>'
POST = '<div class="post {kind}" data-post-id="{id}">{info}<div class="post-body"><p>Beitrag {id}</p></div></div>'


class Askbot(Forum):
    """Questions are listed by the API; their pages show the answers, ten at a time."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        start = "<html><script>var askbot = {};</script><div class='short-summary' id='question-1'>Frage</div></html>"
        self.world = World({"/": html(start), "/api/v1/questions/": self._list, "*": self._question})

    @property
    def url(self) -> str:
        return f"{self.world.url}/"

    def _list(self, request: Request) -> Reply:
        there, page = self.there(3), int(request.query.get("page", 1))
        rows = [
            {"id": one.posts[0][0], "url": f"{self.world.url}/question/{one.posts[0][0]}/x/"}
            | {"title": one.title, "answer_count": len(one.posts) - 1}
            | {"last_activity_at": str(int(one.last_at.timestamp()))}
            for one in there[(page - 1) * 10 : page * 10]
        ]
        return answer({"questions": rows, "pages": -(-len(there) // 10), "count": len(there)})

    def _question(self, request: Request) -> Reply:
        name = int(request.path.split("/")[2])
        thread = next(one for one in self.threads.values() if one.posts[0][0] == name)
        page, answers = int(request.query.get("page", 1)), thread.posts[1:]
        shown = [thread.posts[0], *answers[(page - 1) * 10 : page * 10]]
        posts = "".join(
            POST.format(
                kind="question" if one == name else "answer", id=one, info=INFO.format(at=at.isoformat())
            )
            for one, at in shown
        )
        link = f'<a href="/question/{name}/x/?sort=oldest&amp;page={page + 1}">n</a>'
        pages = f'<div class="paginator" data-num-pages="{-(-len(answers) // 10)}">'
        pages += f'<span class="curr" data-page="{page}">{page}</span><span data-page="{page + 1}">{link}</span></div>'
        heading = f'<h1><a href="/question/{name}/x/">{thread.title}</a></h1>'
        return html(f"<html><script>var askbot = {{}};</script>{heading}{posts}{pages}</html>")


def read_all(reader: Reader, wanted: int) -> None:
    """Some runs, as many as a backfill takes."""
    for _ in range(6):
        reader.run()
    assert len(reader.posts) == wanted


@pytest.fixture(params=[Lemmy, Flarum], ids=["lemmy", "flarum"])
def forum(request: pytest.FixtureRequest) -> Iterator[Forum]:
    served: Forum = request.param(NOW)
    with served.world:
        yield served


def test_all_posts_are_read_and_then_only_what_is_new(forum: Forum) -> None:
    long = forum.thread(posts=130, at=NOW - 2 * HOUR)
    for number in range(5):
        forum.thread(posts=49 + number, at=NOW - (10 + number) * HOUR)
    reader = Reader(forum, pages=50, backfill=timedelta(days=200))
    read_all(reader, len(forum.ids()))
    assert reader.posts == forum.ids()
    known = set(reader.posts)
    forum.now += HOUR
    forum.reply(long)
    forum.thread(posts=1)
    asked = reader.run()
    assert reader.posts == forum.ids()
    told = {post.id for post in reader.batches[0].posts}
    assert reader.posts - known <= told, "the first answer holds what is new in all threads"
    assert not any("post/list" in path or "discussions" in path for path in asked)


def test_a_thread_as_the_source(forum: Forum) -> None:
    long = forum.thread(posts=120, at=NOW - HOUR)
    forum.thread(posts=2, at=NOW - HOUR)
    place = f"{forum.world.url}/post/{long.id}" if isinstance(forum, Lemmy) else f"{forum.url}d/{long.id}-x"
    forum.world.routes.setdefault(f"/post/{long.id}", forum.world.routes.get("/", ""))
    reader = Reader(forum, place, pages=50, backfill=timedelta(days=200))
    count = len(long.posts)
    read_all(reader, count)
    forum.now += HOUR
    forum.reply(long)
    asked = reader.run()
    assert len(reader.posts) == count + 1 and len(asked) == 1


def test_a_flarum_whose_api_is_closed_to_guests_is_read_from_its_pages() -> None:
    forum = Flarum(NOW)
    forum.closed = True
    with forum.world:
        for number in range(3):
            forum.thread(posts=2 + 20 * number, at=NOW - (2 + number) * HOUR)
        reader = Reader(forum, pages=50, backfill=timedelta(days=200))
        read_all(reader, len(forum.ids()))
        assert reader.posts == forum.ids()


def test_an_askbot_is_listed_by_its_api_and_read_from_its_pages() -> None:
    forum = Askbot(NOW)
    with forum.world:
        threads = [forum.thread(posts=1 + 8 * number, at=NOW - (2 + number) * HOUR) for number in range(5)]
        reader = Reader(forum, pages=50, backfill=timedelta(days=200))
        read_all(reader, len(forum.ids()))
        assert reader.posts == forum.ids()
        forum.now += HOUR
        fresh = forum.reply(threads[4])
        asked = reader.run()
        assert asked[0].startswith("/api/v1/questions/") and asked[1].endswith("page=4")
        assert str(fresh) in reader.posts
