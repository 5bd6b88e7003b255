"""Which stretch of speech comes next."""

from recordings.transcribe.backlog import Backlog, BacklogRules, Urgency


def add(backlog: Backlog[str], job: str, urgency: Urgency, *, now: float = 0.0) -> list[str]:
    return backlog.add(job, urgency=urgency, size=10, now=now)


def drain(backlog: Backlog[str], *, now: float = 0.0, quiet: bool = True) -> list[str]:
    taken = []
    while (job := backlog.take(now=now, quiet=quiet)) is not None:
        taken.append(job)
    return taken


def test_the_newest_words_come_first_and_none_is_dropped() -> None:
    backlog: Backlog[str] = Backlog()
    for job in ("first", "second", "third"):
        add(backlog, job, Urgency.LIVE)
    assert drain(backlog) == ["third", "second", "first"]


def test_live_words_come_before_previews_and_the_second_pass() -> None:
    backlog: Backlog[str] = Backlog()
    add(backlog, "later", Urgency.LATER)
    add(backlog, "preview", Urgency.PREVIEW)
    add(backlog, "live", Urgency.LIVE)
    assert drain(backlog) == ["live", "preview", "later"]


def test_the_second_pass_waits_while_somebody_speaks() -> None:
    backlog: Backlog[str] = Backlog()
    add(backlog, "later", Urgency.LATER)
    assert backlog.take(now=1.0, quiet=False) is None
    assert backlog.take(now=1.0, quiet=True) == "later"


def test_the_second_pass_does_not_wait_for_ever() -> None:
    backlog: Backlog[str] = Backlog()
    add(backlog, "later", Urgency.LATER)
    assert backlog.take(now=121.0, quiet=False) == "later"


def test_a_preview_that_came_too_late_is_thrown_away() -> None:
    backlog: Backlog[str] = Backlog()
    add(backlog, "preview", Urgency.PREVIEW)
    assert backlog.expired(0.5) == []
    assert backlog.expired(1.5) == ["preview"]
    assert len(backlog) == 0


def test_when_memory_is_full_the_oldest_words_are_given_back_to_be_done_later() -> None:
    backlog: Backlog[str] = Backlog(BacklogRules(live_bytes=25))
    assert add(backlog, "first", Urgency.LIVE) == []
    assert add(backlog, "second", Urgency.LIVE) == []
    assert add(backlog, "third", Urgency.LIVE) == ["first"]
    assert drain(backlog) == ["third", "second"]
