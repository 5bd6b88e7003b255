"""How a made case lived: one draw after the other from the plan, as rows."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from core.clock import city_time
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import (
    CallbackAttemptRow,
    CaseLinkRow,
    ClockAlarmRow,
    LegRow,
    RequestRow,
    SuperviseRow,
)
from core.domain.cases import CaseStatus, case_number
from hotline.bench.city_plan import Plan, Unit, case_types
from hotline.bench.city_rows import Batch
from hotline.bench.city_words import Wording

S = CaseStatus
LIMIT_DAYS = {"咨询": 2.0, "求助": 5.0, "投诉": 5.0, "举报": 10.0, "建议": 10.0, "表扬": 3.0}
DIRECT_SHARE = {"咨询": 0.92, "表扬": 0.1, "求助": 0.15, "建议": 0.1, "投诉": 0.05, "举报": 0.0}
CHANNELS = ("PHONE",) * 86 + ("WECHAT",) * 6 + ("WEB",) * 5 + ("110",) * 2 + ("LETTER",)
URGENCIES = ("一般",) * 93 + ("紧急",) * 6 + ("特急",)
CONTENT = ("非常满意", "满意", "满意", "满意", "基本满意")
SAD = ("不满意", "不满意", "非常不满意")
CAUSES = ("敷衍", "未联系", "未到现场", "超时", "政策限制", "历史遗留", "缺条件")
SUBJECTIVE_CAUSES = 4
RETURNED, REFUSED, SECOND, UNREACHED, SUSPENDED = 0.03, 0.012, 0.6, 0.14, 0.002
AGENTS = tuple(f"acc-agent{number:02d}" for number in range(1, 4))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_REPLIES = (
    "已安排人员到现场核实处理，问题已解决。", "经核查情况属实，已责令整改并完成。",
    "已与诉求人联系说明政策，诉求人表示理解。", "已列入维修计划，近期完成施工。",
)  # fmt: skip


@dataclass(slots=True)
class Life:
    """A case as its row needs it; changed by what happens to it."""

    id: str
    at: datetime
    case_type: str
    status: CaseStatus = S.PENDING_ANALYSE
    unit: Unit | None = None
    round: int = 1
    returns: int = 0
    dispatched_at: datetime | None = None
    due_at: datetime | None = None
    first: str | None = None
    final: str | None = None
    solved: str | None = None
    close_code: str | None = None
    closed_at: datetime | None = None
    reply: str = ""

    def close(self, status: CaseStatus, code: str, at: datetime) -> None:
        """Over."""
        self.status, self.close_code, self.closed_at = status, code, at


class Lives:
    """Draws lives; the same plan gives the same city."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rng = random.Random(plan.size.seed + 2)  # noqa: S311 - a made city, not a secret
        self._words = Wording(plan.places)
        self._types = case_types()
        self._serial = count(1)
        self._day: tuple[object, int] = (None, 0)
        self._earlier: list[str] = []
        self.batch = Batch()

    def take_batch(self) -> Batch:
        """What was drawn since the last time."""
        batch, self.batch = self.batch, Batch()
        return batch

    def live(self, at: datetime) -> None:
        """One case from its acceptance as far as it has come by the end."""
        rng, plan = self._rng, self._plan
        case_type = rng.choices(list(self._types), list(self._types.values()))[0]
        life = Life(self._id(at), at, case_type)
        category = rng.choice(plan.categories)
        self._event(life, "受理", at, None, S.PENDING_ANALYSE)
        if rng.random() < DIRECT_SHARE[case_type]:
            life.close(S.ANSWERED, "已解释", at)
            life.reply = "已依据知识库答复诉求人。"
        elif rng.random() < 0.02:  # noqa: PLR2004
            self._end_early(life)
        else:
            self._dispatch(life, category)
        self._write(life, category)

    def _end_early(self, life: Life) -> None:
        """Merged into an earlier one, refused, or no case at all."""
        rng = self._rng
        end = rng.choice((S.MERGED, S.MERGED, S.REJECTED, S.VOID))
        at = life.at + rng.random() * HOUR
        if end is S.MERGED and self._earlier:
            other = rng.choice(self._earlier)
            self.batch.add(CaseLinkRow, self._id(at), life.id, other, "MERGE", "acc-dispatch01", at)
        life.close(end, "重复" if end is S.MERGED else "不合理", at)

    def _dispatch(self, life: Life, category: str) -> None:
        rng, plan = self._rng, self._plan
        at = life.at + rng.expovariate(1 / 12) * MINUTE
        if at >= plan.size.end:
            return
        life.unit = plan.unit_of(rng, category)
        life.dispatched_at = at
        self._event(life, "派遣", at, S.PENDING_ANALYSE, S.DISPATCHED)
        if rng.random() < RETURNED:
            at = self._returned(life, at)
        if at < plan.size.end:
            self._handle(life, at, LIMIT_DAYS[life.case_type])
        if rng.random() < 0.05:  # noqa: PLR2004 - some cases are about an earlier one
            self._repeat(life)

    def _returned(self, life: Life, at: datetime) -> datetime:
        """The unit gives it back within the day, and another one gets it."""
        plan, unit = self._plan, life.unit
        back = at + self._rng.uniform(0.5, 8) * HOUR
        if unit is None or back >= plan.size.end:
            return at
        due = plan.due(at, LIMIT_DAYS[life.case_type])
        leg = self._leg(life, at, due, "RETURNED", stopped=back)
        self._request(life, leg, "RETURN", back, "ALLOWED")
        life.returns += 1
        life.unit = self._rng.choices(plan.units, plan.weights)[0]
        return back

    def _handle(self, life: Life, at: datetime, days: float) -> None:
        """One round in the hands of the unit, and the citizen's answer after it."""
        rng, plan, unit = self._rng, self._plan, life.unit
        if unit is None:
            return
        due = plan.due(at, days)
        life.due_at = due
        share = rng.betavariate(2, 2) if rng.random() < unit.punctual else rng.uniform(1.02, 1.6)
        replied = at + (due - at) * share
        if rng.random() < SUSPENDED or replied >= plan.size.end:
            self._still_open(life, at, due)
            return
        leg = self._leg(life, at, due, "ACCEPTED", replied=replied, stopped=replied)
        if rng.random() < REFUSED:
            self._request(life, leg, "RETURN", at + HOUR, "REFUSED")
            life.returns += 1
        self._event(life, "反馈", replied, S.HANDLING, S.REPLIED)
        life.reply = rng.choice(_REPLIES)
        self._call_back(life, replied, days)

    def _still_open(self, life: Life, at: datetime, due: datetime) -> None:
        end = self._plan.size.end
        signed = at + self._rng.uniform(0.1, 5) * HOUR
        is_signed = signed < end
        life.status = S.HANDLING if is_signed and life.round == 1 else S.REASSIGNED
        if not is_signed:
            life.status = S.DISPATCHED
        leg = self._leg(life, at, due, "HANDLING" if is_signed else "TO_SIGN")
        if due > end:
            self.batch.add(ClockAlarmRow, self._id(at), leg, life.id, "LATE", due)

    def _call_back(self, life: Life, replied: datetime, days: float) -> None:
        """Most are reached; some of the dissatisfied get a second round."""
        rng, plan, unit = self._rng, self._plan, life.unit
        at = replied + rng.uniform(2, 30) * HOUR
        if unit is None or at >= plan.size.end:
            life.status = S.PENDING_CALLBACK if rng.random() < 0.7 else S.REPLIED  # noqa: PLR2004
            return
        if rng.random() < UNREACHED:
            for attempt in range(1, 4):
                self._attempt(life, attempt, at + attempt * DAY, connected=False)
            life.close(S.CLOSED, "无法联系", min(at + 3 * DAY, plan.size.end))
            return
        liked = rng.random() < unit.liked
        life.final = rng.choice(CONTENT if liked else SAD)
        life.first = life.first or life.final
        life.solved = rng.choice(("解决", "解决", "部分解决")) if liked else "未解决"
        cause = None if liked else rng.choice(CAUSES)
        self._attempt(life, 1, at, connected=True, cause=cause)
        if cause in CAUSES[:SUBJECTIVE_CAUSES] and life.round == 1 and rng.random() < SECOND:
            life.round = 2
            self._handle(life, at, max(1.0, days / 2))
            return
        self._event(life, "回访满意" if liked else "客观原因办结", at, S.PENDING_CALLBACK, S.CLOSED)
        life.close(S.CLOSED, "已解决" if liked else "政策不允许", at)
        if life.round == 2 and not liked:  # noqa: PLR2004
            self.batch.add(
                SuperviseRow, self._id(at), life.id, "important", "二次交办仍不满意", unit.id,
                "acc-supervisor01", at,
            )  # fmt: skip

    def _repeat(self, life: Life) -> None:
        if self._earlier:
            other = self._rng.choice(self._earlier)
            self.batch.add(
                CaseLinkRow, self._id(life.at), life.id, other, "REPEAT", "system", life.at
            )

    def _leg(
        self, life: Life, at: datetime, due: datetime, status: str,
        *, replied: datetime | None = None, stopped: datetime | None = None,
    ) -> str:  # fmt: skip
        rng, end, unit = self._rng, self._plan.size.end, life.unit
        leg = self._id(at)
        signed = min(at + rng.expovariate(0.7) * HOUR, stopped or end)
        contacted = at + rng.uniform(1, 30) * HOUR
        is_signed = status != "TO_SIGN"
        limit = LIMIT_DAYS[life.case_type] / life.round
        self.batch.add(
            LegRow, leg, life.id, unit.id if unit else "", life.round, status, "work_day",
            max(1.0, limit), at, at + 4 * HOUR, self._plan.due(at, 1.0), due, at + (due - at) * 0.8,
            signed if is_signed else None,
            contacted if is_signed and contacted < (replied or end) else None, replied, stopped,
            rng.random() < 0.002, '{"contacted": "已联系"}' if replied else "{}",  # noqa: PLR2004
        )  # fmt: skip
        return leg

    def _request(self, life: Life, leg: str, kind: str, at: datetime, verdict: str) -> None:
        unit = life.unit.id if life.unit else ""
        self.batch.add(
            RequestRow, self._id(at), life.id, leg, kind, unit, "职能不符", f"ops-{unit}", at,
            verdict, "acc-dispatch01", at + HOUR,
        )  # fmt: skip

    def _attempt(
        self, life: Life, number: int, at: datetime, *, connected: bool, cause: str | None = None
    ) -> None:
        if at < self._plan.size.end:
            answer = (life.final, life.solved, cause) if connected else (None, None, None)
            self.batch.add(
                CallbackAttemptRow, self._id(at), life.id, life.round, number, "acc-callback01",
                at, connected, *answer,
            )  # fmt: skip

    def _event(
        self, life: Life, action: str, at: datetime, before: CaseStatus | None, after: CaseStatus
    ) -> None:
        self.batch.add(
            CaseEventRow, self._id(at), life.id, at, action, "system",
            before.value if before else None, after.value,
        )  # fmt: skip

    def _write(self, life: Life, category: str) -> None:
        rng, plan = self._rng, self._plan
        # Squaring makes some callers phone often.
        caller = plan.callers[int(rng.random() ** 2 * len(plan.callers))]
        place = self._words.place(rng)
        title, content = self._words.matter(rng, category, place)
        self.batch.add(
            CaseRow, life.id, self._number(life.at), life.status.value, rng.choice(CHANNELS),
            life.case_type, category, title, content, place, rng.choice(URGENCIES),
            life.unit.name if life.unit else None, caller.sealed, caller.hash, caller.mask,
            caller.sealed, caller.hash, caller.tail_hash,
            life.case_type == "举报" or rng.random() < 0.02,  # noqa: PLR2004
            life.round, life.returns, life.dispatched_at, life.due_at, life.reply, life.first,
            life.final, life.solved, life.close_code, rng.choice(AGENTS), life.at, life.at,
            life.closed_at,
        )  # fmt: skip
        if rng.random() < 0.001 or not self._earlier:  # noqa: PLR2004
            self._earlier = [*self._earlier[-200:], life.id]

    def _number(self, at: datetime) -> str:
        day = city_time(at).date()
        before = self._day[1] if self._day[0] == day else self._plan.taken.get(day, 0)
        number = before + 1
        self._day = (day, number)
        return case_number(day, number)

    def _id(self, at: datetime) -> str:
        """Sorted by time as real ones are, and the same in every run."""
        head = f"{int(at.timestamp() * 1000):012x}"
        return f"{head[:8]}-{head[8:]}-7000-8000-{next(self._serial):012x}"
