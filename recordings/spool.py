"""The folder where Asterisk leaves the audio of calls: which files belong to which call."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_NAME = re.compile(
    r"(?P<call>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"-(?P<part>mix|caller|heard|voicemail|agent-\d+)\.wav"
)
#: Whose words a file holds; the others are mixtures or copies and are not transcribed.
SPOKEN = re.compile(r"caller|agent-\d+")


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """One audio file of a call; `part` is "caller", "agent-1", "heard", "mix" or "voicemail"."""

    path: Path
    part: str
    size: int
    changed_at: float


@dataclass(frozen=True, slots=True)
class SpoolCall:
    """The files of one call."""

    call_id: str
    files: list[SpoolFile] = field(default_factory=list)

    @property
    def changed_at(self) -> float:
        """When Asterisk last wrote to any of them (seconds since 1970)."""
        return max((file.changed_at for file in self.files), default=0.0)


def read_spool(folder: Path) -> dict[str, SpoolCall]:
    """Every call that has audio in the folder; strange files are left alone."""
    calls: dict[str, SpoolCall] = {}
    if not folder.is_dir():
        return calls
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue  # put away by somebody else since the listing
        call = calls.setdefault(match["call"], SpoolCall(match["call"]))
        call.files.append(SpoolFile(path, match["part"], stat.st_size, stat.st_mtime))
    return calls


def speaker_of(part: str) -> str:
    """The speaker whose file it is: "agent" for every agent leg."""
    return "agent" if part.startswith("agent-") else part
