"""Persons behind confidential cases apart; the access log and the audit trail for ever."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("pi_access", "audit")


def upgrade() -> None:
    empty = sa.text("''")
    for name in ("phone_mask", "name_sealed"):
        op.add_column("case", sa.Column(name, sa.Text(), server_default=empty, nullable=False))
    op.execute("UPDATE \"case\" SET phone_mask = caller_mask WHERE phone_mask = ''")
    op.create_table(
        "case_identity",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.Text(), nullable=False),
        sa.Column("caller_sealed", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name="fk_case_identity_case_id_case", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_identity"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_saved_view_account_id_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("account_id", "name", name="uq_saved_view_account_id_name"),
    )  # fmt: skip
    op.create_index("ix_pi_access_at", "pi_access", ["at"])
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in _APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        op.execute(f"DROP TRIGGER {table}_is_not_emptied ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_index("ix_pi_access_at", "pi_access")
    op.drop_table("saved_view")
    op.drop_table("case_identity")
    op.drop_column("case", "name_sealed")
    op.drop_column("case", "phone_mask")
