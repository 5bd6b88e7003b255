"""Stage clocks, conferences, mediation, joint supervision, city rules; urges and orders in full."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "rule_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_rule_setting"),
    )
    op.create_table(
        "stage_clock",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("limit_type", sa.Text(), nullable=False),
        sa.Column("limit_value", sa.Double(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("paused_at", _TIME, nullable=True),
        sa.Column("stopped_at", _TIME, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_stage_clock_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_stage_clock"),
    )
    op.create_index("ix_stage_clock_case_id", "stage_clock", ["case_id"])
    op.create_index(
        "ix_stage_clock_open",
        "stage_clock",
        ["stage", "due_at"],
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_table(
        "conference",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("units", _JSON, nullable=False),
        sa.Column("convener", sa.Text(), nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("called_at", _TIME, nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("precedent", sa.Boolean(), nullable=False),
        sa.Column("concluded_by", sa.Text(), nullable=True),
        sa.Column("concluded_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_conference_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_conference"),
    )
    op.create_index("ix_conference_case_id", "conference", ["case_id"])
    op.create_table(
        "mediation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("dispute_type", sa.Text(), nullable=False),
        sa.Column("parties_sealed", sa.Text(), nullable=False),
        sa.Column("parties_mask", sa.Text(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("mediator", sa.Text(), nullable=False),
        sa.Column("sessions", _JSON, nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("performed", sa.Boolean(), nullable=True),
        sa.Column("confirmation_number", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_mediation_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_mediation"),
    )
    op.create_index("ix_mediation_case_id", "mediation", ["case_id"])
    op.create_table(
        "joint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("problem_kind", sa.Text(), nullable=False),
        sa.Column("receiving_body", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("accountability", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("concluded_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_joint_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_joint"),
    )
    op.create_index("ix_joint_case_id", "joint", ["case_id"])
    _widen()


def _widen() -> None:
    op.add_column("leg", sa.Column("more_asked_at", _TIME, nullable=True))
    op.add_column("department", sa.Column("parent_id", sa.Text(), nullable=True))
    op.alter_column("clock_alarm", "leg_id", nullable=True)
    op.drop_constraint("uq_clock_alarm_leg_id_kind", "clock_alarm")
    op.create_unique_constraint(
        "uq_clock_alarm_leg_id_kind_at", "clock_alarm", ["leg_id", "kind", "at"]
    )
    op.create_index("ix_clock_alarm_case_id", "clock_alarm", ["case_id"])
    _text("clock_alarm", "subject")
    op.add_column(
        "urge", sa.Column("seq", sa.BigInteger(), nullable=False, server_default=sa.text("1"))
    )
    op.add_column(
        "urge", sa.Column("by_caller", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    _text("urge", "channel", "PHONE")
    op.add_column("urge", sa.Column("call_id", sa.Text(), nullable=True))
    op.add_column("urge", sa.Column("read_by", sa.Text(), nullable=True))
    for name in ("number", "withdrawal_reason", "review"):
        _text("supervise", name)
    for name in ("replied_by", "reviewed_by"):
        op.add_column("supervise", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("supervise", sa.Column("replied_at", _TIME, nullable=True))
    op.create_index(
        "ix_supervise_open",
        "supervise",
        ["department_id", "state"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _text(table: str, column: str, value: str = "") -> None:
    op.add_column(
        table, sa.Column(column, sa.Text(), nullable=False, server_default=sa.text(f"'{value}'"))
    )


def downgrade() -> None:
    op.drop_index("ix_supervise_open", "supervise")
    for name in (
        "number",
        "withdrawal_reason",
        "review",
        "replied_by",
        "reviewed_by",
        "replied_at",
    ):
        op.drop_column("supervise", name)
    for name in ("seq", "by_caller", "channel", "call_id", "read_by"):
        op.drop_column("urge", name)
    op.execute("DELETE FROM clock_alarm WHERE leg_id IS NULL")
    op.drop_column("clock_alarm", "subject")
    op.drop_index("ix_clock_alarm_case_id", "clock_alarm")
    op.drop_constraint("uq_clock_alarm_leg_id_kind_at", "clock_alarm")
    op.create_unique_constraint("uq_clock_alarm_leg_id_kind", "clock_alarm", ["leg_id", "kind"])
    op.alter_column("clock_alarm", "leg_id", nullable=False)
    op.drop_column("department", "parent_id")
    op.drop_column("leg", "more_asked_at")
    for table in ("joint", "mediation", "conference", "stage_clock", "rule_setting"):
        op.drop_table(table)
