"""An Asterisk instance as files: its folders, its rendered configuration and its command line."""

import os
import platform
import re
import socket
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import psutil

from core.errors import SettingWrong

#: A unix socket's path may have 107 bytes; Asterisk puts asterisk.ctl into the run folder.
LONGEST_SOCKET_PATH = 107
OWNER_ONLY_FOLDER = 0o700
OWNER_ONLY_FILE = 0o600


@dataclass(frozen=True, slots=True)
class AsteriskFolders:
    """Where one instance lives (`home`), and the unpacked programs it is run from (`rootfs`)."""

    home: Path
    rootfs: Path

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def sounds(self) -> Path:
        return self.home / "sounds"

    @property
    def libraries(self) -> Path:
        """The distribution's library folder inside rootfs; the system's own where rootfs is /."""
        return self.rootfs / "usr" / "lib" / f"{platform.machine()}-linux-gnu"

    @property
    def modules(self) -> Path:
        return self.libraries / "asterisk" / "modules"

    @property
    def data(self) -> Path:
        return self.rootfs / "usr" / "share" / "asterisk"

    def make(self) -> None:
        """Make every folder Asterisk wants; readable by the owner only: secrets lie in them."""
        names = ("etc", "lib", "db", "keys/keys", "run", "log/cdr-csv", "agi-bin", "sounds", "moh")
        for name in names:
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self.home.chmod(OWNER_ONLY_FOLDER)
        if len(os.fsencode(self.run / "asterisk.ctl")) > LONGEST_SOCKET_PATH:
            raise SettingWrong(f"状态目录路径过长，无法建立电话系统的控制端口：{self.home}")


def asterisk_command(folders: AsteriskFolders, *arguments: str) -> list[str]:
    """Command line of the instance: no arguments runs it in the foreground."""
    program, conf = folders.rootfs / "usr" / "sbin" / "asterisk", folders.etc / "asterisk.conf"
    tail = ["-C", str(conf), *(arguments or ("-f", "-n"))]
    if folders.rootfs == Path("/"):
        return [str(program), *tail]
    # Run through the loader of the unpacked distribution: its libc is not this machine's.
    loader = next(iter(sorted(folders.libraries.glob("ld-linux-*.so.*"))), None)
    if loader is None:
        raise SettingWrong(f"没有找到电话系统程序，请先运行 hotline setup：{folders.rootfs}")
    return [str(loader), "--library-path", str(folders.libraries), str(program), *tail]


def console_command(folders: AsteriskFolders, command: str) -> list[str]:
    """Command line that gives a running instance one console command."""
    return asterisk_command(folders, "-r", "-x", command)


def render_folder(
    sources: Iterable[Path], target: Path, context: Mapping[str, object]
) -> list[Path]:
    """Render each *.j2 of the source folders into `target`; later folders override earlier."""
    folders = [Path(source) for source in sources]
    environment = make_environment(folders)
    names = sorted({path.name for folder in folders for path in folder.glob("*.j2")})
    written = []
    for name in names:
        text = environment.get_template(name).render(**context)
        path = target / name.removesuffix(".j2")
        _replace(path, text)
        written.append(path)
    return written


def make_environment(folders: Sequence[Path]) -> jinja2.Environment:
    """Asterisk's templates: an undefined name is an error, `| value` guards what varies."""
    # These are configuration files, not pages: HTML escaping would corrupt them.
    environment = jinja2.Environment(  # noqa: S701
        loader=jinja2.FileSystemLoader([str(folder) for folder in reversed(folders)]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["value"] = value
    environment.filters["name"] = name
    return environment


def read_modules(file: Path, *groups: str) -> list[str]:
    """Modules of these groups of a list, in order, each once."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    found = [module for group in groups for part in tables[group].values() for module in part]
    return list(dict.fromkeys(found))


def local_addresses() -> list[str]:
    """IPv4 addresses of this machine's interfaces, without loopback."""
    entries = [entry for part in psutil.net_if_addrs().values() for entry in part]
    found = {entry.address for entry in entries if entry.family == socket.AF_INET}
    return sorted(address for address in found if not address.startswith("127."))


def value(text: object) -> str:
    """A setting's value as one harmless line; refuses what would end the line or start code."""
    plain = str(text)
    if re.search(r"[\r\n;\[\]$`\\]", plain):
        raise SettingWrong(f"电话系统的设置中有不允许的字符：{plain!r}")
    return plain


def name(text: object) -> str:
    """A name that becomes a section, endpoint or extension."""
    plain = str(text)
    if not re.fullmatch(r"[A-Za-z0-9_.+-]{1,60}", plain):
        raise SettingWrong(f"名称只能用字母、数字和 . _ + -：{plain!r}")
    return plain


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    beside.touch(mode=OWNER_ONLY_FILE)
    beside.chmod(OWNER_ONLY_FILE)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
