"""A query is read from a form; what cannot be looked for is refused with a sentence."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.cases import CaseStatus, CaseType, Channel
from core.domain.searches import Cursor, SearchQuery, pairs_of, read_query
from core.errors import InputRefused


@pytest.mark.parametrize(
    ("box", "query"),
    [
        ("2026112300042", SearchQuery(number="2026112300042")),
        ("202611", SearchQuery(number="202611")),
        ("138 6275 4310", SearchQuery(phone="13862754310")),
        ("+86-13862754310", SearchQuery(phone="13862754310")),
        ("0513-82234567", SearchQuery(phone="051382234567")),
        ("路灯 人民路", SearchQuery(words=("路灯", "人民路"))),
        ("", SearchQuery()),
    ],
)
def test_one_box_takes_a_number_a_telephone_or_words(box: str, query: SearchQuery) -> None:
    assert read_query({"q": box}) == query


def test_every_condition_of_the_form_is_read() -> None:
    query = read_query(
        {
            "words": "路灯", "place": "人民路", "first_day": "2026-01-01",
            "last_day": "2026-02-01", "unit": "dep-001", "status": ["HANDLING", "REPLIED"],
            "case_type": "投诉,求助", "channel": "WEB", "overdue": "1", "limit": "20",
        }
    )  # fmt: skip
    assert query == SearchQuery(
        words=("路灯",), place="人民路", first_day=date(2026, 1, 1), last_day=date(2026, 2, 1),
        unit="dep-001", statuses=(CaseStatus.HANDLING, CaseStatus.REPLIED),
        case_types=(CaseType.COMPLAINT, CaseType.HELP), channel=Channel.WEB, overdue=True,
        limit=20,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given_form",
    [
        {"q": "灯"}, {"words": "a b"}, {"words": "很" * 41}, {"words": "一二 " * 7},
        {"number": "12"}, {"number": "12x45"}, {"first_day": "2026-13-01"}, {"status": "OPEN"},
        {"case_type": "其他"}, {"channel": "FAX"}, {"limit": "0"}, {"limit": "101"},
        {"limit": "x"}, {"after": "?"}, {"after": "MTIz"},
        {"first_day": "2026-02-01", "last_day": "2026-01-01"},
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused_in_chinese(given_form: dict[str, str]) -> None:
    with pytest.raises(InputRefused) as refused:
        read_query(given_form)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message)


def test_a_saved_view_keeps_everything_but_the_telephone() -> None:
    query = read_query({"words": "路灯 不亮", "phone": "13862754310", "status": ["HANDLING"]})
    kept = query.to_keep()
    assert "13862754310" not in repr(kept)
    assert read_query(kept) == SearchQuery(words=("路灯", "不亮"), statuses=(CaseStatus.HANDLING,))


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor(datetime(2026, 11, 23, 8, 0, 1, 5, tzinfo=UTC), "case-1")
    assert Cursor.from_text(cursor.as_text()) == cursor


@given(st.text(min_size=2, max_size=30), st.text(max_size=10), st.text(max_size=10))
def test_a_word_that_stands_in_a_text_has_all_its_pairs_there(
    word: str, before: str, after: str
) -> None:
    assert set(pairs_of(word)) <= set(pairs_of(before.lower() + word.lower() + after.lower()))
