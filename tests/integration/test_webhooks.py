"""Webhooks on a real HTTP receiver: signed, told once, tried again, put aside, not to strangers."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_ui.api.sender import WebhookSender, signature
from core.actions.api_clients import NewClient, make_client
from core.actions.webhooks import (
    MOST_ATTEMPTS,
    check_url,
    claim_due,
    queue_event,
    send_again,
    subscribe,
    unsubscribe,
    wait_before,
)
from core.db.engine import Database
from core.db.repos.api_clients import dead_letters
from core.db.tables.api import ApiClientRow, DeliveryRow, WebhookRow
from core.db.tables.handling import LegRow
from core.domain.cases import CaseStatus
from core.domain.codec import Envelope
from core.domain.events import CaseStatusChanged, CaseSubmitted
from core.errors import InputRefused, NotFound
from core.events.bus import EVENTS
from core.events.memory_bus import MemoryBus
from core.ids import new_id
from core.vault import Vault
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, make_case

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
SECRET = "shared"


@dataclass
class Receiver:
    """A partner's server. answers: what it will say, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        self.arrived.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made, app = Receiver(), web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    database = Database(engine, clock=clock)
    async with database.work() as work:
        await build_city(work)
        await work.commit()
    return database


@pytest.fixture
async def sender(database: Database) -> AsyncIterator[WebhookSender]:
    async with aiohttp.ClientSession() as http:
        yield WebhookSender(database=database, bus=MemoryBus(), vault=VAULT, http=http)


async def hooked(database: Database, url: str, department: str = LAMPS) -> ApiClientRow:
    """A department's program with a webhook on our own machine, which `subscribe` refuses."""
    new = NewClient(f"p-{department}", ["webhooks"], role="UNIT_OPS", department=department)
    async with database.work() as work:
        client, _ = await make_client(work, new, by="test")
        await work.session.flush()
        work.session.add(
            WebhookRow(
                id=new_id(), client_id=client.id, url=url, secret_sealed=VAULT.seal(SECRET),
                events=["CaseStatusChanged"], made_at=work.clock.now(),
            )
        )  # fmt: skip
        await work.commit()
    return client


async def event_of_a_case(database: Database, **columns: object) -> Envelope:
    """A case in the hands of LAMPS, and an event about it."""
    async with database.work() as work:
        case, now = make_case(work, CaseStatus.HANDLING), work.clock.now()
        case.number = "2026112300001"
        for name, value in columns.items():
            setattr(case, name, value)
        await work.session.flush()
        work.session.add(
            LegRow(
                id=new_id(), case_id=case.id, department_id=LAMPS, status="HANDLING",
                limit_type="work_day", limit_value=5, dispatched_at=now, sign_due_at=now,
                due_at=now, warn_at=now,
            )
        )  # fmt: skip
        await work.commit()
    changed = CaseStatusChanged(case.id, "DISPATCHED", "HANDLING", "签收", "id-person", "now")
    return Envelope(new_id(), changed)


async def queue(database: Database, envelope: Envelope) -> int:
    async with database.work() as work:
        queued = await queue_event(work, envelope)
        await work.commit()
    return queued


async def test_an_event_is_told_once_signed_and_without_any_person(
    database: Database, receiver: Receiver, sender: WebhookSender
) -> None:
    await hooked(database, receiver.url)
    envelope = await event_of_a_case(database)
    assert [await queue(database, envelope) for _ in range(2)] == [1, 1]
    assert [await sender.send_due(), await sender.send_due()] == [1, 0]
    ((headers, body),) = receiver.got
    assert headers["X-Hotline-Signature"] == signature(SECRET, headers["X-Hotline-Timestamp"], body)
    assert json.loads(body) == {
        "event_id": envelope.event_id, "event": "CaseStatusChanged",
        "case_number": "2026112300001",
        "facts": {"from_status": "DISPATCHED", "to_status": "HANDLING", "action": "签收",
                  "at": "now"},
    }  # fmt: skip
    assert b"id-person" not in body


