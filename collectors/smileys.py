"""Smileys that boards show as pictures, back to the code somebody typed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = {
    "smile": ":)",
    "smiley": ":)",
    "smiling": ":)",
    "happy": ":)",
    "wink": ";)",
    "biggrin": ":D",
    "grin": ":D",
    "veryhappy": ":D",
    "bigsmile": ":D",
    "cheesy": ":D",
    "sad": ":(",
    "frown": ":(",
    "tongue": ":P",
    "razz": ":P",
    "cool": "8)",
    "surprised": ":o",
    "eek": ":o",
    "yikes": ":o",
    "shocked": ":shock:",
    "confused": ":confused:",
    "laughing": ":lol:",
    "lol": ":lol:",
    "mad": ":mad:",
    "neutral": ":|",
    "evil": ":evil:",
    "twisted": ":twisted:",
    "rolleyes": ":roll:",
    "roll": ":roll:",
    "cry": ":cry:",
    "crying": ":cry:",
    "kiss": ":-*",
    "undecided": ":-/",
    "redface": ":oops:",
    "embarrassed": ":oops:",
    "hmm": ":/",
    "idea": ":idea:",
    "exclamation": ":!:",
    "question": ":?:",
    "arrow": ":arrow:",
}
_CLASS = re.compile(
    r"\b(mceSmilie|smil(?:ies|ie|ey|eys|e)|emoji|ipsEmoji|emoticon|bbc_emoticon|icon_e_|bbcode_smiley)", re.I
)
_SOURCE = re.compile(
    r"/(smilies|smiles|smileys|emoticons|emojis?)/|style_emoticons/|/emoji/|twemoji|joypixels", re.I
)


def picture(attributes: Mapping[str, str | None]) -> str:
    """The words an image stands for: a smiley's code or emoji with room around it, else nothing."""
    smiley = _CLASS.search(attributes.get("class") or "") or _SOURCE.search(attributes.get("src") or "")
    if not smiley and not (attributes.get("data-shortname") or attributes.get("data-smilie")):
        return " "
    code = next(filter(None, map(_code, _texts(attributes))), "") or _by_file(attributes.get("src") or "")
    return f" {code} " if code else " "


def _by_file(source: str) -> str:
    """The code of a picture whose name is known ("/Smileys/default/wink.gif"): its words are the board's."""
    name = source.rpartition("/")[2].partition("?")[0]
    return _NAMES.get(_plain(name), "")


def _plain(name: str) -> str:
    return re.sub(r"^icon_(e_)?|\.\w{3,4}$|[\s_-]", "", name.lower())


def _texts(attributes: Mapping[str, str | None]) -> list[str]:
    """Where the code may stand, best first: an emoji itself says more than its name."""
    found = [(attributes.get(name) or "").strip() for name in ("data-shortname", "alt", "title")]
    return sorted(found, key=lambda text: text.isascii() or text.isalnum())


def _code(text: str) -> str | None:
    """The text itself if it is a code or an emoji, else the code of a known name."""
    if not text or len(text) > 40:
        return None
    if not re.search(r"[^\W_]{2,}", text) or re.fullmatch(r":[\w+-]+:|\([\w+-]+\)", text):
        return text
    return _NAMES.get(_plain(text))
