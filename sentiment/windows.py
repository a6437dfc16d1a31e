"""What the model reads: a window of the post around the product, with the title and quote before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from listener.errors import SentimentError
from listener.model import Span, Target

AROUND = 220  # characters either side of the product: more context moved no figure in training
NEAR = 240  # spans within this extent share one window
WHOLE = 480  # characters of a window where the product is not named in the text
WINDOWS = 4  # of one text: the first two and the last two, where a long post says most
TITLE = 160
QUOTE = 200
CONTEXT_TOKENS = 120
TEXT_TOKENS = 360
T = TypeVar("T")
BEGIN, END, UNKNOWN = 0, 2, 3  # <s>, </s> and <unk> of the base's tokenizer
_LETTER = re.compile(r"[^\W\d_]")
_FOREIGN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")

_UNREADABLE = {code: " " for code in (*range(32), *range(127, 160))} | {
    code: "\ufffd" for code in range(0xD800, 0xE000)
}


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of a post as the model gets it; `spans` are code points of `text`."""

    text: str
    spans: tuple[Span, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids with what is 1 on the product's tokens (`marked`) and on the tokens judged (`pooled`).

    `pooled` is `marked`, or all own words if nothing is marked.
    """

    ids: list[int]
    marked: list[int]
    pooled: list[int]
    unread: float  # share of the own words that mean nothing to the model


def windows(target: Target) -> list[Window]:
    """One window for each group of near spans, or the whole post in pieces; none if it is blank."""
    text = readable(target.text)
    spans = checked(target.spans, len(text))
    if not text.strip():
        return []
    context = _context(target)
    if spans:
        groups = _few(_groups(spans))
        return [_around(text, group, context) for group in groups]
    return [Window(piece, (), context) for piece in _few(_pieces(text))]


def readable(text: str) -> str:
    """Control characters become blanks and lone surrogates U+FFFD; no place moves."""
    return text if text.isascii() and text.isprintable() else text.translate(_UNREADABLE)


def checked(spans: Sequence[Span], length: int) -> list[Span]:
    """The spans in order, each once; SentimentError if one does not lie in the text."""
    for start, end in spans:
        if not 0 <= start < end <= length:
            raise SentimentError(f"span ({start}, {end}) does not lie in a text of {length} characters")
    return sorted(set(spans))


def _context(target: Target) -> str:
    title = _cut(" ".join(readable(target.title).split()), TITLE)
    quote = "" if target.spans else _cut(" ".join(readable(target.quote[: 4 * QUOTE]).split()), QUOTE)
    return " ".join(filter(None, [title, quote]))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0]


def _groups(spans: Sequence[Span]) -> list[list[Span]]:
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span[1] - groups[-1][0][0] <= NEAR:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _few(pieces: list[T]) -> list[T]:
    half = WINDOWS // 2
    return pieces if len(pieces) <= WINDOWS else pieces[:half] + pieces[-half:]


def _around(text: str, group: Sequence[Span], context: str) -> Window:
    first, last = group[0][0], max(end for _, end in group)
    begin = _word_after(text, first - AROUND, first)
    end = _word_before(text, last + AROUND, last)
    return Window(text[begin:end], tuple((start - begin, stop - begin) for start, stop in group), context)


def _word_after(text: str, begin: int, limit: int) -> int:
    """Where a word begins at or after `begin`, but not after `limit`."""
    if begin <= 0:
        return 0
    blank = text.find(" ", begin - 1, limit)
    return blank + 1 if blank >= 0 else begin


def _word_before(text: str, end: int, limit: int) -> int:
    """Where a word ends at or before `end`, but not before `limit`."""
    if end >= len(text):
        return len(text)
    blank = text.rfind(" ", limit, end + 1)
    return blank if blank >= 0 else end


def _pieces(text: str) -> list[str]:
    pieces, begin = [], 0
    while begin < len(text):
        end = _word_before(text, begin + WHOLE, begin + 1)
        pieces.append(text[begin:end])
        begin = end
    return [piece for piece in pieces if piece.strip()]


def encode(tokenizer: Any, window: Window) -> Encoded:
    """`<s> context </s></s> text </s>`, or without a context `<s> text </s>`; never above 512 tokens."""
    context = tokenizer.encode(window.context, add_special_tokens=False).ids[:CONTEXT_TOKENS]
    own = tokenizer.encode(window.text, add_special_tokens=False)
    flags = [int(_touches(offset, window.spans)) for offset in own.offsets]
    ids, flags = _middle(own.ids, flags)
    before = [BEGIN, *context, END, END] if context else [BEGIN]
    marked = [0] * len(before) + flags + [0]
    pooled = marked if any(flags) else [0] * len(before) + [1] * len(ids) + [0]
    return Encoded([*before, *ids, END], marked, pooled, _unread(ids, window.text))


def _unread(ids: Sequence[int], text: str) -> float:
    """The larger of the shares of unknown pieces and of letters in other scripts."""
    letters = len(_LETTER.findall(text))
    foreign = len(_FOREIGN.findall(text)) / letters if letters else 0.0
    return max(ids.count(UNKNOWN) / len(ids) if ids else 1.0, foreign)


def _touches(offset: Span, spans: Sequence[Span]) -> bool:
    return any(offset[0] < end and start < offset[1] for start, end in spans)


def _middle(ids: list[int], flags: list[int]) -> tuple[list[int], list[int]]:
    """At most TEXT_TOKENS of them, with the first marked one in the middle."""
    if len(ids) <= TEXT_TOKENS:
        return ids, flags
    first = flags.index(1) if 1 in flags else 0
    begin = min(max(0, first - TEXT_TOKENS // 2), len(ids) - TEXT_TOKENS)
    return ids[begin : begin + TEXT_TOKENS], flags[begin : begin + TEXT_TOKENS]
