"""FluxBB 1.4 and 1.5, PunBB 1.2 (the same blocks) and PunBB 1.3, 1.4 (blocks of its own)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines._shown import Moment, above, classes, current, digits, moment, page_links, same_host
from collectors.links import clean, count, distinct, href, number, words
from collectors.reading import Listing, Page, ThreadRow, Topic, html, refusal, seen
from collectors.text import Markup, own_words
from listener.errors import ParseError
from listener.model import Post

NAME = "fluxbb"
_MARKUP = Markup(
    quotes=".quotebox, blockquote",
    attributions=".quotebox > cite, blockquote h4, .quotebox > h4",
    drop=".codebox h4, .postedit, .lastedit, .sig-content, .postsignature, .attachments, .attach-item",
)
_PAGES = (
    "#punviewtopic, #punviewforum, #punindex, #punsearch, #brd-viewtopic, #brd-viewforum, #brd-index, "
    '#brd-searchtopics, #brd-searchposts, .pun .blockpost, div.blockpost[id^="p"] .postmsg'
)


def recognise(page: Page) -> bool:
    """Both programs name each page's outermost block."""
    body = page.body
    if b"blockpost" not in body and b'"pun' not in body and b'"brd-' not in body and b"='pun" not in body:
        return False
    return html(page).css_first(_PAGES) is not None


@dataclass
class _Found:
    """A post as it stands in the page."""

    id: str
    author: str = ""
    date: str = ""
    body: LexborNode | None = None
    note: str = ""


def topic(page: Page) -> Topic:
    """The posts of a viewtopic page."""
    tree = html(page)
    found = _posts(tree)
    if not found and tree.css_first("td.tcl, .main-item .item-subject") is not None:
        raise ParseError("this is a board, not a thread", url=page.url)
    if not found:
        raise refusal(page, f"no posts on this FluxBB page ({_message(tree) or seen(page)})")
    root, (thread_id, title) = _root(page, tree), _thread(page, tree)
    url = f"{root}viewtopic.php?id={thread_id}" if root and thread_id else clean(page.url)
    when = moment(page, (), [text for post in found for text in (post.date, post.note) if text], fixed=True)
    posts = tuple(_post(page, post, when, (root, thread_id, url, title)) for post in found)
    number_, pages, next_url = _paging(page, tree)
    return Topic(posts, thread_id or url, url, title, number_, pages, next_url, NAME)


# Everything a post is made of, in the page's order; the container comes first.
_PARTS = (
    '.blockpost[id^="p"], .blockpost h2 a, .blockpost .postleft dt, .blockpost .postmsg, .postedit, '
    '.post[id^="p"], .posthead[id^="p"], .posthead .post-byline, .posthead .permalink, '
    ".post-author .username, .post .entry-content, .lastedit"
)


def _posts(tree: LexborHTMLParser) -> list[_Found]:
    """The posts in the page's order; containers without a number (previews, results) are none."""
    found: dict[str, _Found] = {}
    post: _Found | None = None
    for node in tree.css(_PARTS):
        kinds = classes(node)
        if kinds & {"blockpost", "post", "posthead"} and node.attributes.get("id"):
            key = re.fullmatch(r"p(?:ost)?([1-9]\d{0,14})", node.attributes["id"] or "")
            post = found.setdefault(key[1], _Found(key[1])) if key else None
        elif post is not None:
            _take(post, node, kinds)
    return [post for post in found.values() if post.body is not None]


def _take(post: _Found, node: LexborNode, kinds: set[str]) -> None:
    """One more part of a post; of each the first counts."""
    if kinds & {"postedit", "lastedit"}:
        post.note = words(node) if node.tag == "p" else post.note
    elif kinds & {"postmsg", "entry-content"}:
        post.body = node if post.body is None and "postsignature" not in kinds else post.body
    elif node.tag == "dt" or "username" in kinds:
        post.author = words(node) or post.author
    elif "post-byline" in kinds:
        post.author = post.author or words(node.css_first("strong, a, em"))
    elif post.body is None and digits(words(node)) >= 3:
        post.date = post.date or words(node)


