"""Addresses of pages: the n-th page of a thread, from the address of another of its pages."""

from __future__ import annotations

import re

# offsets: the number of posts before the page
_OFFSETS = (
    re.compile(r"([?&;](?:start|page%5Boffset%5D|page\[offset\])=)(\d+)"),
    re.compile(r"([?&;/]topic[=,]\d+\.)(\d+)(?!\d)"),  # SMF: topic=12.45
    re.compile(r"(/t\d+p)(\d+)(?=-|$)"),  # Forumotion: /t12p45-slug
)
# numbers of pages, the surest first
_NUMBERS = (
    re.compile(r"(/page[-/]?)(\d+)(?=[/?#.]|$)", re.I),
    re.compile(r"([?&;/](?:page|pageNo|pagenumber)=)(\d+)", re.I),
    re.compile(r"(-page-)(\d+)(?=\.html?|[?#]|$)", re.I),
    re.compile(r"(/p)(\d+)(?=[/?#]|$)"),
    re.compile(r"([?&;]p=)(\d+)"),
    re.compile(r"(-)(\d+)(?=\.html?(?:[?#]|$))"),
    re.compile(r"(/)(\d+)(?=/?(?:[?#]|$))"),
)


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """The address of page `wanted`, from that of page `known`; None if it does not show how pages count."""
    for pattern in _OFFSETS if known > 1 else ():
        found = pattern.search(url)
        if found and int(found[2]) and int(found[2]) % (known - 1) == 0:
            return _put(url, found, f"{found[1]}{int(found[2]) // (known - 1) * (wanted - 1)}")
    for pattern in _NUMBERS:
        found = pattern.search(url)
        if found and int(found[2]) == known:
            return _put(url, found, f"{found[1]}{wanted}")
    return None


def _put(url: str, found: re.Match[str], text: str) -> str:
    return (url[: found.start()] + text + url[found.end() :]).partition("#")[0]
