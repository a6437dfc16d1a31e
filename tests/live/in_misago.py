"""What Misago is told to do; runs in its own Python (`Software.tell`), not in ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Max
from django.utils import timezone
from misago.categories.models import Category
from misago.markup import common_flavour
from misago.threads.checksums import update_post_checksum
from misago.threads.models import Post, Thread
from misago.threads.moderation.posts import delete_post
from misago.threads.moderation.threads import delete_thread
from misago.users.avatars import dynamic

User = get_user_model()


class Request:
    """As much of a request as the mark-up wants."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def get_host(self) -> str:
        return "127.0.0.1"


def prepare() -> None:
    """Move all posts in time, the last one to yesterday; draw the avatars that HTML pages cannot do without."""
    last = Post.objects.aggregate(last=Max("posted_on"))["last"]
    by = timezone.now().replace(second=0, microsecond=0) - timedelta(days=1) - last
    Post.objects.update(posted_on=F("posted_on") + by, updated_on=F("updated_on") + by)
    for post in Post.objects.all():
        update_post_checksum(post)
        post.save()
    for user in User.objects.all():
        dynamic.set_avatar(user)
        user.save()
    for thread in Thread.objects.all():
        _synchronize(thread)


def truth() -> list[dict[str, Any]]:
    """What guests can read."""
    posts = Post.objects.filter(is_event=False, is_hidden=False, is_unapproved=False, thread__is_hidden=False)
    return [
        {
            "id": str(post.pk),
            "author": post.poster_name,
            "at": post.posted_on.isoformat(),
            "raw": post.original,
            "title": post.thread.title,
            "path": f"/t/{post.thread.slug}/{post.thread_id}/post/{post.pk}/",
        }
        for post in posts.select_related("thread")
    ]


def reply(topic: int, author: str, raw: str) -> str:
    """Write a post."""
    thread, user, now = Thread.objects.get(pk=topic), User.objects.get(username=author), timezone.now()
    post = Post.objects.create(
        category=thread.category,
        thread=thread,
        poster=user,
        poster_name=user.username,
        original=raw,
        parsed=_parsed(user, raw),
        posted_on=now,
        updated_on=now,
    )
    update_post_checksum(post)
    post.save()
    _synchronize(thread)
    return str(post.pk)


def start(title: str, author: str, raw: str) -> str:
    """Start a thread."""
    user, now = User.objects.get(username=author), timezone.now()
    thread = Thread(
        category=Category.objects.get(slug="first-category"),
        started_on=now,
        last_post_on=now,
        starter=user,
        starter_name=user.username,
        starter_slug=user.slug,
        last_poster=user,
        last_poster_name=user.username,
        last_poster_slug=user.slug,
    )
    thread.set_title(title)
    thread.save()
    return reply(thread.pk, author, raw)


def edit(post: str, raw: str) -> None:
    """Change a post as its author would."""
    found = Post.objects.get(pk=post)
    found.original, found.parsed = raw, _parsed(found.poster, raw)
    found.edits, found.updated_on, found.last_editor = found.edits + 1, timezone.now(), found.poster
    update_post_checksum(found)
    found.save()


def remove(post: str) -> None:
    """What the moderator's button does."""
    found = Post.objects.get(pk=post)
    thread = found.thread
    delete_post(User.objects.get(username="admin"), found)
    _synchronize(thread)


def remove_thread(topic: int) -> None:
    """The same of a whole thread."""
    delete_thread(User.objects.get(username="admin"), Thread.objects.get(pk=topic))


def _parsed(user: Any, raw: str) -> str:
    return common_flavour(Request(user), user, raw)["parsed_text"]


def _synchronize(thread: Any) -> None:
    thread.synchronize()
    thread.save()
    thread.category.synchronize()
    thread.category.save()
