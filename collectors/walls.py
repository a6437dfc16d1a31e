"""Pages that stand where content should be: challenges, consent walls and log-in forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

from collectors.text import parsed
from listener.errors import ParseError

_HEAD = 200_000  # bytes looked at; a wall is a small page
_SHORT = 150  # words; a page that only asks for something has fewer, a page with posts has more
_REFUSING = 400  # words of a page that refuses inside a whole board's frame


def wall(body: bytes, headers: Mapping[str, str] | None = None, status: int = 200) -> str | None:
    """Names the wall that an answer is, or None; strict enough to be asked about every answer."""
    names = {name.lower(): value.lower() for name, value in (headers or {}).items()}
    if "challenge" in names.get("cf-mitigated", ""):
        return "Cloudflare challenge page"
    text = body[:_HEAD].decode("utf-8", "replace")
    if not text.lstrip().startswith("<") or not _SUSPECT.search(text.lower()):
        return None
    tree = _tree(text)
    if tree is None:
        return None
    return (_challenge(text, tree) if len(_words(tree)) < _SHORT else None) or _log_in_form(tree)


def refused(body: bytes) -> str | None:
    """What a page without any post is, if it is a wall or tells guests to stay out."""
    text = body[:_HEAD].decode("utf-8", "replace")
    tree = _tree(text)
    if tree is None:
        return None
    words = _words(tree)
    message = " ".join(words).lower()
    if known := wall(body):
        return known
    if len(words) < _REFUSING and re.search(_REFUSALS, message):
        return "log-in page"
    if len(words) < _SHORT and re.search(_CONSENT, message):
        return "consent wall"
    if not words and tree.css_first("script") is not None:
        return "page that is only a script"
    return None


_CHALLENGES = (
    (
        "Cloudflare challenge page",
        r"_cf_chl_opt|cf-chl-|/cdn-cgi/challenge-platform/h/\w+/orchestrate|cf-browser-verification",
        r"just a moment\.\.\.|nur einen moment|attention required! \| cloudflare",
    ),
    (
        "Anubis challenge page",
        r"anubis_challenge|\.within\.website/x/cmd/anubis|techaro\.lol-anubis",
        r"making sure you.{1,6}re not a bot|ich stelle sicher, dass du kein bot bist",
    ),
    ("DDoS-Guard challenge page", r"/\.well-known/ddos-guard/|data-ddg-origin", r"ddos-guard"),
    ("Sucuri challenge page", r"sucuri_cloudproxy_js", r"sucuri website firewall"),
    (
        "go-away challenge page",
        r"/\.well-known/\.git\.gammaspectra\.live/git/go-away",
        r"checking you are not a bot",
    ),
    (
        "Imperva challenge page",
        r"_incapsula_resource|incapsula incident id",
        r"request unsuccessful",
    ),
    ("DataDome challenge page", r"captcha-delivery\.com|datadome\.co/", r"\bdatadome\b"),
    ("AWS challenge page", r"awswafcookiedomainlist|\.awswaf\.com/", r"human verification"),
    (
        "Akamai challenge page",
        r"errors\.edgesuite\.net|/_sec/cp_challenge/|<title>access denied</title>",
        r"akamai reference",
    ),
    ("Vercel challenge page", r"/\.well-known/vercel/security/", r"vercel security checkpoint"),
    ("PerimeterX challenge page", r"_pxappid|/px/captcha|px-captcha", r"access to this page has been denied"),
    ("BunkerWeb challenge page", r"bunkerweb", r"bot detection"),
    (
        "challenge page",
        r"class=[\"'][^\"']*\b(?:h-captcha|cf-turnstile|g-recaptcha)\b",
        r"checking your browser|are you (?:a )?(?:human|robot)|bot verification|sicherheitsüberprüfung",
    ),
    (
        "consent wall",
        r"window\._sp_|privacy-mgmt\.com|contentpass\.net|app\.usercentrics\.eu|consensu\.org|consentmanager\.net",
        r"zustimmung erforderlich|consent required|privatsphäre-einstellungen|before you continue",
    ),
)
_LOG_IN = (
    "form#login .login-title",
    "body.section-login form#login",
    'html[data-template="login"] input[type=password]',
    "#frmLogin input[type=password]",
)
_SUSPECT = re.compile(  # held against lower case, which is four times faster than ignoring it
    "|".join(f"{mark}|{title}" for _, mark, title in _CHALLENGES)
    + "|login-title|section-login|data-template=.login|frmlogin"
)


def _challenge(text: str, tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("title")
    title = " ".join(node.text().split()).lower() if node is not None else ""
    known = (
        name for name, mark, words in _CHALLENGES if re.search(words, title) or re.search(mark, text, re.I)
    )
    return next(known, None)


def _log_in_form(tree: LexborHTMLParser) -> str | None:
    return "log-in page" if any(tree.css_first(selector) is not None for selector in _LOG_IN) else None


_REFUSALS = (
    r"nicht angemeldet oder|not logged in or|you must (be logged in|log in to|be registered to)"
    r"|du musst (dazu |dafür )?(angemeldet|registriert|eingeloggt) sein"
    r"|sie müssen (angemeldet|registriert) sein"
    r"|müssen sie sich (erst )?(anmelden|registrieren)|musst du dich (erst )?(anmelden|registrieren)"
    r"|keine zugriffsrechte|keine berechtigung|nicht die erforderlichen (zugriffs)?rechte"
    r"|keine ausreichenden berechtigungen|(do|does) not have (the required |sufficient )?permission"
    r"|not authori[sz]ed to (read|view)|zugriff auf diese seite wurde ihnen verwehrt"
    r"|nur für (mitglieder|registrierte)|nur registrierte (mitglieder|benutzer|nutzer)"
    r"|only registered (members|users)|only available to (members|registered)"
    r"|nicht die notwendigen (zugriffs)?rechte|zutritt zu dieser seite"
    r"|(darfst|dürfen) (auf )?(dieses|diesen|diese) .{1,30} nicht (zugreifen|betreten|lesen|sehen|ansehen)"
    r"|not allowed to (access|view|read)|(don't|do not) have (access|permission) to"
    r"|log ?in or (register|sign up) to (view|continue|read)|please (log ?in|sign in) (to|or)"
    r"|bitte (melde dich|melden sie sich|logge dich|loggen sie sich) .{0,40}\b(an|ein)\b"
)
_CONSENT = r"mit werbung|zustimmen und|alle akzeptieren|accept all|we value your privacy"


def _tree(text: str) -> LexborHTMLParser | None:
    try:
        return parsed(text)
    except ParseError:
        return None


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
