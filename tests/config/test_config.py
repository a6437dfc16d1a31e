"""The configuration file: what is accepted, and every fault with its line and what to write."""

from __future__ import annotations

import contextlib
import textwrap
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Config, load
from listener.config.document import Document
from listener.errors import ConfigError

GOOD = """\
store: sqlite:///listener.db
timezone: Europe/Berlin
contact: listening@example.com
brands:
  - name: Akkufix
    products: [{name: Akkufix 3000, query: akkufix}]
sources:
  - {name: blog, kind: feed, url: "https://blog.example/feed"}
"""


def option_types(kind: str) -> dict[str, tuple[object, bool]]:
    if kind == "feed":
        return {"url": (str, True)}
    if kind == "forum":
        return {"url": (str, True), "backfill": (timedelta, False)}
    if kind == "reddit":
        return {"subreddits": (tuple[str, ...], False)}
    raise ConfigError(f"unknown kind `{kind}`; write `forum`")


def check_query(text: str) -> None:
    if "(" in text and ")" not in text:
        raise ConfigError(f"column {text.index('(') + 1}: `)` expected")


def read(tmp_path: Path, text: str, **environ: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return load(path, environ, check_query=check_query, option_types=option_types)


def faults(tmp_path: Path, text: str, **environ: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, **environ)
    assert str(caught.value).startswith(str(tmp_path / "config.yaml"))
    return [(problem.line, problem.what, problem.write) for problem in caught.value.problems]


def test_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, GOOD)
    assert config.store == f"sqlite:///{tmp_path / 'listener.db'}"
    assert (config.language, config.digests, config.mail) == ("de", (), None)
    assert (config.keep_posts, config.keep_mentions) == (timedelta(days=90), timedelta(days=1095))
    assert config.pseudonyms
    (source,) = config.sources
    assert (source.every, source.delay, source.allow_private) == (
        timedelta(minutes=30),
        timedelta(seconds=2),
        False,
    )
    assert source.options == {"url": "https://blog.example/feed"}


