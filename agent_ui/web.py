"""What every page handler uses: the log-in behind a request, and pages in its language."""

import base64
from collections.abc import Mapping

from aiohttp import web

from agent_ui.deps import (
    DEPS,
    FORM_TOKEN,
    LANGUAGE,
    LOG_IN,
    NAVIGATION,
    NONCE,
    REQUEST_ID,
    Deps,
    LogIn,
)
from agent_ui.i18n import Catalogue
from core.auth import Permission

SESSION_COOKIE = "hotline_session"
LANGUAGE_COOKIE = "hotline_language"
FORM_COOKIE = "hotline_form"
THEME_COOKIE = "hotline_theme"
DONE_COOKIE = "hotline_done"
THEMES = ("auto", "light", "dark")
_LONGEST_DONE = 300


def deps_of(request: web.Request) -> Deps:
    """What the application was built from."""
    return request.app[DEPS]


def log_in_of(request: web.Request) -> LogIn:
    """The log-in of a request that a guard has let through."""
    return request[LOG_IN]


def texts_of(request: web.Request) -> Catalogue:
    """The texts in the language of the request."""
    return deps_of(request).catalogues[request[LANGUAGE]]


def address_of(request: web.Request) -> str:
    """Where the request came from."""
    return request.remote or "unknown"


def page(
    request: web.Request, template: str, values: Mapping[str, object], *, status: int = 200
) -> web.Response:
    """Render a template with what every page has."""
    deps = deps_of(request)
    log_in = request.get(LOG_IN)
    theme = request.cookies.get(THEME_COOKIE, "auto")
    shared: dict[str, object] = {
        "city_name": deps.options.city_name,
        "principal": log_in.principal if log_in else None,
        "menu": request.app[NAVIGATION].of(log_in.principal) if log_in else (),
        "csrf": log_in.csrf if log_in else request[FORM_TOKEN],
        "may": lambda name: log_in is not None and log_in.principal.can(Permission(name)),
        "done": _what_was_done(request) if request.method == "GET" else "",
        "nonce": request[NONCE],
        "request_id": request[REQUEST_ID],
        "path": request.path_qs,
        "theme": theme if theme in THEMES else "auto",
    }
    text = deps.renderer.render(template, request[LANGUAGE], shared | dict(values))
    answer = web.Response(
        text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"}
    )
    if shared["done"]:
        answer.del_cookie(DONE_COOKIE)
    return answer


def see_other(where: str) -> web.HTTPSeeOther:
    """After a form: look at this page next."""
    return web.HTTPSeeOther(where)


def done(where: str, said: str) -> web.HTTPSeeOther:
    """After a form that changed something: the next page says once what was done."""
    answer = web.HTTPSeeOther(where)
    kept = base64.urlsafe_b64encode(said[:_LONGEST_DONE].encode()).decode()
    answer.set_cookie(DONE_COOKIE, kept, httponly=True, samesite="Strict", max_age=60)
    return answer


def _what_was_done(request: web.Request) -> str:
    try:
        return base64.urlsafe_b64decode(request.cookies.get(DONE_COOKIE, "")).decode()
    except ValueError:
        return ""


def safe_next(where: str) -> str:
    """A page of ours to go on to; anything that could lead elsewhere becomes the start page."""
    ours = where.startswith("/") and not where.startswith(("//", "/\\")) and "\n" not in where
    return where if ours else "/"
