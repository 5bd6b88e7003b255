"""Finds the Debian archive of this machine in its own apt sources."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

APT = Path("/etc/apt")
ONE_LINE = re.compile(
    r"^deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.*)$"
)
SPECIAL = re.compile(r"security|updates|backports")


def read_os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    pairs = (
        line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line
    )
    return {key: value.strip().strip('"') for key, value in pairs}


def find_debian_mirror(apt: Path = APT, codename: str = "") -> str | None:
    """The archive this machine installs from, or None where its sources name no Debian."""
    for uri, suite, components in _entries(apt):
        is_main_suite = not SPECIAL.search(suite) and not SPECIAL.search(uri)
        if (
            is_main_suite
            and "main" in components
            and suite in {codename, "stable", "testing", "sid"}
        ):
            return _resolve(uri)
    return None


def _entries(apt: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    parts = apt / "sources.list.d"
    for path in sorted(parts.glob("*.sources")):
        yield from _deb822(path.read_text(encoding="utf-8"))
    for path in [apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            yield from _one_line(path.read_text(encoding="utf-8").splitlines())


def _one_line(lines: Iterable[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for line in lines:
        if match := ONE_LINE.match(line.strip()):
            yield match["uri"], match["suite"], tuple(match["components"].split())


def _deb822(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield uri, suite, tuple(fields.get("components", "").split())


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    key = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace() and key:
            fields[key] += " " + line.strip()
        elif ":" in line:
            key, value = line.split(":", 1)
            key = key.strip().lower()
            fields[key] = value.strip()
    return fields


def _resolve(uri: str) -> str | None:
    """Cloud images name a file of mirrors instead of one mirror."""
    if not uri.startswith("mirror+file:"):
        return uri
    mirrors = Path(uri.removeprefix("mirror+file:"))
    lines = mirrors.read_text(encoding="utf-8").splitlines() if mirrors.is_file() else []
    return next((line.split()[0] for line in lines if line.strip()[:1] not in {"", "#"}), None)
