"""Burning Board 1 and 2: posts, paging and listings, all of them tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.engines._burningboard import Board, Found, at_home, board
from collectors.engines._linked import attribute, digits
from collectors.engines._shown import Moment, above, lines, moment, page_links
from collectors.links import count, distinct, href, number, parameter, words
from collectors.phrases import quoted_by
from collectors.reading import Listing, Page, ThreadRow, refusal, seen
from collectors.text import Markup, html_text
from listener.errors import ParseError

SCRIPTS = "thread|board|index|main|search|print|addreply"
THREAD = "thread.php?threadid={}"
POST = "thread.php?postid={0}#post{0}"


def _quoted(quote: LexborNode) -> str | None:
    """The name in "Original von X", which these boards write into the quote."""
    said = re.match(r"\s*Original(?:ly)? (?:von|posted by)\s+(.{1,100})", words(quote.css_first("i")))
    return said[1].strip() if said else quoted_by("")


_LABEL = 'td > .smallfont > b:lexbor-contains("Zitat:")'
MARKUP = Markup(
    quotes=f"blockquote, table:has({_LABEL})",
    attributions="blockquote > span.smallfont:first-child, blockquote > font:first-child, "
    f'i:lexbor-contains("Original"), {_LABEL}',
    drop='table:has(a[href*="attachment.php"]), p:has(> a[href*="attachment.php"]), '
    'a[href*="attachment.php"], .tablecat, td > .smallfont:first-child > b:lexbor-contains("Code:")',
    author=_quoted,
    signature_lines=True,
)

_EDITED = re.compile(
    r"(?:<(?:p|br|span|font|div)\b[^<>]*>\s*)*(?:Dieser Beitrag wurde [^<>]{0,40}(?:editiert|bearbeitet)"
    r"|This post has been edited )"
)


def posts(tree: LexborHTMLParser) -> list[Found]:
    """The posts in the page's order: each is a table; its first row says who and what, its last when."""
    found: dict[str, Found] = {}
    for anchor in tree.css('a[name^="post"]'):
        name = digits(attribute(anchor, "name"), r"post(\d{1,15})")
        table = above(anchor, ("table",))
        if name and table is not None and name not in found:
            post = _found(name, table)
            if post is not None:
                found[name] = post
    return list(found.values())


def _found(name: str, table: LexborNode) -> Found | None:
    rows = [_cells(row) for row in _rows(table)]
    whole = next((cells for cells in rows if len(cells) > 1), None)
    if whole is None:
        return None
    text = re.split(r"<hr\b[^<>]*>", whole[1].html or "", maxsplit=1)[-1]
    edits = list(_EDITED.finditer(text))
    note = html_text(text[edits[-1].start() :]) if edits else ""
    return Found(
        name,
        author=words(whole[0].css_first("b")),
        date=next(
            (said for cells in reversed(rows) if cells and re.search(r"\d", said := words(cells[0]))), ""
        ),
        body=text[: edits[-1].start()] if edits else text,
        note=note.partition("\n")[0],
    )


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag == "tbody":
            yield from (row for row in child.iter() if row.tag == "tr")


def _cells(row: LexborNode) -> list[LexborNode]:
    return [cell for cell in row.iter() if cell.tag == "td"]


def moment_of(at: Board, dates: list[str]) -> Moment:
    """The zone as the page or its source states it; the board adds one offset to all instants."""
    return at_home(at, moment(at.page, (), dates, fixed=False))


def thread(at: Board) -> tuple[str, str]:
    """The thread's number and title."""
    said = digits(parameter(at.page.url, "threadid") or "")
    field = at.tree.css_first('input[name="threadid"]')
    links = at.tree.css('a[href*="print.php?"], a[href*="goto=lastpost"]') if not said else []
    found = [
        said,
        digits(attribute(field, "value")),
        *(str(number(href(link), "threadid") or "") for link in links),
    ]
    heading = at.tree.css_first("td.tablecat b, td#tablecat b")
    title = words(heading) or words(at.tree.css_first("title")).rpartition(" | ")[2]
    return next(filter(None, found), ""), title


