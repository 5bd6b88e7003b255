"""Lets two telephones talk: the citizen's turns and the agent's, one after the other."""

from collections.abc import Sequence

from simulator.carrier.network import PhoneCall
from simulator.carrier.script import Pause, Play
from simulator.scenes import Turn

#: What a listener lets pass before answering; also the gap that ends an utterance.
BREATH_SECONDS = 0.8
#: What a citizen leaves a person at the desk to say something.
ROOM_FOR_A_PERSON_SECONDS = 2.5


async def talk(citizen: PhoneCall, seat: PhoneCall | None, turns: Sequence[Turn]) -> bool:
    """Play every turn on its speaker's telephone; False when a line ended before.

    Without a seat (a person at the desk, or a browser that speaks by itself) the agent's turns
    are silence of a polite length.
    """
    for turn in turns:
        if turn.role == "caller":
            spoken = await _say(citizen, turn)
        elif seat is not None:
            spoken = await _say(seat, turn)
        else:
            spoken = await _wait(citizen, ROOM_FOR_A_PERSON_SECONDS)
        if not spoken:
            return False
    return True


async def _say(phone: PhoneCall, turn: Turn) -> bool:
    await phone.do([Play(turn.audio), Pause(BREATH_SECONDS)])
    return await phone.script_done()


async def _wait(phone: PhoneCall, seconds: float) -> bool:
    await phone.do([Pause(seconds)])
    return await phone.script_done()
