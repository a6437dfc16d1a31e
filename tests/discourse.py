"""A small forum that answers as Discourse's JSON does: latest topics, topics, newest posts; texts are invented."""

from __future__ import annotations

import json
from typing import Any

from tests.board import Forum, Thread
from tests.world import Reply, Request, World, html

PER_TOPIC = 20
PER_LATEST = 30
PER_POSTS = 50
START = '<html><head><meta name="generator" content="Discourse 3.2.0"></head><body>Discourse</body></html>'


class Discourse(Forum):
    """The same life as a phpBB's, shown by another program; its source is the start page."""

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.world = World({"/": html(START), "/latest.json": self._latest, "/posts.json": self._posts})
        self.world.routes["*"] = self._any

    @property
    def url(self) -> str:
        return self.world.url

    def _any(self, request: Request) -> Reply:
        name = request.path.partition("?")[0].removeprefix("/t/").removesuffix(".json")
        thread = self.threads.get(int(name)) if name.isdigit() else None
        if thread is None or not thread.posts:
            return Reply(b'{"errors": ["gone"], "error_type": "not_found"}', 404, JSON)
        page = int(request.query.get("page", 1))
        shown = thread.posts[(page - 1) * PER_TOPIC : page * PER_TOPIC]
        if not shown:
            return Reply(b'{"errors": ["gone"], "error_type": "not_found"}', 404, JSON)
        posts = [self._one(thread, *post) for post in shown]
        stream = {"posts": posts, "stream": [name for name, _ in thread.posts]}
        return answer({"id": thread.id, "title": thread.title, "slug": "thema", "post_stream": stream})

    def _one(self, thread: Thread, name: int, at: Any) -> dict[str, Any]:
        text = self.texts.get(name) or f"Beitrag {name}: der Akku hält den ganzen Tag."
        of_topic = {"topic_id": thread.id, "topic_slug": "thema", "topic_title": thread.title}
        written = {"created_at": at.isoformat(), "updated_at": at.isoformat(), "version": 1}
        return {
            "id": name, "post_number": name, "post_type": 1, "username": "ida", "cooked": f"<p>{text}</p>"
        } | of_topic | written  # fmt: skip

    def _latest(self, request: Request) -> Reply:
        there, page = self.there(3), int(request.query.get("page", 0))
        rows = [
            {"id": one.id, "slug": "thema", "title": one.title, "posts_count": len(one.posts)}
            | {"bumped_at": one.last_at.isoformat(), "pinned": one.sticky}
            for one in there[page * PER_LATEST : (page + 1) * PER_LATEST]
        ]
        more = f"/latest?page={page + 1}" if len(there) > (page + 1) * PER_LATEST else None
        return answer({"topic_list": {"topics": rows, "more_topics_url": more}})

    def newest(self) -> list[tuple[Thread, int, Any]]:
        """All posts, newest first: thread, id, instant."""
        rows = [(thread, *post) for thread in self.threads.values() for post in thread.posts]
        return sorted(rows, key=lambda row: row[1], reverse=True)

    def _posts(self, request: Request) -> Reply:
        before = int(request.query.get("before", 10**9))
        rows = [row for row in self.newest() if row[1] <= before][:PER_POSTS]
        return answer({"latest_posts": [self._one(*row) for row in rows]})


JSON = {"content-type": "application/json; charset=utf-8"}


def answer(body: Any) -> Reply:
    """A body as JSON."""
    return Reply(json.dumps(body).encode(), headers=JSON)
