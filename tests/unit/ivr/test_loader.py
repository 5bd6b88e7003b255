"""The menu file: what is shipped is sound, and a mistake is told with its line."""

from pathlib import Path

import pytest

import ivr
from core.domain.prompts import STATUS_PROMPTS, read_book
from ivr.menu.loader import load_menus
from ivr.menu.model import Menu, MenuKind
from ivr.menu.tables import MenuFileWrong
from tests.unit.ivr.menu_driver import MENUS, shipped_book

SHIPPED = MENUS.read_text(encoding="utf-8")
CATALOGUE = Path(ivr.__file__).parent / "prompts" / "catalogue.toml"


def line_with(text: str, words: str) -> int:
    return 1 + next(i for i, line in enumerate(text.splitlines()) if words in line)


def mistake(text: str) -> MenuFileWrong:
    with pytest.raises(MenuFileWrong) as caught:
        load_menus(text)
    return caught.value


def test_every_prompt_that_a_menu_can_say_is_in_the_catalogue_in_every_language() -> None:
    prompts = read_book(CATALOGUE.read_text(encoding="utf-8"))
    book = load_menus(SHIPPED, prompts=prompts.templates.keys())
    for language in book.languages:
        assert language.code in prompts.languages
        for prompt_id in book.prompt_ids() | set(STATUS_PROMPTS.values()):
            assert language.code in prompts.templates[prompt_id], prompt_id


def test_the_main_menu_is_short_and_names_the_four_wishes() -> None:
    main = shipped_book().menus["main"]
    assert main.kind is MenuKind.CHOICE
    assert dict(main.keys) == {"1": "consult", "2": "complain", "3": "case_number", "4": "praise"}


@pytest.mark.parametrize(
    ("old", "new", "line_of", "words"),
    [
        ('kind = "choice"', 'kind = "choise"', 'kind = "choise"', "kind 只能是"),
        ('then = "phone_tail"', 'then = "nowhere"', 'then = "nowhere"', "没有名为 nowhere 的菜单"),
        ("length = 13", 'length = "13"', 'length = "13"', "length 应当是数字"),
        ("length = 13", "length = 1.5", "length = 1.5", "length 应当是整数"),
        ("wrong_keys = 3", "wrong_keys = 0", "wrong_keys = 0", "在 1 和 10 之间"),
        ("wrong_keys = 3", "wrong_kays = 3", "wrong_kays = 3", "不认识的字段 wrong_kays"),
        ('says = ["menu_main"]', 'says = "menu_main"', 'says = "menu_main"', "文字列表"),
        ('exit = "agent"', 'exit = "main"', 'exit = "main"', "exit 应当是"),
        ('then = "voicemail_thanks"', 'then = "main"', 'then = "main"', "goodbye"),
        ('back = "#"', 'back = "*"', 'person = "0"', "三个不同的按键"),
        ("default = true", "default = false", "default = false", "只有一种语言"),
        ("default = true", "default = 1", "default = 1", "true 或 false"),
        ('2 = "case_number" }', '22 = "case_number" }', "22 =", "按键只能是"),
        ('2 = "case_number" }', "2 = 5 }", "2 = 5 }", "keys 应当写成"),
        ("[flows.closed]", "[flows.nights]", "# What a caller", "缺少 [flows.closed]"),
        ('fills = "case_number"\n', "", "[menus.case_number]", "fills"),
        ('kind = "urge"\n', "", "[menus.case_urge]", "缺少 kind"),
        ('4 = "praise" }', '4 = "praise", 9 = "agent" }', 'key = "9"', "已用于主菜单"),
        ('says = ["menu_praise"]\n', "", "[menus.praise]", "缺少 says"),
        ('reason = "survey"', 'reason = "bored"', 'reason = "bored"', "reason 只能是"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line_of: str, words: str) -> None:
    text = SHIPPED.replace(old, new, 1)
    error = mistake(text)
    assert words in error.message
    told = error.details["line"]
    assert isinstance(told, int)
    assert line_of in text.splitlines()[told - 1], error.message


def test_a_broken_line_is_named() -> None:
    text = SHIPPED.replace("[limits]", "[limits", 1)
    assert mistake(text).details["line"] == line_with(text, "[limits")


def test_a_menu_that_nobody_can_reach_is_refused() -> None:
    text = SHIPPED + '\n[menus.lost]\nkind = "queue"\nsays = ["connecting_agent"]\n'
    error = mistake(text)
    assert "没有任何按键" in error.message
    assert error.details["line"] == line_with(text, "[menus.lost]")


def test_keys_belong_to_choices_only() -> None:
    text = SHIPPED.replace(
        '[menus.agent]\nkind = "queue"', '[menus.agent]\nkind = "queue"\nkeys = { 1 = "main" }'
    )
    assert "choice" in mistake(text).message


def test_a_table_that_is_no_table_is_refused() -> None:
    assert "[menus.oops]" in mistake("[menus]\noops = 3\n").message
    assert "应当是表" in mistake("menus = 3\n").message
    assert "应当是表" in mistake("limits = 3\n").message


def test_an_unknown_prompt_is_named_with_its_menu() -> None:
    with pytest.raises(MenuFileWrong, match=r"\[menus.main\] 语音目录里没有 menu_main"):
        load_menus(SHIPPED, prompts={"menu_consult"})


def test_two_languages_may_share_a_key_and_a_third_needs_its_own() -> None:
    third = SHIPPED.replace("[limits]", '[languages.ja]\nkey = "9"\n\n[limits]', 1)
    assert "已用于另一种语言" in mistake(third).message
    own = SHIPPED.replace('[languages.en]\nkey = "9"', '[languages.en]\nkey = "8"', 1)
    own = own.replace("[limits]", '[languages.ja]\nkey = "7"\n\n[limits]', 1)
    book = load_menus(own)
    assert book.language_of_key("7", "zh") == "ja"
    assert book.language_of_key("9", "ja") == "zh"
    assert book.language_of_key("7", "ja") is None


def test_a_menu_has_sensible_defaults() -> None:
    assert Menu("x", MenuKind.QUEUE).then == "person"
