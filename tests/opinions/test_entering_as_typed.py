"""[E2] What is entered is what its delegation would have typed and submitted, and touches nothing of anybody else's."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opinions.clean import settled
from opinions.commands import EnterProposals
from opinions.edits import applied
from opinions.entering import enter
from opinions.errors import OpinionError
from opinions.model import Opinion
from opinions.proposals import Proposal
from opinions.record import AmendmentKind, Document
from opinions.rules import open_ids, without, without_delegation
from tests.support.actors import THE_SECRETARIAT, context
from tests.support.proposing import entered, proposals_for, typed
from tests.support.strategies import DELEGATIONS, documents


@settings(max_examples=80)
@given(st.data())
def test_e2_entering_is_typing_and_submitting(data: st.DataObject) -> None:
    """Text and record, character by character and field by field; or both are refused."""
    given_ = data.draw(documents(drafts=False))
    proposal = data.draw(proposals_for(given_))
    where = given_.text.find(proposal.paragraph)
    own = open_ids(given_.record, proposal.delegation)
    # Documented: a bracket in an added paragraph of one's own stays a bracket of its own.
    assume(proposal.kind is not AmendmentKind.BRACKET or (where is not None and where.added not in own))
    expected = outcome(lambda: typed(given_, proposal))
    now = outcome(lambda: entered(given_, proposal, by=proposal.delegation))
    if isinstance(now, str):
        # What typing does not come to at all (words replaced by themselves, no words) is refused as a command.
        assert now in (expected, "invalid-command")
    else:
        assert isinstance(expected, Document), f"typing it is refused: {expected}"
        assert now.text == expected.text
        assert now.record == expected.record


def outcome(deed: Callable[[], Document]) -> Document | str:
    """The document after it, or the code with which it was refused."""
    try:
        return deed()
    except OpinionError as refusal:
        return refusal.code


@settings(max_examples=40)
@given(st.data())
def test_w2_entering_touches_nothing_of_anybody_elses(data: st.DataObject) -> None:
    """[W2, I1, C1] Several delegations' proposals in one command: without them, and without what they reword, the text
    is as before; the clean text is as before in any case.
    """
    before = data.draw(documents(drafts=False))
    proposals = tuple(data.draw(proposals_for(before, number)) for number in range(1, data.draw(st.integers(1, 4)) + 1))
    with suppress(OpinionError):
        looked_at(before, proposals)


def looked_at(before: Document, proposals: Sequence[Proposal]) -> None:
    """Enters them for the secretariat, and holds the text against what it was."""
    done = enter(EnterProposals("IEG/12", tuple(proposals)), before, context(THE_SECRETARIAT))
    after = applied(before, done.change.edits)
    parties = {one.delegation for one in proposals}
    assert lifted(before, parties) == lifted(after, parties)
    if all(one.amendment == one.proposal for one in done.entered):
        new = set(after.record.amendments) - set(before.record.amendments)
        assert without(new, after.text) == before.text
    assert words(settled(after)) == words(settled(before))
    for one in done.entered:
        amendment = after.record.amendments[one.amendment]
        assert (amendment.number, amendment.revision) == (one.number, one.revision)
        assert amendment.open
        assert amendment.source == "IEG/12"


@settings(max_examples=25)
@given(st.data())
def test_w2_an_expert_entering_is_as_fair_as_one_typing(data: st.DataObject) -> None:
    """[W2] Its own delegation's amendments aside, the text is the same."""
    before = data.draw(documents(drafts=False))
    party = data.draw(st.sampled_from(DELEGATIONS))
    proposals = tuple(data.draw(proposals_for(before, number, by=party)) for number in (1, 2))
    with suppress(OpinionError):
        after = entered(before, *proposals, by=party)
        assert without_delegation(party, after) == without_delegation(party, before)


def words(document: Document) -> list[str]:
    """The words of a text, paragraph by paragraph."""
    return [paragraph.text for paragraph in document.text]


def lifted(document: Document, parties: Collection[str]) -> Opinion:
    """The text without all that is open of these delegations."""
    ids = {one.id for one in document.record.amendments.values() if one.delegation in parties and one.open}
    return without(ids, document.text)
