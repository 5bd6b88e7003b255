"""Carries webhook messages out: signed, tried again with growing waits, put aside at last."""

import asyncio
import hashlib
import hmac
import json
import logging

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from core.actions.webhooks import Due, claim_due, note_delivery, queue_event
from core.clock import Clock
from core.db.engine import Database
from core.domain.api_scopes import WEBHOOK_EVENTS
from core.errors import Unavailable
from core.events.bus import EVENTS, EventBus
from core.metrics import LOOP_ERRORS
from core.vault import Vault

logger = logging.getLogger(__name__)
GROUP = "webhooks"
_AT_ONCE = 10
_PATIENCE = aiohttp.ClientTimeout(total=10)
_PAUSE_SECONDS = 2.0
_FIRST_BAD = 300


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, a dot and the body; old messages cannot be sent anew."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class WebhookSender:
    """Two loops: events become messages, messages are carried out; any number may run."""

    def __init__(
        self,
        *,
        database: Database,
        bus: EventBus,
        vault: Vault,
        http: aiohttp.ClientSession,
        name: str = "agent_ui",
    ) -> None:
        self._database = database
        self._bus = bus
        self._vault = vault
        self._http = http
        self._clock: Clock = database.clock
        self._name = name

    async def feed(self) -> None:
        """Put each event on its way, until cancelled; an event that comes twice is told once."""
        async for envelope in self._bus.consume(EVENTS, group=GROUP, consumer=self._name):
            if type(envelope.event).__name__ not in WEBHOOK_EVENTS:
                continue
            try:
                async with self._database.work() as work:
                    if await queue_event(work, envelope):
                        await work.commit()
            except (SQLAlchemyError, OSError):
                logger.warning("webhook event not queued")
                LOOP_ERRORS.labels("webhooks").inc()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            try:
                sent = await self.send_due()
            except (SQLAlchemyError, OSError, Unavailable):
                logger.warning("webhooks not sent, trying again")
                LOOP_ERRORS.labels("webhooks").inc()
                sent = 0
            if sent < _AT_ONCE:
                await asyncio.sleep(_PAUSE_SECONDS)

    async def send_due(self) -> int:
        """Claim, send, note: a message whose sender dies is due again when its lease is over."""
        async with self._database.work() as work:
            due = await claim_due(work, limit=_AT_ONCE, vault=self._vault)
            await work.commit()
        async with asyncio.TaskGroup() as group:
            for one in due:
                group.create_task(self._send(one))
        return len(due)

    async def _send(self, due: Due) -> None:
        delivered, answer = await self._post(due)
        async with self._database.work() as work:
            await note_delivery(work, due.delivery_id, delivered=delivered, answer=answer)
            await work.commit()

    async def _post(self, due: Due) -> tuple[bool, str]:
        body = json.dumps(due.body, ensure_ascii=False, sort_keys=True).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Hotline-Timestamp": timestamp,
            "X-Hotline-Signature": signature(due.secret, timestamp, body),
            "X-Hotline-Event-Id": str(due.body.get("event_id", "")),
        }
        try:
            async with self._http.post(
                due.url, data=body, headers=headers, timeout=_PATIENCE, allow_redirects=False
            ) as answer:
                return answer.status < _FIRST_BAD, f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return False, type(error).__name__
