"""A post's HTML becomes its author's own words and its quotes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.phrases import quoted_by, without_app_line, without_signature
from collectors.smileys import picture
from collectors.text import Markup, html_text, own_words, parsed, split_html
from listener.errors import ParseError
from listener.model import Quote


def own(fragment: str) -> str:
    return split_html(fragment)[0]


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("Akku<b>schrauber</b> und Koffer", "Akkuschrauber und Koffer"),
        ("eins<br>zwei<br/><br/>drei", "eins\nzwei\n\ndrei"),
        ("<p>eins</p><p>zwei</p>", "eins\n\nzwei"),
        ("<div>eins</div><div>zwei</div>drei", "eins\nzwei\ndrei"),
        ("<ul><li>eins<li>zwei</ul>drei", "eins\nzwei\ndrei"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("a&nbsp;b&shy;c\u200bd\ufeffe", "a bcde"),
        ("Bohr<wbr>werk", "Bohrwerk"),
        ("viel   \n Luft", "viel Luft"),
        ("<pre>eins\n  zwei\n\ndrei</pre>vier", "eins\nzwei\n\ndrei\nvier"),
        ("<pre><code>a\nb</code></pre>", "a\nb"),
        (
            "vor<script>x()</script><style>p{}</style><noscript>ohne</noscript><button>Knopf</button>nach",
            "vornach",
        ),
        ("<!-- Werbung -->Text", "Text"),
        ("u\u0308ber", "über"),
        ("👨\u200d👩\u200d👧 da", "👨\u200d👩\u200d👧 da"),
        ("a\u200db", "ab"),
        ("<details><summary>Mehr</summary>drin</details>", "drin"),
        ('<div style="display:none">weg</div>da', "da"),
        ('<div class="spoiler"><div style="display: none">drin</div></div>', "drin"),
        ("&#8222;gut&#8220; &lt;b&gt;", "„gut“ <b>"),
        ("", ""),
    ],
)
def test_own_words(fragment: str, text: str) -> None:
    assert own(fragment) == text


def test_quotes_are_kept_apart_in_order_with_their_authors() -> None:
    fragment = (
        "vorher <blockquote><cite>Eva hat geschrieben:</cite>außen<blockquote><cite>Kim wrote:</cite>innen"
        "</blockquote>Ende</blockquote> dazwischen <blockquote>ohne Namen</blockquote> nachher"
    )
    text, quotes = split_html(fragment)
    assert text == "vorher\ndazwischen\nnachher"
    assert quotes == (Quote("außen\ninnen\nEnde", "Eva"), Quote("ohne Namen", None))


def test_a_post_may_be_nothing_but_a_quote() -> None:
    assert split_html("<blockquote>alles</blockquote>") == ("", (Quote("alles"),))


def test_an_attribution_before_the_quote_belongs_to_it() -> None:
    markup = Markup(quotes=".content", attributions=".title")
    text, quotes = split_html(
        '<div class="title">Zitat von Eva</div><div class="content">ja</div>nein', markup
    )
    assert (text, quotes) == ("nein", (Quote("ja", "Eva"),))


def test_a_body_that_is_itself_a_blockquote_is_no_quote() -> None:
    body = parsed(
        '<blockquote class="messageText">mein Text<blockquote>fremd</blockquote></blockquote>'
    ).css_first(".messageText")
    assert body is not None
    assert own_words(body) == ("mein Text", (Quote("fremd"),))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("heidi hat geschrieben: ↑ Do Okt 01, 2026 10:15 am", "heidi"),
        ("Müller & Söhne schrieb:", "Müller & Söhne"),
        ("Karl hat am 3. Mai 2020 geschrieben:", "Karl"),
        ("@sam said:", "sam"),
        ("Zitat von Oma Inge", "Oma Inge"),
        ("Quote from: Jo on May 3, 2020", "Jo"),
        ("bohrwurm:", "bohrwurm"),
        ("Zitat:", None),
    ],
)
def test_quoted_by(words: str, name: str | None) -> None:
    assert quoted_by(words) == name


@pytest.mark.parametrize(
    ("shown", "href", "text"),
    [
        ("https://a.example/lang/pf ... ende.html", "https://a.example/lang/pfad/ende.html", "full"),
        ("https://a.example/lang/pf...", "https://a.example/lang/pfad/ende.html", "full"),
        ("a.example/lang/…/ende.html", "https://a.example/lang/pfad/ende.html", "full"),
        ("Mein Bericht ...", "https://a.example/lang/pfad/ende.html", "shown"),
        ("https://b.example/x ... y", "https://a.example/lang/pfad/ende.html", "shown"),
        ("siehe hier", "https://a.example/", "shown"),
    ],
)
def test_links_keep_their_words_unless_shortened(shown: str, href: str, text: str) -> None:
    assert own(f'<a href="{href}">{shown}</a>') == (href if text == "full" else shown)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"class": "smilies", "alt": ":)", "title": "Smile"}, ":)"),
        ({"class": "smilie smilie--sprite", "alt": "x", "data-shortname": ":("}, ":("),
        ({"class": "smilie", "alt": "Big Grin", "src": "images/smilies/biggrin.png"}, ":D"),
        ({"src": "/img/smilies/smile.png", "alt": "smile"}, ":)"),
        ({"src": "images/smiles/icon_eek.gif", "alt": "icon_eek.gif"}, ":o"),
        ({"class": "emoji", "alt": "👍"}, "👍"),
        ({"class": "smilie smilie--emoji", "alt": "😀", "data-shortname": ":grinning:"}, "😀"),
        ({"class": "emoji", "alt": ":smile:", "title": ":smile:"}, ":smile:"),
        ({"class": "smilie", "alt": "Vereinslogo"}, ""),
        ({"class": "bbImage", "alt": "Bohrwerk B2 im Angebot"}, ""),
        ({"class": "avatar", "alt": "Eva"}, ""),
        ({}, ""),
    ],
)
def test_pictures(attributes: dict[str, str | None], code: str) -> None:
    assert picture(attributes).strip() == code


@pytest.mark.parametrize(
    "line",
    [
        "Gesendet von meinem SM-G991B mit Tapatalk",
        "Gesendet von iPad mit Tapatalk",
        "Sent from my iPhone using Tapatalk",
        "Sent from my Pixel 8 using Tapatalk 2.0",
        "Verschickt mit der Forum-App",
        "Von meinem Handy gesendet.",
    ],
)
def test_the_line_of_a_phone_goes_only_at_the_end(line: str) -> None:
    assert without_app_line(f"Danke!\n\n{line}") == "Danke!"
    assert without_app_line(line) == ""
    assert without_app_line(f"{line}\nDanke!") == f"{line}\nDanke!"


@pytest.mark.parametrize(
    "line", ["Verschickt mit DHL, kam heute an", "Gesendet wurde nichts.", "Edit: Von vorn"]
)
def test_an_authors_own_last_line_stays(line: str) -> None:
    assert without_app_line(f"Danke!\n{line}").endswith(line)


def test_signatures_inside_the_text() -> None:
    assert without_signature("Text\n_________________\nBohrwerk-Fan") == "Text"
    assert without_signature("Text\n--\nBohrwerk-Fan") == "Text"
    assert without_signature("Text -- mit Strichen\nund mehr") == "Text -- mit Strichen\nund mehr"
    long = "Text\n--\n" + "viel eigener Text " * 40
    assert without_signature(long) == long
    assert split_html("Text<br>_________________<br>mehr")[0].endswith("mehr")


def test_all_words_of_an_entry() -> None:
    assert (
        html_text("<p>A &amp; B</p><blockquote><cite>Eva wrote:</cite>q</blockquote>c")
        == "A & B\n\nEva wrote: q\nc"
    )


def test_absurd_nesting_is_refused_quickly() -> None:
    with pytest.raises(ParseError, match="nested"):
        split_html("<div><blockquote>" * 100_000)
    assert own("<table><tr><td>a" + "<tr><td>b" * 5_000).startswith("a\nb")
    assert own("<br>" * 20_000 + "Text") == "Text"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "<p>", "<blockquote>", "</blockquote>", "<cite>", "x", " ", "\ud800", "&"]
        )
    )
)
def test_any_markup_gives_clean_text(parts: list[str]) -> None:
    text, quotes = split_html("".join(parts))
    for words in [text, *(quote.text for quote in quotes)]:
        assert words == words.strip() == unicodedata.normalize("NFC", words)
        assert "\x1e" not in words and "  " not in words and "\n\n\n" not in words
        words.encode("utf-8")
