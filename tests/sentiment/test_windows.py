"""What the model reads of a post."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import SentimentError
from listener.model import Target
from sentiment import Scorer
from sentiment.windows import AROUND, NEAR, TEXT_TOKENS, WHOLE, WINDOWS, encode, readable, windows

TOKENIZER = Scorer().tokenizer


def at(text: str, *names: str) -> Target:
    spans = tuple((text.index(name), text.index(name) + len(name)) for name in names)
    return Target(text, spans)


def test_a_short_post_is_one_window_with_its_span() -> None:
    [window] = windows(at("Der Brummfix taugt nichts.", "Brummfix"))
    assert window.text == "Der Brummfix taugt nichts."
    assert window.spans == ((4, 12),)


def test_a_long_post_is_cut_at_words_around_the_product() -> None:
    [window] = windows(at("wort " * 300 + "Brummfix " + "mehr " * 300, "Brummfix"))
    assert [window.text[start:end] for start, end in window.spans] == ["Brummfix"]
    assert window.text.startswith("wort ") and window.text.endswith(" mehr")
    assert len(window.text) <= 2 * AROUND + len("Brummfix")


def test_near_spans_share_a_window_and_far_ones_do_not() -> None:
    near = Target("Brummfix hier, Brummfix da", ((0, 8), (15, 23)))
    assert [len(window.spans) for window in windows(near)] == [2]
    text = "Brummfix " + "x " * NEAR + "Brummfix"
    far = Target(text, ((0, 8), (len(text) - 8, len(text))))
    assert [len(window.spans) for window in windows(far)] == [1, 1]


def test_of_many_windows_the_first_and_last_remain() -> None:
    text = "".join(f"Brummfix{number} " + "x " * NEAR for number in range(9))
    names = [f"Brummfix{number}" for number in range(9)]
    kept = [window.text[slice(*window.spans[0])] for window in windows(at(text, *names))]
    assert kept == ["Brummfix0", "Brummfix1", "Brummfix7", "Brummfix8"]


def test_without_a_span_the_title_and_quote_are_the_context() -> None:
    target = Target("Meiner ist kaputt.", title="Erfahrungen mit\ndem Brummfix?", quote="Wie ist er?")
    [window] = windows(target)
    assert window.context == "Erfahrungen mit dem Brummfix? Wie ist er?"
    assert window.text == "Meiner ist kaputt."


def test_with_a_span_the_quote_is_left_out() -> None:
    [window] = windows(Target("Brummfix top", ((0, 8),), title="Sauger", quote="Brummfix ist Schrott"))
    assert window.context == "Sauger"


def test_a_long_post_without_span_is_read_in_pieces() -> None:
    pieces = windows(Target("wort " * 20_000))
    assert len(pieces) == WINDOWS
    assert all(0 < len(piece.text) <= WHOLE for piece in pieces)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\x00\x01"])
def test_a_blank_post_has_no_window(text: str) -> None:
    assert windows(Target(text, title="Brummfix")) == []


@pytest.mark.parametrize("span", [(-1, 3), (0, 9), (5, 5), (6, 2), (8, 12)])
def test_a_span_outside_the_text_is_an_error_that_names_it(span: tuple[int, int]) -> None:
    with pytest.raises(SentimentError, match=rf"\({span[0]}, {span[1]}\).*8 characters"):
        windows(Target("Brummfix", (span,)))


def test_unreadable_characters_keep_their_places() -> None:
    assert readable("a\x00b\ud800c\x85d") == "a b\ufffdc d"


@given(st.text(max_size=900), st.data())
def test_a_span_keeps_its_words_and_no_input_grows_too_long(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start + 1, max(start + 1, len(text))))
    if end > len(text):
        return
    for window in windows(Target(text, ((start, end),))):
        encoded = encode(TOKENIZER, window)
        assert len(encoded.ids) == len(encoded.marked) == len(encoded.pooled) <= 512
        assert readable(text)[start:end] == "".join(window.text[a:b] for a, b in window.spans)
        assert sum(encoded.pooled) <= TEXT_TOKENS


def test_the_products_pieces_are_marked_and_no_others() -> None:
    encoded = encode(TOKENIZER, windows(at("Der Brummfix, na ja.", "Brummfix"))[0])
    pieces = [
        TOKENIZER.id_to_token(one) for one, mark in zip(encoded.ids, encoded.marked, strict=True) if mark
    ]
    assert "".join(pieces).replace("▁", "") == "Brummfix"


def test_the_context_stands_before_the_text_and_is_not_judged() -> None:
    encoded = encode(TOKENIZER, windows(Target("Kaputt.", title="Brummfix"))[0])
    split = encoded.ids.index(2)
    assert encoded.ids[0] == 0 and encoded.ids[split : split + 2] == [2, 2] and encoded.ids[-1] == 2
    assert not any(encoded.pooled[: split + 2]) and not any(encoded.marked)


def test_a_product_deep_in_many_pieces_stays_marked() -> None:
    text = "ǁ" * 219 + "☃" * 150
    target = Target(text, ((300, 301),))
    encoded = encode(TOKENIZER, windows(target)[0])
    assert any(encoded.marked) and len(encoded.ids) <= 512
