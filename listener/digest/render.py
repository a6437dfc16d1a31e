"""The two parts of the mail: MJML to HTML, and the written plain text."""

from __future__ import annotations

import quopri
import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache

import mrml
from jinja2 import Environment, PackageLoader, StrictUndefined

from listener.digest.clean import Piece
from listener.digest.figures import NEGATIVE, NEUTRAL, POSITIVE, UNSCORED
from listener.digest.view import View
from listener.digest.words import Words

WIDTH = 76
IN_FULL = 4  # products; the others get a line each
CID = "mentions-per-day"
INKS = {"negative": "#a83f00", "neutral": "#52606d", "positive": "#005a96", "unscored": "#52606d"}
FILLS = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE, "unscored": UNSCORED}
SIGNS = {"negative": "▼", "neutral": "●", "positive": "▲", "unscored": "○"}


def html(view: View, words: Words, *, picture: str, picture_of: str) -> str:
    """The HTML part; `picture` is the picture's description, empty for no picture."""
    mjml = _environment(escape=True).get_template("mail.mjml.jinja")
    looks = {"ink": INKS, "fill_colour": FILLS, "sign": SIGNS, "cid": CID, "full": IN_FULL}
    source = mjml.render(v=view, w=words, picture=picture, picture_of=picture_of, **looks)
    return str(mrml.to_html(source).content)


def text(view: View, words: Words, *, chart: Sequence[str], picture_of: str) -> str:
    """The plain part: the same facts, written for a reader without HTML."""
    template = _environment(escape=False).get_template("mail.txt.jinja")

    def quoted(pieces: Iterable[Piece]) -> str:
        said = "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in pieces)
        return words("quotes", text=said)

    shown = template.render(
        v=view, w=words, full=IN_FULL, picture=bool(chart), picture_of=picture_of, chart=chart, quoted=quoted
    )
    return re.sub(r"\n{4,}", "\n\n\n", shown).strip("\n") + "\n"


def encoded_size(part: str) -> int:
    """Bytes of a part as it travels: quoted-printable."""
    return len(quopri.encodestring(part.encode("utf-8", "replace")))


@cache
def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("listener.digest", "."),
        autoescape=escape,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(fill=_fill, heading=_heading, capitalize_first=_capitalize_first)
    return environment


def _fill(line: str, indent: str = "", hanging: str | None = None) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _heading(line: str) -> str:
    return f"{line.upper()}\n{'-' * len(line)}"


def _capitalize_first(line: str) -> str:
    return line[:1].upper() + line[1:]
