"""Every page of the centre opens on the living city: cases of every state, with all around them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from agent_ui.pages import dispatching, supervising
from agent_ui.printing import FORMS
from core.clock import SystemClock
from core.db.tables.cases import CaseRow
from core.domain.cases import CaseStatus
from hotline.seed.living import bring_to_life
from hotline.seed.load import demo_password
from tests.support.centre import Centre, browse
from tests.support.desk import VAULT, desk_stack

pytestmark = pytest.mark.integration
LISTS = [*dispatching.LISTS, dispatching.REQUESTS]
OFFICER_LISTS = [*supervising.LISTS, supervising.ORDERS, "/overview"]


@pytest.fixture
async def centre(database_url: str, redis_url: str) -> AsyncIterator[Centre]:
    # The migrated database of a test holds the default city already.
    await bring_to_life(database_url, vault=VAULT, now=SystemClock().now())
    async with desk_stack(database_url, redis_url, seeded=True) as stack, browse(stack) as running:
        yield running


async def one_of_each_state(centre: Centre) -> dict[str, str]:
    async with centre.stack.database.sessions() as session:
        query = select(CaseRow.status, func.min(CaseRow.id)).group_by(CaseRow.status)
        return {row[0]: row[1] for row in await session.execute(query)}


async def test_every_page_opens_for_its_post_in_every_state(centre: Centre) -> None:
    cases = await one_of_each_state(centre)
    assert len(cases) > len(CaseStatus) // 2
    posts = {
        "dispatch01": LISTS, "supervisor01": OFFICER_LISTS, "director01": ["/overview"],
        "callback01": ["/cases"], "lead01": ["/overview", "/search?words=路灯"],
        "leader01": ["/overview"], "qa01": ["/search?status=CLOSED"],
    }  # fmt: skip
    for name, pages in posts.items():
        await centre.log_in(name, demo_password(name))
        shown = [f"/cases/{key}" for key in cases.values()] if name != "callback01" else []
        for path in (*pages, *shown):
            status, _ = await centre.see(path)
            if name != "leader01" or not path.startswith("/cases"):
                assert status == 200, (name, path)


async def test_every_form_that_a_case_offers_prints(centre: Centre) -> None:
    cases = await one_of_each_state(centre)
    await centre.log_in("dispatch01", demo_password("dispatch01"))
    printed = set()
    for key in cases.values():
        _, text = await centre.see(f"/cases/{key}")
        for slug in FORMS:
            if f"/print/{slug}?" in text:
                status, _ = await centre.see(f"/cases/{key}/print/{slug}")
                assert status == 200, (key, slug)
                printed.add(slug)
    assert {"leg", "brief"} <= printed
