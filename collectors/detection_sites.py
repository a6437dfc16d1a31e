"""Addresses of services with an API that has a collector of its own: what to write for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from collectors.addresses import shown
from collectors.feed_secrets import secrets_of

PRODUCT = "name of your product"
_ID = r"[\w-]{11}"


@dataclass(frozen=True)
class Known:
    """What an address says without being asked: the kind, its options, what can be read."""

    kind: str
    options: dict[str, object] = field(default_factory=dict)
    readable: str = ""


def service_at(url: str) -> Known | None:
    """The service an address belongs to, if the address alone tells what to write."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path, query = unquote(parts.path), {name: one[0] for name, one in parse_qs(parts.query).items()}
    if host == "redd.it" or re.fullmatch(r"(?:\w+\.)?reddit\.com", host):
        return _reddit(url, host, path, query)
    if host in ("news.ycombinator.com", "hn.algolia.com"):
        return Known(
            "hackernews", {"search": [query.get("q") or PRODUCT]}, "stories and comments, by its API"
        )
    if host in ("youtube.com", "m.youtube.com", "youtu.be"):
        return _youtube(host, path, query)
    if host == "bsky.app":
        return _bluesky(path, query)
    return _stack_exchange(host, path)


def _reddit(url: str, host: str, path: str, query: dict[str, str]) -> Known | None:
    if re.search(r"\.rss/?$|\.rss$", path):
        place = "${REDDIT_FEED}" if secrets_of(url) else shown(url)
        told = "; its token is a secret: put the address into REDDIT_FEED" if secrets_of(url) else ""
        return Known("feed", {"url": place}, f"the newest entries of Reddit's RSS{told}")
    if found := re.match(r"/(?:r/\w+/)?comments/(\w+)", path) or (
        host == "redd.it" and re.match(r"/(\w+)", path)
    ):
        return Known("reddit", {"threads": [found[1]]}, "the thread's comments, by Reddit's API")
    if found := re.match(r"/r/([\w+]+)", path):
        names = [name for name in found[1].split("+") if name]
        return Known("reddit", {"subreddits": names}, "posts and comments by Reddit's API")
    if found := re.match(r"/(?:user|u)/([\w-]+)", path):
        place = f"https://www.reddit.com/user/{found[1]}/.rss"
        return Known("feed", {"url": place}, "what the user wrote last, by Reddit's RSS")
    words = query.get("q") or PRODUCT
    return Known("reddit", {"search": [words]}, "posts that a search finds, by Reddit's API")


def _youtube(host: str, path: str, query: dict[str, str]) -> Known | None:
    video = (
        re.match(rf"/(?:shorts/|live/|embed/)?({_ID})/?$", path)
        if host == "youtu.be" or path != "/watch"
        else None
    )
    name = query.get("v", "") if path == "/watch" else video[1] if video and _is_video(host, path) else ""
    if re.fullmatch(_ID, name):
        return Known("youtube", {"videos": [name]}, "the video's comments, by the Data API")
    if found := re.match(r"/channel/(UC[\w-]{22})", path) or re.match(
        r"(UC[\w-]{22})$", query.get("channel_id", "")
    ):
        return Known("youtube", {"channels": [found[1]]}, "comments of the channel's videos, by the Data API")
    if words := query.get("search_query"):
        return Known(
            "youtube", {"search": [words]}, "comments of videos that a search finds, by the Data API"
        )
    return None  # the page of a name tells the channel's id


def _is_video(host: str, path: str) -> bool:
    return host == "youtu.be" or path.startswith(("/shorts/", "/live/", "/embed/"))


def _bluesky(path: str, query: dict[str, str]) -> Known:
    if found := re.match(r"/profile/([\w.:-]+)(?:/rss)?/?$", path):
        place = f"https://bsky.app/profile/{found[1]}/rss"
        return Known("feed", {"url": place}, "what the account wrote last, as a feed")
    tag = re.match(r"/hashtag/([^/]+)", path)
    words = f"#{tag[1]}" if tag else query.get("q") or PRODUCT
    return Known("bluesky", {"search": [words]}, "posts that a search finds, by Bluesky's API")


def _stack_exchange(host: str, path: str) -> Known | None:
    """A tag or a whole site; a question is a thread for the forum reader."""
    from collectors.engines.stackexchange import site_of

    site = site_of(f"https://{host}/")
    if not site or re.match(r"/(?:q|a|questions)/\d+", path):
        return None
    if "/feeds" in path:
        return None
    tag = re.match(r"/(?:questions/tagged|tags)/([^/]+)", path)
    options: dict[str, object] = {"tagged": [tag[1]]} if tag else {"search": [PRODUCT]}
    return Known(
        "stackexchange", {"site": site, **options}, "questions with answers and comments, by its API"
    )


def server_of(engine: str, body: str, url: str) -> Known | None:
    """What a page of Lemmy or Mastodon says is to be written for its server."""
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc}" if parts.scheme == "http" else parts.netloc
    if engine == "lemmy" and (found := re.match(r"/c/([\w.@-]+)", parts.path)):
        return Known("lemmy", {"server": server, "communities": [found[1]]}, "posts and comments, by its API")
    if not re.search(r"""id=["']mastodon["']|content=["']Mastodon""", body):
        return None
    if found := re.match(r"/(@[\w.-]+)(?:/\d+)?/?$", parts.path):
        return Known(
            "feed", {"url": f"{parts.scheme}://{parts.netloc}/{found[1]}.rss"}, "the account's posts"
        )
    tag = re.match(r"/tags/(\w+)", parts.path)
    tags = [tag[1] if tag else "hashtag of your product"]
    return Known(
        "mastodon", {"server": server, "hashtags": tags}, "posts with a hashtag, by the server's API"
    )
