"""Every metric name and label in one place, so that a wallboard or an alarm cannot drift."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
#: Frames come every 20 ms; 60 ms is what the bench allows.
_FRAMES = (0.01, 0.02, 0.025, 0.03, 0.035, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.15, 0.2, 0.5, 1.0)
_FAST = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

CALLS_ARRIVED = Counter(
    "hotline_calls_arrived", "Calls that reached us", ["rung"], registry=REGISTRY
)
MENU_CALLS = Gauge("hotline_menu_calls", "Calls in the voice menu", registry=REGISTRY)
MENU_EXITS = Counter(
    "hotline_menu_exits", "How calls left the voice menu", ["how"], registry=REGISTRY
)
CALLS_WAITING = Gauge("hotline_calls_waiting", "Calls in the queue", ["queue"], registry=REGISTRY)
OLDEST_WAIT = Gauge("hotline_oldest_wait_seconds", "Longest present wait", registry=REGISTRY)
AGENTS = Gauge("hotline_agents", "Agents by state", ["state"], registry=REGISTRY)
OFFERS = Counter("hotline_offers", "Offers by how they ended", ["outcome"], registry=REGISTRY)
ANSWER_SECONDS = Histogram(
    "hotline_answer_seconds",
    "Queue entry to answer",
    buckets=(1, 2, 5, 10, 15, 20, 30, 60, 120, 300),
    registry=REGISTRY,
)
POP_SECONDS = Histogram(
    "hotline_pop_seconds",
    "Queue entry to screen-pop acknowledged",
    buckets=_FAST,
    registry=REGISTRY,
)
CAPTION_DELAY = Histogram(
    "hotline_caption_delay_seconds",
    "End of an utterance to its caption",
    buckets=_FAST,
    registry=REGISTRY,
)
FRAME_GAP = Histogram(
    "hotline_frame_gap_seconds", "Gap between audio frames", buckets=_FRAMES, registry=REGISTRY
)
DRAFT_SECONDS = Histogram(
    "hotline_draft_seconds", "Last caption to draft", buckets=_FAST, registry=REGISTRY
)
DESKS = Gauge("hotline_desks", "Connected desk sockets", registry=REGISTRY)
EVENTS_RELAYED = Counter("hotline_events_relayed", "Events sent from the outbox", registry=REGISTRY)
ALARMS = Counter("hotline_alarms", "Warnings and breaches announced", ["kind"], registry=REGISTRY)
ALARM_DELAY = Histogram(
    "hotline_alarm_delay_seconds", "Due to announced", buckets=_FAST, registry=REGISTRY
)
LOOP_ERRORS = Counter(
    "hotline_loop_errors", "Errors caught at an outermost loop", ["loop"], registry=REGISTRY
)


def exposition() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)
