"""How the engine's facts are said: the state of a case, why a line is closed."""

from datetime import datetime

from core.domain.prompts import STATUS_PROMPTS, Say, say
from ivr.menu.hours import OpeningHours
from ivr.menu.messages import CaseAnswer
from ivr.menu.model import Says


def in_language(language: str, *prompts: str) -> tuple[Say, ...]:
    """Sentences without slots, in one language."""
    return tuple(say(prompt, language) for prompt in prompts)


def case_says(answer: CaseAnswer, says: Says, language: str) -> tuple[Say, ...]:
    """The state of a case, and by when it is due if that is known."""
    state = say(says.case_status, language, status=STATUS_PROMPTS[answer.status])
    if answer.due_on is None:
        return (state,)
    return state, say(says.case_due, language, due=answer.due_on)


def closed_says(hours: OpeningHours, now: datetime, says: Says, language: str) -> tuple[Say, ...]:
    """Why nobody is there, and from when on somebody is."""
    reason = say(says.closed_holiday if hours.is_holiday(now) else says.closed_hours, language)
    opens = hours.first_opening()
    if opens is None:
        return (reason,)
    return reason, say(says.opens_at, language, at=opens)
