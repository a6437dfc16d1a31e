"""phpBB, XenForo 2 and Discourse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from collectors.engines import discourse, engine_of
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, DATA, exact_posts, minute, replaced, topic_page, with_body


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
    engine = engine_of(page)
    assert engine is None or engine.NAME != "phpbb"


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


def test_the_question_of_a_poll_is_not_the_title() -> None:
    body = b"""<html lang="de"><head><title>Werkbank - Akkufix 3000</title></head><body id="phpbb" class="section-viewtopic">
    <form class="topic_poll"><div class="content"><h2 class="poll-title">Welcher Akku?</h2><p class="author"></p></div></form>
    <div id="p7" class="post"><div class="postbody"><h3 class="first"><a href="#p7">Re: Akkufix 3000</a></h3>
    <p class="author">by <strong><a class="username">eva_7</a></strong> &raquo; Thu Jun 22, 2017 10:17 am</p>
    <div class="content">Der Akku h\xc3\xa4lt.</div></div></div></body></html>"""
    found = read(Page(body, "https://werkbank.example/viewtopic.php?t=7", AT))
    assert (found.title, [post.text for post in found.posts]) == ("Akkufix 3000", ["Der Akku hält."])


def test_a_xenforo_style_with_the_time_below_the_author() -> None:
    page = topic_page("xenforo/thread20_en.json")
    expected = [post.published_at for post in read(page).posts]
    header = rb'<div class="message-attribution"><a href="([^"]+)" class="[^"]+">(<time.*?</time>)</a></div>'
    column = rb'<div class="message-cell message-cell--user"><h5><a href="\1">\2</a></h5></div>'
    body, count = re.subn(header, column, page.body)
    assert count == 2
    assert [post.published_at for post in read(with_body(page, body)).posts] == expected


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    assert (exact_posts(shared, "phpbb"), exact_posts(shared, "xenforo")) == (64, 27)


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


def test_searches_are_no_boards_and_no_threads() -> None:
    for name in ("phpbb/search_posts_de.json", "xenforo/search_de.json", "discourse/search.json"):
        page = topic_page(name)
        engine = engine_of(page)
        assert engine is not None and not engine.listing(page).by_last_post
        with pytest.raises(ParseError):
            engine.topic(page)


def test_a_search_of_discourse_is_asked_by_its_json_and_has_no_newest_posts() -> None:
    url = "https://d.example/search?q=akkufix"
    assert discourse.data_address(url) == "https://d.example/search.json?q=akkufix"
    assert discourse.latest_address(url) is None
    empty = b'{"grouped_search_result": {"post_ids": []}}'
    assert discourse.listing(Page(empty, discourse.data_address(url), AT)).threads == ()
