"""Puts the default city (or another of the same shape) into the database; twice changes nothing."""

import asyncio
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.auth import hash_password
from core.db.base import Base
from core.db.engine import Database, UnitOfWork, make_engine
from core.db.tables.appraisal import SchemeItemRow, SchemeRow
from core.db.tables.cases import CategoryRow, DepartmentRow, HistoryCaseRow, PlaceRow
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.lines import HolidayRow, LineRow, QueueRow
from core.db.tables.people import AccountRow, AgentRow
from core.db.tables.sides import RuleSettingRow

FOLDER = Path(__file__).resolve().parent
CITY = FOLDER / "data"
_START = date(2025, 1, 1)
_POINTS = ("cap", "points", "baseline", "step", "floor", "floor_points")
Row = dict[str, Any]


async def seed_if_empty(database: Database) -> bool:
    """Load the default city into a database that has no lines; whether it did."""
    async with database.sessions() as session:
        if await session.scalar(select(func.count()).select_from(LineRow)):
            return False
    await seed(database)
    return True


async def seed_new_database(url: str) -> bool:
    """Load the default city where there is none, so that a first start can take a call."""
    engine = make_engine(url, pool_size=1)
    try:
        return await seed_if_empty(Database(engine))
    finally:
        await engine.dispose()


async def seed(database: Database, *, city: Path = CITY, password: str | None = None) -> None:
    """Load everything; rows that are there already stay as they are."""
    accounts = await asyncio.to_thread(_account_rows, password)
    departments = _department_rows(city)
    ids = {row["name"]: row["id"] for row in departments}
    teams = _team_rows(ids)
    ids |= {row["name"]: row["id"] for row in teams}
    accounts = [row for row in accounts if row["department"] in {None, *ids}]
    tables: list[tuple[type[Base], Sequence[Row]]] = [
        (DepartmentRow, [{"parent_id": None, **row} for row in departments] + teams),
        (CategoryRow, _category_rows(city)),
        (PlaceRow, _place_rows(city)),
        (HistoryCaseRow, _history_rows(city)),
        (QueueRow, _toml("lines.toml")["queues"]),
        (LineRow, _line_rows()),
        (HolidayRow, _holiday_rows()),
        (SlaRuleRow, _limit_rows()),
        (RuleSettingRow, _rule_rows()),
        (DutyRow, _duty_rows(departments)),
        (SchemeRow, _scheme_rows()),
        (SchemeItemRow, _scheme_items()),
        (AccountRow, [_placed(row, ids) for row in accounts]),
        (AgentRow, [_agent_row(row) for row in accounts if row["queues"]]),
    ]
    async with database.work() as work:
        for table, rows in tables:
            await _insert(work, table, rows)
        work.audit(actor="system", action="seed", entity="city", entity_id=city.name, facts={})
        await work.commit()


async def _insert(work: UnitOfWork, table: type[Base], rows: Sequence[Row]) -> None:
    if rows:
        await work.session.execute(insert(table).on_conflict_do_nothing(), list(rows))


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def _department_rows(city: Path) -> list[Row]:
    return [
        {
            "id": f"dep-{number:03d}",
            "name": entry["name"],
            "kind": entry["kind"],
            "duties": entry.get("duties", ""),
            "categories": entry.get("categories", []),
            "keywords": entry.get("keywords", []),
            "phone": entry.get("phone", f"20{number:02d}"),
        }
        for number, entry in enumerate(_json(city, "departments.json"), 1)
    ]


def _team_rows(ids: Mapping[str, str]) -> list[Row]:
    """Units of the third level, where the city has the department above them."""
    return [
        {
            "id": f"dep-3-{number:02d}",
            "name": entry["name"],
            "kind": "三级单位",
            "duties": entry["duties"],
            "categories": [],
            "keywords": [],
            "phone": f"30{number:02d}",
            "parent_id": ids[entry["parent"]],
        }
        for number, entry in enumerate(_toml("units.toml")["units"], 1)
        if entry["parent"] in ids
    ]


def _category_rows(city: Path) -> list[Row]:
    pairs = [(one, two) for one, many in _json(city, "taxonomy.json").items() for two in many]
    return [
        {"id": f"cat-{number:03d}", "level1": one, "level2": two, "position": number}
        for number, (one, two) in enumerate(pairs, 1)
    ]


def _place_rows(city: Path) -> list[Row]:
    return [
        {
            "id": entry["id"],
            "name": entry["name"],
            "kind": entry["kind"],
            "parent": entry.get("parent"),
            "lat": entry.get("lat"),
            "lon": entry.get("lon"),
            "aliases": entry.get("aliases", []),
            "pinyin": entry.get("pinyin", []),
            "description": entry.get("desc", ""),
            "in_jurisdiction": entry.get("in_jurisdiction", True),
        }
        for entry in _json(city, "gazetteer.json")
    ]


