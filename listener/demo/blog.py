"""The demo's blog: an RSS feed with full texts and validators, and a page for each entry."""

from __future__ import annotations

import hashlib
from email.utils import format_datetime
from html import escape

from listener.demo.answer import Answer, Asked, fill, page
from listener.demo.posts import Blog, Said

RSS = "application/rss+xml; charset=UTF-8"


def respond(blog: Blog, base: str, asked: Asked) -> Answer:
    """The feed (304 where the reader has it already) or an entry's page."""
    slug = asked.path.removeprefix("/blog/").strip("/")
    if slug == "feed":
        return _feed(blog, base, asked)
    entry = next((entry for entry in blog.entries if blog.slugs[entry.id] == slug), None)
    if not entry:
        return page("<!DOCTYPE html><title>Nicht gefunden</title><h1>Nicht gefunden</h1>", 404)
    html = f"<article><h1>{escape(entry.title)}</h1>{paragraphs(entry.text)}</article>"
    title = escape(f"{entry.title} – {blog.title}")
    return page(f'<!DOCTYPE html><html lang="de"><title>{title}</title><body>{html}</body></html>')


def _feed(blog: Blog, base: str, asked: Asked) -> Answer:
    body = rss(blog, base).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    newest = max((entry.edited_at or entry.at for entry in blog.entries), default=None)
    headers = {"ETag": tag, "Cache-Control": "max-age=300"}
    if newest:
        headers["Last-Modified"] = format_datetime(newest, usegmt=True)
    known = [known.strip().removeprefix("W/") for known in asked.headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Answer(b"", RSS, 304, headers)
    return Answer(body, RSS, 200, headers)


def rss(blog: Blog, base: str) -> str:
    """The feed as a WordPress site writes it: excerpt, full text, creator, guid that is no link."""
    entries = "\n".join(_entry(blog, base, entry) for entry in blog.entries)
    return fill("feed.xml", title=escape(blog.title), about=escape(blog.about), base=base, entries=entries)


def _entry(blog: Blog, base: str, entry: Said) -> str:
    excerpt = f"<p>{escape(' '.join(entry.text.split()[:20]), quote=False)} […]</p>"
    return fill(
        "entry.xml",
        title=escape(entry.title, quote=False),
        link=f"{base}/blog/{blog.slugs[entry.id]}/",
        author=entry.author,
        date=format_datetime(entry.at),
        guid=escape(entry.id),
        excerpt=excerpt,
        text=paragraphs(entry.text),
    )


def paragraphs(text: str) -> str:
    """The text as HTML: an empty line ends a paragraph."""
    return "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n"))
