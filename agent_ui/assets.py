"""Static files under names that change with their content, and the import map of the modules."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC_FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"
_DIGEST_CHARS = 10
KINDS: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    path: Path
    url: str
    content_type: str


class Assets:
    """Knows every static file by its name and by its hashed URL."""

    def __init__(self, folder: Path = STATIC_FOLDER) -> None:
        self._by_name: dict[str, Asset] = {}
        self._by_url: dict[str, Asset] = {}
        for path in sorted(folder.rglob("*")):
            kind = KINDS.get(path.suffix)
            if kind is None or path.name.endswith(".d.ts") or not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_CHARS]
            stem, dot, ending = name.rpartition(".")
            asset = Asset(path, f"{PREFIX}/{stem}.{digest}{dot}{ending}", kind)
            self._by_name[name] = asset
            self._by_url[asset.url] = asset

    def url(self, name: str) -> str:
        """The URL of a file; a name nobody knows is a mistake in a template."""
        return self._by_name[name].url

    def has(self, name: str) -> bool:
        """Whether the file is there (a vendored library may not have been laid down)."""
        return name in self._by_name

    def find(self, url: str) -> Asset | None:
        """The file behind a hashed URL."""
        return self._by_url.get(url)

    def import_map(self) -> str:
        """JSON that leads a module's plain relative import to the hashed URL of that file."""
        names = [name for name in self._by_name if name.startswith("js/")]
        imports = {f"{PREFIX}/{name}": self.url(name) for name in names}
        return json.dumps({"imports": imports}, separators=(",", ":"))