async def test_many_senders_deliver_each_message_once(
    database: Database, receiver: Receiver, sender: WebhookSender
) -> None:
    await hooked(database, receiver.url)
    envelope = await event_of_a_case(database)
    for _ in range(12):
        assert await queue(database, Envelope(new_id(), envelope.event)) == 1
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(sender.send_due())
    await sender.send_due()
    ids = [headers["X-Hotline-Event-Id"] for headers, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 12


async def test_a_refusing_partner_is_asked_again_later_and_later_then_put_aside(
    database: Database, receiver: Receiver, sender: WebhookSender, clock: FakeClock
) -> None:
    client = await hooked(database, receiver.url)
    receiver.answers = [500] * MOST_ATTEMPTS
    await queue(database, await event_of_a_case(database))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert await sender.send_due() == 1
        assert await sender.send_due() == 0
        clock.advance(wait_before(attempt).total_seconds())
    assert await sender.send_due() == 0
    async with database.sessions() as session:
        (dead,) = await dead_letters(session, client.id)
    assert (dead.attempts, dead.last_answer) == (MOST_ATTEMPTS, "HTTP 500")
    async with database.work() as work:
        await send_again(work, client, dead.id)
        await work.commit()
    assert await sender.send_due() == 1
    async with database.sessions() as session:
        assert list(await dead_letters(session, client.id)) == []


async def test_a_partner_that_is_away_costs_a_try_and_no_more(
    database: Database, sender: WebhookSender
) -> None:
    await hooked(database, "http://127.0.0.1:9/hook")
    await queue(database, await event_of_a_case(database))
    assert await sender.send_due() == 1
    async with database.sessions() as session:
        row = (await session.scalars(select(DeliveryRow))).one()
    assert (row.state, row.attempts, row.last_answer) == ("WAITING", 1, "ClientConnectorError")


async def test_a_message_whose_sender_died_is_sent_when_its_lease_is_over(
    database: Database, receiver: Receiver, sender: WebhookSender, clock: FakeClock
) -> None:
    await hooked(database, receiver.url)
    await queue(database, await event_of_a_case(database))
    async with database.work() as work:
        assert len(await claim_due(work, limit=5, vault=VAULT)) == 1
        await work.commit()
    assert await sender.send_due() == 0
    clock.advance(61)
    assert await sender.send_due() == 1
    assert len(receiver.got) == 1


async def test_who_may_not_see_the_case_is_not_told_of_it(
    database: Database, receiver: Receiver
) -> None:
    await hooked(database, receiver.url, ROADS)
    assert await queue(database, await event_of_a_case(database)) == 0
    await hooked(database, receiver.url, LAMPS)
    accused = await event_of_a_case(database, number="2026112300002", accused="城管局")
    assert await queue(database, accused) == 0


async def test_events_on_the_bus_find_their_way(
    database: Database, receiver: Receiver, sender: WebhookSender
) -> None:
    await hooked(database, receiver.url)
    envelope = await event_of_a_case(database)
    other = Envelope(new_id(), CaseSubmitted("c", "n", None, "a", "s", "now"))
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(sender.feed()), loop.create_task(sender.run())]
    await sender._bus.publish(EVENTS, [other, envelope])
    async with asyncio.timeout(30):
        await receiver.arrived.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "url",
    ["ftp://a.cn/x", "http://", "http://127.0.0.1/x", "http://[::1]/x", "http://localhost/x",
     "http://169.254.169.254/x", "http://u:p@a.cn/x", "http://a.cn/" + "x" * 500, "javascript:1"],
)  # fmt: skip
def test_an_address_that_no_partner_can_have_is_refused(url: str) -> None:
    with pytest.raises(InputRefused):
        check_url(url)


async def test_a_program_keeps_five_webhooks_of_its_own(database: Database) -> None:
    new = NewClient("many", ["webhooks"], role="UNIT_OPS", department=LAMPS)
    async with database.work() as work:
        client, _ = await make_client(work, new, by="test")
        await work.session.flush()
        for number in range(5):
            url = f"https://partner{number}.example/hook"
            row, secret = await subscribe(work, client, url, ["CaseSubmitted"], vault=VAULT)
            assert VAULT.open(row.secret_sealed) == secret
            await work.session.flush()
        for url, events in (
            ("https://partner0.example/hook", ["CaseSubmitted"]),
            ("https://more.example/hook", ["CaseSubmitted"]),
            ("https://more.example/hook", ["UtteranceHeard"]),
            ("https://more.example/hook", []),
        ):
            with pytest.raises(InputRefused):
                await subscribe(work, client, url, events, vault=VAULT)
        await unsubscribe(work, client, row.id)
        with pytest.raises(NotFound):
            await unsubscribe(work, client, "none")


def test_the_waits_grow_to_hours_and_no_further() -> None:
    waits = [wait_before(attempt) for attempt in range(1, 20)]
    assert waits[0] == timedelta(seconds=20)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
