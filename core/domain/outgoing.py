"""Calls going out: what they are for, how far they have come, and how they ended."""

from enum import StrEnum


class OutgoingKind(StrEnum):
    """Whose call it is. UNIT: a department's phone rings first; DESK: an agent's desk dials.

    MACHINE: nobody's; the voice menus ring and ask (automatic callback).
    """

    UNIT = "UNIT"
    DESK = "DESK"
    MACHINE = "MACHINE"


class OutgoingState(StrEnum):
    """How far a call going out has come; OVER is final and has an outcome."""

    ASKED = "ASKED"
    PHONE_RINGS = "PHONE_RINGS"
    CITIZEN_RINGS = "CITIZEN_RINGS"
    CONNECTED = "CONNECTED"
    OVER = "OVER"


class OutgoingOutcome(StrEnum):
    """How it ended. GIVEN_UP: the one who asked for it hung up before the citizen answered."""

    TALKED = "TALKED"
    PHONE_UNANSWERED = "PHONE_UNANSWERED"
    PHONE_BUSY = "PHONE_BUSY"
    CITIZEN_UNANSWERED = "CITIZEN_UNANSWERED"
    CITIZEN_BUSY = "CITIZEN_BUSY"
    NO_SUCH_NUMBER = "NO_SUCH_NUMBER"
    GIVEN_UP = "GIVEN_UP"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


#: A request that routing has not taken up so soon is dropped: no phone rings out of the blue.
FRESH_SECONDS = 60
#: A talk of this length counts as contact with the citizen (first-contact limit of the leg).
CONTACT_SECONDS = 10

#: Outcomes that are an attempt at the citizen; the others are faults of ours.
NOT_REACHED = frozenset(
    {
        OutgoingOutcome.CITIZEN_UNANSWERED,
        OutgoingOutcome.CITIZEN_BUSY,
        OutgoingOutcome.NO_SUCH_NUMBER,
    }
)

_WHY = {
    1: OutgoingOutcome.NO_SUCH_NUMBER,
    3: OutgoingOutcome.NO_SUCH_NUMBER,
    20: OutgoingOutcome.NO_SUCH_NUMBER,  # how Asterisk reads a SIP 404
    28: OutgoingOutcome.NO_SUCH_NUMBER,
    17: OutgoingOutcome.CITIZEN_BUSY,
    21: OutgoingOutcome.CITIZEN_BUSY,
    0: OutgoingOutcome.CITIZEN_UNANSWERED,
    16: OutgoingOutcome.CITIZEN_UNANSWERED,
    18: OutgoingOutcome.CITIZEN_UNANSWERED,
    19: OutgoingOutcome.CITIZEN_UNANSWERED,
}


def why_not_reached(cause: int) -> OutgoingOutcome:
    """What the network's word (Q.850) means about a citizen who did not answer."""
    return _WHY.get(cause, OutgoingOutcome.FAILED)
