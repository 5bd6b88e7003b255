"""Places that several hearings of one call agree on.

After a call each utterance has been heard more than once. A name that the recogniser was only told
of turns up in one hearing, a name that was said turns up, by sound, in most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recordings.drafting.places import Mention, PlaceResolver
from recordings.drafting.transcript import Transcript

#: So much of the greatest possible agreement a place needs.
AGREED = 1 / 3


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
