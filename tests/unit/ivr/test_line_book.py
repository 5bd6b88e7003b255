"""The line book: what is read from plain data, kept on disk and read again in bad times."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from ivr.line_book import ANY_LINE, LineBook, book_of, keep, kept
from ivr.line_desk import FileLines, line_file
from ivr.menu.messages import Profile
from tests.unit.ivr.menu_driver import NOON

OFFICE = {"mon": [["08:00", "12:00"], ["14:00", "24:00"]]}
PLAIN = {
    "lines": [
        {
            "did": "12345", "id": "l1", "greeting": "greeting_12345", "profile": "direct",
            "queue": "general", "skill": "", "priority": 100, "hours": {},
        },
        {
            "did": "12333", "id": "l2", "greeting": "greeting_12333", "profile": "menu",
            "queue": "social", "skill": "social", "priority": 30,
            "hours": {**OFFICE, "night_queue": "general"},
        },
        {
            "did": "12319", "id": "l3", "greeting": "greeting_12319", "profile": "menu",
            "queue": "city", "skill": "", "priority": 100, "hours": {"someday": [["8", "x"]]},
        },
    ],
    "days": {"2026-11-24": "OFF", "2026-11-29": "WORK"},
    "blocked": {"abc": "2026-12-01T00:00:00+00:00"},
    "announcements": [
        ["announcement_weather", "l2", "2026-11-23T00:00:00+00:00", "2026-11-23T06:00:00+00:00"],
        ["announcement_busy", None, "2026-11-22T00:00:00+00:00", "2026-11-30T00:00:00+00:00"],
    ],
}  # fmt: skip
BOOK = book_of(PLAIN)


def test_a_line_without_hours_is_open_day_and_night() -> None:
    line = BOOK.line("12345", NOON)
    assert line is not None
    assert (line.hours, line.profile, line.skills) == (None, Profile.DIRECT, ())


def test_hours_holidays_and_the_night_queue_are_understood() -> None:
    line = BOOK.line("12333", NOON)
    assert line is not None
    assert line.hours is not None
    assert (line.night_queue, line.skills) == ("general", ("social",))
    assert not line.hours.is_open(NOON)  # 12:00, the lunch break
    assert line.hours.is_open(NOON + timedelta(hours=11, minutes=59))
    assert not line.hours.is_open(NOON + timedelta(hours=12))
    assert line.hours.is_holiday(NOON + timedelta(days=1))
    assert line.hours.is_open(datetime(2026, 11, 29, 1, tzinfo=UTC))  # a Sunday worked as Monday
    assert line.hours.first_opening() == time(8)


def test_hours_that_cannot_be_understood_leave_the_line_open() -> None:
    line = BOOK.line("12319", NOON)
    assert line is not None
    assert line.hours is None


def test_the_newest_valid_announcement_of_the_line_or_of_all_is_said() -> None:
    here, there = BOOK.line("12333", NOON), BOOK.line("12345", NOON)
    assert here is not None
    assert there is not None
    assert here.announcement is not None
    assert there.announcement is not None
    assert here.announcement.prompt_id == "announcement_weather"
    assert there.announcement.prompt_id == "announcement_busy"
    later = BOOK.line("12333", NOON + timedelta(hours=3))
    assert later is not None
    assert later.announcement is not None
    assert later.announcement.prompt_id == "announcement_busy"


def test_the_blacklist_knows_its_expiry() -> None:
    assert BOOK.caller("abc").blocked_until == datetime(2026, 12, 1, tzinfo=UTC)
    assert BOOK.caller("xyz").blocked_until is None


def test_a_number_that_is_not_ours_has_no_line_unless_nothing_was_ever_read() -> None:
    assert BOOK.line("99999", NOON) is None
    assert LineBook().line("99999", NOON) == ANY_LINE


def test_the_book_survives_on_disk_for_its_owner_only(tmp_path: Path) -> None:
    file = line_file(tmp_path / "state")
    keep(PLAIN, file)
    assert kept(file) == BOOK
    assert file.stat().st_mode & 0o077 == 0


def test_a_broken_file_is_an_empty_book(tmp_path: Path) -> None:
    file = line_file(tmp_path)
    assert kept(file) == LineBook()
    for text in ("{", "[]", '{"lines": [3]}', '{"days": {"x": 1}}'):
        file.write_text(text, encoding="utf-8")
        assert kept(file) == LineBook()


def test_the_second_rung_reads_the_file_again_when_it_changed(tmp_path: Path) -> None:
    lines = FileLines(line_file(tmp_path))
    assert lines.book() == LineBook()
    keep(PLAIN, line_file(tmp_path))
    assert lines.book() == BOOK
    line_file(tmp_path).unlink()
    assert lines.book() == BOOK
