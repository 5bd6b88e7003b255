"""`hotline status`: each process, since when, how often restarted, how it is; and the models."""

import argparse
import asyncio
import os
import unicodedata
from collections.abc import Sequence

import aiohttp

from core.config import Settings, load_settings
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
    places = ModelPlaces(
        settings.runtime_dir / "models", settings.whisper_model_dir, settings.vosk_model_dir
    )
    for found in ModelResolver(places).report():
        answer = found.path.name if found.path else found.reason
        print("  " + say(settings, "model", found.engine, found.language, answer))
    return 0 if good else 1


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
