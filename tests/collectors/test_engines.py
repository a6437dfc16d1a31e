"""The engines' readers against pages written for this project, recorded pages, and broken ones."""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.engines import engine_of, engines
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError

DATA = Path(__file__).resolve().parents[1] / "data"
GOLDS = sorted(
    gold
    for engine in ("phpbb", "xenforo", "discourse")
    for gold in (DATA / engine).glob("*.json")
    if not gold.name.endswith(".answer.json")
)
AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def page_of(gold: Path) -> tuple[Page, dict[str, Any]]:
    """The page that belongs to a golden file, and what should be read from it."""
    html, answer = gold.with_suffix(".html"), gold.with_suffix(".answer.json")
    expected = json.loads(gold.read_text(encoding="utf-8"))
    body = (html if html.is_file() else answer).read_bytes()
    return Page(body, expected["url"], datetime.fromisoformat(expected["at"]), expected["timezone"]), expected


def plain(found: Any) -> Any:
    return json.loads(json.dumps(asdict(found), default=datetime.isoformat))


@pytest.mark.parametrize("gold", GOLDS, ids=lambda gold: f"{gold.parent.name}-{gold.stem}")
def test_golden_pages(gold: Path) -> None:
    page, expected = page_of(gold)
    engine = engine_of(page)
    assert engine is not None
    if "listing" in expected:
        assert plain(engine.listing(page)) == expected["listing"]
    else:
        assert plain(read(page)) == expected["topic"]


def test_there_are_golden_pages_for_each_engine() -> None:
    read_by = {
        json.loads(gold.read_text(encoding="utf-8"))[key]["engine"] for gold in GOLDS for key in keys(gold)
    }
    assert read_by == {engine.NAME for engine in engines()}


