"""Decides how a call that was found in the menus without anybody serving it goes on."""

from core.domain.calls import CallState
from ivr.menu.messages import Event, Resumed, Started, SurveyStarted
from ivr.menu.model import SURVEY
from ivr.menu.state import MenuState, Phase


def how_to_go_on(
    kept: MenuState | None, written: tuple[CallState, str] | None, beginning: Started
) -> tuple[Event, MenuState | None]:
    """The first event for the call, and the state to start from (None for a new one).

    kept: the menu state of the call, if Redis had it; written: state and language of its row, if
    the database had it. With neither, the caller simply hears the menu once more.
    """
    call_state, language = written or (None, None)
    is_fresh = kept is not None and (kept.flow == SURVEY or call_state is not CallState.SURVEY)
    if kept is not None and is_fresh and kept.phase not in (Phase.NEW, Phase.GONE):
        return Resumed(), kept
    came_back = kept is not None and kept.phase is Phase.GONE
    if call_state is CallState.SURVEY or (call_state is None and came_back):
        # The agents gave the channel back while nobody was here to take it.
        return SurveyStarted(language or (kept.language if kept else None)), None
    return beginning, None
