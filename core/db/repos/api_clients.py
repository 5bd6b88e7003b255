"""Queries about programs with tokens and their webhooks by intent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import Principal, Role, token_hash
from core.db.tables.api import ApiClientRow, DeliveryRow, WebhookRow
from core.domain.api_scopes import DeliveryState
from core.ids import AgentId


async def client_of_token(session: AsyncSession, token: str, now: datetime) -> ApiClientRow | None:
    """The program behind a token; None when it is unknown, revoked or too old."""
    query = select(ApiClientRow).where(
        ApiClientRow.token_hash == token_hash(token),
        ApiClientRow.revoked_at.is_(None),
        or_(ApiClientRow.expires_at.is_(None), ApiClientRow.expires_at > now),
    )
    return (await session.scalars(query)).first()


def principal_of_client(client: ApiClientRow) -> Principal:
    """Who the program is to the rules: like a person of its post and department."""
    return Principal(
        agent_id=AgentId(f"api-{client.id}"),
        account=f"api:{client.name}",
        name=client.name,
        role=Role(client.role),
        department_id=client.department_id,
    )


async def api_clients(session: AsyncSession) -> Sequence[ApiClientRow]:
    """Every program, newest first."""
    query = select(ApiClientRow).order_by(ApiClientRow.made_at.desc())
    return (await session.scalars(query)).all()


async def webhooks_for(session: AsyncSession, kind: str) -> list[tuple[WebhookRow, ApiClientRow]]:
    """Who wants to be told of this kind of event."""
    query = (
        select(WebhookRow, ApiClientRow)
        .join(ApiClientRow, ApiClientRow.id == WebhookRow.client_id)
        .where(
            WebhookRow.active.is_(True),
            WebhookRow.events.contains([kind]),
            ApiClientRow.revoked_at.is_(None),
        )
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def webhooks_of(session: AsyncSession, client_id: str) -> Sequence[WebhookRow]:
    """A program's webhooks."""
    query = select(WebhookRow).where(WebhookRow.client_id == client_id).order_by(WebhookRow.made_at)
    return (await session.scalars(query)).all()


async def dead_letters(
    session: AsyncSession, client_id: str, *, limit: int = 100
) -> Sequence[DeliveryRow]:
    """What could not be delivered to a program, newest first."""
    query = (
        select(DeliveryRow)
        .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        .where(WebhookRow.client_id == client_id, DeliveryRow.state == DeliveryState.DEAD.value)
        .order_by(DeliveryRow.made_at.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()
