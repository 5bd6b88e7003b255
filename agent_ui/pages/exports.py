"""Exports: choose a statement, ask, approve, take the file; and the log of all that left."""

import asyncio
import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web
from multidict import MultiDict

from agent_ui.i18n import mark
from agent_ui.pages.figures import Asked, asked_from, behind_from, check_may_see, question_of, tabs
from agent_ui.web import address_of, deps_of, log_in_of, page, see_other
from analytics.export_files import MIME, FileFormat, as_file, watermark
from analytics.statements import STATEMENTS, Statement, Wanted, statement
from core.actions import exports
from core.actions.exports import ROWS_WITHOUT_APPROVAL, ExportWish
from core.auth import Permission
from core.clock import city_time
from core.db.repos.case_views import Sight
from core.db.repos.exports import exports_for
from core.errors import InputRefused

NAMES: Mapping[str, str] = {
    "daily": mark("受理日报"),
    "categories": mark("类别同比环比表"),
    "units": mark("承办单位办理情况表"),
    "overdue": mark("超期未办结清单"),
    "unhappy": mark("不满意清单"),
    "second": mark("二次交办清单"),
    "seats": mark("座席话务表"),
    "repeats": mark("重复及群体诉求表"),
    "places": mark("热点地点表"),
    "baseline": mark("省基线对照表"),
    "behind": mark("指标明细清单"),
}
_SHOWN_ROWS = 20
#: What of the address makes the list: kept with the wish, so that the same list is taken later.
_PARAMETERS = ("from", "to", "month", "year", "view", "category", "code", "unit", "side")


async def choose(request: web.Request) -> web.StreamResponse:
    """The statements, a preview of the chosen one, and the log."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    code = request.query.get("statement", "")
    given = _parameters(request.query)
    asked = asked_from(given, today=city_time(deps.clock.now()).date())
    shown = await _made(request, code, given, asked) if code else None
    async with deps.database.sessions() as session:
        log = await exports_for(session, principal)
    centre = principal.can(Permission.SEE_ALL_CASES)
    values = {
        "asked": asked,
        "statements": {
            key: name
            for key, name in NAMES.items()
            if key != "behind" and (centre or STATEMENTS[key][2])
        },
        "code": code,
        "name": NAMES.get(code, ""),
        "given": given,
        "shown": shown,
        "most": _SHOWN_ROWS,
        "needs_approval": shown is not None and len(shown.rows) > ROWS_WITHOUT_APPROVAL,
        "limit": ROWS_WITHOUT_APPROVAL,
        "log": log,
        "names": NAMES,
        "tabs": tabs(principal),
    }
    return page(request, "figures/exports.html", values)


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask for a list; a short one is taken at once."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    data = {name: str(value) for name, value in (await request.post()).items()}
    code, given = data.get("statement", ""), _parameters(data)
    asked = asked_from(given, today=city_time(deps.clock.now()).date())
    made = await _made(request, code, given, asked)
    wish = ExportWish(
        statement=code,
        parameters=given,
        format=_format(data.get("format", "")).value,
        rows=len(made.rows),
        reason=data.get("reason", ""),
    )
    async with deps.database.work() as work:
        row = await exports.ask_export(work, wish, by=principal)
        await work.commit()
    raise see_other("/exports" if row.verdict is None else f"/exports/{row.id}/file")


async def rule(request: web.Request) -> web.StreamResponse:
    """Approve or refuse."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    async with deps.database.work() as work:
        await exports.rule_export(
            work,
            request.match_info["export_id"],
            allowed=data.get("verdict") == "ALLOWED",
            reason=str(data.get("reason", "")),
            by=principal,
        )
        await work.commit()
    raise see_other("/exports")


async def take(request: web.Request) -> web.StreamResponse:
    """The file itself, made now, marked, logged."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    now = deps.clock.now()
    async with deps.database.work() as work:
        row = await exports.export_to_take(work, request.match_info["export_id"], by=principal)
        given = {name: str(value) for name, value in row.parameters.items()}
        # The days of the list are those of the day it was asked for.
        asked = asked_from(given, today=city_time(row.asked_at).date())
        made = await _made(request, row.statement, given, asked)
        exports.check_size(row, len(made.rows))
        kind = FileFormat(row.format)
        sign = watermark(f"{principal.name}（{principal.account}）", now, row.id)
        content = await asyncio.to_thread(as_file, made, sign, kind)
        await exports.note_taken(
            work,
            row,
            rows=len(made.rows),
            sha256=hashlib.sha256(content).hexdigest(),
            address=address_of(request),
            by=principal,
        )
        await work.commit()
    name = quote(f"{made.name}_{city_time(now):%Y%m%d%H%M}.{kind.value}")
    return web.Response(
        body=content,
        content_type=MIME[kind],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


async def _made(
    request: web.Request, code: str, given: Mapping[str, str], asked: Asked
) -> Statement:
    deps, principal = deps_of(request), log_in_of(request).principal
    question = await question_of(deps, asked)
    behind = behind_from(principal, question, given) if code == "behind" else None
    wanted = Wanted(Sight(principal, deps.vault), question, behind)
    return await statement(deps.database, code, wanted)


def _parameters(given: Mapping[str, str] | MultiDict[str]) -> dict[str, str]:
    return {name: given[name][:100] for name in _PARAMETERS if given.get(name)}


def _format(text: str) -> FileFormat:
    if text not in {kind.value for kind in FileFormat}:
        raise InputRefused("导出格式应为 xlsx 或 csv", fields=["format"])
    return FileFormat(text)
