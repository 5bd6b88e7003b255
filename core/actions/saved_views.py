"""Searches that somebody keeps under a name, and a search by telephone that is logged."""

from sqlalchemy import delete, func, select

from core.actions.access import Seen, log_seen
from core.auth import Principal
from core.db.engine import Database, UnitOfWork
from core.db.repos.case_search import Found, check_phone_search, search_cases
from core.db.repos.case_views import Sight
from core.db.tables.access import SavedViewRow
from core.domain.access import SeenField
from core.domain.searches import SearchQuery
from core.errors import InputRefused, NotFound
from core.ids import new_id

MOST_VIEWS = 30
_LONGEST_NAME = 30


async def logged_search(
    database: Database, sight: Sight, query: SearchQuery, *, address: str = ""
) -> Found:
    """Search; who asks for a telephone number is written down before the answer."""
    by = sight.principal
    if query.phone:
        check_phone_search(by, query)
        async with database.work() as work:
            look = Seen("", SeenField.SEARCH, "按号码查询工单", address)
            await log_seen(work, [look], by=by, vault=sight.vault)
            await work.commit()
    async with database.sessions() as session:
        return await search_cases(session, sight, query, database.clock.now())


async def keep_view(
    work: UnitOfWork, name: str, query: SearchQuery, *, by: Principal
) -> SavedViewRow:
    """Keep a search under a name; the same name again replaces it. Raises InputRefused."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise InputRefused("请填写视图名称（30 字以内）")
    mine = SavedViewRow.account_id == by.agent_id
    query_found = select(SavedViewRow).where(mine, SavedViewRow.name == name).with_for_update()
    row = (await work.session.scalars(query_found)).first()
    if row is None:
        count = await work.session.scalar(
            select(func.count()).select_from(SavedViewRow).where(mine)
        )
        if (count or 0) >= MOST_VIEWS:
            raise InputRefused("保存的视图已达 30 个，请先删除不用的")
        row = SavedViewRow(
            id=new_id(), account_id=by.agent_id, name=name, position=count or 0,
            created_at=work.clock.now(),
        )  # fmt: skip
        work.session.add(row)
    row.query = query.to_keep()
    work.audit(
        actor=by.agent_id, action="keep_view", entity="saved_view", entity_id=row.id, facts={}
    )
    return row


async def drop_view(work: UnitOfWork, view_id: str, *, by: Principal) -> None:
    """Forget a kept search of one's own. Raises NotFound."""
    statement = (
        delete(SavedViewRow)
        .where(SavedViewRow.id == view_id, SavedViewRow.account_id == by.agent_id)
        .returning(SavedViewRow.id)
    )
    if await work.session.scalar(statement) is None:
        raise NotFound("没有找到该视图")
    work.audit(
        actor=by.agent_id, action="drop_view", entity="saved_view", entity_id=view_id, facts={}
    )
