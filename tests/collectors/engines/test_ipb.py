"""IP.Board 2 and 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.engines import engines, ipb
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, goldens, page_of, recorded, replaced, topic_page, with_body


def test_no_other_engine_takes_its_pages_and_it_takes_no_others(shared: Path) -> None:
    own = [page_of(gold)[0] for gold in goldens("ipb")]
    assert len(own) == 6
    for page in own:
        assert [engine.NAME for engine in engines() if engine.recognise(page)][:1] == ["ipb"], page.url
    others = [gold for gold in goldens() if gold.parent.name != "ipb"]
    assert not [gold for gold in others if ipb.recognise(page_of(gold)[0])]
    assert not [path for path, page in recorded(shared) if ipb.recognise(page)]


def test_the_version_stands_in_the_footer_or_shows_in_the_markup() -> None:
    assert ipb.version(topic_page("ipb/topic2_de.json")) == "2.3.6"
    assert ipb.version(topic_page("ipb/topic3_de.json")) == "3"


def test_a_date_without_an_attribute_is_read_from_the_header() -> None:
    page = replaced("ipb/topic3_de.json", 'title="2026-10-01T08:15:00+00:00"', "")
    assert str(read(page).posts[0].published_at) == "2026-10-01 08:15:00+00:00"


def test_the_day_of_joining_is_no_date_of_a_post() -> None:
    page = replaced("ipb/topic2_de.json", " 1.Okt 2007, 10:15</span>", " bald</span>")
    with pytest.raises(ParseError, match="post 901"):
        read(page)


def test_an_unreadable_date_names_the_post() -> None:
    page = replaced("ipb/topic30_en.json", "Posted 19 July 2011 - 09:30 PM", "Posted soon")
    with pytest.raises(ParseError, match="post 32"):
        read(page)


def test_what_is_an_advert_or_deleted_is_no_post() -> None:
    assert [post.id for post in read(topic_page("ipb/topic2_de.json")).posts] == ["901", "902"]
    assert [post.id for post in read(topic_page("ipb/topic3_de.json")).posts] == ["901", "903"]


def test_the_pages_of_a_topic() -> None:
    assert ipb.nth_page("http://a.example/index.php?showtopic=7&st=40", 3, 2) == (
        "http://a.example/index.php?showtopic=7&st=20"
    )
    assert ipb.nth_page("http://a.example/topic/7-x/page__st__20", 2, 5) == (
        "http://a.example/topic/7-x/page__st__80"
    )
    assert ipb.nth_page("https://a.example/topic/7-x/page-2", 2, 9) == "https://a.example/topic/7-x/page-9"
    assert ipb.nth_page("http://a.example/index.php?showtopic=7&st=25", 3, 2) is None


def test_a_board_is_no_thread_and_a_thread_no_board() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("ipb/forum3_en.json"))
    with pytest.raises(ParseError, match="thread"):
        ipb.listing(topic_page("ipb/topic2_de.json"))


def test_an_empty_board_has_no_rows() -> None:
    body = b'<body id="ipboard_body"><div class="no_messages">No topics</div></body>'
    assert ipb.listing(Page(body, "https://bench.example/index.php?showforum=4", AT)).threads == ()
    with pytest.raises(ParseError, match="no topics"):
        ipb.listing(Page(body, "https://bench.example/index.php?app=members", AT))


def test_results_of_a_search_stand_in_their_own_order() -> None:
    page = topic_page("ipb/forum3_en.json")
    url = "https://bench.example/index.php?app=core&module=search&do=search&search_term=akkufix"
    found = ipb.listing(Page(page.body, url, AT))
    assert not found.by_last_post and [row.id for row in found.threads] == ["5", "77"]


def test_a_closed_board_wants_a_log_in() -> None:
    page = topic_page("ipb/topic3_de.json")
    body = b"""<body id="ipboard_body"><p class="message error">You do not have permission to view this forum.</p>"""
    with pytest.raises(AccessError, match="log-in"):
        read(with_body(page, body))


def test_version_1_cuts_a_text_around_its_quotes() -> None:
    post = read(topic_page("ipb/topic1_en.json")).posts[1]
    assert post.text == "Well.\nOil it."
    assert [(quote.author, quote.text) for quote in post.quotes] == [("Ada", "It whistles")]


def test_version_1_lists_topics_without_ids() -> None:
    body = b"""<div id='ipbwrapper'><table><tr><td></td><td><b>Pinned: <a href='http://old.example/index.php?showtopic=5'
    title='This topic was started: May 3, 2005 07:49 pm'>Rules</a></b><br><span class='desc'>read</span></td>
    <td align='center'>7</td><td>Ada</td><td>1,085</td><td><span class='lastaction'>Aug 26 2007, 08:59 AM<br>
    <a href='http://old.example/index.php?showtopic=5&amp;view=getlastpost'>Last post by:</a> Ben</span></td></tr></table></div>"""
    (row,) = ipb.listing(Page(body, "http://old.example/index.php?showforum=4", AT)).threads
    assert (row.id, row.title, row.replies, row.sticky) == ("5", "Rules", 7, True)
    assert str(row.last_post_at) == "2007-08-26 08:59:00+00:00"


def test_a_block_without_a_number_of_its_own_has_an_anchor() -> None:
    page = replaced(
        "ipb/topic3_de.json",
        'class="post_block hentry clear clearfix " id="post_id_901"',
        'class="post_block"',
    )
    assert [post.id for post in read(page).posts] == ["901", "903"]
