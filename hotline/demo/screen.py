"""What the demonstration shows in the terminal: progress, captions, the case."""

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.cases import spoken_groups
from core.domain.events import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallOffered,
    CallQueued,
    CaseSubmitted,
    DraftUpdated,
    Event,
    SurveyAnswered,
    TranscriptReplaced,
    UtteranceHeard,
)
from core.vault import mask_phone
from simulator.story import Outcome

_SPEAKERS = {"caller": "市民", "agent": "坐席"}


def say(text: str = "") -> None:
    """One line, at once."""
    print(text, flush=True)


def show_progress(name: str, state: str) -> None:
    """A process of the instance changed its state."""
    say(f"  · {name:<11}{state}")


def show_event(event: Event) -> None:
    """One line for each event that a spectator understands."""
    line = _line(event)
    if line:
        say(line)


def _line(event: Event) -> str:
    describe = _LINES.get(type(event))
    return describe(event) if describe is not None else ""


def _utterance(event: UtteranceHeard) -> str:
    at = f"{event.start_ms // 60_000:02d}:{event.start_ms // 1000 % 60:02d}"
    return f"   {at} {_SPEAKERS.get(event.speaker, event.speaker)}：{event.text}"


def _draft(event: DraftUpdated) -> str:
    if event.actor != "machine":
        return ""
    news = (f"{name}={_short(field['value'])}" for name, field in event.fields.items())
    return "   草稿 + " + "、".join(news)


_LINES: Mapping[type[Event], Callable[[Any], str]] = {
    CallArrived: lambda e: f"☎  来电 {e.caller_mask} → {e.did}",
    CallQueued: lambda e: f"   排队（菜单：{' › '.join(e.menu_path) or '直通'}）",
    CallOffered: lambda _: "   振铃，来电信息已弹出",
    CallAnswered: lambda _: "   已接通",
    UtteranceHeard: _utterance,
    DraftUpdated: _draft,
    CaseSubmitted: lambda e: f"   ✔ 工单号 {' '.join(spoken_groups(e.case_number))}",
    SurveyAnswered: lambda e: f"   评价：按键 {e.score}",
    CallEnded: lambda _: "   通话结束",
    TranscriptReplaced: lambda e: f"   复核转写完成（{e.utterances} 句）",
}


def _short(value: object) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 18 else text[:17] + "…"  # noqa: PLR2004 - one terminal column


def show_outcome(outcome: Outcome) -> None:
    """The case with its fields."""
    rows = {
        "工单号": outcome.case_no,
        "类型": outcome.case_type,
        "分类": outcome.category,
        "地点": "、".join(outcome.places),
        "电话": mask_phone(outcome.phone) if outcome.phone else None,
        "承办建议": outcome.department,
        "录音": f"{outcome.recording_seconds:.1f} 秒",
        "弹屏": f"{outcome.pop_ms} 毫秒",
        "草稿": f"{outcome.draft_ms} 毫秒",
    }
    say("┌ 工单")
    for name, value in rows.items():
        say(f"│ {name:　<5}{value if value not in (None, '') else '—'}")
    say("└")
