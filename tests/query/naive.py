"""The rules of docs/query.md once more, slow and obvious: every stretch of a text is tried."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product

from listener.model import Passage
from listener.query.syntax import And, Exact, Expression, Field, Near, Not, Or, Phrase, Term, Title, Word

INVISIBLE = "\u00ad\u200b"
SPECIAL = dict(zip("ëẍẅḧẗ", "exwht", strict=True)) | {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "é": "e",
    "’": "'",
    "–": "-",
    "\u00a0": " ",
}
ALPHABET = "abesxuwhtp"
Span = tuple[int, int]


class Text:
    """Folded letters, each with its stretch of the original."""

    def __init__(self, text: str) -> None:
        self.text = text
        clusters: list[list[int]] = []
        for place, char in enumerate(text):
            if char in INVISIBLE:
                continue
            if unicodedata.combining(char) and clusters:
                clusters[-1][1] = place + 1
            elif not unicodedata.combining(char):
                clusters.append([place, place + 1])
        self.cells = [(letter, a, b) for a, b in clusters for letter in folded(text[a:b])]
        self.letters = "".join(letter for letter, _, _ in self.cells)
        self.blocked = [
            m.span() for m in re.finditer(r'(https?://|(?<![^\W_])www\.(?=[^\s"()]))[^\s"()]*', self.letters)
        ]
        self.blocked += [m.span(1) for m in re.finditer(r"(?=([\w.%+-]+@\w[\w-]*(\.[\w-]+)+))", self.letters)]
        self.blocked = joined(self.blocked)
        self.names = [
            (m.start(), m.start(1), m.start(1) + len(m[1].rstrip(".")))
            for m in re.finditer(r"(?:(?<!\w)@|(?<![^\W_])u/)([\w.]*[^\W_][\w.]*)", self.letters)
            if not any(a < m.end() and m.start() < b for a, b in self.blocked)
        ]

    def edge(self, place: int) -> bool:
        if place in (0, len(self.letters)):
            return True
        before, after = self.letters[place - 1 : place + 1]
        return not (before.isalnum() and after.isalnum()) or (before.isalpha() and after.isdigit())

    def free(self, a: int, b: int) -> bool:
        inside = any(a < end and start < b for start, end in self.blocked)
        partly = any(
            a < end and start < b and not (a <= core and end <= b) for start, core, end in self.names
        )
        return not inside and not partly

    def original(self, span: Span) -> Span:
        return self.cells[span[0]][1], self.cells[span[1] - 1][2]

    def words(self) -> list[Span]:
        whole = [*self.blocked, *((start, end) for start, _, end in self.names)]
        letters = list(self.letters)
        for start, end in whole:
            rest = re.match(r"('[^\W_]+)*", self.letters[end:])
            letters[start : end + rest.end()] = " " * (end + rest.end() - start)
        return [*whole, *(m.span() for m in re.finditer(r"[^\W_]+('[^\W_]+)*", "".join(letters)))]


def folded(cluster: str) -> str:
    chars = unicodedata.normalize("NFC", "".join(c for c in cluster if c not in INVISIBLE)).lower()
    return "".join(SPECIAL.get(char, char) for char in chars if not unicodedata.combining(char))


def fold(text: str) -> str:
    return "".join(map(folded, unicodedata.normalize("NFC", text)))


def word_forms(word: Word) -> set[str]:
    """All that a word can look like, endings apart."""
    umlauts = {word.text}
    if sum(c.isalpha() for c in word.text) >= 7:
        umlauts.add(word.text.replace("ä", "a").replace("ö", "o").replace("ü", "u"))
    forms = set()
    for text in umlauts:
        pieces = re.findall(r"[^\W\d]+(?:'[^\W\d]+)*|\d+", text.replace("-", " "))
        for joints in product(["", "-", " "], repeat=len(pieces) - 1):
            forms.add("".join(fold(a) + b for a, b in zip(pieces, [*joints, ""], strict=True)))
    return forms


def with_endings(word: Word) -> set[str]:
    forms, letters = word_forms(word), sum(c.isalpha() for c in word.text)
    endings = ["", "'s"]
    if letters >= 3 and word.text[-1].isalpha():
        endings += ["s"] if fold(word.text)[-1] in "aeiouy" else ["s", "es"]
    return {form + ending for form in forms for ending in endings}


@cache
def edited(word: str, edits: int) -> frozenset[str]:
    if not edits:
        return frozenset([word])
    near = {word}
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        near |= (
            {head + c + tail for c in ALPHABET} | {head + c + tail[1:] for c in ALPHABET} | {head + tail[1:]}
        )
        if len(tail) > 1:
            near.add(head + tail[1] + tail[0] + tail[2:])
    return frozenset(w for n in near for w in edited(n, edits - 1))


def is_word(text: Text, word: Word, a: int, b: int) -> bool:
    here = text.letters[a:b]
    if not (text.edge(a) and text.edge(b) and text.free(a, b)):
        return False
    if word.wildcard:
        ended = b == len(text.letters) or not text.letters[b].isalnum()
        return ended and any(
            here.startswith(f) and (here[len(f) :] or "a").isalnum() for f in word_forms(word)
        )
    if here in with_endings(word):
        return True
    whole = here.isalpha() and not text.letters[b : b + 1].isalpha()
    plain = fold(word.text).replace("-", "")
    return bool(word.edits) and whole and here[0] == plain[0] and here in edited(plain, word.edits)


def is_exact(text: Text, piece: str, a: int, b: int) -> bool:
    start, end = text.original((a, b))
    here = "".join(c for c in text.text[start:end] if c not in INVISIBLE).replace("’", "'").replace("–", "-")
    same = unicodedata.normalize("NFC", here) == piece
    return same and text.edge(a) and text.edge(b) and text.free(a, b)


def is_gap(text: Text, a: int, b: int) -> bool:
    gap = text.letters[a:b]
    if not gap:
        return text.letters[a - 1].isalpha() and text.letters[a : a + 1].isdigit()
    return not any(c.isalnum() or c in ".,;:!?…—" for c in gap) and not re.search(r"\n *\n", gap)


def chains(text: Text, parts: tuple[Word | str, ...], a: int) -> Iterator[int]:
    """Where the parts end, one after another, if the first begins at a."""
    for b in range(a + 1, len(text.letters) + 1):
        first = parts[0]
        if is_exact(text, first, a, b) if isinstance(first, str) else is_word(text, first, a, b):
            if len(parts) == 1:
                yield b
            for c in range(b, len(text.letters)):
                if len(parts) > 1 and is_gap(text, b, c):
                    yield from chains(text, parts[1:], c)


def occurrences(text: Text, term: Term) -> list[Span]:
    parts: tuple[Word | str, ...]
    match term:
        case Word():
            parts = (term,)
        case Phrase(words):
            parts = words
        case Exact(letters):
            parts = tuple(letters.split())
    found = {a: list(chains(text, parts, a)) for a in range(len(text.letters))}
    return [(a, max(ends)) for a, ends in found.items() if ends]


def near(text: Text, part: Near) -> list[Span]:
    lefts = [span for term in part.left for span in occurrences(text, term)]
    rights = [span for term in part.right for span in occurrences(text, term)]
    words = text.words()

    def close(x: Span, y: Span) -> bool:
        """x before y, and few words between."""
        return x[1] <= y[0] and sum(x[1] <= a and b <= y[0] for a, b in words) <= part.distance

    if part.kind == "NOT NEAR":
        return [x for x in lefts if not any(close(x, y) or close(y, x) for y in rights)]
    pairs = [(x, y) for x in lefts for y in rights if close(x, y) or (part.kind == "NEAR" and close(y, x))]
    return [span for pair in pairs for span in pair]


def judge(
    part: Expression, texts: dict[str, Text], place: str, at: str, passage: Passage
) -> list[Span] | None:
    match part:
        case Near():
            return near(texts[place], part) or None
        case And(parts):
            all_ = [judge(inner, texts, place, at, passage) for inner in parts]
            return None if None in all_ else [span for spans in all_ for span in spans or []]
        case Or(parts):
            some = [judge(inner, texts, place, at, passage) for inner in parts]
            return None if all(s is None for s in some) else [span for spans in some for span in spans or []]
        case Not(inner):
            places = ["text", "title"] + ["quote"] * (at == "quote")
            return None if any(judge(inner, texts, p, at, passage) is not None for p in places) else []
        case Title(inner):
            return None if judge(inner, texts, "title", at, passage) is None else []
        case Field("author", value):
            return [] if (passage.author or "").lower() == value.lower() else None
        case Word() | Phrase() | Exact():
            return occurrences(texts[place], part) or None
    raise AssertionError(part)


def match(part: Expression, passage: Passage) -> tuple[str, list[Span]] | None:
    """Place and spans, or None."""
    texts = {place: Text(getattr(passage, place)) for place in ("text", "title", "quote")}
    for place in texts:
        spans = judge(part, texts, place, place, passage)
        if spans is not None:
            return place, joined([texts["text"].original(s) for s in spans]) if place == "text" else []
    return None


def joined(spans: list[Span]) -> list[Span]:
    covered: list[Span] = []
    for a, b in sorted(spans):
        if covered and a < covered[-1][1]:
            covered[-1] = (covered[-1][0], max(b, covered[-1][1]))
        else:
            covered.append((a, b))
    return covered
