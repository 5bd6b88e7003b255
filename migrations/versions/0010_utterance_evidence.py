"""What else was heard in the sound of an utterance: other wordings, numbers spelt from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "utterance",
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.alter_column("utterance", "evidence", server_default=None)


def downgrade() -> None:
    op.drop_column("utterance", "evidence")
