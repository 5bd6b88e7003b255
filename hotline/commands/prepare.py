"""`hotline prepare`: secrets, database, Asterisk's configuration; for containers."""

import argparse
import asyncio
import os

from core.config import Settings, load_settings
from core.db.migrate import upgrade
from hotline import telephony
from hotline.seed.load import seed_new_database
from hotline.supervisor import complete


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("prepare", help="准备数据库与电话配置 / prepare, start nothing")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Safe to run again: after a change of lines or agents it writes the new configuration."""
    settings = complete(load_settings(os.environ))
    upgrade(settings.database_url)
    asyncio.run(_fill(settings))
    return 0


async def _fill(settings: Settings) -> None:
    await seed_new_database(settings.database_url)
    await telephony.prepare(settings, has_database=True)
