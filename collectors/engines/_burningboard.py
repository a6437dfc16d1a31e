"""Burning Board 3: addresses, the page's clock, posts, paging, listings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import instant
from collectors.engines._linked import attribute, digits, home_zone
from collectors.engines._shown import Moment, above, moment, page_links, same_host
from collectors.links import base, clean, count, distinct, href, parameter, words
from collectors.phrases import quoted_by
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.text import Markup
from listener.errors import ParseError

SCRIPTS = "index"
THREAD = "index.php?page=Thread&threadID={}"
POST = "index.php?page=Thread&postID={0}#post{0}"


@dataclass(frozen=True)
class Board:
    """One page, what its links are relative to, and where the board's scripts lie."""

    page: Page
    tree: LexborHTMLParser
    base: str
    root: str

    def url(self, node: LexborNode | None) -> str:
        """Where a link leads, "" if nowhere."""
        return clean(href(node), self.base) if href(node) else ""


def board(page: Page, scripts: str) -> Board:
    """The page with the board's root, from its own address or from links to one of its scripts."""
    tree = html(page)
    start = base(page.url, tree)
    links = (clean(href(link), start) for link in tree.css('a[href*=".php"]'))
    for address in [clean(page.url), *links]:
        found = re.match(rf"(https?://[^?#]*/)(?:{scripts})\.php(?:[/?#]|$)", address)
        if found and same_host(found[1], start):
            return Board(page, tree, start, found[1])
    return Board(page, tree, start, re.sub(r"[^/]*$", "", clean(start).partition("?")[0]))


@dataclass
class Found:
    """A post as it stands in the page; the body is a node, or what was cut out of one."""

    id: str
    author: str = ""
    date: str = ""
    body: LexborNode | str | None = None
    note: str = ""


def quoted(quote: LexborNode) -> str | None:
    """The name in "Zitat von »X«"."""
    name = quoted_by(words(quote.css_first(".quoteHeader")))
    return (name or "").strip("»«„“”\"'‚‘’ ") or None


MARKUP = Markup(
    quotes="blockquote",
    attributions=".quoteHeader",
    drop=".codeHeader, .codeLines, .lineNumbers, .codeBox h3, .codeBox .containerHead, .spoilerT, .editNote, "
    ".signature, .attachments, .videoBBCodeContainer",
    author=quoted,
)

# What a post is made of, in the page's order.
_PARTS = '[id^="postRow"], .userName, .messageHeader p, [id^="postText"], .editNote'


def posts(tree: LexborHTMLParser) -> list[Found]:
    """The posts in the page's order; what stands for a deleted one is of another kind."""
    found: dict[str, Found] = {}
    post = Found("")
    for node in tree.css(_PARTS):
        name, kinds = attribute(node, "id"), attribute(node, "class").split()
        if name.startswith("postRow"):
            post = Found(digits(name, r"postRow(\d{1,15})"))
            found.setdefault(post.id, post)
        elif name.startswith("postText"):
            post.body = post.body or node
        elif "editNote" in kinds:
            post.note = post.note or words(node)
        elif "userName" in kinds:
            post.author = post.author or words(node)
        elif "messageCount" not in kinds:
            post.date = post.date or words(node)
    return [post for post in found.values() if post.id and post.body is not None]


_CLOCK = re.compile(r"(.*\S)\s+(?:UTC|GMT)\s*(?:([+-]\d{1,2})(?:[.,](\d{1,2}))?)?$")


def moment_of(at: Board, dates: Sequence[str]) -> Moment:
    """When the page was made: its footer says so with the offset of that moment.

    The board adds the hour of summer to instants of summer (it comes with that switched on): where the
    offset is that of the page's language at home, so is the zone.
    """
    said = _CLOCK.match(attribute(at.tree.css_first("#date"), "title"))
    if not said:
        return moment(at.page, (), dates, fixed=False)
    hours = float(f"{said[2] or 0}.{said[3] or 0}")
    made = instant(
        said[1], at.page.at, timezone(timedelta(hours=hours) if abs(hours) < 15 else timedelta(0))
    )[0]
    found = moment(at.page, [said[1]], dates, made, fixed=False)
    return at_home(at, found) if made is not None else found


def at_home(at: Board, found: Moment) -> Moment:
    """The zone in which the page's language is spoken, instead of its bare offset."""
    offset = found.at.astimezone(found.zone).utcoffset()
    home = home_zone(at.tree, found.at, offset) if isinstance(found.zone, timezone) else None
    return replace(found, zone=home) if home is not None else found


def thread(at: Board) -> tuple[str, str]:
    """The thread's number and title."""
    heading = at.tree.css_first('h2[id^="threadTitle"], .mainHeadline h2')
    number = digits(attribute(heading, "id"), r"threadTitle(\d{1,15})")
    said = number or digits(parameter(at.page.url, "threadID") or "")
    link = heading.css_first("a") if heading is not None else None
    return said, words(link) or words(heading)


