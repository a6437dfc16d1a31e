"""Addresses of pages: the n-th page of a thread, and the JSON twins of Discourse's pages."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_OFFSET = re.compile(r"([?&;])start=(\d+)")
_SEGMENT = re.compile(r"(/page-)(\d+)(?=[/?#]|$)")
_PARAMETER = re.compile(r"([?&]page=)(\d+)")
_TOPIC = re.compile(r"(.*?)/t/(?:[^/]+/)?(\d+)(?:/\d+)?/?$")
_CATEGORY = re.compile(r"(.*?)/c/(.+?)(?:/l/latest|/none|/all)?/?$")
_TAIL = re.compile(r"/(?:latest|top|new|categories|posts)?/?$")


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """The address of page `wanted`, from that of page `known`; None if it does not show how pages count."""
    found = _OFFSET.search(url)
    if found and known > 1 and int(found[2]) and int(found[2]) % (known - 1) == 0:
        return _put(url, found, f"{found[1]}start={int(found[2]) // (known - 1) * (wanted - 1)}")
    for pattern in (_SEGMENT, _PARAMETER):
        found = pattern.search(url)
        if found and int(found[2]) == known:
            return _put(url, found, f"{found[1]}{wanted}")
    return None


def _put(url: str, found: re.Match[str], text: str) -> str:
    return (url[: found.start()] + text + url[found.end() :]).partition("#")[0]


def discourse_json(url: str) -> str:
    """The JSON twin of a Discourse page: topic, category, or the latest topics of the whole site."""
    parts = urlsplit(url)
    if parts.path.endswith(".json"):
        return url
    if topic := _TOPIC.match(parts.path):
        path = f"{topic[1]}/t/{topic[2]}.json"
    elif category := _CATEGORY.match(parts.path):
        path = f"{category[1]}/c/{category[2]}.json"
    else:
        path = _TAIL.sub("", parts.path) + "/latest.json"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
