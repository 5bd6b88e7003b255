"""Language and colours: a person's choice, kept in the browser."""

from aiohttp import web

from agent_ui.web import (
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    THEMES,
    deps_of,
    safe_next,
    see_other,
)

_YEAR_SECONDS = 365 * 24 * 3600


async def save(request: web.Request) -> web.StreamResponse:
    """Keep the choice and go back to where it was made."""
    data = await request.post()
    deps = deps_of(request)
    answer = see_other(safe_next(str(data.get("back", "/"))))
    chosen = {
        LANGUAGE_COOKIE: str(data.get("language", "")),
        THEME_COOKIE: str(data.get("theme", "")),
    }
    allowed = {LANGUAGE_COOKIE: tuple(deps.catalogues), THEME_COOKIE: THEMES}
    for cookie, value in chosen.items():
        if value in allowed[cookie]:
            answer.set_cookie(
                cookie,
                value,
                max_age=_YEAR_SECONDS,
                samesite="Lax",
                secure=deps.options.secure_cookies,
                httponly=True,
            )
    raise answer
