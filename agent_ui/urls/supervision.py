"""The supervision officer's and the director's pages."""

from agent_ui.urls.base import Menu, Table

TABLE: Table = ()
MENU: Menu = ()
