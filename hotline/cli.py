"""The command `hotline`: one module of `hotline/commands` for each subcommand."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

from core.errors import HotlineError, SettingWrong
from hotline import commands

USAGE_ERROR = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; what we raise on purpose becomes one clear line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsed = build_parser(given).parse_args(given)
    try:
        return int(parsed.run(parsed))
    except SettingWrong as error:
        print(f"hotline: {error.message}", file=sys.stderr)
        return USAGE_ERROR
    except HotlineError as error:
        print(f"hotline: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `hotline status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def build_parser(given: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Load only the module of the given subcommand: some of them are slow to import."""
    parser = argparse.ArgumentParser(prog="hotline", description="12345 政务服务热线")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    wanted = given[0].replace("-", "_") if given else ""
    wanted = f"{wanted}_" if f"{wanted}_" in names else wanted  # `import` is a word of Python
    for name in [wanted] if wanted in names else names:
        module = importlib.import_module(f"hotline.commands.{name}")
        module.register(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
