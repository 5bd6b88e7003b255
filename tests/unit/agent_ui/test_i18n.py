"""Languages: every text that can be shown is translated."""

import re

import pytest
from babel.messages.extract import extract_from_dir

from agent_ui.i18n import HERE, Catalogue, choose_language, load_catalogues, script_messages
from agent_ui.steps.forms import FORMS
from core.domain.access import SEEN_NAMES
from core.domain.case_steps import GUARD_SENTENCES, CaseAction
from core.domain.cases import STATUS_NAMES, CaseType, Urgency
from core.domain.legs import LEG_NAMES
from core.domain.sides import ORDER_NAMES, REQUEST_NAMES, SUPERVISION_KINDS

HAN = re.compile(r"[一-鿿]")


def template_messages() -> set[str]:
    found = extract_from_dir(
        HERE / "templates",
        directory_filter=lambda _folder: True,
        method_map=[("**.html", "jinja2.ext.babel_extract")],
        options_map={"**.html": {"trimmed": "false"}},
    )
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def program_messages() -> set[str]:
    found = extract_from_dir(
        HERE,
        directory_filter=lambda _folder: True,
        method_map=[("**.py", "python")],
        keywords={"mark": None, "gettext": None},
    )
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def core_words() -> set[str]:
    """The words of the trade that pages translate where they show them."""
    fields = [field for form in FORMS.values() for field in form.fields]
    return {
        *STATUS_NAMES.values(), *LEG_NAMES.values(), *GUARD_SENTENCES.values(),
        *REQUEST_NAMES.values(), *SUPERVISION_KINDS.values(), *ORDER_NAMES.values(),
        *(action.value for action in CaseAction), *(kind.value for kind in CaseType),
        *SEEN_NAMES.values(),
        *(urgency.value for urgency in Urgency),
        *(field.words.get(choice, choice) for field in fields for choice in field.choices),
    }  # fmt: skip


def test_every_text_of_the_pages_is_in_the_english_catalogue() -> None:
    english = load_catalogues()["en"].texts
    wanted = template_messages() | set(script_messages()) | program_messages()
    wanted |= core_words()
    assert sorted(text for text in wanted if HAN.search(text) and text not in english) == []


def test_a_text_without_a_translation_is_shown_in_chinese() -> None:
    assert Catalogue({}).gettext("就绪") == "就绪"


@pytest.mark.parametrize(
    ("cookie", "accepted", "chosen"),
    [("en", "zh-CN", "en"), (None, "en-GB,en;q=0.9", "en"), (None, "fr", "zh"), ("xx", None, "zh")],
)
def test_the_persons_choice_goes_before_the_browsers(
    cookie: str | None, accepted: str | None, chosen: str
) -> None:
    assert choose_language(cookie, accepted, ("zh", "en")) == chosen
