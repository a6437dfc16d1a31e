"""What networks tell beside the text, posts erased at the source, sources that ended, notices of readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Json

revision = "0003"
down_revision = "0002"

MENTIONS = """
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
    post.edited_at AS edited_at, post.deleted_at AS deleted_at, post.erased AS erased,
    post.votes AS votes, post.replies AS replies, post.facts AS facts
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
"""
COVERAGE = """
CREATE VIEW coverage AS
SELECT source.name AS source, coverage_day.day AS day, coverage_day.planned AS planned,
    coverage_day.succeeded AS succeeded, coverage_day.coverage AS coverage,
    coverage_day.last_error AS last_error, coverage_day.notice AS notice
FROM coverage_day
JOIN source ON source.id = coverage_day.source_id
"""


def upgrade() -> None:
    """Columns, and the two views that show them."""
    op.execute("DROP VIEW mentions")
    op.execute("DROP VIEW coverage")
    op.add_column("post", sa.Column("erased", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("post", sa.Column("votes", sa.Integer()))
    op.add_column("post", sa.Column("replies", sa.Integer()))
    op.add_column("post", sa.Column("facts", Json, server_default="{}", nullable=False))
    op.add_column("mention", sa.Column("erased", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("fetch", sa.Column("notice", sa.Text()))
    op.add_column("coverage_day", sa.Column("notice", sa.Text()))
    op.add_column("source", sa.Column("ended_at", Instant))
    op.execute(MENTIONS)
    op.execute(COVERAGE)
