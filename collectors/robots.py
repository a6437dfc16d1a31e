"""What a site allows: robots.txt (RFC 9309) and the TDM reservation (tdmrep.json, header, meta)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from protego import Protego

AGENT = "brand-listener"
ROBOTS_BYTES = 500_000
TDM_BYTES = 100_000
LONGEST_DELAY = timedelta(seconds=60)
HEAD_BYTES = 65_536
META = re.compile(rb"<meta\b[^>]{0,300}\btdm-reservation\b[^>]{0,300}>", re.IGNORECASE)
META_CONTENT = re.compile(rb"content\s*=\s*[\"']?\s*1\b", re.IGNORECASE)


@dataclass(frozen=True)
class Robots:
    """The rules of one robots.txt for us; None where the site has no such file."""

    rules: Protego | None = None

    def allows(self, url: str) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))

    @property
    def delay(self) -> timedelta:
        """Crawl-delay or Request-rate, whichever is slower, at most a minute."""
        if self.rules is None:
            return timedelta(0)
        rate = self.rules.request_rate(AGENT)
        pause = rate.seconds / max(rate.requests, 1) if rate else 0.0
        wished = max(self.rules.crawl_delay(AGENT) or 0.0, pause, 0.0)
        known = wished if math.isfinite(wished) else 0.0
        return timedelta(seconds=min(known, LONGEST_DELAY.total_seconds()))


def read_robots(body: bytes) -> Robots:
    """Parse robots.txt; a page of HTML in its place says nothing and so allows everything."""
    if body.lstrip()[:1] == b"<":
        return Robots()
    return Robots(Protego.parse(body.decode("utf-8-sig", "replace")))


Reservations = tuple[tuple[str, bool], ...]


def read_reservations(body: bytes) -> Reservations:
    """The (pattern, reserved) pairs of a tdmrep.json in their order; of any other file none."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    pairs = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(
        (str(row["location"]), _is_one(row.get("tdm-reservation"))) for row in pairs if "location" in row
    )


def reserved_by(reservations: Reservations, url: str) -> bool:
    """Whether the first pattern that fits the address reserves it."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return next((reserved for pattern, reserved in reservations if _fits(pattern, path)), False)


def reserved_in(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the answer itself reserves text and data mining, in its header or its head."""
    if "tdm-reservation" in headers:
        return _is_one(headers["tdm-reservation"])
    found = META.search(body[:HEAD_BYTES])
    return bool(found and META_CONTENT.search(found.group()))


def _is_one(value: object) -> bool:
    return str(value).strip() == "1"


def _fits(pattern: str, path: str) -> bool:
    """robots.txt matching: `*` is anything, `$` ends, else a prefix; no regular expression."""
    parts = pattern.removesuffix("$").split("*")
    if not path.startswith(parts[0]):
        return False
    place = len(parts[0])
    for part in parts[1:]:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return not pattern.endswith("$") or place == len(path) or (len(parts) > 1 and path.endswith(parts[-1]))
