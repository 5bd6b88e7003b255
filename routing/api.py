"""Front door of routing: the words in which desks speak to it, how a call finds it, who should act.

`suggestions_for(session, case, today)` gives the departments that should act on a case, best
first, each with its reasons.
"""

from routing.dispatch.loading import suggestions_for, suggestions_for_many
from routing.dispatch.suggest import Ground, Reason, Suggestion

__all__ = [
    "PRESENCE_SECONDS",
    "STASIS_APP",
    "Ground",
    "Reason",
    "Suggestion",
    "presence_key",
    "suggestions_for",
    "suggestions_for_many",
]

#: Name of routing's Stasis application; callers enter it with ("call", call_id).
STASIS_APP = "acd"
#: A desk that has not renewed this key is lost: its agent is offered no call.
PRESENCE_SECONDS = 6


def presence_key(agent_id: str) -> str:
    """The Redis key that says that an agent's desk is alive."""
    return f"presence:{agent_id}"
