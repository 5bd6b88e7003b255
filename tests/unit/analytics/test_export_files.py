"""Files: marked at head and foot, readable by a spreadsheet, and never a formula."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from analytics.export_files import FileFormat, as_file, safe_text, watermark
from analytics.statements import Statement

MARK = watermark("陆怀安（director01）", datetime(2026, 11, 23, 4, 0, tzinfo=UTC), "no-1")
EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", " =1", "\r=cmd|' /C calc'!A0")


def made(*rows: list[str | int | Decimal | None]) -> Statement:
    return Statement("x", "办理情况表", "2026-10-01 — 2026-10-31", ("单位", "数"), rows)


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_opens_in_a_chinese_spreadsheet_and_is_marked_twice() -> None:
    content = as_file(made(["城管局", 3], ["合计", Decimal("12.50")]), MARK, FileFormat.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = csv_rows(content)
    assert rows[0] == rows[-1] == [MARK]
    assert rows[2:-1] == [["单位", "数"], ["城管局", "3"], ["合计", "12.5"]]
    assert "2026-11-23 12:00:00" in MARK


def test_a_workbook_holds_numbers_as_numbers_and_the_mark_on_every_printed_page() -> None:
    content = as_file(made(["城管局", 3], ["比率", Decimal("12.50")]), MARK, FileFormat.XLSX)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (values[0][0], values[-1][0]) == (MARK, MARK)
    assert values[3:5] == [["城管局", 3], ["比率", 12.5]]
    assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == MARK


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_becomes_a_formula(evil: str) -> None:
    statement = made([evil, None])
    cell = csv_rows(as_file(statement, MARK, FileFormat.CSV))[3][0]
    assert cell.startswith("'")
    book = load_workbook(io.BytesIO(as_file(statement, MARK, FileFormat.XLSX)))
    found = book.worksheets[0]["A4"]
    assert found.data_type == "s"
    assert str(found.value).startswith("'")


@given(st.text())
def test_any_text_can_be_written_and_is_no_formula(text: str) -> None:
    safe = safe_text(text)
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@"))
    as_file(made([text, 1]), MARK, FileFormat.XLSX)
