"""How alike two texts are: a MinHash signature of their words, and keys by which an index finds like ones.

A text is the set of its runs of three words (without links, amounts and accents of spelling). Each of the
signature's 128 bytes is the same in two texts with the probability that is their Jaccard index, the share
of runs that both have (Broder 1997; bytes: Li and König 2010). Texts that share one of the bands of
`ROWS` bytes are held against each other (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4).
"""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import lru_cache

from rensa import RMinHash

from listener.model import COPY_WORDS

SIZE = 128  # bytes of a signature
SEED = 1  # another seed is another signature: stored ones would have to be made again
RUN = 3  # words
BANDS, ROWS = 8, 3
ALIKE = 64  # of SIZE bytes; measured in tests/storage/test_likeness.py

_LINK = re.compile(r"(?:https?://|www\.)\S+")
_AMOUNT = re.compile(r"(?:[€$£]|\b(?:eur|euro|usd)) ?\d[\d.,]*|\d[\d.,]*-? ?(?:[€$£]|(?:eur|euro|usd)\b)")
_WORD = re.compile(r"\w+")


def likeness(text: str) -> bytes | None:
    """The signature of a text; None for one too short to tell copies apart."""
    words = _words(text)
    if len(words) < COPY_WORDS:
        return None
    runs = [" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]
    signature = RMinHash(SIZE, SEED)
    signature.update(runs)
    return struct.pack(f"<{SIZE}I", *signature.digest())[::4]


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFC", " ".join(text.split())).casefold()
    folded = folded.encode("utf-8", "replace").decode("utf-8")
    folded = folded.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    if "//" in folded or "www." in folded:
        folded = _LINK.sub(" ", folded)
    if any(sign in folded for sign in ("€", "$", "£", "eur", "usd")):
        folded = _AMOUNT.sub(" 0 ", folded)
    return _WORD.findall(folded)


@lru_cache(maxsize=4096)
def bands(signature: bytes) -> tuple[int, ...]:
    """Keys of which like texts have at least one in common, almost always."""
    return tuple(
        int.from_bytes(bytes((number,)) + signature[number * ROWS : (number + 1) * ROWS])
        for number in range(BANDS)
    )


def which(band: int) -> int:
    """The place of a key among the bands of its signature."""
    return band >> 8 * ROWS


def are_alike(one: bytes | None, other: bytes | None) -> bool:
    """Whether one text is an edited copy of the other."""
    return one is not None and other is not None and same_bytes(one, other) >= ALIKE


def same_bytes(one: bytes, other: bytes) -> int:
    """How many of the signatures' bytes are the same."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(SIZE).count(0)
