"""Settings: environment over hotline.toml over defaults, validated, printable without secrets.

Only a composition root (`__main__.py`, the command line) reads them; parts get values.
Every field has an environment name `HOTLINE_<FIELD>`; ports are `port_base` plus a fixed offset.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from core.errors import SettingWrong

PROJECT = Path(__file__).resolve().parents[1]
PORT_OFFSETS: dict[str, int] = {
    "web": 5,
    "desk": 6,
    "asterisk_http": 7,
    "ami": 8,
    "agi": 9,
    "media": 10,
    "redis": 11,
    "metrics_ivr": 12,
    "metrics_routing": 13,
    "metrics_recordings": 14,
    "metrics_agent_ui": 15,
    "metrics_agi": 16,
    "sip": 20,
    "carrier_sip": 21,
    "carrier_ami": 22,
    "carrier_http": 23,
}
_HIDDEN = "********"
_PORTS = range(1024, 65536)
_FEWEST_RTP_PORTS = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations.

    runtime_dir holds what set-up lays down (Asterisk, models, assets) and may be shared;
    state_dir holds one running instance: databases, spool, recordings, logs, secrets.
    """

    runtime_dir: Path = PROJECT / ".runtime"
    state_dir: Path = PROJECT / ".runtime" / "state"
    prompts_dir: Path = PROJECT / "ivr" / "prompts"
    host: str = "127.0.0.1"
    public_host: str = "127.0.0.1"
    port_base: int = 12340
    rtp_start: int = 20000
    rtp_count: int = 2000
    database_url: str = field(default="", metadata={"secret": True})
    redis_url: str = field(default="", metadata={"secret": True})
    asterisk_host: str = "127.0.0.1"
    media_host: str = "127.0.0.1"
    agi_host: str = "127.0.0.1"
    ivr_host: str = "127.0.0.1"
    routing_host: str = "127.0.0.1"
    ari_user: str = "hotline"
    ari_password: str = field(default="", metadata={"secret": True})
    ami_user: str = "hotline"
    ami_password: str = field(default="", metadata={"secret": True})
    master_key: str = field(default="", metadata={"secret": True})
    language: str = "zh"
    city_name: str = "江海市"
    log_level: str = "INFO"
    offline: bool = False
    secure_cookies: bool = False
    offer_seconds: int = 20
    wrap_up_seconds: int = 180
    session_hours: int = 12
    speech_engine: str = "auto"
    speech_workers: int = 1
    speech_languages: str = "zh,en"
    whisper_model_dir: str = ""
    vosk_model_dir: str = ""
    recording_months: int = 24

    def port(self, name: str) -> int:
        """The TCP or UDP port of a part, for example "web"."""
        return self.port_base + PORT_OFFSETS[name]

    @property
    def spool_dir(self) -> Path:
        """Where Asterisk writes audio and the journal while calls run."""
        return self.state_dir / "spool"

    @property
    def recordings_dir(self) -> Path:
        """Where finished recordings are kept, encrypted."""
        return self.state_dir / "recordings"

    @property
    def ari_url(self) -> str:
        return f"http://{self.asterisk_host}:{self.port('asterisk_http')}/ari"

    @property
    def secrets_dir(self) -> Path:
        """Generated passwords and keys, readable by the owner only."""
        return self.state_dir / "secrets"


def load_settings(environ: Mapping[str, str], *, file: Path | None = None) -> Settings:
    """Settings from the environment over hotline.toml over defaults.

    Secrets left empty are read from `secrets_dir` (made there by `hotline up`).
    Raises SettingWrong with one clear line.
    """
    path = file or Path(environ.get("HOTLINE_CONFIG", PROJECT / "hotline.toml"))
    given: dict[str, object] = _from_file(path)
    known = {f.name for f in fields(Settings)}
    for name, text in environ.items():
        key = name.removeprefix("HOTLINE_").lower()
        if name.startswith("HOTLINE_") and key != "config":
            if key not in known:
                raise SettingWrong(f"未知设置 {name}（environment variable is not a setting）")
            given[key] = text
    values = {key: _convert(key, value) for key, value in given.items()}
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    _check(settings)
    return _with_secrets(settings)


def _from_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingWrong(f"{path.name} 不是有效的 TOML：{error}") from error
    unknown = set(content) - {f.name for f in fields(Settings)}
    if unknown:
        raise SettingWrong(f"{path.name} 中有未知设置：{'、'.join(sorted(unknown))}")
    return content


def _convert(name: str, value: object) -> object:
    default = getattr(Settings(), name)
    text = str(value).strip()
    if isinstance(default, bool):
        if text.lower() not in {"0", "1", "true", "false", "yes", "no", ""}:
            raise SettingWrong(f"设置 {name} 应为 true 或 false，得到“{text}”")
        return text.lower() in {"1", "true", "yes"}
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as error:
            raise SettingWrong(f"设置 {name} 应为整数，得到“{text}”") from error
    if isinstance(default, Path):
        return Path(text).expanduser().absolute()
    return text


def _check(settings: Settings) -> None:
    top = settings.port_base + max(PORT_OFFSETS.values())
    if settings.port_base not in _PORTS or top not in _PORTS:
        raise SettingWrong(f"设置 port_base={settings.port_base} 超出可用端口范围")
    last = settings.rtp_start + settings.rtp_count
    few = settings.rtp_count < _FEWEST_RTP_PORTS
    if few or settings.rtp_start not in _PORTS or last not in _PORTS:
        raise SettingWrong(f"设置 rtp_start={settings.rtp_start} 与 rtp_count 超出可用端口范围")
    if settings.language not in {"zh", "en"}:
        raise SettingWrong(f"设置 language 应为 zh 或 en，得到“{settings.language}”")
    if settings.speech_engine not in {"auto", "vosk", "whisper", "none"}:
        raise SettingWrong("设置 speech_engine 应为 auto、vosk、whisper 或 none")
    for name in ("offer_seconds", "wrap_up_seconds", "session_hours", "recording_months"):
        if getattr(settings, name) < 1:
            raise SettingWrong(f"设置 {name} 应为正整数")


def _with_secrets(settings: Settings) -> Settings:
    found: dict[str, str] = {}
    for entry in fields(Settings):
        if not entry.metadata.get("secret") or getattr(settings, entry.name):
            continue
        path = settings.secrets_dir / entry.name
        if path.is_file():
            found[entry.name] = path.read_text(encoding="utf-8").strip()
    return replace(settings, **found)  # type: ignore[arg-type]


def printable(settings: Settings) -> dict[str, str]:
    """Every setting as text, secrets hidden."""
    return {
        entry.name: _HIDDEN
        if entry.metadata.get("secret") and getattr(settings, entry.name)
        else str(getattr(settings, entry.name))
        for entry in fields(Settings)
    }
