"""What `listener try --explain` says: the query as understood, and why a text matches or not."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings

from listener.model import Passage, Product, Query
from listener.query import Expression, Matcher, parse
from listener.query.explaining import Explainer
from listener.query.syntax import anchored
from tests.query.test_gold import GOLD, passage
from tests.query.test_laws import passages, whole

UNDERSTOOD = [
    ("kärcher", "spelt kärcher, kaercher, karcher (plain vowels)"),
    ("kühler", "spelt kühler, kuehler"),
    ("straße", "spelt straße, strasse"),
    ("muesli", "ue also as ü"),
    ("weiss", "ss also as ß"),
    ("akkufix", "also with 's, s, es at its end"),
    ("handy", "also with 's, s at its end"),
    ("3000", "also with 's at its end"),
    ("b2", "spelt b2, b-2, b 2 (joints: nothing, one hyphen or one blank)"),
    ("a-b-c-d", "spelt a|b|c|d, with nothing, one hyphen or one blank at each |"),
    ("akku*", "and all letters and digits that follow"),
    ("kettler~1", "any word within 1 edit that begins with k"),
    ("kettler~2", "any word within 2 edits that begins with k"),
    ("{BMW}", "exactly these letters and signs in this case, no other spelling and no ending"),
    ('"dr. sprudel"', "between dr and sprudel also ."),
    ('"moka pot"', "pot: spelt pot; also with 's, s, es at its end"),
]
FAILED = [
    ("akkufix NEAR/1 3000", "Akkufix zu nur 3000", "NEAR/1: 'Akkufix' and '3000' are 2 words apart"),
    ("akkufix NEAR/0 3000", "3000, mein Akkufix", "NEAR/0: '3000' and 'Akkufix' are 1 word apart"),
    ("a ONEAR/1 b", "b a", "ONEAR/1: 'a' and 'b' stand only in the other order or in the same words"),
    ("a ONEAR/1 b", "b a x y b", "ONEAR/1: 'a' and 'b' are 2 words apart"),
    ("akku NEAR/1 leer", "leer", "NEAR/1: 'akku' does not stand in the text"),
    ("zoo NOT NEAR/1 tor", "Zoo Tor", "NOT NEAR/1: each 'Zoo' has 'Tor' or its like that near"),
    ("zoo NOT tor", "Zoo, Tor", "NOT tor: 'Tor' stands in the text"),
    ("akku", "Akkufix", "'akku' does not stand in the text: only inside 'Akkufix'; akku* would find it"),
    ("fix", "Akkufix", "'fix' does not stand in the text: only inside 'Akkufix'"),
    ("{BMW}", "der bmw", "{BMW} does not stand in the text: only as 'bmw'"),
    ("x lang:de", "x", 'lang:"de": it is und'),
    ("x author:y", "x", 'author:"y": the post does not say it'),
    ("x title:y", "x", "title: 'y' does not stand in the title"),
    ('"a b c"', "a. b", "\"a b c\" does not stand in the text: 'c' is missing"),
    (
        "lampe",
        "https://shop.example/lampe",
        "'lampe' does not stand in the text: "
        "only inside the address or name 'https://shop.example/lampe'",
    ),
    ("lampe", "@lampe_fan", "'lampe' does not stand in the text: only inside the address or name '@lampe_fan'"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "said"), UNDERSTOOD)
def test_each_expansion_is_visible(query: str, said: str) -> None:
    assert said in Explainer(query).query()["terms"][0]["finds"]


@pytest.mark.parametrize(("query", "text", "said"), FAILED)
def test_a_miss_names_what_failed(query: str, text: str, said: str) -> None:
    told = Explainer(query).passage(Passage(text))
    assert told["decided"] is None
    assert said in told["failed"]["text"]


def test_distances_and_fields_are_told() -> None:
    told = Explainer("a ONEAR/1 b site:forum.example").query()
    finds = {part["term"]: part["finds"] for part in told["terms"]}
    assert finds["a ONEAR/1 b"] == ["at most 1 word between them, the left side first"]
    assert finds['site:"forum.example"'] == ["posts whose address is on this host or below it"]
    assert told["query"] == '(a ONEAR/1 b) AND site:"forum.example"'


def test_a_match_names_its_branch_and_what_the_places_before_it_lacked() -> None:
    told = Explainer("lampe OR (tisch AND bein) NOT stuhl").passage(
        Passage("Ja", title="Ein Tischbein: Tisch, Bein")
    )
    assert told["decided"] == "tisch AND bein AND NOT stuhl"
    assert "'lampe' does not stand in the text" in told["failed"]["text"]
    assert {"term": "tisch", "in": "title", "span": [15, 20], "words": "Tisch"} in told["found"]
    found = Explainer("a (b OR c OR d)").passage(Passage("a b d"))
    assert found["decided"] == "a AND (b OR d)"


def test_not_names_the_place_of_what_it_forbids() -> None:
    told = Explainer("toaster NOT gutschein").passage(Passage("Toaster", title="Mein Gutschein"))
    assert told["failed"]["text"] == ["NOT gutschein: 'Gutschein' stands in the title"]


@pytest.mark.parametrize("row", GOLD, ids=lambda row: ascii(row["query"]))
def test_it_decides_as_the_matcher_does(row: dict[str, str]) -> None:
    from listener.language import detect_language

    told = Explainer(row["query"], detect_language).passage(passage(row))
    assert (told["decided"] is None) == (row.get("in", "text") is None)
    assert told["decided"] or all(told["failed"].values())


@settings(max_examples=150, deadline=None)
@given(whole, passages)
def test_any_query_and_post_can_be_explained(expression: Expression, post: Passage) -> None:
    assume(anchored(expression))
    explainer = Explainer(str(expression))
    told = explainer.passage(post)
    (matches,) = Matcher([Product("it", Query(str(expression)))]).match([post])
    assert (told["decided"] is not None) == bool(matches)
    assert told["decided"] or all(told["failed"].values())
    assert parse(explainer.query()["query"]) == parse(str(expression))


def _try(*arguments: str) -> str:
    given = json.dumps({"text": "Der Akkufix\u202e \ud800 3000"}) + "\n"
    command = [sys.executable, "-m", "listener", "try", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_the_command_tells_people_and_programs() -> None:
    told = _try('"akkufix 3000" NOT gutschein', "-", "--explain")
    assert told.startswith('understood as: "akkufix 3000" AND (NOT gutschein)\n')
    assert "\n1: match in the text\n" in told
    assert "\u202e" not in told
    row = json.loads(_try("akkufix OR lampe", "-", "--explain", "--json"))
    assert row["matched"] and row["explain"]["decided"] == "akkufix"
    assert row["explain"]["found"] == [{"term": "akkufix", "in": "text", "span": [4, 11], "words": "Akkufix"}]
