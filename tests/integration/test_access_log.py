"""The log of who saw personal data: written first, only growing, and telling of every change."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions import drafts
from core.actions.access import Seen, anchor_chain, chain_key, note_seen, reveal_person
from core.actions.calls import Arrival, open_call
from core.actions.persons import make_confidential
from core.auth import Principal, Role
from core.db.base import Base
from core.db.engine import Database
from core.db.repos.access_log import month_review, verify_chain, who_saw
from core.db.repos.case_views import Sight, visible_case
from core.db.repos.persons import number_to_dial, person_of
from core.db.tables.access import CaseIdentityRow
from core.db.tables.cases import CaseRow
from core.db.tables.handling import PiAccessRow
from core.domain.access import SeenField
from core.domain.drafts import DraftSuggestion, FieldValue, Span
from core.errors import InputRefused, NotAllowed, NotFound
from core.ids import CallId, CaseId
from core.vault import Vault
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, build_city, person

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
KEY = chain_key(VAULT)
CALLER, NUMBER, NAME = "13862754310", "13900001111", "陈志远"


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    database = Database(engine, clock=clock)
    async with database.work() as work:
        await build_city(work)
        await work.commit()
    return database


async def submitted(database: Database, case_type: str = "投诉") -> str:
    """The id of a case that a caller's words became."""
    async with database.work() as work:
        call = CallId("call-1")
        await open_call(work, Arrival(call, "main", "12345", "chan", CALLER), VAULT)
        said = (Span("caller", 10, 20, f"我叫{NAME}电话{NUMBER}"),)
        fields = {
            "case_type": FieldValue(case_type, 0.9),
            "summary": FieldValue("路灯不亮", 0.9),
            "phone": FieldValue(NUMBER, 0.9, said, choices=({"value": NUMBER, "score": 1},)),
            "caller_name": FieldValue(NAME, 0.9, said),
        }
        draft = await drafts.update_draft(work, call, DraftSuggestion(fields))
        await work.session.flush()
        typed = {"phone": NUMBER, "caller_name": NAME}
        await drafts.edit_draft(work, CaseId(draft.id), typed, actor="id-a")
        case = await drafts.submit_draft(work, CaseId(draft.id), actor="id-a", vault=VAULT)
        await work.commit()
        return case.id


async def reveal(database: Database, who: Principal, case_id: str, reason: str = "回访") -> str:
    async with database.work() as work:
        found = await reveal_person(
            work, case_id, by=who, vault=VAULT, reason=reason, address="::1"
        )
        await work.commit()
        return found.number


async def tables_with(database: Database, *secrets: str) -> list[tuple[str, str]]:
    """Which tables hold one of these in plain, of all there are."""
    found = []
    async with database.sessions() as session:
        for table in Base.metadata.tables:
            rows = (await session.execute(text(f'SELECT * FROM "{table}"'))).all()  # noqa: S608
            # Value by value: a row shows itself with its middle left out.
            stored = "".join(str(value) for row in rows for value in row)
            found += [(table, secret) for secret in secrets if secret in stored]
    return found


async def test_after_submission_name_and_number_stand_nowhere_in_plain(database: Database) -> None:
    case_id = await submitted(database)
    assert await tables_with(database, case_id) != []
    assert await tables_with(database, NUMBER, CALLER, NAME) == []
    async with database.sessions() as session:
        row = await session.get_one(CaseRow, case_id)
        found = await person_of(session, row, VAULT)
        assert (found.name, found.number, found.caller) == (NAME, NUMBER, CALLER)
        assert await number_to_dial(session, case_id, VAULT) == NUMBER
        assert row.phone_hash == VAULT.fingerprint(NUMBER)
        view = await visible_case(session, Sight(person(Role.DISPATCHER), VAULT), case_id)
    assert (view.phone, view.caller_name) == ("139****1111", NAME)
    assert view.fields["phone"].sources[0].start_ms == 10


async def test_whoever_reports_somebody_is_kept_apart_under_another_key(
    database: Database,
) -> None:
    case_id = await submitted(database, "举报")
    async with database.sessions() as session:
        row = await session.get_one(CaseRow, case_id)
        kept = await session.get_one(CaseIdentityRow, case_id)
        assert row.confidential
        assert (row.phone_sealed, row.name_sealed, row.caller_sealed) == ("", "", "")
        with pytest.raises(Exception, match="无法解密"):
            VAULT.open(kept.phone_sealed)
        assert await number_to_dial(session, case_id, VAULT) == NUMBER
        view = await visible_case(session, Sight(person(Role.DISPATCHER), VAULT), case_id)
    assert (view.caller_name, view.may_reveal) == ("保密", False)


