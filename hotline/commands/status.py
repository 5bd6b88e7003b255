"""`hotline status`: each process, since when, how often restarted, how it is; and the models."""

import argparse
import asyncio
import os
import unicodedata
from collections.abc import Sequence

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.db.repos.corrections import speech_engines
from core.db.tables.drafting import SpeechEngineRow
from hotline.processes import ALL, PYTHON, is_external
from hotline.run_folder import SUPERVISOR, ProcessRecord, RunFolder
from hotline.supervisor import complete
from hotline.words import say
from recordings.transcribe.models import ModelPlaces, ModelResolver

_PATIENCE = aiohttp.ClientTimeout(total=2.0)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("status", help="查看各进程 / show the processes")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the table; 0 when everything that should run is healthy."""
    settings = load_settings(os.environ)
    good, rows = asyncio.run(look(settings))
    heads = ("process", "pid", "up_since", "restarts", "health")
    show([[say(settings, head) for head in heads], *rows])
    print()
    print(say(settings, "models"))
    for line in asyncio.run(_speech(settings)):
        print("  " + line)
    return 0 if good else 1


async def _speech(settings: Settings) -> list[str]:
    """Engine and model of each language and why: as the running process has found and tested them.

    Without a database, as the files lie on this machine.
    """
    try:
        rows = await _reported(complete(settings)) if settings.state_dir.is_dir() else []
    except (SQLAlchemyError, OSError):
        rows = []
    if rows:
        return [_report_line(settings, row) for row in rows]
    places = ModelPlaces(
        settings.runtime_dir / "models", settings.whisper_model_dir, settings.vosk_model_dir
    )
    languages = [one.strip() for one in settings.speech_languages.split(",") if one.strip()]
    return [
        say(
            settings, "model", found.engine, found.language,
            found.path.name if found.path else found.reason,
        )
        for found in ModelResolver(places).report(languages)
    ]  # fmt: skip


async def _reported(settings: Settings) -> Sequence[SpeechEngineRow]:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with Database(engine).sessions() as session:
            return await speech_engines(session)
    finally:
        await engine.dispose()


def _report_line(settings: Settings, row: SpeechEngineRow) -> str:
    parts = [row.model or row.reason, say(settings, f"role_{row.role.lower()}")]
    if row.model and row.reason:
        parts.append(row.reason)
    if row.error is not None:
        parts.append(
            say(settings, "self_test", f"{row.error * 100:.0f}%", f"{row.seconds or 0:.1f}")
        )
    return say(settings, "model", row.engine, row.language, "; ".join(parts))


async def look(settings: Settings) -> tuple[bool, list[list[str]]]:
    """The rows of the table, and whether all is well."""
    if not settings.state_dir.is_dir():
        return False, [[name, "-", "-", "-", say(settings, "down")] for name in ALL]
    settings = complete(settings)
    folder = RunFolder(settings.state_dir)
    rows, good = [], True
    async with aiohttp.ClientSession(timeout=_PATIENCE) as http:
        for name in (SUPERVISOR, *ALL):
            if name in ALL and is_external(settings, name):
                continue
            record = folder.read(name)
            health = await _health(settings, name, record, http)
            good = good and health in {say(settings, "healthy"), say(settings, "running")}
            facts = (str(record.pid), record.started_at, str(record.restarts)) if record else "---"
            rows.append([name, *facts, health])
    return good, rows


async def _health(
    settings: Settings, name: str, record: ProcessRecord | None, http: aiohttp.ClientSession
) -> str:
    if record is None:
        return say(settings, "down")
    if name not in PYTHON:
        return say(settings, "running" if record.ready else "starting")
    page = f"http://{settings.host}:{settings.port(f'metrics_{name}')}/healthz"
    try:
        async with http.get(page) as answer:
            text = await answer.text()
            healthy = answer.status == 200  # noqa: PLR2004
    except (aiohttp.ClientError, TimeoutError):
        return say(settings, "not_answering")
    return say(settings, "healthy") if healthy else say(settings, "unhealthy", text)


def show(rows: Sequence[Sequence[str]]) -> None:
    """Print in columns; a Chinese character takes two."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
