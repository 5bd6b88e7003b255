"""The city's rules: their defaults, the seed, and what may not be set."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from core.domain.case_limits import CaseLimits, checked
from core.errors import InputRefused

SEED = Path(__file__).parents[3] / "hotline" / "seed" / "rules.toml"


def test_the_seed_names_every_rule_with_its_default_and_a_note() -> None:
    rows = tomllib.loads(SEED.read_text(encoding="utf-8"))
    assert set(rows) == {entry.name for entry in fields(CaseLimits)}
    assert CaseLimits.of({name: row["value"] for name, row in rows.items()}) == CaseLimits()
    assert all(row["note"] for row in rows.values())


def test_a_row_replaces_its_default_and_an_unknown_one_is_passed_over() -> None:
    limits = CaseLimits.of({"returns": 4, "of_another_version": 1, "objective_causes": ["政策"]})
    assert (limits.returns, limits.hops, limits.objective_causes) == (4, 3, ("政策",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("returns", 0), ("returns", -1), ("returns", "三"), ("returns", True), ("hops", None),
        ("unit_approval", 1), ("subjective_causes", "敷衍"), ("subjective_causes", [1]),
        ("backstop_unit", 3), ("no_such_rule", 1),
    ],
)  # fmt: skip
def test_a_value_that_cannot_work_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputRefused):
        checked(name, value)
