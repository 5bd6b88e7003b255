"""Listening to a call: first the reason is written down, then a ticket opens the audio."""

import base64
import hashlib
import hmac
from typing import Final

from aiohttp import web

from agent_ui.deps import Deps
from agent_ui.pages.cases import best_recording, may_listen
from agent_ui.web import address_of, deps_of, log_in_of
from core.actions.access import Seen, log_seen
from core.actions.recordings import log_listening
from core.db.repos.calls import recordings
from core.db.repos.case_views import case_row
from core.db.tables.calls import CallRow, RecordingRow
from core.domain.access import SeenField
from core.errors import InputRefused, NotAllowed, NotFound

TICKET_SECONDS: Final = 900
_MAX_REASON: Final = 200
_WHOLE: Final = 1 << 40


async def start_listening(request: web.Request) -> web.StreamResponse:
    """Log who listens and why; answer with the address of the audio."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    reason = str(data.get("reason", "")).strip()
    if not reason or len(reason) > _MAX_REASON:
        raise InputRefused("请说明收听理由（200 字以内）")
    async with deps.database.work() as work:
        case = await case_row(work.session, principal, request.match_info["case_id"])
        call = await work.session.get(CallRow, case.call_id) if case.call_id else None
        if not may_listen(deps, principal, call):
            raise NotAllowed("您没有收听此录音的权限")
        recording = best_recording(await recordings(work.session, case.call_id or ""))
        if recording is None:
            raise NotFound("该通话还没有录音")
        await log_listening(
            work,
            recording,
            account_id=principal.agent_id,
            reason=reason,
            address=address_of(request),
        )
        look = Seen(case.id, SeenField.LISTEN, reason, address_of(request))
        await log_seen(work, [look], by=principal, vault=deps.vault)
        await work.commit()
        ticket = make_ticket(deps, recording.id, principal.agent_id)
        answer = {"url": f"/audio/{ticket}", "offset_ms": recording.offset_ms}
    return web.json_response(answer)


async def audio(request: web.Request) -> web.StreamResponse:
    """The audio of a ticket, whole or in ranges; never to be kept by the browser."""
    deps, principal = deps_of(request), log_in_of(request).principal
    recording_id = check_ticket(deps, request.match_info["ticket"], principal.agent_id)
    async with deps.database.sessions() as session:
        row = await session.get(RecordingRow, recording_id)
    if row is None:
        raise NotFound("没有找到该录音")
    try:
        asked = request.http_range
    except ValueError as error:
        raise web.HTTPRequestRangeNotSatisfiable from error
    start = max(0, asked.start or 0)
    length = (asked.stop - start) if asked.stop is not None else _WHOLE
    content, total = await deps.playback.read(row, start, length)
    if total <= start:
        raise web.HTTPRequestRangeNotSatisfiable
    end = start + len(content) - 1
    # Always a part: the browser asks for what it plays, and nothing is decrypted in vain.
    headers = {
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {start}-{end}/{total}",
    }
    return web.Response(status=206, body=content, content_type="audio/wav", headers=headers)


def make_ticket(deps: Deps, recording_id: str, account_id: str) -> str:
    """An address that opens one recording for one person for a while."""
    expires = int(deps.clock.now().timestamp()) + TICKET_SECONDS
    body = f"{recording_id}.{account_id}.{expires}"
    return base64.urlsafe_b64encode(f"{body}.{_sign(deps, body)}".encode()).decode().rstrip("=")


def check_ticket(deps: Deps, ticket: str, account_id: str) -> str:
    """The recording that the ticket opens. Raises NotAllowed."""
    try:
        text = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4)).decode()
        body, _, signature = text.rpartition(".")
        recording_id, owner, expires = body.split(".")
        alive = int(expires) >= deps.clock.now().timestamp()
    except ValueError as error:
        raise NotAllowed("收听链接无效") from error
    if not hmac.compare_digest(signature, _sign(deps, body)):
        raise NotAllowed("收听链接无效")
    if owner != account_id or not alive:
        raise NotAllowed("收听链接已过期，请重新说明理由")
    return recording_id


def _sign(deps: Deps, body: str) -> str:
    key = deps.vault.subkey("listen-ticket")
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
