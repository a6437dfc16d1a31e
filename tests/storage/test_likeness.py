"""Edited copies are told from posts that only share words; the figures are those of docs/store.md."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from storage.likeness import BANDS, SIZE, are_alike, bands, likeness, same_bytes, which
from tests.storage.likeness_corpus import pairs

TEXT = "Nach drei Wochen im Einsatz ist das Gehäuse der Akkufix 3000 lose, der Griff für 20 € aber fest. " * 2


@cache
def found() -> dict[tuple[str, bool], float]:
    """The share of pairs that are taken for copies, by kind and by what they are."""
    taken: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for pair in pairs():
        one, other = likeness(pair.one), likeness(pair.other)
        assert one is not None and other is not None, pair
        taken[pair.kind, pair.copied].append(are_alike(one, other) and bool({*bands(one)} & {*bands(other)}))
    return {kind: sum(said) / len(said) for kind, said in taken.items()}


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        (" 2 %", 1), (" 5 %", 1), ("10 %", 0.97), ("20 %", 0.6), ("another first sentence", 0.96),
        ("greeting before", 0.99), ("link after", 1), ("prices changed", 1),
        ("shouted, umlauts spelt out", 1), ("a sentence missing", 0.98),
    ],
)  # fmt: skip
def test_edited_copies_are_found(kind: str, share: float) -> None:
    assert found()[kind, True] >= share


@pytest.mark.parametrize("kind", ["two reviews", "two listings", "two replies, one footer"])
def test_different_posts_are_none(kind: str) -> None:
    assert found()[kind, False] == 0


def test_a_signature_is_the_same_in_every_process_and_version() -> None:
    """Stored signatures are held against new ones: a library that makes others needs a migration."""
    signature = likeness(TEXT)
    assert signature is not None and len(signature) == SIZE
    assert signature[:12].hex() == "1a32a2d4215b35305f646e07"


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(), TEXT.replace("ä", "ae"), TEXT.replace("20 €", "EUR 1.299,00"),
        TEXT + "https://example.com/a-b?c=d", "\n\n" + TEXT.replace(" ", "  "),
    ],
)  # fmt: skip
def test_spelling_links_and_prices_do_not_count(other: str) -> None:
    assert likeness(other) == likeness(TEXT)


@pytest.mark.parametrize("text", ["", "Danke, hat geholfen!", "https://example.com/a " * 40, "\ud800 \0"])
def test_texts_too_short_to_tell(text: str) -> None:
    assert likeness(text) is None


def test_bands_know_their_place() -> None:
    signature = likeness(TEXT)
    assert signature is not None
    assert [which(band) for band in bands(signature)] == list(range(BANDS))


def test_unlike_texts_have_hardly_a_byte_in_common() -> None:
    one, other = likeness(TEXT), likeness(" ".join(f"word{number}" for number in range(99)))
    assert one is not None and other is not None
    assert same_bytes(one, other) < 5 and not are_alike(one, None)
