"""Picking one of several options: one act, whole or nothing, after which exactly one option's words stand.

Each amendment gets its own ruling (`opinions.rulings`), so that each has its decision on record and can be reopened. At
the places where words went the pick mends the blanks (`opinions.seams`). Rules AL3 and AL4 of opinions/SPEC.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from opinions import seams
from opinions.acting import Context, called
from opinions.alternatives import amendments_of, name_of, require_no_text, require_undecided, ruling_on_set
from opinions.calls import outcome_of_call
from opinions.edits import Change, Edit, PutAmendment, PutOnTable, applied
from opinions.errors import InvalidCommand, RevisionChanged, WrongStatus
from opinions.model import AmendmentId, MarkKind, ParagraphId, cut
from opinions.on_table import Alternatives, Option
from opinions.record import Amendment, AmendmentKind, Document, Ruling
from opinions.ruled_words import words_digest
from opinions.rulings import objectors, require_resolved, rule, said
from opinions.statuses import Choice
from opinions.table_commands import PickOption, RulingOn
from opinions.words import held, marked_with


def pick_option(command: PickOption, document: Document, context: Context) -> Change:
    """The chair picks one option: its amendments are agreed, those of the others not retained (AL3).

    Raises `WrongStatus` naming every amendment that is decided or withdrawn already, or that stands so that the pick
    would take words of it away; `RevisionChanged` naming those that read otherwise than the screen showed.
    """
    found = require_undecided(document, command.alternatives)
    option = next((one for one in found.options if one.label == command.option), None)
    if option is None:
        known = ", ".join(f"“{one.label}”" for one in found.options)
        raise InvalidCommand(f"“{command.option}” is none of these options: {known}.")
    name = name_of(document, found)
    note = f"Of the alternatives “{name}”, “{option.label}” was picked. {command.note}".strip()
    announced = said(document, context, ruled_by=command.ruled_by, note=note)
    members = _require_pending(document, found)
    agreed = Ruling.AGREED_AD_REFERENDUM if command.ad_referendum else Ruling.AGREED
    rulings = wanted(found, option, agreed)
    _require_as_seen(document, members, rulings, command.outcomes)
    winners = [one for one in members if one.id in option.amendments]
    losers = [one for one in members if one.id not in option.amendments]
    if option.no_text:
        require_no_text(document, found.options, members)
    _require_apart(document, winners, losers)
    require_resolved([party for one in winners for party in objectors(one)], command.note)
    twins = _twins(document, losers)
    act = [RulingOn(one.id, one.revision, rulings[one.id]) for one in members if one not in twins]
    edits = rule(act, announced, document)
    spoken = replace(announced, note=command.note)
    for one in act:
        if one.ruling is agreed:
            edits = (*edits, *outcome_of_call(one, edits, spoken, document))
    _require_whole(document, applied(document, edits), winners)
    mended = seams.mended(document, edits, [*(one.id for one in losers), *option.amendments], context.at)
    along = [f"{called(one)} held the same words and went with them." for one in twins]
    notes = " ".join((command.note, *along, *mended.notes)).strip()
    put = replace(
        found,
        name=name[:200],
        state=Choice.PICKED,
        picked=option.label,
        note=command.note,
        decisions=(*found.decisions, ruling_on_set(agreed, announced, notes)),
    )
    return Change((*_newest((*edits, *mended.edits)), PutOnTable(put)))


def wanted(alternatives: Alternatives, option: Option, agreed: Ruling = Ruling.AGREED) -> dict[AmendmentId, Ruling]:
    """The ruling on each amendment of the alternatives when one option is picked."""
    names = amendments_of(alternatives)
    return {name: agreed if name in option.amendments else Ruling.NOT_RETAINED for name in names}


def outcomes(document: Document, alternatives: Alternatives, option: Option) -> tuple[RulingOn, ...]:
    """What a screen that shows the alternatives now sends as the `outcomes` of a pick."""
    return tuple(
        RulingOn(name, one.revision, ruled, words_digest(document, name))
        for name, ruled in wanted(alternatives, option).items()
        if (one := document.amendment(name)) is not None
    )


def _newest(edits: Sequence[Edit]) -> Iterable[Edit]:
    """The edits without records of amendments that later ones replace."""
    last = {edit.amendment.id: number for number, edit in enumerate(edits) if isinstance(edit, PutAmendment)}
    for number, edit in enumerate(edits):
        if not isinstance(edit, PutAmendment) or last[edit.amendment.id] == number:
            yield edit


# --- what is asked first


def _require_pending(document: Document, alternatives: Alternatives) -> list[Amendment]:
    members = [document.record.amendments[name] for name in amendments_of(alternatives)]
    gone = [f"{called(one)} ({one.status.replace('_', ' ')})" for one in members if not one.open]
    if gone:
        raise WrongStatus(f"Not pending any more: {', '.join(gone)}. Tie the options anew without it, then pick.")
    return members


def _require_as_seen(
    document: Document,
    members: Sequence[Amendment],
    rulings: Mapping[AmendmentId, Ruling],
    given: Sequence[RulingOn],
) -> None:
    """Raises unless every amendment is named once, with the ruling that the pick is, as it stands now (A3)."""
    seen = {one.amendment: one for one in given}
    missing = [called(one) for one in members if one.id not in seen]
    if missing or len(given) != len(members):
        named = ", ".join(missing) or "some are named twice, or are none of these options"
        raise InvalidCommand(f"A pick names every amendment of the options once, as your screen showed it: {named}.")
    for one in members:
        if seen[one.id].ruling is not rulings[one.id]:
            raise InvalidCommand(f"With this pick {called(one)} is {rulings[one.id].replace('_', ' ')}, nothing else.")
    changed = [
        called(one)
        for one in members
        if one.revision != seen[one.id].revision
        or (seen[one.id].words and seen[one.id].words != words_digest(document, one.id))
    ]
    if changed:
        raise RevisionChanged(f"Reads otherwise than your screen showed: {', '.join(changed)}. Look again, then pick.")


def _require_apart(document: Document, winners: Sequence[Amendment], losers: Sequence[Amendment]) -> None:
    """A bracket that is not picked takes all its words along: none that the picked option needs (AL4)."""
    kept = {one.id: held(document, one.id) for one in winners if one.kind is AmendmentKind.BRACKET}
    for loser in losers:
        if loser.kind is not AmendmentKind.BRACKET:
            continue
        for place, (start, end) in held(document, loser.id).items():
            paragraph = document.text.find(place)
            settled = [run for run in cut(paragraph.runs, start, end) if run.insertion is None] if paragraph else []
            for winner in winners:
                struck = [winner.id in run.ids(MarkKind.DELETION) for run in settled]
                within = kept.get(winner.id, {}).get(place, (0, 0))
                overlap = max(start, within[0]) < min(end, within[1])
                inner = within[0] <= start and end <= within[1] and within != (start, end)
                if (any(struck) and not all(struck)) or (overlap and not inner):
                    raise WrongStatus(
                        f"{called(winner)} needs words that {called(loser)} holds in brackets and that would go with "
                        f"it. Record the outcome of {called(loser)} by itself first."
                    )


def _twins(document: Document, losers: Sequence[Amendment]) -> list[Amendment]:
    """Brackets round the very words that an older one of these holds: they go with it and come back with it (A5)."""
    found: list[Amendment] = []
    holds: list[Mapping[ParagraphId, tuple[int, int]]] = []
    for one in sorted(losers, key=lambda each: (each.created_at, each.id)):
        if one.kind is AmendmentKind.BRACKET:
            reach = held(document, one.id)
            if reach in holds:
                found.append(one)
            holds.append(reach)
    return found


def _require_whole(before: Document, after: Document, winners: Sequence[Amendment]) -> None:
    for winner in winners:
        if _brought(before, winner.id, MarkKind.INSERTION) != _brought(after, winner.id, MarkKind.ORIGIN):
            raise WrongStatus(
                f"Words of {called(winner)} stand inside words of an option that is not picked, and would go with "
                "them. Record the outcome of that one by itself first, or tie the options otherwise."
            )


def _brought(document: Document, name: AmendmentId, kind: MarkKind) -> str:
    """The words that an amendment brings, but for those that it strikes itself."""
    return "".join(
        run.text
        for paragraph in document.text
        for part in marked_with(paragraph, kind, name)
        for run in part.runs
        if name not in run.ids(MarkKind.DELETION)
    )