def _post(page: Page, found: _Found, when: Moment, thread: tuple[str, str, str, str]) -> Post:
    root, thread_id, url, title = thread
    at, precision = when.read(found.date)
    if at is None or found.body is None:
        raise ParseError(f"post {found.id}: date not understood {found.date[:40]!r}", url=page.url)
    text, quotes = own_words(found.body, _MARKUP)
    note = re.search(r"\(([^()]*\d[^()]*)\)\W*$", found.note)
    return Post(
        id=found.id,
        url=f"{root}viewtopic.php?pid={found.id}#p{found.id}" if root else f"{url}#p{found.id}",
        text=text,
        author=found.author or None,
        published_at=at,
        date_precision=precision,
        edited_at=when.read(note[1])[0] if note else None,
        title=title,
        thread_id=thread_id or url,
        thread_url=url,
        quotes=quotes,
    )


def _root(page: Page, tree: LexborHTMLParser) -> str:
    """Where the board's scripts lie; "" where it hides them."""
    own = _root_of(page.url, page.url)
    links = tree.css('a[href*="viewtopic.php"], a[href*="viewforum.php"]') if not own else ()
    return own or next(filter(None, (_root_of(href(link), page.url) for link in links)), "")


def _root_of(link: str, url: str) -> str:
    found = re.match(r"(https?://[^?#]*/)(?:viewtopic|viewforum|index|search)\.php", clean(link, url))
    return found[1] if found and same_host(found[1], url) else ""


_ADDRESS = re.compile(r"(?:^|/)(?:viewtopic|topic)[-/]?(\d{1,12})(?:[-/.]|$)")


def _topic_id(link: str) -> str:
    """The topic's number in an address, rewritten ones included."""
    found = number(link, "id") if "viewtopic.php" in link else None
    named = _ADDRESS.search(link)
    return str(found) if found is not None else named[1] if named else ""


def _thread(page: Page, tree: LexborHTMLParser) -> tuple[str, str]:
    """The topic's number and title, from its own address or links that belong to it."""
    number_ = _topic_id(page.url)
    if not number_:
        marks = 'link[rel="canonical"], .crumbs a[href*="topic"], .pagelink a, .paging a, a[href*="tid="]'
        links = [href(node) for node in tree.css(marks)]
        tids = (str(tid) for link in links if (tid := number(link, "tid")) is not None)
        number_ = next(filter(None, map(_topic_id, links)), "") or next(tids, "")
    return number_, _title(tree)


def _title(tree: LexborHTMLParser) -> str:
    """The topic's title: PunBB's heading, else where the breadcrumbs end, else above the first post."""
    heading = words(tree.css_first(".main-title a"))
    crumbs = tree.css(".crumbs li, .linkst li") if not heading else []
    last = words(crumbs[-1]).lstrip("»> \xa0") if crumbs else ""
    return heading or last or words(tree.css_first(".blockpost h3")) or words(tree.css_first("title"))


def _paging(page: Page, tree: LexborHTMLParser) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address."""
    block = tree.css_first(".pagelink, .paging")
    if block is None:
        return 1, 1, None
    here = current(map(words, block.css("strong")))
    pages = page_links((words(link), href(link)) for link in block.css("a[href]"))
    following = pages.get(here + 1) or href(block.css_first("a[rel=next]"))
    return here, max([here, *pages]), clean(following, page.url) or None if following else None


def _message(tree: LexborHTMLParser) -> str:
    """What an error page says."""
    return words(tree.css_first("#msg .inbox, .brd.main-message, #brd-main .main-content p"))[:120]


def listing(page: Page) -> Listing:
    """The topics of a board or of a search; rows of topics that moved on are left out."""
    tree = html(page)
    rows = tree.css(".blocktable tbody tr, .main-item")
    boards = _boards(page, tree)
    links = [(row, link) for row in rows if (link := _subject(row)) is not None]
    if not links and _posts(tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not links and (results := tree.css('.blockpost h2 a[href*="pid="], .searchposts a[href*="pid="]')):
        return _of_posts(page, tree, results)
    if not links and not boards and tree.css_first("#punviewforum #vf, #brd-viewforum") is None:
        raise refusal(page, f"no topics on the board's page ({_message(tree) or seen(page)})")
    found = [(row, link) for row, link in links if not _marked(row, "moved")]
    lasts = [_last(row) for row, _ in found]
    when = moment(page, (), [words(last) for last in reversed(lasts) if last is not None], fixed=True)
    root = _root(page, tree)
    threads = (_row(page, root, r, link, last, when) for (r, link), last in zip(found, lasts, strict=True))
    unique = {thread.id: thread for thread in threads}
    by_last_post = "search" not in page.url or "show_recent" in page.url or "show_24h" in page.url
    return Listing(tuple(unique.values()), _paging(page, tree)[2], boards, NAME, by_last_post=by_last_post)


def _subject(row: LexborNode) -> LexborNode | None:
    """The link to a row's topic: the first that leads to one (not to its new posts)."""
    links = row.css(".tcl a[href], .item-subject a[href]")
    return next((link for link in links if _topic_id(href(link)) and "action=" not in href(link)), None)


