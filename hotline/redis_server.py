"""The Redis of one instance: its configuration and its command."""

from urllib.parse import quote

from core.config import Settings
from hotline.installation.rootfs import program
from hotline.secret_files import keep, write_private

_CONFIG = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir {folder}
daemonize no
supervised systemd
# An event is in PostgreSQL's outbox before it is here, so a second may be lost.
appendonly yes
appendfsync everysec
save ""
# Losing an event in silence is worse than refusing a new one.
maxmemory-policy noeviction
loglevel notice
# Redis must not write what a client stored when it crashes.
crash-log-enabled no
"""


def redis_url(settings: Settings) -> str:
    password = keep(settings.secrets_dir / "redis_password")
    return f"redis://:{quote(password)}@127.0.0.1:{settings.port('redis')}/0"


def command(settings: Settings) -> tuple[str, ...]:
    """Write the configuration and return how to start Redis with it."""
    folder = settings.state_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # events name calls and callers
    config = folder / "redis.conf"
    text = _CONFIG.format(
        host="127.0.0.1",
        port=settings.port("redis"),
        password=keep(settings.secrets_dir / "redis_password"),
        folder=f'"{folder}"',
    )
    write_private(config, text)
    return (*program(settings.runtime_dir / "rootfs", "usr/bin/redis-server"), str(config))
