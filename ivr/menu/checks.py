"""What must hold between the menus: every target exists, every way ends, nothing is left over."""

from collections.abc import Collection, Iterator

from ivr.menu.model import CALLBACK, CLOSED, INBOUND, PERSON, SURVEY, Menu, MenuBook, MenuKind
from ivr.menu.tables import MenuFileWrong, Source

_EXITS = frozenset({MenuKind.QUEUE, MenuKind.VOICEMAIL, MenuKind.GOODBYE})
#: Kinds whose `then` is where they go on.
_GO_ON = frozenset({MenuKind.NUMBER, MenuKind.LOOKUP, MenuKind.URGE})
#: Kinds after which only a farewell makes sense.
_LAST = frozenset({MenuKind.VOICEMAIL, MenuKind.RATING})
_SPEAKING = frozenset(set(MenuKind) - {MenuKind.LOOKUP, MenuKind.URGE})


def check_book(book: MenuBook, source: Source, prompts: Collection[str] | None) -> None:
    """Raise MenuFileWrong for the first thing that does not fit."""
    for check in (_flows, _targets, _menus, _languages, _all_reached):
        for wrong in check(book, source):
            raise wrong
    if prompts is not None:
        for wrong in _prompts(book, source, prompts):
            raise wrong


def _wrong(source: Source, table: str, key: str | None, what: str) -> MenuFileWrong:
    return source.wrong(source.line_of(table, key), f"[{table}] {what}")


def _flows(book: MenuBook, source: Source) -> Iterator[MenuFileWrong]:
    for name in (INBOUND, CLOSED, SURVEY, CALLBACK):
        if name not in book.flows:
            yield source.wrong(1, f"缺少 [flows.{name}]")
    for name, flow in book.flows.items():
        for key, target in (("start", flow.start), ("exit", flow.exit)):
            if target not in book.menus:
                yield _wrong(source, f"flows.{name}", key, f"没有名为 {target} 的菜单")
        if flow.exit in book.menus and book.menus[flow.exit].kind not in _EXITS:
            yield _wrong(
                source, f"flows.{name}", "exit", "exit 应当是 queue、voicemail 或 goodbye 类的菜单"
            )


def targets_of(menu: Menu) -> Iterator[tuple[str, str]]:
    """Where a menu may lead: (field, menu)."""
    for target in menu.keys.values():
        yield "keys", target
    if menu.kind in _GO_ON | _LAST:
        yield "then", menu.then
    if menu.kind is MenuKind.LOOKUP:
        yield "otherwise", menu.otherwise
    yield "on_silence", menu.on_silence


def _targets(book: MenuBook, source: Source) -> Iterator[MenuFileWrong]:
    for menu in book.menus.values():
        for key, target in targets_of(menu):
            if target != PERSON and target not in book.menus:
                where = f"menus.{menu.menu_id}"
                yield _wrong(source, where, key, f"没有名为 {target} 的菜单")


def _menus(book: MenuBook, source: Source) -> Iterator[MenuFileWrong]:
    for menu in book.menus.values():
        where = f"menus.{menu.menu_id}"
        if menu.kind in _SPEAKING and not menu.says:
            yield _wrong(source, where, None, "缺少 says")
        if menu.keys and menu.kind is not MenuKind.CHOICE:
            yield _wrong(source, where, "keys", "只有 choice 类的菜单可以有 keys")
        if menu.kind is MenuKind.NUMBER and (menu.fills is None or not menu.length):
            yield _wrong(source, where, None, "number 类的菜单要写 fills 和 length")
        is_last = menu.kind in _LAST and menu.fills is None
        if is_last and not _says_goodbye(book, menu.then):
            yield _wrong(source, where, "then", "then 应当是 goodbye 类的菜单")


def _says_goodbye(book: MenuBook, menu_id: str) -> bool:
    return menu_id in book.menus and book.menus[menu_id].kind is MenuKind.GOODBYE


def _languages(book: MenuBook, source: Source) -> Iterator[MenuFileWrong]:
    if sum(language.default for language in book.languages) != 1:
        where = f"languages.{book.languages[0].code}" if book.languages else "languages"
        yield _wrong(source, where, "default", "要有且只有一种语言写 default = true")
    start = book.menus[book.flows[INBOUND].start]
    for spoken in book.languages:
        offered = [language for language in book.languages if language.code != spoken.code]
        keys = [language.key for language in offered]
        for language in offered:
            where = f"languages.{language.code}"
            if keys.count(language.key) > 1:
                yield _wrong(source, where, "key", f"按键 {language.key} 已用于另一种语言")
            if language.key in start.keys:
                yield _wrong(source, where, "key", f"按键 {language.key} 已用于主菜单")


def _all_reached(book: MenuBook, source: Source) -> Iterator[MenuFileWrong]:
    reached: set[str] = set()
    ahead = [menu_id for flow in book.flows.values() for menu_id in (flow.start, flow.exit)]
    while ahead:
        menu_id = ahead.pop()
        if menu_id in reached or menu_id == PERSON:
            continue
        reached.add(menu_id)
        ahead += [target for _, target in targets_of(book.menus[menu_id])]
    for menu_id in book.menus:
        if menu_id not in reached:
            yield _wrong(source, f"menus.{menu_id}", None, "没有任何按键能到达这个菜单")


def _prompts(book: MenuBook, source: Source, prompts: Collection[str]) -> Iterator[MenuFileWrong]:
    for menu in book.menus.values():
        for key, said in (("says", menu.says), ("says_wrong", (menu.says_wrong,))):
            for prompt_id in said:
                if prompt_id is not None and prompt_id not in prompts:
                    where = f"menus.{menu.menu_id}"
                    yield _wrong(source, where, key, f"语音目录里没有 {prompt_id}")
    for prompt_id in sorted(book.prompt_ids()):
        if prompt_id not in prompts:
            yield source.wrong(1, f"语音目录里没有 {prompt_id}")
