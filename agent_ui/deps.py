"""What the pages need, built once in a composition root and kept under typed keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from agent_ui.assets import Assets
from agent_ui.i18n import Catalogue
from agent_ui.playback import Listening
from agent_ui.rendering import Renderer
from core.auth import Principal
from core.clock import Clock
from core.db.engine import Database
from core.db.tables.calls import RecordingRow
from core.rate_limit import FailureLimiter
from core.vault import Vault


class Playback(Protocol):
    """Gives a stored recording back as audio that a browser plays."""

    async def read(self, row: RecordingRow, start: int, length: int) -> tuple[bytes, int]:
        """Bytes from `start` on, and the length of the whole file. Raises NotFound."""
        ...


class Clips(Protocol):
    """Some seconds of a call, while it runs and afterwards; every listening is written down."""

    async def clip(self, asked: Listening) -> bytes | None:
        """A WAV; None where there is no audio yet. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part of the system as the status page shows it."""

    name: str
    ok: bool
    detail: str = ""


class HealthBoard(Protocol):
    """Asks every part of the system how it is."""

    async def look(self) -> list[PartHealth]:
        """The state of each part now; a part that does not answer is not ok."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Values of the settings that pages need."""

    city_name: str = "江海市"
    language: str = "zh"
    secure_cookies: bool = False
    session_hours: int = 12
    desk_port: int = 12346
    sip_port: int = 12347
    #: How long a finished call's own agent may listen to it (domain.md, masking matrix).
    own_listen_hours: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Everything the pages use."""

    database: Database
    vault: Vault
    clock: Clock
    assets: Assets
    catalogues: Mapping[str, Catalogue]
    renderer: Renderer
    limiter: FailureLimiter
    playback: Playback
    clips: Clips
    health: HealthBoard
    options: WebOptions
    close_session: Callable[[str], None] = lambda _key: None


@dataclass(frozen=True, slots=True)
class LogIn:
    """The living session behind a request. key: what other parts know the session by."""

    principal: Principal
    csrf: str
    key: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """Knows the pages of each person's navigation: address and name, in order."""

    of: Callable[[Principal], Sequence[tuple[str, str]]]


DEPS = web.AppKey("deps", Deps)
NAVIGATION = web.AppKey("navigation", Navigation)
#: Keys of a request.
LOG_IN = web.RequestKey("log_in", LogIn)
LANGUAGE = web.RequestKey("language", str)
REQUEST_ID = web.RequestKey("request_id", str)
NONCE = web.RequestKey("nonce", str)
FORM_TOKEN = web.RequestKey("form_token", str)
