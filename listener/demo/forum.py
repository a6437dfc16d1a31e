"""The demo's board: index, listings and threads with the markup that phpBB 3.3 (prosilver, German) serves."""

from __future__ import annotations

from html import escape

from listener.demo import bbcode
from listener.demo.answer import Answer, Asked, fill, page
from listener.demo.layout import View, full_date
from listener.demo.posts import Board, Said, Thread

POSTS_PER_PAGE, TOPICS_PER_PAGE = 10, 25
COOKIE = "phpbb3_werkbank_sid"


def respond(view: View, asked: Asked) -> Answer:
    """The page asked for below /forum/; who brings no cookie gets one, and links with a session id."""
    pages = {"": index, "index.php": index, "viewforum.php": listing, "viewtopic.php": topic}
    show = pages.get(asked.path.removeprefix("/forum/"))
    html = show(view, asked) if show else None
    status = 200 if html else 404
    cookie = {"Set_Cookie": f"{COOKIE}={view.sid}; path=/forum/; HttpOnly"} if view.sid else {}
    return page(html or missing(view), status, Cache_Control="private, no-cache=set-cookie", **cookie)


def missing(view: View) -> str:
    """What phpBB says where nothing is."""
    return view.page("viewtopic", "Information", fill("missing"))


def index(view: View, asked: Asked) -> str:
    """The boards of the only category."""
    category = view.forum.category
    content = fill(
        "index",
        now=full_date(view.now),
        link=view.link("viewforum", f=category.id),
        category=escape(category.name),
        rows="\n".join(_board_row(view, board) for board in view.forum.boards),
    )
    return view.page("index", "", content, address="index.php")


def _board_row(view: View, board: Board) -> str:
    threads = threads_of(view, board.id)
    thread = max(threads, key=lambda thread: thread.posts[-1].at)
    return fill(
        "board_row",
        link=view.link("viewforum", f=board.id),
        name=escape(board.name),
        about=escape(board.about),
        topics=len(threads),
        posts=sum(len(thread.posts) for thread in threads),
        last_link=view.post_link(thread.posts[-1].id),
        last_title=escape(thread.title),
        last=_last(view, thread.posts[-1]),
    )


def _last(view: View, post: Said) -> str:
    author, link = view.author(post.author, post.guest), view.post_link(post.id)
    return fill("last_post", author=author, link=link, stamp=view.stamp(post.at))


def listing(view: View, asked: Asked) -> str | None:
    """One page of a board: sticky threads first, then by last post."""
    board = next((board for board in view.forum.boards if board.id == asked.number("f")), None)
    if not board:
        return None
    threads = threads_of(view, board.id)
    here, pages = _place(asked.number("start"), len(threads), TOPICS_PER_PAGE)
    shown = threads[(here - 1) * TOPICS_PER_PAGE : here * TOPICS_PER_PAGE]
    content = fill(
        "listing",
        link=view.link("viewforum", f=board.id),
        name=escape(board.name),
        about=escape(board.about),
        numbers=_numbers(
            view, "viewforum", f"{len(threads)} Themen", here, pages, TOPICS_PER_PAGE, f=board.id
        ),
        rows="\n".join(_topic_row(view, thread, number) for number, thread in enumerate(shown)),
    )
    title = board.name if here == 1 else f"{board.name} - Seite {here}"
    start = f"&start={(here - 1) * TOPICS_PER_PAGE}" if here > 1 else ""
    return view.page("viewforum", title, content, board=board, address=f"viewforum.php?f={board.id}{start}")


def threads_of(view: View, board: int) -> list[Thread]:
    """The board's threads in the order of the listing."""
    threads = [thread for thread in view.forum.threads if thread.board == board]
    return sorted(threads, key=lambda t: (t.sticky, t.posts[-1].at), reverse=True)


def _topic_row(view: View, thread: Thread, number: int) -> str:
    first = thread.posts[0]
    return fill(
        "topic_row",
        style=f"bg{number % 2 + 1}{' sticky' if thread.sticky else ''}",
        kind="sticky_read" if thread.sticky else "topic_read",
        link=view.link("viewtopic", t=thread.id),
        title=escape(thread.title),
        author=view.author(first.author, first.guest),
        stamp=view.stamp(first.at),
        numbers=_row_pages(view, thread),
        replies=len(thread.posts) - 1,
        views=thread.views,
        last=_last(view, thread.posts[-1]),
    )


def _row_pages(view: View, thread: Thread) -> str:
    _, pages = _place(0, len(thread.posts), POSTS_PER_PAGE)
    if pages == 1:
        return ""
    links = (view.page_link("viewtopic", n, POSTS_PER_PAGE, t=thread.id) for n in range(1, pages + 1))
    rows = "".join(f'<li><a class="button" href="{link}">{n}</a></li>' for n, link in enumerate(links, 1))
    return f'<div class="pagination"><ul>{rows}</ul></div>'


