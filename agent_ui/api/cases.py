"""Cases over the API: registered from another channel, read, searched."""

from agent_ui.api.calls import Answer, ApiCall, Json
from agent_ui.api.shapes import case_json
from agent_ui.web import address_of
from core.actions.access import Seen, note_seen
from core.actions.intake import take_in
from core.actions.saved_views import logged_search
from core.db.repos.case_views import visible_case
from core.domain.access import SeenField
from core.domain.cases import CaseType, Channel, Urgency
from core.domain.searches import read_query
from core.errors import InputRefused, NotAllowed

#: What a program may give of a case: its name in the API -> the draft's field, longest.
FIELDS: dict[str, tuple[str, int]] = {
    "case_type": ("case_type", 10),
    "title": ("title", 100),
    "content": ("summary", 20_000),
    "purpose": ("purpose", 2_000),
    "place": ("place_text", 400),
    "category": ("category", 200),
    "urgency": ("urgency", 10),
    "occurred_at": ("occurred_at", 40),
    "caller_name": ("caller_name", 60),
    "phone": ("phone", 30),
}
_PHONE_LETTERS = frozenset("0123456789+- ()")


async def create(call: ApiCall) -> Answer:
    """Register a case from this program's channel."""
    fields = case_fields(call)
    channel = call.client.channel
    if channel is None:
        raise NotAllowed("该令牌没有受理渠道")
    async with call.deps.database.work() as work:
        case = await take_in(
            work, fields, channel=Channel(channel), by=call.principal, vault=call.deps.vault,
            accused=call.text("accused", longest=200),
        )  # fmt: skip
        made = {"id": case.id, "number": case.number, "status": case.status}
        answer = await call.keep(work, Answer(made, 201))
        await work.commit()
    return answer


def case_fields(call: ApiCall) -> Json:
    """The draft's fields from the body. Raises InputRefused."""
    unknown = sorted(set(call.body) - set(FIELDS) - {"confidential", "accused", "wants_callback"})
    if unknown:
        raise InputRefused("没有这些字段", fields=unknown)
    needed = {"case_type", "content"}
    fields: Json = {}
    for name, (field, longest) in FIELDS.items():
        text = call.text(name, needed=name in needed, longest=longest)
        if text:
            fields[field] = text
    for name in ("confidential", "wants_callback"):
        value = call.body.get(name)
        if value is not None and not isinstance(value, bool):
            raise InputRefused("该字段应为 true 或 false", fields=[name])
        if value is not None:
            fields[name] = value
    _check_words(fields)
    return fields


def _check_words(fields: Json) -> None:
    if fields["case_type"] not in {kind.value for kind in CaseType}:
        raise InputRefused("没有这种诉求类型", fields=["case_type"])
    if fields.get("urgency", Urgency.ORDINARY.value) not in {one.value for one in Urgency}:
        raise InputRefused("没有这种紧急程度", fields=["urgency"])
    if not set(fields.get("phone", "")) <= _PHONE_LETTERS:
        raise InputRefused("联系电话只能是数字", fields=["phone"])


async def read(call: ApiCall) -> Answer:
    """One case as this program may see it; the look is logged."""
    async with call.deps.database.sessions() as session:
        view = await visible_case(session, call.sight, call.parameter("number"))
    look = Seen(view.id, SeenField.VIEW, f"接口：{call.client.name}", address_of(call.request))
    await note_seen(call.deps.database, [look], by=call.principal, vault=call.deps.vault)
    return Answer(case_json(view))


async def search(call: ApiCall) -> Answer:
    """A page of cases that match."""
    query = read_query(call.request.query)
    found = await logged_search(
        call.deps.database, call.sight, query, address=address_of(call.request)
    )
    return Answer(
        {
            "cases": [case_json(view) for view in found.cases],
            "total": found.total,
            "more_than_total": found.counted_out,
            "after": found.after,
        }
    )
