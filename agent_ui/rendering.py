"""Renders templates: one Jinja environment for each language, escaped by default."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from agent_ui.assets import Assets
from agent_ui.clocks import duration_in_words, left_in_words
from agent_ui.i18n import HTML_LANG, LANGUAGE_NAMES, Catalogue, script_messages
from agent_ui.looks import CASE_LOOKS, CHANNEL_NAMES, LAMP_LOOKS, ORDER_LOOKS, VERDICT_LOOKS
from core.clock import city_time
from core.domain.cases import spoken_groups
from core.domain.drafts import FieldValue
from core.domain.sides import REQUEST_NAMES, SUPERVISION_KINDS

TEMPLATE_FOLDER = Path(__file__).parent / "templates"


class Renderer:
    """Turns a template's name and its values into a page."""

    def __init__(self, *, assets: Assets, catalogues: Mapping[str, Catalogue]) -> None:
        messages = script_messages()
        self._environments = {
            language: _environment(language, catalogue, assets, messages)
            for language, catalogue in catalogues.items()
        }

    def render(self, template: str, language: str, values: Mapping[str, object]) -> str:
        """The page as text."""
        return self._environments[language].get_template(template).render(values)

    def template_names(self) -> list[str]:
        """Every template there is."""
        return next(iter(self._environments.values())).list_templates()


def _environment(
    language: str, catalogue: Catalogue, assets: Assets, messages: list[str]
) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    cast("Any", environment).install_gettext_translations(catalogue, newstyle=True)
    environment.globals |= {
        "language": language,
        "html_lang": HTML_LANG.get(language, language),
        "language_names": LANGUAGE_NAMES,
        "asset": assets.url,
        "has_asset": assets.has,
        "import_map": Markup(assets.import_map()),  # noqa: S704 - made of our own file names
        "lamp_looks": LAMP_LOOKS,
        "case_looks": CASE_LOOKS,
        "verdict_looks": VERDICT_LOOKS,
        "order_looks": ORDER_LOOKS,
        "order_kinds": SUPERVISION_KINDS,
        "channel_names": CHANNEL_NAMES,
        "request_names": REQUEST_NAMES,
        "script_texts": catalogue.only(messages),
    }
    environment.filters |= {
        "when": _when,
        "minute": _minute,
        "short": _short,
        "left_words": lambda view: left_in_words(view, catalogue.gettext),
        "span_words": lambda span: duration_in_words(span, catalogue.gettext),
        "day": _day,
        "plain": _plain,
        "clock": _clock,
        "groups": spoken_groups,
        "json_block": _json_block,
        "field_text": _field_text,
        "value_text": value_text,
        "told_when": lambda told: _when(datetime.fromisoformat(told)),
    }
    return environment


def _when(instant: datetime) -> str:
    return f"{city_time(instant):%Y-%m-%d %H:%M:%S}"


def _minute(instant: datetime) -> str:
    return f"{city_time(instant):%Y-%m-%d %H:%M}"


def _plain(number: Decimal) -> str:
    """A count without needless noughts: 12, 12.5."""
    return f"{number.normalize():f}"


def _short(instant: datetime) -> str:
    return f"{city_time(instant):%m-%d %H:%M}"


def _day(instant: datetime) -> str:
    return f"{city_time(instant):%Y-%m-%d}"


def _clock(milliseconds: int) -> str:
    seconds = max(0, milliseconds // 1000)
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def _field_text(field: FieldValue, name: str) -> str:
    """A field's value in words; a category's levels read as a path."""
    return value_text(field.value, "/" if name == "category" else "、")


def value_text(value: object, separator: str) -> str:
    """Any value of a draft as text for people."""
    if value is True:
        return "✓"
    if isinstance(value, list | tuple):
        return separator.join(value_text(one, separator) for one in value)
    if isinstance(value, Mapping):
        named = value.get("name") or value.get("value") or value.get("text") or ""
        return value_text(named, separator)
    return "" if value in (None, False) else str(value)


def _json_block(value: object) -> Markup:
    """JSON for a <script type="application/json"> block: nothing in it can end the block."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704 - escaped on the line above
