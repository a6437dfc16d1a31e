"""How far a product's query has been held against the stored posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """A rematch that was cut off goes on behind post `held_post`, if its query is still `held_version`."""
    op.add_column("product", sa.Column("held_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("product", sa.Column("held_post", sa.BigInteger(), server_default="0", nullable=False))