def keys(gold: Path) -> list[str]:
    return [key for key in ("topic", "listing") if key in json.loads(gold.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("gold", GOLDS, ids=lambda gold: f"{gold.parent.name}-{gold.stem}")
def test_no_session_id_survives_in_an_address(gold: Path) -> None:
    page, expected = page_of(gold)
    engine = engine_of(page)
    assert engine is not None
    found = engine.listing(page) if "listing" in expected else engine.topic(page)
    assert not re.search(r"sid=|&amp;", str(plain(found)))


def topic_page(name: str) -> Page:
    return page_of(DATA / name)[0]


def with_body(page: Page, body: bytes) -> Page:
    return Page(body, page.url, page.at, page.timezone)


def replaced(name: str, old: str, new: str) -> Page:
    page = topic_page(name)
    text = page.body.decode()
    assert old in text
    return with_body(page, text.replace(old, new).encode())


def test_a_post_with_an_unreadable_date_is_an_error_not_a_post_of_now() -> None:
    page = replaced("phpbb/prosilver30_de.json", "Mi 21. Jan 2009, 05:42", "irgendwann")
    with pytest.raises(ParseError, match="post 31"):
        read(page)
    page = replaced("xenforo/thread20_en.json", 'data-time="1538053911"', "").body.replace(b"2018", b"")
    with pytest.raises(ParseError, match="post 40"):
        read(with_body(topic_page("xenforo/thread20_en.json"), page))
    with pytest.raises(ParseError, match="post 9001"):
        read(replaced("discourse/topic.json", "2026-10-01T08:15:00.123Z", "soon"))


def test_a_post_without_its_text_is_an_error() -> None:
    with pytest.raises(ParseError, match="post 91"):
        read(replaced("phpbb/bots_en.json", 'class="content"', 'class="inhalt"'))


def test_a_closed_board_needs_a_person() -> None:
    body = (DATA / "phpbb/closed_de.html").read_bytes()
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://werkbank.example/viewtopic.php?t=9", AT))


def test_a_listing_is_not_a_topic_and_a_topic_not_a_listing() -> None:
    for name in ("phpbb/viewforum33_de.json", "xenforo/forum_view23_de.json", "discourse/latest.json"):
        with pytest.raises(ParseError):
            read(topic_page(name))
    for name in ("phpbb/prosilver33_de.json", "xenforo/thread23_de.json", "discourse/topic.json"):
        engine = engine_of(topic_page(name))
        assert engine is not None
        with pytest.raises(ParseError):
            engine.listing(topic_page(name))


def test_an_empty_board_is_an_empty_listing() -> None:
    body = (
        b'<html><body id="phpbb" class="section-viewforum ltr"><div>Es gibt keine Themen</div></body></html>'
    )
    page = Page(body, "https://werkbank.example/viewforum.php?f=7", AT)
    engine = engine_of(page)
    assert engine is not None
    assert engine.listing(page).threads == ()


def test_forumotion_borrows_phpbbs_ids_but_is_not_phpbb() -> None:
    page = replaced("phpbb/bots_en.json", "</head>", '<link href="https://illiweb.com/fa/x.css"></head>')
    assert engine_of(page) is None


def test_discourse_html_is_read_from_its_preloaded_json() -> None:
    answer = (DATA / "discourse/topic.answer.json").read_text(encoding="utf-8")
    store = json.dumps({"site": "{}", "topic_55": answer}).replace("&", "&amp;").replace('"', "&quot;")
    head = '<meta name="generator" content="Discourse 3.5.0 - https://github.com/discourse/discourse">'
    html = f'<html><head>{head}</head><body><div id="data-preloaded" data-preloaded="{store}"></div></body></html>'
    page = Page(html.encode(), "https://d.example/forum/t/akkufix-3000/55", AT)
    assert [post.id for post in read(page).posts] == ["9001", "9004", "9006"]


def test_discourse_html_for_crawlers_says_what_to_read_instead() -> None:
    head = '<meta name="generator" content="Discourse 3.5.0">'
    body = f"<html><head>{head}</head><body><div id='post_1' class='crawler-post'>Text</div></body></html>"
    with pytest.raises(ParseError, match="json"):
        read(Page(body.encode(), "https://d.example/t/x/5", AT))


def test_phpbb_dates_with_slashes_are_read_by_the_whole_page() -> None:
    page = replaced("phpbb/bots_en.json", "Sun Oct 25, 2026 2:30 am", "10/02/2026, 2:30 am")
    page = with_body(page, page.body.replace(b"Yesterday, 11:59 pm", b"10/25/2026, 11:59 pm"))
    first, second = read(page).posts
    assert str(first.published_at) == "2026-10-02 01:30:00+00:00"
    assert str(second.published_at) == "2026-10-25 23:59:00+00:00"


def test_a_discourse_page_of_actions_only_has_no_posts_and_is_no_error() -> None:
    action = {"id": 8, "post_type": 3, "cooked": "", "created_at": "2026-10-01T10:00:00Z", "topic_id": 5}
    answer = {"post_stream": {"posts": [action], "stream": list(range(1, 9))}, "id": 5, "title": "x"}
    assert read(Page(json.dumps(answer).encode(), "https://d.example/t/5.json?page=1", AT)).posts == ()


def test_a_post_inside_a_post_is_none() -> None:
    page = topic_page("phpbb/bots_en.json")
    inner = b'<div id="p666" class="post"><div class="content">x</div></div></div></div></div>'
    found = read(with_body(page, page.body.replace(b"</div></div></div>", inner, 1)))
    assert [post.id for post in found.posts] == ["91", "92"]


def test_deeply_nested_posts_are_refused_in_no_time() -> None:
    for start in ('<body id="phpbb">', '<html id="XF" data-app="public" data-template="x">'):
        post = '<div class="post message" id="p1" data-content="post-1"><div class="content">'
        with pytest.raises(ParseError, match="nested"):
            read(Page((start + post * 5000).encode(), "https://a.example/viewtopic.php?t=1", AT))


def test_hidden_content_and_div_quotes_of_old_xenforo() -> None:
    page = topic_page("xenforo/thread20_en.json")
    quote = b"""<div class="bbCodeBlock bbCodeBlock--quote"><div class="bbCodeBlock-title">Jo said:</div><div>Old</div></div>
    <div class="bbCodeBlock bbCodeBlock--hide">Log in to see this.</div>Mine too, """
    post = read(with_body(page, page.body.replace(b"Mine too, ", quote))).posts[1]
    assert (post.text, [(quote.author, quote.text) for quote in post.quotes]) == (
        "Mine too, @Jo",
        [("Jo", "Old")],
    )


@pytest.mark.parametrize(
    "header",
    [
        '<p class="author"><a href="./viewtopic.php?style=5&amp;p=91#p91">25 Oct 2026, 02:30</a> </p>',
        '<p class="author">by <strong><span class="username">sam_73</span></strong> on Sun Oct 25, 2026 2:30 am</p>',
        '<div class="post-head"><time datetime="2026-10-25T02:30:00+00:00">an hour ago</time></div>',
        '<p class="post-date">25.10.2026, 02:30</p>',
    ],
)
def test_headers_of_other_phpbb_styles(header: str) -> None:
    page = topic_page("phpbb/bots_en.json")
    start, end = (
        page.body.index(b'<p class="author">'),
        page.body.index(b"</p>", page.body.index(b'<p class="author">')),
    )
    post = read(with_body(page, page.body[:start] + header.encode() + page.body[end + 4 :])).posts[0]
    assert (post.id, post.author, minute(post.published_at)) == ("91", "sam_73", "2026-10-25 02:30")


def test_the_date_of_a_quote_or_an_edit_is_not_the_posts() -> None:
    page = topic_page("phpbb/bots_en.json")
    body = page.body.replace(b"Sun Oct 25, 2026 2:30 am", b"").replace(
        b"Swollen after a month.",
        b'Swollen <time datetime="2020-01-01T00:00:00+00:00">1 Jan 2020, 10:00</time>',
    )
    with pytest.raises(ParseError, match="post 91"):
        read(with_body(page, body))


# Recorded pages: read in place, never copied here.


def recorded(shared: Path) -> list[tuple[Path, Page]]:
    with (shared / "real/INDEX.tsv").open(encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    found = []
    for path in sorted((shared / "real").glob("*/*.html")):
        row = rows.get(str(path.relative_to(shared / "real")), {})
        captured = row.get("commit", "")
        at = datetime.fromisoformat(captured.split()[1]) if captured.startswith("captured ") else AT
        origin = row.get("origin repo:path", "")
        url = origin[5:].strip() if origin.startswith("LIVE ") else f"https://forum.example/{path.name}"
        found.append((path, Page(path.read_bytes(), url, at, "UTC")))
    return found


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    checked = 0
    for path, page in recorded(shared):
        gold = path.with_name(path.name + ".gold.json")
        if path.parent.name not in ("phpbb", "xenforo") or not gold.is_file():
            continue
        wanted = json.loads(gold.read_text(encoding="utf-8"))
        posts = {post.id: post for post in read(page).posts}
        assert list(posts) == [str(want["post_id"]) for want in wanted], path.name
        for want in wanted:
            post = posts[str(want["post_id"])]
            assert post.author == want["author"], (path.name, post.id)
            assert minute(post.published_at) == minute(datetime.fromisoformat(want["published"])), path.name
            assert folded(post.text).startswith(folded(want["text60"])), (path.name, post.id)
            checked += 1
    assert checked >= 91


def minute(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def folded(text: str) -> str:
    smileys = r":\w+:|[:;8]'?-?[)(DPpOo|/]+(?!\w)|[\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]"
    return " ".join(re.sub(smileys, " ", text).split())


def test_recorded_pages_of_other_engines_are_not_claimed_and_end_in_clear_errors(shared: Path) -> None:
    own = {"phpbb", "phpbb2", "xenforo", "discourse"}
    pages = recorded(shared)
    assert len(pages) > 40
    for path, page in pages:
        engine = engine_of(page)
        if engine is not None and engine.NAME in own:
            assert path.parent.name == engine.NAME.rstrip("2"), path
        try:
            assert read(page).posts
        except (ParseError, AccessError) as error:
            assert str(error)


def test_recorded_discourse_answers_hold_posts_with_ids_and_instants(shared: Path) -> None:
    read_ = 0
    for path in sorted((shared / "real/discourse").glob("*.json")):
        page = Page(path.read_bytes(), "https://d.example/t/1.json", AT)
        engine = engine_of(page)
        assert engine is not None and engine.NAME == "discourse", path.name
        if b"topic_list" in page.body[:2000] or b"category_list" in page.body[:500]:
            assert engine.listing(page).threads or engine.listing(page).boards
            continue
        for post in read(page).posts:
            assert post.author and post.published_at and re.search(r"/t/[^/]+/\d+/\d+$", post.url)
            read_ += 1
    assert read_ > 150


# Broken pages: posts or a clear error, never another exception.

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(page: Page) -> None:
    try:
        topic = read(page)
    except (ParseError, AccessError):
        return
    assert all(post.id and post.published_at and post.published_at.tzinfo for post in topic.posts)


@quick
@given(gold=st.sampled_from(GOLDS), share=st.floats(0, 1))
def test_a_page_cut_anywhere(gold: Path, share: float) -> None:
    page, _ = page_of(gold)
    outcome(with_body(page, page.body[: int(len(page.body) * share)]))


@quick
@given(gold=st.sampled_from(GOLDS), seed=st.integers(0, 10**6))
def test_a_page_with_parts_taken_out(gold: Path, seed: int) -> None:
    page, _ = page_of(gold)
    dice = random.Random(seed)
    parts = re.split(rb"(?=<)", page.body)
    outcome(with_body(page, b"".join(part for part in parts if dice.random() > 0.05)))


@quick
@given(
    gold=st.sampled_from([gold for gold in GOLDS if gold.with_suffix(".html").is_file()]),
    seed=st.integers(0, 10**6),
)
def test_the_order_of_attributes_does_not_matter(gold: Path, seed: int) -> None:
    page, expected = page_of(gold)
    dice = random.Random(seed)
    shuffled = re.sub(
        rb"<(\w+)((?:\s+[\w-]+=\"[^\"<>]*\")+)(\s*/?)>", lambda tag: _shuffled(tag, dice), page.body
    )
    found = with_body(page, shuffled)
    engine = engine_of(found)
    assert engine is not None
    if "listing" in expected:
        assert plain(engine.listing(found)) == expected["listing"]
    else:
        assert plain(engine.topic(found)) == expected["topic"]


def _shuffled(tag: re.Match[bytes], dice: random.Random) -> bytes:
    attributes = re.findall(rb"[\w-]+=\"[^\"<>]*\"", tag[2])
    dice.shuffle(attributes)
    return b"<" + tag[1] + b" " + b" ".join(attributes) + tag[3] + b">"


@quick
@given(body=st.binary(max_size=400), url=st.sampled_from(["", "https://a.example/t/1", "http://["]))
def test_any_bytes(body: bytes, url: str) -> None:
    outcome(Page(body, url, AT))
