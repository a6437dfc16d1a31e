"""Golden and recorded pages of forum engines, for the tests of their readers.

`tests/data/ENGINE/NAME.html` (or `NAME.answer.json`) is a page written for this project and `NAME.json`
what should be read from it: `url`, `at`, `timezone`, and `topic` or `listing`.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.engines import engines
from collectors.reading import Page, read

DATA = Path(__file__).resolve().parent / "data"
AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def goldens(*names: str) -> list[Path]:
    """The golden files of these engines, of all if none is named."""
    chosen = names or tuple(engine.NAME for engine in engines())
    found = (gold for name in chosen for gold in (DATA / name).glob("*.json"))
    return sorted(gold for gold in found if not gold.name.endswith(".answer.json"))


def name_of(gold: Path) -> str:
    """A golden file's name in the list of tests."""
    return f"{gold.parent.name}-{gold.stem}"


def page_of(gold: Path) -> tuple[Page, dict[str, Any]]:
    """The page that belongs to a golden file, and what should be read from it."""
    html, answer = gold.with_suffix(".html"), gold.with_suffix(".answer.json")
    expected = json.loads(gold.read_text(encoding="utf-8"))
    body = (html if html.is_file() else answer).read_bytes()
    return Page(body, expected["url"], datetime.fromisoformat(expected["at"]), expected["timezone"]), expected


def plain(found: Any) -> Any:
    """A topic or listing as JSON has it, without what is true of most engines and posts."""
    found = json.loads(json.dumps(asdict(found), default=datetime.isoformat))
    usual = {"confidence": 1.0, "by_last_post": True}
    told = {"erased": False, "votes": None, "replies": None, "facts": {}, "flag": None}
    for post in found.get("posts", ()):
        for key in [key for key, value in told.items() if post.get(key) == value]:
            del post[key]
    return {key: value for key, value in found.items() if key not in usual or value != usual[key]}


def topic_page(name: str) -> Page:
    """The page of a golden file, by its name below `tests/data`."""
    return page_of(DATA / name)[0]


def with_body(page: Page, body: bytes) -> Page:
    """The page with another body."""
    return Page(body, page.url, page.at, page.timezone)


def replaced(name: str, old: str, new: str) -> Page:
    """A golden page with a piece of it replaced, which must be there."""
    page = topic_page(name)
    text = page.body.decode()
    assert old in text
    return with_body(page, text.replace(old, new).encode())


def recorded(shared: Path) -> list[tuple[Path, Page]]:
    """The recorded pages: read in place, never copied here."""
    with (shared / "real/INDEX.tsv").open(encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    found = []
    for path in sorted((shared / "real").glob("*/*.html")):
        row = rows.get(str(path.relative_to(shared / "real")), {})
        captured = row.get("commit", "")
        at = datetime.fromisoformat(captured.split()[1]) if captured.startswith("captured ") else AT
        origin = row.get("origin repo:path", "")
        url = origin[5:].strip() if origin.startswith("LIVE ") else f"https://forum.example/{path.name}"
        found.append((path, Page(path.read_bytes(), url, at, "UTC")))
    return found


def exact_posts(shared: Path, folder: str) -> int:
    """How many posts of an engine's recorded pages were held against their gold; all of them agree."""
    checked = 0
    for path, page in recorded(shared):
        gold = path.with_name(path.name + ".gold.json")
        if path.parent.name != folder or not gold.is_file():
            continue
        wanted = json.loads(gold.read_text(encoding="utf-8"))
        posts = {post.id: post for post in read(page).posts}
        assert list(posts) == [str(want["post_id"]) for want in wanted], path.name
        for want in wanted:
            post = posts[str(want["post_id"])]
            assert post.author == want["author"], (path.name, post.id)
            assert minute(post.published_at) == minute(datetime.fromisoformat(want["published"])), path.name
            assert folded(post.text).startswith(folded(want["text60"])), (path.name, post.id)
            checked += 1
    return checked


def minute(at: datetime | None) -> str:
    """An instant to the minute, in UTC."""
    assert at is not None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def folded(text: str) -> str:
    """A text without smileys and with single spaces."""
    smileys = r":\w+:|[:;8]'?-?[)(DPpOo|/]+(?!\w)|[\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]"
    return " ".join(re.sub(smileys, " ", text).split())
