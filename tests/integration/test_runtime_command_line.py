"""The command `hotline` as an operator uses it, on an instance of the test's own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import Settings
from hotline.free_ports import isolated
from hotline.processes import environment
from hotline.run_folder import SUPERVISOR, RunFolder

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
SERVERS = ("postgres", "redis")
Hotline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def settings(base_settings: Settings) -> Iterator[Settings]:
    with isolated(base_settings) as own:
        yield own


@pytest.fixture
def hotline(settings: Settings) -> Iterator[Hotline]:
    """Run a subcommand; at the end nothing is left running."""

    def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HOTLINE_")}
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "hotline", *arguments],
            cwd=ROOT,
            env={**inherited, **environment(settings), **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    yield run
    run("down")


def _pids(settings: Settings) -> dict[str, int]:
    return {record.name: record.pid for record in RunFolder(settings.state_dir).read_all()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_PORT_BASE", "many"),
        ("HOTLINE_PORT_BASE", "99999"),
        ("HOTLINE_LANGUAGE", "fr"),
        ("HOTLINE_NONSENSE", "1"),
        ("HOTLINE_OFFLINE", "perhaps"),
    ],
)
def test_a_wrong_setting_is_one_line_and_no_traceback(
    hotline: Hotline, name: str, value: str
) -> None:
    done = hotline("config", **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith("hotline: ")
    assert done.stderr.count("\n") == 1


def test_an_unknown_process_is_named(hotline: Hotline) -> None:
    done = hotline("up", "telegraph")
    assert done.returncode == 2
    assert "telegraph" in done.stderr


def test_stopping_what_does_not_run_is_no_error(hotline: Hotline) -> None:
    assert hotline("down").returncode == 0


def test_an_instance_goes_up_is_shown_and_goes_down(hotline: Hotline, settings: Settings) -> None:
    up = hotline("up", "--detach", *SERVERS)
    assert up.returncode == 0, up.stderr
    assert set(_pids(settings)) == {SUPERVISOR, *SERVERS}
    again = hotline("up", "--detach", *SERVERS)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1
    shown = hotline("status", HOTLINE_LANGUAGE="en")
    assert "running" in shown.stdout
    assert "not running" in shown.stdout  # Asterisk and our own processes were not asked for
    assert shown.returncode == 1
    secret = (settings.secrets_dir / "redis_password").read_text(encoding="utf-8").strip()
    assert secret not in shown.stdout + hotline("config").stdout + up.stdout
    assert hotline("down").returncode == 0
    assert _pids(settings) == {}


def test_servers_outlive_a_killed_supervisor_and_are_taken_over(
    hotline: Hotline, settings: Settings
) -> None:
    assert hotline("up", "--detach", *SERVERS).returncode == 0
    before = _pids(settings)
    os.kill(before[SUPERVISOR], 9)
    assert hotline("up", "--detach", *SERVERS).returncode == 0
    after = _pids(settings)
    assert {name: after[name] for name in SERVERS} == {name: before[name] for name in SERVERS}
    assert after[SUPERVISOR] != before[SUPERVISOR]


def test_servers_without_a_supervisor_can_be_stopped(hotline: Hotline, settings: Settings) -> None:
    assert hotline("up", "--detach", *SERVERS).returncode == 0
    os.kill(_pids(settings)[SUPERVISOR], 9)
    assert hotline("down").returncode == 0
    assert _pids(settings) == {}
