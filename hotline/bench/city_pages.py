"""How long the centre's pages and searches take among a million cases."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp
from sqlalchemy import text

from agent_ui.routes import TABLE
from agent_ui.web import SESSION_COOKIE
from core.actions.saved_views import logged_search
from core.auth import Principal, Role
from core.clock import SystemClock
from core.db.engine import Database
from core.db.repos.case_views import Sight
from core.domain.searches import read_query
from core.ids import AgentId
from core.vault import Vault
from hotline.bench.city_build import phone_of
from hotline.bench.figures import Figure, at_most, not_measured, percentile
from hotline.bench.instance import Instance
from simulator.desk import session_for

PAGE_MS, SEARCH_MS = 150, 100
ROUNDS, WARM = 40, 5
DISPATCHER, UNIT = "dispatch01", "bench-unit"
#: The first of these that the product has is a department's inbox.
INBOXES = ("/unit", "/units", "/inbox", "/cases")
_SEED = 7


@dataclass(frozen=True, slots=True)
class Page:
    """A page as somebody asks for it, once for each address."""

    name: str
    account: str
    addresses: Sequence[str]


async def measure_pages(instance: Instance) -> list[Figure]:
    """Pool, a department's inbox, pages of cases: from the request to the last byte."""
    await _hire(instance.database)
    numbers = await _numbers(instance.database)
    inbox = _inbox()
    pages = (
        Page("派遣池", DISPATCHER, ["/dispatch"] * ROUNDS),
        Page(f"单位收件箱 {inbox}", UNIT, [inbox] * ROUNDS),
        Page("工单页", DISPATCHER, [f"/cases/{number}" for number in numbers]),
    )
    return [await _page(instance, page) for page in pages]


def _inbox() -> str:
    known = {address for method, address, _, _ in TABLE if method == "GET"}
    return next(address for address in INBOXES if address in known)


async def _page(instance: Instance, page: Page) -> Figure:
    token = await session_for(instance.database, page.account)
    host = f"http://{instance.settings.public_host}:{instance.settings.port('web')}"
    name = f"{page.name} p95"
    async with aiohttp.ClientSession(host, cookies={SESSION_COOKIE: token}) as browser:

        async def ask(address: str) -> None:
            async with browser.get(address) as answer:
                await answer.read()
                answer.raise_for_status()

        try:
            taken = await _timed(ask, page.addresses)
        except aiohttp.ClientResponseError:
            return not_measured(name, "ms", target=f"<= {PAGE_MS}")
    return at_most(name, percentile(taken, 0.95), "ms", limit=PAGE_MS)


async def _timed(ask: Callable[[str], Awaitable[object]], asked: Sequence[str]) -> list[float]:
    clock = SystemClock()
    for one in asked[:WARM]:
        await ask(one)
    taken = []
    for one in asked:
        start = clock.monotonic()
        await ask(one)
        taken.append((clock.monotonic() - start) * 1000)
    return taken


async def _hire(database: Database) -> None:
    """Somebody of the busiest unit, who cannot log in with a password."""
    async with database.work() as work:
        await work.session.execute(
            text(
                "INSERT INTO account (id, account, name, job_number, role, department_id,"
                " password_hash, phone, skills, queues, preferences, active)"
                " SELECT :id, :id, '压测联络员', '', 'UNIT_OPS', department_id, '', '', '{}',"
                " '[]', '{}', true FROM leg WHERE status IN ('TO_SIGN', 'HANDLING')"
                " GROUP BY department_id ORDER BY count(*) DESC LIMIT 1 ON CONFLICT DO NOTHING"
            ),
            {"id": UNIT},
        )
        await work.commit()


async def _numbers(database: Database) -> list[str]:
    """Old and new cases, the same in every run."""
    async with database.sessions() as session:
        rows = await session.scalars(
            text(
                'SELECT number FROM "case" WHERE number IS NOT NULL'
                " ORDER BY md5(number) LIMIT :most"
            ),
            {"most": ROUNDS},
        )
        return [str(number) for number in rows]


async def measure_search(instance: Instance, callers: int) -> list[Figure]:
    """Words, places, telephones, numbers: each kind by itself, and all together."""
    vault = Vault(bytes.fromhex(instance.settings.master_key))
    clerk = Principal(AgentId("acc-dispatch01"), DISPATCHER, "", Role.DISPATCHER)
    sight = Sight(clerk, vault)
    questions = await _questions(instance.database, callers)
    figures, together = [], []
    for name, asked in questions.items():

        async def ask(words: str, kind: str = name) -> None:
            given = {"phone" if kind == "电话" else "q": words}
            await logged_search(instance.database, sight, read_query(given))

        taken = await _timed(ask, asked)
        together += taken
        figures.append(at_most(f"查找 {name} p95", percentile(taken, 0.95), "ms", limit=SEARCH_MS))
    whole = at_most("工单查找 p95", percentile(together, 0.95), "ms", limit=SEARCH_MS)
    return [whole, *figures]


async def _questions(database: Database, callers: int) -> Mapping[str, Sequence[str]]:
    rng = random.Random(_SEED)  # noqa: S311 - questions of a bench, not a secret
    numbers = await _numbers(database)
    async with database.sessions() as session:
        places = list(await session.scalars(text("SELECT name FROM place WHERE in_jurisdiction")))
    common = (
        "路灯",
        "井盖",
        "电梯",
        "噪声",
        "垃圾",
        "占道",
        "工资",
        "污水",
        "路灯忽明忽暗",
        "健身房",
    )
    return {
        "常见词": [rng.choice(common) for _ in range(ROUNDS)],
        "词加地点": [f"{rng.choice(common)} {rng.choice(places)}" for _ in range(ROUNDS)],
        "门牌": [f"{rng.choice(places)}{rng.randrange(1, 400)}号" for _ in range(ROUNDS)],
        "没有的词": [f"查无此词{n}" for n in range(ROUNDS)],
        "编号": numbers,
        "电话": [phone_of(rng.randrange(callers)) for _ in range(ROUNDS)],
    }
