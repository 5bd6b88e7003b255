"""Builds the web application from what it needs."""

from aiohttp import web

from agent_ui import middleware, routes
from agent_ui.deps import DEPS, NAVIGATION, Deps, Navigation

#: The largest form: a case text of 20,000 characters is far below it.
MAX_FORM_BYTES = 256 * 1024


def build_app(deps: Deps) -> web.Application:
    """The application with every page; nothing is started yet."""
    app = web.Application(middlewares=middleware.ALL, client_max_size=MAX_FORM_BYTES)
    app[DEPS] = deps
    app[NAVIGATION] = Navigation(routes.menu_of)
    routes.add_to(app)
    return app
