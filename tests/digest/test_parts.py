"""The pure parts: choosing, excerpts, links, words."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.digest import Said, choose
from listener.digest.clean import LONGEST_EXCERPT, cleaned, excerpt, safe_link
from listener.digest.facts import DayTone
from listener.digest.figures import together
from listener.digest.phrases import PHRASES
from listener.digest.words import Words

Mention = Callable[..., Said]


def test_chosen_are_different(mention: Mention) -> None:
    texts = [
        mention(f"Akkufix 3000 zum {n}. Mal", n % 3, score=-0.5 - n / 100, url=f"https://a/{n}")
        for n in range(9)
    ]
    chosen = choose(texts, 5)
    assert [said.url for said in chosen] == ["https://a/8", "https://a/7", "https://a/6"]


def test_copies_of_one_text_are_chosen_once(mention: Mention) -> None:
    assert len(choose([mention("Akkufix  3000 ist da", 1), mention("akkufix 3000 ist DA", 2)], 5)) == 1


def test_threads_of_different_sources_are_different(mention: Mention) -> None:
    here = mention("Akkufix 3000 eins", 1)
    there = mention("Akkufix 3000 zwei", 1, source="holz", url="https://b")
    assert len(choose([here, there], 5)) == 2


def test_criticism_and_praise_take_turns_strongest_first(mention: Mention) -> None:
    tones = [("negative", -0.4), ("negative", -0.9), ("positive", 0.5), ("neutral", 0.1), ("positive", 0.95)]
    said = [
        mention(f"Akkufix 3000 {n}", n, label=label, score=score) for n, (label, score) in enumerate(tones)
    ]
    assert [one.score for one in choose(said, 4)] == [-0.9, 0.95, -0.4, 0.5]


def test_own_words_before_titles_before_quotes_and_own_before_competitors(mention: Mention) -> None:
    said = [
        mention("Wettbewerb gut", 1, competitor=True),
        mention("Akkufix 3000 zitiert", 2, place="quote"),
        mention("Meiner auch", 3, place="title"),
        mention("Akkufix 3000 selbst", 4, score=-0.1),
    ]
    assert [one.text.split()[-1] for one in choose(said, 9)] == ["selbst", "auch", "zitiert", "gut"]


def test_every_product_gets_its_turn_and_competitors_only_two(mention: Mention) -> None:
    own = [mention(f"A {n}", n) for n in range(9)] + [mention("B", 20, product="Akkufix Mini", score=-0.1)]
    rivals = [mention(f"C {n}", 30 + n, product="Bohrwerk B2", competitor=True) for n in range(9)]
    chosen = choose([*rivals, *own], 20)
    assert "B" in [one.text for one in chosen[:2]]
    assert sum(one.competitor for one in chosen) == 2


@given(st.integers(0, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(n: int, chance: random.Random) -> None:
    said = [
        Said(
            product=f"P{k % 3}", text=f"t{k % 11}", url=f"https://a/{k}", source="s", thread=str(k % 7),
            label=("negative", "neutral", "positive")[k % 3], score=(k % 5) / 5 - 0.4, probability=0.5,
        )
        for k in range(20)
    ]  # fmt: skip
    mixed = said[:]
    chance.shuffle(mixed)
    assert choose(mixed, n) == choose(said, n)
    assert len(choose(said, n)) <= n


def test_an_excerpt_shows_the_words_around_the_match() -> None:
    text = "Vorne steht viel. " * 40 + "Der Akkufix 3000 ist kaputt." + " Hinten auch." * 40
    start = text.index("Akkufix")
    pieces = excerpt(text, [(start, start + 12)])
    assert [piece.text for piece in pieces if piece.marked] == ["Akkufix 3000"]
    whole = "".join(piece.text for piece in pieces)
    assert whole.startswith("… ") and whole.endswith(" …") and "Der Akkufix 3000 ist kaputt." in whole
    assert len(whole) <= LONGEST_EXCERPT + 4


def test_an_excerpt_without_a_match_is_the_beginning() -> None:
    assert [*excerpt("Meiner ist da.", [])] == [("Meiner ist da.", False)]
    assert excerpt("", []) == () and excerpt(" \n\u200b", []) == ()


spans = st.lists(st.tuples(st.integers(-5, 400), st.integers(-5, 400)), max_size=5)


@given(st.text(max_size=400), spans)
def test_no_text_and_no_spans_break_an_excerpt(text: str, marks: list[tuple[int, int]]) -> None:
    whole = "".join(piece.text for piece in excerpt(text, marks))
    assert whole == whole.strip() and "\n" not in whole
    assert len(whole) <= 2 * LONGEST_EXCERPT
    whole.encode()


@given(st.text(max_size=300), st.integers(5, 80))
def test_cleaned_is_one_short_visible_line(text: str, longest: int) -> None:
    line = cleaned(text, longest)
    assert len(line) <= longest and line == line.strip()
    assert line.isprintable() or not line
    assert cleaned(line, longest) == line


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://forum.example/t?p=1&x=ä#p1", "https://forum.example/t?p=1&x=%C3%A4#p1"),
        ("HTTP://Forum.Example:8080/a b", "http://forum.example:8080/a%20b"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("https://bank.example@evil.example/", "https://evil.example/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("https://a.example/%C3%A4?q=%26", "https://a.example/%C3%A4?q=%26"),
        ("https://a.example/\r\nBcc: x", "https://a.example/Bcc:%20x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        (" \tjavascript://a.example/%0aalert(1)", None),
        ("//a.example/x", None),
        ("/viewtopic.php?t=1", None),
        ("https:///x", None),
        ("https://a.example:99999/", None),
        ("http://[::1", None),
        ("https://a" + "b" * 3000 + ".example/", None),
        ("https://a.example/" + "b" * 3000, None),
        ("https://a<b>.example/", None),
        ("", None),
    ],
)
def test_only_honest_links(url: str, safe: str | None) -> None:
    assert safe_link(url) == safe


@given(st.text(max_size=100))
def test_no_address_breaks_the_links(url: str) -> None:
    for tried in (url, f"https://{url}", f"https://a.example/{url}"):
        link = safe_link(tried)
        assert link is None or (
            link.isascii() and link.startswith(("http://", "https://")) and " " not in link
        )


def test_both_languages_have_the_same_places() -> None:
    import string

    def names(phrase: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}

    assert {key for key, (de, en) in PHRASES.items() if names(de) != names(en)} == set()


@pytest.mark.parametrize(
    ("n", "de", "en"), [(0, "0 Erwähnungen", "0 mentions"), (1, "1 Erwähnung", "1 mention")]
)
def test_one_and_several(n: int, de: str, en: str) -> None:
    assert (Words("de")("mentions", n=n), Words("en")("mentions", n=n)) == (de, en)


def test_shares_are_never_rounded_to_certainty() -> None:
    assert [Words("en").percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%",
        "1%",
        "50%",
        "99%",
        "100%",
    ]


def test_an_instant_is_that_of_the_readers_clock() -> None:
    at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert Words("de").instant(at, "Europe/Berlin") == "Mi., 25. Nov., 00:30"
    assert Words("en").instant(at, "Europe/Berlin", only_day=True) == "Wed 25 Nov"


def test_products_are_added_up_day_by_day() -> None:
    first, third = date(2026, 11, 1), date(2026, 11, 3)
    total = together(
        [[DayTone(first, 2, 1, 0, 1, 1.0)], [DayTone(first, None), DayTone(third, 5, 5, 0, 0, 0.5)]]
    )
    assert [(day.day.day, day.mentions, day.negative) for day in total] == [
        (1, 2, 1),
        (2, None, 0),
        (3, 5, 5),
    ]
    assert together([]) == ()
    assert len(together([[DayTone(date(2020, 1, 1), 1), DayTone(third, 1)]])) == 90
