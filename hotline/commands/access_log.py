"""`hotline access-log`: whether the log of who saw personal data is whole."""

import argparse
import asyncio
import os

from core.actions.access import anchor_chain, chain_key
from core.auth import SYSTEM
from core.config import load_settings
from core.db.engine import Database, make_engine
from core.db.repos.access_log import verify_chain
from core.vault import Vault
from hotline.supervisor import complete


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "access-log", help="核对个人信息查看记录 / check the log of who saw personal data"
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Needs a running database (`hotline up`). The result is 1 when the log was tampered with."""
    return asyncio.run(_run())


async def _run() -> int:
    settings = complete(load_settings(os.environ))
    engine = make_engine(settings.database_url, pool_size=1)
    database = Database(engine)
    try:
        async with database.sessions() as session:
            key = chain_key(Vault(bytes.fromhex(settings.master_key)))
            report = await verify_chain(session, key)
        if not report.whole:
            where = f"第 {report.broken_at} 条" if report.broken_at else "末尾有缺失"
            print(f"查看记录被改动过：{where}")
            return 1
        async with database.work() as work:
            await anchor_chain(work, by=SYSTEM)
            await work.commit()
    finally:
        await engine.dispose()
    print(f"查看记录完整，共 {report.rows} 条")
    return 0
