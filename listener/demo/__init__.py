"""The demo's small world on loopback: a forum, a blog and Reddit's API, with texts written for it."""

from listener.demo.truth import Expected
from listener.demo.world import Hit, World

__all__ = ["Expected", "Hit", "World"]
