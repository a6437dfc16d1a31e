"""The bytes of a feed as clean text: encodings, doubly encoded UTF-8, entity bombs, stray characters."""

from __future__ import annotations

import codecs
import re

from listener.errors import ParseError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROOT = re.compile(r"<\w")
_ENTITY = re.compile(
    r"""<!ENTITY\s+%?\s*[\w.:-]+\s+(?:(["'])(?P<value>.*?)\1|(?:SYSTEM|PUBLIC)\b)""", re.DOTALL
)
_NESTED = re.compile(r"&(?!#|amp;|lt;|gt;|quot;|apos;)\w|%\w+;")
LONGEST_ENTITY = 200
_RUN = re.compile(r"[^\x00-\x7f]+")
FEWEST_RUNS = 3  # so many doubly encoded places, and no other, make the repair certain


def read_text(body: bytes, content_type: str = "") -> str:
    """A feed as text without its XML declaration, or ParseError for an entity bomb."""
    text = repaired(_decoded(body, content_type))
    text = _DECLARATION.sub("", _ILLEGAL.sub("", text.lstrip("\ufeff")), count=1).lstrip()
    _refuse_bomb(text)
    return text


def _decoded(body: bytes, content_type: str) -> str:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _kindly(body[len(mark) :], codec)
    start = body.lstrip()[:2]
    for mark, codec in _BARE:
        if start == mark:
            return _kindly(body, codec)
    for codec in _candidates(body, content_type):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return _kindly(body, "utf-8" if _mostly_utf8(body) else "cp1252")


def _kindly(body: bytes, codec: str) -> str:
    """Decoded with a few faults marked; with many it was another encoding: the usual one of the web."""
    text = body.decode(codec, "replace")
    faults = text.count("\ufffd")
    if codec == "utf-8" and faults and faults * 2 > len(_RUN.findall(text)):
        return body.decode("cp1252", "replace")
    return text


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    return text.count("\ufffd") * 2 <= len(_RUN.findall(text))


def _candidates(body: bytes, content_type: str) -> list[str]:
    """Codecs to try strictly, in order; UTF-8 proves itself, except where two bytes make a sign anyway."""
    in_file, in_header = _DECLARED.match(body[:1000]), _CHARSET.search(content_type)
    named = [_codec(in_file[1].decode("ascii")) if in_file else "", _codec(in_header[1]) if in_header else ""]
    asian = [
        name
        for name in named[:1]
        if name.startswith(("gb", "big5", "euc", "shift", "cp932", "cp949", "iso2022"))
    ]
    return [name for name in [*asian, "utf-8", *named] if name]


def _codec(name: str) -> str:
    """Python's name of a text encoding, "" for none; the older of two nested ones is read as the wider."""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    readable = getattr(info, "_is_text_encoding", True) and not info.name.startswith(
        ("utf-7", "idna", "punycode")
    )
    unescaped = readable and "escape" not in info.name and not info.name.startswith(("utf-16", "utf-32"))
    return _WIDER.get(info.name, info.name) if unescaped else ""


def repaired(text: str) -> str:
    """UTF-8 that was read as windows-1252 and encoded again (`Ã¼` for `ü`), put right where it is certain.

    Certain means: every run of foreign signs in the whole feed turns into valid UTF-8, and there are several.
    """
    found = _RUN.findall(text)
    if len(found) < FEWEST_RUNS:
        return text
    healed: dict[str, str] = {}
    for run in set(found):
        whole = _healed(run)
        if whole is None:
            return text
        healed[run] = whole
    return _RUN.sub(lambda run: healed[run[0]], text)


def _healed(run: str) -> str | None:
    try:
        return b"".join(map(_byte, run)).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None


def _byte(sign: str) -> bytes:
    """The windows-1252 byte of a sign; the five holes of that table stand for themselves."""
    return sign.encode("latin-1") if sign in "\x81\x8d\x8f\x90\x9d" else sign.encode("cp1252")


def _refuse_bomb(text: str) -> None:
    """Entities that grow when read: nested ones, long ones, ones to be fetched."""
    root = _ROOT.search(text)
    prolog = text[: root.start() if root else len(text)]
    for entity in _ENTITY.finditer(prolog):
        value = entity["value"]
        if value is not None and (len(value) > LONGEST_ENTITY or _NESTED.search(value)):
            raise ParseError("the feed declares entities that grow when read (<!ENTITY ...>); refused")
    if prolog.count("<!ENTITY") > 300:
        raise ParseError("the feed declares more than 300 entities; refused")
