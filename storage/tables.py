"""The tables (docs/store.md); analysts read the views, these may change with any migration."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from storage.columns import Instant, Json, Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

source = Table(
    "source",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("fingerprint", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("due_at", Instant),
    Column("state", Json, nullable=False, server_default="{}"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("covered_since", Instant),
    Column("ended_at", Instant),
)

fetch = Table(
    "fetch",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("error_kind", Text),
    Column("error", Text),
    Column("covered_from", Instant),
    Column("requests", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("notice", Text),
    Index(None, "source_id", "started_at"),
    Index(None, "started_at"),
)

thread = Table(
    "thread",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    UniqueConstraint("source_id", "external_id"),
)

post = Table(
    "post",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("thread_id", ForeignKey("thread.id", ondelete="SET NULL"), index=True),
    Column("url", Text, nullable=False),
    Column("url_key", BigInteger, index=True),
    Column("author", Text),
    Column("published_at", Instant),
    Column("date_precision", Text, nullable=False),
    Column("day", Date),
    Column("edited_at", Instant),
    Column("deleted_at", Instant),
    Column("missing_since", Instant),
    Column("collected_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("quotes", Json, nullable=False),
    Column("language", Text),
    Column("content_hash", Text, nullable=False),
    Column("copy_key", BigInteger),
    Column("duplicate_of", ForeignKey("post.id", ondelete="SET NULL")),
    Column("flag", Text),
    Column("erased", Boolean, nullable=False, server_default=false()),
    Column("votes", Integer),
    Column("replies", Integer),
    Column("facts", Json, nullable=False, server_default="{}"),
    UniqueConstraint("source_id", "external_id"),
)
_copies, _duplicates = text("copy_key IS NOT NULL"), text("duplicate_of IS NOT NULL")
Index(None, post.c.copy_key, sqlite_where=_copies, postgresql_where=_copies)
Index(None, post.c.duplicate_of, sqlite_where=_duplicates, postgresql_where=_duplicates)

revision = Table(
    "revision",
    metadata,
    Column("id", Key, primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("replaced_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("quotes", Json, nullable=False),
    Column("content_hash", Text, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("external_key", BigInteger, primary_key=True, autoincrement=False),
)

brand = Table(
    "brand",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("competitor", Boolean, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
)

product = Table(
    "product",
    metadata,
    Column("id", Key, primary_key=True),
    Column("brand_id", ForeignKey("brand.id"), nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("competitor", Boolean, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("matched_version", Integer, nullable=False, server_default="0"),
    Column("held_version", Integer, nullable=False, server_default="0"),
    Column("held_post", BigInteger, nullable=False, server_default="0"),
)

query = Table(
    "query",
    metadata,
    Column("id", Key, primary_key=True),
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("product_id", "version"),
)

model = Table(
    "model",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("first_used_at", Instant, nullable=False),
)

mention = Table(
    "mention",
    metadata,
    Column("id", Key, primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
    Column("product_id", ForeignKey("product.id"), nullable=False),
    Column("query_id", ForeignKey("query.id"), nullable=False),
    Column("day", Date),
    Column("place", Text, nullable=False),
    Column("spans", Json, nullable=False),
    Column("matched_text", Text),
    Column("found_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("model_id", ForeignKey("model.id")),
    Column("erased", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("post_id", "product_id"),
    Index(None, "product_id", "day"),
)
_live = text("withdrawn_at IS NULL")
Index(None, mention.c.model_id, mention.c.day, sqlite_where=_live, postgresql_where=_live)

sentiment = Table(
    "sentiment",
    metadata,
    Column("mention_id", ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", ForeignKey("model.id"), primary_key=True),
    Column("p_negative", Double, nullable=False),
    Column("p_neutral", Double, nullable=False),
    Column("p_positive", Double, nullable=False),
    Column("score_micro", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("scored_at", Instant, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("product.id"), primary_key=True),
    Column("label", Text, nullable=False),
    Column("corrected_at", Instant, nullable=False),
)

touched = Table(
    "touched",
    metadata,
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("mark", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
)
_pending = text("mark > done")
Index("ix_touched_pending", touched.c.day, sqlite_where=_pending, postgresql_where=_pending)

series = Table(
    "series",
    metadata,
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    *(
        Column(name, Integer)
        for name in ("mentions", "stories", "threads", "authors", "negative", "neutral", "positive")
    ),
    *(
        Column(name, Double)
        for name in (
            "score",
            "score_low",
            "score_high",
            "share_negative",
            "share_negative_low",
            "share_negative_high",
            "coverage",
        )
    ),
    Column("final", Boolean, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

Index(
    "ix_series_open",
    series.c.day,
    sqlite_where=text("final IS 0"),
    postgresql_where=text("final IS false"),
)

coverage_day = Table(
    "coverage_day",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("planned", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("coverage", Double, nullable=False),
    Column("last_error", Text),
    Column("notice", Text),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("status", String(8), nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("error", Text),
    Column("permanent", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("digest", "day", "recipient"),
)

digest = Table(
    "digest",
    metadata,
    Column("name", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("finished_at", Instant),
    Column("code", Integer),
    Column("text", Text),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
