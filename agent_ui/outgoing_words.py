"""How far a call going out has come, in words for the one who asked for it."""

from agent_ui.i18n import mark
from core.auth import Principal
from core.db.tables.outgoing import OutgoingRow
from core.domain.outgoing import OutgoingOutcome, OutgoingState

STATE_WORDS = {
    OutgoingState.ASKED: mark("正在接通"),
    OutgoingState.PHONE_RINGS: mark("您的话机正在振铃，请接听"),
    OutgoingState.CITIZEN_RINGS: mark("正在呼叫诉求人"),
    OutgoingState.CONNECTED: mark("正在通话，通话录音"),
    OutgoingState.OVER: mark("通话已结束"),
}
OUTCOME_WORDS = {
    OutgoingOutcome.TALKED: mark("已通话"),
    OutgoingOutcome.PHONE_UNANSWERED: mark("您的话机无人接听"),
    OutgoingOutcome.PHONE_BUSY: mark("您的话机占线"),
    OutgoingOutcome.CITIZEN_UNANSWERED: mark("诉求人未接听"),
    OutgoingOutcome.CITIZEN_BUSY: mark("诉求人电话占线"),
    OutgoingOutcome.NO_SUCH_NUMBER: mark("号码不存在"),
    OutgoingOutcome.GIVEN_UP: mark("您已挂断"),
    OutgoingOutcome.EXPIRED: mark("呼叫未能及时发出，请重拨"),
    OutgoingOutcome.FAILED: mark("呼叫失败，请重拨"),
}


def call_words(row: OutgoingRow | None, principal: Principal) -> dict[str, object] | None:
    """The call as its state is shown; nobody else's."""
    if row is None or row.asked_by != principal.agent_id:
        return None
    over = row.ended_at is not None
    words = STATE_WORDS[OutgoingState(row.state)]
    if row.outcome is not None:
        words = OUTCOME_WORDS[OutgoingOutcome(row.outcome)]
    return {"id": row.id, "words": words, "over": over, "talked": row.connected_at is not None}
