"""Free text without clues: whatever stands around a number, it does not come through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.redaction import (
    Clues,
    found_clues,
    redact,
    redact_strictly,
    surname_only,
    town_of,
)

words = st.text(alphabet="请打我的电话是住在路灯不亮，。、：（）号楼x 1", max_size=20)
gap = st.sampled_from(["", " ", "-", "，", " - ", "."])
mobile = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def digits_of(text: str) -> str:
    """Every digit of a text in order, spoken ones too, as a reader could put them together."""
    table = dict(zip("零〇幺一二两三四五六七八九", "0011223456789", strict=True))
    table |= dict(zip("０１２３４５６７８９", "0123456789", strict=True))
    return "".join(table.get(one, one) for one in text if one in table or one.isdigit())


@given(words, mobile, words, gap)
def test_a_mobile_number_never_comes_through(
    before: str, number: str, after: str, between: str
) -> None:
    for written in (number, number.translate(SPOKEN), number.translate(FULL_WIDTH)):
        text = before + between.join(written) + after
        assert number not in digits_of(redact(text))


@given(words, st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True), words)
def test_an_identity_number_never_comes_through(before: str, number: str, after: str) -> None:
    shown = redact(f"{before}{number}{after}")
    assert number not in shown
    assert number[:14] not in shown


@given(words, st.from_regex(r"(0[0-9]{2,3}-)?[3-8][0-9]{6,7}", fullmatch=True), words)
def test_a_local_line_never_comes_through(before: str, number: str, after: str) -> None:
    assert re.sub(r"\D", "", number) not in digits_of(redact(before + number + after))


@given(
    st.sampled_from("苏沪京浙"), st.sampled_from("ABFE"),
    st.from_regex(r"[A-HJ-NP-Z0-9]{5,6}", fullmatch=True), st.sampled_from(["", "·", " "]),
)  # fmt: skip
def test_a_plate_never_comes_through_on_confidential_cases(
    province: str, letter: str, rest: str, dot: str
) -> None:
    text = f"一辆白车{province}{letter}{dot}{rest}停在消防通道"
    assert rest not in redact_strictly(text)
    assert "停在消防通道" in redact_strictly(text)


@pytest.mark.parametrize(
    "room",
    ["3号楼2单元501室", "12幢301", "5-2-301", "七栋三单元八零二", "A座1203", "二单元", "501室"],
)
def test_a_room_never_comes_through_on_confidential_cases(room: str) -> None:
    shown = redact_strictly(f"锦绣花园{room}夜里施工")
    assert room not in shown
    assert shown.startswith("锦绣花园")
    assert shown.endswith("夜里施工")


@given(words, st.sampled_from(["陈志远", "欧阳女士", "王师傅"]), words)
def test_a_known_name_never_comes_through(before: str, name: str, after: str) -> None:
    clues = Clues(names=(name,))
    assert name not in redact(f"{before}{name}{after}", clues)


def test_what_is_too_short_to_tell_of_anybody_takes_nothing_away() -> None:
    text = "王家路 8001 号路灯不亮"
    assert redact(text, Clues(names=("王",), numbers=("8001",))) == text


def test_the_bare_name_goes_with_its_title() -> None:
    assert redact("我叫陈志远", Clues(names=("陈志远先生",))) == "我叫〔姓名〕"


@given(words, st.from_regex(r"[1-9][0-9]{4,10}", fullmatch=True), words, gap)
def test_a_known_number_never_comes_through_however_short(
    before: str, number: str, after: str, between: str
) -> None:
    shown = redact(before + between.join(number) + after, Clues(numbers=(number,)))
    assert number not in shown


def test_what_is_no_clue_stays() -> None:
    text = "工单2026112300042，2026年11月23日8时起欠薪12000元，路灯3盏不亮。"
    assert redact_strictly(text) == text


def test_redacting_twice_changes_nothing() -> None:
    once = redact_strictly("打13862754310，住3幢2单元501室，车苏F12345，邮箱a.b@c.cn")
    assert redact_strictly(once) == once
    assert once == "打〔号码〕，住〔房号〕，车〔车牌〕，邮箱〔邮箱〕"


def test_the_check_before_dispatch_names_the_kinds_of_clue_that_are_left() -> None:
    assert found_clues("打13862754310，住3幢501室") == ["号码", "房号"]
    assert found_clues("打〔号码〕，住〔房号〕") == []


def test_a_department_sees_a_surname_and_a_leader_a_town() -> None:
    assert surname_only("陈志远") == "陈先生/女士"
    assert surname_only("司马先生") == "司马先生"
    assert town_of("海门街道人民路12号") == "海门街道"
    assert town_of("人民路12号") == ""
