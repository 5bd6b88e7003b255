"""`hotline import` against a running instance: a large city, told to who must learn it."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db.engine import Database
from core.db.tables.cases import PlaceRow
from core.db.tables.outbox import OutboxRow
from hotline.cli import main

pytestmark = pytest.mark.integration
MANY = 20_000


def gazetteer(folder: Path) -> Path:
    path = folder / "gazetteer.json"
    rows = [
        {"id": f"n{n}", "name": f"地名{n}号", "kind": "road", "lat": 32.0, "lon": 121.0}
        for n in range(MANY)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


async def test_a_large_file_is_imported_once_and_told(
    engine: AsyncEngine,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {
        "HOTLINE_DATABASE_URL": database_url,
        "HOTLINE_REDIS_URL": redis_url,
        "HOTLINE_STATE_DIR": str(tmp_path / "state"),
    }.items():
        monkeypatch.setenv(name, value)
    command = ["import", "gazetteer", str(gazetteer(tmp_path))]
    assert await asyncio.to_thread(main, command) == 0
    assert f"新增 {MANY} 条" in capsys.readouterr().out
    assert await asyncio.to_thread(main, command) == 0
    assert f"未变 {MANY} 条" in capsys.readouterr().out
    async with Database(engine).sessions() as session:
        named = PlaceRow.name.like("地名%号")
        count = await session.scalar(select(func.count()).select_from(PlaceRow).where(named))
        told = (
            await session.scalars(select(OutboxRow).where(OutboxRow.kind == "KnowledgeImported"))
        ).all()
    assert count == MANY
    assert [row.payload["rows"] for row in told] == [MANY]


async def test_a_broken_file_changes_nothing(
    engine: AsyncEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "places.json"
    path.write_text('[{"id": "a", "name": "路", "kind": "road"},\n{"id": "b"}]', "utf-8")
    assert await asyncio.to_thread(main, ["import", "gazetteer", str(path)]) == 1
    assert "places.json 第 2 行" in capsys.readouterr().err
    async with Database(engine).sessions() as session:
        assert await session.scalar(select(PlaceRow).where(PlaceRow.id == "a")) is None
