"""A statement as a file: Excel workbook or CSV, marked with who took it and when.

A cell that a spreadsheet would take for a formula is written as text.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from analytics.statements import Cell, Statement
from core.clock import city_time

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_LONGEST_CELL = 32_000
_WIDEST = 60


class FileFormat(StrEnum):
    """What a file may be."""

    XLSX = "xlsx"
    CSV = "csv"


MIME = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv",
}


def safe_text(text: str) -> str:
    """The text as a cell may hold it.

    >>> safe_text("=cmd()"), safe_text("-1"), safe_text("路灯")
    ("'=cmd()", "'-1", '路灯')
    """
    clean = text.translate(_CONTROL)[:_LONGEST_CELL]
    return f"'{clean}" if clean.lstrip(" ").startswith(_FORMULA) else clean


def watermark(who: str, at: datetime, number: str) -> str:
    """The line at the head and the foot of every file."""
    return (
        f"导出人 {who} · {city_time(at):%Y-%m-%d %H:%M:%S} · 导出编号 {number} · 内部资料，不得外传"
    )


def as_file(statement: Statement, mark: str, kind: FileFormat) -> bytes:
    """The bytes of the file."""
    return _workbook(statement, mark) if kind is FileFormat.XLSX else _csv(statement, mark)


def _safe(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return safe_text(cell)
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return "" if cell is None else cell


def _csv(statement: Statement, mark: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(mark)])
    writer.writerow([safe_text(f"{statement.name} {statement.period}")])
    writer.writerow([safe_text(name) for name in statement.columns])
    writer.writerows([_safe(cell) for cell in row] for row in statement.rows)
    writer.writerow([safe_text(mark)])
    return text.getvalue().encode("utf-8-sig")


def _workbook(statement: Statement, mark: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(statement.name[:31])
    sheet.freeze_panes = "A4"
    for number, width in enumerate(_widths(statement), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = mark.replace("&", "＆")
    sheet.append([_cell(sheet, mark, grey=True)])
    sheet.append([_cell(sheet, f"{statement.name} {statement.period}", bold=True)])
    sheet.append([_cell(sheet, name, bold=True) for name in statement.columns])
    for row in statement.rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    sheet.append([_cell(sheet, mark, grey=True)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(
    sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool = False, grey: bool = False
) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_safe(value))
    if isinstance(value, str):
        cell.data_type = "s"
    cell.font = Font(bold=bold, color="808080" if grey else None)
    if not grey and not bold:
        cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    return cell


def _widths(statement: Statement) -> Sequence[float]:
    """Wide enough for the heading and the first rows; Chinese letters take two places."""
    sample = [statement.columns, *statement.rows[:50]]
    return [
        min(_WIDEST, 2 + max(2 * len(str(row[column] or "")) for row in sample))
        for column in range(len(statement.columns))
    ]
