"""brand-listener: hears what forums, feeds and Reddit say about products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage import Storage

__version__ = "0.1.0"
__all__ = ["__version__", "open_store"]


def __getattr__(name: str) -> Any:
    if name != "open_store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def open_store(url: str) -> Storage:
        """Open a store by its SQLAlchemy address, e.g. `sqlite:///listener.db`."""
        from storage import Storage

        return Storage(url)

    return open_store
