"""Stack Exchange: golden answers, listings read upwards by activity, the quota, threads looked at again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.http import HttpClient
from collectors.reading import Page, read
from collectors.stackexchange import NOTE, OVERLAP, PER_PAGE, collect, posts_of
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Batch, Memory, NoMemory, Source, ThreadPage
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("diy", "stackexchange", allow_private=True, delay=timedelta(0))
URL = "https://api.stackexchange.com/2.3/questions?site=diy"
NOW = int(AT.timestamp())


def page(body: Any) -> Page:
    return Page(json.dumps(body).encode(), URL, AT)


@pytest.mark.parametrize("gold", goldens("stackexchange"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    body = (DATA / f"stackexchange/{gold.stem}.answer.json").read_bytes()
    assert told(posts_of(Page(body, URL, AT))) == json.loads(gold.read_text(encoding="utf-8"))


def test_a_recorded_list_is_read_whole() -> None:
    body = (DATA / "stackexchange/questions.answer.json").read_bytes()
    recorded = Page(body, "", AT)
    assert read(recorded).posts == posts_of(recorded)
    assert [post.id for post in read(Page(body, URL, AT)).posts] == ["701", "c700", "702"]


@pytest.mark.parametrize(
    "change", [{"title": None}, {"answers": 7}, {"comments": [3]}, {"tags": "x"}, {"owner": []}]
)
def test_broken_parts_cost_nothing_else(change: dict[str, Any]) -> None:
    found = answer("stackexchange", "questions")
    found["items"][0].update(change)
    assert {post.id for post in posts_of(page(found))} >= {"700", "701"}


@pytest.mark.parametrize(
    "change", [{"body": None}, {"creation_date": "x"}, {"link": 7}, {"question_id": "9" * 5000}]
)
def test_a_question_without_what_makes_it_one_is_a_parse_error(change: dict[str, Any]) -> None:
    found = answer("stackexchange", "questions")
    found["items"][0].update(change)
    with pytest.raises(ParseError):
        posts_of(page(found))


class Site:
    """The API of a site with some questions, each with its last activity in seconds."""

    def __init__(self, activity: Sequence[int], quota: int = 300) -> None:
        self.activity = dict(enumerate(activity, 1))
        self.max, self.left, self.backoff, self.lost = quota, quota, 0, 0
        self.between: Callable[[], None] = lambda: None

    def question(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = answer("stackexchange", "questions")["items"][1]
        link = f"https://diy.stackexchange.com/questions/{number}/x"
        dates = {"creation_date": 1_500_000_000, "last_activity_date": self.activity[number]}
        return {**found, "question_id": number, "link": link, **dates}

    def __call__(self, request: Request) -> Reply:
        asked = request.query
        assert asked["site"] == "diy" and asked["filter"].startswith("!")
        self.left -= 1
        if request.path.startswith("/questions/"):
            numbers = [int(one) for one in request.path.partition("?")[0].rpartition("/")[2].split(";")]
            shown, more = [self.question(one) for one in numbers if one in self.activity], False
        else:
            shown, more = self._part(asked)
        found: dict[str, Any] = {"items": shown, "has_more": more}
        found |= {"quota_max": self.max, "quota_remaining": self.left}
        found |= {"backoff": self.backoff} if self.backoff else {}
        body = gzip.compress(json.dumps(found).encode())
        self.between()
        return Reply(body, headers={"content-encoding": "gzip"})

    def _part(self, asked: dict[str, str]) -> tuple[list[dict[str, Any]], bool]:
        assert (asked["sort"], asked["order"]) == ("activity", "asc")
        ordered = sorted(self.activity, key=lambda one: (self.activity[one], one))
        numbers = [one for one in ordered if self.activity[one] >= int(asked["min"])]
        start, size = (int(asked["page"]) - 1) * int(asked["pagesize"]), int(asked["pagesize"])
        return [self.question(one) for one in numbers[start : start + size]], len(numbers) > start + size


class Threads(NoMemory):
    """A store with mentions in these threads."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    def threads(self, since: datetime) -> Sequence[str]:
        return self.ids


@pytest.fixture
def world() -> Iterator[World]:
    with World() as found:
        yield found


def run(
    world: World,
    state: Any = None,
    most: int = 99,
    at: datetime = AT,
    memory: Memory | None = None,
    **options: Any,
) -> list[Batch]:
    """See `batches`."""
    options = {"site": "diy", "tagged": ["drill"], "api_url": world.url, **options}
    return batches(collect, SOURCE, state, at, most, memory=memory or NoMemory(), **options)


