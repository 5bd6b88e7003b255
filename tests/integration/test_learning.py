"""Learning without retraining: what an administrator accepts changes the next call, else not."""

import pytest
from aiohttp import ClientSession, CookieJar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.corrections import decide_correction, learn_caption, learn_place
from core.actions.knowledge import Imported, import_rows
from core.actions.recordings import Heard
from core.actions.same_trouble import BurstSeen, notice_burst
from core.auth import Role, hash_password
from core.clock import SystemClock
from core.db.engine import Database
from core.db.tables.cases import PlaceRow
from core.db.tables.drafting import BurstRow, CorrectionRow
from core.domain.corrections import CorrectionState
from core.ids import CaseId
from recordings.drafting.knowledge import Knowledge, Place
from recordings.drafting.places import PlaceResolver
from recordings.knowledge_source import knowledge_of_city
from recordings.learning import Learnt, learnt_so_far, put_right, with_aliases
from tests.support.desk import PASSWORD, account, desk_stack

pytestmark = pytest.mark.integration
CITY = Knowledge(places=(Place("p1", "翠竹苑", "community", "东湖街道"),))
SAID = "我住在水果园那边路灯不亮"


@pytest.fixture
def database(engine: AsyncEngine) -> Database:
    return Database(engine, clock=SystemClock())


async def correct(database: Database, state: CorrectionState | None) -> Learnt:
    """A caption and a place are corrected, and perhaps decided about; what is learnt then."""
    async with database.work() as work:
        await learn_caption(work, "路登不亮", "路灯不亮")
        await learn_place(work, "水果园", place_id="p1", name="翠竹苑")
        await work.commit()
    async with database.work() as work:
        rows = (await work.session.scalars(select(CorrectionRow))).all()
        for row in rows if state else ():
            await decide_correction(work, row.id, state, actor="admin")  # type: ignore[arg-type]
        await work.commit()
    async with database.work() as work:
        return await learnt_so_far(work.session)


def named(learnt: Learnt) -> list[str]:
    places = with_aliases(CITY, learnt).places
    return [m.best.place.name for m in PlaceResolver(places).mentions(SAID)]


async def test_an_accepted_correction_changes_the_next_call(database: Database) -> None:
    assert named(Learnt()) == []
    learnt = await correct(database, CorrectionState.ACCEPTED)
    assert named(learnt) == ["翠竹苑"]
    words = (
        {"text": "路", "start_ms": 0, "end_ms": 300, "confidence": 0.9},
        {"text": "登", "start_ms": 300, "end_ms": 600, "confidence": 0.4},
        {"text": "不亮", "start_ms": 600, "end_ms": 1_200, "confidence": 0.9},
    )
    heard = Heard("caller", 0, 1_200, "路登不亮。", 0.8, words)
    right = put_right(heard, learnt.words)
    assert right.text == "路灯不亮。"
    assert "".join(word["text"] for word in right.words) == "路灯不亮"
    assert (right.words[0]["start_ms"], right.words[-1]["end_ms"]) == (0, 1_200)
    assert {"路灯不", "翠竹苑"} <= set(learnt.hotwords)


@pytest.mark.parametrize("state", [None, CorrectionState.DROPPED])
async def test_a_proposal_or_a_dropped_correction_changes_nothing(
    database: Database, state: CorrectionState | None
) -> None:
    learnt = await correct(database, state)
    assert learnt == Learnt()
    assert named(learnt) == []
    heard = Heard("caller", 0, 1_200, "路登不亮。", 0.8)
    assert put_right(heard, learnt.words) is heard


async def test_the_same_correction_is_counted_and_a_decision_stands(database: Database) -> None:
    await correct(database, CorrectionState.DROPPED)
    await correct(database, None)
    async with database.work() as work:
        rows = (await work.session.scalars(select(CorrectionRow))).all()
    assert {(row.count, row.state) for row in rows} == {(2, "DROPPED")}


async def test_an_administrator_decides_on_the_page(database_url: str, redis_url: str) -> None:
    async with desk_stack(database_url, redis_url) as stack:
        await correct(stack.database, None)
        async with ClientSession(stack.origin, cookie_jar=CookieJar(unsafe=True)) as http:
            page = await _page(http, "guanli", "/admin/learning")
            assert "水果园" in page
            async with stack.database.sessions() as session:
                rows = (await session.scalars(select(CorrectionRow))).all()
            form = {"csrf": _csrf(page), "state": "ACCEPTED"}
            async with http.post(f"/admin/learning/{rows[0].id}", data=form) as answer:
                assert answer.status == 200
            async with http.post(
                f"/admin/learning/{rows[1].id}", data={**form, "state": "MAYBE"}
            ) as answer:
                assert answer.status == 400
        async with stack.database.sessions() as session:
            rows = (await session.scalars(select(CorrectionRow))).all()
        assert sorted(row.state for row in rows) == ["ACCEPTED", "PROPOSED"]


async def test_a_supervisor_decides_about_a_burst(database_url: str, redis_url: str) -> None:
    async with desk_stack(database_url, redis_url) as stack:
        now = stack.database.clock.now()
        seen = BurstSeen(CaseId("m"), "城市管理/路灯照明", "文昌路", ("m", "n"), now, now)
        async with stack.database.work() as work:
            work.session.add(
                account("dubao", "督办员", "2001", Role.SUPERVISOR, hash_password(PASSWORD))
            )
            burst = await notice_burst(work, seen)
            again = await notice_burst(work, seen)
            await work.commit()
        assert again is burst
        async with ClientSession(stack.origin, cookie_jar=CookieJar(unsafe=True)) as http:
            page = await _page(http, "dubao", "/supervision/bursts")
            assert "文昌路" in page
            form = {"csrf": _csrf(page), "verdict": "dismiss"}
            for status in (200, 409):
                async with http.post(f"/supervision/bursts/{burst.id}", data=form) as answer:
                    assert answer.status == status
        async with stack.database.sessions() as session:
            row = await session.get_one(BurstRow, burst.id)
        assert (row.state, row.decided_by) == ("DISMISSED", "id-dubao")


async def _page(http: ClientSession, name: str, address: str) -> str:
    async with http.get("/login") as answer:
        csrf = _csrf(await answer.text())
    form = {"account": name, "password": PASSWORD, "csrf": csrf}
    async with http.post("/login", data=form) as answer:
        assert answer.status == 200
    async with http.get(address) as answer:
        assert answer.status == 200
        return await answer.text()


def _csrf(page: str) -> str:
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


async def test_importing_the_same_places_twice_changes_nothing(database: Database) -> None:
    rows = [
        {"id": f"x{n}", "name": f"新路{n}", "kind": "road", "parent": "镇", "lat": 32.0,
         "lon": 121.0, "aliases": [], "pinyin": [], "description": "", "in_jurisdiction": True,
         "grid": "G1"}
        for n in range(3)
    ]  # fmt: skip

    async def once(given: list[dict[str, object]]) -> Imported:
        async with database.work() as work:
            done = await import_rows(work, "gazetteer", PlaceRow, given, key=("id",), actor="x")
            await work.commit()
        return done

    assert await once(rows) == Imported(3, 0, 0)
    assert await once(rows) == Imported(0, 0, 3)
    assert await once([{**rows[0], "grid": "G2"}, *rows[1:]]) == Imported(0, 1, 2)
    async with database.work() as work:
        city = await knowledge_of_city(work.session)
    (changed,) = [place for place in city.places if place.id == "x0"]
    assert (changed.name, changed.grid) == ("新路0", "G2")
