"""One text as the matcher reads it: folded letters, addresses and @names, counted words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from listener.model import Span
from listener.query.folding import Spot, align, cased, fold

_STOP = r'\s"()\[\]{}<>‹›‚'
_ADDRESS = re.compile(rf"https?://[^{_STOP}]*|(?<![^\W_])www\.[^{_STOP}]+")
_MENTION = re.compile(r"[\w.]+")
_USER = re.compile(r"(?<![^\W_])u/(?=[\w.])")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TAIL = re.compile(r"(?:'[^\W_]+)*")
_WHOLE = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[^\W\d_]+")


class Region(NamedTuple):
    """A place where words do not match, or (a name) only as a whole from `core` to `end`."""

    start: int
    end: int
    core: int | None = None


class Reading:
    """One text as the matcher reads it; what costs time is only made when it is asked for.

    All places are places in `letters`, the text folded; `span` leads back to code points of the text.
    """

    def __init__(self, text: str, letters: str | None = None) -> None:
        self.text = text
        self.letters = fold(text) if letters is None else letters
        self._found: dict[int, list[Span]] = {}

    def found(self, key: int, find: Callable[[Reading], list[Span]]) -> list[Span]:
        """What `find` finds here, found once for each key."""
        spans = self._found.get(key)
        if spans is None:
            spans = self._found[key] = find(self)
        return spans

    @cached_property
    def span(self) -> Spot:
        """From places in `letters` to code points of the text."""
        return align(self.text, self.letters)

    def cased(self, start: int, end: int) -> str:
        """The letters as written, for exact terms."""
        start, end = self.span(start, end)
        return cased(self.text[start:end])

    def allows(self, start: int, end: int) -> bool:
        """Whether a word may match here: not inside an address, and a name only as a whole."""
        if not self.regions:
            return True
        for number in range(bisect_right(self._region_ends, start), len(self.regions)):
            region = self.regions[number]
            if region.start >= end:
                break
            if region.core is None or start > region.core or end < region.end:
                return False
        return True

    @cached_property
    def regions(self) -> list[Region]:
        """Addresses and names, in order, none inside another."""
        if not any(map(self.letters.__contains__, ("@", "http", "www.", "u/"))):
            return []
        return _in_order(list(_addresses(self.letters)), list(_names(self.letters)))

    @cached_property
    def _region_ends(self) -> list[int]:
        return [region.end for region in self.regions]

    def words_between(self, start: int, end: int) -> int:
        """How many counted words lie wholly between two places."""
        starts, ends = self._words
        return max(0, bisect_right(ends, end) - bisect_left(starts, start))

    @cached_property
    def _words(self) -> tuple[list[int], list[int]]:
        words = list(self._counted())
        return [start for start, _ in words], [end for _, end in words]

    def _counted(self) -> Iterator[Span]:
        edges = [0, *(place for region in self.regions for place in region[:2]), len(self.letters)]
        for number, (start, end) in enumerate(pairwise(edges)):
            if number % 2:
                yield start, end
            else:
                start = _end(_TAIL.match(self.letters, start)) if number else start
                yield from (match.span() for match in _WORD.finditer(self.letters, min(start, end), end))

    def run_end(self, place: int) -> int:
        """Where the letters and digits end that stand before a place and go on behind it."""
        return self._run_ends[bisect_left(self._run_ends, place)]

    @cached_property
    def _run_ends(self) -> list[int]:
        return [match.end() for match in _WHOLE.finditer(self.letters)]

    @cached_property
    def runs(self) -> list[Span]:
        """All whole runs of letters."""
        return [match.span() for match in _RUN.finditer(self.letters)]


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _in_order(addresses: list[Region], names: list[Region]) -> list[Region]:
    """Addresses that overlap are one; a name counts where no address and no earlier name is."""
    regions: list[Region] = []
    for region in sorted(addresses, key=lambda region: region.start):
        if regions and region.start < regions[-1].end:
            regions[-1] = Region(regions[-1].start, max(regions[-1].end, region.end))
        else:
            regions.append(region)
    ends = [region.end for region in regions]
    free = 0
    for name in sorted(names, key=lambda region: region.start):
        following = bisect_right(ends, name.start)
        if name.start >= free and (following == len(ends) or regions[following].start >= name.end):
            regions.append(name)
            free = name.end
    return sorted(regions, key=lambda region: region.start)


def _addresses(letters: str) -> Iterator[Region]:
    for match in _ADDRESS.finditer(letters):
        yield Region(*match.span())
    for at in _occurrences(letters, "@"):
        start = _local_part(letters, at)
        domain = _DOMAIN.match(letters, at + 1)
        if start < at and domain:
            yield Region(start, domain.end())


def _local_part(letters: str, at: int) -> int:
    """Where the part of an e-mail address before its @ begins."""
    while at and (letters[at - 1].isalnum() or letters[at - 1] in "._%+-"):
        at -= 1
    return at


def _names(letters: str) -> Iterator[Region]:
    for match in _USER.finditer(letters):
        yield from _name(letters, match.start(), match.end())
    for at in _occurrences(letters, "@"):
        if not at or not (letters[at - 1].isalnum() or letters[at - 1] == "_"):
            yield from _name(letters, at, at + 1)


def _name(letters: str, start: int, core: int) -> Iterator[Region]:
    match = _MENTION.match(letters, core)
    name = match[0].rstrip(".") if match else ""
    if any(map(str.isalnum, name)):
        yield Region(start, core + len(name), core)


def _occurrences(letters: str, sign: str) -> Iterator[int]:
    at = letters.find(sign)
    while at >= 0:
        yield at
        at = letters.find(sign, at + 1)


def is_boundary(letters: str, place: int) -> bool:
    """Whether a match may begin or end here: at the edge of a word, or before a digit after a letter."""
    if place <= 0 or place >= len(letters):
        return True
    before, after = letters[place - 1], letters[place]
    return not before.isalnum() or not after.isalnum() or (before.isalpha() and not after.isalpha())