def ids(batches: list[Batch]) -> set[int]:
    return {int(post.id) for batch in batches for post in batch.posts}


def test_everything_is_read_then_only_what_is_active(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 86_400 + 60 * number for number in range(120)])
    first = run(world)
    assert ids(first) == set(range(1, 121)) and len(world.paths) == 3
    assert first[-1].complete_since == AT - timedelta(days=30) and not first[-1].notice
    site.activity[5] = NOW + 60
    second = run(world, first[-1].state, at=AT + timedelta(minutes=2))
    assert len(world.paths) == 4 and 5 in ids(second) and len(ids(second)) <= OVERLAP // 60 + 2
    assert second[-1].complete_since == first[-1].complete_since


def test_what_becomes_active_while_pages_are_read_is_not_lost(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 90_000 + 60 * number for number in range(400)])
    order = iter(range(1, 400, 7))

    def stir() -> None:
        for _ in range(20):
            if (number := next(order, None)) is not None:
                site.activity[number] = NOW - 10

    site.between = stir
    assert ids(run(world)) == set(range(1, 401))


def test_many_questions_of_one_second(world: World) -> None:
    world.routes["*"] = Site([NOW - 500] * (3 * PER_PAGE + 1))
    assert len(ids(run(world))) == 3 * PER_PAGE + 1 and len(world.paths) == 5


def test_killed_runs_lose_nothing(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 86_400 + 60 * number for number in range(300)])
    state: Any = {}
    seen: set[int] = set()
    for step in range(12):
        site.activity[step + 1] = NOW + 600 * step
        batches = run(world, state, most=1, at=AT + timedelta(minutes=10 * step))
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen |= ids(batches)
    assert seen == set(range(1, 301))


def test_a_run_without_a_key_ends_early_and_says_so(world: World) -> None:
    world.routes["*"] = Site([NOW - 86_400 + number for number in range(700)])
    first = run(world)
    assert len(world.paths) == 10 and "not yet read" in first[-1].notice and first[-1].complete_since is None
    second = run(world, first[-1].state)
    assert ids(first) | ids(second) == set(range(1, 701)) and second[-1].complete_since is not None


def test_listings_take_turns(world: World) -> None:
    world.routes["*"] = Site([NOW - 86_400 + number for number in range(700)])
    run(world, tagged=["a", "b;c"], search="akkufix 3000")
    asked = [Request(path, {}).query for path in world.paths]
    assert [one.get("tagged", one.get("q")) for one in asked[:4]] == ["a", "b;c", "akkufix 3000", "a"]
    assert [path.partition("?")[0] for path in world.paths[:3]] == [
        "/questions",
        "/questions",
        "/search/advanced",
    ]


@pytest.mark.parametrize(
    ("quota", "seconds"), [(300, 263), (10_000, 7), (40, 2276), (6, 77_400), (3, 77_400)]
)
def test_the_quota_of_a_day_lasts_for_the_day(world: World, quota: int, seconds: int) -> None:
    world.routes["*"] = Site([NOW - 60], quota)
    wait = run(world)[-1].retry_after
    assert wait is not None and int(wait.total_seconds()) == seconds


def test_runs_every_quarter_of_an_hour_never_spend_the_quota(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 60])
    at, end, state = AT.replace(hour=0, minute=1), AT.replace(hour=23, minute=59), {}
    searches = [f"word {number}" for number in range(9)]
    while at < end:
        last = run(world, state, at=at, search=searches)[-1]
        state = dict(last.state)
        at += max(timedelta(minutes=15), last.retry_after or timedelta(0))
    assert 0 < site.left < 150


def test_the_last_of_the_quota_is_left(world: World) -> None:
    world.routes["*"] = Site([NOW - 86_400 + number for number in range(700)], quota=8)
    last = run(world)[-1]
    assert len(world.paths) == 3 and last.complete_since is None and last.retry_after is not None


def test_backoff_is_kept(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 86_400 + number for number in range(100)])
    site.backoff = 300
    with pytest.raises(TransientError) as caught:
        run(world)
    assert len(world.paths) == 1
    assert caught.value.retry_after is not None and 290 < caught.value.retry_after.total_seconds() <= 300


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("too many requests from this IP, more requests available in 58412 seconds", 58412),
        ("slow down", 3600),
    ],
)
def test_a_throttle_violation_waits_as_long_as_it_says(world: World, words: str, seconds: int) -> None:
    said = {"error_id": 502, "error_name": "throttle_violation", "error_message": words}
    world.routes["*"] = Reply(json.dumps(said).encode(), 400)
    with pytest.raises(TransientError, match=words) as caught:
        run(world, tagged=["a", "b"])
    assert caught.value.retry_after == timedelta(seconds=seconds) and len(world.paths) == 1


