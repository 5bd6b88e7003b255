"""`hotline token`: tokens of programs that use the REST API."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable

from core.actions.api_clients import NewClient, is_alive, make_client, revoke_client
from core.config import load_settings
from core.db.engine import Database, make_engine
from core.db.repos.api_clients import api_clients
from core.domain.api_scopes import SCOPE_NAMES
from hotline.supervisor import complete

_BY = "hotline token"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("token", help="管理接口令牌 / tokens of the REST API")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="新建令牌，只显示一次 / make one, shown once")
    create.add_argument("name", help="程序名称 / name of the program")
    scopes = "、".join(f"{scope.value}（{name}）" for scope, name in SCOPE_NAMES.items())
    create.add_argument("--scope", action="append", default=[], dest="scopes", help=scopes)
    create.add_argument("--role", default="AGENT", help="岗位 / AGENT, UNIT_OPS, UNIT3, LEADER ...")
    create.add_argument("--department", help="承办单位名称或编号 / department")
    create.add_argument("--channel", help="受理渠道 / WEB, LETTER, 110 ...")
    create.add_argument("--days", type=int, default=365, help="有效天数，0 为长期 / 0: for ever")
    create.set_defaults(run=lambda given: _with_database(lambda database: _create(database, given)))
    listing = actions.add_parser("list", help="列出令牌 / list them")
    listing.set_defaults(run=lambda _given: _with_database(_list))
    revoke = actions.add_parser("revoke", help="吊销令牌 / revoke one")
    revoke.add_argument("name")
    revoke.set_defaults(run=lambda given: _with_database(lambda db: _revoke(db, given.name)))


def _with_database(work: Callable[[Database], Awaitable[None]]) -> int:
    """Needs a running database (`hotline up`)."""

    async def run() -> None:
        engine = make_engine(complete(load_settings(os.environ)).database_url, pool_size=1)
        try:
            await work(Database(engine))
        finally:
            await engine.dispose()

    asyncio.run(run())
    return 0


async def _create(database: Database, given: argparse.Namespace) -> None:
    new = NewClient(
        name=given.name,
        scopes=[part for text in given.scopes for part in text.split(",") if part],
        role=given.role,
        department=given.department,
        channel=given.channel,
        days=given.days or None,
    )
    async with database.work() as work:
        _, token = await make_client(work, new, by=_BY)
        await work.commit()
    print(token)


async def _list(database: Database) -> None:
    async with database.sessions() as session:
        rows = await api_clients(session)
    now = database.clock.now()
    for row in rows:
        until = f"{row.expires_at:%Y-%m-%d}" if row.expires_at else "长期"
        state = "有效" if is_alive(row, now) else "失效"
        print(f"{row.name}\t{state}\t{row.role}\t{until}\t{','.join(row.scopes)}")


async def _revoke(database: Database, name: str) -> None:
    async with database.work() as work:
        await revoke_client(work, name, by=_BY)
        await work.commit()
    print("已吊销")
