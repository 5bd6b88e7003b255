"""`hotline down`: stops the instance, also one whose supervisor was killed."""

import argparse
import asyncio
import os

from core.config import Settings, load_settings
from hotline.child import adopt_child
from hotline.run_folder import SUPERVISOR, RunFolder
from hotline.words import say


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("down", help="停止全部进程 / stop everything")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Stop; nothing running is no error."""
    return asyncio.run(stop_instance(load_settings(os.environ)))


async def stop_instance(settings: Settings) -> int:
    """Let the supervisor stop its processes; then end whatever has none."""
    if not settings.state_dir.is_dir():
        print(say(settings, "nothing_runs"))
        return 0
    folder = RunFolder(settings.state_dir)
    records = sorted(folder.read_all(), key=lambda record: record.name != SUPERVISOR)
    if not records:
        print(say(settings, "nothing_runs"))
    for record in records:
        child = adopt_child(record)
        if child is not None:
            await child.stop(seconds=60.0 if record.name == SUPERVISOR else 10.0)
            print(f"{record.name:12} {say(settings, 'stopped')}", flush=True)
        folder.remove(record.name)
    return 0
