"""The departments' portal."""

from agent_ui.urls.base import Menu, Table

TABLE: Table = ()
MENU: Menu = ()
