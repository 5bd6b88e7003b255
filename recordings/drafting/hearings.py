"""What several hearings of one call agree on: places, signals, the kind of matter.

After a call each utterance has been heard more than once. A name that the recogniser was only told
of turns up in one hearing, a name that was said turns up, by sound, in most of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recordings.drafting.classify import Ranked
from recordings.drafting.dates import TimeSaid
from recordings.drafting.places import Mention, PlaceResolver
from recordings.drafting.signals import Signal, signals
from recordings.drafting.sounds import hear
from recordings.drafting.topics import PhraseHit
from recordings.drafting.transcript import Transcript

#: So much of the greatest possible agreement a place needs.
AGREED = 1 / 3
#: A time that half of the hearings have weighs as if all had it.
LENIENT = 1.6


def agreed_mentions(transcript: Transcript, resolver: PlaceResolver) -> list[Mention]:
    """The call's mentions; with several hearings only those that enough of them support."""
    main = resolver.mentions(transcript.text)
    others = [(one, resolver.mentions(one.text)) for one in transcript.versions]
    if not others:
        return main
    support = _support([main, *(mentions for _, mentions in others)])
    kept = [one for one in (_supported(mention, support) for mention in main) if one is not None]
    there = {mention.best.place.id for mention in kept}
    for version, mentions in others:
        for mention in mentions:
            name = mention.best.place.id
            if name not in there and not mention.negated and support.get(name, 0) >= AGREED:
                there.add(name)
                start, end = transcript.carried(version, mention.start, mention.end)
                kept.append(replace(mention, start=start, end=end))
    return sorted(kept, key=lambda mention: (mention.start, mention.end))


def _support(hearings: Sequence[Sequence[Mention]]) -> dict[str, float]:
    """Place -> the mean over the hearings of how surely it was found in each."""
    out: dict[str, float] = {}
    for mentions in hearings:
        best: dict[str, float] = {}
        for mention in mentions:
            if not mention.negated:
                found = mention.best
                best[found.place.id] = max(best.get(found.place.id, 0.0), found.score)
        for name, score in best.items():
            out[name] = out.get(name, 0.0) + score / len(hearings)
    return out


def _supported(mention: Mention, support: dict[str, float]) -> Mention | None:
    """The mention, or its candidate that the other hearings prefer; None when nothing is agreed."""
    if mention.negated or support.get(mention.best.place.id, 0.0) >= AGREED:
        return mention
    agreed = [one for one in mention.candidates if support.get(one.place.id, 0.0) >= AGREED]
    if not agreed:
        return None
    best = max(agreed, key=lambda one: support[one.place.id])
    rest = tuple(one for one in mention.candidates if one is not best)
    return replace(mention, candidates=(best, *rest))


def agreed_signals(transcript: Transcript, main: Mapping[str, Signal]) -> dict[str, Signal]:
    """Signals by the better half of the hearings: one that heard nothing must not hide a danger."""
    if not transcript.versions:
        return dict(main)
    found = [(one, signals(hear(one.text))) for one in transcript.versions]
    labels = sorted({*main, *(label for _, there in found for label in there)})
    out = {}
    for label in labels:
        weights = [main[label].weight if label in main else 0.0]
        weights += [there[label].weight if label in there else 0.0 for _, there in found]
        better = sorted(weights, reverse=True)[: (len(weights) + 1) // 2]
        weight = sum(better) / len(better)
        if weight > 0:
            hits = main[label].hits if label in main else _carried_hits(label, transcript, found)
            out[label] = Signal(label, weight, hits)
    return out


def agreed_times(
    transcript: Transcript,
    main: Sequence[TimeSaid],
    versions: Sequence[tuple[Transcript, Sequence[TimeSaid]]],
) -> list[TimeSaid]:
    """Times by how telling they are on the average of all hearings, the most telling first."""
    found: dict[str, list[TimeSaid]] = {}
    for said in (main, *(times for _, times in versions)):
        for one in _first_of_each(said):
            found.setdefault(one.value, []).append(one)
    out = []
    for value, readings in found.items():
        weight = sum(one.weight for one in readings) / (len(versions) + 1)
        here = next((one for one in main if one.value == value), None)
        if here is None:
            version, there = next(
                (version, one) for version, times in versions for one in times if one.value == value
            )
            start, end = transcript.carried(version, there.start, there.end)
            here = replace(there, start=start, end=end)
        out.append(replace(here, weight=weight * LENIENT))
    return sorted(out, key=lambda one: (-one.weight, one.start))


def _first_of_each(said: Sequence[TimeSaid]) -> list[TimeSaid]:
    """The most telling reading of every value."""
    best: dict[str, TimeSaid] = {}
    for one in said:
        if one.value not in best or one.weight > best[one.value].weight:
            best[one.value] = one
    return list(best.values())


def agreed_ranking(rankings: Sequence[Sequence[Ranked]]) -> list[Ranked]:
    """Categories by their mean share over the hearings; the first hearing's phrases stay."""
    known = [ranking for ranking in rankings if ranking]
    if not known:
        return []
    shares: dict[str, float] = {}
    for ranking in known:
        for one in ranking:
            shares[one.label] = shares.get(one.label, 0.0) + one.share / len(known)
    hits = {one.label: one.hits for one in rankings[0]}
    order = sorted(shares, key=lambda label: (-shares[label], label))
    return [Ranked(label, shares[label], hits.get(label, ())) for label in order]


def _carried_hits(
    label: str, transcript: Transcript, found: Sequence[tuple[Transcript, Mapping[str, Signal]]]
) -> tuple[PhraseHit, ...]:
    """The phrases of the hearing that heard this signal best, at their places in the call."""
    version, there = max(
        ((one, signals_there) for one, signals_there in found if label in signals_there),
        key=lambda pair: pair[1][label].weight,
    )
    out = []
    for hit in there[label].hits:
        start, end = transcript.carried(version, hit.start, hit.end)
        out.append(replace(hit, start=start, end=end))
    return tuple(out)
