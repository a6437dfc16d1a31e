"""Pure readers, one module per forum engine; the package is the list (names with `_` are shared parts).

Besides what every engine has (`Engine`), a module may offer functions that say more of its kind:

- `version(page) -> str`: the program's version as far as the page tells it ("" if it does not);
- `owns(url) -> bool`: the address alone names the engine (a service with known hosts): no page is asked;
- `data_address(url) -> str | None`: the address of the JSON that holds what the page at `url` shows. One
  that is such an address already comes back unchanged; None where there is no such JSON;
- `latest_address(url) -> str | None`: an answer with the newest posts of the board at `url` over all its
  threads, newest first, that `topic` reads;
- `pause(page) -> int`: for how many seconds an answer asks to be left alone;
- `nth_page(url, known, wanted) -> str | None`: the address of page `wanted` of a thread from that of page
  `known`, where `collectors.paging.nth_page` does not see how pages count.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from collectors.order import put_right
from collectors.reading import Listing, Page, Topic

GENERIC = "generic"  # reads pages of engines that are not known here, after all others


class Engine(Protocol):
    """What each module here offers; `topic` and `listing` raise ParseError or AccessError."""

    NAME: str

    def recognise(self, page: Page) -> bool:
        """True if this engine wrote the page."""

    def topic(self, page: Page) -> Topic:
        """The posts of a thread's page."""

    def listing(self, page: Page) -> Listing:
        """The threads of a board's page."""


@cache
def engines() -> tuple[Engine, ...]:
    """All engines, by name, the generic one last."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name[0] != "_")
    names.sort(key=lambda name: name == GENERIC)
    return tuple(cast(Engine, import_module(f"{__name__}.{name}")) for name in names)


def engine_of(page: Page, likely: str = "") -> Engine | None:
    """The engine that wrote the page, if one of them did; `likely` is asked first."""
    return next((engine for engine in _likely_first(likely) if engine.recognise(page)), None)


def _likely_first(likely: str) -> Iterator[Engine]:
    yield from (engine for engine in engines() if likely == engine.NAME != GENERIC)
    yield from engines()


def topic_of(engine: Engine, page: Page) -> Topic:
    """The posts of a thread's page as an engine reads them, instants put right by the posts' order."""
    return put_right(engine.topic(page), page.at)


def engine_at(url: str) -> Engine | None:
    """The engine that an address alone names."""
    return next((engine for engine in engines() if asked(engine.NAME, "owns", url)), None)


def asked(name: str, what: str, *args: Any) -> Any:
    """What an engine answers to one of the functions it may offer; None if it does not offer it."""
    engine = next((engine for engine in engines() if name == engine.NAME), None)
    function = getattr(engine, what, None)
    return None if function is None else function(*args)
