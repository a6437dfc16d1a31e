"""What the model is compared with."""

from __future__ import annotations

import pytest

from listener.model import Target
from sentiment import Row
from sentiment.baselines import lexicon, majority, read_lexicon


def test_the_commonest_label_is_said_of_everything() -> None:
    method = majority([Row("a", "negative"), Row("b", "negative"), Row("c", "neutral")])
    assert {found.label for found in method([Target("gut"), Target("schlecht")])} == {"negative"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Sehr gut!", "positive"),
        ("Ist kaputt.", "negative"),
        ("Nicht gut.", "negative"),
        ("Never a problem", "positive"),
        ("Es ist ein Sauger.", "neutral"),
        ("zuverlässiger als gedacht", "positive"),
    ],
)
def test_the_lexicon_counts_words_and_turns_negated_ones(text: str, label: str) -> None:
    assert [found.label for found in lexicon()([Target(text)])] == [label]


def test_the_lexicon_looks_near_the_target_only() -> None:
    text = "Brummfix " + "wort " * 10 + "kaputt"
    assert [found.label for found in lexicon()([Target(text, ((0, 8),)), Target(text)])] == [
        "neutral",
        "negative",
    ]


def test_comment_lines_are_no_words() -> None:
    assert read_lexicon("gut\n+ toll\n\n- mies\n! nie\n").values == {"toll": 1, "mies": -1}
