"""Every write about webhooks: subscriptions, and events on their way to them."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.auth import new_token
from core.db.engine import UnitOfWork
from core.db.repos.api_clients import principal_of_client, webhooks_for, webhooks_of
from core.db.repos.case_views import may_see
from core.db.tables.api import ApiClientRow, DeliveryRow, WebhookRow
from core.db.tables.cases import CaseRow
from core.domain.api_scopes import WEBHOOK_EVENTS, DeliveryState
from core.domain.codec import Envelope, to_payload
from core.errors import InputRefused, NotFound
from core.ids import new_id
from core.vault import Vault

MOST_HOOKS = 5
#: After so many tries a message is put aside until somebody asks for it again.
MOST_ATTEMPTS = 8
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=6)
_LEASE = timedelta(seconds=60)
_LONGEST_URL = 500
#: Of an event only these are told: no person, no text.
_TOLD = (
    "from_status", "to_status", "status", "action", "at", "kind", "subject", "case_number",
)  # fmt: skip


async def subscribe(
    work: UnitOfWork, client: ApiClientRow, url: str, events: Sequence[str], *, vault: Vault
) -> tuple[WebhookRow, str]:
    """A new webhook and its secret, which is shown this once. Raises InputRefused."""
    check_url(url)
    unknown = sorted(set(events) - set(WEBHOOK_EVENTS))
    if unknown or not events:
        raise InputRefused(f"通知只能是：{'、'.join(WEBHOOK_EVENTS)}", fields=["events"])
    present = await webhooks_of(work.session, client.id)
    if len(present) >= MOST_HOOKS or any(hook.url == url for hook in present):
        raise InputRefused("该地址已订阅，或订阅已达五个", fields=["url"])
    secret = new_token()
    row = WebhookRow(
        id=new_id(), client_id=client.id, url=url, secret_sealed=vault.seal(secret),
        events=sorted(set(events)), made_at=work.clock.now(),
    )  # fmt: skip
    work.session.add(row)
    work.audit(
        actor=f"api-{client.id}", action="subscribe", entity="webhook", entity_id=row.id,
        facts={"events": row.events},
    )  # fmt: skip
    return row, secret


async def unsubscribe(work: UnitOfWork, client: ApiClientRow, webhook_id: str) -> None:
    """Tell nothing more to it. Raises NotFound."""
    row = await work.session.get(WebhookRow, webhook_id, with_for_update=True)
    if row is None or row.client_id != client.id:
        raise NotFound("没有这个订阅")
    await work.session.delete(row)
    work.audit(
        actor=f"api-{client.id}", action="unsubscribe", entity="webhook", entity_id=row.id, facts={}
    )


async def send_again(work: UnitOfWork, client: ApiClientRow, delivery_id: str) -> None:
    """Try a message that was put aside once more. Raises NotFound."""
    row = await work.session.get(DeliveryRow, delivery_id, with_for_update=True)
    hook = await work.session.get(WebhookRow, row.webhook_id) if row is not None else None
    if row is None or hook is None or hook.client_id != client.id:
        raise NotFound("没有这条通知")
    row.state, row.attempts = DeliveryState.WAITING.value, 0
    row.next_at, row.ended_at = work.clock.now(), None


async def queue_event(work: UnitOfWork, envelope: Envelope) -> int:
    """Put an event on its way to everybody who wants it and may see its case; how many."""
    payload = to_payload(envelope.event)
    kind, case_id = type(envelope.event).__name__, str(payload.get("case_id") or "")
    queued = 0
    for hook, client in await webhooks_for(work.session, kind):
        principal = principal_of_client(client)
        query = select(CaseRow.number).where(
            CaseRow.id == case_id, await may_see(work.session, principal)
        )
        number = await work.session.scalar(query)
        if number is None:
            continue
        now = work.clock.now()
        await work.session.execute(
            insert(DeliveryRow)
            .values(
                id=new_id(), webhook_id=hook.id, event_id=envelope.event_id, kind=kind,
                body=_body(envelope.event_id, kind, number, payload),
                state=DeliveryState.WAITING.value, attempts=0, next_at=now, last_answer="",
                made_at=now,
            )
            .on_conflict_do_nothing(index_elements=["webhook_id", "event_id"])
        )  # fmt: skip
        queued += 1
    return queued


def _body(event_id: str, kind: str, number: str, payload: dict[str, Any]) -> dict[str, Any]:
    facts = {name: payload[name] for name in _TOLD if payload.get(name) not in (None, "")}
    return {"event_id": event_id, "event": kind, "case_number": number, "facts": facts}


@dataclass(frozen=True, slots=True)
class Due:
    """A message to be sent now."""

    delivery_id: str
    url: str
    secret: str
    body: dict[str, Any]


async def claim_due(work: UnitOfWork, *, limit: int, vault: Vault) -> list[Due]:
    """Take messages whose time has come; nobody else takes them while the lease runs."""
    now = work.clock.now()
    query = (
        select(DeliveryRow, WebhookRow)
        .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        .where(DeliveryRow.state == DeliveryState.WAITING.value, DeliveryRow.next_at <= now)
        .order_by(DeliveryRow.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    found = (await work.session.execute(query)).all()
    for row, _ in found:
        row.next_at = now + _LEASE
    return [
        Due(row.id, hook.url, vault.open(hook.secret_sealed), dict(row.body)) for row, hook in found
    ]


async def note_delivery(
    work: UnitOfWork, delivery_id: str, *, delivered: bool, answer: str
) -> None:
    """Delivered, or to be tried again later, or put aside after too many tries."""
    row = await work.session.get(DeliveryRow, delivery_id, with_for_update=True)
    if row is None:
        return
    now = work.clock.now()
    row.attempts += 1
    row.last_answer = answer[:200]
    if delivered:
        row.state, row.ended_at = DeliveryState.DELIVERED.value, now
    elif row.attempts >= MOST_ATTEMPTS:
        row.state, row.ended_at = DeliveryState.DEAD.value, now
    else:
        row.next_at = now + wait_before(row.attempts)


def wait_before(attempts: int) -> timedelta:
    """How long to wait after so many failures: twice as long each time."""
    doubled: timedelta = _FIRST_WAIT * (1 << attempts)
    return min(doubled, _LONGEST_WAIT)


def check_url(url: str) -> None:
    """Raise InputRefused for an address that no partner of ours can have.

    Our own machine and link-local addresses are refused: a webhook must not make us ask ourselves.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host or len(url) > _LONGEST_URL:
        raise InputRefused("通知地址应为 http(s) 网址", fields=["url"])
    if parts.username or parts.password:
        raise InputRefused("通知地址中不能带用户名或密码", fields=["url"])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost":
            raise InputRefused("通知地址不能是本机", fields=["url"]) from None
        return
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        raise InputRefused("通知地址不能是本机", fields=["url"])
