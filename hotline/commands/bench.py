"""`hotline bench`: what this machine and this code can do, as a table and as build/bench.json."""

import argparse
import asyncio
import os
from pathlib import Path

from core.config import PROJECT, load_settings
from hotline.bench.figures import table, write
from hotline.bench.instance import CITY_CASES
from hotline.bench.run import MEASURES, run_bench

RESULT = PROJECT / "build" / "bench.json"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("bench", help="压测：弹屏、字幕、菜单、资源 / measure")
    parser.add_argument("--only", action="append", default=[], choices=list(MEASURES))
    parser.add_argument(
        "--cases", type=int, default=CITY_CASES, help="城市的工单数 / cases of the made city"
    )
    parser.add_argument("--json", type=Path, default=RESULT, help="结果文件 / where to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when everything was measured to its end, met or not; a missed target is for the reader."""
    figures = asyncio.run(
        run_bench(load_settings(os.environ), arguments.only, _say, cases=arguments.cases)
    )
    write(figures, arguments.json)
    _say(table(figures))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
