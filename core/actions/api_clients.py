"""Every write about programs with tokens: made and revoked by an administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.auth import Role, new_token, token_hash
from core.db.engine import UnitOfWork
from core.db.tables.api import ApiClientRow, ApiRequestRow
from core.db.tables.cases import DepartmentRow
from core.domain.api_scopes import Scope
from core.domain.cases import Channel
from core.errors import Conflict, InputRefused, NotFound
from core.ids import new_id

TOKEN_PREFIX = "hl_"  # noqa: S105 - tells people and scanners what it is
_UNIT_ROLES = frozenset({Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3})
#: Posts that a program may have: nobody's who rules, supervises or administers.
ROLES = _UNIT_ROLES | {Role.AGENT, Role.LEADER}
_KEEP_REQUESTS = timedelta(days=2)
#: A request that was begun and never answered: its process died; it may be begun again.
_STALE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class NewClient:
    """A program as the administrator describes it. department: a name or an id."""

    name: str
    scopes: Sequence[str]
    role: str = Role.AGENT.value
    department: str | None = None
    channel: str | None = None
    days: int | None = 365


async def make_client(work: UnitOfWork, new: NewClient, *, by: str) -> tuple[ApiClientRow, str]:
    """Make a program's entry; returns its token, which is shown this once. Raises InputRefused."""
    scopes = _scopes(new.scopes)
    role, department = await _post(work, new)
    channel = _channel(new.channel)
    if Scope.CREATE_CASES in scopes and channel is None:
        raise InputRefused("登记工单的令牌须指明受理渠道（--channel）")
    taken = select(ApiClientRow.id).where(ApiClientRow.name == new.name.strip())
    if not new.name.strip() or await work.session.scalar(taken):
        raise InputRefused("令牌名称为空或已被使用")
    token, now = TOKEN_PREFIX + new_token(), work.clock.now()
    row = ApiClientRow(
        id=new_id(),
        name=new.name.strip(),
        token_hash=token_hash(token),
        scopes=[scope.value for scope in scopes],
        role=role.value,
        department_id=department,
        channel=channel.value if channel else None,
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=new.days) if new.days else None,
    )
    work.session.add(row)
    work.audit(
        actor=by, action="make_token", entity="api_client", entity_id=row.id,
        facts={"scopes": row.scopes, "role": row.role, "department": department},
    )  # fmt: skip
    return row, token


async def revoke_client(work: UnitOfWork, name: str, *, by: str) -> None:
    """The token opens nothing from now on. Raises NotFound."""
    query = select(ApiClientRow).where(ApiClientRow.name == name, ApiClientRow.revoked_at.is_(None))
    row = (await work.session.scalars(query.with_for_update())).first()
    if row is None:
        raise NotFound("没有这个有效的令牌")
    row.revoked_at = work.clock.now()
    work.audit(actor=by, action="revoke_token", entity="api_client", entity_id=row.id, facts={})


async def begin_request(
    work: UnitOfWork, client_id: str, key: str, request_hash: str
) -> ApiRequestRow | None:
    """Note that a request with this key is worked on; the earlier one if it has been answered.

    Raises InputRefused when the key was used for something else, Conflict while it is worked on.
    """
    now = work.clock.now()
    await work.session.execute(
        delete(ApiRequestRow).where(ApiRequestRow.started_at < now - _KEEP_REQUESTS)
    )
    made = await work.session.scalar(
        insert(ApiRequestRow)
        .values(
            client_id=client_id, key=key, request_hash=request_hash, answer={}, started_at=now
        )
        .on_conflict_do_nothing()
        .returning(ApiRequestRow.key)
    )  # fmt: skip
    if made is not None:
        return None
    row = await work.session.get_one(ApiRequestRow, (client_id, key), with_for_update=True)
    if row.request_hash != request_hash:
        raise InputRefused("该幂等键已用于另一个请求", field="Idempotency-Key")
    if row.status is not None:
        return row
    if row.started_at > now - _STALE:
        raise Conflict("相同的请求正在处理，请稍后再试")
    row.started_at = now
    return None


async def finish_request(
    work: UnitOfWork, client_id: str, key: str, status: int, answer: dict[str, object]
) -> None:
    """Keep the answer beside what it tells of, in the same transaction."""
    row = await work.session.get_one(ApiRequestRow, (client_id, key), with_for_update=True)
    row.status, row.answer = status, answer


async def forget_request(work: UnitOfWork, client_id: str, key: str) -> None:
    """A refused request changed nothing: the key may be used again."""
    await work.session.execute(
        delete(ApiRequestRow).where(
            ApiRequestRow.client_id == client_id,
            ApiRequestRow.key == key,
            ApiRequestRow.status.is_(None),
        )
    )


def _scopes(given: Sequence[str]) -> list[Scope]:
    try:
        scopes = sorted({Scope(scope) for scope in given})
    except ValueError as error:
        known = "、".join(scope.value for scope in Scope)
        raise InputRefused(f"权限只能是：{known}") from error
    if not scopes:
        raise InputRefused("请至少给出一项权限")
    return scopes


async def _post(work: UnitOfWork, new: NewClient) -> tuple[Role, str | None]:
    if new.role not in {role.value for role in ROLES}:
        raise InputRefused(f"岗位只能是：{'、'.join(sorted(role.value for role in ROLES))}")
    role = Role(new.role)
    if role not in _UNIT_ROLES:
        return role, None
    query = select(DepartmentRow.id).where(
        (DepartmentRow.id == new.department) | (DepartmentRow.name == new.department)
    )
    department = await work.session.scalar(query)
    if department is None:
        raise InputRefused("承办单位的令牌须指明单位名称（--department）")
    return role, department


def _channel(given: str | None) -> Channel | None:
    if given is None:
        return None
    try:
        channel = Channel(given)
    except ValueError as error:
        raise InputRefused("没有这种受理渠道") from error
    if channel is Channel.PHONE:
        raise InputRefused("电话渠道的工单只能由通话产生")
    return channel


def is_alive(client: ApiClientRow, now: datetime) -> bool:
    """Whether the token still opens something."""
    return client.revoked_at is None and (client.expires_at is None or client.expires_at > now)
