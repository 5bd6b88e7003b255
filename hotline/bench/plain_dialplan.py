"""Numbers of the trunk that live in Asterisk alone: what our own way is compared with."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from core.asterisk.ami import Ami
from hotline.asterisk_config import LOOPBACK
from hotline.bench.instance import Instance

ManagerEvent = dict[str, str] | None


@asynccontextmanager
async def manager_of(
    instance: Instance, on_event: Callable[[ManagerEvent], None] | None = None
) -> AsyncIterator[Ami]:
    """The manager interface of the hotline's Asterisk."""
    settings = instance.settings
    async with Ami(
        host=LOOPBACK,
        port=settings.port("ami"),
        user=settings.ami_user,
        password=settings.ami_password,
        on_event=on_event,
    ) as manager:
        yield manager


async def add_number(
    manager: Ami, number: str, steps: Sequence[str], *, context: str = "from-trunk"
) -> None:
    """Have this number (or pattern) of a context do these applications in order."""
    for priority, step in enumerate(steps, start=1):
        await manager.console(
            f"dialplan add extension {number},{priority},{step} into {context} replace"
        )


def recorder(file: str) -> str:
    """Both directions and their mix, as the hotline records every call."""
    return f"MixMonitor({file}-mix.wav,r({file}-caller.wav)t({file}-heard.wav)S)"
