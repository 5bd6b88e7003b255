"""Where each caller is in the menus, kept in Redis so that a restarted process goes on there."""

import logging
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import Clock
from core.errors import InputRefused
from core.ids import CallId
from ivr.menu.state import MenuState

logger = logging.getLogger(__name__)

_KEEP_SECONDS = 4 * 3600
#: After a failure Redis is left alone for so long: a caller's key must not wait for it.
_PAUSE_SECONDS = 5.0


class MenuStates(Protocol):
    """Keeps menu states; losing one costs a caller the place in the menu, never the call."""

    async def save(self, call_id: CallId, state: MenuState) -> None:
        """Keep the state; never raises for a store that is away."""
        ...

    async def load(self, call_id: CallId) -> MenuState | None:
        """The state last kept, or None."""
        ...


class RedisMenuStates:
    """States in Redis, one key a call, forgotten after some hours."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis: Any = redis
        self._clock = clock
        self._paused_until = 0.0

    async def save(self, call_id: CallId, state: MenuState) -> None:
        if self._clock.monotonic() < self._paused_until:
            return
        try:
            await self._redis.set(_key(call_id), state.to_json(), ex=_KEEP_SECONDS)
        except (RedisError, OSError, TimeoutError):
            self._paused_until = self._clock.monotonic() + _PAUSE_SECONDS
            logger.warning("menu state not kept")

    async def load(self, call_id: CallId) -> MenuState | None:
        try:
            text = await self._redis.get(_key(call_id))
            return MenuState.from_json(text) if text else None
        except (RedisError, OSError, TimeoutError, InputRefused):
            logger.warning("menu state not read")
            return None


def _key(call_id: CallId) -> str:
    return f"menu:{call_id}"
