"""Who may take calls, with which skills and on which phone: accounts as routing needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.asterisk.webrtc import endpoint_name
from core.auth import GRANTS, Permission, Role
from core.db.engine import Database
from core.db.repos import lines, people
from core.db.tables.lines import QueueRow
from core.db.tables.people import AccountRow
from core.domain.queues import CallbackPolicy, QueuePolicy
from core.domain.skills import Relaxing, Ring, Skill
from core.ids import AgentId, QueueId

TRUNK = "carrier"
_BROWSER = "webrtc"


@dataclass(frozen=True, slots=True)
class Person:
    """One account that may take calls or supervise those who do."""

    agent_id: AgentId
    account: str
    endpoint: str
    skills: frozenset[Skill]
    role: Role
    name: str = ""

    @property
    def uses_browser(self) -> bool:
        """Whether the phone is in the browser, which can be reloaded in mid-call."""
        return not self.endpoint.endswith(f"@{TRUNK}")

    def can(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]


def queue_skill(queue: str) -> Skill:
    """Serving a queue is a skill like any other; it never relaxes."""
    return Skill(f"queue:{queue}")


def person_of(account: AccountRow) -> Person:
    """The account as routing sees it."""
    by_browser = account.phone in ("", _BROWSER)
    endpoint = endpoint_name(account.account) if by_browser else f"{account.phone}@{TRUNK}"
    skills = {Skill(name) for name, level in account.skills.items() if level}
    return Person(
        agent_id=AgentId(account.id),
        account=account.account,
        endpoint=f"PJSIP/{endpoint}",
        skills=frozenset(skills | {queue_skill(queue) for queue in account.queues}),
        role=Role(account.role),
        name=account.name,
    )


def policy_from(row: QueueRow, *, relaxing: Relaxing | None = None) -> QueuePolicy:
    """A queue's row as the engine's policy; a row without rings asks for the queue alone."""
    own = frozenset({queue_skill(row.id)})
    rings = [
        Ring(
            timedelta(seconds=float(ring.get("after_s", 0))),
            own | {Skill(name) for name in ring.get("skills", ())},
        )
        for ring in row.rings
    ] or [Ring(timedelta(), own)]
    return QueuePolicy(
        queue=QueueId(row.id),
        rings=tuple(sorted(rings, key=lambda ring: ring.after)),
        relaxing=relaxing or Relaxing(),
        offer_timeout=timedelta(seconds=row.offer_seconds),
        wrap_up=timedelta(seconds=row.wrap_up_seconds),
        max_wait=timedelta(seconds=row.longest_wait_seconds),
        callback=CallbackPolicy(
            enabled=row.callback_after_seconds > 0,
            offer_after=timedelta(seconds=row.callback_after_seconds),
        ),
    )


class People:
    """The accounts read so far; an unknown one is read when it first shows up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[AgentId, Person] = {}

    def get(self, agent_id: AgentId) -> Person | None:
        return self._known.get(agent_id)

    @property
    def ids(self) -> list[AgentId]:
        return list(self._known)

    async def read_all(self) -> None:
        """Read every active account anew."""
        async with self._database.sessions() as session:
            accounts = await people.active_accounts(session)
        self._known = {AgentId(account.id): person_of(account) for account in accounts}

    async def read_policies(self) -> Sequence[QueuePolicy]:
        """Every queue's policy."""
        async with self._database.sessions() as session:
            return [policy_from(row) for row in await lines.queues(session)]
