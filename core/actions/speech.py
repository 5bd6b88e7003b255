"""What the recordings process says of its speech engines."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from core.db.engine import UnitOfWork
from core.db.tables.drafting import SpeechEngineRow


@dataclass(frozen=True, slots=True)
class EngineReport:
    """One engine for one language: model, why, what it is used for, and what a test heard."""

    engine: str
    language: str
    model: str = ""
    source: str = ""
    reason: str = ""
    role: str = "NONE"
    tested: str = ""
    error: float | None = None
    seconds: float | None = None

    def with_test(self, heard: str, error: float, seconds: float) -> "EngineReport":
        return replace(self, tested=heard, error=round(error, 3), seconds=round(seconds, 2))


async def report_engines(work: UnitOfWork, reports: Sequence[EngineReport]) -> None:
    """Put the report in the place of the last one."""
    await work.session.execute(delete(SpeechEngineRow))
    now = work.clock.now()
    if reports:
        rows = [{**asdict(report), "at": now} for report in reports]
        await work.session.execute(insert(SpeechEngineRow), rows)
