"""Reddit: markdown, recorded answers, and the collector through real PRAW against a loopback Reddit."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.http import HttpClient
from collectors.markdown import read_markdown
from collectors.reading import Page
from collectors.reddit import collect, recognise, topic
from listener import __version__
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Batch, Post, Source
from tests.reddit_world import CLIENT_ID, CLIENT_SECRET, Answer, Asked, RedditWorld, comment, submission

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "data" / "reddit"


def page(found: Any) -> Page:
    return Page(json.dumps(found).encode(), "https://oauth.reddit.com/r/werkzeug/new", NOW)


def listed(*things: Any) -> tuple[Post, ...]:
    return topic(page({"kind": "Listing", "data": {"children": list(things)}})).posts


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def just_after(at: datetime) -> datetime:
    """Where a reading was cut off, others of the same second may be missing."""
    return at + timedelta(seconds=1)


def gold(post: Post) -> dict[str, Any]:
    values = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(post).items()}
    told = {n: v for n, v in values.items() if v not in (None, "", (), {}) and v is not False}
    return json.loads(json.dumps(told))


@pytest.mark.parametrize("path", sorted(DATA.glob("*.data")), ids=lambda path: path.name)
def test_golden_answers(path: Path) -> None:
    found = topic(Page(path.read_bytes(), "https://oauth.reddit.com/comments/p00001", NOW))
    assert [gold(post) for post in found.posts] == json.loads(path.with_suffix(".json").read_text())
    assert found.engine == "reddit"


def test_a_thread_is_read_as_one() -> None:
    found = topic(Page((DATA / "comments.data").read_bytes(), "https://oauth.reddit.com/x", NOW))
    assert (found.thread_id, found.title) == ("t3_p00001", "Akkufix 3000 & Co")


@pytest.mark.parametrize(
    ("markdown", "text", "quotes"),
    [
        ("> Taugt der?\n\nJa, **sehr** [gut](https://x.example/a_b).", "Ja, sehr gut.", ["Taugt der?"]),
        ("> a\n> b\nweiter im Zitat\n\nich", "ich", ["a\nb\nweiter im Zitat"]),
        ("davor\n> z\n\ndanach", "davor\n\ndanach", ["z"]),
        ("> x\n>> y\n\nmeins\n\n> zwei", "meins", ["x\ny", "zwei"]),
        ("```\n> kein *Zitat*\n```\nok", "> kein *Zitat*\nok", []),
        ("    > code_\n\ntext", "> code_\n\ntext", []),
        (">!Geheim!< ist kein Zitat", "Geheim ist kein Zitat", []),
        ("# Titel\n\n* eins\n* zwei\n\n---\n1. drei", "Titel\n\neins\nzwei\n\n1. drei", []),
        (r"a \*nicht\* kursiv &amp; &lt;3&#x200B;", "a *nicht* kursiv & <3", []),
        ("snake_case_name und 2 * 3 * 4, x^2", "snake_case_name und 2 * 3 * 4, x^2", []),
        ("`a*b*c` ***beides*** ~~weg~~ ^(klein)", "a*b*c beides weg  klein", []),
        (
            "<https://a.example/x_y_z> ![gif](giphy|abc) ![Foto](https://i.example/1.jpg)",
            "https://a.example/x_y_z  Foto",
            [],
        ),
        (
            "[a [b]](http://x.example/f_(g)) https://w.example/a_b_c_(d)",
            "a [b] https://w.example/a_b_c_(d)",
            [],
        ),
        ("|Gerät|Note|\n|:-|:-|\n|Akkufix|2|", "Gerät Note\n\nAkkufix 2", []),
    ],
)
def test_markdown_becomes_own_words(markdown: str, text: str, quotes: list[str]) -> None:
    found, quoted = read_markdown(markdown)
    assert (found, [quote.text for quote in quoted]) == (text, quotes)


@given(st.text(alphabet="ab >*_`~[]()!#|\n\\^&;<", max_size=200))
@settings(max_examples=200)
def test_any_markdown_is_read_and_plain_words_survive(markdown: str) -> None:
    text, quotes = read_markdown(f"anfang\n\n{markdown}")
    assert text.startswith("anfang")
    assert not re.search("[\ue000-\uf8ff]", text + "".join(quote.text for quote in quotes))


@pytest.mark.parametrize("evil", ["[", "*", "`", "_a", "> ", "![", "[a](", "**a ", ">!", "|", "__a ", "~~a "])
def test_hostile_markdown_is_read_in_bounded_time(evil: str) -> None:
    read_markdown(evil * (40_000 // len(evil)))


def test_every_recorded_answer_is_read_or_named(shared: Path) -> None:
    csv.field_size_limit(10**7)
    with (shared / "real/reddit/REQUESTS.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    for row in rows:
        body = (shared / "real" / row["file"]).read_bytes()
        things = _things(body)
        try:
            posts = topic(Page(body, row["uri"][:200], NOW)).posts
        except ParseError as error:
            assert things == 0 and row["kind"] != "[Listing,Listing]" and error.url, row["file"]
            continue
        assert len(posts) == things, row["file"]
        assert all(post.id[:3] in ("t1_", "t3_") and post.published_at for post in posts), row["file"]
        assert all(post.url.startswith("https://www.reddit.com/") and post.thread_id for post in posts)
    assert len(rows) > 200


def _things(body: bytes) -> int:
    """Posts and comments counted without reading them: every thing says its kind once."""
    try:
        written = json.dumps(json.loads(body))
    except ValueError:
        return 0
    return written.count('"kind": "t1"') + written.count('"kind": "t3"')


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"access_token": "secret", "token_type": "bearer"}, "an access token"),
        ({"message": "Forbidden", "error": 403, "reason": "private"}, "an error .403, private"),
        ({"kind": "t2", "data": {"name": "someone"}}, "a user"),
        ({"kind": "Listing", "data": {"children": [{"kind": "t4", "data": {"body": "Hallo"}}]}}, "messages"),
        ({"kind": "Listing", "data": {"children": [{"kind": "t5", "data": {}}]}}, "subreddits"),
        ({"kind": "wikipage", "data": {}}, "a wiki page"),
        ({"names": ["a"]}, "an object with names"),
        ([1, 2], "a list of 2"),
        ({"kind": "Listing", "data": {"children": 3.5}}, "a thing of kind Listing"),
        ({"json": {"errors": [["BAD_ID", "no such thread", "id"]]}}, "an error .*no such thread"),
        ("text", "'text'"),
    ],
)
def test_answers_without_posts_are_named_without_secrets(found: Any, said: str) -> None:
    with pytest.raises(ParseError, match=said) as caught:
        topic(page(found))
    assert "secret" not in str(caught.value)


def test_listings_inside_an_object_are_read() -> None:
    inside = {"kind": "Listing", "data": {"children": [submission(1, NOW)]}}
    assert [post.id for post in topic(page({"title": "Sammlung", "sorted_links": inside})).posts] == [
        "t3_p000001"
    ]


def test_an_empty_listing_is_no_error() -> None:
    assert listed() == ()
    assert topic(page([{"kind": "Listing", "data": {"children": []}}] * 2)).posts == ()


def test_nested_too_deep_is_a_parse_error() -> None:
    with pytest.raises(ParseError):
        topic(Page(b"[" * 200_000, "https://oauth.reddit.com/", NOW))


NAMES = st.sampled_from(
    ["kind", "data", "children", "replies", "id", "name", "body", "title", "created_utc", "json"]
)
KINDS = st.sampled_from(["Listing", "t1", "t3"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner | KINDS, max_size=5),
        max_leaves=20,
    )
)
@settings(max_examples=200)
def test_no_json_crashes_the_reader(found: Any) -> None:
    try:
        topic(page(found))
    except ParseError:
        return


def test_answers_are_recognised() -> None:
    assert recognise(page({"kind": "Listing", "data": {"children": []}}))
    assert not recognise(page({"version": "https://jsonfeed.org/version/1", "items": []}))
    assert not recognise(Page(b"<html>", "https://x.example", NOW))


def test_deleted_and_removed_posts_keep_nothing_of_their_author() -> None:
    gone = [
        submission(1, NOW, selftext="[removed]"),
        submission(2, NOW, selftext="[ Removed by Reddit ]"),
        submission(3, NOW, removed_by_category="deleted"),
        submission(4, NOW, title="[deleted by user]", selftext=""),
        comment(1, NOW, submission(1, NOW), body="[deleted]"),
    ]
    for post in listed(*gone):
        assert (post.deleted, post.text, post.author) == (True, "", None)
    (kept,) = listed(submission(5, NOW, author="[deleted]"))  # only the account is gone
    assert (kept.deleted, kept.text, kept.author) == (False, "Text 5", None)


def test_a_crosspost_is_its_own_words_only() -> None:
    parent = submission(1, NOW, selftext="Fremde Worte")["data"]
    (post,) = listed(submission(2, NOW, selftext="", crosspost_parent_list=[parent]))
    assert (post.text, post.quotes) == ("", ())


def test_what_is_missing_stays_unknown() -> None:
    (post,) = listed({"kind": "t1", "data": {"id": "c1", "link_id": "t3_p1", "subreddit": "a", "body": "x"}})
    assert (post.id, post.url) == ("t1_c1", "https://www.reddit.com/r/a/comments/p1/_/c1/")
    assert (post.published_at, post.date_precision, post.author) == (None, "unknown", None)


@pytest.fixture
def world() -> Iterator[RedditWorld]:
    with RedditWorld() as opened:
        yield opened


SOURCE = Source("reddit", "reddit", allow_private=True)


def batches(
    world: RedditWorld, state: Mapping[str, Any] | None = None, now: datetime = NOW, **options: Any
) -> Iterator[Batch]:
    wanted = {"subreddits": ["werkzeug"]} if "search" not in options else {}
    with HttpClient(contact="ears@example.com", now=lambda: now) as http:
        yield from collect(
            SOURCE,
            json.loads(json.dumps(state or {})),
            http,
            **{
                **wanted,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "api_url": world.url,
                **options,
            },
        )


def run(world: RedditWorld, state: Mapping[str, Any] | None = None, **options: Any) -> Batch:
    """All posts of a run as one batch, with the last state and promise."""
    found = list(batches(world, state, **options))
    return Batch(
        tuple(p for one in found for p in one.posts), found[-1].state, None, found[-1].complete_since
    )


def failure(world: RedditWorld, **options: Any) -> CollectError:
    with pytest.raises(CollectError) as caught:
        run(world, **options)
    assert caught.value.source == "reddit"
    return caught.value


def ids(batch: Batch) -> list[str]:
    return [post.id for post in batch.posts]


def test_posts_and_comments_of_a_subreddit(world: RedditWorld) -> None:
    thread = submission(1, ago(60))
    world.posts = [thread, submission(2, ago(10)), submission(3, ago(5), board="andere")]
    world.comments = [comment(1, ago(30), thread, body="> Text 1\n\nStimmt.", edited=ago(20).timestamp())]
    found = run(world)
    assert ids(found) == ["t3_p000002", "t3_p000001", "t1_c000001"]
    said = found.posts[-1]
    assert (said.text, said.quoted, said.title, said.thread_id) == (
        "Stimmt.",
        "Text 1",
        "Titel 1",
        "t3_p000001",
    )
    assert (said.published_at, said.edited_at) == (ago(30), ago(20))
    assert (
        said.thread_url == found.posts[1].url == "https://www.reddit.com/r/werkzeug/comments/p000001/titel_1/"
    )
    assert found.complete_since == ago(30)  # the younger of the two listings' ends


def test_requests_are_honest_and_read_only(world: RedditWorld) -> None:
    run(world)
    token, *asked = world.log
    assert token.method == "POST" and {one.method for one in asked} == {"GET"}
    for one in world.log:
        assert one.headers["user-agent"].startswith(
            f"brand-listener/{__version__} (+mailto:ears@example.com)"
        )
    assert all(one.query["raw_json"] == "1" for one in asked)


def test_a_second_run_without_news_asks_once_per_listing(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(n)) for n in range(1, 251)]
    first = run(world)
    asked = len(world.paths)
    again = run(world, first.state)
    assert len(first.posts) == 250 and asked == 4
    assert world.paths[asked:] == ["/r/werkzeug/new", "/r/werkzeug/comments"]
    assert set(ids(again)) <= set(ids(first))
    assert again.complete_since == first.complete_since and again.state == first.state


def test_news_are_read_down_to_the_mark(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(1000 - n)) for n in range(1, 301)]
    first = run(world)
    world.posts += [submission(n, ago(1000 - n)) for n in range(301, 451)]
    second = run(world, first.state)
    assert {f"t3_p{n:06}" for n in range(301, 451)} <= set(ids(second))
    assert second.complete_since == first.complete_since


def test_a_gap_is_found_and_the_promise_starts_anew(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(5000 - n)) for n in range(1, 51)]
    first = run(world)
    world.posts += [submission(n, ago(5000 - n)) for n in range(51, 1500)]
    second = run(world, first.state)
    assert len(second.posts) == 1000
    assert second.complete_since == just_after(ago(5000 - 500)) > first.complete_since


def test_a_mark_that_was_deleted_is_no_gap(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(100 - n)) for n in range(1, 4)]
    first = run(world)
    world.posts = [submission(9, ago(1))]
    assert run(world, first.state).complete_since == first.complete_since


def test_a_run_that_was_killed_goes_on_where_it_stood(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(2000 - n)) for n in range(1, 501)]
    running = batches(world)
    killed = [next(running), next(running)]
    running.close()
    world.posts += [submission(n, ago(2000 - n)) for n in range(501, 521)]
    asked = len(world.paths)
    rest = run(world, killed[-1].state)
    assert {post.id for one in killed for post in one.posts} | set(ids(rest)) == {
        f"t3_p{n:06}" for n in range(1, 521)
    }
    assert len(world.paths) - asked == 3 + 1 + 1  # the rest, the news, the comments
    assert rest.complete_since == just_after(ago(1999))


def test_a_deleted_anchor_does_not_stall_the_reading(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(2000 - n)) for n in range(1, 301)]
    running = batches(world)
    killed = next(running)
    running.close()
    anchor = killed.state["streams"]["new r/werkzeug"]["descent"]["after"]
    world.posts = [one for one in world.posts if one["data"]["name"] != anchor]
    rest = run(world, killed.state)
    assert set(ids(rest)) == {one["data"]["name"] for one in world.posts}
    assert "descent" not in rest.state["streams"]["new r/werkzeug"]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 4)), min_size=1, max_size=4))
def test_nothing_is_lost_however_often_a_run_is_killed(history: list[tuple[int, int]]) -> None:
    with RedditWorld() as world:
        state: Mapping[str, Any] = {}
        seen: set[str] = set()
        number = 0
        for news, alive in history:
            world.posts += [submission(number + n, ago(9000 - number - n)) for n in range(news)]
            number += news
            running = batches(world, state)
            for batch in (one for one, _ in zip(running, range(alive), strict=False)):
                state = batch.state
                seen |= {post.id for post in batch.posts}
            running.close()
        seen |= set(ids(run(world, state)))
        assert seen == {one["data"]["name"] for one in world.posts}


def test_where_nobody_wrote_anything_the_promise_begins_with_the_run(world: RedditWorld) -> None:
    first = run(world)
    world.posts = [submission(1, ago(-5))]
    assert first.complete_since == NOW
    assert run(world, first.state, now=ago(-10)).complete_since == NOW


def test_the_limit_bounds_a_reading(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(n)) for n in range(1, 601)]
    found = run(world, limit=200)
    assert (
        len(found.posts) == 200
        and found.state["streams"]["new r/werkzeug"]["since"] == just_after(ago(200)).isoformat()
    )


def test_search_is_site_wide_and_newest_first(world: RedditWorld) -> None:
    world.posts = [submission(1, ago(9), title="Akkufix 3000"), submission(2, ago(5), board="garten")]
    found = run(world, search=["akkufix"])
    assert ids(found) == ["t3_p000001"]
    asked = world.log[-1]
    assert (asked.path, asked.query["sort"], asked.query["q"]) == ("/search", "new", "akkufix")


def test_adverts_are_left_out(world: RedditWorld) -> None:
    world.posts = [submission(1, ago(9), promoted=True), submission(2, ago(5))]
    assert ids(run(world)) == ["t3_p000002"]
    world.posts.pop()
    assert run(world).posts == ()


def test_edits_among_the_newest_are_seen_again(world: RedditWorld) -> None:
    world.posts = [submission(1, ago(9))]
    first = run(world)
    world.posts = [submission(1, ago(9), selftext="Doch nicht", edited=ago(1).timestamp())]
    (post,) = run(world, first.state).posts
    assert (post.text, post.edited_at) == ("Doch nicht", ago(1))


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (403, "private", "r/geheim is closed: private"),
        (403, "quarantined", "r/geheim is closed: quarantined"),
        (403, "gated", "r/geheim is closed: gated"),
        (403, "gold_only", "r/geheim is closed: gold_only"),
        (404, "banned", "r/geheim is closed: banned"),
        (404, None, "r/geheim does not exist"),
    ],
)
def test_a_closed_subreddit_leaves_the_others_alone(
    world: RedditWorld, status: int, reason: str | None, said: str
) -> None:
    body = {"message": "no", "error": status, **({"reason": reason} if reason else {})}
    world.rules = {f"/r/geheim/{kind}": Answer(status, body) for kind in ("new", "comments")}
    world.posts = [submission(1, ago(9))]
    seen: list[str] = []
    with pytest.raises(AccessError, match=said) as caught:
        for batch in batches(world, subreddits=["geheim", "r/werkzeug"]):
            seen += ids(batch)
    assert seen == ["t3_p000001"]
    assert str(caught.value).count("geheim") == 1


def test_a_redirect_means_there_is_no_such_subreddit(world: RedditWorld) -> None:
    there = {"location": f"{world.url}/subreddits/search?q=werkzeug"}
    world.rules = {f"/r/werkzeug/{kind}": Answer(302, "", there) for kind in ("new", "comments")}
    assert "r/werkzeug does not exist" in str(failure(world))
    assert "/subreddits/search" not in world.paths


def test_a_refused_key_ends_the_run_at_once(world: RedditWorld) -> None:
    error = failure(world, client_secret="wrong", subreddits=["a1", "b2", "c3"])
    assert isinstance(error, AccessError) and "does not accept the key" in str(error)
    assert "wrong" not in str(error) and world.paths == []


def test_a_missing_key_says_what_to_do(world: RedditWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "praw_client_id"):
        monkeypatch.delenv(name, raising=False)
    error = failure(world, client_id="", client_secret="")
    assert isinstance(error, AccessError) and "REDDIT_CLIENT_ID" in str(error) and "kind: feed" in str(error)
    monkeypatch.setenv("REDDIT_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", CLIENT_SECRET)
    assert run(world, client_id="", client_secret="").posts == ()


def test_too_many_requests_are_not_repeated(world: RedditWorld) -> None:
    world.rules["/r/werkzeug/new"] = Answer(429, "slow down", {"retry-after": "120"})
    error = failure(world)
    assert isinstance(error, TransientError) and error.retry_after == timedelta(minutes=2)
    assert world.paths == ["/r/werkzeug/new"]


def test_a_long_rest_is_an_error_not_a_sleep(world: RedditWorld) -> None:
    world.posts = [submission(n, ago(n)) for n in range(1, 251)]
    world.limit(remaining=0, used=1000, reset=480)
    seen: list[str] = []
    with pytest.raises(TransientError) as caught:
        for batch in batches(world):
            seen += ids(batch)
            state = batch.state
    assert caught.value.retry_after == timedelta(minutes=8)
    assert len(seen) <= 100 and len(world.paths) <= 1
    world.limit(remaining=900, used=100, reset=300)
    assert len(set(seen) | set(ids(run(world, state if seen else {}, now=ago(-9))))) == 250


def test_what_one_source_learned_of_the_limit_holds_for_all(world: RedditWorld) -> None:
    world.limit(remaining=0, used=1000, reset=200)
    with pytest.raises(TransientError):
        run(world)
    asked = len(world.log)
    error = failure(world, subreddits=["garten"], now=ago(-1))
    assert isinstance(error, TransientError) and error.retry_after == timedelta(seconds=140)
    assert len(world.log) == asked
    world.limit(remaining=900, used=100, reset=300)
    assert run(world, now=ago(-4)).posts == ()


def test_a_refusal_for_too_many_requests_holds_for_all(world: RedditWorld) -> None:
    world.rules["/r/werkzeug/new"] = Answer(429, "slow down", {"retry-after": "30"})
    failure(world)
    error = failure(world, subreddits=["garten"])
    assert isinstance(error, TransientError) and error.retry_after == timedelta(seconds=30)
    assert world.paths == ["/r/werkzeug/new"]
    assert run(world, subreddits=["garten"], now=ago(-1)).posts == ()


def test_sources_at_once_rest_together(world: RedditWorld) -> None:
    world.limit(remaining=0, used=1000, reset=1)
    times: list[float] = []

    def watch(asked: Asked) -> None:
        times.append(time.monotonic())
        if len(times) > 1:
            world.limit(remaining=900, used=100, reset=300)

    world.trouble = watch
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda board: run(world, subreddits=[board]), ["a1", "b2", "c3"]))
    assert [one.posts for one in found] == [(), (), ()]
    assert len(times) == 9 and times[1] - times[0] > 0.9


def test_a_clock_set_back_does_not_prolong_a_rest(world: RedditWorld) -> None:
    world.limit(remaining=0, used=1000, reset=200)
    failure(world)
    error = failure(world, now=ago(60 * 24 * 365))
    assert isinstance(error, TransientError) and error.retry_after == timedelta(seconds=200)


def test_a_failing_server_is_asked_again_and_then_named(world: RedditWorld) -> None:
    world.rules["/r/werkzeug/new"] = Answer(503, "<html>down</html>")
    world.comments = [comment(1, ago(3), submission(1, ago(9)))]
    seen: list[str] = []
    with pytest.raises(TransientError, match="r/werkzeug: HTTP 503"):
        for batch in batches(world):
            seen += ids(batch)
    assert seen == ["t1_c000001"] and world.paths.count("/r/werkzeug/new") == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(200, "<html><title>Blocked</title>"), "text .'<html><title>Blocked"),
        (Answer(200, {"kind": "t2", "data": {"name": "x"}}), "a user"),
        (Answer(200, ["what"]), "a list of 1"),
        (Answer(200, "[" * 150_000), "r/werkzeug"),
        (Answer(400, {"fields": [3], "explanation": 1, "message": "?", "reason": "r"}), "r/werkzeug"),
        (Answer(418, "tea"), "r/werkzeug: HTTP 418"),
    ],
)
def test_answers_that_are_not_understood_are_parse_errors(
    world: RedditWorld, answer: Answer, said: str
) -> None:
    world.rules = {f"/r/werkzeug/{kind}": answer for kind in ("new", "comments")}
    with pytest.raises(ParseError, match=said):
        run(world)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_headers_gone_mad_do_not_crash_praw(world: RedditWorld, status: int) -> None:
    world.limits = {"x-ratelimit-remaining": "many", "x-ratelimit-used": "", "x-ratelimit-reset": "nan"}
    run(world)
    mad = {"www-authenticate": "Bearer realm=x", "retry-after": "soon"}
    world.rules["/r/werkzeug/new"] = Answer(status, "no", mad)
    assert isinstance(failure(world), AccessError if status < 429 else TransientError)


def test_an_answer_without_end_is_refused(world: RedditWorld) -> None:
    world.rules = {f"/r/werkzeug/{kind}": Answer(200, " " * 10_000_001) for kind in ("new", "comments")}
    assert "larger than" in str(failure(world))


def test_nobody_there_is_a_transient_error(world: RedditWorld) -> None:
    assert isinstance(failure(world, api_url="http://127.0.0.1:9"), TransientError)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://api.example", "https://10.0.0.1", "https://[::1]", "ftp://x", "x"]
)
def test_private_and_open_addresses_need_permission(url: str) -> None:
    closed = Source("reddit", "reddit")
    with (
        HttpClient(contact="ears@example.com", now=lambda: NOW) as http,
        pytest.raises(AccessError, match="api_url"),
    ):
        next(
            collect(closed, {}, http, subreddits=["werkzeug"], client_id="i", client_secret="s", api_url=url)
        )


@pytest.mark.parametrize("names", [["../api/v1/me"], ["a b"], [""], []])
def test_names_that_are_none_are_refused(world: RedditWorld, names: list[str]) -> None:
    assert isinstance(failure(world, subreddits=names), AccessError)
    assert world.log == []


@pytest.mark.parametrize(
    "state",
    [
        {"streams": 3},
        {"streams": {"new r/werkzeug": "x"}},
        {"streams": {"new r/werkzeug": {"newest": "now", "ids": 3, "since": 4, "descent": {"after": 5}}}},
    ],
)
def test_damaged_state_is_a_first_run(world: RedditWorld, state: dict[str, Any]) -> None:
    world.posts = [submission(1, ago(9))]
    assert ids(run(world, state)) == ["t3_p000001"]


def test_an_expired_token_is_renewed(world: RedditWorld) -> None:
    refused = []

    def once(asked: Asked) -> Answer | None:
        refused.append(asked)
        mark = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}
        return Answer(401, {"message": "Unauthorized", "error": 401}, mark) if len(refused) == 1 else None

    world.rules["/r/werkzeug/new"] = once
    world.posts = [submission(1, ago(9))]
    assert ids(run(world)) == ["t3_p000001"]
