"""What Spirit is told to do; runs in its own Python (`Software.tell`), not in ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Max
from django.utils import timezone
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.comment.utils import comment_posted, post_comment_update, pre_comment_update
from spirit.core.utils.markdown import Markdown
from spirit.topic.models import Topic


def prepare() -> None:
    """Move all posts in time: the last one was written yesterday."""
    last = Comment.objects.aggregate(last=Max("date"))["last"]
    by = timezone.now().replace(second=0, microsecond=0) - timedelta(days=1) - last
    Comment.objects.update(date=F("date") + by)
    Topic.objects.update(date=F("date") + by, last_active=F("last_active") + by)


def truth() -> list[dict[str, Any]]:
    """What guests can read."""
    comments = Comment.objects.filter(is_removed=False, action=0, topic__is_removed=False)
    return [
        {
            "id": str(comment.pk),
            "author": comment.user.st.nickname,
            "at": comment.date.isoformat(),
            "raw": comment.comment,
            "title": comment.topic.title,
            "path": f"/comment/{comment.pk}/find/",
        }
        for comment in comments.select_related("user__st", "topic")
    ]


def reply(topic: int, author: str, raw: str) -> str:
    """Write a comment as the program's own form does."""
    user, topic_ = get_user_model().objects.get(username=author), Topic.objects.get(pk=topic)
    comment = Comment.objects.create(user=user, topic=topic_, comment=raw, comment_html=_html(raw))
    comment_posted(comment=comment, mentions=None)
    return str(comment.pk)


def start(title: str, author: str, raw: str) -> str:
    """Start a topic."""
    user = get_user_model().objects.get(username=author)
    topic = Topic.objects.create(
        user=user, category=Category.objects.get(title="Werkzeug und Garten"), title=title
    )
    return reply(topic.pk, author, raw)


def edit(post: str, raw: str) -> None:
    """Change a comment as the program's own form does."""
    comment = Comment.objects.get(pk=post)
    pre_comment_update(comment=Comment.objects.get(pk=post))
    comment.comment, comment.comment_html = raw, _html(raw)
    comment.save()
    post_comment_update(comment=comment)


def remove(post: str) -> None:
    """What the moderator's button does."""
    Comment.objects.filter(pk=post).update(is_removed=True)


def remove_thread(topic: int) -> None:
    """The same of a whole topic."""
    Topic.objects.filter(pk=topic).update(is_removed=True)


def _html(raw: str) -> str:
    return Markdown().render(raw)
