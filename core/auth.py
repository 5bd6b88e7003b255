"""Who may do what: roles, permissions, password hashes, session tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import NotAllowed
from core.ids import AgentId


class Role(StrEnum):
    """The posts of the centre and of the departments (domain.md 10.1)."""

    AGENT = "AGENT"
    DISPATCHER = "DISPATCHER"
    CALLBACK = "CALLBACK"
    SUPERVISOR = "SUPERVISOR"
    TEAM_LEAD = "TEAM_LEAD"
    QA = "QA"
    DIRECTOR = "DIRECTOR"
    UNIT_OPS = "UNIT_OPS"
    UNIT_LEAD = "UNIT_LEAD"
    UNIT3 = "UNIT3"
    INSPECTOR = "INSPECTOR"
    LEADER = "LEADER"
    ADMIN = "ADMIN"


class Permission(StrEnum):
    """One thing a person may do."""

    TAKE_CALLS = "take_calls"
    SEE_OWN_CASES = "see_own_cases"
    SEE_ALL_CASES = "see_all_cases"
    SEE_UNIT_CASES = "see_unit_cases"
    REVEAL_PHONE = "reveal_phone"
    LISTEN_RECORDING = "listen_recording"
    DISPATCH = "dispatch"
    CALL_BACK = "call_back"
    SUPERVISE = "supervise"
    MONITOR_CALLS = "monitor_calls"
    ADMINISTER = "administer"
    SEE_HEALTH = "see_health"
    REVIEW_ACCESS = "review_access"


_P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({_P.TAKE_CALLS, _P.SEE_OWN_CASES, _P.LISTEN_RECORDING}),
    Role.DISPATCHER: frozenset(
        {_P.DISPATCH, _P.SEE_ALL_CASES, _P.REVEAL_PHONE, _P.LISTEN_RECORDING}
    ),
    Role.CALLBACK: frozenset(
        {_P.CALL_BACK, _P.TAKE_CALLS, _P.SEE_ALL_CASES, _P.REVEAL_PHONE, _P.LISTEN_RECORDING}
    ),
    Role.SUPERVISOR: frozenset(
        {_P.SUPERVISE, _P.DISPATCH, _P.CALL_BACK, _P.SEE_ALL_CASES, _P.REVEAL_PHONE,
         _P.LISTEN_RECORDING}
    ),
    Role.TEAM_LEAD: frozenset(
        {_P.TAKE_CALLS, _P.MONITOR_CALLS, _P.SEE_ALL_CASES, _P.REVEAL_PHONE, _P.LISTEN_RECORDING}
    ),
    Role.QA: frozenset({_P.SEE_ALL_CASES, _P.LISTEN_RECORDING}),
    Role.DIRECTOR: frozenset(
        {_P.SUPERVISE, _P.DISPATCH, _P.CALL_BACK, _P.SEE_ALL_CASES, _P.REVEAL_PHONE,
         _P.LISTEN_RECORDING, _P.MONITOR_CALLS, _P.SEE_HEALTH, _P.REVIEW_ACCESS}
    ),
    Role.UNIT_OPS: frozenset({_P.SEE_UNIT_CASES}),
    Role.UNIT_LEAD: frozenset({_P.SEE_UNIT_CASES}),
    Role.UNIT3: frozenset({_P.SEE_UNIT_CASES}),
    Role.INSPECTOR: frozenset(),
    Role.LEADER: frozenset({_P.SEE_ALL_CASES}),
    Role.ADMIN: frozenset({_P.ADMINISTER, _P.SEE_HEALTH, _P.REVIEW_ACCESS}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Principal:
    """The person (or program) behind a request."""

    agent_id: AgentId
    account: str
    name: str
    role: Role
    department_id: str | None = None

    def can(self, permission: Permission) -> bool:
        """Whether the role grants the permission."""
        return permission in GRANTS[self.role]

    def check_can(self, permission: Permission) -> None:
        """Raise NotAllowed unless the role grants the permission."""
        if not self.can(permission):
            raise NotAllowed("您没有进行此操作的权限", permission=permission.value)


#: The machine itself, as the actor of an automatic change.
SYSTEM = Principal(AgentId("system"), "system", "系统", Role.ADMIN)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters, as text."""
    return _hasher.hash(password)


def password_matches(stored: str, password: str) -> bool:
    """Whether the password belongs to the hash; a broken hash matches nothing."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """An unguessable token of 256 bits for a session, a link or a form."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token, so that a stolen table opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()
