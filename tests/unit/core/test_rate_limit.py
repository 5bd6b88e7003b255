"""Failures are limited by account and by address."""

import pytest

from core.errors import LoginRefused
from core.rate_limit import ACCOUNT_LIMIT, FailureLimiter, MemoryCounters
from tests.fakes.clock import FakeClock


async def test_the_sixth_try_is_refused_until_the_window_has_passed(clock: FakeClock) -> None:
    limiter = FailureLimiter(MemoryCounters(clock))
    for _ in range(ACCOUNT_LIMIT.most):
        await limiter.check("login", "zhang", ACCOUNT_LIMIT)
        await limiter.failed("login", "zhang", ACCOUNT_LIMIT)
    with pytest.raises(LoginRefused):
        await limiter.check("login", "zhang", ACCOUNT_LIMIT)
    await limiter.check("login", "li", ACCOUNT_LIMIT)
    clock.advance(ACCOUNT_LIMIT.seconds)
    await limiter.check("login", "zhang", ACCOUNT_LIMIT)


async def test_success_forgets_the_failures(clock: FakeClock) -> None:
    counters = MemoryCounters(clock)
    limiter = FailureLimiter(counters)
    await limiter.failed("login", "zhang", ACCOUNT_LIMIT)
    await limiter.succeeded("login", "zhang")
    assert await counters.count("login:zhang") == 0
