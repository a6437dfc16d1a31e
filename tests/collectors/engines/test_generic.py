"""Boards whose engine nobody knows: recorded pages of known engines are read without their readers."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engines import engines, generic
from collectors.reading import Page, Topic
from listener.errors import AccessError, ParseError
from tests.pages import AT, DATA, folded, goldens, minute, recorded, replaced, topic_page, with_body

WORDS = [
    "Der",
    "Akkufix",
    "3000",
    "liegt",
    "gut",
    "in",
    "der",
    "Hand",
    "und",
    "das",
    "Bohrwerk",
    "B2",
    "laeuft",
    "seit",
    "Wochen",
    "ohne",
    "Pause",
]


def test_recorded_threads_are_read_as_their_own_readers_do(shared: Path) -> None:
    """At least 90 % of the posts with id, author, minute and first words, none invented (measured: 98 %)."""
    total: Counter[str] = Counter()
    for path, page in recorded(shared):
        gold = path.with_name(path.name + ".gold.json")
        if not gold.is_file():
            continue
        wanted = json.loads(gold.read_text(encoding="utf-8"))
        found = outcome(page)
        posts = {post.id: post for post in found.posts} if found is not None else {}
        assert posts.keys() <= {str(want["post_id"]) for want in wanted}, path.name
        for want in wanted:
            post = posts.get(str(want["post_id"]))
            total["posts"] += 1
            total["exact"] += post is not None and (
                post.author == want["author"]
                and minute(post.published_at) == minute(datetime.fromisoformat(want["published"]))
                and folded(post.text)[:40] == folded(want["text60"])[:40]
            )
    assert total["posts"] > 290
    assert total["exact"] >= 0.95 * total["posts"]


def test_recorded_lists_and_indexes_are_no_threads(shared: Path) -> None:
    names = ("index", "viewforum", "forumdisplay", "board", "category", "recent", "active", "article")
    pages = [page for path, page in recorded(shared) if any(name in path.name for name in names)]
    assert len(pages) > 20
    for page in pages:
        with pytest.raises((ParseError, AccessError)):
            generic.topic(page)


def test_it_comes_last_and_only_where_no_engine_is_known() -> None:
    assert engines()[-1] is generic
    for gold in goldens("generic"):
        page = topic_page(f"generic/{gold.name}")
        assert [engine.NAME for engine in engines() if engine.recognise(page)] == ["generic"], gold


# What is no thread. Ids, dates, authors and texts stand in all of these.


def days(rising: bool) -> list[datetime]:
    found = [AT - timedelta(days=30 - step) for step in range(8)]
    return found if rising else found[::-1]


def words(seed: int, count: int = 30) -> str:
    dice = random.Random(seed)
    return " ".join(dice.choice(WORDS) for _ in range(count))


BLOCKS = {
    "blog": '<article id="post-{n}" class="hentry"><h2><a href="/2026/eintrag-{n}/">{title}</a></h2><span class="author '
    'vcard"><a class="fn" href="/author/{who}/">{who}</a></span> <time class="published" datetime="{at}">{at}</time>'
    '<div class="entry-content"><p>{text}</p></div></article>',
    "news": '<tr><td><a name="news{n}"></a><b><a href="news.php?id={n}">{title}</a></b> von <a href="profile.php?u=1">'
    '{who}</a>, {at}<div class="content">{text}</div><a href="news.php?id={n}">Kommentare (3)</a></td></tr>',
    "shop": '<li id="entry{n}"><a href="/p/{n}">{title}</a> <a class="user" href="/user/1">{who}</a> '
    '<time datetime="{at}">x</time><div class="text">{text}</div><span>129,90 €</span></li>',
    "reviews": '<div class="review" id="review-{n}"><span class="author">{who}</span> <time datetime="{at}">x</time>'
    '<div class="text">{text}</div></div>',
    "search": '<div class="search post" id="p{n}"><a class="username" href="/member/1">{who}</a> <time datetime="{at}">x'
    '</time> <a href="/thema/{n}0">{title}</a><div class="content">{text}</div></div>',
    "profile": '<li class="post" id="post-{n}"><a href="/thread/{n}0#post-{n}">{title}</a> <a class="author" href="/u/a">'
    '{who}</a> <time datetime="{at}">x</time><div class="content">{text}</div></li>',
    "boards": '<li class="row"><a href="board.php?f={n}">{title}</a><div class="desc">{text}</div> <a class="username" '
    'href="member.php?u=1">{who}</a> <a href="thema.php?p={n}9#p{n}9">»</a> <time datetime="{at}">x</time></li>',
    "events": '<div id="event-{n}"><h3>{title}</h3><time datetime="{at}">x</time> <a class="author" href="/user/1">{who}'
    "</a><p>{text}</p></div>",
    "changes": '<div id="rev-{n}"><a class="author" href="/user/1">{who}</a> <time datetime="{at}">x</time><p>{text}</p>'
    "</div>",
    "team": '<div id="m{n}"><h3>{who} {n}</h3><span>seit {at:.10}</span><p>{text}</p></div>',
    "versions": '<li data-mw-revid="{n}"><a href="/index.php?oldid={n}">{at}</a> <a class="userlink" href="/user/{who}">{who}'
    '</a> <span class="comment">({text})</span></li>',
}


@pytest.mark.parametrize("rising", [True, False], ids=["rising", "falling"])
@pytest.mark.parametrize("kind", BLOCKS)
def test_what_repeats_itself_is_not_always_a_thread(kind: str, rising: bool) -> None:
    numbers = range(100, 108) if rising else range(107, 99, -1)
    rows = (
        BLOCKS[kind].format(
            n=n, title=words(n, 5), who=("Anna", "Berta")[n % 2], text=words(n), at=at.isoformat()
        )
        for n, at in zip(numbers, days(rising), strict=True)
    )
    body = f"<html lang=de><title>Werkzeug</title><h1>Werkzeug</h1><main>{''.join(rows)}</main></html>"
    for url in ("https://a.example/liste", "https://a.example/forum/thread/5"):
        with pytest.raises(ParseError, match="engine not known"):
            generic.topic(Page(body.encode(), url, AT))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<title>Leer</title>",
        "<h1>Anmelden</h1><form><input name=user><input type=password></form>",
        '<script type="application/ld+json">{"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": "Wie?",'
        ' "acceptedAnswer": {"@type": "Answer", "text": "So."}}]}</script><h1>Fragen</h1>',
        '<div itemscope itemtype="https://schema.org/NewsArticle" id="post-5"><b itemprop=author>Anna</b>'
        '<time itemprop=datePublished datetime="2026-10-01T10:00:00Z"></time><p itemprop=text>Lang.</p></div>',
    ],
)
def test_pages_with_nothing_to_read_are_no_boards(body: str) -> None:
    page = Page(body.encode(), "https://a.example/", AT)
    assert not generic.recognise(page)
    for read in (generic.topic, generic.listing):
        with pytest.raises(ParseError, match="engine not known"):
            read(page)


def test_one_block_is_no_series() -> None:
    rest = re.compile(rb'<tr><td class="wer"><a name="beitrag50[23]">.*?</td></tr>', re.S)
    page = topic_page("generic/table_de.json")
    with pytest.raises(ParseError, match="engine not known: nothing repeats itself"):
        generic.topic(with_body(page, rest.sub(b"", page.body)))


def test_comments_that_json_ld_leaves_out_make_it_no_thread() -> None:
    page = replaced("generic/data_en.json", '"answerCount": 2', '"answerCount": 3')
    with pytest.raises(ParseError, match="engine not known"):
        generic.topic(page)


def test_json_ld_that_agrees_makes_a_thread_surer() -> None:
    said = (
        '<script type="application/ld+json">{"@type": "DiscussionForumPosting", "url": "/t/77#501", "text": "Ich",'
        ' "datePublished": "2026-10-05T19:15:00Z", "author": {"name": "Leimotto"}, "commentCount": 44}</script></body>'
    )
    page = replaced("generic/table_de.json", "</body>", said)
    alone = generic.topic(topic_page("generic/table_de.json"))
    surer = generic.topic(page)
    assert surer.posts == alone.posts
    assert surer.confidence > alone.confidence


def test_numbers_that_only_count_posts_are_not_their_ids() -> None:
    row = (
        '<div class="comment" id="c{n}" data-pk="{pk}"><a class="author" href="/u/{n}">Anna{n}</a> '
        '<time datetime="2026-10-01T0{n}:00:00Z">x</time><div class="comment-text">{text}</div></div>'
    )
    rows = "".join(row.format(n=n, pk=900 + n, text=words(n)) for n in range(1, 6))
    found = generic.topic(Page(rows.encode(), "https://a.example/t/1", AT))
    assert [post.id for post in found.posts] == ["901", "902", "903", "904", "905"]


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a thread, not a board"):
        generic.listing(topic_page("generic/table_de.json"))
    with pytest.raises(ParseError, match="engine not known"):
        generic.topic(topic_page("generic/board_de.json"))


# Broken pages: posts or a clear error, in bounded time.


def outcome(page: Page) -> Topic | None:
    for read in (generic.topic, generic.listing):
        try:
            found = read(page)
        except (ParseError, AccessError) as error:
            assert str(error)
            continue
        if isinstance(found, Topic):
            assert all(post.id and post.published_at and post.published_at.tzinfo for post in found.posts)
            assert 0 <= found.confidence <= 1
            return found
    return None


PAGES = sorted(DATA.glob("*/*.html"))


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(PAGES), seed=st.integers(0, 10**6), share=st.floats(0.2, 1), loss=st.floats(0, 0.1)
)
def test_torn_pages(path: Path, seed: int, share: float, loss: float) -> None:
    dice = random.Random(seed)
    body = path.read_bytes()
    parts = re.split(rb"(?=<)", body[: int(len(body) * share)])
    outcome(Page(b"".join(part for part in parts if dice.random() >= loss), "https://a.example/t/5", AT))


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=300),
    json_ld=st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["@type", "@graph", "comment", "text", "url", "author", "name", "commentCount"]
                ),
                inner,
            )
        ),
    ),
)
def test_any_bytes_and_any_json_ld(body: bytes, json_ld: object) -> None:
    script = json.dumps(
        {"@type": "Question", "datePublished": "2026-10-01", "comment": [json_ld], "text": json_ld}
    )
    page = b'<script type="application/ld+json">' + script.encode() + b"</script>" + body
    outcome(Page(page, "https://a.example/", AT))


@pytest.mark.parametrize(
    "body",
    [
        "<div id=p{n} class=post><a href=/u/{n}>x{n}</a> <i>{n}:10 1.1.2020</i><p>text</p></div>" * 12_000,
        "<a href='#p{n}'>p{n}</a>" * 50_000,
        "<p>" + "x" * 2_000_000 + "</p>",
        "<blockquote class=quote>wrote:" * 400 + "x",
        "<script type='application/ld+json'>" + "[" * 20_000 + "</script>",
    ],
    ids=["blocks", "links", "text", "deep", "json"],
)
def test_hostile_pages_end_soon(body: str) -> None:
    numbers = iter(range(10**6))
    page = Page(re.sub(r"\{n\}", lambda _: str(next(numbers)), body).encode(), "https://a.example/", AT)
    began = time.process_time()
    outcome(page)
    assert time.process_time() - began < 20


def test_a_page_with_too_many_elements_is_refused() -> None:
    with pytest.raises(ParseError, match="more than 60000 elements"):
        generic.topic(Page(b"<p>x" * 70_000, "https://a.example/", datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_link_that_only_names_the_post_is_no_permalink() -> None:
    found = generic.topic(topic_page("generic/opening_de.json"))
    assert found.posts[0].url.endswith("/forum/schleifband-reisst#knoten-812")
    quoting = replaced("generic/table_de.json", "antwort.php?zitat=501", "beitrag.php?p=501")
    assert generic.topic(quoting).posts[0].url == "https://holz.example/holz/beitrag.php?p=501"


def test_what_stands_before_the_comments_of_an_article_is_no_post() -> None:
    assert [post.id for post in generic.topic(topic_page("generic/comments_en.json")).posts] == [
        *("31", "40", "33", "44")
    ]
    title = replaced("generic/opening_de.json", "| Forum der Werkbank", "| Magazin")
    page = Page(title.body, "https://werkbank.example/node/812", title.at, title.timezone)
    assert "812" not in [post.id for post in generic.topic(page).posts]


def test_data_is_no_page() -> None:
    page = topic_page("generic/table_de.json")
    for body in (b'{"html": "' + page.body + b'"}', b"[" + page.body):
        with pytest.raises(ParseError, match="this is data, not a page"):
            generic.topic(with_body(page, body))


def test_what_is_called_deleted_is_no_post() -> None:
    page = replaced("generic/comments_en.json", 'class="comment depth-2"', 'class="comment-deleted"')
    assert [post.id for post in generic.topic(page).posts] == ["31", "33", "44"]


def test_a_comma_after_a_name_is_not_of_the_name() -> None:
    page = replaced("generic/comments_en.json", "</b>", ", </b>")
    assert [post.author for post in generic.topic(page).posts] == ["Ann Awl", "Bo Bit", "cy_clamp", "Ann Awl"]
