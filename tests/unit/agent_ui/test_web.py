"""Small rules of the pages."""

import pytest

from agent_ui.assets import Assets
from agent_ui.i18n import load_catalogues
from agent_ui.rendering import Renderer, value_text
from agent_ui.web import safe_next


@pytest.mark.parametrize(
    "where",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "", "/a\nb"],
)
def test_a_log_in_never_leads_away_from_our_pages(where: str) -> None:
    assert safe_next(where) == "/"


def test_a_log_in_leads_back_to_the_page_that_was_asked_for() -> None:
    assert safe_next("/cases/42?x=1") == "/cases/42?x=1"


def test_every_template_compiles_in_every_language() -> None:
    renderer = Renderer(assets=Assets(), catalogues=load_catalogues())
    for environment in renderer._environments.values():
        for name in renderer.template_names():
            environment.get_template(name)


def test_a_hashed_name_leads_to_its_file_and_another_hash_to_nothing() -> None:
    assets = Assets()
    url = assets.url("css/tokens.css")
    found = assets.find(url)
    assert found is not None
    assert found.path.name == "tokens.css"
    assert assets.find("/static/css/tokens.0000000000.css") is None
    assert assets.find("/static/../deps.py") is None


def test_values_of_a_draft_read_as_text() -> None:
    assert value_text(["城市管理", "路灯照明"], "/") == "城市管理/路灯照明"
    assert value_text({"name": "人民路"}, "、") == "人民路"
    assert value_text(None, "、") == ""
