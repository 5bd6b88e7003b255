"""The REST API's clients, requests and webhooks; the exchange with 110."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "api_client",
        _text("id"), _text("name"), _text("token_hash"),
        sa.Column("scopes", _JSON, nullable=False),
        _text("role"), _text("department_id", nullable=True), _text("channel", nullable=True),
        _text("made_by"),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_client"),
        sa.UniqueConstraint("name", name="uq_api_client_name"),
        sa.UniqueConstraint("token_hash", name="uq_api_client_token_hash"),
    )  # fmt: skip
    op.create_table(
        "api_request",
        _text("client_id"), _text("key"), _text("request_hash"),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name="fk_api_request_client_id_api_client",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "key", name="pk_api_request"),
    )  # fmt: skip
    op.create_index("ix_api_request_started_at", "api_request", ["started_at"])
    op.create_table(
        "webhook",
        _text("id"), _text("client_id"), _text("url"), _text("secret_sealed"),
        sa.Column("events", _JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name="fk_webhook_client_id_api_client",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        sa.UniqueConstraint("client_id", "url", name="uq_webhook_client_id_url"),
    )  # fmt: skip
    _deliveries()
    op.create_table(
        "exchange_case",
        _text("jjdbh"), _text("case_id"),
        sa.Column("accepted_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_exchange_case_case_id_case"),
        sa.PrimaryKeyConstraint("jjdbh", name="pk_exchange_case"),
        sa.UniqueConstraint("case_id", name="uq_exchange_case_case_id"),
    )  # fmt: skip
    op.create_table(
        "exchange_message",
        _text("jjdbh"), sa.Column("seq", sa.BigInteger(), nullable=False), _text("kind"),
        _text("body_hash"), _text("body_sealed"), _text("case_id", nullable=True),
        sa.Column("answer", _JSON, nullable=False), _text("client_id"),
        sa.Column("received_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("jjdbh", "seq", name="pk_exchange_message"),
    )  # fmt: skip
    op.create_index("ix_exchange_message_case_id", "exchange_message", ["case_id"])


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        _text("id"), _text("webhook_id"), _text("event_id"), _text("kind"),
        sa.Column("body", _JSON, nullable=False), _text("state"),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False), _text("last_answer"),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="fk_webhook_delivery_webhook_id_webhook",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint(
            "webhook_id", "event_id", name="uq_webhook_delivery_webhook_id_event_id"
        ),
    )  # fmt: skip
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["next_at"],
        postgresql_where=sa.text("state = 'WAITING'"),
    )  # fmt: skip


def downgrade() -> None:
    for table in (
        "exchange_message", "exchange_case", "webhook_delivery", "webhook", "api_request",
        "api_client",
    ):  # fmt: skip
        op.drop_table(table)
