"""Search among a million cases: pairs of characters, telephone hashes, units, overdue ones."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Two characters make a Chinese word, too short for trigrams: the index holds every pair of
    # neighbours as one number (code point << 21 | code point); core.domain.searches does the same.
    op.execute(
        """
        CREATE FUNCTION text_pairs(words text) RETURNS bigint[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
            SELECT coalesce(array_agg(DISTINCT ascii(one)::bigint << 21 | ascii(next)), '{}')
            FROM (
                SELECT one, lead(one) OVER (ORDER BY place) AS next
                FROM unnest(string_to_array(lower(left(words, 4000)), NULL))
                    WITH ORDINALITY AS letters(one, place)
            ) AS pairs
            WHERE next IS NOT NULL AND one <> ' ' AND next <> ' '
        $$
        """
    )
    op.execute(
        """
        CREATE INDEX ix_case_words ON "case"
        USING gin (text_pairs(title || ' ' || content || ' ' || place_text))
        WITH (gin_pending_list_limit = 512)
        WHERE number IS NOT NULL
        """
    )
    # What an index of this kind knows of its values does not reach the planner; this does.
    op.execute(
        """
        CREATE STATISTICS st_case_words
        ON (text_pairs(title || ' ' || content || ' ' || place_text)) FROM "case"
        """
    )
    op.create_index(
        "ix_case_phone_hash", "case", ["phone_hash"], postgresql_where=sa.text("phone_hash <> ''")
    )
    op.create_index("ix_case_department", "case", ["department", "created_at"])
    op.create_index(
        "ix_case_due", "case", ["due_at"],
        postgresql_where=sa.text("closed_at IS NULL AND due_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_leg_case_department", "leg", ["case_id", "department_id"])
    op.drop_index("ix_leg_case_id", "leg")
    op.create_index("ix_leg_department", "leg", ["department_id", "dispatched_at"])


def downgrade() -> None:
    op.drop_index("ix_leg_department", "leg")
    op.create_index("ix_leg_case_id", "leg", ["case_id"])
    op.drop_index("ix_leg_case_department", "leg")
    op.drop_index("ix_case_due", "case")
    op.drop_index("ix_case_department", "case")
    op.drop_index("ix_case_phone_hash", "case")
    op.execute("DROP STATISTICS st_case_words")
    op.drop_index("ix_case_words", "case")
    op.execute("DROP FUNCTION text_pairs(text)")
