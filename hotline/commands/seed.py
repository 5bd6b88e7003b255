"""`hotline seed`: put the default city, its lines and its people into the database."""

import argparse
import asyncio
import os
from pathlib import Path

from core.clock import SystemClock
from core.config import load_settings
from core.db.engine import Database, make_engine
from core.errors import SettingWrong
from core.vault import Vault
from hotline.seed.living import bring_to_life
from hotline.seed.load import CITY, seed
from hotline.supervisor import complete


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("seed", help="载入默认城市数据 / load the default city")
    parser.add_argument("--city", type=Path, default=CITY, help="城市数据目录 / folder of a city")
    parser.add_argument("--password", help="所有账号的初始密码 / one password for every account")
    parser.add_argument(
        "--living", action="store_true", help="并生成各状态的演示工单 / with cases of every state"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Needs a running database (`hotline up`)."""
    if not (arguments.city / "gazetteer.json").is_file():
        raise SettingWrong(f"目录 {arguments.city.name} 中没有 gazetteer.json")
    made = asyncio.run(_run(arguments))
    print("默认城市数据已载入")
    if arguments.living:
        print(f"已生成 {made} 件演示工单" if made else "已有工单，未生成演示工单")
    return 0


async def _run(arguments: argparse.Namespace) -> int:
    """How many cases have been made."""
    settings = complete(load_settings(os.environ))
    if arguments.living and not settings.master_key:
        raise SettingWrong("缺少设置 master_key，请先运行 hotline up")
    engine = make_engine(settings.database_url)
    try:
        await seed(Database(engine), city=arguments.city, password=arguments.password)
        if not arguments.living:
            return 0
        vault = Vault(bytes.fromhex(settings.master_key))
        return await bring_to_life(settings.database_url, vault=vault, now=SystemClock().now())
    finally:
        await engine.dispose()
