"""A made corpus of edited copies, and of posts that look like copies and are none: the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

STRENGTHS = (2, 5, 10, 20, 30)  # per cent of the words


@dataclass(frozen=True)
class Pair:
    """Two texts, and what lies between them: a strength, a kind of edit or a kind of difference."""

    one: str
    other: str
    kind: str
    copied: bool


DE = """
Nach {n} Wochen mit {p} ist {der} {teil} {zustand}|Der Händler in {ort} wollte {p} nicht zurücknehmen
{teil} und {teil} wirken {zustand}, aber {teil} ist {zustand}|Im Vergleich zu {p} fällt {teil} deutlich ab
Wer {p} für {arbeit} braucht, sollte auf {teil} achten|Für {arbeit} reicht der Akku knapp {n} Stunden
Ich habe {p} in {ort} für {n} Euro gekauft|Laut Hersteller soll {teil} ab {monat} verbessert werden
Die Firma aus {ort} stellt im {monat} das Modell {p} vor|Beim {arbeit} riecht es nach {n} Minuten verbrannt
Mein Schwager hat {p} seit {n} Jahren und schwört auf {teil}|Ob {teil} für {arbeit} taugt, zeigt sich im {monat}
Die Anleitung erklärt {arbeit} auf Seite {n} nur sehr knapp|Ersatz für {teil} gibt es über {ort} nach {n} Tagen
Unser Test in {ort} ergab bei {teil} einen Wert von {n} Punkten|Der Kundendienst antwortete im {monat} gar nicht
Zum {arbeit} nehme ich lieber {p}, weil {teil} {zustand} bleibt|{teil} war schon beim Auspacken {zustand}
Größere Mengen schafft {p} ohne Mühe, solange {teil} {zustand} ist|Ab {monat} kostet {p} im Handel {n} Euro
""".replace("\n", "|")
EN = """
After {n} weeks with {p} the {part} is {state}|The dealer in {town} refused to take {p} back
{part} and {part} feel {state} but the {part} is {state}|Compared with {p} the {part} falls behind
Whoever needs {p} for {work} should look at the {part}|For {work} the battery lasts barely {n} hours
I bought {p} in {town} for {n} dollars|The maker says the {part} will be improved from {month}
The company from {town} presents the {p} in {month}|While {work} it smells of burning after {n} minutes
My brother has owned {p} for {n} years and swears by the {part}|In {month} we shall see if it suits {work}
The manual explains {work} on page {n} far too briefly|A spare {part} arrives from {town} within {n} days
Our test in {town} gave the {part} a score of {n} points|Customer service never answered in {month}
For {work} I prefer {p} because the {part} stays {state}|The {part} was {state} when I unpacked it
Bigger jobs are easy for {p} as long as the {part} is {state}|From {month} the {p} sells for {n} dollars
""".replace("\n", "|")
WORDS = {
    "p": "Akkufix 3000|Bohrwerk B2|Sägemeister 7|Hobelfein|Kettenblitz|Raspelix X4|Schraubfux|Fräsmann F1|Leimtopf|Dübelino",
    "der": "der|die|das|mein|unser|dieses",
    "teil": "Akku|Gehäuse|Schalter|Ladegerät|Bohrfutter|Griff|Getriebe|Kabel|Motor|Sägeblatt|Tiefenanschlag|Führungsschiene|Kühlung|Netzteil|Staubbeutel|Drehzahlregler",
    "zustand": "kaputt|wacklig|tadellos|überhitzt|locker|verzogen|brauchbar|erstaunlich leise|viel zu schwer|müde|abgenutzt|wie neu|rostig|schief",
    "ort": "Köln|Süderbrarup|Münster|Görlitz|Passau|Emden|Jena|Bad Wörishofen|Füssen|Lüneburg|Trier|Plauen",
    "arbeit": "Laminatverlegen|Möbelbauen|Entrosten|Sägen von Dachlatten|Bohren in Beton|Schleifen der Treppe|Heckenschneiden|Zuschneiden von Spanplatten|Aufhängen der Küche|Fräsen von Nuten",
    "monat": "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember",
    "part": "battery|housing|switch|charger|chuck|handle|gearbox|cable|motor|blade|depth stop|guide rail|fan|power supply|dust bag|speed dial",
    "state": "broken|wobbly|flawless|overheated|loose|bent|usable|surprisingly quiet|far too heavy|tired|worn|like new|rusty|crooked",
    "town": "Leeds|Dover|Bath|Truro|York|Perth|Derby|Boston|Austin|Salem|Ripon|Wells",
    "work": "laying floors|building furniture|removing rust|cutting battens|drilling concrete|sanding stairs|trimming hedges|sawing boards|hanging cupboards|routing grooves",
    "month": "January|February|March|April|May|June|July|August|September|October|November|December",
}  # fmt: skip
FILLERS = {
    "de": "allerdings|angeblich|übrigens|halt|damals|meistens|gestern|womöglich|freilich|schließlich|drüben|öfter|nebenbei|letztlich",
    "en": "however|allegedly|perhaps|actually|yesterday|mostly|indeed|finally|sometimes|often|meanwhile|besides|rather|quite",
}
GREETING = {
    "de": "Hallo zusammen, das habe ich eben woanders gefunden und stelle es mal hier rein:",
    "en": "Hi all, just found this elsewhere and thought I would leave it here:",
}
SALE = {
    "de": "Verkaufe {p} wegen Umzug. {own} Versand gegen Aufpreis möglich, Abholung in {ort} bevorzugt. Privatverkauf, daher keine Garantie und keine Rücknahme. Bei Fragen einfach eine Nachricht schreiben.",
    "en": "Selling my {p} because we move. {own} Shipping costs extra, collection in {town} preferred. Private sale, so no warranty and no returns. Just send me a message if you have questions.",
}
FOOTER = {
    "de": "Gruß aus {ort} – Werkstattbuch, Bilder und Pläne findet ihr wie immer in meinem Profil, Fragen bitte nur im Forum.",
    "en": "Greetings from {town} – my workshop diary, pictures and plans are in my profile as always, questions in the forum only.",
}


def pairs(seed: int = 6, count: int = 320) -> list[Pair]:
    """Copies at each strength and of each kind of `count` originals, and as many that are none."""
    dice = random.Random(seed)
    return [pair for number in range(count) for pair in _of(dice, ("de", "en")[number % 2])]


def _of(dice: random.Random, language: str) -> Iterator[Pair]:
    original = _text(dice, language)
    for strength in dice.sample(STRENGTHS, dice.randint(1, 5)):
        yield Pair(original, _edited(dice, original, language, strength), f"{strength:2} %", True)
    for kind, other in _handled(dice, original, language):
        yield Pair(original, other, kind, True)
    for kind, one, other in _different(dice, language):
        yield Pair(one, other, kind, False)


def _filled(dice: random.Random, pattern: str) -> str:
    while "{" in pattern:
        name = pattern[pattern.index("{") + 1 : pattern.index("}")]
        word = str(dice.randint(2, 99)) if name == "n" else dice.choice(WORDS[name].split("|"))
        pattern = pattern.replace("{" + name + "}", word, 1)
    return pattern


def _text(dice: random.Random, language: str, sentences: int = 0) -> str:
    patterns = [one for one in (DE if language == "de" else EN).split("|") if one]
    chosen = dice.sample(patterns, sentences or dice.randint(5, 14))
    lines = [_filled(dice, one) + "." for one in chosen]
    middle = (len(lines) + 1) // 2
    return " ".join(lines[:middle]) + "\n\n" + " ".join(lines[middle:])


def _edited(dice: random.Random, text: str, language: str, strength: int) -> str:
    """So many per cent of the words replaced, left out or added, in runs of one to three."""
    words, fillers = text.split(), FILLERS[language].split("|")
    left = max(1, round(len(words) * strength / 100))
    while left > 0:
        run = min(left, dice.randint(1, 3))
        start = dice.randrange(len(words) - run)
        new = [dice.choice(fillers) for _ in range(run)]
        words[start : start + dice.choice((0, run, run))] = new if dice.random() < 0.8 else []
        left -= run
    return " ".join(words)


def _handled(dice: random.Random, text: str, language: str) -> Iterator[tuple[str, str]]:
    _first, _, rest = text.partition(". ")
    yield "another first sentence", f"{_text(dice, language, 2).split('.')[0]}. {rest}"
    yield "greeting before", f"{GREETING[language]} {text}"
    yield "link after", f"{text} https://example.com/{dice.randrange(10**6)}?from=share"
    yield "prices changed", text.replace(" Euro", "9 Euro").replace(" dollars", "9 dollars")
    yield "shouted, umlauts spelt out", _spelt(text).upper()
    sentences = text.replace("\n\n", " ").split(". ")
    gone = dice.randrange(len(sentences) - 1)
    yield "a sentence missing", ". ".join(sentences[:gone] + sentences[gone + 1 :])


def _spelt(text: str) -> str:
    for umlaut, letters in zip("äöüßÄÖÜ", ("ae", "oe", "ue", "ss", "Ae", "Oe", "Ue"), strict=True):
        text = text.replace(umlaut, letters)
    return text


def _different(dice: random.Random, language: str) -> Iterator[tuple[str, str, str]]:
    """Different posts that share a lot of words."""
    product = dice.choice(WORDS["p"].split("|"))
    one, other = (_text(dice, language, 7).replace("{p}", product) for _ in range(2))
    yield "two reviews", f"{product}: {one}", f"{product}: {other}"
    sales = [
        _filled(dice, SALE[language].replace("{own}", _text(dice, language, 2).replace("\n\n", " ")))
        for _ in range(2)
    ]
    yield "two listings", sales[0], sales[1]
    footer = _filled(dice, FOOTER[language])
    replies = [f"{_text(dice, language, 3)} {footer}" for _ in range(2)]
    yield "two replies, one footer", replies[0], replies[1]
