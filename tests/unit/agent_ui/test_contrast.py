"""Text and its ground in every theme: at least 4.5 to 1."""

import re

import pytest

from agent_ui.assets import STATIC_FOLDER

TOKENS = (STATIC_FOLDER / "css" / "tokens.css").read_text(encoding="utf-8")
TONES = ("ready", "ringing", "talking", "paused", "wrap", "off", "good", "bad", "caller", "agent",
         "machine")  # fmt: skip
INKS = ("ink", "ink-soft", "link")
PAIRS = [
    *[(tone, f"{tone}-ground") for tone in TONES],
    *[(ink, ground) for ink in INKS for ground in ("surface", "ground", "sunken")],
    *[("ink", f"{tone}-ground") for tone in TONES],
    ("ink-faint", "surface"), ("ink-faint", "sunken"), ("on-accent", "accent"),
    ("surface", "good"), ("bad", "surface"), ("caller", "surface"),
]  # fmt: skip


def themes() -> dict[str, dict[str, str]]:
    light, dark = {}, {}
    for selector, body in re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS):
        found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))
        (dark if "data-theme" in selector else light).update(found)
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = themes()[theme]
    low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
    assert (high + 0.05) / (low + 0.05) >= 4.5