def paging(at: Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    block = at.tree.css_first(".contentHeader .pageNavigation, .contentFooter .pageNavigation")
    if block is None:
        return 1, 1, None
    links = page_links((words(link), at.url(link)) for link in block.css("a[href]"))
    current = int(digits(words(block.css_first(".active")), r"(\d{1,6})") or 1)
    return current, max([current, *links]), links.get(current + 1) or None


def message(tree: LexborHTMLParser) -> str:
    """What an error page says."""
    return words(tree.css_first("p.error, .error p, #main .warning"))[:120]


def listing(page: Page, engine: str) -> Listing:
    """The threads of a board, or of a search."""
    at = board(page, SCRIPTS)
    titles = at.tree.css('div.topic[id^="thread"]')
    boards = _boards(at)
    results = at.tree.css("div.message .breadCrumbs") if not titles else []
    if not titles and posts(at.tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not titles and not boards and not results and at.tree.css_first("#tplBoard, #tplIndex") is None:
        raise refusal(page, f"no threads on the board's page ({message(at.tree) or seen(page)})")
    found = [(title, row) for title in titles if (row := above(title, ("tr",))) is not None]
    when = moment_of(at, [date for _, row in reversed(found) for date in _dates(row)])
    threads = [_row(at, title, row, when) for title, row in found] + [
        _result(at, node, when) for node in results
    ]
    unique = {row.id: row for row in reversed(threads) if row is not None}
    sorted_by, order = parameter(page.url, "sortField"), parameter(page.url, "sortOrder")
    in_order = at.tree.css_first("#tplBoard") is not None and sorted_by in (None, "lastPostTime")
    return Listing(
        tuple(reversed(unique.values())),
        paging(at)[2],
        boards,
        engine,
        by_last_post=in_order and order in (None, "DESC"),
    )


def _boards(at: Board) -> tuple[str, ...]:
    """The boards in the list of boards, without the headings over them."""
    links = at.tree.css('#boardlist a[id^="boardLink"], .boardlistSubboards a[href]')
    found = (at.url(link) for link in links if "containerHead" not in _frame(link))
    return tuple(address for address in distinct(found) if address != clean(at.page.url))


def _frame(link: LexborNode) -> str:
    """The classes of the box around a board's title."""
    box = link.parent
    while box is not None and "boardlistInner" not in attribute(box, "class"):
        box = box.parent
    return attribute(box, "class")


def _row(at: Board, title: LexborNode, row: LexborNode, when: Moment) -> ThreadRow | None:
    number = digits(attribute(title, "id"), r"thread(\d{1,15})")
    links = [link for link in title.css("a[href]") if not attribute(link, "id").startswith("goto")]
    icon = attribute(row.css_first('img[id^="threadEdit"]'), "src").rpartition("/")[2]
    if not number or not links or "Moved" in icon:
        return None
    url = f"{at.root}{THREAD.format(number)}"
    pages = page_links((words(link), at.url(link)) for link in row.css(".pageNavigation a[href]"))
    last = at.url(row.css_first('a[href*="action=lastPost"]'))
    return ThreadRow(
        id=number,
        url=url,
        title=words(links[-1]),
        last_post_at=next((found for date in _dates(row) if (found := when.read(date)[0])), None),
        replies=count(words(row.css_first(".columnReplies"))),
        sticky=bool(re.search("Important|Announcement|Sticky", icon)),
        last_page_url=pages[max(pages)] if pages else last or url,
    )


def _dates(row: LexborNode) -> Iterator[str]:
    """Where a row says when the last post was written, best first; without answers it is the first one."""
    for node in [*row.css(".columnLastPost p"), *row.css(".firstPost")]:
        found = re.findall(r"\(([^()]*\d[^()]*)\)", words(node))
        yield from found[-1:]


def _result(at: Board, place: LexborNode, when: Moment) -> ThreadRow | None:
    """A post that a search found stands for its thread."""
    post = above(place, ("div",))
    while post is not None and "message" not in attribute(post, "class").split():
        post = above(post, ("div",))
    links = [link for link in place.css("a[href]") if parameter(at.url(link), "threadID")]
    number = digits(parameter(at.url(links[-1]), "threadID") or "") if links else ""
    if post is None or not number:
        return None
    at_post = at.url(post.css_first('h3 a[href*="postID"], .messageHeader a[href*="postID"]'))
    url = f"{at.root}{THREAD.format(number)}"
    written: datetime | None = when.read(words(post.css_first(".messageHeader .containerContent p")))[0]
    return ThreadRow(number, url, words(links[-1]), written, last_page_url=at_post or url)
