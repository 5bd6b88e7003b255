"""A talk at a desk, told step by step as the other processes would tell it."""

from typing import Any

from core.actions import drafts, recordings
from core.actions.same_trouble import suggest_alike
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow, PlaceRow
from core.domain.cases import CaseStatus
from core.domain.drafts import DraftSuggestion, FieldValue, Span, Tripwire
from core.ids import CallId, CaseId
from tests.integration.test_desk_snapshot_law import CALL

PLACES = (
    ("p1", "青石大街", "road", "青石镇", 32.150, 121.100),
    ("p2", "清石大街", "road", "东湖街道", 32.116, 121.057),
    ("p3", "青石镇", "town", "江海市", 32.155, 121.096),
    ("p4", "石桥路", "road", "青石镇", 32.152, 121.104),
    ("p5", "东湖公园", "landmark", "东湖街道", 32.118, 121.060),
)
OPEN_CASE = CaseId("open-case")
LATER = Span("caller", 61_000, 63_000, "又有人倒在路边", "danger", 0.8)


def word(text: str, start: int, confidence: float) -> dict[str, Any]:
    """One recognised word."""
    end = start + 300 * len(text)
    return {"text": text, "start_ms": start, "end_ms": end, "confidence": confidence}


async def speak(work: UnitOfWork) -> None:
    """The caller's words, some of them not heard clearly; the agent's question."""
    words = (word("青石大街", 3_000, 0.41), word("路灯", 4_400, 0.96), word("坏了", 5_100, 0.93))
    said = recordings.Heard("caller", 3_000, 5_900, "青石大街路灯坏了。", 0.8, words, "fake")
    await recordings.hear_utterance(work, CALL, said)
    asked = recordings.Heard("agent", 6_500, 8_000, "请问具体在什么位置？", 0.95, (), "fake")
    await recordings.hear_utterance(work, CALL, asked)


def suggestion() -> DraftSuggestion:
    """A draft with two candidates for the place, a warning, and a second matter."""
    place = Span("caller", 3_000, 4_200, "青石大街", "gazetteer", 0.41)
    lamp = Span("caller", 4_400, 5_900, "路灯坏了", "phrase", 0.95)
    choices = tuple(
        {
            "value": name, "score": score, "place_id": key, "kind": kind, "town": town,
            "lat": lat, "lon": lon, "grid": "", "heard_exactly": exact, "in_jurisdiction": True,
            "words": "青石大街",
        }
        for (key, name, kind, town, lat, lon), score, exact in (
            (PLACES[0], 0.72, True), (PLACES[1], 0.66, False),
        )
    )  # fmt: skip
    point = {"value": "青石镇青石大街", "lat": 32.150, "lon": 121.100, "grid": "G0412"}
    fields = {
        "case_type": FieldValue("投诉", 0.91, (lamp,)),
        "category": FieldValue(["城市管理", "路灯照明"], 0.84, (lamp,)),
        "places": FieldValue(["青石大街"], 0.72, (place,), choices=choices),
        "place_text": FieldValue("青石镇青石大街", 0.72, (place,), choices=(point,)),
        "summary": FieldValue("市民反映青石大街路灯不亮，希望尽快维修。", 0.7, (lamp,)),
        "department": FieldValue("市城市管理局", 0.8, (lamp,)),
        "phone": FieldValue("13862754310", 0.9),
        "title": FieldValue("青石大街路灯不亮", 0.6, (lamp,)),
    }
    smoke = Span("caller", 20_000, 23_000, "饭店油烟很大", "phrase", 0.9)
    second = {
        "case_type": FieldValue("投诉", 0.9, (smoke,)),
        "category": FieldValue(["城市管理", "餐饮油烟"], 0.8, (smoke,)),
        "summary": FieldValue("市民反映饭店油烟扰民。", 0.7, (smoke,)),
    }
    danger = Tripwire(
        "danger", "疑似危及生命安全", Span("caller", 9_000, 11_000, "有人晕倒了", "danger", 0.9)
    )
    question = "请问是青石镇的青石大街，还是东湖街道的清石大街？"
    return DraftSuggestion(fields, (danger,), question, (DraftSuggestion(second),))


async def think(work: UnitOfWork) -> None:
    """The machine drafts both matters."""
    found = suggestion()
    await drafts.update_draft(work, CALL, found)
    await drafts.update_draft(work, CALL, found.others[0], matter=2)


async def danger_again(work: UnitOfWork) -> None:
    """Words of danger are spoken once more, later."""
    found = suggestion()
    wire = Tripwire("danger", "疑似危及生命安全", LATER)
    await drafts.update_draft(work, CALL, DraftSuggestion(found.fields, (wire,), found.question))


async def know_places(work: UnitOfWork) -> None:
    """The gazetteer around the candidates."""
    for key, name, kind, parent, lat, lon in PLACES:
        await work.session.merge(
            PlaceRow(id=key, name=name, kind=kind, parent=parent, lat=lat, lon=lon)
        )


async def open_case(work: UnitOfWork) -> None:
    """Another caller's case of the same trouble, on its way."""
    fields = suggestion().fields
    work.session.add(
        CaseRow(
            id=OPEN_CASE,
            number="2026112500001",
            status=CaseStatus.DISPATCHED.value,
            category="城市管理/路灯照明",
            title="青石大街整段路灯不亮",
            content="青石大街整段路灯不亮，市民要求维修",
            place_text="青石镇青石大街",
            department="市城市管理局",
            fields={name: field.as_json() for name, field in fields.items()},
            created_at=work.clock.now(),
        )
    )


async def find_alike(work: UnitOfWork) -> None:
    """The machine finds the other caller's case."""
    case = await drafts.open_draft(work, CallId(CALL))
    alike = {
        "case_id": OPEN_CASE, "call_id": None, "number": "2026112500001",
        "title": "青石大街整段路灯不亮", "category": "城市管理/路灯照明", "place": "青石镇青石大街",
        "status": "DISPATCHED", "status_name": "已派遣待签收", "department": "市城市管理局",
        "due_at": None, "at": work.clock.now().isoformat(), "reporters": 6, "score": 0.93,
        "reasons": ["同类：路灯照明", "同一地点：青石大街", "相隔0小时"], "metres": 40,
        "lat": 32.150, "lon": 121.100, "can_join": True,
    }  # fmt: skip
    burst = {"count": 7, "mother_id": OPEN_CASE, "category": "路灯照明", "place": "青石大街"}
    await suggest_alike(work, CaseId(case.id), [alike], burst)
