"""Which language a text is written in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNKNOWN = "und"
# German and English, and neighbours whose posts would otherwise be called one of these
LANGUAGES = ("DE", "EN", "FR", "NL", "IT", "ES", "PL", "SV", "DA")
FEWEST_LETTERS = 20
LOWEST_CONFIDENCE = 0.7
LONGEST = 2_000  # characters looked at: more do not change the answer


def detect_language(text: str, hint: str | None = None) -> str:
    """ISO 639-1 code of the text's language; `hint`, or else "und", where the text does not tell.

    It does not tell when fewer than 20 letters are left without addresses, names and numbers, or
    when no language is at least 0.7 likely.
    """
    words = " ".join(filter(_tells, text[:LONGEST].split()))
    if sum(map(str.isalpha, words)) < FEWEST_LETTERS:
        return hint or UNKNOWN
    ranked = _detector().compute_language_confidence_values(words)
    if not ranked or ranked[0].value < LOWEST_CONFIDENCE:
        return hint or UNKNOWN
    return str(ranked[0].language.iso_code_639_1.name).lower()


def _tells(word: str) -> bool:
    address = "://" in word or "@" in word or word.lower().startswith(("www.", "u/", "/u/"))
    return not address and not any(map(str.isdigit, word))


@cache
def _detector() -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code) for code in LANGUAGES]
    # Low accuracy: 17 MB instead of 212 MB (docs/query.md says what it costs).
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
