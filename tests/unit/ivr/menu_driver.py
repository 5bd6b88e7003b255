"""Drives the menu engine the way a telephone would: what was ordered comes to pass."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import ivr.menu
from core.domain.prompts import Say
from ivr.menu.engine import MenuEngine
from ivr.menu.loader import load_menus
from ivr.menu.messages import (
    CallerFacts,
    Command,
    Digit,
    Event,
    LineFacts,
    Play,
    PlaybackDone,
    Started,
    TimerFired,
)
from ivr.menu.model import MenuBook
from ivr.menu.state import MenuState, Phase

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, twelve o'clock in the city
LINE = LineFacts(line_id="12345", greeting="greeting_12345", queue="general")
MENUS = Path(ivr.menu.__file__).parent / "menus.toml"


@cache
def shipped_book() -> MenuBook:
    """The menus as they are shipped."""
    return load_menus(MENUS.read_text(encoding="utf-8"))


@dataclass
class Caller:
    """One caller; remembers what was heard and ordered."""

    state: MenuState = field(default_factory=MenuState)
    book: MenuBook = field(default_factory=shipped_book)
    now: datetime = NOON
    orders: list[Command] = field(default_factory=list)
    last: tuple[Command, ...] = ()

    def tell(self, event: Event) -> tuple[Command, ...]:
        """Tell the engine something."""
        self.state, self.last = MenuEngine(self.book).step(self.state, event, self.now)
        self.orders += self.last
        return self.last

    def calls(self, line: LineFacts = LINE, caller: CallerFacts | None = None) -> "Caller":
        """Phone in."""
        self.tell(Started(line, caller or CallerFacts()))
        return self

    def presses(self, keys: str) -> "Caller":
        """Press keys, one after another."""
        for key in keys:
            self.tell(Digit(key))
        return self

    def listens(self) -> "Caller":
        """Hear the prompt to its end."""
        self.tell(PlaybackDone(self.state.play))
        return self

    def waits(self) -> "Caller":
        """Do nothing until the clock runs out."""
        self.tell(TimerFired(self.state.timer))
        return self

    @property
    def heard(self) -> tuple[str, ...]:
        """The ids of what the last order made the caller hear."""
        return tuple(
            say.prompt for play in self.last if isinstance(play, Play) for say in play.says
        )

    @property
    def hears(self) -> tuple[Say, ...]:
        """The last thing that was said, whenever that was."""
        plays = [order for order in self.orders if isinstance(order, Play)]
        return plays[-1].says

    def ordered(self, kind: type[T]) -> list[T]:
        """All orders of one kind so far."""
        return [order for order in self.orders if isinstance(order, kind)]

    @property
    def is_out(self) -> bool:
        """Whether the call has left the menus."""
        return self.state.phase is Phase.GONE
