"""Whole digests: the facts and the links are there, in German and English, in both parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from listener.digest import DayTone, Deaf, Facts, LeftOut, ProductFacts, Said, UsualVolume, build
from listener.digest.render import CID, encoded_size
from listener.model import Digest

Make = Callable[..., Facts]


class Page(HTMLParser):
    """Visible words, links and pictures of a page; unclosed tags are remembered."""

    EMPTY = frozenset({"meta", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"] or "")
        if tag == "img":
            self.images.append(values)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\xa0", " ").split())


def flat(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def both(digest: Digest) -> tuple[str, str]:
    return flat(digest.text), Page(digest.html).text


GERMAN = (
    "Über Akkufix 3000 wurde deutlich mehr gesprochen als sonst, meist kritisch: 14 Erwähnungen, "
    "üblich an einem Dienstag: 2 bis 5.",
    "2 Quellen waren nicht richtig zu hören",
    "Dienstag, 24. November 2026",
    "9 negativ",
    "Tonalität: negativ, schlechter als zuletzt (−0,42)",
    "mit 90 % Sicherheit zwischen −0,71 und −0,20",
    "on 11 Personen in 5 Threads",
    "Nicht erwähnt: Akkufix Mini",
    "nach zwei Wochen kaputt",
    "negativ, 93 % sicher",
    "derselbe Text noch 2 Mal anderswo",
    "nur der Titel nennt das Produkt",
    "heimwerker · Stimme 001 · Di., 24. Nov., 10:33",
    "Bohrwerk B2",
    "holzforum",
    "Bitte beim Betreiber um Zugang bitten",
    "Gehört: 62 % der Zeit",
    "3 Kopien schon gezählter Beiträge",
    "1 als Verkauf, Werbung oder Bot erkannter Beitrag",
)
ENGLISH = (
    "Akkufix 3000 was talked about far more than usual, mostly critical: 14 mentions, "
    "usual on a Tuesday: 2 to 5.",
    "2 sources could not be heard properly",
    "Tuesday, 24 November 2026",
    "9 negative",
    "Tone: negative, worse than lately (−0.42)",
    "90% sure between −0.71 and −0.20",
    "y 11 people in 5 threads",
    "Not mentioned: Akkufix Mini",
    "died on me after two weeks",
    "negative, 93% sure",
    "the same text 2 more times elsewhere",
    "only the title names the product",
    "heimwerker · Stimme 001 · Tue 24 Nov, 10:33",
    "Please ask its owner for access",
    "Heard: 62% of the time",
    "3 copies of posts already counted",
)


@pytest.mark.parametrize(("language", "expected"), [("de", GERMAN), ("en", ENGLISH)])
def test_every_fact_is_in_both_parts(facts: Make, language: str, expected: tuple[str, ...]) -> None:
    for part in both(build(facts(language))):
        assert [phrase for phrase in expected if phrase not in part.replace("*", "")] == []


def test_subjects(facts: Make) -> None:
    assert build(facts("de")).subject == (
        "Akkufix 3000: 14 Erwähnungen statt üblicher 2 bis 5, meist kritisch (Di., 24. Nov.)"
    )
    assert build(facts("en")).subject == (
        "Akkufix 3000: 14 mentions instead of the usual 2 to 5, mostly critical (Tue 24 Nov)"
    )


def test_every_link_opens_at_a_post(facts: Make) -> None:
    digest = build(facts())
    links = Page(digest.html).links
    assert links == [f"https://forum.example/viewtopic.php?t={n}&p={n}0#p{n}0" for n in (1, 2, 3, 4, 5)]
    assert [link for link in links if f"   {link}\n" not in digest.text] == []


def test_the_page_is_well_formed_small_and_calls_nobody(facts: Make) -> None:
    digest = build(facts())
    page = Page(digest.html)
    assert page.wrong == [] and page.open == []
    assert {"script", "link", "iframe", "form"} & page.tags == set()
    assert [image["src"] for image in page.images] == [f"cid:{CID}"]
    assert "26. Sept. bis 24. Nov." in (page.images[0]["alt"] or "")
    assert encoded_size(digest.html) < 40_000
    assert 'lang="de"' in digest.html and "prefers-color-scheme: dark" in digest.html
    assert not re.search(r"url\(|src=\"http", digest.html)


def test_the_picture_is_a_small_png(facts: Make) -> None:
    images = build(facts()).images
    assert list(images) == [CID]
    assert images[CID].startswith(b"\x89PNG") and len(images[CID]) < 60_000


def test_the_same_facts_give_the_same_digest(facts: Make) -> None:
    assert build(facts()) == build(facts())


def test_the_match_is_marked(facts: Make) -> None:
    digest = build(facts())
    assert "beim *Akkufix 3000* war" in flat(digest.text)
    assert re.search(r'<span class="match"[^>]*>Akkufix 3000</span>', digest.html)


def test_plain_text_is_written_and_narrow(facts: Make) -> None:
    text = build(facts()).text
    assert not re.search(r"<[a-z/]", text) and "&" not in re.sub(r"https?://\S+", "", text)
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 76
    assert "Di., 24. Nov.   14 ##############" in text
    assert "\n\n\n\n" not in text and text.endswith("Europe/Berlin.\n")


def test_a_quiet_day(facts: Make, quiet: ProductFacts) -> None:
    digest = build(facts(products=(quiet,), mentions=(), deaf=(), left_out=LeftOut()))
    assert digest.subject == "Akkufix 3000: 3 Erwähnungen (Di., 24. Nov.)"
    for part in both(digest):
        assert "Ein ruhiger Tag: 3 Erwähnungen von Akkufix 3000, im üblichen Rahmen." in part
        assert "zu wenige Beiträge für ein Urteil" in part
        for absent in ("Lesenswert", "LESENSWERT", "Wettbewerb", "nicht hören", "Nicht mitgezählt", "Skala"):
            assert absent not in part


def test_never_a_percentage_of_three(facts: Make, quiet: ProductFacts) -> None:
    digest = build(facts(products=(quiet,), mentions=(), deaf=(), left_out=LeftOut()))
    assert [part for part in both(digest) if "%" in part] == []


def test_nothing_was_said(facts: Make, quiet: ProductFacts) -> None:
    silent = replace(quiet, volume=0, negative=0, neutral=0, positive=0, score=None, days=())
    digest = build(facts("en", products=(silent,), mentions=(), deaf=()))
    assert digest.subject == "No mentions (Tue 24 Nov)"
    assert digest.images == {}
    assert "<img" not in digest.html
    for part in both(digest):
        assert "A quiet day: our products were not mentioned." in part
        assert "Not mentioned: Akkufix 3000" in part


def test_what_is_usual_is_not_known_yet(facts: Make, quiet: ProductFacts) -> None:
    digest = build(facts(products=(replace(quiet, usual=None),), deaf=()))
    for part in both(digest):
        assert "3 Erwähnungen von Akkufix 3000; was üblich ist, wissen wir erst nach einigen Wochen." in part


def test_an_outage_is_no_silence(facts: Make, quiet: ProductFacts) -> None:
    unheard = replace(quiet, volume=None, negative=0, neutral=0, positive=0, score=None)
    deaf = (Deaf("holzforum", "transient", "timed out", 0.0),)
    digest = build(facts(products=(unheard,), mentions=(), deaf=deaf, coverage=0.0, left_out=LeftOut()))
    assert digest.subject == "Nichts gehört: keine Quelle lesbar (Di., 24. Nov.)"
    for part in both(digest):
        assert "Was gesagt wurde, wissen wir nicht." in part
        assert "holzforum" in part and "Wir versuchen es von selbst wieder." in part
        assert "ruhig" not in part and "0 Erwähnungen" not in part and "Nicht erwähnt" not in part


def test_a_half_heard_day_warns(facts: Make, quiet: ProductFacts) -> None:
    digest = build(facts(products=(quiet,), coverage=0.6))
    assert digest.subject == "Akkufix 3000: 3 Erwähnungen, nur teilweise gehört (Di., 24. Nov.)"
    for part in both(digest):
        assert "Wir konnten nur 60 % der Zeit zuhören" in part


def test_one_mention_of_one_product(facts: Make, mention: Callable[..., Said]) -> None:
    one = ProductFacts("Akkufix 3000", volume=1, negative=1, score=-0.9, score_low=-1.0, score_high=0.3)
    said = mention("Der Akkufix 3000 ist laut.", 1)
    digest = build(facts("en", products=(one,), mentions=(said,), deaf=(), left_out=LeftOut()))
    assert digest.subject == "Akkufix 3000: 1 mention (Tue 24 Nov)"
    for part in both(digest):
        assert "too few posts for a verdict" in part
        assert "1 negative" in part and "1 mentions" not in part


def test_thirty_products_are_still_one_readable_mail(facts: Make, quiet: ProductFacts) -> None:
    many = tuple(replace(quiet, name=f"Modell {n:02d}", volume=n % 16 and 3) for n in range(30))
    digest = build(facts(products=many, mentions=()))
    assert digest.subject == "Alles ruhig: 84 Erwähnungen (Di., 24. Nov.)"
    for part in both(digest):
        assert "84 Erwähnungen von unseren Produkten, im üblichen Rahmen." in part
        assert "Nicht erwähnt: Modell 00, Modell 16" in part
        assert "16 weitere Produkte mit 48 Erwähnungen" in part
    assert encoded_size(digest.html) < 60_000


def test_the_loudest_product_leads(facts: Make, quiet: ProductFacts) -> None:
    low = replace(quiet, name="Leise", volume=0, unusual="low", usual=UsualVolume(30, 22, 41))
    digest = build(facts(products=(quiet, low), mentions=(), deaf=()))
    assert digest.subject.startswith("Auffallend still um Leise: 0 Erwähnungen, üblich 22 bis 41")
    text = build(facts(products=(*[replace(quiet, name=f"M{n}") for n in range(9)], low))).text
    assert text.index("\nLeise (Akkufix)\n") < text.index("\nM0 (Akkufix)\n")
    changed = replace(quiet, name="Besser", change=0.4)
    assert build(facts(products=(quiet, changed), deaf=())).subject.startswith(
        "Besser: Ton besser als zuletzt"
    )


def test_weeks_and_months(facts: Make, quiet: ProductFacts) -> None:
    week = facts(period="week", first=date(2026, 11, 16), last=date(2026, 11, 22), products=(quiet,))
    assert build(week).subject == "Akkufix 3000: 3 Erwähnungen (Woche 16. Nov. bis 22. Nov.)"
    assert "üblich in einer Woche: 2 bis 5" in flat(build(week).text)
    month = facts("en", period="month", first=date(2026, 11, 1), last=date(2026, 11, 30), products=(quiet,))
    assert build(month).subject == "Akkufix 3000: 3 mentions (November 2026)"
    assert "A quiet month" in build(month).text


def test_only_competitors_are_watched(facts: Make, quiet: ProductFacts) -> None:
    digest = build(facts(products=(replace(quiet, competitor=True),), mentions=(), deaf=()))
    assert "Akkufix 3000: 3 Erwähnungen" in digest.subject
    assert "WETTBEWERB" not in digest.text


def test_five_thousand_long_mentions_fit(facts: Make, mention: Callable[..., Said]) -> None:
    texts = ("🔧 Äußerst ärgerlich, der Akkufix 3000! " * 60, "שלום " * 500, "x" * 5000)
    many = tuple(mention(f"{n} {texts[n % 3]}", n, thread_title="Ü" * 500) for n in range(5000))
    digest = build(facts(mentions=many, shown=80))
    assert 40_000 < encoded_size(digest.html) <= 90_000
    assert Page(digest.html).wrong == []
    assert len(Page(digest.html).links) == digest.text.count("https://forum.example/")


def test_large_numbers_are_grouped(facts: Make, quiet: ProductFacts) -> None:
    loud = replace(quiet, volume=12_345, usual=UsualVolume(11_000, 9_000, 13_000))
    assert "12.345 Erwähnungen" in build(facts(products=(loud,))).subject
    assert "12,345 mentions" in build(facts("en", products=(loud,))).subject


HOSTILE = (
    "</div></mj-text><script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}\x00\x07"
    "\u202e\u2066\u200b\ufeff]]> --> &lt;b&gt; <mj-raw><b>fett</b></mj-raw> {n} %s\r\n.\r\nBcc: all@example.com"
)


def hostile(mention: Callable[..., Said], **more: Any) -> Said:
    foreign = dict.fromkeys(("thread_title", "author", "source"), HOSTILE) | {"url": "javascript:alert(1)"}
    return replace(mention("Der Akkufix 3000 " + HOSTILE, 1), **(foreign | more))


def test_hostile_text_stays_text(facts: Make, mention: Callable[..., Said], quiet: ProductFacts) -> None:
    digest = build(
        facts(
            products=(replace(quiet, name=HOSTILE), replace(quiet, name=HOSTILE + "2", competitor=True)),
            mentions=(
                hostile(mention),
                hostile(mention, thread="2", text=HOSTILE, url="https://a.example/<script>?x=\"'&#p1"),
            ),
            deaf=(Deaf(HOSTILE, "parse", HOSTILE),),
        )
    )
    page = Page(digest.html)
    assert page.wrong == [] and page.open == []
    assert {"script", "b", "mj-raw", "mj-text"} & page.tags == set()
    assert not {name for name in page.attributes if name.startswith("on")}
    assert len(page.images) == 1
    assert page.links == ["https://a.example/%3Cscript%3E?x=%22%27&#p1"]
    assert "{{ 7*7 }}" in page.text and "{{ 7*7 }}" in digest.text and "{n}" in digest.text
    for part in (digest.html, digest.text, digest.subject):
        assert not set(part) & set("\x00\x07\u202e\u2066\u200b\ufeff\r")
    assert "\n" not in digest.subject
    assert "\nBcc" not in digest.text and "\n.\n" not in digest.text


@pytest.mark.parametrize("broken", ["\ud800", "\ufffe", "\U000e0041", "e" + "\u0301" * 400])
def test_broken_characters_do_not_stop_the_digest(
    facts: Make, mention: Callable[..., Said], broken: str
) -> None:
    digest = build(facts(mentions=(mention(f"Akkufix 3000 {broken} Ende", 1, thread_title=broken),)))
    digest.html.encode(), digest.text.encode()
    assert "*Akkufix 3000*" in digest.text and digest.html.count("\u0301") < 10


def test_a_mention_without_text_link_or_time(facts: Make) -> None:
    bare = Said(product="Akkufix 3000", text="", url="", source="s")
    for part in both(build(facts(mentions=(bare,)))):
        assert "(ohne Text)" in part and "noch nicht bewertet" in part and "Beitrag lesen" not in part


def test_an_odd_history_makes_a_picture(facts: Make, quiet: ProductFacts) -> None:
    one = (DayTone(date(2026, 11, 24), 1),)
    for days in (
        one,
        (DayTone(date(2026, 11, 20), None), *one),
        (DayTone(date(2026, 11, 24), 0, coverage=1.0),),
    ):
        assert build(facts(products=(replace(quiet, days=days),))).images
    unheard = (DayTone(date(2026, 11, 24), None),)
    assert build(facts(products=(replace(quiet, days=unheard),))).images == {}
