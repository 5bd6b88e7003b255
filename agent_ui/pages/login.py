"""Logging in and out."""

import asyncio
import logging

from aiohttp import web

from agent_ui.deps import LOG_IN, Deps
from agent_ui.pages.home import start_page
from agent_ui.web import (
    SESSION_COOKIE,
    address_of,
    deps_of,
    log_in_of,
    page,
    safe_next,
    see_other,
    texts_of,
)
from core.actions.accounts import close_session, open_session, principal_of
from core.auth import hash_password, password_matches
from core.db.repos.people import account_by_name
from core.db.tables.people import AccountRow
from core.errors import LoginRefused
from core.rate_limit import ACCOUNT_LIMIT, ADDRESS_LIMIT
from core.vault import Vault

logger = logging.getLogger(__name__)
MAX_NAME = 64
MAX_PASSWORD = 256
#: Verified when the account is unknown, so that the answer takes as long as for a known one.
_DECOY = hash_password("decoy")


async def form(request: web.Request) -> web.StreamResponse:
    """The log-in page."""
    log_in = request.get(LOG_IN)
    next_page = safe_next(request.query.get("next", "/"))
    if log_in is not None:
        raise see_other(next_page if next_page != "/" else start_page(log_in.principal))
    return _form(request, account="", next_page=next_page, problem="")


async def log_in(request: web.Request) -> web.StreamResponse:
    """Check name and password; open a session."""
    data = await request.post()
    account = str(data.get("account", "")).strip()[:MAX_NAME]
    password = str(data.get("password", ""))[:MAX_PASSWORD]
    next_page = safe_next(str(data.get("next", "/")))
    try:
        found = await _check(deps_of(request), account, password, address_of(request))
    except LoginRefused as refused:
        problem = texts_of(request).gettext(refused.message)
        status = 429 if refused.details.get("limited") else 403
        return _form(request, account=account, next_page=next_page, problem=problem, status=status)
    return await _open(request, found, next_page)


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session and close its desks."""
    deps, log_in = deps_of(request), log_in_of(request)
    async with deps.database.work() as work:
        await close_session(
            work, request.cookies.get(SESSION_COOKIE, ""), actor=log_in.principal.agent_id
        )
        await work.commit()
    deps.close_session(log_in.key)
    answer = see_other("/login")
    answer.del_cookie(SESSION_COOKIE)
    raise answer


async def _check(deps: Deps, account: str, password: str, address: str) -> AccountRow:
    """The account, if the password is right. Raises LoginRefused."""
    name_key = _limit_key(deps.vault, account)
    await deps.limiter.check("login-address", address, ADDRESS_LIMIT)
    await deps.limiter.check("login-account", name_key, ACCOUNT_LIMIT)
    async with deps.database.sessions() as session:
        found = await account_by_name(session, account) if account else None
    stored = found.password_hash if found else _DECOY
    # Argon2 is slow on purpose; it must not hold up every other page.
    matches = await asyncio.to_thread(password_matches, stored, password)
    if found is None or not matches:
        await deps.limiter.failed("login-address", address, ADDRESS_LIMIT)
        await deps.limiter.failed("login-account", name_key, ACCOUNT_LIMIT)
        logger.info("log-in refused", extra={"known_account": found is not None})
        raise LoginRefused("账号或密码不正确")
    await deps.limiter.succeeded("login-account", name_key)
    return found


def _limit_key(vault: Vault, account: str) -> str:
    """People type passwords into the name field: what they typed is not kept in clear."""
    return vault.fingerprint(f"login:{account.lower()}")[:32]


async def _open(request: web.Request, account: AccountRow, next_page: str) -> web.StreamResponse:
    deps = deps_of(request)
    hours = deps.options.session_hours
    async with deps.database.work() as work:
        token, _ = await open_session(work, account, hours=hours, address=address_of(request))
        await work.commit()
    principal = principal_of(account)
    answer = see_other(next_page if next_page != "/" else start_page(principal))
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=deps.options.secure_cookies,
        max_age=hours * 3600,
    )
    raise answer


def _form(
    request: web.Request, *, account: str, next_page: str, problem: str, status: int = 200
) -> web.Response:
    values = {"account": account, "next_page": next_page, "problem": problem}
    return page(request, "login/login.html", values, status=status)
