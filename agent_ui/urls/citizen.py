"""For citizens, without a log-in."""

from agent_ui.pages import public
from agent_ui.urls.base import Menu, Table

TABLE: Table = (
    ("GET", "/status", "anybody", public.form),
    ("POST", "/status", "anybody", public.look_up),
    ("POST", "/status/press", "anybody", public.press),
)
MENU: Menu = ()