def paging(at: Board, key: str, name: str) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address; `key` is threadid or boardid."""
    nodes = [node for node in at.tree.css('a[href*="page="], link[href*="page="]') if _is_of(node, key, name)]
    links = page_links((words(node), _page_url(at, key, name, node)) for node in nodes if node.tag == "a")
    rels = {attribute(node, "rel"): number(href(node), "page") or 1 for node in nodes if node.tag == "link"}
    current = number(at.page.url, "page") or (rels["prev"] + 1 if "prev" in rels else _missing(links))
    following = rels.get("next") or (current + 1 if current + 1 in links else None)
    next_url = f"{at.root}{_script(key)}?{key}={name}&page={following}" if following and name else None
    return current, max([current, rels.get("last", 1), following or 1, *links]), next_url


def _script(key: str) -> str:
    return "thread.php" if key == "threadid" else "board.php"


def _is_of(node: LexborNode, key: str, name: str) -> bool:
    link = href(node)
    return _script(key) in link and str(number(link, key) or "") == name


def _page_url(at: Board, key: str, name: str, node: LexborNode) -> str:
    return f"{at.root}{_script(key)}?{key}={name}&page={number(href(node), 'page') or 1}"


def _missing(links: dict[int, str]) -> int:
    """The page that the others' links leave out."""
    return min(set(range(1, len(links) + 2)) - set(links))


def listing(page: Page, engine: str) -> Listing:
    """The threads of a board, or of a search."""
    at = board(page, SCRIPTS)
    marks = at.tree.css('a[href^="javascript:who("]')
    boards = _boards(at)
    results = _results(at) if "search.php" in page.url and not marks else []
    if not marks and not results and posts(at.tree):
        raise ParseError("this is a thread, not a board", url=page.url)
    if not marks and not results and not boards and at.tree.css_first('input[name="boardid"]') is None:
        raise refusal(page, f"no threads on the board's page ({message(at.tree) or seen(page)})")
    found = [(mark, row) for mark in marks if (row := above(mark, ("tr",))) is not None]
    when = moment_of(at, [_last(row) for _, row in reversed(found)])
    rows = [_row(at, mark, row, when) for mark, row in found]
    unique = {row.id: row for row in reversed([*rows, *results]) if row is not None}
    here = digits(parameter(page.url, "boardid") or "")
    ordered = parameter(page.url, "sortfield") in (None, "lastposttime") and "search.php" not in page.url
    return Listing(
        tuple(reversed(unique.values())), paging(at, "boardid", here)[2], boards, engine, by_last_post=ordered
    )


def message(tree: LexborHTMLParser) -> str:
    """What an error page says: a table with hardly more than that."""
    cells = [words(cell) for cell in tree.css("td.tablea, td#tablea")]
    return max(cells, key=len, default="")[:120] if len(cells) < 6 else ""


def _boards(at: Board) -> tuple[str, ...]:
    """The boards of the list of boards: their titles are bold inside the link, those of a path around it."""
    cells = (above(title, ("td",)) for title in at.tree.css('a[href*="board.php?boardid="] > b'))
    links = (link for cell in cells if cell is not None for link in cell.css('a[href*="board.php?boardid="]'))
    here = number(at.page.url, "boardid")
    names = (name for link in links if (name := number(href(link), "boardid")) and name != here)
    return distinct(f"{at.root}board.php?boardid={name}" for name in names)


_PINNED = r"(?:wichtig|ankündigung|important|announcement|sticky)\b"


def _row(at: Board, mark: LexborNode, row: LexborNode, when: Moment) -> ThreadRow | None:
    name = digits(href(mark).replace(" ", ""), r"javascript:who\((\d{1,15})\)?;?")
    links = [
        link
        for link in row.css('a[href*="thread.php?"]')
        if words(link) and not parameter(href(link), "goto")
    ]
    titles = [link for link in links if number(href(link), "page") is None]
    if not name or not titles:
        return None
    before = words(above(titles[0], ("td",)))
    if re.match(r"(?:verschoben|moved)\b", before, re.I):
        return None
    url = f"{at.root}thread.php?threadid={name}"
    last = max((number(href(link), "page") or 1 for link in links), default=1)
    return ThreadRow(
        id=name,
        url=url,
        title=words(titles[0]),
        last_post_at=when.read(_last(row))[0],
        replies=count(words(mark)),
        sticky=bool(re.match(_PINNED, before, re.I)) and not re.match(_PINNED, words(titles[0]), re.I),
        last_page_url=f"{url}&page={last}" if last > 1 else url,
    )


def _last(row: LexborNode) -> str:
    """When the last post was written: the first line of the last cell."""
    cells = _cells(row)
    return next((line for line in lines(cells[-1]) if re.search(r"\d", line)), "") if cells else ""


def _results(at: Board) -> list[ThreadRow | None]:
    """Posts that a search found stand for their threads."""
    found: list[ThreadRow | None] = []
    for link in at.tree.css('b > a[href*="thread.php?threadid="]'):
        table = above(link, ("table",))
        name = number(href(link), "threadid")
        anchor = table.css_first('a[name^="post"]') if table is not None else None
        post = digits(attribute(anchor, "name"), r"post(\d{1,15})")
        if name and post:
            url = f"{at.root}thread.php?threadid={name}"
            found.append(
                ThreadRow(str(name), url, words(link), last_page_url=f"{at.root}thread.php?postid={post}")
            )
    return found
