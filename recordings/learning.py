"""What people have corrected and an administrator has accepted, put to use for the next call.

No model is trained: accepted places are further ways of saying an entry of the gazetteer, accepted
words are written right in captions, and both are told to the recogniser as hot words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.actions.recordings import Heard
from core.db.repos.corrections import corrections
from core.domain.corrections import CorrectionKind, CorrectionState, corrected
from recordings.drafting.knowledge import Knowledge

_MOST_HOTWORDS = 12
#: A word that was put right is still worth a second look.
_SURE_OF_CORRECTED = 0.55


@dataclass(frozen=True, slots=True)
class Learnt:
    """Accepted corrections. words: heard -> meant; aliases: ways of saying a place, by its id."""

    words: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hotwords: tuple[str, ...] = ()


async def learnt_so_far(session: AsyncSession) -> Learnt:
    """Everything that administrators have accepted, the most frequent first."""
    rows = await corrections(session, state=CorrectionState.ACCEPTED.value)
    words = {row.heard: row.meant for row in rows if row.kind == CorrectionKind.CAPTION.value}
    aliases: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.kind == CorrectionKind.PLACE.value and row.place_id:
            aliases[row.place_id] = (*aliases.get(row.place_id, ()), row.heard)
    meant = tuple(dict.fromkeys(row.meant for row in rows))
    return Learnt(words, aliases, meant[:_MOST_HOTWORDS])


def with_aliases(knowledge: Knowledge, learnt: Learnt) -> Knowledge:
    """The city with the accepted ways of saying its places."""
    if not learnt.aliases:
        return knowledge
    places = tuple(
        replace(place, aliases=tuple(dict.fromkeys((*place.aliases, *learnt.aliases[place.id]))))
        if place.id in learnt.aliases
        else place
        for place in knowledge.places
    )
    return replace(knowledge, places=places)


def put_right(heard: Heard, table: Mapping[str, str]) -> Heard:
    """An utterance with accepted corrections in its text and in its words."""
    edits = corrected(heard.text, table)
    if not edits:
        return heard
    text = heard.text
    for start, end, meant in reversed(edits):
        text = text[:start] + meant + text[end:]
    return replace(heard, text=text, words=_words_put_right(heard.words, table))


def _words_put_right(
    words: tuple[dict[str, Any], ...], table: Mapping[str, str]
) -> tuple[dict[str, Any], ...]:
    """Words under a correction become one word, with the time of them all."""
    out = list(words)
    joined = "".join(str(word["text"]) for word in words)
    for start, end, meant in reversed(corrected(joined, table)):
        at = 0
        under: list[int] = []
        spans: list[tuple[int, int]] = []
        for number, word in enumerate(out):
            span = (at, at + len(str(word["text"])))
            at = span[1]
            if span[0] < end and start < span[1]:
                under.append(number)
                spans.append(span)
        if not under:
            continue
        first, last = out[under[0]], out[under[-1]]
        before = str(first["text"])[: max(0, start - spans[0][0])]
        after = str(last["text"])[len(str(last["text"])) - max(0, spans[-1][1] - end) :]
        one = {
            **first,
            "text": before + meant + (after if spans[-1][1] > end else ""),
            "end_ms": last["end_ms"],
            "confidence": min(_SURE_OF_CORRECTED, float(first["confidence"])),
        }
        out[under[0] : under[-1] + 1] = [one]
    return tuple(out)
