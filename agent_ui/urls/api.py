"""The REST API for programs, and its description."""

from functools import partial

from agent_ui.api import openapi
from agent_ui.api.guard import serve
from agent_ui.api.table import ENDPOINTS
from agent_ui.urls.base import Menu, Table

TABLE: Table = (
    ("GET", "/api/openapi.json", "anybody", openapi.page),
    # "anybody": a token, not a log-in, opens these; agent_ui.api.guard asks for it.
    *(
        (endpoint.method, endpoint.path, "anybody", partial(serve, endpoint))
        for endpoint in ENDPOINTS
    ),
)
MENU: Menu = ()
