"""Strikes on words that the same file brings, made into the counter-proposals of its command (`Entered.counters`).

They are found by comparing the file once more with the text as the proposals leave it: `compare` does that. Nothing
that was judged before is judged anew: what was left out stays left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from opinions.acting import Context
from opinions.commands import EnterProposals
from opinions.entering import enter
from opinions.judged_differences import REFUSED, Judgement, Made, made
from opinions.reading_proposals import Difference, Understanding, What
from opinions.record import Document


def with_counters(
    first: Made,
    judged: Mapping[str, Judgement],
    document: Document,
    context: Context,
    *,
    compare: Callable[[Document], Understanding],
    mint: Callable[[str], str],
) -> Made:
    """The same with its counter-proposals; `waiting` keeps those that were not found again. Raises what the command
    would be refused with (`OpinionError`).
    """
    if not first.waiting:
        return first
    entered = first.entered
    after = document
    if entered.proposals or entered.base:
        after = enter(EnterProposals(entered.source, entered.proposals, entered.base), document, context).document
    understanding = compare(after)
    second = made(
        understanding,
        dict(_judged_behind(first, judged, understanding)),
        mint=lambda key: mint(f"{key} behind"),
        source=entered.source,
    )
    stands_for = dict(first.stands_for)
    found: list[Difference] = []
    for proposal in second.entered.proposals:
        these = {(one.paragraph, one.author) for one in second.stands_for[proposal.amendment]}
        originals = [one for one in first.waiting if (one.paragraph, one.author) in these]
        stands_for[proposal.amendment] = originals
        found += originals
    return replace(
        first,
        entered=replace(entered, counters=second.entered.proposals),
        stands_for=stands_for,
        waiting=[one for one in first.waiting if one not in found],
    )


def _judged_behind(
    first: Made, judged: Mapping[str, Judgement], understanding: Understanding
) -> list[tuple[str, Judgement]]:
    """What of the second comparison is what waited: known by its key, or, where a part of it went in already, by its
    paragraph and author and a key that the first comparison had not.
    """
    keys = {one.key for one in first.waiting}
    places = {(one.paragraph, one.author): judged.get(one.key, REFUSED) for one in first.waiting}
    return [
        (one.key, judged[one.key] if one.key in keys else places[one.paragraph, one.author])
        for one in understanding.differences
        if one.what in (What.WORDS, What.BRACKET)
        and (one.paragraph, one.author) in places
        and (one.key in keys or one.key not in judged)
    ]
