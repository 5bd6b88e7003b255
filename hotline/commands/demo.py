"""`hotline demo`: the main job, from a citizen's call to the case, on this machine."""

import argparse
import asyncio
import os

from core.config import load_settings
from hotline.demo.show import run_demo


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("demo", help="演示：一通电话变成一张工单 / one call, one case")
    parser.add_argument("--once", action="store_true", help="只打一通电话，无人值守 / one call")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """With --once: 0 only if the case is whole."""
    return asyncio.run(run_demo(load_settings(os.environ), once=arguments.once))
