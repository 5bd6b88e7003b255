"""Gives stored recordings back as audio."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from core.db.engine import Database
from core.db.tables.calls import RecordingRow
from core.errors import NotFound
from core.vault import Vault


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """Files below one folder, named by the recording's row."""

    database: Database
    folder: Path
    vault: Vault

    async def wav(self, recording_id: str) -> bytes:
        """The whole file."""
        async with self.database.sessions() as session:
            row = await session.get(RecordingRow, recording_id)
        if row is None:
            raise NotFound("没有找到该录音")
        path = self.folder / row.path
        if not path.is_file():
            raise NotFound("录音文件不在了")
        return await asyncio.to_thread(path.read_bytes)
