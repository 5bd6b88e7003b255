"""Real small processes under a keeper: killed, held, hopeless, left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import SettingWrong, Unavailable
from hotline.child import Launch
from hotline.keeper import Keeper, ProcessState
from hotline.processes import ProcessSpec
from hotline.run_folder import RunFolder, start_mark

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
SERVE = "from core.liveness import announce_ready; announce_ready(); import signal; signal.pause()"
MUTE = "import signal; signal.pause()"
BROKEN = "raise SystemExit('cannot find my trousers')"


def _spec(folder: Path, code: str, *, dies_with_us: bool = True) -> ProcessSpec:
    async def prepare() -> Launch:
        return Launch(
            command=(sys.executable, "-c", code),
            log=folder / "logs" / "toy.log",
            cwd=ROOT,
            dies_with_us=dies_with_us,
        )

    return ProcessSpec(name="toy", prepare=prepare)


@asynccontextmanager
async def _kept(spec: ProcessSpec, folder: Path) -> AsyncIterator[Keeper]:
    async def open_gate() -> None:
        return None

    keeper = Keeper(
        spec,
        folder=RunFolder(folder),
        clock=SystemClock(),
        gate=open_gate,
        report=lambda *_: None,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.run())
        try:
            async with asyncio.timeout(20):
                yield keeper
        finally:
            await keeper.stop()


async def test_a_killed_process_comes_back_with_a_new_pid(tmp_path: Path) -> None:
    async with _kept(_spec(tmp_path, SERVE), tmp_path) as keeper:
        await keeper.wait_ready()
        before = keeper.pid
        await keeper.kill()
        await keeper.wait_ready()
        assert keeper.pid != before
        assert keeper.restarts == 1


async def test_a_held_process_stays_down_until_it_is_released(tmp_path: Path) -> None:
    async with _kept(_spec(tmp_path, SERVE), tmp_path) as keeper:
        await keeper.wait_ready()
        await keeper.hold()
        assert keeper.pid is None
        keeper.release()
        await keeper.wait_ready()
        assert keeper.pid


async def test_a_stopped_process_is_gone_and_its_record_too(tmp_path: Path) -> None:
    async with _kept(_spec(tmp_path, SERVE), tmp_path) as keeper:
        await keeper.wait_ready()
    assert keeper.state is ProcessState.STOPPED
    assert RunFolder(tmp_path).read_all() == []


async def test_a_process_that_cannot_start_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    async with _kept(_spec(tmp_path, BROKEN), tmp_path) as keeper:
        with pytest.raises(Unavailable, match="cannot find my trousers"):
            await keeper.wait_ready()


async def test_a_process_that_never_says_ready_is_not_called_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.keeper.READY_SECONDS", 0.05)
    async with _kept(_spec(tmp_path, MUTE), tmp_path) as keeper:
        with pytest.raises(Unavailable):
            await keeper.wait_ready()


async def test_what_cannot_be_prepared_is_said_in_one_sentence(tmp_path: Path) -> None:
    async def prepare() -> Launch:
        raise SettingWrong("no such folder of prompts")

    async with _kept(ProcessSpec(name="toy", prepare=prepare), tmp_path) as keeper:
        with pytest.raises(Unavailable, match="no such folder of prompts"):
            await keeper.wait_ready()


@pytest.fixture
def left_behind(tmp_path: Path) -> Callable[[str], int]:
    """Start a keeper in a process of its own and kill that one; gives the orphan's pid."""

    def start(code: str) -> int:
        script = f"""
import asyncio, sys
from pathlib import Path
from tests.integration.test_runtime_keeper import _kept, _spec
async def main():
    folder = Path({str(tmp_path)!r})
    async with _kept(_spec(folder, {code!r}, dies_with_us=False), folder) as keeper:
        await keeper.wait_ready()
        print(keeper.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
        with subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as supervisor:
            assert supervisor.stdout is not None
            pid = int(supervisor.stdout.readline())
            supervisor.kill()
        return pid

    return start


async def test_a_new_supervisor_takes_over_what_a_killed_one_left(
    tmp_path: Path, left_behind: Callable[[str], int]
) -> None:
    orphan = await asyncio.to_thread(left_behind, SERVE)
    started_at = json.loads((tmp_path / "run" / "toy.json").read_text())["started_at"]
    async with _kept(_spec(tmp_path, SERVE, dies_with_us=False), tmp_path) as keeper:
        await keeper.wait_ready()
        assert keeper.pid == orphan
        record = RunFolder(tmp_path).read("toy")
        assert record
        assert record.started_at == started_at
        await keeper.kill()
        await keeper.wait_ready()
        assert keeper.pid != orphan


async def test_an_orphan_started_in_another_way_is_replaced(
    tmp_path: Path, left_behind: Callable[[str], int]
) -> None:
    orphan = await asyncio.to_thread(left_behind, SERVE)
    async with _kept(_spec(tmp_path, SERVE + "\n", dies_with_us=False), tmp_path) as keeper:
        await keeper.wait_ready()
        assert keeper.pid != orphan
        assert start_mark(orphan) == ""


async def test_a_process_that_dies_with_us_does_so(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from tests.integration.test_runtime_keeper import _kept, _spec, SERVE
async def main():
    folder = Path({str(tmp_path)!r})
    async with _kept(_spec(folder, SERVE), folder) as keeper:
        await keeper.wait_ready()
        print(keeper.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    child = os.pidfd_open(int(await process.stdout.readline()))
    process.send_signal(signal.SIGKILL)
    await process.wait()
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(child, gone.set)
    async with asyncio.timeout(5):
        await gone.wait()
    loop.remove_reader(child)
    os.close(child)
