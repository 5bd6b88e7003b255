"""The month's review of who looked at personal data, and whether the log is whole."""

import asyncio
from datetime import date

from aiohttp import web

from agent_ui.web import deps_of, done, log_in_of, page, texts_of
from core.actions.access import anchor_chain, chain_key
from core.clock import city_time
from core.db.repos.access_log import month_review, verify_chain
from core.errors import InputRefused

#: Going through a long chain takes seconds; longer than this, the command line does it.
_PATIENCE_SECONDS = 20.0


async def month(request: web.Request) -> web.StreamResponse:
    """Each person's looks of one month, most reveals first."""
    deps = deps_of(request)
    today = city_time(deps.clock.now()).date()
    chosen = _month(request.query.get("month", ""), today)
    async with deps.database.sessions() as session:
        people = await month_review(session, chosen)
    values = {"month": f"{chosen:%Y-%m}", "latest": f"{today:%Y-%m}", "people": people}
    return page(request, "privacy/review.html", values)


async def check(request: web.Request) -> web.StreamResponse:
    """Go through the whole chain; when it is whole, write its end into the audit trail."""
    deps, principal = deps_of(request), log_in_of(request).principal
    gettext = texts_of(request).gettext
    async with asyncio.timeout(_PATIENCE_SECONDS), deps.database.sessions() as session:
        report = await verify_chain(session, chain_key(deps.vault))
    if not report.whole:
        raise InputRefused("查看记录被改动过，请立即报告信息安全负责人")
    async with deps.database.work() as work:
        await anchor_chain(work, by=principal)
        await work.commit()
    raise done("/privacy/review", gettext("查看记录完整，共 {rows} 条").format(rows=report.rows))


def _month(text: str, today: date) -> date:
    if not text:
        return today.replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise InputRefused("月份格式应为 年-月") from error