@pytest.mark.parametrize(
    ("number", "kind"), [(500, TransientError), (503, TransientError), (400, AccessError), (403, AccessError)]
)
def test_other_refusals(world: World, number: int, kind: type[CollectError]) -> None:
    said = {"error_id": number, "error_name": "a_name", "error_message": "in their words"}
    world.routes["*"] = Reply(json.dumps(said).encode(), 400)
    with pytest.raises(kind, match=r"tagged drill: .*in their words"):
        run(world)


def test_the_key_is_a_header_and_raises_what_a_run_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.routes["*"] = Site([NOW - 86_400 + number for number in range(700)], 10_000)
    monkeypatch.setenv("STACKEXCHANGE_KEY", "canary")
    assert run(world)[-1].complete_since is not None
    assert world.log[0].headers["authorization"] == "Bearer canary"
    assert not any("canary" in path for path in world.paths)
    run(world, key="other")
    assert world.log[-1].headers["authorization"] == "Bearer other"


def test_threads_with_mentions_are_looked_at_again(world: World) -> None:
    world.routes["*"] = Site([NOW - 400, NOW - 300])
    memory = Threads("2", "77", "x;y", "1")
    first = run(world, memory=memory)
    assert world.paths[-1].startswith("/questions/2;77;1?") and "min=" not in world.paths[-1]
    looks = first[1:-1]
    assert [look.thread_page for look in looks] == [ThreadPage(one, True, True) for one in ("2", "77", "1")]
    assert [len(look.posts) for look in looks] == [1, 0, 1]
    run(world, first[-1].state, at=AT + timedelta(hours=1), memory=memory)
    assert not world.paths[-1].startswith("/questions/")
    run(world, first[-1].state, at=AT + timedelta(hours=7), memory=memory)
    assert world.paths[-1].startswith("/questions/")


def test_a_thread_with_answers_left_out_marks_nothing_as_gone(world: World) -> None:
    found = answer("stackexchange", "questions")
    found["items"][0]["answer_count"] = 2
    world.routes["*"] = json.dumps(found)
    look = run(world, memory=Threads("700"))[1]
    assert len(look.posts) == 4 and look.thread_page is None


@pytest.mark.parametrize("site", ["diy", "https://diy.stackexchange.com", "diy.stackexchange.com/questions"])
def test_a_site_is_named_or_addressed(world: World, site: str) -> None:
    world.routes["*"] = Site([NOW - 60])
    assert ids(run(world, site=site)) == {1}


@pytest.mark.parametrize(
    "state",
    [
        {"read": 3},
        {"read": {"tagged drill": [NOW, 5, 1]}, "looked_at": []},
        {"read": {"tagged drill": ["x", {}]}},
        {"read": {"tagged drill": [9, NOW * 9, 1]}},
    ],
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["*"] = Site([NOW - 86_400, NOW - 60])
    assert ids(run(world, state)) == {1, 2}


def test_activity_ahead_of_the_clock_hides_nothing(world: World) -> None:
    world.routes["*"] = site = Site([NOW + 10**8])
    state = run(world)[-1].state
    site.activity[2] = NOW + 30
    assert 2 in ids(run(world, state, at=AT + timedelta(minutes=1)))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"items": {}}', b'{"items": [{"question_id": 1}]}']
)
def test_what_is_no_answer_is_a_parse_error(world: World, body: bytes) -> None:
    world.routes["*"] = body
    with pytest.raises(ParseError):
        run(world)


def test_nothing_to_read_and_the_license() -> None:
    with (
        HttpClient(contact="ears@example.com", now=lambda: datetime.now(UTC)) as http,
        pytest.raises(AccessError),
    ):
        list(collect(SOURCE, {}, http, site="diy"))
    assert "CC BY-SA" in NOTE


def test_what_the_api_shows_late_is_not_lost(world: World) -> None:
    world.routes["*"] = site = Site([NOW - 86_400, NOW - 60])
    state = run(world)[-1].state
    site.activity[3] = NOW - 300
    assert 3 in ids(run(world, state, at=AT + timedelta(minutes=15)))
