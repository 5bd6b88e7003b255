"""`hotline config`: every setting in force, without secrets."""

import argparse
import os

from core.config import load_settings, printable


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("config", help="显示全部设置（不含密码） / print the settings")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print in the form of hotline.toml's keys, so a line can be copied there."""
    for name, value in printable(load_settings(os.environ)).items():
        print(f"{name} = {value}")
    return 0