def test_the_template_is_accepted_and_is_the_config_of_the_checkout(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    template = (root / "listener" / "template.yaml").read_text("utf-8")
    assert (root / "config.yaml").read_text("utf-8") == template
    config = read(tmp_path, template)
    assert [product.name for product in config.products] == ["Akkufix 3000", "Bohrwerk B2"]
    assert config.products[1].competitor


def test_the_contract_of_the_design(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        GOOD.replace("sqlite:///listener.db", "postgresql://user@host/db")
        + """\
digest: {to: [team@example.com], at: 07:30, every: [day, week]}
mail: {host: mail.example, port: 587, from: listener@example.com, user: u, password: "${PASSWORD}"}
retention: {posts: 30d, mentions: 1y}
privacy: {authors: plain}
""",
        PASSWORD="p-w",
    )
    assert config.store == "postgresql+psycopg://user@host/db"
    assert [(plan.name, plan.every, plan.at) for plan in config.digests] == [
        ("day", "day", time(7, 30)),
        ("week", "week", time(7, 30)),
    ]
    assert config.mail is not None
    assert (config.mail.password, config.mail.security) == ("p-w", "starttls")
    assert not config.pseudonyms


@pytest.mark.parametrize(
    ("host", "port", "security"),
    [("localhost", 25, "none"), ("mail.example", 25, "starttls"), ("mail.example", 465, "tls")],
)
def test_mail_is_encrypted_unless_it_stays_on_this_machine(
    tmp_path: Path, host: str, port: int, security: str
) -> None:
    mail = f"mail: {{host: {host}, port: {port}, from: listener@example.com}}\n"
    config = read(tmp_path, GOOD + mail)
    assert config.mail is not None
    assert config.mail.security == security


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """\
        store: mysql://x
        timezone: Europe/Berln
        langage: de
        contact: nobody
        brands:
          - name: A
            products:
              - {name: P, qurey: x}
          - name: a
            competitor: maybe
            products: [{name: Q, query: "(x"}]
        sources:
          - {name: f, kind: forum, urll: x, every: 30}
          - {name: F, kind: fourm, url: x}
          - {name: g, kind: feed, url: 3}
        digest: {to: [], at: 25:00, every: [day, year]}
        mail: {host: x, port: "25", password: "${NOPE}"}
        mail: {}
        """,
    )
    said = [(line, f"{what}; {write}") for line, what, write in found]
    for line, part in [
        (1, "`mysql://x` is no store; write `store: sqlite:///listener.db`"),
        (2, "`Europe/Berln` is no time zone; write `timezone: Europe/Berlin`"),
        (3, "unknown key `langage`; write `language`"),
        (4, "`nobody` is no mail address; write `contact: listening@example.com`"),
        (8, "unknown key `qurey`; write `query`"),
        (8, "`query` is missing in `products`"),
        (9, "there is a second brand `a` (line 6)"),
        (10, "competitor: true or false is wanted here, not `maybe`"),
        (11, "the query of `Q`: column 1: `)` expected"),
        (13, "every: `30` is no length of time; write `every: 30m`"),
        (13, "kind `forum` has no option `urll`; write `url`"),
        (13, "source `f` of kind `forum` needs `url`"),
        (14, "there is a second source `F` (line 13)"),
        (14, "unknown kind `fourm`; write `forum`"),
        (15, "url: text is wanted here, not `3`"),
        (16, "to: the list is empty"),
        (16, "at: `25:00` is no time of day"),
        (16, "not `year`; write `every: day`"),
        (17, "port: a whole number is wanted here"),
        (17, "`from` is missing in `mail`"),
        (17, "the environment has no variable NOPE"),
        (18, "`mail` stands here twice"),
    ]:
        assert any(line == at and part in text for at, text in said), (line, part, said)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_a_secret_of_the_wrong_type_is_not_shown(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD + "mail: {host: h, from: a@b.example, password: 123456789}\n")
    assert "123456789" not in str(found)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: [1, 2\n", 2, "this is no YAML"),
        ("a: b: c\n", 1, "this is no YAML"),
        ("- a\n- b\n", 1, "the file is no mapping"),
        ("a: &x {b: 1}\nc: *x\n", 1, "aliases"),
        ("a: b\n\x00", 2, "the character U+0000 may not stand here"),
        ("[a, b]: c\n", 1, "a key here is a list"),
        ("a: " + "[" * 1000, 0, "this is no YAML"),
    ],
)
def test_what_is_no_configuration(tmp_path: Path, text: str, line: int, part: str) -> None:
    found = faults(tmp_path, text)
    assert any(part in what and (at == line or not line) for at, what, _ in found), found


@pytest.mark.parametrize(
    "url",
    ["blog.example", "ftp://a.example/x", "http://[::1/x", "https://", "https://a b/", "https://a:99999/"],
)
def test_an_address_that_cannot_be_asked_is_named_with_its_line(tmp_path: Path, url: str) -> None:
    found = faults(tmp_path, GOOD + f'  - {{name: g, kind: feed, url: "{url}"}}\n')
    assert found == [
        (GOOD.count("\n") + 1, f"url: `{url}` is no web address",
         'write `url: "https://forum.example/viewforum.php?f=3"`')
    ]  # fmt: skip


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file; write one with `listener init`"):
        load(tmp_path / "none.yaml", {}, check_query=check_query, option_types=option_types)
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00store")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "config.yaml", {}, check_query=check_query, option_types=option_types)


def test_one_subreddit_needs_no_brackets(tmp_path: Path) -> None:
    config = read(tmp_path, GOOD + "  - {name: r, kind: reddit, subreddits: heimwerker}\n")
    assert config.sources[1].options == {"subreddits": ("heimwerker",)}


def test_words_that_old_yaml_turns_into_something_else_stay_text() -> None:
    document = Document("a: no\nb: 17:30\nc: 2026-01-01\nd: true\ne: 3\nf:\n", {})
    assert document.data == {"a": "no", "b": "17:30", "c": "2026-01-01", "d": True, "e": 3, "f": None}


@given(st.text(max_size=200))
def test_any_text_gives_a_configuration_error_or_a_document(text: str) -> None:
    with contextlib.suppress(ConfigError):
        Document(text, {})
