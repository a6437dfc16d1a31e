"""phpBB 3.0 to 4: prosilver and styles made from it, and the tables of subsilver2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, day_first, instant
from collectors.engines import _phpbb
from collectors.engines._phpbb import Board
from collectors.links import clean, first, href, outermost, words
from collectors.reading import Listing, Page, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "phpbb"
_SPOILER = ':lexbor-contains("spoiler" i)'  # boards build spoilers from the quote's boxes
_MARKUP = Markup(
    quotes=f"blockquote, .quotetitle:not({_SPOILER}):not(:has({_SPOILER})) + .quotecontent",
    attributions="cite, .quotetitle",
    drop=".codebox > p, dl.codebox > dt, .codetitle, .attachbox, .inline-attachment, dl.file, dl.thumbnail, "
    ".notice, .signature, .post-notice, .spoilertitle, .spoiltitle",
)


@dataclass(frozen=True)
class _Found:
    """A post as it stands in the page; `dates` are the places where its instant may stand, best first."""

    id: str
    author: str
    dates: tuple[str, ...]
    body: LexborNode | None
    note: str
    link: str


def recognise(page: Page) -> bool:
    """phpBB's own ids, or two marks of its tables; Forumotion borrows the ids and is another engine."""
    if b"illiweb.com" in page.body or b"_userdata" in page.body:
        return False
    tree = html(page)
    if tree.css_first("body#phpbb, body.section-viewtopic #page-body") is not None:
        return True
    if b"viewtopic" not in page.body:
        return False
    if tree.css_first("#punviewtopic, #punviewforum, #brd-viewtopic") is not None:
        return False
    return bool(_prosilver(tree) or _tables(tree)) or _subsilver_listing(tree)


def _subsilver_listing(tree: LexborHTMLParser) -> bool:
    topics = tree.css_first("a.topictitle") is not None and tree.css_first("p.topicdetails") is not None
    return topics or tree.css_first("ul.topiclist a.topictitle") is not None


def topic(page: Page) -> Topic:
    """The posts of a viewtopic page."""
    at = _phpbb.board(page)
    found = _prosilver(at.tree) or _tables(at.tree)
    if not found and at.tree.css_first("a.topictitle") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this phpBB page ({_message(at.tree) or seen(page)})")
    title, thread_id, thread_url = _thread(at)
    order = day_first((text for post in found for text in post.dates), page.at, _phpbb.language(at.tree))
    posts = [_post(at, post, order, (title, thread_id, thread_url)) for post in found]
    current, pages, next_url = _phpbb.paging(at, "t", thread_id)
    unique = {post.id: post for post in reversed(posts)}
    in_order = tuple(reversed(unique.values()))
    return Topic(in_order, thread_id, thread_url, title, current, pages, next_url, NAME)


def listing(page: Page) -> Listing:
    """The topics of a viewforum page."""
    return _phpbb.listing(page, NAME)


def _message(tree: LexborHTMLParser) -> str:
    return words(first(tree, "#message p", "#message", "td.row1 p.gen"))[:120]


def _prosilver(tree: LexborHTMLParser) -> list[_Found]:
    return [post for node in outermost(tree.css(".post[id]")) if (post := _prosilver_post(node)) is not None]


def _prosilver_post(node: LexborNode) -> _Found | None:
    """A container with an id like p123; p0 and containers without are adverts."""
    number = re.fullmatch(r"p([1-9]\d*)", node.attributes.get("id") or "")
    if not number:
        return None
    note = next(
        (words(notice) for notice in node.css(".notice") if re.search(r"\d:\d\d|\d{4}", words(notice))), ""
    )
    return _Found(
        id=number[1],
        author=_author(node),
        dates=tuple(_dates(node)),
        body=first(node, ".postbody .content", ".content", ".post-text"),
        note=note,
        link=next(
            (one for link in node.css("p.author a, h3 a") if f"#p{number[1]}" in (one := href(link))), ""
        ),
    )


_NAMES = ".username, .username-coloured"
_AUTHORS = (
    "p.author strong .username, p.author strong .username-coloured",
    "p.author .username, p.author .username-coloured",
    ".postprofile .username, .postprofile .username-coloured",
    ".author .username, .author .username-coloured",
    "p.author strong",
    ".postprofile dt strong",
    ".postprofile dt",
)


def _author(node: LexborNode) -> str:
    return next((name for selector in _AUTHORS if (name := words(node.css_first(selector)))), "")


_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)$")
_OUTSIDE = ".content, .signature, .postprofile, .notice, .attachbox, .post-notice"


