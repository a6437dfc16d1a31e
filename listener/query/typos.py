"""Words that are one or two edits away from each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations


@lru_cache(maxsize=50_000)
def within(term: str, word: str, edits: int) -> bool:
    """Whether a word begins like the term and is at most `edits` (1 or 2) edits away."""
    return word[:1] == term[:1] and abs(len(term) - len(word)) <= edits and distance(term, word) <= edits


def distance(left: str, right: str) -> int:
    """Edits between two words: insertion, deletion, replacement, swap of neighbours are one each.

    Lowrance and Wagner (1975), the unrestricted distance: letters may be put between swapped ones.
    """
    far = len(left) + len(right)
    rows: list[list[int]] = [[far] * (len(right) + 2), [far, *range(len(right) + 1)]]
    last_row: dict[str, int] = defaultdict(int)
    for i, letter in enumerate(left, 1):
        row = [far, i]
        last_column = 0
        for j, other in enumerate(right, 1):
            swap_row, swap_column = last_row[other], last_column
            swap = rows[swap_row][swap_column] + (i - swap_row - 1) + 1 + (j - swap_column - 1)
            if letter == other:
                last_column = j
            row.append(min(rows[i][j] + (letter != other), row[j] + 1, rows[i][j + 1] + 1, swap))
        rows.append(row)
        last_row[letter] = i
    return rows[-1][-1]


class Neighbours:
    """Which of many terms are near a text's words; the cost does not grow with the number of terms."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        self._by_rest: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._distant: set[str] = set()
        self._close: dict[str, list[tuple[str, int]]] = {}
        self._edits = 0
        shapes = set()
        for term, edits in terms:
            for rest in _rests(term, edits):
                self._by_rest[rest].add((term, edits))
            self._edits = max(self._edits, edits)
            shapes.add((term[0], len(term) - edits, len(term) + edits))
        self._runs = _whole_runs(shapes) if shapes else None

    def within(self, letters: str) -> set[tuple[str, int]]:
        """The terms that are near a whole run of letters in a folded text."""
        if not self._runs:
            return set()
        near = set()
        for run in set(self._runs.findall(letters)) - self._distant:
            near.update(self._close.get(run) or self._search(run))
        return near

    def _search(self, run: str) -> list[tuple[str, int]]:
        candidates = {term for rest in _rests(run, self._edits) for term in self._by_rest.get(rest, ())}
        near = [(term, edits) for term, edits in candidates if within(term, run, edits)]
        if len(self._distant) + len(self._close) >= MOST_REMEMBERED:
            self._distant.clear()
            self._close.clear()
        if near:
            self._close[run] = near
        else:
            self._distant.add(run)
        return near


MOST_REMEMBERED = 100_000


def _whole_runs(shapes: set[tuple[str, int, int]]) -> re.Pattern[str]:
    """Runs of letters, begun at a boundary, with the first letters and lengths that come into question."""
    first = "".join(map(re.escape, sorted({letter for letter, _, _ in shapes})))
    rest = f"{{{max(0, min(low for _, low, _ in shapes) - 1)},{max(high for _, _, high in shapes) - 1}}}"
    return re.compile(rf"[{first}](?<![^\W_].)[^\W\d_]{rest}+(?![^\W\d_])")


def _rests(word: str, edits: int) -> set[str]:
    """What is left of a word when up to `edits` letters are taken out: near words share one of these."""
    places = range(len(word))
    return {
        "".join(letter for place, letter in enumerate(word) if place not in taken)
        for number in range(edits + 1)
        for taken in combinations(places, number)
    }
