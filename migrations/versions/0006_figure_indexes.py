"""Indexes that hold all a year's figures need, so that no case has to be read for them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_case_closed": (
        '"case" (closed_at) INCLUDE (department, dispatched_at, status, case_type,'
        " satisfaction_final, satisfaction_first, solved, close_code, round, id)"
        " WHERE closed_at IS NOT NULL"
    ),
    "ix_case_submitted": (
        '"case" (submitted_at) INCLUDE (department, dispatched_at, status, case_type, id)'
    ),
    "ix_leg_settled": (
        "leg (LEAST(due_at, stopped_at)) INCLUDE (department_id, role, level, status, due_at,"
        " stopped_at, paused_at, exempt, case_id)"
    ),
    "ix_leg_dispatched": (
        "leg (dispatched_at) INCLUDE (department_id, role, level, status, signed_at, sign_due_at,"
        " contacted_at, contact_due_at, stopped_at, case_id)"
    ),
    "ix_callback_attempt_cause": "callback_attempt (case_id, cause) WHERE cause IS NOT NULL",
    "ix_request_ruled": "request (kind, ruled_at) INCLUDE (department_id, verdict, case_id)",
}


def upgrade() -> None:
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
