"""Ready-made proposals for a test, and the same typed by hand: a draft laid into its delegation's view, submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from opinions.amendments import propose_removal, submit
from opinions.commands import EnterProposals, ProposeRemoval, Submit
from opinions.edits import AddParagraph, Edit, InsertText, SetMark, applied
from opinions.entering import enter
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.proposals import Proposal, Replacement
from opinions.record import AmendmentKind, Document
from opinions.settling import settle
from tests.support.actors import context, expert
from tests.support.strategies import DELEGATIONS, texts

ADD, MOD, SUP, BRACKET = AmendmentKind.ADD, AmendmentKind.MOD, AmendmentKind.SUP, AmendmentKind.BRACKET


@dataclass(frozen=True)
class Laid:
    """What a gate says of an update that brings one new amendment into one paragraph."""

    touched: Sequence[tuple[Paragraph | None, Paragraph | None]]
    new_ids: frozenset[AmendmentId]
    gone_ids: frozenset[AmendmentId] = frozenset()
    successors: dict[AmendmentId, AmendmentId] = field(default_factory=dict)


def replacing(given: Document, paragraph: str, was: str, text: str, *, nth: int = 0) -> Replacement:
    """The replacement of words by others, where they stand for the `nth` time in a paragraph."""
    found = given.text.find(paragraph)
    assert found is not None
    start = -1
    for _ in range(nth + 1):
        start = found.text.index(was, start + 1)
    return Replacement(start, start + len(was), was, text)


def mod(amendment: str, delegation: str, paragraph: str, *replacements: Replacement) -> Proposal:
    """A MOD."""
    return Proposal(AmendmentId(amendment), DelegationCode(delegation), MOD, ParagraphId(paragraph), replacements)


def add(amendment: str, delegation: str, paragraph: str, after: str | None, text: str) -> Proposal:
    """An ADD."""
    behind = ParagraphId(after) if after else None
    party = DelegationCode(delegation)
    return Proposal(AmendmentId(amendment), party, ADD, ParagraphId(paragraph), after=behind, text=text)


def entered(given: Document, *proposals: Proposal, by: str = "XAA", source: str = "") -> Document:
    """The document after an expert entered these."""
    command = EnterProposals(source, proposals)
    return applied(given, enter(command, given, context(expert(by))).change.edits)


def typed(given: Document, proposal: Proposal) -> Document:
    """The document after an expert typed the same, and submitted it."""
    by = context(expert(proposal.delegation))
    if proposal.kind is SUP:
        command = ProposeRemoval(proposal.amendment, proposal.paragraph)
        view = applied(given, propose_removal(command, given, given, by).workspace.edits)
    else:
        laid = applied(given, _keys(given, proposal))
        pair = given.text.find(proposal.paragraph), laid.text.find(proposal.paragraph)
        said = Laid((pair,), frozenset({proposal.amendment}))
        author = by.actor.name
        record = settle(said, laid, party=proposal.delegation, author=author, at=by.at, workspace=True)
        view = applied(laid, record)
    return applied(given, submit(Submit(proposal.amendment, proposal.reason), given, view, by).main.edits)


def _keys(given: Document, proposal: Proposal) -> list[Edit]:
    """What the editor makes of the keys pressed: words struck, words put behind them, words bracketed."""
    name = proposal.amendment
    insertion = frozenset({Mark(MarkKind.INSERTION, name)})
    if proposal.kind is ADD:
        runs = (Run(proposal.text, insertion),)
        paragraph = Paragraph(proposal.paragraph, proposal.paragraph_kind, proposal.level, runs, name)
        return [AddParagraph(proposal.after, paragraph)]
    edits: list[Edit] = []
    for one in reversed(proposal.replacements):
        if proposal.kind is BRACKET:
            head, tail = len(one.was) - len(one.was.lstrip()), len(one.was) - len(one.was.rstrip())
            head, tail = (head, tail) if one.was.strip() else (0, 0)
            bracket = Mark(MarkKind.BRACKET, name)
            return [SetMark(proposal.paragraph, one.start + head, one.end - tail, bracket, True)]
        if one.text:
            edits.append(InsertText(proposal.paragraph, one.end, one.text, insertion))
        if one.was:
            edits.append(SetMark(proposal.paragraph, one.start, one.end, Mark(MarkKind.DELETION, name), True))
    return edits


@st.composite
def proposals_for(draw: st.DrawFn, given: Document, number: int = 1, *, by: DelegationCode | None = None) -> Proposal:
    """A proposal of any kind that speaks of what stands in the document; it may be one that is refused."""
    party = by or draw(st.sampled_from(DELEGATIONS))
    name = AmendmentId(f"a-new-{number}")
    ids = [paragraph.id for paragraph in given.text]
    where = given.text.find(draw(st.sampled_from(ids))) if ids else None
    kind = draw(st.sampled_from((MOD, MOD, MOD, ADD, SUP, BRACKET))) if where is not None else ADD
    if kind is ADD or where is None:
        after = draw(st.none() | st.sampled_from(ids)) if ids else None
        sort = draw(st.sampled_from((Kind.PARAGRAPH, Kind.OPERATIVE_ITEM, Kind.PREAMBULAR_ITEM)))
        words = draw(texts().filter(str.strip))
        new = ParagraphId(f"p-new-{number}")
        return Proposal(name, party, ADD, new, after=after, paragraph_kind=sort, text=words, reason="why")
    if kind is SUP:
        return Proposal(name, party, SUP, where.id)
    text = where.text
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2 if kind is BRACKET else 6)))
    replacements = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        was = text[start:end]
        put = was if kind is BRACKET else draw(texts(least=0))
        replacements.append(Replacement(start, end, was, put if put != was or kind is BRACKET else f"{put}x"))
    return replace(Proposal(name, party, kind, where.id), replacements=tuple(replacements))
