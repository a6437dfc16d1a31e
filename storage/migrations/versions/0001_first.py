"""The first schema and the three views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Json, Key

revision = "0001"
down_revision = None

VIEWS = """
CREATE VIEW mentions AS
SELECT mention.id AS mention_id, mention.post_id AS post_id, product.name AS product,
    brand.name AS brand, product.competitor AS competitor, source.name AS source, source.kind AS kind,
    post.url AS url, coalesce(thread.url, post.url) AS thread_url,
    coalesce(nullif(post.title, ''), thread.title, '') AS thread_title,
    post.author AS author, post.published_at AS published_at, mention.day AS day,
    post.collected_at AS collected_at, coalesce(post.language, 'und') AS language, post.text AS text,
    mention.place AS matched_in, mention.matched_text AS matched_text,
    coalesce(correction.label, sentiment.label) AS label,
    sentiment.p_positive - sentiment.p_negative AS score,
    sentiment.p_negative AS p_negative, sentiment.p_neutral AS p_neutral,
    sentiment.p_positive AS p_positive, model.name AS model, query.version AS query_version,
    correction.label IS NOT NULL AS corrected, post.duplicate_of AS duplicate_of, post.flag AS flag,
    post.edited_at AS edited_at, post.deleted_at AS deleted_at
FROM mention
JOIN product ON product.id = mention.product_id
JOIN brand ON brand.id = product.brand_id
JOIN query ON query.id = mention.query_id
JOIN post ON post.id = mention.post_id
JOIN source ON source.id = post.source_id
LEFT JOIN thread ON thread.id = post.thread_id
LEFT JOIN sentiment
    ON sentiment.mention_id = mention.id AND sentiment.model_id = mention.model_id
LEFT JOIN model ON model.id = sentiment.model_id
LEFT JOIN correction
    ON correction.post_id = mention.post_id AND correction.product_id = mention.product_id
WHERE mention.withdrawn_at IS NULL
;
CREATE VIEW daily AS
SELECT product.name AS product, series.day AS day, series.channel AS channel,
    series.language AS language, series.mentions AS mentions, series.stories AS stories,
    series.threads AS threads, series.authors AS authors, series.negative AS negative,
    series.neutral AS neutral, series.positive AS positive, series.score AS score,
    series.score_low AS score_low, series.score_high AS score_high,
    series.share_negative AS share_negative, series.share_negative_low AS share_negative_low,
    series.share_negative_high AS share_negative_high, series.coverage AS coverage,
    series.final AS final
FROM series
JOIN product ON product.id = series.product_id
;
CREATE VIEW coverage AS
SELECT source.name AS source, coverage_day.day AS day, coverage_day.planned AS planned,
    coverage_day.succeeded AS succeeded, coverage_day.coverage AS coverage,
    coverage_day.last_error AS last_error
