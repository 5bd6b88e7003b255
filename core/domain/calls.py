"""A call: its states, who ended it, and which steps are possible."""

from enum import IntEnum, StrEnum


class CallState(StrEnum):
    """Where a call is. Ended is final: late events never change it."""

    DIALLING = "DIALLING"
    IVR = "IVR"
    QUEUED = "QUEUED"
    OFFERED = "OFFERED"
    TALKING = "TALKING"
    HELD = "HELD"
    SURVEY = "SURVEY"
    VOICEMAIL = "VOICEMAIL"
    ENDED = "ENDED"


class EndedBy(StrEnum):
    """Who put the phone down first."""

    CALLER = "CALLER"
    AGENT = "AGENT"
    SYSTEM = "SYSTEM"
    UNKNOWN = "UNKNOWN"


class Rung(IntEnum):
    """Which rung of the fallback ladder took the call."""

    STASIS = 1
    AGI = 2
    DIALPLAN = 3


class Direction(StrEnum):
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class OfferOutcome(StrEnum):
    """How an offer of a call to an agent ended."""

    ANSWERED = "ANSWERED"
    UNANSWERED = "UNANSWERED"
    REFUSED = "REFUSED"
    CALLER_LEFT = "CALLER_LEFT"
    AGENT_GONE = "AGENT_GONE"
    FAILED = "FAILED"


class Speaker(StrEnum):
    """Whose voice a recording or an utterance holds."""

    CALLER = "caller"
    AGENT = "agent"
    HEARD = "heard"


_S = CallState
#: Possible steps; every state may also go to ENDED.
STEPS: dict[CallState, frozenset[CallState]] = {
    _S.DIALLING: frozenset({_S.OFFERED, _S.TALKING, _S.IVR}),
    _S.IVR: frozenset({_S.QUEUED, _S.OFFERED, _S.VOICEMAIL}),
    _S.QUEUED: frozenset({_S.OFFERED, _S.VOICEMAIL, _S.IVR, _S.TALKING}),
    _S.OFFERED: frozenset({_S.QUEUED, _S.TALKING, _S.VOICEMAIL}),
    _S.TALKING: frozenset({_S.HELD, _S.SURVEY, _S.QUEUED}),
    _S.HELD: frozenset({_S.TALKING, _S.SURVEY, _S.QUEUED}),
    _S.SURVEY: frozenset(),
    _S.VOICEMAIL: frozenset({_S.QUEUED}),
    _S.ENDED: frozenset(),
}


def may_step(state: CallState, to: CallState) -> bool:
    """Whether a call in `state` may go to `to`."""
    if state is CallState.ENDED:
        return False
    return to is CallState.ENDED or to is state or to in STEPS[state]
