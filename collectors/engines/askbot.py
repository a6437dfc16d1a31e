"""Askbot: its pages of questions, whose answers and comments are posts too, and its API's list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import answer_of, record, records, text, whole
from collectors.engines._linked import attribute, digits
from collectors.links import clean, count, first, href, number, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of, refusal, seen
from collectors.text import Markup, own_words
from collectors.zones import zone_of
from listener.errors import ParseError
from listener.model import Post

NAME = "askbot"
_PER_PAGE = 10  # answers
_MARKUP = Markup(
    quotes="blockquote",
    drop=".post-update-info-container, .post-update-info, .expander, .author, .age, .edit, .js-edit, "
    ".convert-comment, .comment-delete, .comment-controls, .js-post-moderation-message",
)
_POSTS = ".post[data-post-id], .js-post[data-post-id]"  # until 0.11, and since
_COMMENTS = '.comment[data-comment-id], .comment[id^="comment-"], .js-comment[data-post-id]'
_ROWS = ".short-summary, .question-summary"


def recognise(page: Page) -> bool:
    """The keys of its API, or its blocks in a page that names it."""
    if is_json(page):
        return b'"last_activity_at"' in page.body and _known(page)
    if b"askbot" not in page.body or not (b"data-post-id" in page.body or b"question" in page.body):
        return False
    return html(page).css_first(_MARKS) is not None


_MARKS = (
    ".js-question[data-post-id], .post.question[data-post-id], .post.answer[data-post-id], "
    ".js-answer[data-post-id], .short-summary, .question-summary-stats, .questions-blank-state"
)


def _known(page: Page) -> bool:
    answer = record(answer_of(page))
    return {"questions", "pages"} <= answer.keys() or {"answer_ids", "last_activity_at"} <= answer.keys()


def topic(page: Page) -> Topic:
    """The question (it stands on each page), the answers of this page and what is shown of the comments."""
    if is_json(page):
        raise ParseError("the API tells no texts: read the question's page", url=page.url)
    tree = html(page)
    nodes = tree.css(f"{_POSTS}, {_COMMENTS}")
    if not nodes and tree.css_first(_ROWS) is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not nodes:
        raise refusal(page, f"no posts on this Askbot page ({seen(page)})")
    thread = _thread(page, tree)
    posts = {post.id: post for node in nodes if (post := _post(page, node, thread)) is not None}
    current, pages, next_url = _paging(page, tree)
    return Topic(tuple(posts.values()), thread[1], thread[2], thread[0], current, pages, next_url, NAME)


_QUESTION = re.compile(r"(.*?/question/(\d{1,12})/(?:[^/?#]+/?)?)")


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str, str]:
    """Title, number and address of a question; its answers in the order in which they came."""
    link = tree.css_first('h1 a[href*="/question/"]')
    addresses = (href(link), href(tree.css_first("link[rel=canonical]")), page.url)
    found = next((one for each in addresses if (one := _QUESTION.match(clean(each, page.url)))), None)
    if found is None:
        raise ParseError("a question without its number", url=page.url)
    title = link or first(tree, "h1 .js-editable-content", "h1")
    return words(title), found[2], f"{found[1]}?sort=oldest"


def _post(page: Page, node: LexborNode, thread: tuple[str, str, str]) -> Post | None:
    """A question, an answer or a comment; what has no text is none of them."""
    is_comment = not {"comment", "js-comment"}.isdisjoint((node.attributes.get("class") or "").split())
    number_ = digits(
        attribute(node, "data-comment-id", "data-post-id", "id"), r"(?:comment-|post-id-)?(\d{1,15})"
    )
    body = node.css_first(".comment-body, .js-comment-body" if is_comment else ".post-body")
    if not number_ or body is None:
        return None
    told = node.css(_COMMENT_DATES if is_comment else ".post-update-info abbr[title]")
    at, precision = _stamp(page, told[0]) if told else (None, "unknown")
    if at is None:
        raise ParseError(f"post {number_}: date not understood", url=page.url)
    own, quotes = own_words(body, _MARKUP)
    title, thread_id, thread_url = thread
    return Post(
        id=number_,
        url=_permalink(thread_url, number_, "comment" if is_comment else "answer", number_ == thread_id),
        text=own,
        author=_author(node, is_comment),
        published_at=at,
        date_precision=precision,
        edited_at=_stamp(page, told[1])[0] if not is_comment and len(told) > 1 else None,
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
    )


_COMMENT_DATES = ".age abbr[title], .comment-age abbr[title]"


def _permalink(thread_url: str, number_: str, kind: str, is_question: bool) -> str:
    place = thread_url.removesuffix("?sort=oldest")
    return place if is_question else f"{place}?{kind}={number_}#post-id-{number_}"


def _author(node: LexborNode, is_comment: bool) -> str | None:
    """Who wrote it first: others may have changed it, and a wiki has no author."""
    if is_comment:
        return words(node.css_first(".author, .js-comment-author")) or None
    box = node.css_first(".post-update-info")
    if box is None:
        return None
    found = first(box, ".user-info a", ".post-update-info-author-name a", ".post-update-info-author-name")
    return words(found) or None


def _stamp(page: Page, node: LexborNode | None) -> Instant:
    return instant(attribute(node, "title"), page.at, zone_of(page.timezone) or UTC)


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    box = tree.css_first(".paginator")
    if box is None:
        return 1, 1, None
    shown = box.css_first(".curr, .current-page")
    current = whole(attribute(shown, "data-page") or words(shown)) or 1
    numbers = [whole(attribute(node, "data-page")) for node in box.css("[data-page]")]
    pages = max(current, whole(attribute(box, "data-num-pages")) or max(numbers, default=0))
    named = (f'[data-page="{current + 1}"] a[href]', f'a[data-page="{current + 1}"][href]') if numbers else ()
    following = first(box, *named, *_NEXT)
    is_last = following is None or (numbers and current >= pages)
    return current, pages, None if is_last else clean(href(following), page.url) or None


_NEXT = ('.next:not([style*="none"]) a[href]', "a.next-page[href]:not(.js-disabled)")


def listing(page: Page) -> Listing:
    """Questions by their last activity: of the API, or of a page."""
    return _listed(page) if is_json(page) else _shown(page)


def _listed(page: Page) -> Listing:
    answer = record(json_of(page))
    if not isinstance(answer.get("questions"), list):
        raise ParseError(f"no questions in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    unique = {row.id: row for one in records(answer["questions"]) if (row := _row(page, one)) is not None}
    current = max(1, number(page.url, "page") or 1)
    next_url = _numbered(page.url, current + 1) if current < whole(answer.get("pages")) else None
    return Listing(tuple(unique.values()), next_url, (), NAME, by_last_post=_by_activity(page.url))


def _numbered(url: str, wanted: int) -> str:
    kept = re.sub(r"(?:^|&)page=\d*", "", urlsplit(url).query).lstrip("&")
    return urlsplit(url)._replace(query=f"{kept}&page={wanted}".lstrip("&"), fragment="").geturl()


def _by_activity(url: str) -> bool:
    sort = re.search(r"[?&/]sort[=:]([\w-]+)", url)
    return sort is None or sort[1] == "activity-desc"


def _row(page: Page, item: Mapping[str, Any]) -> ThreadRow | None:
    number_, found = whole(item.get("id")), _QUESTION.match(clean(text(item.get("url")), page.url))
    if number_ <= 0 or found is None:
        return None
    last = instant(text(item.get("last_activity_at")) or str(whole(item.get("last_activity_at"))), page.at)[0]
    answers = whole(item.get("answer_count")) if "answer_count" in item else None
    title = " ".join(text(item.get("title")).split())
    return ThreadRow(
        str(number_), f"{found[1]}?sort=oldest", title, last, answers, False, _last(found[1], answers)
    )


def _last(question: str, answers: int | None) -> str:
    pages = -(-(answers or 0) // _PER_PAGE)
    return f"{question}?sort=oldest" + (f"&page={pages}" if pages > 1 else "")


def _shown(page: Page) -> Listing:
    tree = html(page)
    rows = tree.css(_ROWS)
    if not rows and tree.css_first(_POSTS) is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if not rows and tree.css_first("#question-list, #listA, .main-page, .questions-blank-state") is None:
        raise refusal(page, f"no questions on this Askbot page ({seen(page)})")
    unique = {row.id: row for one in rows if (row := _shown_row(page, one)) is not None}
    next_url = _paging(page, tree)[2]
    return Listing(tuple(unique.values()), next_url, (), NAME, by_last_post=_by_activity(page.url))


def _shown_row(page: Page, node: LexborNode) -> ThreadRow | None:
    link = first(node, "h2 a[href]", 'a[href*="/question/"]')
    found = _QUESTION.match(clean(href(link), page.url))
    if found is None:
        return None
    last = _stamp(page, node.css_first("abbr[title]"))[0]
    answers = count(words(first(node, ".answers .item-count", ".question-answers-count .item-count")))
    return ThreadRow(
        found[2], f"{found[1]}?sort=oldest", words(link), last, answers, False, _last(found[1], answers)
    )


def data_address(url: str) -> str | None:
    """The API's list for a list of questions; a question has none (the API tells no texts)."""
    parts = urlsplit(url)
    if "/api/v1/" in parts.path:
        return url
    if _QUESTION.match(parts.path):
        return None
    folder = re.sub(r"(?:/questions(?:/.*)?)?/?$", "", parts.path)
    asked = {"sort": "activity-desc"}
    for name in ("tags", "query"):
        if found := re.search(rf"/{name}:([^/]+)", parts.path):
            asked[name] = found[1]
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/api/v1/questions/", urlencode(asked), ""))


def version(page: Page) -> str:
    """The version that the page's foot names."""
    said = re.search(rb"[Aa]skbot\s+version\s+(\d+(?:\.\d+)+)", page.body)
    return said[1].decode() if said else ""
