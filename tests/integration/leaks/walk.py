"""Asks every address of the product as one person, and reads what comes back to the last byte."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import aiohttp

from agent_ui.routes import TABLE
from core.auth import GRANTS, Permission
from tests.integration.leaks.city import UNIT_ROLES, LeakCity
from tests.support.desk import PASSWORD

_PARAMETER = re.compile(r"{(\w+)(?::[^}]*)?}")
#: Addresses that end the walk or are files of our own.
_WRITTEN_TO = 3
_API = "/api/v1/"
_SKIPPED = frozenset({"/logout", "/login", "/static/{name:.+}"})
_HEADERS = ({"Accept": "text/html"}, {"Accept": "application/json"})


#: Method, address, form.
Question = tuple[str, str, dict[str, str]]


@dataclass(frozen=True)
class Questions:
    """What is asked: values of parameters for the whole URL table, and further questions."""

    values: Mapping[str, Sequence[str]]
    more: Sequence[Question] = ()

    def __iter__(self) -> Iterator[Question]:
        for method, address in addresses(self.values):
            if address.startswith(_API):
                continue
            form = {} if method == "GET" else {"reason": "核对", "words": "核对"}
            yield method, address, form
        yield from self.more


@dataclass
class Walk:
    """What one person met. answers: (address, status); leaks: (address, secret, where)."""

    answers: list[tuple[str, int]] = field(default_factory=list)
    leaks: list[tuple[str, str, str]] = field(default_factory=list)
    seen: str = ""


def parameter_values(city: LeakCity, more: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What to put in the place of each parameter; an unknown one makes the test fail."""
    values: dict[str, list[str]] = {
        "case_id": city.names(),
        "number": list(city.numbers.values()),
        "call_id": [city.call, "nobody"],
        "step": ["reply", "ask_return", "order-reply", "urge", "dispatch", "sign"],
    }
    return values | {name: list(found) for name, found in more.items()}


def addresses(values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Method and address of every line of the URL table, reading ones first.

    An address whose right no department has needs no values: it is refused whatever they are.
    """
    lines = sorted(
        (line for line in TABLE if line[1] not in _SKIPPED), key=lambda line: line[0] != "GET"
    )
    for method, address, access, _ in lines:
        names = _PARAMETER.findall(address)
        shut = isinstance(access, Permission) and not any(access in GRANTS[r] for r in UNIT_ROLES)
        unknown = [name for name in names if name not in values and not shut]
        assert not unknown, f"{address}: 请在 test_no_personal_data.py 中给出参数 {unknown} 的取值"
        # What is written is walked with fewer cases: an answer to a form shows the same page.
        most = None if method == "GET" else _WRITTEN_TO
        for chosen in product(*(values.get(name, ["none"])[:most] for name in names)):
            given = iter(chosen)
            yield method, _PARAMETER.sub(lambda _found, given=given: next(given), address)


async def log_in(browser: aiohttp.ClientSession, account: str) -> str:
    """A session of this account; returns its form token."""
    browser.cookie_jar.clear()
    async with browser.get("/login") as answer:
        token = _form_token(await answer.text())
    data = {"csrf": token, "account": account, "password": PASSWORD}
    async with browser.post("/login", data=data, allow_redirects=False) as answer:
        assert answer.status == 303, account
    async with browser.get("/status") as answer:
        return _form_token(await answer.text())


async def walk(
    browser: aiohttp.ClientSession, account: str, asked: Questions, secrets: Sequence[str]
) -> Walk:
    """Every address, read and written to, as this account."""
    found, token = Walk(), await log_in(browser, account)
    for method, address, form in asked:
        data = {"csrf": token, **form} if method != "GET" else None
        twice = method == "GET" and "/cases/" not in address
        for headers in _HEADERS if twice else _HEADERS[:1]:
            async with browser.request(method, address, headers=headers, data=data) as answer:
                body = readable(await answer.read())
                told = f"{dict(answer.headers)} {answer.url} {body}"
            found.answers.append((f"{method} {address}", answer.status))
            found.leaks += [
                (f"{method} {address}", one, _around(told, one)) for one in secrets if one in told
            ]
            found.seen += told if method == "GET" else ""
    return found


async def walk_api(
    http: aiohttp.ClientSession,
    token: str,
    values: Mapping[str, Sequence[str]],
    secrets: Sequence[str],
) -> Walk:
    """Every endpoint of the API, as the program with this token."""
    found, headers = Walk(), {"Authorization": f"Bearer {token}"}
    more = [("GET", f"{_API}cases?words={word}") for word in ("路灯", "解放路")]
    for method, address in [*addresses(values), *more]:
        if not address.startswith(_API):
            continue
        body = None if method in {"GET", "DELETE"} else {"reason_code": "核对"}
        async with http.request(method, address, headers=headers, json=body) as answer:
            told = f"{dict(answer.headers)} {await answer.text()}"
        found.answers.append((f"{method} {address}", answer.status))
        found.leaks += [
            (f"{method} {address}", one, _around(told, one)) for one in secrets if one in told
        ]
        found.seen += told
    return found


def readable(body: bytes) -> str:
    """The text of an answer; a spreadsheet is a zip of texts."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return "".join(
                package.read(name).decode(errors="ignore") for name in package.namelist()
            )
    return body.decode(errors="ignore")


def _around(text: str, secret: str) -> str:
    at = text.index(secret)
    return " ".join(text[max(0, at - 120) : at + 60].split())


def _form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]
