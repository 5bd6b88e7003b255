"""What a desk may ask of routing: the closed set of commands and their arguments.

agent_ui sends them (stream `commands`), routing carries them out and answers with the events of
what happened, plus CommandDone or CommandRefused for the one who asked. `call_id` stands in the
command itself wherever a call is meant.
"""

from enum import StrEnum


class DeskCommand(StrEnum):
    """Kinds of commands; arguments in `args` where a line names some."""

    GO_READY = "go_ready"
    PAUSE = "pause"  # reason: NotReadyReason a person may choose
    SIGN_OUT = "sign_out"
    DECLINE = "decline"  # offer_id
    HANG_UP = "hang_up"
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    REATTACH = "reattach"  # the browser's phone is back in mid-call: ring it and join again
    READ_OUT = "read_out"  # say the newest case number of this call to both
    FINISH_WRAP_UP = "finish_wrap_up"
    EXTEND_WRAP_UP = "extend_wrap_up"  # seconds
    CONSULT = "consult"  # target: a number, or "agent:" and the account's id
    THREE_WAY = "three_way"
    END_CONSULT = "end_consult"
    TRANSFER = "transfer"  # target, as for consult
    EMERGENCY = "emergency"  # service: 110, 119, 120 or 122
    LISTEN = "listen"  # supervisor, reason: hears both
    WHISPER = "whisper"  # supervisor, reason: is heard by the agent only
    BARGE_IN = "barge_in"  # supervisor, reason: is heard by both
    STOP_LISTENING = "stop_listening"
    FORCE_NOT_READY = "force_not_ready"  # supervisor: agent_id, reason
    FORCE_SIGN_OUT = "force_sign_out"  # supervisor: agent_id, reason
    CANCEL_CALLBACK = "cancel_callback"  # supervisor: callback_id


#: What a target of a consultation or transfer begins with when it is a colleague.
AGENT_TARGET = "agent:"
#: Numbers that one key reaches; the call stays a three-way until somebody there has answered.
EMERGENCY_NUMBERS = ("110", "119", "120", "122")
