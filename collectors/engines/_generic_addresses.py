"""What addresses of unknown boards say: which post, which thread, how they are made."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_POSTS = (
    re.compile(r"#(?:[a-z_-]{0,20}?)(\d{1,18})$", re.I),
    re.compile(r"[?&;](?:p|pid|post|postid|post_id|msg|mid|comment|comment_id)=(\d{1,18})(?!\d)", re.I),
    re.compile(r"[?&;](?:id|t|tid|topic)=(\d{1,18})(?!\d)", re.I),
    re.compile(r"[/-](\d{1,18})(?=[/?#-]|$)(?!.*[/-]\d{1,18}(?:[/?#-]|$))"),
)
_THREADS = re.compile(
    r"(?:^|[&;])(?:t|tid|thread|threadid|thread_id|topic|topic_id|topicid|thema|showtopic|"
    r"discussion|root)=(\d{1,18})",
    re.I,
)
_PAGING = re.compile(r"(?:^|[&;])(?:page|seite|start|st|offset|pg|action|order|sort|sid)=[^&;]*", re.I)
_LAST = re.compile(r"/(?:page[-/]?|p)\d+/?$|/(?:latest|unread|new|last)/?$")


def number_of(address: str) -> str:
    """The number of a post that an address names: its fragment's, a parameter's, the last in its path."""
    found = (pattern.search(address) for pattern in _POSTS)
    return next((one[1] for one in found if one), "")


def kind_of(url: str) -> tuple[str, str]:
    """How an address is made, and the number or words that tell one thread from another ("" without)."""
    parts = urlsplit(url)
    query = _PAGING.sub("", parts.query).strip("&;")
    return _by_query(parts.path, query) if query else _by_path(_LAST.sub("/", parts.path))


def _by_query(path: str, query: str) -> tuple[str, str]:
    numbers = re.findall(r"\d{1,18}", query)
    named = _THREADS.search(query)
    if "=" not in query:  # read.php?3,55 and showthread.php?55-slug
        kind = re.sub(r"[^\W\d]+(?:[-.][^\W\d]+)*", "*", re.sub(r"\d+", "#", query.partition("/")[0]))[:20]
        is_list = "," in query and len(numbers) > 1
        return f"{path}?{kind}", numbers[1 if is_list else 0] if numbers else query
    kind = re.sub(r"=[^&;]*", "=", query)
    return f"{path}?{kind}", named[1] if named else numbers[-1] if numbers else query


def _by_path(path: str) -> tuple[str, str]:
    words = [part for part in path.split("/") if part]
    numbers = re.findall(r"(?<![\w.])\d{1,18}|\d{1,18}(?![\w])", path)
    if not words:
        return path, ""
    is_dated = re.match(r"/(?:19|20)\d\d/\d\d?/", path) is not None
    last = words[-1]
    if (is_dated or not numbers) and not re.search(r"\d{2}", last):
        return "/" + "/".join(
            words[:1] if not is_dated else ["#", "#"]
        ) + "/*", last if "-" in last or is_dated else ""
    made = [_numbered(part) if re.search(r"\d", part) else _worded(part, at) for at, part in enumerate(words)]
    return "/" + "/".join(made), numbers[-1] if numbers else last


def _worded(part: str, at: int) -> str:
    return part if at == 0 or len(part) == 1 or "." in part else "*"


def _numbered(part: str) -> str:
    """A part of a path with a number, without its words: "12-slug" is "#-*", "slug.12" "*.#"."""
    return re.sub(r"[^\W\d]{3,}(?:-[^\W\d]+)*", "*", re.sub(r"\d+", "#", part))[:20]
