"""What boards and phones write around an author's words: attributions, signatures, app lines."""

from __future__ import annotations

import re


def quoted_by(attribution: str) -> str | None:
    """The name in "X hat geschrieben: DATE", "Zitat von X", "Quote from: X on DATE"."""
    words = re.sub(r"^[\s>↑»«]+", "", " ".join(attribution.split()))
    if re.fullmatch(r"(?:Zitat|Quote)?\s*:?", words):
        return None
    before = re.match(
        r"(.{1,100}?)\s*,?\s+(?:hat (?:folgendes |am .{4,40} )?geschrieben|schrieb|[Ww]rote|said|posted)\b",
        words,
    )
    if before:
        return before[1].lstrip("@")
    after = re.match(
        r"(?:Zitat(?: von)?|Originally posted by|Quote(?: from)?)\s*:?\s*"
        r"(.{1,100}?)(?:\s+(?:on|am|vom)\s.*)?:?$",
        words,
        re.I,
    )
    return (after[1] if after else words.rstrip(" :")[:100]) or None


_UNDERLINE = re.compile(r"^(?:_{10,}|-{10,})\s*$", re.M)
_DASHES = re.compile(r"^--$", re.M)


def without_signature(text: str) -> str:
    """Cuts what stands after a line of underscores, or after a last `--` if it is short."""
    line = _UNDERLINE.search(text)
    if line:
        return text[: line.start()].rstrip()
    dashes = list(_DASHES.finditer(text))
    if dashes and len(text) - dashes[-1].end() < 500:
        return text[: dashes[-1].start()].rstrip()
    return text


_APP_LINE = re.compile(
    r"(?:gesendet|verschickt|geschrieben|abgeschickt|sent|posted)\s+(?:von|mit|per|über|via|vom|from|using|by)\b"
    r"(?=.*(?:\bmein|\bmy\b|tapatalk|iphone|ipad|\bapp\b|handy|mobile|phone|android)).{0,90}"
    r"|von meine[mr] .{1,60}\b(?:gesendet|geschrieben|verschickt)[.!]?",
    re.I,
)


def without_app_line(text: str) -> str:
    """Cuts a last line like "Gesendet von meinem SM-G991B mit Tapatalk"."""
    while text:
        head, _, last = text.rpartition("\n")
        if not _APP_LINE.fullmatch(last.strip()):
            return text
        text = head.rstrip()
    return text
