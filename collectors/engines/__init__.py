"""Pure readers, one module per forum engine; the package is the list (names with `_` are shared parts)."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from collectors.reading import Listing, Page, Topic


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
    """All engines, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name[0] != "_")
    return tuple(cast(Engine, import_module(f"{__name__}.{name}")) for name in names)


def engine_of(page: Page) -> Engine | None:
    """The engine that wrote the page, if one of them did."""
    return next((engine for engine in engines() if engine.recognise(page)), None)
