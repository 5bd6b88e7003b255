"""Whether a unit is the one that is reported: it may neither get the case nor see it."""

from collections.abc import Iterable

_SHORTEST = 3


def is_accused(accused: str, names: Iterable[str]) -> bool:
    """Whether the words name one of the units, also by a part of the name or a short form of it.

    >>> is_accused("城管局", ["市城市管理局"]), is_accused("教育局", ["市城市管理局"])
    (True, False)
    """
    bare = "".join(accused.split())
    return bool(bare) and any(_names(bare, name) for name in names if name)


def _names(accused: str, name: str) -> bool:
    if accused in name or name in accused:
        return True
    letters = iter(name)
    return len(accused) >= _SHORTEST and all(letter in letters for letter in accused)
