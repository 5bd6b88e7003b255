"""Builds what the browser needs from npm packages at the versions of package-lock.json."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from core.config import PROJECT
from hotline.installation.rootfs import Say
from hotline.installation.steps import Folder, SetupFailed, fill

VENDOR = PROJECT / "agent_ui" / "static" / "vendor"
#: JsSIP ships no file a browser could load, so one is bundled: it sets window.JsSIP.
ENTRY = "import JsSIP from 'jssip'; window.JsSIP = JsSIP;\n"
BUNDLE = "jssip.bundle.js"
LICENCES = ("jssip", "debug", "ms", "events", "sdp-transform", "leaflet")
#: Leaflet ships what a browser loads; its pictures are for controls that no page of ours has.
COPIED = ("leaflet/dist/leaflet.js", "leaflet/dist/leaflet.css")


def node_modules(runtime_dir: Path) -> Folder:
    lock = (PROJECT / "package-lock.json").read_bytes()
    return Folder("npm", runtime_dir / "npm", (hashlib.sha256(lock).hexdigest(),))


def set_up_assets(runtime_dir: Path, say: Say) -> bool:
    """Install the packages, bundle the softphone; returns whether there was anything to do."""
    modules = node_modules(runtime_dir)
    installed = fill(modules, lambda new: _install(new, say))
    vendor = Folder("vendor", VENDOR, (modules.fingerprint, ENTRY, *COPIED))
    return fill(vendor, lambda new: _bundle(modules.path, new, say)) or installed


def _install(new: Path, say: Say) -> None:
    say("npm: installing the packages of package-lock.json")
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PROJECT / name, new / name)
    # Scripts of strangers do not run here: none of these packages needs one.
    _run(("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"), new)


def _bundle(modules: Path, new: Path, say: Say) -> None:
    say("npm: bundling the softphone library, copying the map")
    entry = modules / "entry.js"
    entry.write_text(ENTRY, encoding="utf-8")
    esbuild = modules / "node_modules" / ".bin" / "esbuild"
    options = ("--bundle", "--format=iife", "--minify", "--legal-comments=inline")
    _run((str(esbuild), str(entry), *options, f"--outfile={new / BUNDLE}"), modules)
    for name in COPIED:
        shutil.copyfile(modules / "node_modules" / name, new / Path(name).name)
    texts = [_licence(modules / "node_modules" / name) for name in LICENCES]
    (new / "LICENSES.txt").write_text("\n\n".join(texts), encoding="utf-8")


def _licence(package: Path) -> str:
    """The licences travel with the bundle that contains the packages."""
    files = sorted(path for path in package.iterdir() if path.name.lower().startswith("licen"))
    return f"== {package.name} ==\n" + "\n".join(path.read_text(encoding="utf-8") for path in files)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SetupFailed(f"{command[0]} is missing: run `make setup`") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-500:]
        raise SetupFailed(f"{Path(command[0]).name} failed: {words}")
