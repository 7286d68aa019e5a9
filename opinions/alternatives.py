"""Alternatives: options of which at most one can stand; which there are, tie them, keep all, untie them.

Two kinds are offered alike (opinions/SPEC.md, AL1): those that somebody tied together, which are on record, and open
brackets that share a `group` because their source set them side by side (`[shall][should]`). The second kind comes on
record, under the id of its group, when the chair first rules on it or somebody changes it. Picking is
`opinions.picking`.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from opinions.acting import Context, called
from opinions.brackets import alternatives as grouped
from opinions.edits import Change, PutOnTable
from opinions.errors import InvalidCommand, WrongStatus
from opinions.model import AmendmentId, MarkKind, ParagraphId, is_id
from opinions.on_table import Alternatives, Option
from opinions.record import Amendment, AmendmentKind, Decision, Document, Ruling, Status
from opinions.rulings import Said, said
from opinions.statuses import Choice
from opinions.table_commands import KeepAlternatives, PutAlternatives
from opinions.words import bracketing, held, marked_with, words

UNDECIDED = frozenset({Choice.OPEN, Choice.KEPT})
"""States in which the options still wait for a ruling."""
NO_TEXT = "No text"
"""The label of the option that leaves nothing of what brackets side by side hold."""
MAX_SAID = 60
"""Characters of each option's words where they stand for the name of alternatives without one."""


def open_alternatives(document: Document) -> tuple[Alternatives, ...]:
    """All alternatives that wait for a ruling, both kinds alike, in reading order of their first words."""
    tied = [one for one in _on_record(document) if one.state in UNDECIDED]
    taken = {name for one in tied for name in amendments_of(one)}
    found = [*tied, *_side_by_side(document, taken)]
    if len(found) < 2:
        return tuple(found)
    places = _places(document)
    last = (len(document.text.paragraphs), 0)
    return tuple(sorted(found, key=lambda one: (min(places.get(a, last) for a in amendments_of(one)), one.id)))


def find_alternatives(document: Document, alternatives_id: str) -> Alternatives | None:
    """The alternatives with this id, on record or side by side in the text; None when there are none."""
    on_record = document.record.alternatives(alternatives_id)
    if on_record is not None:
        return on_record
    return next((one for one in open_alternatives(document) if one.id == alternatives_id), None)


def require_undecided(document: Document, alternatives_id: str) -> Alternatives:
    """Those that wait for a ruling. Raises `InvalidCommand` for an unknown id, `WrongStatus` for decided ones."""
    found = find_alternatives(document, alternatives_id)
    if found is None:
        raise InvalidCommand(f"There are no alternatives {alternatives_id} here. Look at the list again.")
    if found.state not in UNDECIDED:
        said = f"“{found.picked}” was picked" if found.state is Choice.PICKED else f"they are {found.state}"
        raise WrongStatus(
            f"Of “{name_of(document, found)}” {said}. Reopen the amendments and tie them anew to rule once more."
        )
    return found


def amendments_of(alternatives: Alternatives) -> tuple[AmendmentId, ...]:
    """Every amendment of the options, in their order."""
    return tuple(name for option in alternatives.options for name in option.amendments)


def tied_with(document: Document, amendment_id: str) -> Alternatives | None:
    """The alternatives on record, still waiting for a ruling, of which an amendment is a part; None for none."""
    for one in _on_record(document):
        if one.state in UNDECIDED and amendment_id in amendments_of(one):
            return one
    return None


def name_of(document: Document, alternatives: Alternatives) -> str:
    """What to call them: their name, else the words of the options side by side."""
    if alternatives.name:
        return alternatives.name
    texts = []
    for option in alternatives.options:
        for name in option.amendments:
            reach = held(document, name)
            parts = [p.text[slice(*reach[p.id])] for p in document.text if p.id in reach]
            texts.append(shortened(" ".join(parts).strip() or _kept_words(document, name)))
    return " / ".join(text for text in texts if text)


def shortened(text: str, most: int = MAX_SAID) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def put_alternatives(command: PutAlternatives, document: Document, context: Context) -> Change:
    """Ties amendments together as options, or changes a set (AL2).

    Raises `InvalidCommand` for what is no set of options, `WrongStatus` naming an amendment that is not open or is an
    option elsewhere.
    """
    if not is_id(command.alternatives):
        raise InvalidCommand(f"{command.alternatives!r} is no id: 4 to 40 small letters, digits and hyphens.")
    if not command.name.strip():
        raise InvalidCommand("Give the alternatives a name, such as the words they are about.")
    options = tuple(replace(option, label=option.label.strip()) for option in command.options)
    _require_options(options)
    before = document.record.alternatives(command.alternatives)
    if before is not None and before.state is Choice.MERGED:
        raise WrongStatus(f"“{before.name}” was merged into one text. Reopen that text first.")
    members = [_require_open(document, name, command.alternatives) for option in options for name in option.amendments]
    require_no_text(document, options, members)
    put = Alternatives(
        id=command.alternatives,
        name=command.name.strip(),
        options=options,
        put_at=before.put_at if before else context.at,
        put_by=before.put_by if before and before.put_by else context.actor.name,
        note=command.note,
        decisions=before.decisions if before else (),
    )
    return Change((PutOnTable(put),))


def keep_alternatives(command: KeepAlternatives, document: Document, context: Context) -> Change:
    """Keeps all options for now, or unties them (`drop`); the amendments stay as they are (AL5)."""
    found = require_undecided(document, command.alternatives)
    state = Choice.DROPPED if command.drop else Choice.KEPT
    spoken = said(document, context, ruled_by=command.ruled_by, note=command.note)
    ruled = ruling_on_set(Ruling.SET_ASIDE, spoken, command.note)
    named = replace(found, name=name_of(document, found)[:200])
    put = replace(named, state=state, note=command.note, decisions=(*found.decisions, ruled))
    return Change((PutOnTable(put),))