def _dates(node: LexborNode) -> Iterator[str]:
    """Where the post's own instant may stand: attributes first, then the text of its header."""
    stamp = node.css_first("p.author time[datetime]")
    if stamp is not None and _ISO.match(told := stamp.attributes.get("datetime") or ""):
        yield told
        return
    foreign = {inner.mem_id for part in node.css(_OUTSIDE) for inner in part.css("time")}
    stamps = [stamp for stamp in node.css("time") if stamp.mem_id not in foreign]
    for stamp in sorted(stamps, key=lambda stamp: not _in_header(stamp)):
        yield stamp.attributes.get("datetime") or words(stamp)
    for header in node.css("p.author, .author, .postdate, .post-date, .post-time"):
        text = words(header)
        yield text.rpartition("»")[2]
        yield " ".join(
            child.text_content or "" for child in header.iter(include_text=True) if child.is_text_node
        )


def _in_header(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(4):
        if above is None:
            return False
        if "author" in (above.attributes.get("class") or ""):
            return True
        above = above.parent
    return False


def _tables(tree: LexborHTMLParser) -> list[_Found]:
    """subsilver2: a row with the name and the date, and the text in the row after it."""
    return [post for anchor in tree.css("td a[name]") if (post := _table_post(anchor)) is not None]


def _table_post(anchor: LexborNode) -> _Found | None:
    number = re.fullmatch(r"p([1-9]\d*)", anchor.attributes.get("name") or "")
    row = _row(anchor) if number else None
    following = row.next if row is not None else None
    while following is not None and following.tag != "tr":
        following = following.next
    if not number or row is None or following is None or row.css_first("td[colspan] > a[name]") is not None:
        return None  # a row across both columns says that a post was deleted or ignored
    details = [text for cell in row.css("td.gensmall div, td.gensmall") if ":" in (text := words(cell))]
    written = [text.partition(":")[2] for text in details if re.search(r"(Posted|Verfasst( am)?):", text)]
    return _Found(
        id=number[1],
        author=words(first(row, ".postauthor", "b", "strong")),
        dates=(*(re.split(r"(?:Posted|Verfasst(?: am)?):", text)[-1] for text in details), *written),
        body=first(following, "div.postbody", "td.postbody", ".postbody"),
        note=next(
            (
                words(cell)
                for cell in following.css("span.gensmall, td.gensmall")
                if _phpbb.EDITED.search(words(cell))
            ),
            "",
        ),
        link=href(row.css_first(f'a[href*="#p{number[1]}"]')),
    )


def _row(node: LexborNode) -> LexborNode | None:
    above = node.parent
    while above is not None and above.tag != "tr":
        above = above.parent
    return above


def _post(at: Board, found: _Found, order: bool | None, thread: tuple[str, str, str]) -> Post:
    when, precision = _first_instant(at, found.dates, order)
    if when is None:
        raise ParseError(f"post {found.id}: date not understood {found.dates[:1]}", url=at.page.url)
    if found.body is None:
        raise ParseError(f"post {found.id}: its text was not found", url=at.page.url)
    text, quotes = own_words(found.body, _MARKUP)
    title, thread_id, thread_url = thread
    return Post(
        id=found.id,
        url=f"{at.url(f'viewtopic.php?p={found.id}', found.link)}#p{found.id}",
        text=text,
        author=found.author or None,
        published_at=when,
        date_precision=precision,
        edited_at=_phpbb.edited(at, found.note, order),
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
    )


def _first_instant(at: Board, texts: tuple[str, ...], order: bool | None) -> Instant:
    read = (instant(text, at.page.at, at.zone, day_first=order) for text in texts)
    return next((found for found in read if found[0] is not None), (None, "unknown"))


_TITLES = (
    *(".topic-title", "a.titles", "h2 a[href*=viewtopic]", "#page-body h2:not(.poll-title)"),
    *(".post h3 a", "h2:not(.poll-title)"),
)


def _thread(at: Board) -> tuple[str, str, str]:
    """The thread's title, number and address."""
    heading = first(at.tree, *_TITLES)
    links = [href(heading), href(heading.css_first("a") if heading is not None else None)]
    links += [href(at.tree.css_first("link[rel=canonical]")), at.page.url]
    links += [
        href(link)
        for link in at.tree.css('a[href*="mode=reply"], a[href*="view=print"], a[href*="view=next"]')
    ]
    number = next((found for link in links if (found := _phpbb.topic_id(link))), None)
    hidden = at.tree.css_first("input[name=t][value]")
    number = number or (hidden.attributes.get("value") if hidden is not None else None)
    title = re.sub(r"^Re: ", "", words(heading)) or re.split(r" [-•|] ", words(at.tree.css_first("title")))[0]
    link = next(filter(None, links[:3]), at.page.url)
    if not number:
        return title, clean(link, at.page.url), clean(link, at.page.url)
    return title, number, at.url(f"viewtopic.php?t={number}", link)


def version(page: Page) -> str:
    """What the markup tells: phpBB does not write its version into its pages."""
    tree = html(page)
    if tree.css_first(".lastpost time[datetime], p.author time[datetime]") is not None:
        return "3.2 or later"
    return "3.1 or later" if tree.css_first("body.notouch, link[href*=assets_version]") is not None else "3"