def _boards(page: Page, tree: LexborHTMLParser) -> tuple[str, ...]:
    links = tree.css(".tclcon h3 a[href], .item-subject h3 a[href], .tcl .subforums a[href]")
    found = (clean(href(link), page.url) for link in links if re.search(r"/?(?:view)?forum", href(link)))
    return tuple(
        address for address in distinct(found) if "viewtopic" not in address and "/topic" not in address
    )


def _marked(row: LexborNode, what: str) -> bool:
    """Whether a row's class says so, or a label (1.2: in the reader's language, as a class)."""
    own = " ".join(classes(row))
    return (
        what in own
        or row.css_first(f".{what}text, .icon.i{what}, td.i{what}, .item-status .{what}") is not None
    )


def _last(row: LexborNode) -> LexborNode | None:
    """The link to a topic's last post: its text is the instant."""
    return row.css_first(".tcr a[href], .info-lastpost a[href]")


def _row(
    page: Page, root: str, row: LexborNode, link: LexborNode, last: LexborNode | None, when: Moment
) -> ThreadRow:
    thread_id = _topic_id(href(link))
    url = f"{root}viewtopic.php?id={thread_id}" if root else clean(href(link), page.url)
    pages = page_links((words(a), href(a)) for a in row.css(".tcl a[href], .item-subject a[href]"))
    replies = row.css_first(".tc2, .info-replies")
    return ThreadRow(
        id=thread_id,
        url=url,
        title=words(link),
        last_post_at=when.read(words(last))[0] if last is not None else None,
        replies=count(words(replies)) if replies is not None else None,
        sticky=_marked(row, "sticky"),
        last_page_url=clean(pages[max(pages)], page.url) if pages else url,
    )


def _of_posts(page: Page, tree: LexborHTMLParser, links: Sequence[LexborNode]) -> Listing:
    """What a search for posts found, as rows of their threads."""
    when = moment(page, (), map(words, reversed(links)), fixed=True)
    root = _root(page, tree)
    threads: dict[str, ThreadRow] = {}
    for link in links:
        heading = above(link, ("h2", "h3", "p"))
        topics = heading.css("a[href]") if heading is not None else []
        subject = next((topic for topic in topics if _topic_id(href(topic))), None)
        if subject is not None:
            post = clean(href(link), page.url)
            row = _row(page, root, heading or link, subject, link, when)
            threads.setdefault(row.id, replace(row, last_page_url=post))
    return Listing(tuple(threads.values()), _paging(page, tree)[2], (), NAME, by_last_post=False)


def version(page: Page) -> str:
    """Which of the programs, as far as the page tells; most owners hide the number."""
    said = re.search(rb"(?:FluxBB|PunBB)(?:</\w+>)?\s*(\d\.\d+(?:\.\d+)?)", page.body)
    if said:
        return said[1].decode()
    tree = html(page)
    if tree.css_first(".brd") is not None:
        return "PunBB 1.3 or later"
    return "1.4 or later" if tree.css_first("#brdmain") is not None else "PunBB 1.2"
