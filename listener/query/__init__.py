"""The query language (docs/query.md) and the matcher that runs all queries in one pass."""

from listener.query.matcher import Matcher
from listener.query.parser import parse
from listener.query.syntax import Expression

__all__ = ["Expression", "Matcher", "parse"]
