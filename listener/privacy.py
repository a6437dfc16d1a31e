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


def encodable(text: str) -> str:
    """The text without NUL and halves of characters, which no database and no terminal takes."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def private(post: Post, pseudonym: Pseudonym) -> Post:
    """The post as it may be stored."""
    return replace(
        post,
        id=encodable(post.id),
        url=encodable(post.url),
        thread_id=encodable(post.thread_id),
        thread_url=encodable(post.thread_url),
        language=encodable(post.language) if post.language else post.language,
        author=_named(post.author, pseudonym),
        text=redacted(encodable(post.text)),
        title=redacted(encodable(post.title)),
        quotes=tuple(
            Quote(redacted(encodable(quote.text)), _named(quote.author, pseudonym)) for quote in post.quotes
        ),
    )


def _named(author: str | None, pseudonym: Pseudonym) -> str | None:
    return pseudonym(encodable(author)) if author else None
