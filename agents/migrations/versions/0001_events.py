"""The log of events, and when a page last showed an interview.

Revisions are numbered and a script's name begins with its number: that is how database.py knows the newest
one without loading Alembic. There is no downgrade: the copy made before migrating is the way back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates both tables. Times are UTC ISO text of one width: its order is the order in time."""
    op.create_table(
        "events",
        sa.Column("interview", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),  # last: a query that leaves it out never reads its pages
    )
    op.create_table(
        "presence",
        sa.Column("interview", sa.Text, primary_key=True),
        sa.Column("seen_at", sa.Text, nullable=False),
    )
