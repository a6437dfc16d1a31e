"""One key for one post, however its address is written."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import SplitResult, urlsplit

_NOISE = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|sid|s|phpsessid|session_id|highlight|hilit)(?:=|$)",
    re.IGNORECASE,
)


def url_key(url: str) -> int | None:
    """A signed 64-bit number of the canonical address; None without one.

    Scheme, `www.`, default ports, tracking and session parameters, their order and a final slash do
    not count; the fragment does, since it names the post within a thread's page.
    """
    canonical = _canonical(url.strip())
    if not canonical:
        return None
    return int.from_bytes(blake2b(canonical.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)


def _canonical(url: str) -> str:
    try:
        parts = urlsplit(url)
        place = _place(parts.netloc)
    except ValueError:  # "http://[", a port of letters: an address of its own
        return url
    pairs = [pair for pair in parts.query.split("&") if pair and not _NOISE.match(pair)]
    query = "?" + "&".join(sorted(pairs)) if pairs else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{place}{parts.path.rstrip('/')}{query}{fragment}"


@lru_cache(maxsize=256)
def _place(netloc: str) -> str:
    parts = SplitResult("", netloc, "", "", "")
    host = (parts.hostname or "").removeprefix("www.")
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"


def copy_key(copy_hash: str | None) -> int | None:
    """The copy hash as a signed 64-bit number, small enough for an index."""
    return None if copy_hash is None else int.from_bytes(bytes.fromhex(copy_hash[:16]), signed=True)
