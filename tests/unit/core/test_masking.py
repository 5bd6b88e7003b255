"""The masking matrix: every post, ordinary and confidential."""

import pytest

from core.auth import Role
from core.domain.case_views import shown_fields
from core.domain.drafts import FieldValue, Span
from core.domain.masking import (
    MATRIX,
    ContentShown,
    NameShown,
    Onlooker,
    PhoneShown,
    RecordingShown,
    masking_for,
    may_reveal,
)
from core.domain.redaction import Clues

NUMBER, NAME = "13862754310", "陈志远"
CLUES = Clues(names=(NAME,), numbers=(NUMBER,))
UNIT_ROLES = (Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3)


def test_the_matrix_has_a_row_for_every_onlooker_and_both_kinds_of_case() -> None:
    assert set(MATRIX) == {(one, secret) for one in Onlooker for secret in (False, True)}


@pytest.mark.parametrize("role", UNIT_ROLES)
@pytest.mark.parametrize("confidential", [False, True])
def test_a_department_never_has_number_name_or_recording(role: Role, confidential: bool) -> None:
    masking = masking_for(role, confidential=confidential)
    shown = (
        masking.shown_name(NAME),
        masking.shown_phone(NUMBER, "138****4310"),
        masking.shown_place(f"人民路12号 {NAME} {NUMBER}", CLUES),
        masking.shown_text(f"{NAME}说：打{NUMBER}", CLUES),
    )
    assert not any(NUMBER in text or NAME in text for text in shown)
    assert masking.recording is RecordingShown.NONE
    assert not may_reveal(role, confidential=confidential)


@pytest.mark.parametrize("role", UNIT_ROLES)
def test_a_confidential_case_hides_even_the_mask_and_the_call_through(role: Role) -> None:
    masking = masking_for(role, confidential=True)
    assert (masking.name, masking.phone) == (NameShown.CONFIDENTIAL, PhoneShown.NONE)
    assert masking.shown_phone(NUMBER, "138****4310") == ""
    assert not masking.call_through
    assert masking_for(role, confidential=False).call_through


def test_an_agent_sees_the_own_call_whole_and_a_reporter_only_masked() -> None:
    assert masking_for(Role.AGENT, confidential=False).phone is PhoneShown.FULL
    assert masking_for(Role.AGENT, confidential=True).phone is PhoneShown.MASKED


@pytest.mark.parametrize(
    ("role", "ordinary", "secret"),
    [
        (Role.DISPATCHER, True, False), (Role.CALLBACK, True, True), (Role.SUPERVISOR, True, True),
        (Role.TEAM_LEAD, True, False), (Role.DIRECTOR, True, True), (Role.QA, False, False),
        (Role.LEADER, False, False), (Role.ADMIN, False, False), (Role.INSPECTOR, False, False),
    ],
)  # fmt: skip
def test_a_reason_opens_the_number_only_to_posts_that_need_it(
    role: Role, ordinary: bool, secret: bool
) -> None:
    assert may_reveal(role, confidential=False) is ordinary
    assert may_reveal(role, confidential=True) is secret
    revealable = masking_for(role, confidential=True).phone is PhoneShown.REVEALABLE
    assert revealable is secret


def test_an_administrator_and_the_public_see_no_text_at_all() -> None:
    assert masking_for(Role.ADMIN, confidential=False).content is ContentShown.NONE


def test_fields_lose_the_words_they_came_from_with_the_number() -> None:
    said = (Span("caller", 0, 900, f"我是{NAME}电话{NUMBER}"),)
    fields = {
        "phone": FieldValue(NUMBER, 0.9, said, choices=({"value": NUMBER},)),
        "caller_name": FieldValue(NAME, 0.9, said),
        "summary": FieldValue(f"{NAME}反映路灯不亮", 0.9, said, suggestion=NAME),
        "places": FieldValue([{"name": "人民路", "note": NUMBER}], 0.9, said),
        "people_count": FieldValue(3, 0.9, said),
    }
    for role in UNIT_ROLES:
        masking = masking_for(role, confidential=False)
        person = {"phone": "138****4310", "caller_name": "陈先生/女士"}
        shown = shown_fields(fields, masking, person, CLUES)
        assert NUMBER not in repr(shown)
        assert NAME not in repr(shown)
        assert shown["people_count"].value == 3


def test_the_centre_keeps_the_second_of_audio_behind_a_masked_number() -> None:
    said = (Span("caller", 500, 900, NUMBER),)
    masking = masking_for(Role.DISPATCHER, confidential=False)
    fields = {"phone": FieldValue(NUMBER, 0.9, said)}
    shown = shown_fields(fields, masking, {"phone": "138****4310"}, CLUES)["phone"]
    assert (shown.value, shown.sources[0].start_ms, shown.sources[0].words) == (
        "138****4310", 500, "",
    )  # fmt: skip
