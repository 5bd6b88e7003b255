"""What a program with a token may do (REST API), and what webhooks tell of."""

from enum import StrEnum


class Scope(StrEnum):
    """One right of a token."""

    CREATE_CASES = "cases:create"
    READ_CASES = "cases:read"
    SEARCH_CASES = "cases:search"
    READ_LEGS = "legs:read"
    WRITE_LEGS = "legs:write"
    EXCHANGE = "exchange"
    WEBHOOKS = "webhooks"


SCOPE_NAMES: dict[Scope, str] = {
    Scope.CREATE_CASES: "登记工单",
    Scope.READ_CASES: "查看工单",
    Scope.SEARCH_CASES: "查询工单",
    Scope.READ_LEGS: "查看承办单",
    Scope.WRITE_LEGS: "办理承办单",
    Scope.EXCHANGE: "与 110 交换",
    Scope.WEBHOOKS: "订阅通知",
}

#: Events that a webhook may ask for; each is told without any personal data.
WEBHOOK_EVENTS = ("CaseSubmitted", "CaseStatusChanged", "CaseNoted", "ClockAnnounced")


class DeliveryState(StrEnum):
    """Where a webhook's message is."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"
