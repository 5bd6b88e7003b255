"""The phone field of a draft: the caller id first; a spoken number is never sure by itself."""

from __future__ import annotations

import re

from core.domain.drafts import FieldValue, Span
from recordings.drafting.phones import NumberHeard, PhoneSaid, is_read_back, phones_said
from recordings.drafting.prepared import CallFacts
from recordings.drafting.transcript import CALLER, Transcript

PLUS_86 = re.compile(r"^(?:\+?86|0086)(?=1[3-9]\d{9}$)")


def phone_field(transcript: Transcript, facts: CallFacts) -> FieldValue | None:
    """The best number to reach the caller, confirmed only by key, read-back or the caller id."""
    own = PLUS_86.sub("", facts.caller_number.strip())
    if facts.keyed_phone:
        return FieldValue(facts.keyed_phone, 1.0, confirmed=True)
    said = phones_said(transcript.text)
    heard = sorted(facts.numbers_heard, key=lambda n: (not n.sure, -n.margin))
    for one in said:
        if one.digits == own or is_read_back(one.digits, transcript.agent_text):
            span = transcript.span(one.start, one.end, "confirmed number")
            return FieldValue(one.digits, 0.99, (span,), confirmed=True)
    if own and any(own == n.digits or own in n.others for n in heard):
        return FieldValue(own, 0.99, confirmed=True)
    offered = _offered(transcript, said, heard)
    if own:
        choices = tuple({"value": f.value, "score": f.confidence} for f in offered)
        spans = offered[0].sources if offered else ()
        return FieldValue(own, 0.9, spans, choices=choices)
    if not offered:
        return None
    first = offered[0]
    others = tuple({"value": f.value, "score": f.confidence} for f in offered[1:4])
    return FieldValue(first.value, first.confidence, first.sources, choices=others)


def _offered(
    transcript: Transcript, said: list[PhoneSaid], heard: list[NumberHeard]
) -> list[FieldValue]:
    """Unconfirmed numbers, the most likely first."""
    words = {one.digits for one in said}
    out: list[FieldValue] = []
    for number in heard:
        agrees = number.digits in words
        sure = 0.85 if agrees else 0.7 if number.sure else 0.55
        span = Span(CALLER, number.start_ms, number.end_ms, number.digits, "digit decoder")
        out.append(FieldValue(number.digits, sure, (span,)))
        out += [FieldValue(other, 0.2, (span,)) for other in number.others[:2]]
    for one in said:
        sure = 0.4 if one.repaired else 0.5
        span = transcript.span(one.start, one.end, "digits in words")
        out.append(FieldValue(one.digits, sure, (span,)))
    order = sorted(out, key=lambda f: -f.confidence)
    first: dict[str, FieldValue] = {}
    for field in order:
        first.setdefault(str(field.value), field)
    return list(first.values())
