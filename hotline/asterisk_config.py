"""Renders the hotline's Asterisk from settings, lines, trunks and agents, and has it reloaded."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.asterisk.ami import Ami
from core.asterisk.instance import AsteriskFolders, local_addresses, read_modules, render_folder
from core.config import PROJECT, Settings
from core.errors import SettingWrong
from hotline.hold_music import make_beep, make_hold_music
from hotline.secret_files import keep
from simulator.carrier.config import CarrierSettings

SOURCES = PROJECT / "deploy" / "asterisk"
#: Section of websocket_client.conf that brings audio to the recorder (ARI's external_host).
MEDIA_CONNECTION = "recorder"
LOOPBACK = "127.0.0.1"
#: Who may use the manager port and a trunk when Asterisk listens beyond loopback.
PRIVATE_NETWORKS = (
    "127.0.0.0/255.0.0.0",
    "10.0.0.0/255.0.0.0",
    "172.16.0.0/255.240.0.0",
    "192.168.0.0/255.255.0.0",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A carrier's or a department's line into the hotline.

    username, password: what the peer must prove; peer_username, peer_password: what we prove to
    it; permit: networks it may come from (address/mask).
    """

    name: str
    host: str
    port: int = 5060
    username: str
    password: str
    peer_username: str = ""
    peer_password: str = ""
    permit: tuple[str, ...] = (f"{LOOPBACK}/255.255.255.255",)
    transport: str = "udp"
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    rtp_timeout: int = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A number citizens dial, and the prompt that greets them on it."""

    did: str
    greeting: str


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent whom rung 3 rings; `phone` is "webrtc" or a number behind the carrier trunk."""

    account: str
    phone: str = "webrtc"

    @property
    def is_behind_trunk(self) -> bool:
        return self.phone != "webrtc"

    @property
    def dial(self) -> str:
        return f"{self.phone}@carrier" if self.is_behind_trunk else f"agent-{self.account}"

    @property
    def state_device(self) -> str:
        """The device whose state tells whether the seat can be rung."""
        return "PJSIP/carrier" if self.is_behind_trunk else f"PJSIP/agent-{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRung:
    """How patient rung 3 is: ringing agents, then taking a message until silence."""

    ring_seconds: int = 45
    message_seconds: int = 180
    silence_seconds: int = 8


def hotline_folders(settings: Settings) -> AsteriskFolders:
    """Where the hotline's Asterisk lives."""
    return AsteriskFolders(settings.state_dir / "asterisk", settings.runtime_dir / "rootfs")


def render_hotline(
    settings: Settings,
    *,
    lines: Sequence[Line],
    seats: Sequence[Seat],
    trunks: Sequence[Trunk] | None = None,
    last_rung: LastRung | None = None,
) -> AsteriskFolders:
    """Write every file the hotline's Asterisk needs; run it with asterisk_command(folders)."""
    folders = hotline_folders(settings)
    folders.make()
    for name in ("calls", "journal", "recording"):
        (settings.spool_dir / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_sounds(folders)
    used = list(trunks) if trunks is not None else load_trunks(settings)
    context = _context(settings, folders) | {
        "lines": lines,
        "seats": seats,
        "trunks": used,
        "last_rung": last_rung or LastRung(),
    }
    render_folder([SOURCES / "common", SOURCES / "hotline"], folders.etc, context)
    return folders


async def reload_hotline(ami: Ami) -> None:
    """Have a running Asterisk take changed lines, seats and trunks; calls go on."""
    for module in ("pbx_config.so", "app_queue.so", "res_pjsip.so", "res_musiconhold.so"):
        await ami.reload(module)


def load_trunks(settings: Settings, path: Path | None = None) -> list[Trunk]:
    """Trunks of trunks.toml ([trunks.<name>]); without the file, the simulator's carrier."""
    file = path or PROJECT / "trunks.toml"
    if not file.is_file():
        return [simulated_carrier(settings)]
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8")).get("trunks", {})
        return [_trunk(name, table) for name, table in tables.items()]
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as wrong:
        raise SettingWrong(f"{file.name} 无法读懂：{wrong}") from wrong


def simulated_carrier(settings: Settings) -> Trunk:
    """The trunk to the simulator's telephone network on this machine."""
    return Trunk(
        name="carrier",
        host=LOOPBACK,
        port=settings.port("carrier_sip"),
        username="carrier",
        password=keep_secret(settings, "trunk_from_carrier"),
        peer_username="hotline",
        peer_password=keep_secret(settings, "trunk_to_carrier"),
    )


def carrier_settings(settings: Settings) -> CarrierSettings:
    """The simulator's telephone network that belongs to this installation."""
    trunk = simulated_carrier(settings)
    return CarrierSettings(
        home=settings.state_dir / "carrier",
        rootfs=settings.runtime_dir / "rootfs",
        sip_port=trunk.port,
        ami_port=settings.port("carrier_ami"),
        ami_password=keep_secret(settings, "carrier_ami_password"),
        hotline_sip_port=settings.port("sip"),
        username=trunk.username,
        password=trunk.password,
        peer_username=trunk.peer_username,
        peer_password=trunk.peer_password,
        rtp_start=settings.rtp_start + settings.rtp_count,
        rtp_count=settings.rtp_count,
    )


def keep_secret(settings: Settings, name: str) -> str:
    """The secret of this name, made at its first use."""
    settings.secrets_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return keep(settings.secrets_dir / name)


def _trunk(name: str, table: dict[str, object]) -> Trunk:
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Trunk(**{"name": name, **table, **lists})  # type: ignore[arg-type]


def _context(settings: Settings, folders: AsteriskFolders) -> dict[str, object]:
    on_loopback = settings.host == LOOPBACK
    return {
        "folders": folders,
        "spool": settings.spool_dir,
        "prompts": settings.prompts_dir / "zh",
        "system_name": "hotline",
        "modules": read_modules(SOURCES / "modules.toml", "common", "hotline"),
        "bind": settings.host,
        "near_networks": [f"{LOOPBACK}/255.255.255.255"] if on_loopback else PRIVATE_NETWORKS,
        "external_address": "" if on_loopback else settings.public_host,
        "hidden_addresses": local_addresses() if on_loopback else [],
        "http_port": settings.port("asterisk_http"),
        "sip_port": settings.port("sip"),
        "ami_port": settings.port("ami"),
        "ami_user": settings.ami_user,
        "ami_password": settings.ami_password or keep_secret(settings, "ami_password"),
        "ami_read": "user,system",
        "ami_write": "system,call,command,config,reporting,originate",
        "ami_filters": [],
        "ari_user": settings.ari_user,
        "ari_password": settings.ari_password or keep_secret(settings, "ari_password"),
        "agi_host": settings.agi_host,
        "agi_port": settings.port("agi"),
        "media_connection": MEDIA_CONNECTION,
        "media_url": f"ws://{settings.media_host}:{settings.port('media')}/media",
        "rtp_start": settings.rtp_start,
        "rtp_end": settings.rtp_start + settings.rtp_count - 1,
    }


def _make_sounds(folders: AsteriskFolders) -> None:
    music, beep = folders.home / "moh" / "hold.wav", folders.sounds / "beep.wav"
    if not music.is_file():
        make_hold_music(music)
    if not beep.is_file():
        make_beep(beep)
