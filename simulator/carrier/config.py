"""Renders the carrier's Asterisk: ports, secrets, the trunk to the hotline, the dialplan."""

from dataclasses import dataclass
from pathlib import Path

from core.asterisk.instance import AsteriskFolders, read_modules, render_folder
from simulator.carrier.script import KEY_GAP_MS, KEY_MS

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).resolve().parent / "templates"
COMMON = PROJECT / "deploy" / "asterisk"
LOOPBACK = "127.0.0.1"
AMI_USER = "simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSettings:
    """Everything the carrier must be told; the trunk's secrets are those of the hotline's trunk.

    The carrier proves itself with username/password; the hotline proves itself to the carrier
    with peer_username/peer_password.
    """

    home: Path
    rootfs: Path
    sip_port: int
    ami_port: int
    ami_password: str
    hotline_sip_port: int
    username: str
    password: str
    peer_username: str
    peer_password: str
    rtp_start: int = 30000
    rtp_count: int = 2000

    @property
    def folders(self) -> AsteriskFolders:
        return AsteriskFolders(self.home, self.rootfs)

    @property
    def heard(self) -> Path:
        """Where what each party heard and said is kept."""
        return self.home / "heard"


def render_carrier(settings: CarrierSettings) -> AsteriskFolders:
    """Write every file the carrier's Asterisk needs; run it with asterisk_command(folders)."""
    folders = settings.folders
    folders.make()
    (settings.home / "spool").mkdir(exist_ok=True)
    settings.heard.mkdir(exist_ok=True)
    render_folder([COMMON / "common", TEMPLATES], folders.etc, _context(settings))
    return folders


def _context(settings: CarrierSettings) -> dict[str, object]:
    return {
        "carrier": settings,
        "folders": settings.folders,
        "spool": settings.home / "spool",
        "system_name": "carrier",
        "modules": read_modules(COMMON / "modules.toml", "common", "carrier"),
        "bind": LOOPBACK,
        "near_networks": [f"{LOOPBACK}/255.255.255.255"],
        "ami_port": settings.ami_port,
        "ami_user": AMI_USER,
        "ami_password": settings.ami_password,
        "key_ms": KEY_MS,
        "key_gap_ms": KEY_GAP_MS,
        "ami_read": "user,call",
        "ami_write": "call,originate,system,command,reporting",
        "ami_filters": ["Event: UserEvent", "Event: OriginateResponse", "Event: Hangup"],
    }
