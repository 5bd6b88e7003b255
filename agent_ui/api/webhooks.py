"""Webhooks over the API: subscribed, listed, cancelled; what was put aside sent again."""

from agent_ui.api.calls import Answer, ApiCall
from agent_ui.api.shapes import instant
from core.actions.webhooks import send_again
from core.actions.webhooks import subscribe as add_webhook
from core.actions.webhooks import unsubscribe as remove_webhook
from core.db.repos.api_clients import dead_letters, webhooks_of
from core.errors import InputRefused


async def listing(call: ApiCall) -> Answer:
    """This program's webhooks, without their secrets."""
    async with call.deps.database.sessions() as session:
        hooks = await webhooks_of(session, call.client.id)
    shown = [{"id": hook.id, "url": hook.url, "events": hook.events} for hook in hooks]
    return Answer({"webhooks": shown, "after": ""})


async def subscribe(call: ApiCall) -> Answer:
    """A new webhook; its secret is told this once and signs every message."""
    events = call.body.get("events")
    if not isinstance(events, list) or not all(isinstance(one, str) for one in events):
        raise InputRefused("通知种类应为文本列表", fields=["events"])
    url = call.text("url", needed=True, longest=500)
    async with call.deps.database.work() as work:
        hook, secret = await add_webhook(work, call.client, url, events, vault=call.deps.vault)
        answer = await call.keep(work, Answer({"id": hook.id, "secret": secret}, 201))
        await work.commit()
    return answer


async def unsubscribe(call: ApiCall) -> Answer:
    """Tell nothing more to this webhook."""
    webhook_id = call.parameter("webhook_id")
    async with call.deps.database.work() as work:
        await remove_webhook(work, call.client, webhook_id)
        await work.commit()
    return Answer({"id": webhook_id})


async def dead(call: ApiCall) -> Answer:
    """What could not be delivered."""
    async with call.deps.database.sessions() as session:
        rows = await dead_letters(session, call.client.id)
    shown = [
        {
            "id": row.id, "kind": row.kind, "body": row.body, "attempts": row.attempts,
            "last_answer": row.last_answer, "made_at": instant(row.made_at),
        }
        for row in rows
    ]  # fmt: skip
    return Answer({"deliveries": shown, "after": ""})


async def again(call: ApiCall) -> Answer:
    """Send it once more."""
    delivery_id = call.parameter("delivery_id")
    async with call.deps.database.work() as work:
        await send_again(work, call.client, delivery_id)
        await work.commit()
    return Answer({"id": delivery_id})
