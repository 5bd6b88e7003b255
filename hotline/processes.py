"""The processes of one instance: what each needs, how it starts, how one knows that it serves."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from core.config import PROJECT, Settings
from hotline import postgres, redis_server, telephony
from hotline.child import Launch, python

#: Our own Python processes: module and arguments.
PYTHON: Mapping[str, tuple[str, ...]] = {
    "ivr": ("-m", "ivr", "stasis"),
    "agi": ("-m", "ivr", "agi"),
    "routing": ("-m", "routing"),
    "recordings": ("-m", "recordings"),
    "agent_ui": ("-m", "agent_ui"),
}
SERVERS = ("postgres", "redis", "asterisk")
ALL = (*SERVERS, *PYTHON)
#: Not a process but a gate: the database has the present scheme.
MIGRATIONS = "migrations"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PidProbe = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class ProcessSpec:
    """One process to keep running."""

    name: str
    prepare: Callable[[], Awaitable[Launch]]
    needs: tuple[str, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    probe: PidProbe | None = None  # where the process cannot send READY=1
    after_first_ready: Callable[[], Awaitable[None]] | None = None


def environment(settings: Settings) -> dict[str, str]:
    """The same settings for a child; secrets that lie in a file stay there."""
    env = {"HOTLINE_CONFIG": os.devnull}  # what hotline.toml says is in the rest
    for entry in fields(Settings):
        value = str(getattr(settings, entry.name))
        if entry.metadata.get("secret"):
            file = settings.secrets_dir / entry.name
            if not value or (file.is_file() and file.read_text(encoding="utf-8").strip() == value):
                continue
        env[f"HOTLINE_{entry.name.upper()}"] = value
    return env


def is_external(settings: Settings, name: str) -> bool:
    """Whether this server is somebody else's: then it is only used, not started."""
    if name == "postgres":
        return settings.database_url != postgres.database_url(settings)
    if name == "redis":
        return settings.redis_url != redis_server.redis_url(settings)
    if name == "asterisk":
        return settings.asterisk_host not in _LOOPBACK
    return False


def needs_scheme(settings: Settings, names: tuple[str, ...]) -> bool:
    """Whether the database is to be migrated: somebody here reads it and it is there."""
    is_there = "postgres" in names or is_external(settings, "postgres")
    return is_there and any(name in names for name in (*PYTHON, "asterisk", MIGRATIONS))


def specs(
    settings: Settings, names: tuple[str, ...], *, dies_with_us: bool
) -> tuple[ProcessSpec, ...]:
    """The wanted processes; external servers are left out."""
    own = [name for name in ALL if name in names and not is_external(settings, name)]
    maker = _Maker(settings, names, dies_with_us=dies_with_us)
    return tuple(maker.make(name, own) for name in own)


class _Maker:
    """Builds the specs of one instance."""

    def __init__(self, settings: Settings, names: tuple[str, ...], *, dies_with_us: bool) -> None:
        self._settings = settings
        self._dies_with_us = dies_with_us
        self._has_scheme = needs_scheme(settings, names)

    def make(self, name: str, own: list[str]) -> ProcessSpec:
        gates = (*own, *((MIGRATIONS,) if self._has_scheme else ()))
        needs = tuple(need for need in (MIGRATIONS, *SERVERS) if need in gates)
        if name == "postgres":
            return self._postgres()
        if name == "redis":
            return ProcessSpec(name=name, prepare=self._redis)
        if name == "asterisk":
            scheme = tuple(need for need in needs if need == MIGRATIONS)
            return ProcessSpec(name=name, prepare=self._asterisk, needs=scheme)
        return ProcessSpec(name=name, prepare=lambda: self._python(name), needs=needs)

    def _launch(
        self, name: str, command: tuple[str, ...], *, cwd: Path = PROJECT, as_nobody: bool = False
    ) -> Launch:
        return Launch(
            command=command,
            log=self._settings.state_dir / "logs" / f"{name}.log",
            cwd=cwd,
            env=environment(self._settings),
            as_nobody=as_nobody,
            dies_with_us=self._dies_with_us,
        )

    def _postgres(self) -> ProcessSpec:
        settings = self._settings

        async def prepare() -> Launch:
            await asyncio.to_thread(postgres.prepare, settings)
            command = postgres.command(settings)
            return self._launch("postgres", command, cwd=Path("/"), as_nobody=True)

        return ProcessSpec(
            name="postgres",
            prepare=prepare,
            stop_signal=signal.SIGINT,  # "fast": end the sessions, write a checkpoint
            probe=lambda pid: postgres.wait_until_ready(settings, pid),
            after_first_ready=lambda: postgres.create_database(settings),
        )

    async def _redis(self) -> Launch:
        return self._launch("redis", redis_server.command(self._settings))

    async def _asterisk(self) -> Launch:
        command = await telephony.prepare(self._settings, has_database=self._has_scheme)
        return self._launch("asterisk", command)

    async def _python(self, name: str) -> Launch:
        return self._launch(name, python(*PYTHON[name]))
