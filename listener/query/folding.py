"""Letters as queries compare them, and the way back to code points of the original text.

`fold` is the fast one, run over every post; `align` gives the same letters with their places and
is only used for posts that match.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from string import ascii_lowercase, ascii_uppercase

HYPHENS = "-‐‑‒–−"
APOSTROPHES = "'’‘ʼ´`′"
QUOTES = '"„“”«»'
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
DIAERESIS = "\u0308"

_EXPANDING = re.compile("[äöüßÄÖÜ]")
# frequent letters and signs with what stands for them; "!" ends a sentence like "…" and "—"
_FREQUENT = (
    *(("ä", "ae"), ("ü", "ue"), ("ö", "oe"), ("ß", "ss"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")),
    *(("„", '"'), ("“", '"'), ("–", "-"), ("…", "!"), ("’", "'"), ("\u00a0", " ")),
    *(("”", '"'), ("»", '"'), ("«", '"'), ("—", "!")),
)
_RARE = re.compile("[^\x00-\x7f" + "".join(sign for sign, _ in _FREQUENT) + "]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_RARE_LETTERS = "listener.rare"
Spot = Callable[[int, int], tuple[int, int]]


def fold(text: str) -> str:
    """The letters of a text as queries compare them (docs/query.md, "letters" and "invisible")."""
    plain = _without_frequent(text)
    if not plain.isascii() and (rare := unicodedata.normalize("NFC", visible(text))) != text:
        plain = _without_frequent(rare)
    return plain.encode("ascii", _RARE_LETTERS).translate(_ASCII).decode()


def _without_frequent(text: str) -> str:
    for sign, stand_in in _FREQUENT:
        if text.isascii():
            break
        if sign in text:
            text = text.replace(sign, stand_in)
    return text


def _rare_letters(error: UnicodeError) -> tuple[bytes, int]:
    """What `encode` puts in the place of letters that are not ASCII."""
    assert isinstance(error, UnicodeEncodeError)
    return error.object[error.start : error.end].translate(_FOLDED).encode(), error.end


def visible(text: str) -> str:
    """The text without the characters that do not exist for matching."""
    return text.translate(_WITHOUT_INVISIBLE) if any(map(text.__contains__, INVISIBLE)) else text


def cased(text: str) -> str:
    """The letters of a text as `{exact}` terms compare them: case and accents stay."""
    return unicodedata.normalize("NFC", text.translate(_CASED))


def align(text: str, folded: str) -> Spot:
    """A function from places in `folded`, which is `fold(text)`, to code points of `text`."""
    if text.isascii():
        return _same
    if _RARE.search(text):
        return _clustered(text)
    return _shifted([match.start() + n for n, match in enumerate(_EXPANDING.finditer(text))])


def _same(start: int, end: int) -> tuple[int, int]:
    return start, end


def _shifted(expanded: list[int]) -> Spot:
    """For texts where single letters became two and all else kept its place."""

    def spot(start: int, end: int) -> tuple[int, int]:
        return start - bisect_left(expanded, start), end - bisect_left(expanded, end)

    return spot


def _clustered(text: str) -> Spot:
    """For any text: a letter with its combining marks is one place."""
    stretches = list(_stretches(text))
    places = [place for place, *_ in stretches]

    def one(place: int) -> tuple[int, int]:
        number = bisect_right(places, place) - 1
        if number < 0:
            return place, place + 1
        first, length, start, end = stretches[number]
        over = place - first - length
        return (start, end) if over < 0 else (end + over, end + over + 1)

    return lambda start, end: (one(start)[0], one(end - 1)[1])


def _stretches(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Place and number of folded letters, start and end in the text: whatever is not one for one."""
    place = behind = 0
    for match in _NOT_ASCII.finditer(text):
        begin = end = max(0, match.start() - 1)  # with the letter before, whose marks these may be
        place += begin - behind
        for start, end in _clusters(text, begin, match.end()):
            alone = end - start == 1
            length = len(_FOLDED[ord(text[start])] if alone else fold(text[start:end]))
            yield place, length, start, end
            place += length
        behind = match.end()
        if end < behind:
            yield place, 0, behind, behind


def _clusters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for index, char in enumerate(text[start:end], start):
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
_ASCII = bytes.maketrans(b"\t`" + ascii_uppercase.encode(), b" '" + ascii_lowercase.encode())
codecs.register_error(_RARE_LETTERS, _rare_letters)
