"""wpForo: its layouts, and what WordPress puts around them."""

from __future__ import annotations

import pytest

from collectors.engines import wpforo
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, goldens, page_of, replaced, topic_page


def test_only_its_own_pages_are_claimed() -> None:
    for gold in goldens():
        page, _ = page_of(gold)
        assert wpforo.recognise(page) == (gold.parent.name == "wpforo"), gold


def test_a_board_is_no_thread_and_the_other_way_round() -> None:
    for name in ("forum_en", "threads_de"):
        with pytest.raises(ParseError, match="a board"):
            read(topic_page(f"wpforo/{name}.json"))
    with pytest.raises(ParseError, match="a thread"):
        wpforo.listing(topic_page("wpforo/topic_qa_en.json"))


def test_an_unreadable_date_names_the_post() -> None:
    with pytest.raises(ParseError, match="121"):
        read(replaced("wpforo/topic_simple_de.json", "12/04/2024 12:05 am", "irgendwann"))


def test_the_month_stands_first_where_the_page_shows_it() -> None:
    page = replaced("wpforo/topic_simple_de.json", "12/04/2024 12:05 am", "03/21/2024 12:05 am")
    assert [str(post.published_at)[:10] for post in read(page).posts] == ["2024-03-04", "2024-03-20"]


@pytest.mark.parametrize(("shown", "day"), [("Nov 24", "2026-11-24"), ("Nov 26", "2025-11-26")])
def test_a_day_without_a_year_is_past(shown: str, day: str) -> None:
    page = replaced("wpforo/topic_qa_en.json", "Sep 14", shown)
    assert str(read(page).posts[1].published_at)[:10] == day


def test_the_extended_layout_shows_dates_in_bare_spans() -> None:
    body = b"""<div id="wpforo-wrap"><div id="post-3" class="post-wrap"><div class="author-name"><a href="/p/x">X</a></div>
    <div class="wpforo-post-content-top"><span class="wpf-mod-message">Wird am 1. Mai 2020 10:00 freigegeben</span>
    <span>24/12/2020 8:15 am</span> <a href="/f/t/#post-3">#</a></div><div class="wpforo-post-content">Wort</div></div></div>"""
    (post,) = read(Page(body, "https://a.example/f/t/", AT)).posts
    assert (str(post.published_at), post.author, post.text) == ("2020-12-24 08:15:00+00:00", "X", "Wort")
    assert post.url == "https://a.example/f/t/#post-3"


def test_a_forum_without_topics_is_empty() -> None:
    body = b'<div id="wpforo-wrap"><p class="wpf-p-error">No topics were found here</p></div>'
    assert wpforo.listing(Page(body, "https://a.example/f/", AT)).threads == ()


def test_search_results_are_rows_of_their_topics() -> None:
    body = b"""<div id="wpforo-wrap"><table><tr class="wpf-htr"><td class="wpf-shead-title">Title</td></tr>
    <tr class="wpf-ttr"><td class="wpf-spost-title"><a href="/f/t/paged/2/#post-31">Drill B2</a></td></tr></table></div>"""
    found = wpforo.listing(Page(body, "https://a.example/f/?wpfs=drill", AT))
    (row,) = found.threads
    assert (row.url, row.last_page_url) == ("https://a.example/f/t/", "https://a.example/f/t/paged/2/")
    assert not found.by_last_post


def test_the_version_is_that_of_its_styles() -> None:
    assert wpforo.version(topic_page("wpforo/topic_simple_de.json")) == "2.3.4"
