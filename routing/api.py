"""Front door of routing: the words in which desks speak to it, how a call finds it, who should act.

`suggestions_for(session, case, today)` gives the departments that should act on a case, best
first, each with its reasons.
"""

from enum import StrEnum

from routing.dispatch.loading import suggestions_for
from routing.dispatch.suggest import Ground, Reason, Suggestion

__all__ = [
    "PRESENCE_SECONDS",
    "STASIS_APP",
    "Ground",
    "Order",
    "Reason",
    "Suggestion",
    "presence_key",
    "suggestions_for",
]

#: Name of routing's Stasis application; callers enter it with ("call", call_id).
STASIS_APP = "acd"
#: A desk that has not renewed this key is lost: its agent is offered no call.
PRESENCE_SECONDS = 6


def presence_key(agent_id: str) -> str:
    """The Redis key that says that an agent's desk is alive."""
    return f"presence:{agent_id}"


class Order(StrEnum):
    """Kinds of core.events.bus.Command that routing carries out; args in brackets."""

    GO_READY = "go_ready"
    PAUSE = "pause"  # [reason]
    SIGN_OUT = "sign_out"
    DECLINE = "decline"  # [offer_id]
    HANG_UP = "hang_up"
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    REATTACH = "reattach"
    READ_OUT = "read_out"
    FINISH_WRAP_UP = "finish_wrap_up"
    EXTEND_WRAP_UP = "extend_wrap_up"  # [seconds]
    CONSULT = "consult"  # [target]
    THREE_WAY = "three_way"
    END_CONSULT = "end_consult"
    TRANSFER = "transfer"  # [target]
    LISTEN = "listen"  # supervisor: hears both
    WHISPER = "whisper"  # supervisor: is heard by the agent only
    BARGE_IN = "barge_in"  # supervisor: is heard by both
    STOP_LISTENING = "stop_listening"
    FORCE_NOT_READY = "force_not_ready"  # supervisor [agent_id]
    FORCE_SIGN_OUT = "force_sign_out"  # supervisor [agent_id]
    CANCEL_CALLBACK = "cancel_callback"  # [callback_id]
