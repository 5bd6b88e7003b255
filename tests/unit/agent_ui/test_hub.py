"""Subscribers, their numbers and their bounded backlog."""

import json

from agent_ui.live.hub import CLOSE_SESSION_OVER, CLOSE_TOO_SLOW, Hub, Subscriber
from core.ids import AgentId

ZHANG, LI = AgentId("zhang"), AgentId("li")


def subscribe(hub: Hub, agent: AgentId = ZHANG) -> Subscriber:
    return hub.subscribe(agent, f"session-{agent}", lambda: None)


def drain(subscriber: Subscriber) -> list[dict[str, object]]:
    taken = []
    while (text := subscriber.take()) is not None:
        taken.append(json.loads(text))
    return taken


def test_events_before_the_snapshot_are_not_sent() -> None:
    hub = Hub()
    desk = subscribe(hub)
    hub.send(ZHANG, {"kind": "work", "work": []})
    desk.send_snapshot({})
    assert [message["type"] for message in drain(desk)] == ["snapshot"]


def test_numbers_have_no_gap_whatever_the_way_of_sending() -> None:
    hub = Hub()
    desk = subscribe(hub)
    desk.send_snapshot({})
    hub.send(ZHANG, {"kind": "work", "work": []})
    hub.broadcast({"kind": "queue", "queue": {}})
    desk.send_snapshot({})
    assert [message["seq"] for message in drain(desk)] == [1, 2, 3, 4]


def test_an_agents_event_goes_to_no_other_desk() -> None:
    hub = Hub()
    mine, other = subscribe(hub), subscribe(hub, LI)
    mine.send_snapshot({})
    other.send_snapshot({})
    hub.send(ZHANG, {"kind": "call", "call": {"caller_number": "13800000000"}})
    assert len(drain(mine)) == 2
    assert len(drain(other)) == 1


def test_a_desk_that_stops_reading_is_closed_and_its_backlog_stays_small() -> None:
    hub = Hub(backlog=3)
    desk = subscribe(hub)
    desk.send_snapshot({})
    for _ in range(10):
        hub.send(ZHANG, {"kind": "work", "work": []})
    assert desk.closing == CLOSE_TOO_SLOW
    assert len(drain(desk)) == 3


def test_the_end_of_a_log_in_closes_its_desks_only() -> None:
    hub = Hub()
    mine, other = subscribe(hub), subscribe(hub, LI)
    hub.close_session("session-zhang")
    assert (mine.closing, other.closing) == (CLOSE_SESSION_OVER, 0)


def test_a_desk_that_left_is_forgotten() -> None:
    hub = Hub()
    desk = subscribe(hub)
    hub.unsubscribe(desk)
    assert (len(hub), hub.agents()) == (0, [])
