"""Stack Exchange: which addresses are its own, what the API is asked, questions with all below them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.engines import engine_at, stackexchange
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, DATA, replaced, topic_page, with_body

API = "https://api.stackexchange.com/2.3"
WHOLE = "filter=!X9DEEiFwy0OeSWoJzb.QMqab2wPSk.X2opZDa2L"
LIST = "order=desc&sort=activity&pagesize=100"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://stackoverflow.com/questions/700/why#702", f"/questions/700?{WHOLE}&site=stackoverflow"),
        ("https://www.superuser.com/q/700", f"/questions/700?{WHOLE}&site=superuser"),
        ("https://diy.stackexchange.com/a/702/8", f"/answers/702/questions?{WHOLE}&site=diy"),
        (
            "https://diy.stackexchange.com/questions/tagged/drill+battery?tab=Newest",
            f"/questions?tagged=drill;battery&{LIST}&site=diy",
        ),
        (
            "https://pt.stackoverflow.com/questions/tagged/c%2B%2B",
            f"/questions?tagged=c%2B%2B&{LIST}&site=pt.stackoverflow",
        ),
        ("https://askubuntu.com/search?q=akku+fix", f"/search/advanced?q=akku%20fix&{LIST}&site=askubuntu"),
        ("https://meta.stackexchange.com/", f"/questions?{LIST}&site=meta"),
        ("https://electronics.meta.stackexchange.com", f"/questions?{LIST}&site=electronics.meta"),
        ("https://mathoverflow.net/questions", f"/questions?{LIST}&site=mathoverflow"),
    ],
)
def test_what_the_api_is_asked_for_a_page(url: str, asked: str) -> None:
    assert stackexchange.data_address(url) == f"{API}{asked}"
    assert stackexchange.data_address(f"{API}{asked}") == f"{API}{asked}"
    assert [getattr(engine_at(one), "NAME", "") for one in (url, f"{API}{asked}")] == ["stackexchange"] * 2


@pytest.mark.parametrize(
    "url",
    ["https://notstackoverflow.com/questions/1", "https://stackoverflow.com.evil.example/", "x", "http://["],
)
def test_other_addresses_are_not_its_own(url: str) -> None:
    assert not stackexchange.owns(url)


def test_the_questions_last_changed_hold_the_newest_posts() -> None:
    tagged = "https://diy.stackexchange.com/questions/tagged/drill"
    newest = stackexchange.latest_address(tagged)
    assert newest == (f"{API}/questions?tagged=drill&order=desc&sort=activity&pagesize=50&{WHOLE}&site=diy")
    assert stackexchange.latest_address("https://diy.stackexchange.com/questions/700") is None
    assert stackexchange.latest_address("https://diy.stackexchange.com/search?q=drill") is None
    assert stackexchange.latest_address("https://a.example/") is None


def test_what_is_older_than_the_last_change_in_the_list_is_not_among_the_newest() -> None:
    topic = read(topic_page("stackexchange/newest_en.json"))
    assert [post.id for post in topic.posts] == ["c700", "702", "601"]
    assert [post.thread_id for post in topic.posts] == ["700", "700", "600"]


def test_a_comment_and_an_answer_of_the_same_number_are_two() -> None:
    ids = [post.id for post in read(topic_page("stackexchange/question_en.json")).posts]
    assert ids == ["700", "c5002", "701", "702", "c700"]


def test_without_a_key_there_are_25_pages() -> None:
    page = topic_page("stackexchange/questions_en.json")
    following = stackexchange.listing(page).next_url
    assert following is not None and following.endswith("&page=2")
    assert stackexchange.listing(Page(page.body, f"{page.url}&page=25", AT)).next_url is None


def test_refusals_of_the_api() -> None:
    for number, error in ((502, AccessError), (400, ParseError)):
        said: dict[str, Any] = {"error_id": number, "error_name": "throttle", "error_message": "too many"}
        page = Page(json.dumps(said).encode(), f"{API}/questions?site=diy", AT)
        assert stackexchange.recognise(page)
        with pytest.raises(error, match="too many"):
            read(page)


def test_boards_threads_and_what_is_gone() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("stackexchange/questions_en.json"))
    with pytest.raises(ParseError, match="thread"):
        stackexchange.listing(topic_page("stackexchange/question_en.json"))
    gone = b'{"items": [], "has_more": false, "quota_max": 300, "quota_remaining": 9}'
    with pytest.raises(ParseError, match="no posts: this question does not exist"):
        read(Page(gone, f"{API}/questions/5?site=diy", AT))
    assert stackexchange.listing(Page(gone, f"{API}/questions?tagged=x&site=diy", AT)).threads == ()


@pytest.mark.parametrize("lost", ["body", "creation_date"])
def test_a_comment_without_its_text_or_date_is_an_error_that_names_it(lost: str) -> None:
    answer: Any = json.loads((DATA / "stackexchange/question_en.answer.json").read_text(encoding="utf-8"))
    del answer["items"][0]["comments"][0][lost]
    page = with_body(topic_page("stackexchange/question_en.json"), json.dumps(answer).encode())
    with pytest.raises(ParseError, match="post c5002"):
        read(page)


def test_search_results_in_another_order() -> None:
    page = topic_page("stackexchange/questions_en.json")
    url = f"{API}/search/advanced?q=akku&order=desc&sort=relevance&site=diy"
    assert not stackexchange.listing(Page(page.body, url, AT)).by_last_post


def test_a_title_that_is_mark_up_stays_as_it_was_written() -> None:
    page = replaced("stackexchange/questions_en.json", "Bohrwerk B2 chuck", "What is &lt;b&gt; for?")
    assert stackexchange.listing(page).threads[1].title == "What is <b> for?"


def test_the_api_s_wish_for_rest_is_told() -> None:
    page = topic_page("stackexchange/question_en.json")
    assert stackexchange.pause(page) == 0
    answer = json.loads(page.body) | {"backoff": 17}
    assert stackexchange.pause(with_body(page, json.dumps(answer).encode())) == 17
