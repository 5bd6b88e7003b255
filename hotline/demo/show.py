"""Runs the demonstration: start everything, have citizens phone, show what becomes of it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.repos.people import agent_states
from core.domain.agents import AgentState
from core.errors import HotlineError
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.vault import Vault
from hotline.asterisk_config import carrier_settings
from hotline.demo.city import show_city
from hotline.demo.screen import say, show_event, show_outcome, show_progress
from hotline.seed.load import demo_password
from hotline.supervisor import Stack
from simulator.carrier.network import Carrier
from simulator.desk import SocketDesk, log_in
from simulator.exchange import telephone_network
from simulator.scenes import load_scenes
from simulator.story import Cast, Outcome, Stage, play
from simulator.watch import Watch

AUTO_ACCOUNT, AUTO_SEAT = "auto01", "3001"
PATIENCE_SECONDS = 15
_BETTER_PASS_SECONDS = 12.0
_BETWEEN_CALLS_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Instance:
    """What the demonstration works with."""

    settings: Settings
    database: Database
    bus: RedisBus
    carrier: Carrier

    @property
    def web(self) -> str:
        return f"http://{self.settings.public_host}:{self.settings.port('web')}"

    @property
    def gateway(self) -> str:
        return f"ws://{self.settings.public_host}:{self.settings.port('desk')}/desk"


async def run_demo(settings: Settings, *, once: bool) -> int:
    """One call (`once`: the exit code says whether the case is whole) or calls until Ctrl-C."""
    say("12345 政务服务热线 · 演示")
    results: list[Outcome] = []
    async with _instance(settings) as instance:
        if not once:
            await show_city(instance.settings)
        say(f"打开 {instance.web}/ ，账号 agent01，密码 {demo_password('agent01')}")
        if not once and await _a_person_is_ready(instance):
            return await _phone_for_ever(instance, desk=None)
        say("没有人登录，由自动坐席接听。")
        async with _automatic_desk(instance) as desk:
            if not once:
                return await _phone_for_ever(instance, desk=desk)
            results.append(await _phone(instance, desk, number=0))
    return _report(results[0])


@asynccontextmanager
async def _instance(settings: Settings) -> AsyncIterator[Instance]:
    say("启动各进程……")
    async with Stack(settings, report=show_progress) as stack:
        engine = make_engine(stack.settings.database_url, pool_size=3)
        redis = connect_redis(stack.settings.redis_url)
        try:
            async with telephone_network(carrier_settings(stack.settings)) as carrier:
                show_progress("carrier", "ready")
                yield Instance(stack.settings, Database(engine), RedisBus(redis), carrier)
        finally:
            await redis.aclose()
            await engine.dispose()


async def _a_person_is_ready(instance: Instance) -> bool:
    """Whether somebody logs in and goes ready in time."""
    say(f"等待坐席登录并示闲（{PATIENCE_SECONDS} 秒）……")
    for _ in range(PATIENCE_SECONDS):
        async with instance.database.sessions() as session:
            if any(a.state == AgentState.READY.value for a in await agent_states(session)):
                return True
        await asyncio.sleep(1)
    return False


@asynccontextmanager
async def _automatic_desk(instance: Instance) -> AsyncIterator[SocketDesk]:
    token = await log_in(instance.web, AUTO_ACCOUNT, demo_password(AUTO_ACCOUNT))
    async with SocketDesk(instance.gateway, instance.web, token) as desk:
        await _go_ready(desk)
        yield desk


async def _go_ready(desk: SocketDesk) -> None:
    await desk.until(lambda state: state["agent"]["state"] not in {"TALKING", "SIGNED_OUT"})
    if desk.state["agent"]["state"] != AgentState.READY.value:
        await desk.order("go_ready")
    await desk.until(lambda state: state["agent"]["state"] == AgentState.READY.value)


def _report(outcome: Outcome) -> int:
    """The JSON line comes last, after everything has been stopped."""
    missing = outcome.shortcomings()
    for line in missing:
        say(f"缺少：{line}")
    print(json.dumps(_as_json(outcome), ensure_ascii=False), flush=True)
    return 1 if missing else 0


async def _phone_for_ever(instance: Instance, desk: SocketDesk | None) -> int:
    for number in itertools.count():
        try:
            await _phone(instance, desk, number=number)
            if desk is not None:
                await _go_ready(desk)
        except (TimeoutError, HotlineError) as error:
            say(f"这一通没有完成：{error}")
        await asyncio.sleep(_BETWEEN_CALLS_SECONDS)
    return 0


async def _phone(instance: Instance, desk: SocketDesk | None, *, number: int) -> Outcome:
    scenes = load_scenes()
    scene = scenes[number % len(scenes)]
    cast = Cast(scene=scene, caller_number=scene.truth.get("phone") or f"1540001{number:04d}")
    say()
    async with Watch(instance.bus, listener=show_event) as watch:
        stage = Stage(
            carrier=instance.carrier,
            watch=watch,
            database=instance.database,
            desk=desk,
            seat=AUTO_SEAT if desk is not None else "",
            vault=Vault(bytes.fromhex(instance.settings.master_key)),
            better_pass_seconds=_BETTER_PASS_SECONDS,
        )
        outcome = await play(stage, cast)
    show_outcome(outcome)
    return outcome


def _as_json(outcome: Outcome) -> dict[str, object]:
    names = (
        "call_id", "case_no", "case_type", "category", "places", "phone", "department",
        "transcript", "recording_seconds", "pop_ms", "draft_ms",
    )  # fmt: skip
    return {name: getattr(outcome, name) for name in names}