def topic(view: View, asked: Asked) -> str | None:
    """One page of a thread, named by its number or by one of its posts."""
    found = _find(view, asked)
    if not found:
        return None
    thread, start = found
    here, pages = _place(start, len(thread.posts), POSTS_PER_PAGE)
    shown = thread.posts[(here - 1) * POSTS_PER_PAGE : here * POSTS_PER_PAGE]
    count = f"{len(thread.posts)} {'Beitrag' if len(thread.posts) == 1 else 'Beiträge'}"
    content = fill(
        "topic",
        link=view.page_link("viewtopic", here, POSTS_PER_PAGE, t=thread.id),
        title=escape(thread.title),
        numbers=_numbers(view, "viewtopic", count, here, pages, POSTS_PER_PAGE, t=thread.id),
        posts="\n".join(_post(view, thread, post, number) for number, post in enumerate(shown)),
    )
    title = thread.title if here == 1 else f"{thread.title} - Seite {here}"
    board = next(board for board in view.forum.boards if board.id == thread.board)
    start_at = f"&start={(here - 1) * POSTS_PER_PAGE}" if here > 1 else ""
    return view.page(
        "viewtopic", title, content, board=board, address=f"viewtopic.php?t={thread.id}{start_at}"
    )


def _find(view: View, asked: Asked) -> tuple[Thread, int] | None:
    """The thread asked for and the number of posts before the page."""
    for thread in view.forum.threads:
        places = [n for n, post in enumerate(thread.posts) if post.id == asked.query.get("p")]
        if places:
            return thread, places[0]
        if thread.id == asked.number("t", -1) and "p" not in asked.query:
            return thread, asked.number("start")
    return None


def _place(start: int, count: int, per_page: int) -> tuple[int, int]:
    """Page number and count of pages; beyond the end phpBB shows the last page, odd starts round down."""
    pages = max(1, -(-count // per_page))
    return min(start // per_page + 1, pages), pages


def _numbers(
    view: View, script: str, count: str, here: int, pages: int, per_page: int, **params: object
) -> str:
    single = " &bull; Seite <strong>1</strong> von <strong>1</strong>"
    numbers = view.numbers(script, here, pages, per_page, **params) if pages > 1 else single
    return f'<div class="pagination">{count} {numbers}</div>'


def _post(view: View, thread: Thread, post: Said, number: int) -> str:
    opening = post is thread.posts[0]
    return fill(
        "post",
        id=post.id,
        style=f"{'' if post.guest else 'has-profile '}bg{number % 2 + 1}",
        author=view.author(post.author, post.guest),
        profile=_profile(view, post),
        first=' class="first"' if number == 0 else "",
        link=view.post_link(post.id),
        subject=escape(thread.title if opening else f"Re: {thread.title}"),
        quote_link=view.link("posting", mode="quote", p=post.id),
        stamp=view.stamp(post.at),
        body=bbcode.to_html(post.text, lambda name, quoted: _cite(view, thread, post, name, quoted)),
        notice=_notice(view, post),
        signature=_signature(view, post),
    )


def _profile(view: View, post: Said) -> str:
    if post.guest:
        return ""
    posts = sum(said.author == post.author for thread in view.forum.threads for said in thread.posts)
    return f'<dd class="profile-posts"><strong>Beiträge:</strong> {posts}</dd>'


def _cite(view: View, thread: Thread, post: Said, name: str, quoted: str) -> str:
    """The attribution of a quote; it links to the quoted post where that is in the thread."""
    sources = [said for said in thread.posts if said.author == name and quoted in said.text]
    if not sources or sources[0] is post:
        return f"{escape(name)} hat geschrieben:"
    source = sources[0]
    link, date = view.post_link(source.id), view.words(source.at)
    return fill("cite", author=view.author(name), link=link, id=source.id, date=date)


def _notice(view: View, post: Said) -> str:
    if not post.edited_at:
        return ""
    reason = f"<br><strong>Grund:</strong> <em>{escape(post.reason)}</em>" if post.reason else ""
    author, date = view.author(post.author, post.guest), full_date(post.edited_at)
    return fill("notice", author=author, date=date, edits=post.edits, reason=reason)


def _signature(view: View, post: Said) -> str:
    text = "" if post.guest else view.forum.member(post.author).signature
    html = bbcode.to_html(text, lambda name, _: escape(name))
    return f'<div id="sig{post.id}" class="signature">{html}</div>' if text else ""
