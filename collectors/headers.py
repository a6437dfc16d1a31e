"""What is sent in the headers of a request."""

from __future__ import annotations

from collections.abc import Mapping

from collectors import robots
from listener import __version__


def agent(contact: str) -> str:
    """Who asks, with how the operator is reached."""
    reach = contact if contact.startswith(("http://", "https://", "mailto:")) else f"mailto:{contact}"
    clean = "".join(sign for sign in reach if sign.isascii() and sign.isprintable() and sign not in "()")
    return f"{robots.AGENT}/{__version__} (+{clean})"


def sendable(headers: Mapping[str, str]) -> dict[str, str]:
    """Validators that came from a server go back to it only if they are proper header values."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if value.isascii() and value.isprintable() and value
    }


def is_conditional(headers: Mapping[str, str]) -> bool:
    """Whether an answer may be 304."""
    return "if-none-match" in headers or "if-modified-since" in headers
