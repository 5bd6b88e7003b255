"""A real Asterisk with a telephone network in front of it, for a whole test session."""

import subprocess
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.asterisk.ari_client import AriClient
from core.asterisk.instance import AsteriskFolders, asterisk_command, console_command
from core.config import PROJECT, Settings
from hotline.asterisk_config import (
    LastRung,
    Line,
    Seat,
    carrier_settings,
    keep_secret,
    render_hotline,
)
from hotline.free_ports import isolated
from simulator.carrier.config import render_carrier
from simulator.carrier.network import Carrier

BOOT_SECONDS = 20.0
LINES = (Line("12345", "greeting_12345"), Line("12319", "greeting_12319"))
SEATS = (Seat("ann"), Seat("desk2001", "2001"))
LAST_RUNG = LastRung(ring_seconds=3, message_seconds=20, silence_seconds=2)
#: Every prompt of the tests is one second of a tone of its own: what was heard can be told apart.
TONES = {
    "greeting_12345": 600,
    "greeting_12319": 700,
    "recording_notice": 800,
    "connecting_agent": 900,
    "voicemail_overflow": 1000,
    "voicemail_instructions": 1100,
    "voicemail_thanks": 1200,
    "unknown_line": 1300,
}


class RealAsterisk:
    """The hotline's Asterisk and the carrier's, rendered from settings and started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = replace(settings, prompts_dir=settings.state_dir / "prompts")
        make_tones(self.settings.prompts_dir / "zh")
        self.folders = render_hotline(self.settings, lines=LINES, seats=SEATS, last_rung=LAST_RUNG)
        self.carrier_settings = carrier_settings(self.settings)
        render_carrier(self.carrier_settings)
        self._processes: dict[Path, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start whichever of the two is not running, and wait until it is fully booted."""
        for folders in (self.folders, self.carrier_settings.folders):
            process = self._processes.get(folders.home)
            if process is None or process.poll() is not None:
                self._processes[folders.home] = _spawn(folders)
        for folders in (self.folders, self.carrier_settings.folders):
            _wait_booted(folders, self._processes[folders.home])

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            _end(process)

    def kill(self) -> None:
        """Kill the hotline's Asterisk as a power cut would."""
        process = self._processes[self.folders.home]
        process.kill()
        process.wait()

    def console(self, command: str) -> str:
        """Output of a console command of the hotline's Asterisk."""
        done = subprocess.run(  # noqa: S603
            console_command(self.folders, command), capture_output=True, check=True, timeout=10
        )
        return done.stdout.decode()

    def log(self) -> str:
        return (self.folders.log / "messages").read_text(encoding="utf-8")

    def ari(self, app: str) -> AriClient:
        password = keep_secret(self.settings, "ari_password")
        user, url = self.settings.ari_user, self.settings.ari_url
        return AriClient(url=url, user=user, password=password, app=app)

    def carrier(self) -> Carrier:
        settings = self.carrier_settings
        return Carrier(
            host="127.0.0.1",
            port=settings.ami_port,
            password=settings.ami_password,
            heard=settings.heard,
        )


@contextmanager
def running_asterisk(settings: Settings) -> Iterator[RealAsterisk]:
    """Both instances on ports and in a folder of their own; ended with the context."""
    with isolated(settings) as own:
        asterisk = RealAsterisk(own)
        try:
            asterisk.start()
            yield asterisk
        finally:
            asterisk.stop()


def make_tones(folder: Path) -> None:
    """Write the prompts of the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, hertz in TONES.items():
        write_tone(folder / f"{name}.wav", hertz)


def write_tone(path: Path, hertz: float, seconds: float = 1.0) -> Path:
    """Write a sound that `loud_tones` can find again."""
    at = np.arange(int(8000 * seconds)) / 8000
    pcm = (np.sin(2 * np.pi * hertz * at) * 8000).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(pcm.tobytes())
    return path


def loud_tones(path: Path, slice_s: float = 0.25) -> list[int]:
    """The loudest tone of each slice of a file, to 50 Hz, repeats and silence left out."""
    with wave.open(str(path), "rb") as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    size, heard = int(rate * slice_s), list[int]()
    for start in range(0, len(samples) - size + 1, size):
        part = samples[start : start + size]
        if np.sqrt((part**2).mean()) < 200:
            continue
        spectrum = np.abs(np.fft.rfft(part * np.hanning(size)))
        tone = round(float(np.argmax(spectrum)) / slice_s / 50) * 50
        if not heard or heard[-1] != tone:
            heard.append(tone)
    return heard


def seconds_of(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _spawn(folders: AsteriskFolders) -> subprocess.Popen[bytes]:
    # Whatever becomes of this process, no Asterisk is left behind.
    command = ["setpriv", "--pdeathsig=KILL", *asterisk_command(folders)]
    with (folders.home / "console.log").open("ab") as sink:
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=PROJECT
        )


def _wait_booted(folders: AsteriskFolders, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + BOOT_SECONDS
    command = console_command(folders, "core waitfullybooted")
    while subprocess.run(  # noqa: S603
        command, capture_output=True, check=False, timeout=BOOT_SECONDS
    ).returncode:
        if process.poll() is not None or time.monotonic() > end:
            said = (folders.home / "console.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"Asterisk did not start: {said[-2000:]}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