def _history_rows(city: Path) -> list[Row]:
    lines = (city / "history.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    return [{"id": entry["id"], "data": entry} for entry in entries]


def _line_rows() -> list[Row]:
    shared: Row = {
        "skill": "", "mode": "MERGED", "queue_id": "general", "priority": 50, "hours": {},
        "active": True,
    }  # fmt: skip
    return [{**shared, "id": f"line-{row['did']}", **row} for row in _toml("lines.toml")["lines"]]


def _holiday_rows() -> list[Row]:
    rows: list[Row] = []
    for year, lists in _toml("calendar.toml").items():
        source = f"国务院办公厅{year}年通知"
        for text in lists["off"]:
            span, name = text.split(" ", 1)
            first, length = span.split("/")
            rows += [
                {
                    "day": date.fromisoformat(first) + timedelta(days=n),
                    "kind": "OFF",
                    "name": name,
                    "source": source,
                }
                for n in range(int(length))
            ]
        for text in lists["work"]:
            day, name = text.split(" ", 1)
            rows.append(
                {
                    "day": date.fromisoformat(day),
                    "kind": "WORK",
                    "name": f"{name}调休",
                    "source": source,
                }
            )
    return rows


def _limit_rows() -> list[Row]:
    """By type and urgency; a channel of its own outweighs them for each type."""
    tables = _toml("limits.toml")
    rows = []
    for case_type, by_urgency in tables["limits"].items():
        for channel, limits in {"": by_urgency, **tables["channels"]}.items():
            for urgency, limit in limits.items():
                row = _limit_row(limit, tables["sign"][urgency], tables["contact"][urgency])
                name = f"sla-{case_type}-{urgency}" + (f"-{channel}" if channel else "")
                where = {"case_type": case_type, "urgency": urgency, "channel": channel or None}
                rows.append({"id": name, **where, **row})
    return rows


def _limit_row(limit: list[Any], sign: list[Any], contact: list[Any]) -> Row:
    return {
        "limit_type": limit[0],
        "limit_value": limit[1],
        "sign_type": sign[0],
        "sign_value": sign[1],
        "contact_type": contact[0],
        "contact_value": contact[1],
    }


def _scheme_rows() -> list[Row]:
    scheme = _toml("appraisal.toml")["scheme"]
    return [{**scheme, "total": Decimal(scheme["total"])}]


def _scheme_items() -> list[Row]:
    """The lines of the default appraisal scheme, in order; a line without a value has none."""
    tables = _toml("appraisal.toml")
    scheme = tables["scheme"]["id"]
    rows = []
    for position, item in enumerate(tables["items"], 1):
        points = {name: Decimal(item[name]) if name in item else None for name in _POINTS}
        points["floor_points"] = points["floor_points"] or Decimal(0)
        rows.append(
            {
                "direction": ">=",
                "min_cases": 10,
                **item,
                **points,
                "id": f"{scheme}-{item['code']}",
                "scheme_id": scheme,
                "position": position,
            }
        )
    return rows


def _rule_rows() -> list[Row]:
    return [{"name": name, **entry} for name, entry in _toml("rules.toml").items()]


def _duty_rows(departments: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The duty catalogue to start with: what each department's own list of categories says."""
    return [
        {
            "id": f"duty-{department['id']}-{number:02d}",
            "category_prefix": category,
            "lead_id": department["id"],
            "supporting": [],
            "basis": f"{department['name']}职责：{department['duties'][:60]}",
            "valid_from": _START,
            "source": "初始数据",
        }
        for department in departments
        for number, category in enumerate(department["categories"], 1)
    ]


def _account_rows(password: str | None) -> list[Row]:
    return [
        {
            "id": f"acc-{entry['account']}",
            "account": entry["account"],
            "name": entry["name"],
            "job_number": entry["job_number"],
            "role": entry["role"],
            "department": entry.get("department"),
            "password_hash": hash_password(password or demo_password(entry["account"])),
            "phone": entry.get("phone", "webrtc"),
            "skills": dict.fromkeys(entry.get("skills", []), 1),
            "queues": entry.get("queues", []),
            "preferences": {},
            "active": True,
        }
        for entry in _toml("people.toml")["accounts"]
    ]


def log_ins() -> list[tuple[str, str, str]]:
    """One account for each post: the post, its account and its name."""
    found: dict[str, tuple[str, str, str]] = {}
    for entry in _toml("people.toml")["accounts"]:
        found.setdefault(entry["role"], (entry["role"], entry["account"], entry["name"]))
    return list(found.values())


def demo_password(account: str) -> str:
    """The password of a seeded account, for trying out only."""
    return f"{account}-12345"


def _placed(row: Row, ids: Mapping[str, str]) -> Row:
    department = row["department"]
    rest = {key: value for key, value in row.items() if key != "department"}
    return {**rest, "department_id": ids[department] if department else None}


def _agent_row(row: Row) -> Row:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return {"id": row["id"], "state": "SIGNED_OUT", "reason": "", "since": since}
