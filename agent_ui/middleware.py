"""Around every request: its number, security headers, errors as pages, session, language, CSRF."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import cast

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from agent_ui.deps import DEPS, FORM_TOKEN, LANGUAGE, LOG_IN, NONCE, REQUEST_ID, LogIn
from agent_ui.i18n import choose_language
from agent_ui.uploads import FILE_FORM, FILE_FORM_PAGES, read_file_form
from agent_ui.web import FORM_COOKIE, LANGUAGE_COOKIE, SESSION_COOKIE, page
from core.actions.accounts import principal_of
from core.auth import new_token, token_hash
from core.db.repos.people import session_account
from core.errors import HotlineError, InputRefused, NotAllowed, Unavailable
from core.ids import new_id
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: The one place where our errors become HTTP.
STATUS_OF: Mapping[str, int] = {
    "input_refused": 400,
    "login_refused": 403,
    "not_allowed": 403,
    "not_found": 404,
    "conflict": 409,
    "transition_refused": 409,
    "token_refused": 401,
    "too_often": 429,
    "wrong_content": 415,
    "unavailable": 503,
}
_PLAIN_MESSAGES: Mapping[int, str] = {
    400: "请求的内容不完整或格式不对",
    403: "您没有进行此操作的权限",
    404: "没有找到这个页面",
    405: "这个地址不接受此种请求",
    413: "提交的内容过大",
}
_FIRST_ERROR = 400
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_TYPE = "application/x-www-form-urlencoded"
_FILE_FORM_TYPE = "multipart/form-data"


class NotLoggedIn(NotAllowed):
    """The page needs a log-in and there is none (any more)."""

    code = "not_logged_in"


class FormExpired(NotAllowed):
    """The form was not made by us for this person."""

    code = "form_expired"


@web.middleware
async def number_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request a number and the answer its security headers."""
    request[REQUEST_ID] = new_id()
    request[NONCE] = new_token()
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_security_headers(request))
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    return response


def _security_headers(request: web.Request) -> dict[str, str]:
    options = request.app[DEPS].options
    host = request.url.host or "127.0.0.1"
    sockets = " ".join(
        f"{scheme}://{host}:{port}"
        for scheme in ("ws", "wss")
        for port in (options.desk_port, options.sip_port)
    )
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{request[NONCE]}'; style-src 'self'; "
        f"img-src 'self' data:; media-src 'self' blob:; connect-src 'self' {sockets}; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if options.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


@web.middleware
async def show_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a page (or JSON) that says it in one sentence."""
    try:
        return await handler(request)
    except NotLoggedIn as error:
        if _wants_json(request) or request.method not in _SAFE_METHODS:
            return _problem(request, 401, error.code, error.message)
        raise web.HTTPSeeOther(f"/login?next={request.path}") from error
    except HotlineError as error:
        return _problem(request, _status_of(error), error.code, error.message, error.details)
    except web.HTTPException as error:
        if error.status < _FIRST_ERROR:
            raise
        return _problem(request, error.status, "http", _PLAIN_MESSAGES.get(error.status, ""))
    except (SQLAlchemyError, OSError):
        LOOP_ERRORS.labels("web_storage").inc()
        logger.exception("page failed on storage", extra={"request_id": request[REQUEST_ID]})
        return _problem(request, 503, Unavailable.code, "系统暂时不可用，请稍后再试")
    except Exception:
        # The outermost loop of a request: whatever it was, the process lives and says so.
        LOOP_ERRORS.labels("web").inc()
        logger.exception("page failed", extra={"request_id": request[REQUEST_ID]})
        return _problem(request, 500, "internal", "系统出错，已记录，请稍后再试")


def _status_of(error: HotlineError) -> int:
    for kind in type(error).__mro__:
        status = STATUS_OF.get(str(getattr(kind, "code", "")))
        if status is not None:
            return status
    return 500


def _wants_json(request: web.Request) -> bool:
    return _is_api(request) or "application/json" in request.headers.get("Accept", "")


def _is_api(request: web.Request) -> bool:
    """Programs come with a token and no cookie: neither a session nor a form token is theirs."""
    return request.path.startswith("/api/v1/")


def _problem(
    request: web.Request,
    status: int,
    code: str,
    message: str,
    details: Mapping[str, object] = MappingProxyType({}),
) -> web.Response:
    request.setdefault(LANGUAGE, _language(request))
    texts = request.app[DEPS].catalogues[request[LANGUAGE]]
    said = texts.gettext(message or "请求无法完成")
    if _wants_json(request):
        body: dict[str, object] = {"code": code, "message": said, "request_id": request[REQUEST_ID]}
        if "fields" in details:
            body["fields"] = list(cast("Iterable[str]", details["fields"]))
        return web.json_response(body, status=status)
    request.setdefault(FORM_TOKEN, "")
    return page(request, "error.html", {"status": status, "message": said}, status=status)


@web.middleware
async def know_visitor(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the session and the language; keep a form token for those without a session."""
    request[LANGUAGE] = _language(request)
    if request.path.startswith("/static/") or _is_api(request):
        return await handler(request)
    log_in = await _log_in(request)
    if log_in is not None:
        request[LOG_IN] = log_in
    known = request.cookies.get(FORM_COOKIE, "")
    request[FORM_TOKEN] = known or new_token()
    response = await handler(request)
    if not known and log_in is None and not response.prepared:
        response.set_cookie(
            FORM_COOKIE,
            request[FORM_TOKEN],
            httponly=True,
            samesite="Strict",
            secure=request.app[DEPS].options.secure_cookies,
        )
    return response


def _language(request: web.Request) -> str:
    deps = request.app[DEPS]
    chosen = request.cookies.get(LANGUAGE_COOKIE) or deps.options.language
    return choose_language(chosen, request.headers.get("Accept-Language"), deps.catalogues)


async def _log_in(request: web.Request) -> LogIn | None:
    token = request.cookies.get(SESSION_COOKIE, "")
    if not token:
        return None
    deps = request.app[DEPS]
    async with deps.database.sessions() as session:
        found = await session_account(session, token, deps.clock.now())
    if found is None:
        return None
    row, account = found
    return LogIn(principal=principal_of(account), csrf=row.csrf, key=token_hash(token))


@web.middleware
async def check_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A form must carry the token that we wrote into it for this person."""
    if request.method in _SAFE_METHODS or _is_api(request):
        return await handler(request)
    log_in = request.get(LOG_IN)
    expected = log_in.csrf if log_in else request.cookies.get(FORM_COOKIE, "")
    if request.content_type == _FILE_FORM_TYPE:
        await _check_file_form(request, expected)
        return await handler(request)
    given = request.headers.get("X-Form-Token", "")
    if not given and request.content_type == _FORM_TYPE:
        given = str((await request.post()).get("csrf", ""))
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormExpired("页面已过期，请刷新后重试")
    return await handler(request)


async def _check_file_form(request: web.Request, expected: str) -> None:
    if not request.path.startswith(FILE_FORM_PAGES):
        raise InputRefused("请求的内容不完整或格式不对")
    form = await read_file_form(request, expected)
    if form is None:
        raise FormExpired("页面已过期，请刷新后重试")
    request[FILE_FORM] = form


ALL = (number_requests, show_errors, know_visitor, check_forms)
