"""What one call of the REST API is, and what an endpoint says of itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from agent_ui.deps import Deps
from core.actions.api_clients import finish_request
from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.repos.case_views import Sight
from core.db.tables.api import ApiClientRow
from core.domain.api_scopes import Scope
from core.errors import InputRefused

Json: TypeAlias = dict[str, Any]
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    body: Json
    status: int = 200


@dataclass(slots=True)
class ApiCall:
    """A request that has passed the guard. key: its idempotency key, "" when it has none."""

    request: web.Request
    deps: Deps
    client: ApiClientRow
    principal: Principal
    body: Json
    key: str = ""
    kept: bool = False

    @property
    def sight(self) -> Sight:
        return Sight(self.principal, self.deps.vault)

    def parameter(self, name: str) -> str:
        """A part of the address."""
        return self.request.match_info[name]

    def text(self, name: str, *, needed: bool = False, longest: int = _LONGEST) -> str:
        """A text of the body. Raises InputRefused for another type, too much, or nothing."""
        value = self.body.get(name)
        if value is None or value == "":
            if needed:
                raise InputRefused("请补全必填内容", fields=[name])
            return ""
        if not isinstance(value, str):
            raise InputRefused("该字段应为文本", fields=[name])
        if len(value) > longest:
            raise InputRefused("内容过长", fields=[name])
        return value.strip()

    async def keep(self, work: UnitOfWork, answer: Answer) -> Answer:
        """Write the answer down in the transaction it tells of; a repeated request gets it."""
        if self.key:
            await finish_request(work, self.client.id, self.key, answer.status, answer.body)
            self.kept = True
        return answer


Handler: TypeAlias = Callable[[ApiCall], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One line of the API. body: schema of what is sent; answer: schema of what comes back.

    needs_key: a request without an Idempotency-Key is refused.
    """

    method: str
    path: str
    scope: Scope
    handler: Handler
    summary: str
    body: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    status: int = 200
    needs_key: bool = False
