"""Personal data: revealing it with a reason, and who saw it."""

from agent_ui.urls.base import Menu, Table

TABLE: Table = ()
MENU: Menu = ()
