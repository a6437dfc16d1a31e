"""What the parts of a query find beyond their own letters, in words for analysts."""

from __future__ import annotations

from collections.abc import Iterator

from listener.query.folding import fold
from listener.query.syntax import And, Exact, Expression, Field, Near, Not, Or, Phrase, Term, Title, Word
from listener.query.terms import Spelling, finder

MOST_FORMS = 9
_PAIRS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"), ("ss", "ß"))
_GAP = "between them blanks, hyphens and the like, but none of . , ; : ! ? … — and no empty line"
_FIELDS = {
    "author": "posts whose author has exactly this name, in any case",
    "site": "posts whose address is on this host or below it",
    "lang": "posts in this language, as their source says or else as detected",
    "thread": "posts of the thread with this id or address",
}


def units(part: Expression) -> Iterator[Term | Near | Field]:
    """The terms, distances and fields of a query, in the order in which they are written."""
    match part:
        case And(parts) | Or(parts):
            for inner in parts:
                yield from units(inner)
        case Not(inner) | Title(inner):
            yield from units(inner)
        case Near(left, right, _, _):
            yield from (*left, *right)
            yield part
        case _:
            yield part


def expansions(part: Term | Near | Field) -> list[str]:
    """What a term, a distance or a field finds."""
    match part:
        case Word():
            return _of_word(part)
        case Phrase(words, signs):
            return list(_of_phrase(words, signs))
        case Exact():
            return ["exactly these letters and signs in this case, no other spelling and no ending"]
        case Near(_, _, distance, kind):
            return [_of_near(distance, kind)]
        case Field(name, _):
            return [_FIELDS[name]]


def _of_near(distance: int, kind: str) -> str:
    words = f"{distance} word{'s' * (distance != 1)}"
    if kind == "NOT NEAR":
        return f"only where no right side stands within {words} before or behind the left side"
    order = "the left side first" if kind == "ONEAR" else "in either order"
    return f"at most {words} between them, {order}"


def _of_phrase(words: tuple[Word, ...], signs: tuple[str, ...]) -> Iterator[str]:
    if len(words) > 1:
        yield f"these words in this order; {_GAP}"
    for allowed, first, second in zip(signs, words, words[1:], strict=False):
        if allowed:
            yield f"between {first} and {second} also {' '.join(allowed)}"
    for word in words:
        yield f"{word}: {'; '.join(_of_word(word))}"


def _of_word(word: Word) -> list[str]:
    spelling = finder(word).parts[0]
    assert isinstance(spelling, Spelling)
    said = [_spellings(word, spelling), _folded_pairs(word)]
    if word.edits:
        edits = f"{word.edits} edit{'s' * (word.edits > 1)}"
        said.append(f"any word within {edits} that begins with {spelling.whole[0]}")
    if word.wildcard:
        said.append("and all letters and digits that follow")
    if spelling.endings:
        said.append(f"also with {', '.join(spelling.endings)} at its end")
    return [part for part in said if part]


def _spellings(word: Word, spelling: Spelling) -> str:
    joints = len(spelling.variants[0]) > 1
    forms = dict.fromkeys([word.text.lower()])
    for number, pieces in enumerate(spelling.variants):
        mark = " (plain vowels)" if number else ""
        short = Spelling((pieces,), ()).keys()
        forms |= dict.fromkeys(form + mark for form in (short if len(short) <= MOST_FORMS else short[:1]))
    if not joints:
        return f"spelt {', '.join(forms)}"
    if 3 ** (len(spelling.variants[0]) - 1) <= MOST_FORMS:
        return f"spelt {', '.join(forms)} (joints: nothing, one hyphen or one blank)"
    return f"spelt {'|'.join(spelling.variants[0])}, with nothing, one hyphen or one blank at each |"


def _folded_pairs(word: Word) -> str:
    """The other direction: what the query writes as two letters, the text may write as one."""
    letters = word.text.casefold().replace("ß", "")
    pairs = [f"{pair} also as {sign}" for pair, sign in _PAIRS if pair in letters and pair in fold(word.text)]
    return ", ".join(pairs)
