"""Runs the simulated telephone network: the second Asterisk, for as long as a context is open."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.asterisk.errors import AmiRefused
from core.asterisk.instance import asterisk_command, console_command
from core.errors import Unavailable
from simulator.carrier.config import LOOPBACK, CarrierSettings, render_carrier
from simulator.carrier.network import Carrier

logger = logging.getLogger(__name__)
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_RETRY_SECONDS = 0.1


@asynccontextmanager
async def telephone_network(settings: CarrierSettings) -> AsyncIterator[Carrier]:
    """Start the network, give the connection to it, and end it afterwards.

    Raises Unavailable with the end of its log when it does not come up.
    """
    folders = render_carrier(settings)
    log = settings.home / "carrier.log"
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            "setpriv",
            "--pdeathsig=KILL",  # whatever becomes of us, no second Asterisk is left behind
            *asterisk_command(folders),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    try:
        carrier = await _connect(settings, process, log)
        async with carrier:
            yield carrier
    finally:
        await _end(process)


async def _connect(
    settings: CarrierSettings, process: asyncio.subprocess.Process, log: Path
) -> Carrier:
    try:
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None:
                try:
                    await _knock(settings)
                    async with _carrier(settings):
                        break
                except (AmiRefused, Unavailable, OSError):
                    await asyncio.sleep(_RETRY_SECONDS)  # its port is not open yet
    except TimeoutError:
        logger.warning("the telephone network did not start in time")
    if process.returncode is not None:
        raise Unavailable(f"模拟电话网未能启动：{_tail(log)}")
    await _wait_booted(settings)
    return _carrier(settings)


async def _wait_booted(settings: CarrierSettings) -> None:
    """The manager port opens before the telephones do: a call placed now would be refused."""
    waiting = await asyncio.create_subprocess_exec(
        *console_command(settings.folders, "core waitfullybooted"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.wait_for(waiting.wait(), _START_SECONDS)
    except TimeoutError:
        await _end(waiting)


async def _knock(settings: CarrierSettings) -> None:
    """Raise OSError while the port is shut; pyst2 would leave a socket open for each try."""
    _reader, writer = await asyncio.open_connection(LOOPBACK, settings.ami_port)
    writer.close()
    await writer.wait_closed()


def _carrier(settings: CarrierSettings) -> Carrier:
    return Carrier(
        host=LOOPBACK,
        port=settings.ami_port,
        password=settings.ami_password,
        heard=settings.heard,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-500:]
