"""The migrations are one chain: each follows exactly one other, and nothing branches."""

import re
from collections import Counter
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
FILES = sorted(VERSIONS.glob("*.py"))


def value_of(name: str, text: str) -> str | None:
    found = re.search(rf'^{name} = (?:"([^"]+)"|None)$', text, flags=re.MULTILINE)
    assert found is not None
    return found[1]


def test_every_migration_follows_the_one_before_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    pairs = [(value_of("revision", text), value_of("down_revision", text)) for text in texts]
    assert [name for name, count in Counter(one for one, _ in pairs).items() if count > 1] == []
    assert [before for _, before in pairs] == [None, *(one for one, _ in pairs[:-1])]


def test_a_migrations_file_begins_with_its_number() -> None:
    for path in FILES:
        assert path.name.startswith(f"{value_of('revision', path.read_text(encoding='utf-8'))}_")
