"""Letters as queries compare them, and the way back to code points of the original text.

`fold` is the fast one, run over every post; `align` gives the same letters with their places and
is only used for posts that match.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable

HYPHENS = "-‐‑‒–−"
APOSTROPHES = "'’‘ʼ´`′"
QUOTES = '"„“”«»'
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
DIAERESIS = "\u0308"

_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"))
_EXPANDING = re.compile("[äöüßÄÖÜ]")
# frequent signs with what stands for them; "!" ends a sentence like "…" and "—"
_SIGNS = (
    *(("„", '"'), ("“", '"'), ("”", '"'), ("«", '"'), ("»", '"')),
    *(("…", "!"), ("—", "!"), ("–", "-"), ("’", "'"), ("\u00a0", " ")),
)
Spot = Callable[[int, int], tuple[int, int]]


def fold(text: str) -> str:
    """The letters of a text as queries compare them (docs/query.md, "letters" and "invisible")."""
    plain = text
    if not plain.isascii():
        for letter, letters in _UMLAUTS:
            plain = plain.replace(letter, letters)
        if not plain.isascii():
            for sign, stand_in in _SIGNS:
                plain = plain.replace(sign, stand_in)
            if not plain.isascii():
                return _fold_rare(text)
    return plain.lower().replace("\t", " ")


def _fold_rare(text: str) -> str:
    if any(char in text for char in INVISIBLE):
        text = visible(text)
    return unicodedata.normalize("NFC", text).translate(_FOLDED)


def visible(text: str) -> str:
    """The text without the characters that do not exist for matching."""
    return text.translate(_WITHOUT_INVISIBLE)


def cased(text: str) -> str:
    """The letters of a text as `{exact}` terms compare them: case and accents stay."""
    return unicodedata.normalize("NFC", text.translate(_CASED))


def align(text: str, folded: str) -> Spot:
    """A function from places in `folded`, which is `fold(text)`, to code points of `text`."""
    if text.isascii():
        return _same
    if _is_plain(text):
        return _shifted([match.start() + n for n, match in enumerate(_EXPANDING.finditer(text))])
    return _clustered(text)


def _is_plain(text: str) -> bool:
    return not _RARE.search(text)


def _same(start: int, end: int) -> tuple[int, int]:
    return start, end


def _shifted(expanded: list[int]) -> Spot:
    """For texts where single letters became two and all else kept its place."""

    def spot(start: int, end: int) -> tuple[int, int]:
        return start - bisect_left(expanded, start), end - bisect_left(expanded, end)

    return spot


def _clustered(text: str) -> Spot:
    """For any text: a letter with its combining marks is one place."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        alone = end - start == 1
        for _ in _FOLDED[ord(text[start])] if alone else _fold_rare(text[start:end]):
            starts.append(start)
            ends.append(end)
    return lambda start, end: (starts[start], ends[end - 1])


def _clusters(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        if char in INVISIBLE:
            continue
        if spans and unicodedata.combining(char):
            spans[-1] = (spans[-1][0], index + 1)
        else:
            spans.append((index, index + 1))
    return spans


class _Folded(dict[int, str]):
    """The table behind `fold`: filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        self[code] = letters = _letters(chr(code))
        return letters


def _letters(char: str) -> str:
    for class_, stand_in in _CLASSES:
        if char in class_:
            return stand_in
    if char.isspace() and not char.isascii():
        return " "
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    return _without_accents(char.casefold())


def _without_accents(text: str) -> str:
    letters = ""
    for char in unicodedata.normalize("NFD", text):
        if char == DIAERESIS and letters[-1:] in ("a", "o", "u"):
            letters += "e"
        elif not unicodedata.combining(char):
            letters += char
    return letters


_CLASSES = (
    *((HYPHENS, "-"), (APOSTROPHES, "'"), (QUOTES, '"'), ("…—", "!"), (INVISIBLE, "")),
    *(("\t", " "), ("\x85\u2028\u2029", "\n"), ("ŉ", "n")),
)
_FOLDED = _Folded()
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
_CASED = (
    _WITHOUT_INVISIBLE | dict.fromkeys(map(ord, HYPHENS), "-") | dict.fromkeys(map(ord, APOSTROPHES), "'")
)
_RARE = re.compile("[^\x00-\x7f" + "".join(pair[0] for pair in (*_UMLAUTS, *_SIGNS)) + "]")
