"""`hotline health PROCESS`: whether one process of this machine serves; for containers."""

import argparse
import os
import urllib.error
import urllib.request

from core.config import PORT_OFFSETS, load_settings

_PREFIX = "metrics_"
PROCESSES = tuple(name.removeprefix(_PREFIX) for name in PORT_OFFSETS if name.startswith(_PREFIX))
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - recognised, not bound
_SECONDS = 2.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("health", help="检查一个进程 / ask one process how it is")
    parser.add_argument("process", choices=PROCESSES)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when the process is healthy; what is wrong goes to standard output."""
    settings = load_settings(os.environ)
    host = "127.0.0.1" if settings.host == _EVERY_ADDRESS else settings.host
    page = f"http://{host}:{settings.port(_PREFIX + arguments.process)}/healthz"
    try:
        with urllib.request.urlopen(page, timeout=_SECONDS) as answer:
            print(answer.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        print(error.read().decode())
    except OSError as error:
        print(f"no answer: {type(error).__name__}")
    return 1
