"""A department's legs over the API: listed, signed, replied to, returned, given more time."""

from typing import Any

from agent_ui.api.calls import Answer, ApiCall
from agent_ui.api.shapes import case_json, leg_json
from core.actions.case_steps import attempt_step
from core.db.repos.case_views import case_row, visible_case
from core.db.repos.visible_legs import own_legs
from core.domain.case_actions import CaseAction
from core.domain.legs import REPLY_FORM, LegStatus
from core.domain.searches import DEFAULT_ROWS, Cursor
from core.errors import InputRefused
from core.ids import CaseId

#: What each step takes of the body; anything else is refused, not silently lost.
REPLY_FIELDS = tuple(REPLY_FORM)
RETURN_FIELDS = ("reason_code", "basis", "proposed_unit")
EXTENSION_FIELDS = ("days", "hours", "reason_code", "words", "told_caller", "told_at")
_FLAGS = frozenset({"told_caller"})
_NUMBERS = frozenset({"days", "hours"})


async def listing(call: ApiCall) -> Answer:
    """The department's legs, the earliest deadline first."""
    wanted, after = call.request.query.get("status", ""), call.request.query.get("after", "")
    try:
        status = LegStatus(wanted) if wanted else None
    except ValueError as error:
        raise InputRefused("没有这种承办单状态", field="status") from error
    async with call.deps.database.sessions() as session:
        legs = await own_legs(
            session, call.sight, status=status,
            after=Cursor.from_text(after) if after else None, limit=DEFAULT_ROWS + 1,
        )  # fmt: skip
    shown = legs[:DEFAULT_ROWS]
    last = Cursor(shown[-1].due_at, shown[-1].id).as_text() if len(legs) > DEFAULT_ROWS else ""
    return Answer({"legs": [leg_json(leg) for leg in shown], "after": last})


async def sign(call: ApiCall) -> Answer:
    """Take note of the case."""
    return await _step(call, CaseAction.SIGN, ())


async def reply(call: ApiCall) -> Answer:
    """Hand in the reply form."""
    return await _step(call, CaseAction.REPLY, REPLY_FIELDS)


async def give_back(call: ApiCall) -> Answer:
    """Ask to return the case."""
    return await _step(call, CaseAction.ASK_RETURN, RETURN_FIELDS)


async def ask_extension(call: ApiCall) -> Answer:
    """Ask for more time."""
    return await _step(call, CaseAction.ASK_EXTENSION, EXTENSION_FIELDS)


async def _step(call: ApiCall, action: CaseAction, names: tuple[str, ...]) -> Answer:
    """Only on a case that the department sees; the law of the case decides the rest."""
    given = _given(call, names)
    database = call.deps.database
    async with database.sessions() as session:
        row = await case_row(session, call.principal, call.parameter("number"))
    await attempt_step(database, CaseId(row.id), action, by=call.principal, given=given)
    async with database.sessions() as session:
        view = await visible_case(session, call.sight, row.id)
        legs = await own_legs(session, call.sight, case_id=row.id)
    return Answer({"case": case_json(view), "legs": [leg_json(leg) for leg in legs]})


def _given(call: ApiCall, names: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(set(call.body) - set(names))
    if unknown:
        raise InputRefused("没有这些字段", fields=unknown)
    given: dict[str, Any] = {}
    for name in names:
        value = call.body.get(name)
        if value is None:
            continue
        if name in _FLAGS:
            if not isinstance(value, bool):
                raise InputRefused("该字段应为 true 或 false", fields=[name])
            given[name] = value
        elif name in _NUMBERS:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputRefused("该字段应为数字", fields=[name])
            given[name] = value
        else:
            given[name] = call.text(name)
    return given
