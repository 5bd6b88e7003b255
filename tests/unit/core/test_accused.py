"""The reported unit is known by its whole name, a part of it, or its short form."""

import pytest

from core.domain.accused import is_accused


@pytest.mark.parametrize(
    ("accused", "names", "expected"),
    [
        ("市城市管理局", ["市城市管理局"], True),
        ("市城市管理局 执法大队", ["市城市管理局"], True),
        ("城市管理局", ["市城市管理局"], True),
        ("城管局", ["市城市管理局"], True),
        ("住建局", ["市交通运输局", "市住房和城乡建设局"], True),
        ("交通局", ["市城市管理局"], False),
        ("管局", ["市城市管理局"], False),
        ("某某有限公司", ["市城市管理局"], False),
        ("  ", ["市城市管理局"], False),
        ("", ["市城市管理局"], False),
        ("城管局", [], False),
    ],
)
def test_a_unit_is_accused_by_its_names(accused: str, names: list[str], expected: bool) -> None:
    assert is_accused(accused, names) is expected
