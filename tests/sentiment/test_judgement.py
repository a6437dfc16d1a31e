"""Clear invented posts that a model worth shipping gets right; the floor is below what it reaches."""

from __future__ import annotations

from collections import defaultdict

import pytest

from listener.model import Label, Target
from sentiment import Scorer

Case = tuple[str, str, Label, str]  # text, product, label, title

DE: list[Case] = [
    ("Der Brummfix ist mit Abstand der beste Sauger, den wir je hatten.", "Brummfix", "positive", ""),
    ("Bin mit meiner Kaffeemühle Malmeister rundum zufrieden, läuft leise und mahlt gleichmäßig.", "Malmeister", "positive", ""),
    ("Klare Empfehlung für die Schneckenpost 2, Akku hält ewig.", "Schneckenpost 2", "positive", ""),
    ("Finger weg vom Tauchgong, nach drei Tagen war er undicht.", "Tauchgong", "negative", ""),
    ("Der Nebelwerfer stinkt nach Plastik und die App stürzt ständig ab. Geht zurück.", "Nebelwerfer", "negative", ""),
    ("Mein Rollfuchs zeigt Fehler F3 und fährt nicht mehr los.", "Rollfuchs", "negative", ""),
    ("Selten so einen Schrott gekauft wie den Knickbesen Duo.", "Knickbesen Duo", "negative", ""),
    ("Weiß jemand, welche Filtergröße in den Brummfix passt?", "Brummfix", "neutral", ""),
    ("Verkaufe meinen Malmeister, ein Jahr alt, mit Rechnung, 40 Euro.", "Malmeister", "neutral", ""),
    ("Der Rollfuchs kommt laut Hersteller im März in den Handel.", "Rollfuchs", "neutral", ""),
    ("Der Brummfix saugt super, der Tauchgong dagegen ist eine Katastrophe.", "Brummfix", "positive", ""),
    ("Der Brummfix saugt super, der Tauchgong dagegen ist eine Katastrophe.", "Tauchgong", "negative", ""),
    ("Habe den Nebelwerfer zurückgegeben und den Malmeister behalten, der ist einfach viel besser.", "Nebelwerfer", "negative", ""),
    ("Habe den Nebelwerfer zurückgegeben und den Malmeister behalten, der ist einfach viel besser.", "Malmeister", "positive", ""),
    ("Meiner ist nach zwei Wochen auseinandergefallen, nie wieder.", "", "negative", "Erfahrungen mit dem Rollfuchs?"),
    ("Seit fünf Jahren täglich im Einsatz, kein einziges Problem, würde ich sofort wieder kaufen.", "", "positive", "Taugt der Rollfuchs was?"),
]  # fmt: skip
EN: list[Case] = [
    ("The Puddlejumper is the best boat I have ever owned.", "Puddlejumper", "positive", ""),
    ("Really happy with my Toastling, works perfectly every morning.", "Toastling", "positive", ""),
    ("Highly recommend the Mossback 4, sturdy and comfortable.", "Mossback 4", "positive", ""),
    ("Avoid the Gritbox, it broke after two days.", "Gritbox", "negative", ""),
    ("The Larkphone is slow, the screen flickers and the battery is awful.", "Larkphone", "negative", ""),
    ("My Mossback 4 shows error 12 and won't start any more.", "Mossback 4", "negative", ""),
    ("What a piece of junk the Wobbler Duo is.", "Wobbler Duo", "negative", ""),
    ("Does anyone know which bulb fits the Toastling?", "Toastling", "neutral", ""),
    ("Selling my Larkphone, one year old, boxed, 80 pounds.", "Larkphone", "neutral", ""),
    ("The Gritbox will be available in stores from March.", "Gritbox", "neutral", ""),
    ("The Puddlejumper is fantastic, but the Gritbox is a disaster.", "Puddlejumper", "positive", ""),
    ("The Puddlejumper is fantastic, but the Gritbox is a disaster.", "Gritbox", "negative", ""),
    ("I sent the Larkphone back and kept the Toastling, which is so much better.", "Larkphone", "negative", ""),
    ("I sent the Larkphone back and kept the Toastling, which is so much better.", "Toastling", "positive", ""),
    ("Mine fell apart after two weeks, never again.", "", "negative", "What do you think of the Mossback 4?"),
    ("Used it daily for five years without a single problem, would buy it again.", "", "positive", "Is the Mossback 4 any good?"),
]  # fmt: skip
FLOOR = 0.85


def judged(scorer: Scorer, cases: list[Case], language: str) -> list[tuple[Case, Label]]:
    targets = [
        Target(text, _spans(text, name), title=title, language=language) for text, name, _, title in cases
    ]
    return [(case, found.label) for case, found in zip(cases, scorer(targets), strict=True)]


def _spans(text: str, name: str) -> tuple[tuple[int, int], ...]:
    return ((text.index(name), text.index(name) + len(name)),) if name else ()


@pytest.mark.parametrize(("language", "cases"), [("de", DE), ("en", EN)])
def test_clear_posts_are_judged_right(scorer: Scorer, language: str, cases: list[Case]) -> None:
    wrong = [(case, label) for case, label in judged(scorer, cases, language) if label != case[2]]
    assert len(wrong) <= (1 - FLOOR) * len(cases), wrong


@pytest.mark.parametrize(("language", "cases"), [("de", DE), ("en", EN)])
def test_every_label_is_found(scorer: Scorer, language: str, cases: list[Case]) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for case, label in judged(scorer, cases, language):
        right[case[2]].append(label == case[2])
    assert all(sum(found) > len(found) / 2 for found in right.values()), dict(right)


def test_another_name_for_the_product_hardly_matters(scorer: Scorer) -> None:
    texts = ["Der {} ist leider nach einer Woche kaputtgegangen.", "I love my {}, best purchase of the year."]
    for text in texts:
        found = [
            scorer([Target(text.format(name), ((text.index("{"), text.index("{") + len(name)),))])[0]
            for name in ("Brummfix", "X-200", "Grinsekatze Deluxe", "Zorbu")
        ]
        assert len({one.label for one in found}) == 1
