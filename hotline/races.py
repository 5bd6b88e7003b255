"""Waiting for one of two things, or for all of several, without losing an error or a task."""

import asyncio
from collections.abc import Awaitable


async def first(one: Awaitable[object], other: Awaitable[object]) -> bool:
    """Wait for the first of two; whether it was `one`. The second is cancelled.

    An error of either is raised as it is, not in a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_await(one)), group.create_task(_await(other))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            won = tasks[0].done()
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as errors:
        raise _leaf(errors) from None
    return won


async def together(*parts: Awaitable[object]) -> None:
    """Wait for all; the first error cancels the rest and is raised as it is, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(_await(part))
    except BaseExceptionGroup as errors:
        raise _leaf(errors) from None


async def _await(awaitable: Awaitable[object]) -> None:
    await awaitable


def _leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
