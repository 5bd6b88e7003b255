"""The pages' own health: one check for each thing they cannot work without."""

from agent_ui.health import Vital


class Part:
    """Something that answers or does not."""

    def __init__(self) -> None:
        self.away = False

    async def ask(self) -> str:
        if self.away:
            raise OSError("away")
        return "18"


async def test_a_part_that_goes_away_is_named_until_it_is_back() -> None:
    database, redis = Part(), Part()
    vital = Vital({"PostgreSQL": database.ask, "Redis": redis.ask})
    assert {name: check() for name, check in vital.checks.items()} == {
        "PostgreSQL": True, "Redis": True,
    }  # fmt: skip
    redis.away = True
    await vital.look()
    assert [name for name, check in vital.checks.items() if not check()] == ["Redis"]
    redis.away = False
    await vital.look()
    assert all(check() for check in vital.checks.values())
