"""Same trouble, edits of fields, bursts, corrections, speech engines, grids of places."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _json(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, nullable=nullable, server_default=default)


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.add_column("case", _json("alike", default="[]"))
    op.add_column("case", _json("burst", default="{}"))
    op.add_column("utterance", sa.Column("before", sa.Text(), nullable=False, server_default=""))
    op.add_column("place", sa.Column("grid", sa.Text(), nullable=False, server_default=""))
    _edits_and_bursts()
    _corrections_and_engines()


def _edits_and_bursts() -> None:
    op.create_table(
        "field_edit",
        _text("id"),
        _text("case_id"),
        _text("field"),
        _when("at"),
        _text("actor"),
        _json("before", nullable=True),
        _json("after"),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_field_edit"),
    )
    op.create_index("ix_field_edit_case", "field_edit", ["case_id", "at"])
    op.create_table(
        "burst",
        _text("id"),
        _text("mother_id"),
        _text("category"),
        _text("place"),
        _json("case_ids"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _text("state"),
        _when("first_at"),
        _when("last_at"),
        _text("decided_by", nullable=True),
        _when("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_burst"),
        sa.UniqueConstraint("mother_id", name="uq_burst_mother_id"),
    )
    op.create_index("ix_burst_new", "burst", ["last_at"], postgresql_where=sa.text("state = 'NEW'"))


def _corrections_and_engines() -> None:
    op.create_table(
        "correction",
        _text("id"),
        _text("kind"),
        _text("heard"),
        _text("meant"),
        _text("place_id", nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _text("state"),
        _text("example"),
        _when("first_at"),
        _when("last_at"),
        _text("decided_by", nullable=True),
        _when("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.UniqueConstraint("kind", "heard", "meant", name="uq_correction_kind_heard_meant"),
    )
    op.create_table(
        "speech_engine",
        _text("engine"),
        _text("language"),
        _text("model"),
        _text("source"),
        _text("reason"),
        _text("role"),
        _text("tested"),
        sa.Column("error", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        _when("at"),
        sa.PrimaryKeyConstraint("engine", "language", name="pk_speech_engine"),
    )


def downgrade() -> None:
    for table in ("speech_engine", "correction", "burst", "field_edit"):
        op.drop_table(table)
    op.drop_column("place", "grid")
    op.drop_column("utterance", "before")
    op.drop_column("case", "burst")
    op.drop_column("case", "alike")
