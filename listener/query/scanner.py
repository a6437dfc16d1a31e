"""A query's text as tokens with their columns; says what is wrong in words an analyst can use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, cast

from lark import Token
from lark.lexer import Lexer, LexerState

from listener.errors import QueryError
from listener.query.folding import APOSTROPHES, HYPHENS, INVISIBLE, QUOTES, cased, fold, visible
from listener.query.syntax import Exact, Field, FieldName, Phrase, Word

LONGEST = 20_000
DEEPEST = 50
FARTHEST = 999
LONGEST_TYPO = 40
FIELDS = ("title", "author", "site", "lang", "thread")
BLOCKING = ".,;:!?…—"

_BLANK = re.compile(rf"[\s{INVISIBLE}]*")
_PHRASE = re.compile(f"[{QUOTES}]([^{QUOTES}]*)([{QUOTES}]?)")
_EXACT = re.compile(r"\{([^{}]*)(\}?)")
_RUN = re.compile(rf"[^\s(){{}}{QUOTES}]+")
_FIELD = re.compile(r"([^\W\d_]+):(?=\S)(?!//)")
_NEAR = re.compile(r"(O?NEAR)/(\d+)")
_SUFFIX = re.compile(r"(\*)|~([12])")
_HOST = re.compile(r"[\w.-]+")
_SIGN = re.escape(HYPHENS + APOSTROPHES)
_LETTER = rf"(?:[^\W_]|[{INVISIBLE}\u0300-\u036f])"
_PHRASE_WORD = re.compile(rf"[^\W_]{_LETTER}*(?:[{_SIGN}]{_LETTER}+)*(?:\*|~\d*)?")


class Scanner(Lexer):
    """The lexer as lark wants it."""

    __future_interface__ = 1

    def __init__(self, lexer_conf: Any) -> None:
        del lexer_conf

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        """All tokens of a query."""
        text: Any = lexer_state.text
        return scan(text if isinstance(text, str) else text.text)


def scan(text: str) -> Iterator[Token]:
    """The tokens of a query, each with the column where it begins; QueryError at the first fault."""
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters; split it", LONGEST + 1)
    open_columns: list[int] = []
    position = _skip(text, 0)
    while position < len(text):
        if text[position] in "()":
            _count(text[position], position + 1, open_columns)
        found, position = _token(text, position)
        yield found
        position = _skip(text, position)
    if open_columns:
        raise QueryError("this ( is never closed; write the missing )", open_columns[-1])


def _skip(text: str, position: int) -> int:
    return cast(re.Match[str], _BLANK.match(text, position)).end()


def _count(bracket: str, column: int, open_columns: list[int]) -> None:
    if bracket == "(":
        open_columns.append(column)
        if len(open_columns) > DEEPEST:
            raise QueryError(f"more than {DEEPEST} parentheses inside each other; take some out", column)
    elif open_columns:
        open_columns.pop()
    else:
        raise QueryError("this ) closes nothing; remove it or write the missing (", column)


def _token(text: str, at: int) -> tuple[Token, int]:
    if text[at] in "()":
        return _made("LPAR" if text[at] == "(" else "RPAR", text[at], at), at + 1
    if text[at] in QUOTES:
        inner, end = _quoted(text, at)
        return _made("PHRASE", phrase(inner, at + 2), at), end
    if text[at] in "{}":
        return _exact(text, at)
    return _run(text, at)


def _made(kind: str, value: object, at: int) -> Token:
    return Token(kind, cast(str, value), start_pos=at, line=1, column=at + 1)


def _quoted(text: str, at: int) -> tuple[str, int]:
    match = cast(re.Match[str], _PHRASE.match(text, at))
    if not match[2]:
        raise QueryError("this quotation mark is never closed; write the missing one", at + 1)
    return match[1], match.end()


def _exact(text: str, at: int) -> tuple[Token, int]:
    match = _EXACT.match(text, at)
    if not match or not match[2]:
        raise QueryError("braces come in pairs; write {these letters}", at + 1)
    words = cased(match[1]).split()
    if not any(char.isalnum() for char in fold(match[1])):
        raise QueryError("expected at least one letter or digit between { and }", at + 1)
    return _made("EXACT", Exact(" ".join(words)), at), match.end()


def _run(text: str, at: int) -> tuple[Token, int]:
    field = _FIELD.match(text, at)
    if field:
        return _field(text, at, field)
    match = cast(re.Match[str], _RUN.match(text, at))
    run, end = visible(match[0]), match.end()
    if run == "NOT":
        following = _RUN.match(text, _skip(text, end))
        if following and _is_near(following[0]):
            return _near("NOT NEAR", following[0], at, following.start()), following.end()
    if run in ("AND", "OR", "NOT"):
        return _made(run, run, at), end
    if _is_near(run.removeprefix("O")):
        return _near("", run, at, at), end
    return _made("WORD", word(match[0], at + 1), at), end


def _is_near(run: str) -> bool:
    return run == "NEAR" or run.startswith("NEAR/")


def _near(kind: str, run: str, at: int, near_at: int) -> Token:
    match = _NEAR.fullmatch(run)
    if not match or len(match[2]) > len(str(FARTHEST)):
        raise QueryError(
            f"expected NEAR/n or ONEAR/n with n from 0 to {FARTHEST}, not {_short(run)}", near_at + 1
        )
    return _made("NEAR", (kind or match[1], int(match[2]), at + 1), at)


def _field(text: str, at: int, field: re.Match[str]) -> tuple[Token, int]:
    name = field[1].lower()
    if name not in FIELDS:
        raise QueryError(
            f"there is no field {_short(field[1])}; there are {', '.join(FIELDS)} (a word has no colon)",
            at + 1,
        )
    if name == "title":
        return _made("TITLE", name, at), field.end()
    value, end = _value(text, field.end(), name)
    if name == "site" and not _HOST.fullmatch(value):
        raise QueryError(
            "site: takes a host such as forum.example, without https:// and path", field.end() + 1
        )
    return _made("FIELD", Field(cast(FieldName, name), value), at), end


def _value(text: str, at: int, name: str) -> tuple[str, int]:
    if text[at] in QUOTES:
        inner, end = _quoted(text, at)
    else:
        match = _RUN.match(text, at)
        inner, end = (match[0], match.end()) if match else ("", at)
    value = unicodedata.normalize("NFC", visible(inner)).strip()
    if not value:
        raise QueryError(f'{name}: takes one value; write {name}:x or {name}:"x y"', at + 1)
    return value, end


def word(raw: str, column: int) -> Word:
    """One query word with its `*` or `~n`; QueryError where it holds something else."""
    body = raw[: min(raw.find(sign) % (len(raw) + 1) for sign in "*~")]
    suffix = raw[len(body) :]
    if suffix and not _SUFFIX.fullmatch(suffix):
        raise QueryError(_advice(suffix[0]), column + len(body))
    letters = cased(body)
    _check_letters(body, letters, column)
    if suffix.startswith("~") and len(letters) > LONGEST_TYPO:
        raise QueryError(f"expected at most {LONGEST_TYPO} letters before ~", column)
    return Word(letters, suffix == "*", int(suffix[1:]) if suffix.startswith("~") else 0)


def _check_letters(raw: str, letters: str, column: int) -> None:
    if not letters:
        raise QueryError("expected a word before * or ~", column)
    for index, char in enumerate(raw):
        if not (char in _WORD_SIGNS or char.isalnum() or unicodedata.combining(char)):
            raise QueryError(_advice(char), column + index)
    for place, sign in ((0, letters[0]), (len(raw) - 1, letters[-1])):
        if sign in "-'":
            raise QueryError(_advice(sign), column + place)
    if "--" in letters or "''" in letters or "-'" in letters or "'-" in letters:
        raise QueryError("expected a letter or digit between two hyphens or apostrophes", column)


_WORD_SIGNS = HYPHENS + APOSTROPHES + INVISIBLE


def _advice(sign: str) -> str:
    advice = {
        "*": "a * stands only at the end of a word; write abc*",
        "~": "a ~ stands only at the end of a word; write abc~1 or abc~2",
        "-": "a word does not begin or end with a hyphen; for exclusion write NOT",
        "'": 'a word does not begin or end with an apostrophe; for a phrase write "…"',
        "#": "leave the # out: akkufix finds #akkufix too",
        "@": "leave the @ out: akkufix finds @akkufix too",
        ":": f"a colon stands between a field ({', '.join(FIELDS)}) and its value, without blanks",
    }
    return advice.get(
        sign, f"expected a letter or digit, not {sign!r}; put words with signs into quotation marks or {{}}"
    )


def phrase(inner: str, column: int) -> Phrase:
    """The words of a phrase; punctuation written between two of them is allowed there in the text."""
    words: list[Word] = []
    signs: list[str] = []
    end = 0
    for match in _PHRASE_WORD.finditer(inner):
        gap = inner[end : match.start()]
        raw = match[0].rstrip(INVISIBLE)
        signs.append("".join(sorted({char for char in gap if char in BLOCKING})))
        words.append(_phrase_word(inner, raw, match.start(), column))
        end = match.start() + len(raw)
    if not words:
        raise QueryError("expected at least one word between the quotation marks", column)
    return Phrase(tuple(words), tuple(signs[1:]))


def _phrase_word(inner: str, raw: str, start: int, column: int) -> Word:
    end = start + len(raw)
    if raw.endswith("*") and inner[end : end + 1].isalnum():
        raise QueryError(_advice("*"), column + end - 1)
    return word(raw, column + start)


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"
