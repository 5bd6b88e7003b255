"""Makes `.venv` with locked packages on a bare machine, then hands over to `hotline setup`.

Runs on the system's python3 before anything is installed: standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
OLDEST = (3, 11)


def main(arguments: Sequence[str]) -> int:
    """Bootstrap; with --dev also what tests and checks need."""
    with (ROOT / ".setup.lock").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two set-ups at once would spoil each other's work
        problem = prepare(dev="--dev" in arguments)
        if problem:
            print(f"setup: {problem}", file=sys.stderr)
            return 1
        command = [str(VENV / "bin" / "hotline"), "setup", *arguments]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def prepare(*, dev: bool) -> str:
    """What `hotline setup` needs to run at all; returns nothing, or what a person must do."""
    problem = check_python() or install_system_packages(missing_packages(dev=dev))
    return problem or make_environment(dev=dev)


def check_python() -> str:
    """Nothing, or what is wrong with this interpreter."""
    if sys.version_info >= OLDEST:
        return ""
    wanted = ".".join(str(part) for part in OLDEST)
    return f"Python {wanted} or newer is needed, this is {sys.version.split()[0]}"


def missing_packages(*, dev: bool) -> list[str]:
    """The Debian packages whose programs this machine lacks."""
    packages = []
    if not has_module("ensurepip") or not has_module("venv"):
        packages.append("python3-venv")
    if shutil.which("mmdebstrap") is None:
        packages.append("mmdebstrap")
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").is_file():
        packages.append("debian-archive-keyring")
    if shutil.which("setpriv") is None:
        packages.append("util-linux")
    if not Path("/usr/share/zoneinfo/Asia/Shanghai").is_file():
        packages.append("tzdata")
    packages += missing_node()
    if dev and not any(shutil.which(name) for name in ("chromium", "chromium-browser")):
        packages += ["chromium", "fonts-noto-cjk"]
    return packages


def has_module(name: str) -> bool:
    """Debian splits the standard library: ask the interpreter, not the version."""
    command = [sys.executable, "-c", f"import {name}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def missing_node() -> list[str]:
    """Node's and npm's packages; a Node from elsewhere brings its own npm."""
    node = shutil.which("node") or shutil.which("nodejs")
    packages = [] if node else ["nodejs"]
    if shutil.which("npm") is None:
        packages.append("npm")
    return packages


def install_system_packages(packages: Sequence[str]) -> str:
    """Install through apt; returns nothing, or the one line that a person must run."""
    if not packages:
        return ""
    if shutil.which("apt-get") is None:
        return (
            f"this machine lacks {', '.join(packages)} and has no apt: only Debian and Ubuntu are "
            "set up by itself; on any other Linux run `docker compose up` (docs/operations.md)"
        )
    by_hand = f"sudo apt-get update && sudo apt-get install -y {' '.join(packages)}"
    prefix = root_prefix()
    if prefix is None:
        return f"packages are missing and there is no root; run:\n  {by_hand}"
    print(f"setup: installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    for command in (["update", "-q"], ["install", *options, *packages]):
        line = [*prefix, "apt-get", *command]
        if subprocess.run(line, env=environment, check=False).returncode:
            return f"apt-get {command[0]} failed; to do it by hand, run:\n  {by_hand}"
    return ""


def root_prefix() -> list[str] | None:
    """How to run something as root: nothing before it, sudo, or not at all."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    ):
        return ["sudo", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def make_environment(*, dev: bool) -> str:
    """Make or complete `.venv`; a stamp of its inputs says when there is nothing to do."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    stamp = VENV / ".stamp"
    done = stamp.read_text(encoding="utf-8").split() if stamp.is_file() else []
    # What tests need contains what running needs, so a dev environment serves both.
    if fingerprint(dev=True) in done or (not dev and fingerprint(dev=False) in done):
        return ""
    stamp.unlink(missing_ok=True)
    if not (VENV / "bin" / "python").exists():
        print(f"setup: making {VENV.name}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    print(f"setup: installing the Python packages of {lock.name}", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    own = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    for options in (["--require-hashes", "--requirement", str(lock)], own):
        if subprocess.run([*pip, *options], cwd=ROOT, env=quiet, check=False).returncode:
            return "pip could not install the packages; see the lines above"
    stamp.write_text(fingerprint(dev=dev), encoding="utf-8")
    return ""


def fingerprint(*, dev: bool) -> str:
    """Changes with the lock file, the project file, the interpreter and the place."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    facts = [lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    facts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(facts)).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
