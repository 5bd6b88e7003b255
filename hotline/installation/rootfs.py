"""Unpacks Asterisk 22, redis-server and SIPp from Debian's signed packages beside the system."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from hotline.installation.mirror import find_debian_mirror, read_os_release
from hotline.installation.steps import Folder, SetupFailed, fill

PACKAGES = ("asterisk", "asterisk-modules", "redis-server", "sip-tester")
SUITES = ("forky", "sid")  # Debian's stable releases carry no Asterisk
ASTERISK_MAJOR = "22."
EXPIRED = "is expired"
CHECK_DATE_OFF = (
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Check-Date "false"',
)
DEBIAN_FAMILY = frozenset({"debian", "ubuntu"})
USE_COMPOSE = (
    "this set-up unpacks Debian packages and needs Debian or Ubuntu; "
    "on any other Linux run `docker compose up` (docs/operations.md)"
)

Say = Callable[[str], None]


def set_up_rootfs(runtime_dir: Path, say: Say) -> bool:
    """Lay the programs down in `rootfs`; returns whether there was anything to do."""
    folder = Folder("rootfs", runtime_dir / "rootfs", (*PACKAGES, *SUITES, "1"))
    return fill(folder, lambda new: _unpack(new, say))


def _unpack(new: Path, say: Say) -> None:
    release = read_os_release()
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    if not family & DEBIAN_FAMILY:
        raise SetupFailed(USE_COMPOSE)
    mirror = find_debian_mirror(codename=release.get("VERSION_CODENAME", ""))
    if release.get("ID") == "ubuntu":
        mirror = None  # mmdebstrap knows where Debian's own archive is
    say("Asterisk: unpacking Debian's packages (about 270 MB, half a minute)")
    for suite in SUITES:
        problem = _unpack_suite(new, suite, mirror, say)
        if not problem:
            _check(new)
            return
        say(f"Asterisk: {suite} gave nothing: {problem}")
    raise SetupFailed("Asterisk could not be unpacked from Debian's packages; see the lines above")


def _unpack_suite(new: Path, suite: str, mirror: str | None, say: Say) -> str:
    """Unpack one suite; returns what went wrong, or nothing."""
    command = ["mmdebstrap", "--variant=extract", f"--include={','.join(PACKAGES)}"]
    # Nothing is run inside, packages are only unpacked: that needs no root and no name spaces.
    command += [] if os.geteuid() == 0 else ["--mode=chrootless"]
    command += ['--aptopt=APT::Install-Recommends "false"', suite, str(new)]
    command += [mirror] if mirror else []
    _empty(new)
    output = _run(command, say)
    if EXPIRED in output:
        say("WARNING: the package archive's Release file is out of date (a frozen copy?).")
        say("WARNING: its signature is still checked, only its date is not.")
        _empty(new)
        output = _run([*command[:1], *CHECK_DATE_OFF, *command[1:]], say)
    return output.strip().splitlines()[-1] if output else ""


def _empty(folder: Path) -> None:
    """mmdebstrap refuses a folder in which an earlier attempt left something."""
    shutil.rmtree(folder)
    folder.mkdir(mode=0o755)


def _run(command: Sequence[str], say: Say) -> str:
    """Run and show progress; returns the output when the command failed, else nothing."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if line.startswith("I:"):
                say(f"  {line[2:].strip()}")
    return "\n".join(lines) or "no output" if process.returncode else ""


def _check(rootfs: Path) -> None:
    command = [*program(rootfs, "usr/sbin/asterisk"), "-V"]
    version = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    if len(version) < 2 or not version[1].startswith(ASTERISK_MAJOR):  # noqa: PLR2004
        raise SetupFailed(f"expected Asterisk {ASTERISK_MAJOR}x, unpacked {version or 'nothing'}")


def program(rootfs: Path, path: str) -> list[str]:
    """The command that runs an unpacked program through its own loader and libraries."""
    loaders = sorted(rootfs.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"))
    if not loaders:
        raise SetupFailed(f"no unpacked programs in {rootfs}: run `make setup`")
    loader = loaders[0]
    return [str(loader), "--library-path", str(loader.parent), str(rootfs / path)]
