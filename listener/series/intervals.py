"""90 % intervals that stay honest for one post and for twenty posts of one author."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import Any

Z = statistics.NormalDist().inv_cdf(0.95)  # two-sided 90 %
CLUSTER_CORRELATION = 0.3  # assumed likeness of posts of one author or thread
PRIOR_DEGREES = 4  # weight of the prior variance, in degrees of freedom
PRIOR_VARIANCE = 1 / 3  # of a score spread evenly over [-1, 1]

Interval = tuple[float, float]
Cell = Mapping[str, Any]


def effective_size(cell: Cell, n: int) -> float:
    """How many independent posts the n judged ones of a cell are worth.

    Kish (Survey Sampling, 1965, 8.2): n / (1 + (b - 1) rho), b being the size of the cluster of a post.
    A cluster is an author or a thread, whichever are fewer; where neither is known every post stands for
    itself. With mean size m, sizes spread as a geometric distribution spreads them (most write once, a few
    a lot) give b = 2 m - 1.
    """
    known = [count for name in ("authors", "threads") if (count := int(cell.get(name) or 0))]
    clusters = min([n, *known])
    return n / (1 + 2 * (n / clusters - 1) * CLUSTER_CORRELATION)


def score_interval(mean: float, sum_of_squares: float, n: int, effective: float) -> Interval:
    """90 % interval of a mean score: a t-interval whose variance is shrunk towards that of "anything goes".

    Moderated t (Smyth 2004, section 3, doi:10.2202/1544-6115.1027): with the prior variance in it, one or two
    posts that agree by chance do not pretend to be certain. Clipped to [-1, 1].
    """
    spread = max(0.0, sum_of_squares - n * mean * mean)
    degrees = PRIOR_DEGREES + n - 1
    variance = (PRIOR_DEGREES * PRIOR_VARIANCE + spread) / degrees
    half = student_t(PRIOR_DEGREES + max(0.0, effective - 1)) * math.sqrt(variance / effective)
    return max(-1.0, mean - half), min(1.0, mean + half)


def student_t(degrees: float) -> float:
    """95 % quantile of Student's t, to 0.002 from 4 degrees on (Abramowitz and Stegun 26.7.5)."""
    terms = [
        Z,
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    ]
    return math.fsum(term / degrees**power for power, term in enumerate(terms))


def share_interval(share: float, effective: float) -> Interval:
    """90 % interval of a share (Wilson 1927; with the effective size, Korn and Graubard 1998)."""
    weight = Z * Z / effective
    centre = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
