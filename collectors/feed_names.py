"""The elements of feeds by the names that feedparser gives them."""

from __future__ import annotations

from functools import lru_cache

ATOM = "http://www.w3.org/2005/Atom"
RSS10, RSS090 = "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"
_PREFIXES = {
    "": "",
    RSS10: "",
    RSS090: "",
    ATOM: "",
    "http://purl.org/dc/elements/1.1/": "dc_",
    "http://purl.org/dc/terms/": "dcterms_",
    "http://purl.org/rss/1.0/modules/content/": "content_",
    "http://purl.org/rss/1.0/modules/slash/": "slash_",
    "http://purl.org/syndication/thread/1.0": "thr_",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner_",
    "http://search.yahoo.com/mrss/": "media_",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes_",
}
TEXTS = {
    "guid": "id",
    "id": "id",
    "pubdate": "published",
    "published": "published",
    "dcterms_issued": "published",
    "updated": "updated",
    "dc_date": "updated",
    "dcterms_modified": "updated",
    "created": "created",
    "dcterms_created": "created",
    "comments": "comments",
    "slash_comments": "slash_comments",
    "thr_total": "thr_total",
    "feedburner_origlink": "feedburner_origlink",
    "itunes_maker": "itunes_maker",
}
RICH = {"title", "description", "summary", "content", "content_encoded"}
PEOPLE = {"author", "dc_creator", "dc_author"}
_OTHERS = {"link", "thr_in-reply-to", "source", "language", "dc_language"}
_HARMLESS = {"media_content", "itunes_title"}
_RISKY = {
    "abstract", "author", "body", "comments", "content", "created", "creator", "date", "description",
    "email", "encoded", "entry", "fullitem", "guid", "homepage", "id", "in-reply-to", "issued", "item",
    "lang", "language", "lastbuilddate", "link", "maker", "managingeditor", "modified", "name", "newlocation",
    "origlink", "owner", "pubdate", "published", "rank", "source", "statistics", "summary", "title", "total",
    "updated", "uri", "url",
}  # fmt: skip


@lru_cache(maxsize=1000)
def name_of(tag: str) -> str:
    """feedparser's name of an element, "" for one that cannot matter and `?` for one that might."""
    uri, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    known = _PREFIXES.get(uri) if uri == ATOM else _PREFIXES.get(uri.lower())
    key = f"{known}{local.lower()}" if known is not None else ""
    if key in TEXTS or key in RICH or key in PEOPLE or key in _OTHERS:
        return key
    return "" if key in _HARMLESS or local.lower() not in _RISKY else "?"
