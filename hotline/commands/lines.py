"""`hotline lines reload`: what was edited about lines and agents counts in the running telephony.

The menus read their lines every few seconds by themselves, routing its queues and agents; only
the dialplan's last rung lies in files that Asterisk has to be told about.
"""

import argparse
import asyncio
import os

from core.asterisk.ami import Ami
from core.config import Settings, load_settings
from core.errors import Unavailable
from hotline import telephony
from hotline.asterisk_config import reload_hotline
from hotline.supervisor import complete


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("lines", help="线路 / lines of the running hotline")
    parser.add_argument("what", choices=["reload"], help="重新加载线路、队列与话机 / reload")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Write the configuration anew and have a running Asterisk read it; no call is touched."""
    settings = complete(load_settings(os.environ))
    number = asyncio.run(reload(settings))
    print(f"已重新加载，共 {number} 条线路 / reloaded, {number} lines")
    return 0


async def reload(settings: Settings) -> int:
    """The number of lines now in force. Raises Unavailable where a part is away."""
    lines, _ = await telephony.read_lines_and_seats(settings)
    await telephony.prepare(settings, has_database=True)
    async with Ami(
        host=settings.host,
        port=settings.port("ami"),
        user=settings.ami_user,
        password=settings.ami_password,
    ) as ami:
        await reload_hotline(ami)
    if not lines:
        raise Unavailable("数据库中没有启用的线路")
    return len(lines)
