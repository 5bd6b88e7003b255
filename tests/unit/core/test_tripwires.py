"""Warnings: a dismissed one stays away until it is said once more."""

from core.domain.drafts import Span, Tripwire, merge_tripwires


def wire(start_ms: int, kind: str = "danger") -> Tripwire:
    return Tripwire(kind, "危险", Span("caller", start_ms, start_ms + 1_000, "救命"))


def dismissed(one: Tripwire) -> dict[str, object]:
    return {**merge_tripwires([], [one])[0], "dismissed": {"by": "a", "reason": "误识别", "at": ""}}


def test_a_new_warning_is_not_dismissed() -> None:
    (shown,) = merge_tripwires([], [wire(1_000)])
    assert "dismissed" not in shown


def test_a_dismissed_warning_stays_so_while_the_call_is_read_again() -> None:
    (shown,) = merge_tripwires([dismissed(wire(1_000))], [wire(1_000)])
    assert shown["dismissed"]["reason"] == "误识别"


def test_the_same_danger_said_later_is_shown_anew() -> None:
    (shown,) = merge_tripwires([dismissed(wire(1_000))], [wire(9_000)])
    assert "dismissed" not in shown


def test_dismissing_one_kind_leaves_the_others() -> None:
    shown = merge_tripwires([dismissed(wire(1_000))], [wire(1_000), wire(2_000, "police")])
    assert [("dismissed" in one) for one in shown] == [True, False]
