"""`hotline check`: formatting, lint, types, import contracts and the quick tests, two at a time."""

import argparse
import asyncio
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from core.config import PROJECT, load_settings

AT_ONCE = 2
BIN = Path(sys.executable).parent
TEMPLATES = ("agent_ui/templates",)
FRONTEND_TESTS = "tests/frontend"


@dataclass(frozen=True)
class Check:
    """One tool's verdict about the whole project."""

    name: str
    command: tuple[str, ...]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("check", help="lint, types, import contracts, quick tests")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Run all checks; show the output of those that fail."""
    return asyncio.run(run_all(checks(load_settings(os.environ).runtime_dir)))


def checks(runtime_dir: Path) -> list[Check]:
    """The longest first, so that the short ones fill the second place."""
    python = str(BIN / "python")
    found = [
        Check("tests", (python, "-m", "pytest", "-q", "tests/unit", "tests/architecture")),
        Check("types", (str(BIN / "mypy"),)),
        Check("format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
        Check("lint", (str(BIN / "ruff"), "check", "--quiet", ".")),
        Check("imports", (str(BIN / "lint-imports"), "--no-cache")),
    ]
    templates = [folder for folder in TEMPLATES if any((PROJECT / folder).glob("**/*.html"))]
    if templates:
        found.append(Check("templates", (str(BIN / "djlint"), "--quiet", "--lint", *templates)))
    tsc = runtime_dir / "npm" / "node_modules" / ".bin" / "tsc"
    if (PROJECT / "tsconfig.json").is_file():
        found.append(Check("scripts", (str(tsc), "--noEmit", "-p", "tsconfig.json")))
    scripts = sorted(str(path) for path in (PROJECT / FRONTEND_TESTS).glob("**/*.test.*js"))
    if scripts:
        found.append(Check("frontend tests", (shutil.which("node") or "node", "--test", *scripts)))
    return found


async def run_all(wanted: list[Check]) -> int:
    """Run them; returns how many failed."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_run(check, gate)) for check in wanted]
    failed = [check.name for check, task in zip(wanted, tasks, strict=True) if not task.result()]
    print(f"check: {'failed: ' + ', '.join(failed) if failed else 'all is well'}")
    return min(len(failed), 100)


async def _run(check: Check, gate: asyncio.Semaphore) -> bool:
    async with gate:
        began = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *check.command,
                cwd=PROJECT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except FileNotFoundError:
            print(f"check: {check.name}: {check.command[0]} is missing: run `make setup-dev`")
            return False
        output, _ = await process.communicate()
    good = process.returncode == 0
    print(f"check: {check.name}: {'ok' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    if not good:
        print(output.decode(errors="replace"), flush=True)
    return good
