"""The dispatcher's pool and rulings."""

from agent_ui.urls.base import Menu, Table

TABLE: Table = ()
MENU: Menu = ()