async def test_a_case_made_confidential_later_is_kept_apart_as_well(database: Database) -> None:
    case_id = await submitted(database)
    async with database.work() as work:
        await make_confidential(work, CaseId(case_id), by=person(Role.DISPATCHER), vault=VAULT)
        await make_confidential(work, CaseId(case_id), by=person(Role.DISPATCHER), vault=VAULT)
        await work.commit()
    async with database.sessions() as session:
        row = await session.get_one(CaseRow, case_id)
        assert row.phone_sealed == ""
        assert (await person_of(session, row, VAULT)).name == NAME


async def test_a_number_opens_only_with_a_reason_and_a_post_and_is_logged(
    database: Database,
) -> None:
    case_id = await submitted(database)
    assert await reveal(database, person(Role.CALLBACK), case_id) == NUMBER
    for who, reason, refused in (
        (person(Role.CALLBACK), "  ", InputRefused),
        (person(Role.CALLBACK), "长" * 201, InputRefused),
        (person(Role.QA), "质检", NotAllowed),
        (person(Role.LEADER), "看看", NotAllowed),
        (person(Role.UNIT_OPS, LAMPS), "联系", NotFound),
    ):
        with pytest.raises(refused):
            await reveal(database, who, case_id, reason)
    async with database.sessions() as session:
        looks = await who_saw(session, case_id)
    assert [(one.field, one.reason, one.address) for one in looks] == [
        (SeenField.PHONE, "回访", "::1")
    ]


async def test_many_writers_at_once_make_one_unbroken_chain(database: Database) -> None:
    looks = [Seen("case-1", SeenField.VIEW), Seen("case-2", SeenField.PRINT, "存档")]
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            who = person(Role.DISPATCHER, f"d{number}")
            group.create_task(note_seen(database, looks, by=who, vault=VAULT))
    async with database.sessions() as session:
        report = await verify_chain(session, KEY)
        seqs = (await session.scalars(select(PiAccessRow.seq).order_by(PiAccessRow.seq))).all()
    assert (report.rows, report.whole) == (24, True)
    assert list(seqs) == list(range(1, 25))


@pytest.mark.parametrize(
    "change",
    ["UPDATE pi_access SET reason = ''", "DELETE FROM pi_access", "TRUNCATE pi_access",
     "UPDATE audit SET actor = ''", "DELETE FROM audit"],
)  # fmt: skip
async def test_the_database_itself_refuses_to_change_the_logs(
    database: Database, change: str
) -> None:
    case_id = await submitted(database)
    await reveal(database, person(Role.CALLBACK), case_id)
    async with database.work() as work:
        with pytest.raises(DBAPIError, match="only grows"):
            await work.session.execute(text(change))


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE pi_access SET reason = 'x' WHERE seq = 2", 2),
        ("UPDATE pi_access SET account_id = 'somebody' WHERE seq = 3", 3),
        ("DELETE FROM pi_access WHERE seq = 2", 2),
        ("DELETE FROM pi_access WHERE seq = 1", 1),
    ],
)
async def test_a_change_behind_the_triggers_back_is_found(
    database: Database, tampering: str, broken_at: int
) -> None:
    await note_seen(
        database, [Seen("c", SeenField.VIEW)] * 4, by=person(Role.DISPATCHER), vault=VAULT
    )
    async with database.work() as work:
        await work.session.execute(text("ALTER TABLE pi_access DISABLE TRIGGER USER"))
        await work.session.execute(text(tampering))
        await work.commit()
    async with database.sessions() as session:
        report = await verify_chain(session, KEY)
    assert (report.whole, report.broken_at) == (False, broken_at)


async def test_a_cut_off_end_is_missed_by_the_anchor_in_the_audit_trail(
    database: Database,
) -> None:
    who = person(Role.DISPATCHER)
    await note_seen(database, [Seen("c", SeenField.VIEW)] * 4, by=who, vault=VAULT)
    async with database.work() as work:
        assert await anchor_chain(work, by=who) == 4
        await work.session.execute(text("ALTER TABLE pi_access DISABLE TRIGGER USER"))
        await work.session.execute(text("DELETE FROM pi_access WHERE seq > 2"))
        await work.commit()
    async with database.sessions() as session:
        report = await verify_chain(session, KEY)
    assert (report.whole, report.missing_end) == (False, True)


async def test_the_months_review_counts_by_person(database: Database, clock: FakeClock) -> None:
    callback, unit = person(Role.CALLBACK), person(Role.UNIT_OPS, LAMPS)
    case_id = await submitted(database)
    await reveal(database, callback, case_id)
    await note_seen(
        database, [Seen(case_id, SeenField.VIEW), Seen(case_id, SeenField.PRINT)],
        by=unit, vault=VAULT,
    )  # fmt: skip
    month = clock.now().date()
    async with database.sessions() as session:
        review = await month_review(session, month)
        assert await month_review(session, date(2020, 1, 1)) == []
    assert [(one.account_id, one.reveals, one.views, one.others) for one in review] == [
        (callback.agent_id, 1, 0, 0),
        (unit.agent_id, 0, 1, 1),
    ]
    assert review[1].department == "市城市管理局"
