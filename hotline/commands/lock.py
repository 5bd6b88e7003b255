"""`hotline lock`: pins the newest allowed packages with their hashes, and no host."""

import argparse
import subprocess
import sys
from pathlib import Path

from core.config import PROJECT
from hotline.installation.steps import SetupFailed

BIN = Path(sys.executable).parent
PIP = (
    *("--quiet", "--strip-extras", "--generate-hashes", "--upgrade", "--no-header"),
    *("--allow-unsafe", "--all-build-deps"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"),
)
NPM = (
    *("npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved"),
    *("--ignore-scripts", "--no-audit", "--no-fund"),
)
LOCKS = {"requirements.lock": (), "requirements-dev.lock": ("--extra", "dev")}
NPM_LOCK = "package-lock.json"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("lock", help="pin the newest allowed packages")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Write all lock files anew."""
    for name, options in LOCKS.items():
        print(f"lock: {name}", flush=True)
        _call((str(BIN / "pip-compile"), *PIP, *options, "-o", name, "pyproject.toml"))
    print(f"lock: {NPM_LOCK}", flush=True)
    _call(NPM)
    for name in (*LOCKS, NPM_LOCK):
        if hosts := addresses(PROJECT / name):
            raise SetupFailed(f"{name} holds an address in line {hosts[0]}")
    return 0


def addresses(lock: Path) -> list[int]:
    """The lines that would send a reader's machine to one certain host or folder."""
    lines = [line.split("# ")[0] for line in lock.read_text(encoding="utf-8").splitlines()]
    return [number for number, line in enumerate(lines, 1) if "://" in line or "file:" in line]


def _call(command: tuple[str, ...]) -> None:
    if subprocess.run(command, cwd=PROJECT, check=False).returncode:
        raise SetupFailed(f"{Path(command[0]).name} failed; see the lines above")
