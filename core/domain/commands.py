"""What a desk may ask of routing: the closed set of commands and their arguments.

agent_ui sends them (stream `commands`), routing carries them out and answers with the events of
what happened, plus CommandDone or CommandRefused for the one who asked. `call_id` stands in the
command itself wherever a call is meant.
"""

from enum import StrEnum


class DeskCommand(StrEnum):
    """Kinds of commands; arguments in `args` where a line names some."""

    SIGN_IN = "sign_in"  # a desk connected: the agent is there, not ready
    GO_READY = "go_ready"
    PAUSE = "pause"  # reason: NotReadyReason a person may choose
    SIGN_OUT = "sign_out"
    DESK_LOST = "desk_lost"  # the last socket of the agent closed
    POP_SEEN = "pop_seen"  # offer_id: the screen-pop is on the screen (latency is measured)
    DECLINE = "decline"  # offer_id
    HOLD = "hold"
    RESUME = "resume"
    HANG_UP = "hang_up"
    CONSULT = "consult"  # target: number or account
    END_CONSULT = "end_consult"
    THREE_WAY = "three_way"
    TRANSFER = "transfer"  # target
    FINISH_WRAP_UP = "finish_wrap_up"
    EXTEND_WRAP_UP = "extend_wrap_up"
    READ_OUT = "read_out"  # case_number: say it to the caller
    REATTACH = "reattach"  # the browser's phone is back in mid-call: ring it and join again
    MONITOR = "monitor"  # mode: listen, whisper, barge, stop
