"""What a line of a URL table and an entry of the navigation are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiohttp import web

from core.auth import Permission, Principal

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Access: TypeAlias = Literal["anybody", "logged in"] | Permission
#: Method, address, who may, handler.
Table: TypeAlias = tuple[tuple[str, str, Access, Handler], ...]


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page in the main navigation. name: a text marked for translation with `mark`."""

    address: str
    name: str
    shown_to: Callable[[Principal], bool]


Menu: TypeAlias = tuple[MenuEntry, ...]


def those_who(*rights: Permission) -> Callable[[Principal], bool]:
    """People with any of these rights."""
    return lambda principal: any(principal.can(right) for right in rights)
