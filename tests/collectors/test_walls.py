"""Walls are told from content."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.walls import refused, wall

DATA = Path(__file__).resolve().parents[1] / "data"
POSTS = " ".join(["Der Akkuschrauber läuft gut und der Preis stimmt."] * 60)


def page(body: str, title: str = "", head: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()
    )


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (page("<noscript>Enable JavaScript</noscript>", "Just a moment..."), "Cloudflare"),
        (page("<p>Warten</p>", "Nur einen Moment…"), "Cloudflare"),
        (page("<script>window._cf_chl_opt={cvId:'3'}</script>", "forum.example"), "Cloudflare"),
        (page('<script id="anubis_challenge" type="application/json">{}</script>'), "Anubis"),
        (page("<h1>Wait</h1>", "Making sure you&#39;re not a bot!"), "Anubis"),
        (page("<p>Checking</p>", "DDoS-Guard"), "DDoS-Guard"),
        (page("<script>sucuri_cloudproxy_js='';</script>"), "Sucuri"),
        (page('<iframe src="/_Incapsula_Resource?SWUDNSAI=9"></iframe>'), "Imperva"),
        (page("<script src='https://ct.captcha-delivery.com/c.js'></script>"), "DataDome"),
        (page("<script>window.awsWafCookieDomainList=[];</script>"), "AWS"),
        (page("<h1>Access Denied</h1>Reference #18", "Access Denied"), "Akamai"),
        (page("<p>We're verifying your browser</p>", "Vercel Security Checkpoint"), "Vercel"),
        (page("<div id='px-captcha'></div>"), "PerimeterX"),
        (page("<script src='https://app.usercentrics.eu/x.js'></script><p>Zustimmen</p>"), "consent"),
        (page('<div class="h-captcha" data-sitekey="x"></div>'), "challenge"),
        (page("<p>Zustimmung</p><script>window._sp_={}</script>"), "consent"),
        ((DATA / "phpbb/closed_de.html").read_bytes(), "log-in"),
    ],
)
def test_walls(body: bytes, name: str) -> None:
    assert name in (wall(body) or "")
    assert name in (refused(body) or "")


def test_the_header_alone_says_challenge() -> None:
    assert wall(b"", {"CF-Mitigated": "challenge"}, 403) == "Cloudflare challenge page"
    assert wall(b"", {"server": "cloudflare"}, 200) is None


@pytest.mark.parametrize(
    "body",
    [
        page(
            f"<p>Im Code steht window._cf_chl_opt, was ist das?</p><p>{POSTS}</p>", "Just a moment... | Forum"
        ),
        page(f"{POSTS}<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        page(f"<p>You are not logged in.</p>{POSTS}{POSTS}"),
        b'{"post_stream": {"posts": [{"cooked": "anubis_challenge h-captcha"}]}}',
        b"<rss><channel><title>Just a moment...</title></channel></rss>".replace(
            b"</ch", POSTS.encode() + b"</ch"
        ),
        b"",
    ],
)
def test_content_is_no_wall(body: bytes) -> None:
    assert wall(body) is None


@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.html")), ids=lambda path: path.stem)
def test_own_pages_are_no_walls(path: Path) -> None:
    assert (wall(path.read_bytes()) is None) == (path.stem != "closed_de")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Du bist nicht angemeldet oder du hast keine Rechte, diese Seite zu betreten.", "log-in"),
        ("Sie haben keine Zugriffsrechte auf diese Seite.", "log-in"),
        ("You must be logged in to do that.", "log-in"),
        ("Nur registrierte Mitglieder dürfen diesen Bereich betreten.", "log-in"),
        ("Sie besitzen nicht die notwendigen Zugriffsrechte, um diese Seite zu sehen.", "log-in"),
        ("Only registered members are allowed to access this section.", "log-in"),
        ("Du darfst dieses Forum nicht betreten.", "log-in"),
        ("Bitte melde dich zuerst an.", "log-in"),
        ("Weiter mit Werbung oder Abo", "consent"),
    ],
)
def test_what_a_page_without_posts_says(words: str, name: str) -> None:
    assert wall(page(f"<p>{words}</p>")) is None
    assert name in (refused(page(f"<p>{words}</p>")) or "")


def test_a_page_of_scripts_only() -> None:
    assert refused(page("<script>go()</script>")) == "page that is only a script"
    assert refused(page("<p>Das Thema existiert nicht.</p>")) is None


def test_recorded_pages_with_posts_are_no_walls(shared: Path) -> None:
    pages = sorted((shared / "real").glob("*/*.html"))
    assert len(pages) > 40
    for path in pages:
        assert wall(path.read_bytes()) is None, path.name
