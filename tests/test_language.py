"""Detection of a text's language."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from listener.language import detect_language

SENTENCES = [
    ("Der Akku ist nach zwei Wochen kaputt, und der Händler stellt sich taub.", "de"),
    ("Hat jemand das Update schon installiert? Bei mir crasht das Display.", "de"),
    ("Kann ich nur empfehlen, läuft seit drei Jahren ohne Probleme.", "de"),
    ("KANN ICH NUR EMPFEHLEN, LÄUFT SEIT DREI JAHREN", "de"),
    ("The battery died after two weeks and support never answered.", "en"),
    ("I have been using this drill for years without any problem.", "en"),
    ("La batterie est morte après deux semaines d'utilisation.", "fr"),
    ("De accu is na twee weken kapot en de winkel reageert niet.", "nl"),
    ("La batteria è morta dopo due settimane e nessuno risponde.", "it"),
    ("La batería murió después de dos semanas y nadie contesta.", "es"),
    ("Bateria padła po dwóch tygodniach i nikt nie odpowiada.", "pl"),
    ("Batteriet dog efter två veckor och jag är mycket missnöjd med köpet.", "sv"),
    ("Батарея умерла через две недели, магазин молчит.", "und"),
    ("日本語で書かれた投稿です。電池が二週間で切れました。", "und"),
]


@pytest.mark.parametrize(("text", "language"), SENTENCES)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "Danke!", "Akkufix 3000", "😀😀😀", "12345 67890 12345 67890 12345"])
def test_short_texts_do_not_tell(text: str) -> None:
    assert detect_language(text) == "und"
    assert detect_language(text, hint="de") == "de"


def test_a_hint_does_not_overrule_a_clear_text() -> None:
    assert detect_language("The battery died after two weeks and support never answered.", "de") == "en"


def test_addresses_and_names_do_not_count() -> None:
    address = "https://shop.example/the-best-battery-for-your-drill-and-more www.the-best-drill.example"
    assert detect_language(f"@thebestbatterydrillman u/bestdrillintheworld {address} Kaputt!") == "und"
    assert detect_language(f"{address} Der Akku ist nach zwei Wochen leider kaputt gegangen.") == "de"


def test_hostile_texts_are_answered() -> None:
    for text in ("a" * 1_000_000, "@" * 1_000_000, "\ud800" * 100_000, "a1" * 500_000, " " * 1_000_000):
        assert detect_language(text) in ("und", "de", "en", "fr", "nl", "it", "es", "pl", "sv", "da")


def test_snippets_of_one_to_forty_words_are_hardly_ever_wrongly_german_or_english() -> None:
    path = Path(__file__).parent / "data" / "noise" / "languages.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    answers: Counter[tuple[bool, str]] = Counter()
    for row in rows:
        found, short = detect_language(row["text"]), len(row["text"].split()) < 5
        right = found == row["language"]
        kind = "right" if right else "wrong" if found in ("de", "en") else "other"
        answers[short, kind] += 1
    short = sum(count for (is_short, _), count in answers.items() if is_short)
    assert answers[True, "wrong"] / short <= 0.03
    assert (answers[True, "wrong"] + answers[False, "wrong"]) / len(rows) <= 0.035
    assert (answers[True, "right"] + answers[False, "right"]) / len(rows) >= 0.65


def test_code_is_no_language() -> None:
    assert detect_language("for (int i = 0; i < n; i++) { sum += values[i]; }") == "und"
    assert detect_language("ERR_CONNECTION_REFUSED at line 42") == "und"