FROM coverage_day
JOIN source ON source.id = coverage_day.source_id
"""


def upgrade() -> None:
    """Tables, indexes, views."""
    op.create_table(
        "brand",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("competitor", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("name", name=op.f("uq_brand_name")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("permanent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("digest", "day", "recipient", name=op.f("uq_delivery_digest_day_recipient")),
    )
    op.create_table(
        "digest",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_digest")),
    )
    op.create_table(
        "model",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_used_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("name", name=op.f("uq_model_name")),
    )
    op.create_table(
        "run",
        sa.Column("id", Key, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "source",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("state", Json(), server_default="{}", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("covered_since", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "coverage_day",
        sa.Column("source_id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_coverage_day_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_coverage_day")),
    )
    op.create_table(
        "fetch",
        sa.Column("id", Key, nullable=False),
        sa.Column("source_id", Key, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("error_kind", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("covered_from", Instant(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_fetch_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch")),
    )
    op.create_index(op.f("ix_fetch_source_id_started_at"), "fetch", ["source_id", "started_at"], unique=False)
    op.create_index(op.f("ix_fetch_started_at"), "fetch", ["started_at"], unique=False)
    op.create_table(
        "forgotten",
        sa.Column("source_id", Key, nullable=False),
        sa.Column("external_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_forgotten_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "external_key", name=op.f("pk_forgotten")),
    )
    op.create_table(
        "product",
        sa.Column("id", Key, nullable=False),
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("competitor", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("matched_version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_product_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("name", name=op.f("uq_product_name")),
    )
    op.create_table(
        "thread",
        sa.Column("id", Key, nullable=False),
        sa.Column("source_id", Key, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_thread_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_thread_source_id_external_id")),
    )
    op.create_table(
        "post",
        sa.Column("id", Key, nullable=False),
        sa.Column("source_id", Key, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("thread_id", Key, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("date_precision", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("collected_at", Instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quotes", Json(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("copy_key", sa.BigInteger(), nullable=True),
        sa.Column("duplicate_of", Key, nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["post.id"], name=op.f("fk_post_duplicate_of"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_post_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_post_source_id_external_id")),
    )
    op.create_index(
        op.f("ix_post_copy_key"),
        "post",
        ["copy_key"],
        unique=False,
        sqlite_where=sa.text("copy_key IS NOT NULL"),
        postgresql_where=sa.text("copy_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_post_duplicate_of"),
        "post",
        ["duplicate_of"],
        unique=False,
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_index(op.f("ix_post_thread_id"), "post", ["thread_id"], unique=False)
    op.create_index(op.f("ix_post_url_key"), "post", ["url_key"], unique=False)
    op.create_table(
        "query",
        sa.Column("id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_query_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
        sa.UniqueConstraint("product_id", "version", name=op.f("uq_query_product_id_version")),
    )
    op.create_table(
        "series",
        sa.Column("product_id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=True),
        sa.Column("stories", sa.Integer(), nullable=True),
        sa.Column("threads", sa.Integer(), nullable=True),
        sa.Column("authors", sa.Integer(), nullable=True),
        sa.Column("negative", sa.Integer(), nullable=True),
        sa.Column("neutral", sa.Integer(), nullable=True),
        sa.Column("positive", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("score_low", sa.Double(), nullable=True),
        sa.Column("score_high", sa.Double(), nullable=True),
        sa.Column("share_negative", sa.Double(), nullable=True),
        sa.Column("share_negative_low", sa.Double(), nullable=True),
        sa.Column("share_negative_high", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_series_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "day", "channel", "language", name=op.f("pk_series")),
    )
    op.create_index(
        "ix_series_open",
        "series",
        ["day"],
        unique=False,
        sqlite_where=sa.text("final IS 0"),
        postgresql_where=sa.text("final IS false"),
    )
    op.create_table(
        "touched",
        sa.Column("product_id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_touched_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "day", name=op.f("pk_touched")),
    )
    op.create_index(
        "ix_touched_pending",
        "touched",
        ["day"],
        unique=False,
        sqlite_where=sa.text("mark > done"),
        postgresql_where=sa.text("mark > done"),
    )
    op.create_table(
        "correction",
        sa.Column("post_id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("corrected_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_correction_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_correction_product_id")),
        sa.PrimaryKeyConstraint("post_id", "product_id", name=op.f("pk_correction")),
    )
    op.create_table(
        "mention",
        sa.Column("id", Key, nullable=False),
        sa.Column("post_id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("query_id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("spans", Json(), nullable=False),
        sa.Column("matched_text", sa.Text(), nullable=True),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("model_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_mention_model_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_mention_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_mention_product_id")),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_mention_query_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("post_id", "product_id", name=op.f("uq_mention_post_id_product_id")),
    )
    op.create_index(
        op.f("ix_mention_model_id_day"),
        "mention",
        ["model_id", "day"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(op.f("ix_mention_product_id_day"), "mention", ["product_id", "day"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", Key, nullable=False),
        sa.Column("post_id", Key, nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quotes", Json(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_revision_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.create_index(op.f("ix_revision_post_id"), "revision", ["post_id"], unique=False)
    op.create_table(
        "sentiment",
        sa.Column("mention_id", Key, nullable=False),
        sa.Column("model_id", Key, nullable=False),
        sa.Column("p_negative", sa.Double(), nullable=False),
        sa.Column("p_neutral", sa.Double(), nullable=False),
        sa.Column("p_positive", sa.Double(), nullable=False),
        sa.Column("score_micro", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scored_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_sentiment_mention_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_sentiment_model_id")),
        sa.PrimaryKeyConstraint("mention_id", "model_id", name=op.f("pk_sentiment")),
    )
    for view in VIEWS.split(";"):
        op.execute(view)
