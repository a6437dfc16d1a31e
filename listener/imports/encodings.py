"""In which encoding a text file is written, found by looking at all of it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

DAMAGED = re.compile("[\udc80-\udcff]")  # bytes that the encoding does not know (surrogateescape)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SURELY = 4  # so many whole characters for each broken one: UTF-8 with damage, not another encoding


def encoding_of(head: bytes, blocks: Iterable[bytes]) -> str:
    """A mark says it; UTF-16 shows in its zeros; else UTF-8 if all of it is, or nearly; else Windows-1252."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    whole, broken = _counted(blocks)
    return "utf-8" if whole >= _SURELY * broken else "cp1252"


def _counted(blocks: Iterable[bytes]) -> tuple[int, int]:
    """How many characters beyond ASCII are UTF-8, and how many bytes are not."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    whole = broken = 0
    for block in blocks:
        if block.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(block)
        wrong = len(DAMAGED.findall(text))
        broken += wrong
        whole += len(text) - len(text.encode("ascii", "ignore")) - wrong
    return whole, broken + len(decoder.getstate()[0])


def errors_of(encoding: str) -> str:
    """What stands for a byte that cannot be read: in UTF-8 a sign that its row is refused by."""
    return "surrogateescape" if encoding.startswith("utf-8") else "replace"
