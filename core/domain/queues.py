"""ACD queues: priorities, and the policy by which a queue's calls wait, are told and are rung."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum

from core.clock import city_time
from core.domain.skills import Relaxing, Ring
from core.ids import QueueId

#: The queue of calls whose line names none, and of lines whose queue has gone.
GENERAL = QueueId("general")


class Priority(IntEnum):
    """Who goes first; the smaller number is served first, equals by who came first.

    Lines and menus may use numbers in between; nothing comes after ORDINARY.
    """

    SOS_ELDER = 10  # an elder's emergency button
    POLICE_TRANSFER = 20  # handed over by 110
    LEADER = 30
    ORDINARY = 50


class VoicemailReason(StrEnum):
    """Why a caller is asked to leave a message instead of waiting."""

    OUT_OF_HOURS = "OUT_OF_HOURS"
    QUEUE_FULL = "QUEUE_FULL"
    WAITED_TOO_LONG = "WAITED_TOO_LONG"
    NOBODY_SIGNED_IN = "NOBODY_SIGNED_IN"


class CallbackEnd(StrEnum):
    """How a callback stopped waiting."""

    ANSWERED = "ANSWERED"
    CANCELLED = "CANCELLED"
    NOT_REACHED = "NOT_REACHED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """When a waiting caller is offered to be phoned back, and how that is tried.

    retries: the pause before each further try; their number plus one is the number of tries.
    quiet_from, quiet_until: city time in which nobody is phoned.
    """

    enabled: bool = True
    offer_after: timedelta = timedelta(seconds=60)
    retries: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=30))
    keep_for: timedelta = timedelta(hours=24)
    quiet_from: time = time(21, 0)
    quiet_until: time = time(8, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """How one queue treats its callers."""

    queue: QueueId
    rings: tuple[Ring, ...] = (Ring(timedelta(), frozenset()),)
    relaxing: Relaxing = field(default_factory=Relaxing)
    offer_timeout: timedelta = timedelta(seconds=20)
    wrap_up: timedelta = timedelta(seconds=180)
    most_wrap_up: timedelta = timedelta(seconds=900)
    max_wait: timedelta = timedelta(minutes=15)
    nobody_wait: timedelta = timedelta(minutes=2)
    max_waiting: int = 500
    announce_first: timedelta = timedelta(seconds=15)
    announce_every: timedelta = timedelta(seconds=60)
    callback: CallbackPolicy = field(default_factory=CallbackPolicy)


def is_quiet(policy: CallbackPolicy, now: datetime) -> bool:
    """Whether nobody may be phoned back at this time of the city's day."""
    at = city_time(now).time()
    if policy.quiet_from <= policy.quiet_until:
        return policy.quiet_from <= at < policy.quiet_until
    return at >= policy.quiet_from or at < policy.quiet_until


def quiet_ends(policy: CallbackPolicy, now: datetime) -> datetime:
    """The instant from which people may be phoned back; `now` if they may already."""
    if not is_quiet(policy, now):
        return now
    local = city_time(now)
    ends = datetime.combine(local.date(), policy.quiet_until, tzinfo=local.tzinfo)
    return ends if ends > local else ends + timedelta(days=1)


def served_first(priorities: Iterable[int]) -> int:
    """The most urgent of several reasons to be served first; ordinary if there is none."""
    return min(priorities, default=int(Priority.ORDINARY))


def is_ordinary(priority: int) -> bool:
    """Whether this is a caller like any other: who may be asked for a message instead."""
    return priority >= Priority.ORDINARY
