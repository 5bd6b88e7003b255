"""Writes the browser's copy of the desk's shapes, so that the two cannot drift apart.

`python -m agent_ui.live.typescript` rewrites static/js/types.d.ts; a test fails when it is stale.
"""

from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, get_args, get_origin, get_type_hints, is_typeddict

from agent_ui.live import views

TARGET = Path(__file__).parents[1] / "static" / "js" / "types.d.ts"
_SIMPLE: dict[object, str] = {
    NoneType: "null",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    object: "unknown",
}


def typescript() -> str:
    """All shapes of agent_ui.live.views as TypeScript declarations."""
    lines = ["// Generated from agent_ui/live/views.py; do not edit."]
    for name, shape in vars(views).items():
        if is_typeddict(shape) and shape.__module__ == views.__name__:
            lines += ["", f"/** {(shape.__doc__ or '').strip()} */", f"export type {name} = {{"]
            hints = get_type_hints(shape)
            lines += [f"  {key}: {_type(hint)};" for key, hint in hints.items()]
            lines.append("};")
    lines += ["", f"export type DeskEvent = {_type(views.DeskEvent)};", ""]
    return "\n".join(lines)


def _type(hint: object) -> str:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{part}"' for part in parts)
    if origin is UnionType:
        return " | ".join(_type(part) for part in parts)
    if origin is list:
        return f"Array<{_type(parts[0])}>"
    if origin is dict:
        return f"Record<{_type(parts[0])}, {_type(parts[1])}>"
    return str(getattr(hint, "__name__", "unknown"))


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
