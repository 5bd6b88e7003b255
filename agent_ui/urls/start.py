"""Logging in and out, preferences, static files, the sign of life."""

from agent_ui.pages import files, home, login, preferences
from agent_ui.urls.base import Menu, Table

TABLE: Table = (
    ("GET", "/", "logged in", home.start),
    ("GET", "/login", "anybody", login.form),
    ("POST", "/login", "anybody", login.log_in),
    ("POST", "/logout", "logged in", login.log_out),
    ("POST", "/preferences", "anybody", preferences.save),
    ("GET", "/api/session", "logged in", home.session),
    ("GET", "/healthz", "anybody", files.alive),
    ("GET", "/static/{name:.+}", "anybody", files.static),
)
MENU: Menu = ()
