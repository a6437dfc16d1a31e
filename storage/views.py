"""The three views: the promise to analysts (docs/store.md). Columns may be added, never renamed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Double, Integer, MetaData, Table, Text

from storage.columns import Instant

metadata = MetaData()

mentions = Table(
    "mentions",
    metadata,
    Column("mention_id", Integer),
    Column("post_id", Integer),
    Column("product", Text),
    Column("brand", Text),
    Column("competitor", Boolean),
    Column("source", Text),
    Column("kind", Text),
    Column("url", Text),
    Column("thread_url", Text),
    Column("thread_title", Text),
    Column("author", Text),
    Column("published_at", Instant),
    Column("day", Date),
    Column("collected_at", Instant),
    Column("language", Text),
    Column("text", Text),
    Column("matched_in", Text),
    Column("matched_text", Text),
    Column("label", Text),
    Column("score", Double),
    Column("p_negative", Double),
    Column("p_neutral", Double),
    Column("p_positive", Double),
    Column("model", Text),
    Column("query_version", Integer),
    Column("corrected", Boolean),
    Column("duplicate_of", Integer),
    Column("flag", Text),
    Column("edited_at", Instant),
    Column("deleted_at", Instant),
    Column("erased", Boolean),
    Column("votes", Integer),
    Column("replies", Integer),
    Column("facts", Text),
)

daily = Table(
    "daily",
    metadata,
    Column("product", Text),
    Column("day", Date),
    Column("channel", Text),
    Column("language", Text),
    Column("mentions", Integer),
    Column("stories", Integer),
    Column("threads", Integer),
    Column("authors", Integer),
    Column("negative", Integer),
    Column("neutral", Integer),
    Column("positive", Integer),
    Column("score", Double),
    Column("score_low", Double),
    Column("score_high", Double),
    Column("share_negative", Double),
    Column("share_negative_low", Double),
    Column("share_negative_high", Double),
    Column("coverage", Double),
    Column("final", Boolean),
)

coverage = Table(
    "coverage",
    metadata,
    Column("source", Text),
    Column("day", Date),
    Column("planned", Integer),
    Column("succeeded", Integer),
    Column("coverage", Double),
    Column("last_error", Text),
    Column("notice", Text),
)

VIEWS = {"mentions": mentions, "daily": daily, "coverage": coverage}
ORDER = {
    "mentions": ("mention_id",),
    "daily": ("product", "day", "channel", "language"),
    "coverage": ("source", "day"),
}
