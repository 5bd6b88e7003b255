"""When a worker or a recogniser counts as silent."""

from recordings.transcribe.watchdog import Verdict, Watchdog, WordlessWatch


def test_a_worker_that_answers_and_works_is_left_alone() -> None:
    watchdog = Watchdog(now=0.0)
    for second in range(100):
        watchdog.answered(pending=3, done=second, now=float(second))
        assert watchdog.verdict(float(second)) is Verdict.ALIVE


def test_a_worker_without_work_may_rest() -> None:
    watchdog = Watchdog(now=0.0)
    for second in range(100):
        watchdog.answered(pending=0, done=7, now=float(second))
    assert watchdog.verdict(99.0) is Verdict.ALIVE


def test_a_worker_that_does_not_answer_is_silent() -> None:
    watchdog = Watchdog(now=0.0)
    watchdog.answered(pending=0, done=0, now=1.0)
    assert watchdog.verdict(10.9) is Verdict.ALIVE
    assert watchdog.verdict(11.1) is Verdict.SILENT


def test_a_worker_that_answers_but_finishes_nothing_is_stalled() -> None:
    watchdog = Watchdog(now=0.0)
    for second in range(22):
        watchdog.answered(pending=1, done=5, now=float(second))
    assert watchdog.verdict(21.0) is Verdict.STALLED


def test_a_recogniser_that_hears_much_speech_without_a_word_is_replaced_once() -> None:
    watch = WordlessWatch()
    watch.heard_speech(19_999)
    assert not watch.should_restart()
    watch.heard_speech(1)
    assert watch.should_restart()
    assert not watch.should_restart()


def test_words_begin_the_count_again() -> None:
    watch = WordlessWatch()
    watch.heard_speech(15_000)
    watch.gave_words()
    watch.heard_speech(15_000)
    assert not watch.should_restart()
