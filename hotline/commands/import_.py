"""`hotline import gazetteer|departments|taxonomy|history FILE`: a city's own data, from files.

A file that cannot be read changes nothing; the message names its line and column. The same file
once more changes nothing either.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.actions.knowledge import Imported, import_rows
from core.clock import SystemClock
from core.config import load_settings
from core.db.base import Base
from core.db.engine import Database, make_engine
from core.db.tables.cases import CategoryRow, DepartmentRow, HistoryCaseRow, PlaceRow
from core.errors import HotlineError, InputRefused
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.ids import new_id
from hotline.supervisor import complete
from recordings.drafting.knowledge import (
    read_departments,
    read_gazetteer,
    read_history,
    read_taxonomy,
)

Row = dict[str, Any]
_ACTOR = "command line"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of file: how it is read, where it goes, and what tells its rows apart."""

    read: Callable[[str, str], Sequence[Row]]
    table: type[Base]
    key: tuple[str, ...]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("import", help="导入城市资料 / import a city's data")
    parser.add_argument("kind", choices=sorted(SOURCES))
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="只检查文件 / only check the file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, check, write; 1 with one clear line when the file cannot be used."""
    source = SOURCES[args.kind]
    try:
        rows = read(args.kind, args.file)
        if args.check:
            print(f"{args.file.name}：{len(rows)} 条，可以导入")
            return 0
        done = asyncio.run(_write(args.kind, source, rows))
    except HotlineError as error:
        print(error.message, file=sys.stderr)
        return 1
    print(
        f"{args.file.name}：新增 {done.added} 条，更新 {done.changed} 条，未变 {done.unchanged} 条"
    )
    return 0


def read(kind: str, file: Path) -> Sequence[Row]:
    """The rows of a file. Raises InputRefused with the line and column, or the doubled name."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputRefused(f"没有找到文件 {file}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"{file.name} 不是可读的 UTF-8 文件：{error}") from error
    source = SOURCES[kind]
    rows = source.read(text, file.name)
    if not rows:
        raise InputRefused(f"{file.name} 第 1 行第 1 列：文件是空的，没有可导入的内容")
    count = Counter(tuple(str(row[name]) for name in source.key) for row in rows)
    doubled = next((key for key, times in count.items() if times > 1), None)
    if doubled is not None:
        raise InputRefused(f"{file.name}：“{'/'.join(doubled)}”出现了 {count[doubled]} 次")
    return rows


async def _write(kind: str, source: Source, rows: Sequence[Row]) -> Imported:
    settings = complete(load_settings(os.environ))
    engine = make_engine(settings.database_url, pool_size=1)
    redis = connect_redis(settings.redis_url)
    clock = SystemClock()
    relay = Relay(RedisBus(redis), clock)
    database = Database(engine, publish=relay.publish, clock=clock)
    try:
        async with database.work() as work:
            done = await import_rows(work, kind, source.table, rows, key=source.key, actor=_ACTOR)
            await work.commit()
    except OSError as error:
        raise InputRefused("数据库没有应答：请先用 hotline up 启动") from error
    finally:
        await redis.aclose()
        await engine.dispose()
    return done


def _places(text: str, name: str) -> Sequence[Row]:
    return [
        {
            "id": place.id,
            "name": place.name,
            "kind": place.kind,
            "parent": place.parent or None,
            "lat": place.lat,
            "lon": place.lon,
            "aliases": list(place.aliases),
            "pinyin": list(place.pinyin),
            "description": place.desc,
            "in_jurisdiction": place.in_jurisdiction,
            "grid": place.grid,
        }
        for place in read_gazetteer(text, name)
    ]


def _departments(text: str, name: str) -> Sequence[Row]:
    return [
        {
            "id": new_id(),
            "name": one.name,
            "kind": one.kind,
            "duties": one.duties,
            "categories": list(one.categories),
            "keywords": list(one.keywords),
        }
        for one in read_departments(text, name)
    ]


def _categories(text: str, name: str) -> Sequence[Row]:
    pairs = [(top, low) for top, lows in read_taxonomy(text, name).items() for low in lows]
    return [
        {"id": new_id(), "level1": top, "level2": low, "position": number}
        for number, (top, low) in enumerate(pairs, 1)
    ]


def _history(text: str, name: str) -> Sequence[Row]:
    return [
        {
            "id": case.id,
            "data": {
                "id": case.id,
                "text": case.text,
                "case_type": case.case_type,
                "category": list(case.category),
                "department": case.department,
                "place": case.place,
                "town": case.town,
                "lat": case.lat,
                "lon": case.lon,
                "created_at": case.created_at.isoformat() if case.created_at else None,
                "status": case.status,
            },
        }
        for case in read_history(text, name)
    ]


SOURCES: dict[str, Source] = {
    "gazetteer": Source(_places, PlaceRow, ("id",)),
    "departments": Source(_departments, DepartmentRow, ("name",)),
    "taxonomy": Source(_categories, CategoryRow, ("level1", "level2")),
    "history": Source(_history, HistoryCaseRow, ("id",)),
}
