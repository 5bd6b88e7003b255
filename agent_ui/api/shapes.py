"""Cases and legs as JSON, and their schemas; nothing that the mask does not leave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent_ui.api.calls import Json
from core.db.repos.visible_legs import LegView
from core.domain.case_views import CaseView
from core.domain.legs import LEG_NAMES, LegStatus
from core.domain.masking import PhoneShown
from core.vault import mask_phone

TEXT: Mapping[str, Any] = {"type": "string"}
NUMBER: Mapping[str, Any] = {"type": "number"}
FLAG: Mapping[str, Any] = {"type": "boolean"}
INSTANT: Mapping[str, Any] = {"type": "string", "format": "date-time", "nullable": True}


def record(*needed: str, **properties: Mapping[str, Any]) -> Json:
    """The schema of an object."""
    schema: Json = {"type": "object", "properties": properties}
    return schema | ({"required": list(needed)} if needed else {})


def listing(of: Mapping[str, Any], name: str) -> Json:
    """The schema of a page of things."""
    return record(name, "after", **{name: {"type": "array", "items": of}, "after": TEXT})


CASE = record(
    "number", "status",
    id=TEXT, number=TEXT, status=TEXT, status_name=TEXT, channel=TEXT, case_type=TEXT,
    category=TEXT, title=TEXT, content=TEXT, place=TEXT, urgency=TEXT, department=TEXT,
    caller_name=TEXT, phone=TEXT, confidential=FLAG, round=NUMBER, public_reply=TEXT,
    created_at=INSTANT, due_at=INSTANT, closed_at=INSTANT,
)  # fmt: skip
LEG = record(
    "id", "status",
    id=TEXT, case_number=TEXT, department=TEXT, role=TEXT, level=NUMBER, round=NUMBER,
    status=TEXT, status_name=TEXT, instruction=TEXT, dispatched_at=INSTANT, sign_due_at=INSTANT,
    due_at=INSTANT, signed_at=INSTANT, replied_at=INSTANT,
)  # fmt: skip


def case_json(view: CaseView) -> Json:
    """A case; a number leaves only as its mask, whoever asks: programs keep logs."""
    phone = mask_phone(view.phone) if view.masking.phone is PhoneShown.FULL else view.phone
    return {
        "id": view.id,
        "number": view.number,
        "status": view.status,
        "status_name": view.status_name,
        "channel": view.channel,
        "case_type": view.case_type,
        "category": view.category,
        "title": view.title,
        "content": view.content,
        "place": view.place_text,
        "urgency": view.urgency,
        "department": view.department,
        "caller_name": view.caller_name,
        "phone": phone,
        "confidential": view.confidential,
        "round": view.round,
        "public_reply": view.public_reply,
        "created_at": instant(view.created_at),
        "due_at": instant(view.due_at),
        "closed_at": instant(view.closed_at),
    }


def leg_json(leg: LegView) -> Json:
    """A department's part of a case."""
    return {
        "id": leg.id,
        "case_number": leg.case_number,
        "department": leg.department,
        "role": leg.role,
        "level": leg.level,
        "round": leg.round,
        "status": leg.status,
        "status_name": LEG_NAMES[LegStatus(leg.status)],
        "instruction": leg.instruction,
        "dispatched_at": instant(leg.dispatched_at),
        "sign_due_at": instant(leg.sign_due_at),
        "due_at": instant(leg.due_at),
        "signed_at": instant(leg.signed_at),
        "replied_at": instant(leg.replied_at),
    }


def instant(at: datetime | None) -> str | None:
    """An instant as text."""
    return at.isoformat() if at else None
