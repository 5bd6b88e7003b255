"""Legs, clocks, requests, duties."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_link"),
        sa.UniqueConstraint(
            "case_id", "other_id", "kind", name="uq_case_link_case_id_other_id_kind"
        ),
    )
    op.create_index("ix_case_link_case_id", "case_link", ["case_id"], unique=False)
    op.create_index("ix_case_link_other_id", "case_link", ["other_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("category_prefix", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("supporting", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
    )
    op.create_table(
        "pi_access",
        sa.Column("seq", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pi_access"),
    )
    op.create_index("ix_pi_access_case_id", "pi_access", ["case_id"], unique=False)
    op.create_table(
        "sla_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=True),
        sa.Column("category_prefix", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("limit_type", sa.Text(), nullable=False),
        sa.Column("limit_value", sa.Double(), nullable=False),
        sa.Column("sign_type", sa.Text(), nullable=False),
        sa.Column("sign_value", sa.Double(), nullable=False),
        sa.Column("contact_type", sa.Text(), nullable=False),
        sa.Column("contact_value", sa.Double(), nullable=False),
        sa.Column("extensions", sa.BigInteger(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sla_rule"),
    )
    op.create_table(
        "callback_attempt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("solved", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("off_hours", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_callback_attempt_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_callback_attempt"),
    )
    op.create_index("ix_callback_attempt_case_id", "callback_attempt", ["case_id"], unique=False)
    op.create_table(
        "leg",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("limit_type", sa.Text(), nullable=False),
        sa.Column("limit_value", sa.Double(), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sign_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("reply", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_leg_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_leg"),
    )
    op.create_index("ix_leg_case_id", "leg", ["case_id"], unique=False)
    op.create_index("ix_leg_due", "leg", ["department_id", "due_at"], unique=False)
    op.create_index("ix_leg_inbox", "leg", ["department_id", "status", "due_at"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_request_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
    )
    op.create_index("ix_request_case_id", "request", ["case_id"], unique=False)
    op.create_index("ix_request_leg_id", "request", ["leg_id"], unique=False)
    op.create_index(
        "ix_request_open",
        "request",
        ["kind", "asked_at"],
        unique=False,
        postgresql_where=sa.text("verdict IS NULL"),
    )
    op.create_table(
        "supervise",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_supervise_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_supervise"),
    )
    op.create_index("ix_supervise_case_id", "supervise", ["case_id"], unique=False)
    op.create_table(
        "urge",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_urge_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_urge"),
    )
    op.create_index("ix_urge_case_id", "urge", ["case_id"], unique=False)
    op.create_table(
        "clock_alarm",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("leg_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["leg.id"], name="fk_clock_alarm_leg_id_leg", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clock_alarm"),
        sa.UniqueConstraint("leg_id", "kind", name="uq_clock_alarm_leg_id_kind"),
    )
    op.create_index("ix_clock_alarm_leg_id", "clock_alarm", ["leg_id"], unique=False)
    op.create_index(
        "ix_clock_alarm_waiting",
        "clock_alarm",
        ["at"],
        unique=False,
        postgresql_where=sa.text("announced_at IS NULL"),
    )
    op.add_column(
        "case", sa.Column("accused", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "case",
        sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.text("'false'")),
    )
    op.add_column(
        "case", sa.Column("round", sa.BigInteger(), nullable=False, server_default=sa.text("'1'"))
    )
    op.add_column(
        "case", sa.Column("returns", sa.BigInteger(), nullable=False, server_default=sa.text("'0'"))
    )
    op.add_column(
        "case", sa.Column("hops", sa.BigInteger(), nullable=False, server_default=sa.text("'0'"))
    )
    op.add_column(
        "case", sa.Column("urges", sa.BigInteger(), nullable=False, server_default=sa.text("'0'"))
    )
    op.add_column(
        "case",
        sa.Column("extensions", sa.BigInteger(), nullable=False, server_default=sa.text("'0'")),
    )
    op.add_column("case", sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "case", sa.Column("public_reply", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("case", sa.Column("satisfaction_first", sa.Text(), nullable=True))
    op.add_column("case", sa.Column("satisfaction_final", sa.Text(), nullable=True))
    op.add_column("case", sa.Column("solved", sa.Text(), nullable=True))
    op.add_column("case", sa.Column("close_code", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in [
        "clock_alarm",
        "urge",
        "supervise",
        "request",
        "leg",
        "callback_attempt",
        "sla_rule",
        "pi_access",
        "duty",
        "case_link",
    ]:
        op.drop_table(table)
    for column in [
        "accused",
        "anonymous",
        "round",
        "returns",
        "hops",
        "urges",
        "extensions",
        "dispatched_at",
        "due_at",
        "public_reply",
        "satisfaction_first",
        "satisfaction_final",
        "solved",
        "close_code",
    ]:
        op.drop_column("case", column)
