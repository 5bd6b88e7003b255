"""Turns the text of menus.toml into a sound menu book, or tells the mistake and its line."""

from collections.abc import Collection, Mapping

from ivr.menu.checks import check_book
from ivr.menu.messages import HangupReason
from ivr.menu.model import (
    KEYS,
    ORDINARY_PRIORITY,
    PERSON,
    ControlKeys,
    Field,
    Flow,
    Language,
    Limits,
    Menu,
    MenuBook,
    MenuKind,
)
from ivr.menu.tables import Source, Table

_LONGEST_SECONDS = 600.0


def load_menus(
    text: str, *, name: str = "menus.toml", prompts: Collection[str] | None = None
) -> MenuBook:
    """The menu book; `prompts` are the ids of the catalogue, to be checked against if given."""
    source = Source(name, text)
    root = Table(source, "", source.parse())
    book = MenuBook(
        menus={menu_id: _menu(menu_id, table) for menu_id, table in root.tables("menus")},
        flows={flow: _flow(table) for flow, table in root.tables("flows")},
        languages=tuple(_language(code, table) for code, table in root.tables("languages")),
        limits=_limits(root.table("limits")),
        control=_control(root.table("control")),
    )
    root.done()
    check_book(book, source, prompts)
    return book


def _menu(menu_id: str, table: Table) -> Menu:
    menu = Menu(
        menu_id=menu_id,
        kind=table.word("kind", MenuKind),
        says=table.texts("says"),
        says_wrong=table.maybe_text("says_wrong"),
        keys=_keys(table),
        then=table.text("then", PERSON),
        otherwise=table.text("otherwise", PERSON),
        on_silence=table.text("on_silence", PERSON),
        fills=table.word("fills", Field) if "fills" in table.raw else None,
        length=table.whole("length", 0, least=0, most=20),
        highest=table.whole("highest", 5, least=1, most=9),
        skills=table.texts("skills"),
        priority=table.whole("priority", ORDINARY_PRIORITY, least=1, most=99),
        reason=table.word("reason", HangupReason, HangupReason.DONE),
        max_seconds=table.number("max_seconds", 180.0, least=1, most=_LONGEST_SECONDS),
        least_seconds=table.number("least_seconds", 2.0, least=0, most=30),
    )
    table.done()
    return menu


def _keys(table: Table) -> Mapping[str, str]:
    keys = table.mapping("keys")
    for key in keys:
        if len(key) != 1 or key not in KEYS:
            raise table.wrong("keys", f"按键只能是 0 到 9、* 或 #，不能是 {key}")
    return keys


def _flow(table: Table) -> Flow:
    flow = Flow(start=table.text("start"), exit=table.text("exit"))
    table.done()
    return flow


def _language(code: str, table: Table) -> Language:
    key = table.text("key")
    if len(key) != 1 or key not in KEYS:
        raise table.wrong("key", "key 应当是电话上的一个按键")
    language = Language(code, key, table.flag("default"))
    table.done()
    return language


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = Limits(
        silence_seconds=table.number("silence_seconds", usual.silence_seconds, least=1, most=60),
        between_keys_seconds=table.number(
            "between_keys_seconds", usual.between_keys_seconds, least=1, most=60
        ),
        lookup_seconds=table.number("lookup_seconds", usual.lookup_seconds, least=0.5, most=60),
        prompt_seconds=table.number(
            "prompt_seconds", usual.prompt_seconds, least=5, most=_LONGEST_SECONDS
        ),
        silences=table.whole("silences", usual.silences, least=1, most=5),
        wrong_keys=table.whole("wrong_keys", usual.wrong_keys, least=1, most=10),
        unknown_cases=table.whole("unknown_cases", usual.unknown_cases, least=1, most=10),
        moves=table.whole("moves", usual.moves, least=5, most=200),
        keys=table.whole("keys", usual.keys, least=20, most=1000),
    )
    table.done()
    return limits


def _control(table: Table) -> ControlKeys:
    usual = ControlKeys()
    control = ControlKeys(
        person=table.text("person", usual.person),
        repeat=table.text("repeat", usual.repeat),
        back=table.text("back", usual.back),
    )
    table.done()
    keys = [control.person, control.repeat, control.back]
    if any(len(key) != 1 or key not in KEYS for key in keys) or len(set(keys)) != len(keys):
        raise table.wrong("person", "person、repeat、back 应当是三个不同的按键")
    return control
