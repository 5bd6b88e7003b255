"""The command line before anything runs, and what its tools promise."""

import asyncio
from pathlib import Path

import pytest

from hotline.cli import build_parser, main
from hotline.commands.lock import LOCKS, NPM_LOCK, addresses
from hotline.commands.status import show
from hotline.races import first, together

ROOT = Path(__file__).parents[3]


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    for command in ("setup", "up", "down", "status", "config", "health", "prepare"):
        assert f"    {command} " in shown


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["fly"])


@pytest.mark.parametrize("name", [*LOCKS, NPM_LOCK])
def test_no_lock_file_names_a_host_or_a_folder(name: str) -> None:
    assert addresses(ROOT / name) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    packages = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pinned = [line for line in packages if "==" in line]
    assert pinned
    assert all("--hash=sha256:" in line for line in pinned)


def test_columns_stand_under_each_other_in_chinese_too(capsys: pytest.CaptureFixture[str]) -> None:
    show([["进程", "a"], ["ivr", "b"]])
    assert capsys.readouterr().out == "进程  a\nivr   b\n"


async def test_the_first_of_two_wins_and_the_other_is_ended() -> None:
    ended = asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    assert await first(asyncio.sleep(0), slow())
    assert ended.is_set()
    assert not await first(slow(), asyncio.sleep(0))


async def test_an_error_of_several_is_raised_as_it_is() -> None:
    async def fail() -> None:
        raise LookupError("this one")

    with pytest.raises(LookupError, match="this one"):
        await together(fail(), asyncio.Event().wait())
    with pytest.raises(LookupError, match="this one"):
        await first(asyncio.Event().wait(), fail())
