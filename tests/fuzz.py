"""`make fuzz`: broken pages for every forum reader, for ten minutes (or `python -m tests.fuzz MINUTES [SEED]`).

Pages made for the tests, and recorded ones where they lie beside the project, are broken at random. A
reader may give posts or a ParseError or AccessError, within `SLOWEST` seconds; anything else is printed
with its seed and ends the run with 1.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collectors.engines import Engine, engine_of
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import goldens, page_of, recorded, with_body

SHARED = Path(__file__).resolve().parents[2] / "shared"
SLOWEST = 5.0
LARGEST = 200_000  # bytes of a page that is broken; larger ones are cut
ODD = (
    *("", "0", "-1", "9" * 40, "²", "٣", "p0", "<", "&#0;", "\ud800", "\x00", "NaN", "1e999"),
    *(
        "javascript:x",
        "http://[",
        "//",
        "?",
        "2026-13-45T99:99",
        "32.13.2026, 25:61",
        "Heute",
        "vor 9999999999 Jahren",
    ),
)
TAGS = (b"div", b"table", b"blockquote", b"li", b"x-y", b"template", b"svg", b"select", b"p", b"a", b"time")
Breaker = Callable[[bytes, random.Random], bytes]


def _parts(body: bytes) -> list[bytes]:
    return re.split(rb"(?=<)", body)


def _cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _dropped(body: bytes, chance: random.Random) -> bytes:
    share = chance.random() * 0.2
    return b"".join(part for part in _parts(body) if chance.random() > share)


def _shuffled(body: bytes, chance: random.Random) -> bytes:
    parts = _parts(body)
    at = chance.randrange(len(parts))
    some = parts[at : at + chance.randrange(2, 60)]
    chance.shuffle(some)
    return b"".join([*parts[:at], *some, *parts[at + len(some) :]])


def _doubled(body: bytes, chance: random.Random) -> bytes:
    parts = _parts(body)
    at = chance.randrange(len(parts))
    some = parts[at : at + chance.randrange(1, 200)]
    return b"".join([*parts[:at], *some * chance.randrange(2, 4), *parts[at:]])


def _wrapped(body: bytes, chance: random.Random) -> bytes:
    parts = _parts(body)
    for _ in range(chance.randrange(1, 30)):
        tag = chance.choice(TAGS)
        parts.insert(chance.randrange(len(parts)), b"<" + tag + b">" * chance.randrange(2))
    return b"".join(parts)


def _odd_values(body: bytes, chance: random.Random) -> bytes:
    """Attributes and texts that hold numbers get odd ones."""
    share = chance.random() * 0.3

    def put(found: re.Match[bytes]) -> bytes:
        return chance.choice(ODD).encode("utf-8", "surrogatepass") if chance.random() < share else found[0]

    return re.sub(rb"\d[\d:./-]*", put, body)


def _unnamed(body: bytes, chance: random.Random) -> bytes:
    """Attributes lose their names or values."""
    share = chance.random() * 0.3

    def put(found: re.Match[bytes]) -> bytes:
        return (
            chance.choice([b" ", b" x=" + found[2], b" " + found[1], b' id=""'])
            if chance.random() < share
            else found[0]
        )

    return re.sub(rb' ([\w:-]+)=("[^"]*")', put, body)


def _flipped(body: bytes, chance: random.Random) -> bytes:
    broken = bytearray(body)
    for _ in range(chance.randrange(1, 50)):
        if broken:
            broken[chance.randrange(len(broken))] = chance.randrange(256)
    return bytes(broken)


def _nested(body: bytes, chance: random.Random) -> bytes:
    return body.replace(b"<div", b"<div>" * chance.randrange(2, 400) + b"<div", chance.randrange(1, 4))


def _answer(body: bytes, chance: random.Random) -> bytes:
    """Values of a JSON answer become others."""
    try:
        return json.dumps(_other(json.loads(body), chance, chance.random() * 0.1)).encode()
    except ValueError:
        return _flipped(body, chance)


def _other(value: Any, chance: random.Random, share: float) -> Any:
    if chance.random() < share:
        return chance.choice(
            [None, True, -1, 10**30, 1.5, "", chance.choice(ODD), [], {}, [None], [[]], {"id": []}]
        )
    if isinstance(value, dict):
        return {key: _other(one, chance, share) for key, one in value.items() if chance.random() > share / 2}
    return [_other(one, chance, share) for one in value] if isinstance(value, list) else value


BREAKERS: tuple[Breaker, ...] = (
    *(_cut, _dropped, _shuffled, _doubled, _wrapped, _odd_values, _unnamed, _flipped, _nested),
)


def broken(body: bytes, chance: random.Random) -> bytes:
    """The page, broken in one to three ways."""
    for _ in range(chance.randrange(1, 4)):
        way = _answer if body.lstrip()[:1] in (b"{", b"[") else chance.choice(BREAKERS)
        body = way(body, chance) or b" "
    return body[:LARGEST]


def outcome(engine: Engine, page: Page) -> str:
    """What reading gave: posts, rows or the error's name; AssertionError for posts that are none."""
    told = []
    for reader in (engine.topic, engine.listing):
        try:
            found = reader(page)
        except (ParseError, AccessError) as error:
            told.append(type(error).__name__)
            continue
        for post in getattr(found, "posts", ()):
            assert post.id and post.published_at is not None and post.published_at.tzinfo, post
            assert isinstance(post.text, str) and post.url, post
        ids = [post.id for post in getattr(found, "posts", ())]
        assert len(set(ids)) == len(ids), ids
        told.append("read")
    return " ".join(told)


def main(minutes: float = 10.0, seed: int | None = None) -> int:
    """Break pages until the time is over; 1 if a reader failed."""
    pages = [page_of(gold)[0] for gold in goldens()]
    pages += [page for _, page in recorded(SHARED)] if (SHARED / "real/INDEX.tsv").is_file() else []
    until, counts, failed, slow = time.monotonic() + minutes * 60, Counter[str](), 0, 0.0
    number = seed if seed is not None else random.randrange(10**9)
    while time.monotonic() < until:
        number += 1
        chance = random.Random(number)
        page = chance.choice(pages)
        found = with_body(page, broken(page.body, chance))
        began = time.monotonic()
        try:
            engine = engine_of(page)
            assert engine is not None or page.url
            known = engine_of(found)
            counts[f"{known.NAME}: {outcome(known, found)}" if known is not None else "not claimed"] += 1
            if engine is not None and known is not engine:
                counts[f"{engine.NAME}: {outcome(engine, found)}"] += 1
        except (ParseError, AccessError):
            counts["refused"] += 1
        except Exception as error:
            failed += 1
            print(f"seed {number}: {type(error).__name__}: {str(error)[:200]} ({page.url})", flush=True)
        took = time.monotonic() - began
        slow = max(slow, took)
        if took > SLOWEST:
            failed += 1
            print(f"seed {number}: {took:.1f} s ({page.url})", flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}")
    print(f"{sum(counts.values())} readings of broken pages, {failed} failures, the slowest {slow:.2f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((float, int), sys.argv[1:], strict=False))))
