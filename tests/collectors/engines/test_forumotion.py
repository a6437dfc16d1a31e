"""Forumotion: one program behind the looks of four others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.engines import engine_at, engines, forumotion
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, goldens, page_of, recorded, replaced, topic_page, with_body


def test_no_other_engine_takes_its_pages_and_it_takes_no_others(shared: Path) -> None:
    own = [page_of(gold)[0] for gold in goldens("forumotion")]
    assert len(own) == 8
    for page in own:
        assert [engine.NAME for engine in engines() if engine.recognise(page)][:1] == ["forumotion"], page.url
    others = [gold for gold in goldens() if gold.parent.name != "forumotion"]
    assert not [gold for gold in others if forumotion.recognise(page_of(gold)[0])]
    assert not [path for path, page in recorded(shared) if forumotion.recognise(page)]


def test_its_domains_are_known_without_a_page() -> None:
    assert engine_at("https://werkbank.forumieren.com/t1-x") is forumotion
    assert not forumotion.owns("https://forumieren.com.example/t1-x")
    assert not forumotion.owns("http://[")


@pytest.mark.parametrize(
    ("name", "skin"),
    [
        ("topic_phpbb3_de", "phpBB 3"),
        ("topic_phpbb2_en", "phpBB 2"),
        ("topic_punbb_de", "PunBB"),
        ("topic_invision_de", "Invision"),
    ],
)
def test_the_skin_is_named(name: str, skin: str) -> None:
    assert forumotion.version(topic_page(f"forumotion/{name}.json")) == skin


def test_adverts_and_hidden_posts_are_no_posts() -> None:
    for gold in goldens("forumotion"):
        if gold.name.startswith("topic"):
            posts = read(page_of(gold)[0]).posts
            assert all(post.id != "0" and "Gesponserte" not in f"{post.author}" for post in posts)


def test_a_date_without_a_year_needs_the_right_weekday() -> None:
    last_year = replaced("forumotion/topic_phpbb3_de.json", "Do 22 Okt - 17:15", "Mi 22 Okt - 17:15")
    assert str(read(last_year).posts[1].published_at) == "2025-10-22 15:15:00+00:00"
    wrong = replaced("forumotion/topic_phpbb3_de.json", "Do 22 Okt - 17:15", "Sa 22 Okt - 17:15")
    with pytest.raises(ParseError, match="post 902"):
        read(wrong)


def test_numbers_alone_mean_the_day_first_on_german_boards_only() -> None:
    page = topic_page("forumotion/topic_punbb_de.json")
    body = page.body.replace(b"26/09/26", b"03/09/26").replace(b"27/09/26", b"02/09/26")
    assert str(read(with_body(page, body)).posts[0].published_at) == "2026-09-03 13:48:00+00:00"
    unsaid = Page(body.replace(b' lang="de"', b""), "https://bench.forumotion.com/t5-x", page.at)
    assert str(read(unsaid).posts[0].published_at) == "2026-09-03 15:48:00+00:00"  # "am 03/09/26"
    english = Page(unsaid.body.replace(b"</a> am ", b"</a> on "), unsaid.url, page.at)
    with pytest.raises(ParseError, match="post 21"):
        read(english)


def test_titles_with_times_do_not_become_dates() -> None:
    page = topic_page("forumotion/topic_phpbb2_en.json")
    assert "10:15" in read(page).title
    body = page.body.replace(b"Thu Oct 01, 2026 8:15 am", b"soon")
    with pytest.raises(ParseError, match="post 11"):
        read(with_body(page, body))


def test_a_post_of_a_later_page_opens_at_that_page() -> None:
    page = replaced("forumotion/topic_phpbb3_de.json", "/t77p15-akkufix-3000-halt-er#901", "#901")
    assert read(page).posts[0].url.endswith("/t77p15-akkufix-3000-halt-er#901")


def test_a_board_is_no_thread_and_a_thread_no_board() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("forumotion/forum_phpbb3_de.json"))
    with pytest.raises(ParseError, match="thread"):
        forumotion.listing(topic_page("forumotion/topic_punbb_de.json"))


def test_an_empty_board_has_no_rows() -> None:
    page = topic_page("forumotion/forum_phpbb2_en.json")
    body = b'<script>_userdata["session_logged_in"] = 0;</script><div>Keine Themen.</div>'
    assert forumotion.listing(Page(body, page.url, AT)).threads == ()
    with pytest.raises(ParseError, match="no topics"):
        forumotion.listing(Page(body, "https://bench.forumotion.com/register", AT))


def test_results_of_a_search_stand_in_their_own_order() -> None:
    page = topic_page("forumotion/forum_phpbb3_de.json")
    found = forumotion.listing(
        Page(page.body, "https://werkbank.forumieren.com/search?search_keywords=akku", AT, page.timezone)
    )
    assert not found.by_last_post and [row.id for row in found.threads] == ["5", "77"]


def test_a_closed_board_wants_a_log_in() -> None:
    body = b'<script>_userdata["session_logged_in"] = 0;</script><p>Nur registrierte Benutzer d\xc3\xbcrfen lesen.</p>'
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://werkbank.forumieren.com/t7-x", AT))


def test_golden_files_name_no_advert() -> None:
    texts = [json.dumps(json.loads(gold.read_text("utf-8"))) for gold in goldens("forumotion")]
    assert not [text for text in texts if "Werbung" in text or "Buy now" in text]


def test_the_number_of_a_page_in_the_middle_of_many() -> None:
    page = replaced(
        "forumotion/topic_phpbb2_en.json",
        'Goto page : <strong>1</strong>, <a href="/t12p15-akkufix-3000-at-10-15">2</a>',
        'Goto page : <a href="/t12-akkufix-3000-at-10-15">1</a> ... <a href="/t12p60-akkufix-3000-at-10-15">5</a>, '
        '<strong>6</strong>, <a href="/t12p90-akkufix-3000-at-10-15">7</a>',
    )
    body = page.body.replace(b".com/t12-akkufix-3000-at-10-15", b".com/t12p75-akkufix-3000-at-10-15")
    topic = read(Page(body, "https://bench.forumotion.com/t12p75-akkufix-3000-at-10-15", page.at))
    assert (topic.page, topic.pages) == (6, 7)
    assert topic.next_url is not None and topic.next_url.endswith("/t12p90-akkufix-3000-at-10-15")
    assert topic.posts[0].url.endswith("/t12p75-akkufix-3000-at-10-15#11")


def test_a_row_without_a_title_is_left_out() -> None:
    page = replaced("forumotion/forum_phpbb3_de.json", ">Akkufix 3000: hält er?<", "><")
    assert [row.id for row in forumotion.listing(page).threads] == ["5"]
