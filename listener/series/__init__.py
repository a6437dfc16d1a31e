"""Series as pure functions: daily rows with intervals, what is usual, what stands out (docs/series.md)."""

from listener.series.daily import ALL, SourceDay, closed, points
from listener.series.expected import Tone, Usual, changed, pooled, unusual, usual

__all__ = ["ALL", "SourceDay", "Tone", "Usual", "changed", "closed", "points", "pooled", "unusual", "usual"]
