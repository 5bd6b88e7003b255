"""An agent's states and which of them a person may choose."""

from enum import StrEnum


class AgentState(StrEnum):
    """What an agent is doing; kept by the server, never by the browser."""

    SIGNED_OUT = "SIGNED_OUT"
    NOT_READY = "NOT_READY"
    READY = "READY"
    RINGING = "RINGING"
    TALKING = "TALKING"
    WRAP_UP = "WRAP_UP"


class NotReadyReason(StrEnum):
    """Why an agent takes no calls: chosen by the person, or found by the server."""

    SIGNED_IN = "SIGNED_IN"
    BREAK = "BREAK"
    MEAL = "MEAL"
    TRAINING = "TRAINING"
    BACK_OFFICE = "BACK_OFFICE"
    UNANSWERED = "UNANSWERED"
    DESK_LOST = "DESK_LOST"
    PHONE_LOST = "PHONE_LOST"
    SUPERVISOR = "SUPERVISOR"


#: Reasons a person may choose at the desk.
CHOOSABLE: frozenset[NotReadyReason] = frozenset(
    {
        NotReadyReason.BREAK,
        NotReadyReason.MEAL,
        NotReadyReason.TRAINING,
        NotReadyReason.BACK_OFFICE,
    }
)
