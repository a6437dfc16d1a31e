"""Posts that were missing where they should stand remember since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("post", sa.Column("missing_since", Instant))
