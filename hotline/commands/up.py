"""`hotline up`: starts one instance and supervises it, here or in the background."""

import argparse
import asyncio
import os
import signal
import sys
from dataclasses import replace

from core import logs
from core.config import PROJECT, Settings, load_settings
from core.errors import SettingWrong, Unavailable
from core.liveness import announce_ready
from hotline.child import Launch, Notifier, start_child
from hotline.keeper import ProcessState
from hotline.processes import ALL, environment
from hotline.races import first
from hotline.run_folder import SUPERVISOR, RunFolder
from hotline.supervisor import START_SECONDS, Stack
from hotline.words import say

_SHOWN = frozenset({ProcessState.STARTING, ProcessState.READY, ProcessState.BACKING_OFF})


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("up", help="启动并看护全部进程 / start and supervise")
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    parser.add_argument("processes", nargs="*", metavar="PROCESS", help=f"of {' '.join(ALL)}")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start; return when stopped (or, detached, when all of it serves)."""
    settings = load_settings(os.environ)
    unknown = [name for name in arguments.processes if name not in ALL]
    if unknown:
        raise SettingWrong(f"没有这样的进程：{'、'.join(unknown)}（{' '.join(ALL)}）")
    names = tuple(arguments.processes) or ALL
    if arguments.detach:
        return asyncio.run(_detached(settings, names))
    logs.set_up(SUPERVISOR, level=settings.log_level)
    return asyncio.run(_foreground(settings, names))


async def _foreground(settings: Settings, names: tuple[str, ...]) -> int:
    def report(name: str, state: str) -> None:
        if state in _SHOWN:
            print(f"{name:12} {say(settings, state)}", flush=True)

    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    stack = Stack(settings, names, dies_with_us=False, report=report)
    if not await first(stack.start_all(), asked_to_stop.wait()):
        return 0
    _welcome(settings, "stop_with_keys")
    announce_ready()
    try:
        await first(stack.wait(), asked_to_stop.wait())
    finally:
        await stack.stop_all()
    return 0


def _welcome(settings: Settings, how_to_stop: str) -> None:
    print(say(settings, "everything_runs", f"http://{settings.host}:{settings.port('web')}/"))
    print(say(settings, "logs_in", settings.state_dir / "logs"))
    print(say(settings, how_to_stop), flush=True)


async def _detached(settings: Settings, names: tuple[str, ...]) -> int:
    """Start a supervisor of its own session and wait for its word."""
    RunFolder(settings.state_dir).lock().close()  # raises Conflict when one runs already
    log = settings.state_dir / "logs" / f"{SUPERVISOR}.log"
    notifier = Notifier(SUPERVISOR)
    launch = Launch(
        command=(sys.executable, "-m", "hotline", "up", *names),
        log=log,
        cwd=PROJECT,
        env={**environment(replace(settings, database_url="", redis_url="")), **_given_addresses()},
    )
    child = start_child(launch, notify=notifier.address)
    try:
        async with asyncio.timeout(START_SECONDS):
            serves = await first(notifier.wait(), child.wait())
    finally:
        notifier.close()
    if not serves:
        words = log.read_text(encoding="utf-8", errors="replace").strip()[-600:]
        raise Unavailable(f"{words}\n（日志：{log}）")
    child.detach()
    _welcome(settings, "stop_with_down")
    return 0


def _given_addresses() -> dict[str, str]:
    """Servers of somebody else's, as the operator named them."""
    names = ("HOTLINE_DATABASE_URL", "HOTLINE_REDIS_URL")
    return {name: os.environ[name] for name in names if name in os.environ}
