"""Pages that stand where content should be: challenges, consent walls and log-in forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

from collectors.text import parsed

_HEAD = 200_000  # bytes looked at; a wall is a small page


def wall(body: bytes, headers: Mapping[str, str] | None = None, status: int = 200) -> str | None:
    """Names the wall that an answer is, or None; only for pages in which no posts were found."""
    names = {name.lower(): value.lower() for name, value in (headers or {}).items()}
    if "challenge" in names.get("cf-mitigated", ""):
        return "Cloudflare challenge page"
    text = body[:_HEAD].decode("utf-8", "replace")
    tree = parsed(text)
    return _challenge(text, tree) or _log_in(tree) or _consent(text, tree) or _empty(tree, status)


_CHALLENGES = (
    (
        "Cloudflare challenge page",
        r"_cf_chl_opt|cf-chl-|/cdn-cgi/challenge-platform/h/\w+/orchestrate|cf-browser-verification",
    ),
    ("Anubis challenge page", r"anubis_challenge|\.within\.website/x/cmd/anubis|techaro\.lol-anubis"),
    ("DDoS-Guard challenge page", r"/\.well-known/ddos-guard/js-challenge|data-ddg-origin"),
    ("Sucuri challenge page", r"sucuri_cloudproxy_js"),
    ("go-away challenge page", r"/\.well-known/\.git\.gammaspectra\.live/git/go-away"),
)
_TITLES = (
    ("Cloudflare challenge page", r"just a moment\.\.\.|nur einen moment|attention required! \| cloudflare"),
    ("Anubis challenge page", r"making sure you.re not a bot|ich stelle sicher, dass du kein bot bist"),
    ("DDoS-Guard challenge page", r"ddos-guard"),
    (
        "challenge page",
        r"checking your browser|are you (a )?(human|robot)|bot verification|sicherheitsüberprüfung",
    ),
)


def _challenge(text: str, tree: LexborHTMLParser) -> str | None:
    title = _title(tree)
    for name, pattern in _TITLES:
        if re.search(pattern, title):
            return name
    for name, pattern in _CHALLENGES:
        if re.search(pattern, text):
            return name
    captcha = tree.css_first(".h-captcha, .cf-turnstile, .g-recaptcha")
    return "captcha page" if captcha is not None and len(_words(tree)) < 60 else None


_LOG_IN = (
    "body.section-login form#login",
    "form#login input[type=password]",
    'html[data-template="login"] input[type=password]',
    "#frmLogin input[type=password]",
    ".login-title",
)
_REFUSALS = (
    r"nicht angemeldet oder|not logged in or|you must (be logged in|log in to|be registered to)"
    r"|du musst (dazu |dafür )?(angemeldet|registriert|eingeloggt) sein"
    r"|sie müssen (angemeldet|registriert) sein"
    r"|müssen sie sich (erst )?(anmelden|registrieren)|musst du dich (erst )?(anmelden|registrieren)"
    r"|keine zugriffsrechte|keine berechtigung|nicht die erforderlichen (zugriffs)?rechte"
    r"|keine ausreichenden berechtigungen|(do|does) not have (the required |sufficient )?permission"
    r"|not authori[sz]ed to (read|view)|zugriff auf diese seite wurde ihnen verwehrt"
    r"|nur für (mitglieder|registrierte)"
)
_SHORT = 400  # words; a page that only refuses has fewer, one with posts and a hint to guests has more


def _log_in(tree: LexborHTMLParser) -> str | None:
    if any(tree.css_first(selector) is not None for selector in _LOG_IN):
        return "log-in page"
    words = _words(tree)
    refused = len(words) < _SHORT and re.search(_REFUSALS, " ".join(words).lower())
    return "log-in page" if refused else None


def _consent(text: str, tree: LexborHTMLParser) -> str | None:
    words = _words(tree)
    if (
        re.search(r"window\._sp_|privacy-mgmt\.com|consent-wall|usercentrics.{0,40}wall", text)
        and len(words) < 400
    ):
        return "consent wall"
    asks = re.search(r"(mit werbung|zustimm|accept (all )?cookies|consent)", " ".join(words).lower())
    return "consent wall" if asks and len(words) < 150 and tree.css_first("article, h2, td") is None else None


def _empty(tree: LexborHTMLParser, status: int) -> str | None:
    if not _words(tree) and tree.css_first("script") is not None:
        return "page that is only a script"
    return f"refusal (HTTP {status})" if status in (401, 403) else None


def _title(tree: LexborHTMLParser) -> str:
    title = tree.css_first("title")
    return " ".join(title.text().split()).lower() if title is not None else ""


def _words(tree: LexborHTMLParser) -> list[str]:
    body = tree.body
    if body is None:
        return []
    hidden = {node.mem_id for node in tree.css("script, style, noscript, template")}
    words: list[str] = []
    for node in body.traverse(include_text=True):
        parent = node.parent
        if node.is_text_node and parent is not None and parent.mem_id not in hidden:
            words += (node.text_content or "").split()
    return words
