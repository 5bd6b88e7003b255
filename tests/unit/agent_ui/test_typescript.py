"""The browser's copy of the desk's shapes."""

from agent_ui.live.typescript import TARGET, typescript


def test_the_browsers_shapes_are_those_of_the_server() -> None:
    assert TARGET.read_text(encoding="utf-8") == typescript()
