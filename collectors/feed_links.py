"""Addresses in feeds: out of redirects, without what counts clicks, and the thread that a post stands in."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from collectors.addresses import without_secrets as without_secrets

_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|msclkid|mc_cid|mc_eid|at_medium|at_campaign|wt_z?mc|xtor)$", re.IGNORECASE
)
_SESSION = re.compile(r"(?:s|sid|phpsessid|sessionhash)$", re.IGNORECASE)
_FROM_FEED = re.compile(r"rss(?:$|[-_.])", re.IGNORECASE)  # ref=rss, source=rss-1a2b
_ORIGIN = re.compile(r"(?:source|src|ref|from|partner|cmpid|ncid)$", re.IGNORECASE)
_SUSPECT = re.compile(
    r"utm_|clid=|mc_|at_|wt_|xtor=|=rss|goto=|action=new|s(?:id|essid|essionhash)?=", re.IGNORECASE
)  # asked first: most addresses have nothing of it
_FRAGMENT = re.compile(r"(?:xtor=.*|utm_.*|ref=rss.*|tk\.rss.*|rss)$", re.IGNORECASE)
_REDIRECT = re.compile(
    r"/(?:url|go|goto|redirect|redir|rd|r|out|away|exit|click|track|l\.php|news/apiclick\.aspx)/?$",
    re.IGNORECASE,
)
_TARGETS = ("url", "u", "to", "target", "dest", "destination", "redirect", "link", "q")
_NEWEST = {("goto", "newpost"), ("goto", "lastpost"), ("action", "new")}  # elsewhere for each reader
MOST_REDIRECTS = 3


def canonical(url: str) -> str:
    """An address without tracking and session ids, taken out of a redirect; "" if not of the web."""
    for _ in range(MOST_REDIRECTS):
        url = "".join(url.split("\n")).strip()
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return ""
        inner = _target(url, parts.netloc.lower(), parts.path, parts.query)
        if not inner:
            break
        url = inner
    fragment = "" if _FRAGMENT.match(parts.fragment) else parts.fragment
    if _SUSPECT.search(parts.query):
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(*pair)]
        parts = parts._replace(query=urlencode(kept))
    return urlunsplit(parts._replace(fragment=fragment)).replace(" ", "%20")


def _target(url: str, host: str, path: str, query: str) -> str:
    """Where a redirect leads: a page elsewhere that its query names, or what Google News has encoded."""
    if host == "news.google.com":
        return _of_google_news(path)
    if ("://" not in query and "%3a%2f%2f" not in query.lower()) or not _REDIRECT.search(path):
        return ""
    named = parse_qs(query)
    for name in _TARGETS:
        inner = named.get(name, [""])[0]
        if inner.startswith(("http://", "https://")) and host not in inner[: len(host) + 8].lower():
            return inner
    return ""


def _of_google_news(path: str) -> str:
    """The target inside an article's id: base64 of 08 13 22, a length, the address (newer ids hide it)."""
    name = re.search(r"/articles/([\w-]{20,2000})", path)
    if not name:
        return ""
    try:
        inner = base64.urlsafe_b64decode(name[1] + "=" * (-len(name[1]) % 4))
    except (binascii.Error, ValueError):
        return ""
    found = re.match(rb"\x08\x13\x22(?:[\x00-\x7f]|[\x80-\xff][\x00-\x7f])(https?://[\x21-\x7e]+)", inner)
    if not found:
        return ""
    length = inner[3] if inner[3] < 128 else (inner[3] & 127) + (inner[4] << 7)
    return found[1][:length].decode("ascii")


def _is_noise(name: str, value: str) -> bool:
    if _TRACKING.match(name) or (name, value) in _NEWEST:
        return True
    counted = _ORIGIN.match(name) and _FROM_FEED.match(value)
    return bool(counted) or bool(_SESSION.match(name) and re.fullmatch(r"[0-9a-f]{16,}", value))


def joined(base: str, link: str) -> str:
    """A link as a browser opens it from `base`, "" if it cannot."""
    link = re.sub(r"[\x00-\x1f\x7f]", "", link).strip()
    if re.match(r"www\.[\w-]+\.\w", link):
        link = "https://" + link
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def web(url: str) -> str:
    """The address if it is one of the web, else ""."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


# what a post's address has more than its thread's, in the engines' own ways
_PLACES = (
    (re.compile(r"(topic[=,]\d+)\.msg\d+"), r"\1.0"),  # SMF
    (re.compile(r"(/t/[^/?#]+/\d+)/(?:post/)?\d+/?(?=$|[?#])"), r"\1"),  # Discourse, Misago
    (re.compile(r"(/d/\d+[^/?#]*)/\d+(?=$|[?#])"), r"\1"),  # Flarum
    (re.compile(r"(/topic/\d+/[^/?#]+)/\d+(?=$|[?#])"), r"\1"),  # NodeBB
    (re.compile(r"(/threads/[^/?#]+/)(?:post-\d+|page-\d+)/?(?=$|[?#])"), r"\1"),  # XenForo
    (re.compile(r"(/questions/\d+/[^/?#]+)/\d+(?=$|[?#])"), r"\1"),  # Stack Exchange
    (re.compile(r"(/r/\w+/comments/\w+/[^/?#]*/)\w+/?(?=$|[?#])"), r"\1"),  # Reddit
    (re.compile(r"/comment-page-\d+(?=/|$)"), ""),  # WordPress
)
_PLACE_NAMES = re.compile(
    r"(?:p|pid|postid|do|comment|cpage|replytocom|showcomment|commentid|answer)$", re.IGNORECASE
)


def thread_of(url: str) -> str:
    """The thread or article that a post's address stands in; the address itself where it tells no other."""
    parts = urlsplit(url)
    query = parts.query
    pairs = re.split(r"&(?:amp;)?", query) if query else []
    kept = [pair for pair in pairs if not _PLACE_NAMES.match(pair.split("=", 1)[0])]
    if pairs and not kept and re.search(r"(?:viewtopic|showthread|showpost)\.php$", parts.path):
        return url  # viewtopic.php?p=33 names the post alone
    thread = urlunsplit(parts._replace(query="&".join(kept), fragment=""))
    for place, shorter in _PLACES:
        thread = place.sub(shorter, thread)
    return thread
