"""Words, phrases and exact letters, made ready to be found in a reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from listener.model import Span
from listener.query.folding import fold
from listener.query.reading import Reading, is_boundary
from listener.query.syntax import Exact, Phrase, Term, Word
from listener.query.typos import within

LETTERS_FOR_PLAIN_VOWEL = 7
LETTERS_FOR_ENDING = 3
VOWELS = "aeiouyæœøı"
PIECES_OF_A_KEY = 4
_PLAIN_VOWELS = str.maketrans("äöüÄÖÜ", "aouAOU")
_JOINT = re.compile(r"-|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_RUN = re.compile(r"[^\W\d_]+")
_NEXT = re.compile(r"[^\W_]")
_BLOCKING = re.compile(r"[.,;:!?]")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n|\r[^\S\r\n]*\r")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One word: the pieces between its joints, once for each way to write its umlauts."""

    variants: tuple[tuple[str, ...], ...]
    endings: tuple[str, ...]
    wildcard: bool = False
    edits: int = 0

    @property
    def whole(self) -> str:
        """The letters that typos are counted on."""
        return "".join(self.variants[0])

    def keys(self) -> list[str]:
        """Strings of which one occurs in every folded text where the word does, edits apart."""
        return [key for pieces in self.variants for key in _spellings(pieces)]

    def starts(self, reading: Reading) -> Iterator[int]:
        """Where the word may begin."""
        for pieces in self.variants:
            yield from _occurrences(reading.letters, pieces[0])
        if self.edits:
            yield from self._near_runs(reading)

    def ends(self, reading: Reading, start: int) -> list[int]:
        """Where the word ends if it begins here; none if it is not here."""
        if not is_boundary(reading.letters, start):
            return []
        ends = {end for pieces in self.variants for end in self._ends(reading, pieces, start)}
        if self.edits:
            ends |= self._edited(reading.letters, start)
        return [end for end in ends if is_boundary(reading.letters, end) and reading.allows(start, end)]

    def _ends(self, reading: Reading, pieces: Sequence[str], start: int) -> Iterator[int]:
        letters = reading.letters
        end = _after(letters, pieces, start)
        if end is None:
            return
        yield reading.run_end(end) if self.wildcard else end
        yield from (end + len(ending) for ending in self.endings if letters.startswith(ending, end))

    def _near_runs(self, reading: Reading) -> Iterator[int]:
        whole, letters = self.whole, reading.letters
        for start, end in reading.runs:
            if letters[start] == whole[0] and within(whole, letters[start:end], self.edits):
                yield start

    def _edited(self, letters: str, start: int) -> set[int]:
        run = _RUN.match(letters, start)
        return {run.end()} if run and within(self.whole, run[0], self.edits) else set()


@dataclass(frozen=True, slots=True)
class Letters:
    """One piece of an exact term: these letters in this case."""

    written: str
    folded: str

    def keys(self) -> list[str]:
        """The string that occurs in every folded text where the piece does."""
        return [self.folded]

    def starts(self, reading: Reading) -> Iterator[int]:
        """Where the piece may begin."""
        return _occurrences(reading.letters, self.folded)

    def ends(self, reading: Reading, start: int) -> list[int]:
        """Where the piece ends if it begins here; none if it is not here."""
        end = start + len(self.folded)
        here = (
            reading.letters.startswith(self.folded, start)
            and is_boundary(reading.letters, start)
            and is_boundary(reading.letters, end)
            and reading.allows(start, end)
            and reading.cased(start, end) == self.written
        )
        return [end] if here else []


@dataclass(frozen=True, slots=True)
class Finder:
    """A term made ready: one or more parts with gaps between them."""

    parts: tuple[Spelling | Letters, ...]
    signs: tuple[str, ...] = ()

    def find(self, reading: Reading) -> list[Span]:
        """All occurrences, by where they begin; of two that begin alike, the longer."""
        spans = []
        for start in sorted(set(self.parts[0].starts(reading))):
            ends: Iterable[int] = self.parts[0].ends(reading, start)
            for signs, part in zip(self.signs, self.parts[1:], strict=True):
                ends = {end for before in ends for end in _next_ends(reading, before, signs, part)}
            if ends:
                spans.append((start, max(ends)))
        return spans

    def rarest(self) -> Spelling | Letters:
        """The part that the fewest texts hold, judged by its length."""
        return max(self.parts, key=lambda part: min(map(len, part.keys())) - getattr(part, "edits", 0))


def finder(term: Term) -> Finder:
    """The term made ready to be found."""
    match term:
        case Word():
            return Finder((_spelling(term),))
        case Phrase(words, signs):
            return Finder(tuple(map(_spelling, words)), tuple(fold(sign) for sign in signs))
        case Exact(text):
            pieces = [Letters(piece, fold(piece)) for piece in text.split() if any(map(str.isalnum, piece))]
            return Finder(tuple(pieces), ("",) * (len(pieces) - 1))


def _spelling(word: Word) -> Spelling:
    pieces = _JOINT.split(word.text)
    letters = sum(map(str.isalpha, word.text))
    variants = [pieces]
    if letters >= LETTERS_FOR_PLAIN_VOWEL:
        variants.append([piece.translate(_PLAIN_VOWELS) for piece in pieces])
    folded = dict.fromkeys(tuple(map(fold, variant)) for variant in variants)
    endings = () if word.wildcard else _endings(word.text, letters)
    return Spelling(tuple(folded), endings, word.wildcard, word.edits)


def _endings(text: str, letters: int) -> tuple[str, ...]:
    last = fold(text)[-1]
    if letters < LETTERS_FOR_ENDING or not last.isalpha():
        return ("'s",)
    return ("'s", "s") if last in VOWELS else ("'s", "s", "es")


def _spellings(pieces: Sequence[str]) -> list[str]:
    """All ways to write the joints between the first pieces."""
    first = pieces[:PIECES_OF_A_KEY]
    return [
        "".join(part for pair in zip(first, (*signs, ""), strict=True) for part in pair)
        for signs in product(("", "-", " "), repeat=len(first) - 1)
    ]


def _occurrences(letters: str, piece: str) -> Iterator[int]:
    place = letters.find(piece)
    while place >= 0:
        yield place
        place = letters.find(piece, place + 1)


def _after(letters: str, pieces: Sequence[str], start: int) -> int | None:
    """Where the pieces end, with nothing, one hyphen or one blank at each joint."""
    for number, piece in enumerate(pieces):
        if number and letters[start : start + 1] in ("-", " "):
            start += 1
        if not letters.startswith(piece, start):
            return None
        start += len(piece)
    return start


def _next_ends(reading: Reading, place: int, signs: str, part: Spelling | Letters) -> list[int]:
    """Where the next part of a phrase ends, if it comes after nothing but a gap."""
    letters = reading.letters
    match = _NEXT.search(letters, place)
    if not match:
        return []
    start = match.start() - (_leading_signs(part.folded) if isinstance(part, Letters) else 0)
    return part.ends(reading, start) if _is_gap(letters, place, start, signs) else []


def _leading_signs(text: str) -> int:
    return next(place for place, char in enumerate(text) if char.isalnum())


def _is_gap(letters: str, start: int, end: int, signs: str) -> bool:
    if start == end:  # the boundary between a letter and a digit
        return letters[start].isalnum()
    gap = letters[start:end]
    return start < end and set(_BLOCKING.findall(gap)) <= set(signs) and not _EMPTY_LINE.search(gap)
