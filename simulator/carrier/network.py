"""The telephone network as Python sees it: place a call, give a number a behaviour, await events.

async with Carrier(host="127.0.0.1", port=..., password=...) as carrier:
    call = await carrier.call("12345", caller_number="13800000001", script=[Press("0"), Stay()])
    await call.answered(); await call.script_done(); await call.hangup()
    ending = await call.ended()          # call.heard and call.said are complete now
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.asterisk.ami import Ami, AmiCall
from core.asterisk.errors import AmiRefused
from core.ids import new_id
from simulator.carrier.config import AMI_USER
from simulator.carrier.script import Press, Script, Stay, as_variables

#: Longest any single wait lasts unless told otherwise: a test that hangs tells nothing.
PATIENCE_S = 30.0
TRUNK = "hotline"
STAYING: Script = (Stay(),)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: Q.850 cause (16 normal, 17 busy, 19 no answer), and whether it stood."""

    cause: int
    was_answered: bool


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a number of the network does when the hotline phones it.

    mode: "answer" after delay_s and follow the script; "busy", "silent" (rings for ever) or
    "unknown" (no such number).
    """

    mode: str = "answer"
    delay_s: float = 0.3
    script: Script = STAYING


class PhoneCall:
    """One party's leg in the network: a citizen who phoned, or a number that was phoned."""

    def __init__(self, carrier: "Carrier", leg_id: str, heard: Path, number: str = "") -> None:
        self._carrier = carrier
        self.leg_id = leg_id
        self.number = number
        self.caller_number = ""
        self.channel = ""
        self.heard = heard / f"{leg_id}-heard.wav"
        self.said = heard / f"{leg_id}-said.wav"
        self.steps_done = 0
        loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[bool] = loop.create_future()
        self._script_done: asyncio.Future[bool] = loop.create_future()
        self._ended: asyncio.Future[Ending] = loop.create_future()

    async def answered(self, patience_s: float = PATIENCE_S) -> bool:
        """Whether the call was answered; False when it ended unanswered."""
        return await asyncio.wait_for(asyncio.shield(self._answered), patience_s)

    async def script_done(self, patience_s: float = PATIENCE_S) -> bool:
        """Whether every step was done; False when the line ended before. The line is kept."""
        return await asyncio.wait_for(asyncio.shield(self._script_done), patience_s)

    async def ended(self, patience_s: float = PATIENCE_S) -> Ending:
        """How it ended; the recordings are complete then."""
        return await asyncio.wait_for(asyncio.shield(self._ended), patience_s)

    async def do(self, script: Script) -> None:
        """Stop whatever is being done and follow these steps; await script_done()."""
        _settle(self._script_done, False)
        self._script_done = asyncio.get_running_loop().create_future()
        await self._carrier.follow(self.channel, script)

    async def press(self, digits: str) -> None:
        """Press keys now, and keep the line."""
        await self.do([Press(digits)])

    async def hangup(self) -> None:
        """Put the phone down; that the line is already dead is no error."""
        try:
            await self._carrier.ami.hangup(self.channel)
        except AmiRefused:
            return

    def take(self, event: dict[str, str]) -> None:
        """Take one event of this leg; called by the carrier."""
        self.channel = event.get("Channel", self.channel)
        match event.get("UserEvent"):
            case "PartyAnswered":
                _settle(self._answered, True)
            case "StepDone":
                self.steps_done += 1
            case "ScriptDone":
                _settle(self._script_done, True)
            case "PartyOver":
                self.finish(int(event.get("Cause") or 0))
            case _:
                return

    def finish(self, cause: int) -> None:
        """The leg is gone; called by the carrier."""
        was_answered = self._answered.done() and self._answered.result()
        _settle(self._answered, False)
        _settle(self._script_done, False)
        _settle(self._ended, Ending(cause, was_answered))


