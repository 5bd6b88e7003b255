"""`hotline seed`: put the default city, its lines and its people into the database."""

import argparse
import asyncio
import os
from pathlib import Path

from core.config import load_settings
from core.db.engine import Database, make_engine
from core.errors import SettingWrong
from hotline.seed.load import CITY, seed
from hotline.supervisor import complete


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("seed", help="载入默认城市数据 / load the default city")
    parser.add_argument("--city", type=Path, default=CITY, help="城市数据目录 / folder of a city")
    parser.add_argument("--password", help="所有账号的初始密码 / one password for every account")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Needs a running database (`hotline up`)."""
    if not (arguments.city / "gazetteer.json").is_file():
        raise SettingWrong(f"目录 {arguments.city.name} 中没有 gazetteer.json")
    asyncio.run(_run(arguments))
    print("默认城市数据已载入")
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    engine = make_engine(complete(load_settings(os.environ)).database_url)
    try:
        await seed(Database(engine), city=arguments.city, password=arguments.password)
    finally:
        await engine.dispose()
