"""`hotline setup`: everything a machine lacks, laid into git-ignored folders."""

import argparse
import os
from collections.abc import Callable, Mapping

from core.config import Settings, load_settings
from hotline.installation.assets import set_up_assets
from hotline.installation.rootfs import set_up_rootfs
from hotline.models import set_up_models

STEPS: Mapping[str, Callable[[Settings], object]] = {
    "programs": lambda settings: set_up_rootfs(settings.runtime_dir, say),
    "assets": lambda settings: set_up_assets(settings.runtime_dir, say),
    "models": lambda settings: set_up_models(settings, say),
}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("setup", help="安装运行所需的一切 / lay down what is needed")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--only", action="append", choices=tuple(STEPS), help="just this step")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """The part after `hotline.bootstrap`, which made the environment this runs in."""
    settings = load_settings(os.environ)
    for name in arguments.only or STEPS:
        STEPS[name](settings)
    say("ready")
    return 0


def say(line: str) -> None:
    """Show progress at once, also through a pipe."""
    print(f"setup: {line}", flush=True)
