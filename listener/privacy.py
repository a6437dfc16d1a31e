"""What is not stored: authors' names and personal data that nobody needs."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import replace

from listener.model import Post, Quote

Pseudonym = Callable[[str], str]

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b")
_ALONE = r"(?<![\w.,/-])(?<!\d )"
_PHONE = re.compile(_ALONE + r"(?:\+|00)\d{1,3}[ /.-]?(?:\(0\))?(?:[ /.-]?\d{2,5}){2,6}(?![\w-])")
_PHONE_DE = re.compile(_ALONE + r"\(?0[1-9]\d{1,4}\)?(?: ?[/-] ?| )\d{3,9}(?:[ -]\d{2,5}){0,4}(?![\w-])")
MARKS = {"mail": "[E-Mail]", "iban": "[IBAN]", "phone": "[Telefon]"}


def pseudonyms(key: str) -> Pseudonym:
    """A keyed pseudonym per author: the same name gives the same one, and only the key leads back."""

    def pseudonym(author: str) -> str:
        digest = hmac.new(key.encode(), author.strip().casefold().encode("utf-8", "replace"), hashlib.sha256)
        return f"a-{digest.hexdigest()[:12]}"

    return pseudonym


def plain(author: str) -> str:
    """The author's name as it is."""
    return author


def redacted(text: str) -> str:
    """Mail addresses, IBANs (with a valid check sum) and phone numbers replaced by a mark."""
    if "@" in text:
        text = _MAIL.sub(MARKS["mail"], text)
    text = _IBAN.sub(lambda found: MARKS["iban"] if _is_iban(found[0]) else found[0], text)
    text = _PHONE.sub(_phone, text)
    return _PHONE_DE.sub(_phone, text)


def _phone(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    return MARKS["phone"] if 8 <= digits <= 17 else found[0]


def _is_iban(text: str) -> bool:
    compact = text.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    number = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(number) % 97 == 1


def private(post: Post, pseudonym: Pseudonym) -> Post:
    """The post as it may be stored."""
    return replace(
        post,
        author=pseudonym(post.author) if post.author else post.author,
        text=redacted(post.text),
        title=redacted(post.title),
        quotes=tuple(
            Quote(redacted(quote.text), pseudonym(quote.author) if quote.author else None)
            for quote in post.quotes
        ),
    )