class Carrier:
    """The connection to the carrier's Asterisk."""

    def __init__(self, *, host: str, port: int, password: str, heard: Path) -> None:
        self._heard = heard
        self._calls: dict[str, PhoneCall] = {}
        self._arrivals: dict[str, asyncio.Queue[PhoneCall]] = defaultdict(asyncio.Queue)
        self.ami = Ami(
            host=host, port=port, user=AMI_USER, password=password, on_event=self._receive
        )

    async def __aenter__(self) -> Self:
        await self.ami.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.ami.__aexit__()

    async def call(
        self, did: str, *, caller_number: str, script: Script = STAYING, ring_s: int = 30
    ) -> PhoneCall:
        """Have a citizen phone the hotline; returns while it is still ringing."""
        leg_id = new_id()
        call = PhoneCall(self, leg_id, self._heard)
        call.caller_number = caller_number
        self._calls[leg_id] = call
        order = AmiCall(
            channel=f"PJSIP/{did}@{TRUNK}",
            context="citizen",
            caller_id=f'"{caller_number}" <{caller_number}>' if caller_number else "",
            timeout_ms=ring_s * 1000,
            variables=as_variables(script, "CALL"),
            channel_id=leg_id,
        )
        await self.ami.originate(order)
        return call

    async def set_number(self, number: str, behaviour: Behaviour) -> None:
        """Say what a number does from now on when it is phoned."""
        who = f"NUMBER_{number}"
        values = {
            f"{who}_MODE": behaviour.mode,
            f"{who}_DELAY": f"{behaviour.delay_s:g}",
            **as_variables(behaviour.script, who),
        }
        for name, text in values.items():
            await self.ami.action("Setvar", Variable=name, Value=text)

    async def next_ring(self, number: str, patience_s: float = PATIENCE_S) -> PhoneCall:
        """The next leg that rings at this number (kept until asked for)."""
        return await asyncio.wait_for(self._arrivals[number].get(), patience_s)

    async def last_ring(self, number: str, patience_s: float = PATIENCE_S) -> PhoneCall:
        """The latest leg that rings at this number: earlier ones may have been given up."""
        leg = await self.next_ring(number, patience_s)
        while not self._arrivals[number].empty():
            leg = self._arrivals[number].get_nowait()
        return leg

    async def follow(self, channel: str, script: Script) -> None:
        """Have a leg follow other steps from now on."""
        for name, text in as_variables(script, "CALL").items():
            await self.ami.action("Setvar", Channel=channel, Variable=name, Value=text)
        await self.ami.redirect(channel, context="citizen", exten="more")

    def _receive(self, event: dict[str, str] | None) -> None:
        if event is None:
            for call in list(self._calls.values()):
                call.finish(0)
        elif event.get("Event") == "OriginateResponse":
            self._originated(event)
        elif event.get("UserEvent") == "NumberRings":
            self._ring(event)
        elif event.get("Event") == "Hangup":
            # Comes after PartyOver; alone only when the leg died before its first step.
            self._forget(event.get("Uniqueid", ""), int(event.get("Cause") or 0))
        elif known := self._calls.get(event.get("Uniqueid", "")):
            known.take(event)

    def _originated(self, event: dict[str, str]) -> None:
        if event.get("Response") == "Success":
            return
        # The channel has no Uniqueid (any more) here; the order's own id is the leg's.
        self._forget(event.get("ActionID", ""), _cause(event.get("Reason", "")))

    def _forget(self, leg_id: str, cause: int) -> None:
        call = self._calls.pop(leg_id, None)
        if call is not None:
            call.finish(cause)

    def _ring(self, event: dict[str, str]) -> None:
        leg_id, number = event.get("Uniqueid", ""), event.get("Number", "")
        call = PhoneCall(self, leg_id, self._heard, number)
        call.caller_number = event.get("From", "")
        call.take(event)
        self._calls[leg_id] = call
        self._arrivals[number].put_nowait(call)


def _cause(reason: str) -> int:
    """Originate's reason as a Q.850 cause: 3 rang out, 5 busy, 8 congested."""
    return {"3": 19, "5": 17, "8": 34}.get(reason, 0)


def _settle(future: "asyncio.Future[bool] | asyncio.Future[Ending]", result: object) -> None:
    if not future.done():
        future.set_result(result)  # type: ignore[arg-type]
