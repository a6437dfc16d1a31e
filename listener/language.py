"""Which language a text is written in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNKNOWN = "und"
# German and English, and neighbours whose posts would otherwise be called one of these
LANGUAGES = ("DE", "EN", "FR", "NL", "IT", "ES", "PL", "SV", "DA")
FEWEST_LETTERS = 12
SHORT = 20  # letters: with fewer, more confidence is asked for, as a wrong answer is worse than none
LOWEST_CONFIDENCE, LOWEST_IF_SHORT = 0.7, 0.95
CODE = "={}<>_\\[]"  # a word with one of these is a program's
LONGEST = 2_000  # characters looked at: more do not change the answer


def detect_language(text: str, hint: str | None = None) -> str:
    """ISO 639-1 code of the text's language; `hint`, or else "und", where the text does not tell.

    It does not tell when fewer than 12 letters are left without addresses, names, numbers and code, or
    when no language is at least 0.7 likely (0.95 with fewer than 20 letters).
    """
    words = " ".join(filter(_tells, text[:LONGEST].split()))
    letters = sum(map(str.isalpha, words))
    if letters < FEWEST_LETTERS:
        return hint or UNKNOWN
    ranked = _detector().compute_language_confidence_values(words)
    if not ranked or ranked[0].value < (LOWEST_IF_SHORT if letters < SHORT else LOWEST_CONFIDENCE):
        return hint or UNKNOWN
    return str(ranked[0].language.iso_code_639_1.name).lower()


def _tells(word: str) -> bool:
    address = "://" in word or "@" in word or word.lower().startswith(("www.", "u/", "/u/"))
    return not address and not any(character.isdigit() or character in CODE for character in word)


@cache
def _detector() -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code) for code in LANGUAGES]
    # Low accuracy: 17 MB instead of 212 MB (docs/query.md says what it costs).
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