def ruling_on_set(announced: Ruling, spoken: Said, note: str) -> Decision:
    """The ruling on the set itself; its amendments have their own."""
    return replace(spoken.decision(announced, 0, ()), note=note, digest="")


def require_no_text(document: Document, options: Sequence[Option], members: Sequence[Amendment]) -> None:
    """With “no text” nothing of what the options are about is left, so none of the words that they only strike (AL2).

    Raises `InvalidCommand` where something would be.
    """
    option = next((one for one in options if one.no_text), None)
    if option is None:
        return
    by_id = {one.id: one for one in members}
    for name in option.amendments:
        adds = any(name in {p.added, *(run.insertion for run in p.runs)} for p in document.text)
        if adds or by_id[name].kind is AmendmentKind.BRACKET:
            raise InvalidCommand(
                f"{called(by_id[name])} leaves words where “{option.label}” is to leave none: only amendments that "
                "delete can be part of it."
            )
    if option.amendments:
        return
    removal = next((one for one in members if one.kind is AmendmentKind.SUP), None)
    struck = _struck_alone(document, by_id.keys())
    if struck or removal:
        stays = f"the paragraph that {called(removal)} deletes" if removal else f"“{shortened(struck)}”"
        raise InvalidCommand(
            f"With “{option.label}” {stays} would stand. Name in it the amendment that deletes this, or call the "
            "option what it is: the text as it stands."
        )


def _struck_alone(document: Document, names: AbstractSet[str]) -> str:
    """Settled words that these amendments strike and that none of their brackets holds."""
    return "".join(
        run.text
        for paragraph in document.text
        for run in paragraph.runs
        if run.insertion is None and run.ids(MarkKind.DELETION) & names and not bracketing(run.marks) & names
    )


# --- which there are


def _on_record(document: Document) -> Iterable[Alternatives]:
    return (one for one in document.record.table.values() if isinstance(one, Alternatives))


def _side_by_side(document: Document, taken: AbstractSet[AmendmentId]) -> Iterable[Alternatives]:
    """Open brackets of one group that nobody tied otherwise; a group once on record is offered as it is there."""
    for names in grouped(document):
        first = document.record.amendments[names[0]]
        free = [name for name in names if name not in taken]
        if len(free) < 2 or document.record.alternatives(first.group) is not None:
            continue
        options = [Option(f"Alt {number}", (name,)) for number, name in enumerate(free, 1)]
        yield Alternatives(first.group, "", (*options, Option(NO_TEXT, no_text=True)), first.created_at, "")


def _places(document: Document) -> Mapping[AmendmentId, tuple[int, int]]:
    """Of each amendment the paragraph and the character where it is first met."""
    found: dict[AmendmentId, tuple[int, int]] = {}
    stands: dict[ParagraphId, int] = {}
    for number, paragraph in enumerate(document.text):
        stands[paragraph.id] = number
        if paragraph.added:
            found.setdefault(paragraph.added, (number, 0))
        offset = 0
        for run in paragraph.runs:
            for mark in run.marks:
                found.setdefault(AmendmentId(mark.id), (number, offset))
            offset += len(run.text)
    for amendment in document.record.amendments.values():
        if amendment.kind is AmendmentKind.SUP and amendment.paragraph in stands:
            found.setdefault(amendment.id, (stands[amendment.paragraph], 0))
    return found


def _kept_words(document: Document, name: AmendmentId) -> str:
    """The words of an amendment that inserts, else of one that strikes, in the text or kept on record."""
    for kind in (MarkKind.INSERTION, MarkKind.DELETION):
        parts = [words(part.runs) for p in document.text for part in marked_with(p, kind, name)]
        if parts:
            return " … ".join(parts)
    amendment = document.amendment(name)
    return words(run for entry in amendment.removed for run in entry.runs) if amendment else ""


# --- what is asked first


def _require_options(options: Sequence[Option]) -> None:
    if len(options) < 2:
        raise InvalidCommand("Alternatives are two options at least: one may be “no text”, or the text as it stands.")
    labels = [option.label.casefold() for option in options]
    if not all(labels) or len(set(labels)) < len(labels):
        raise InvalidCommand("Each option has a label of its own: Alt 1, Alt 2, Option B, bis, No text.")
    names = [name for option in options for name in option.amendments]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidCommand(f"An amendment is part of one option only; named twice: {', '.join(twice)}.")
    if not names:
        raise InvalidCommand("No option has an amendment. Name those that compete.")
    as_it_stands = [option for option in options if not option.amendments and not option.no_text]
    if sum(option.no_text for option in options) > 1 or len(as_it_stands) > 1:
        raise InvalidCommand("One option may be “no text” and one the text as it stands; the others have amendments.")


def _require_open(document: Document, name: AmendmentId, alternatives_id: str) -> Amendment:
    amendment = document.amendment(name)
    if amendment is None or amendment.status is Status.DRAFT:
        raise InvalidCommand(f"There is no amendment {name} here. It may have been withdrawn; look again.")
    if not amendment.open:
        spoken = amendment.status.replace("_", " ")
        raise WrongStatus(f"{called(amendment)} is {spoken}: only what is pending can be an option.")
    other = tied_with(document, name)
    if other is not None and other.id != alternatives_id:
        raise WrongStatus(f"{called(amendment)} is an option of “{other.name}” already. Untie those first.")
    return amendment
