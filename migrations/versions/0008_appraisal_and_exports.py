"""Appraisal schemes and sheets, rules about figures, exports; a signed sheet is locked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "export", "appraisal_note", "appraisal_objection", "appraisal_result", "appraisal_sheet",
    "appraisal_item", "appraisal_scheme", "figure_rule",
)  # fmt: skip

#: After the signature only the publication may be noted; the lines and rulings stay for good.
LOCKS = (
    """
    CREATE FUNCTION appraisal_sheet_locked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state IN ('SIGNED', 'PUBLISHED') THEN
            IF TG_OP = 'DELETE' OR OLD.state = 'PUBLISHED' OR NEW.state <> 'PUBLISHED'
                OR (to_jsonb(NEW) - 'state' - 'published_at')
                    IS DISTINCT FROM (to_jsonb(OLD) - 'state' - 'published_at') THEN
                RAISE EXCEPTION 'a signed appraisal sheet is locked';
            END IF;
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION appraisal_lines_locked() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE sheet text;
    BEGIN
        IF TG_OP = 'DELETE' THEN sheet := OLD.sheet_id; ELSE sheet := NEW.sheet_id; END IF;
        IF EXISTS (SELECT 1 FROM appraisal_sheet WHERE id = sheet
                   AND state IN ('SIGNED', 'PUBLISHED')) THEN
            RAISE EXCEPTION 'a signed appraisal sheet is locked';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER locked BEFORE UPDATE OR DELETE ON appraisal_sheet"
    " FOR EACH ROW EXECUTE FUNCTION appraisal_sheet_locked()",
    "CREATE TRIGGER locked BEFORE INSERT OR UPDATE OR DELETE ON appraisal_result"
    " FOR EACH ROW EXECUTE FUNCTION appraisal_lines_locked()",
    "CREATE TRIGGER locked BEFORE INSERT OR UPDATE OR DELETE ON appraisal_objection"
    " FOR EACH ROW EXECUTE FUNCTION appraisal_lines_locked()",
)


def upgrade() -> None:
    op.create_table(
        "figure_rule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_figure_rule")),
    )
    op.create_table(
        "appraisal_scheme",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_scheme")),
    )
    op.create_table(
        "appraisal_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("cap", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("points", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("step", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("min_cases", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("floor_points", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["appraisal_scheme.id"],
            name=op.f("fk_appraisal_item_scheme_id_appraisal_scheme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_item")),
        sa.UniqueConstraint(
            "scheme_id", "kind", "code", name=op.f("uq_appraisal_item_scheme_id_kind_code")
        ),
    )
    op.create_index(
        op.f("ix_appraisal_item_scheme_id"), "appraisal_item", ["scheme_id"], unique=False
    )
    op.create_table(
        "appraisal_sheet",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("score", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("objection_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["appraisal_scheme.id"],
            name=op.f("fk_appraisal_sheet_scheme_id_appraisal_scheme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_sheet")),
        sa.UniqueConstraint(
            "month", "department_id", name=op.f("uq_appraisal_sheet_month_department_id")
        ),
    )
    op.create_table(
        "appraisal_result",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("num", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("den", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("gap", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("deduct", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("corrected", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("case_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("exempted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["appraisal_sheet.id"],
            name=op.f("fk_appraisal_result_sheet_id_appraisal_sheet"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_result")),
        sa.UniqueConstraint(
            "sheet_id", "kind", "code", name=op.f("uq_appraisal_result_sheet_id_kind_code")
        ),
    )
    op.create_index(
        op.f("ix_appraisal_result_sheet_id"), "appraisal_result", ["sheet_id"], unique=False
    )
    op.create_table(
        "appraisal_objection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["result_id"],
            ["appraisal_result.id"],
            name=op.f("fk_appraisal_objection_result_id_appraisal_result"),
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["appraisal_sheet.id"],
            name=op.f("fk_appraisal_objection_sheet_id_appraisal_sheet"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_objection")),
    )
    op.create_index(
        op.f("ix_appraisal_objection_sheet_id"), "appraisal_objection", ["sheet_id"], unique=False
    )
    op.create_table(
        "appraisal_note",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_note")),
    )
    op.create_index("ix_appraisal_note_at", "appraisal_note", ["at"], unique=False)
    op.create_table(
        "export",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_times", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_asked_at", "export", ["asked_at"], unique=False)
    op.create_index(op.f("ix_export_asked_by"), "export", ["asked_by"], unique=False)
    for statement in LOCKS:
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION appraisal_sheet_locked()")
    op.execute("DROP FUNCTION appraisal_lines_locked()")
